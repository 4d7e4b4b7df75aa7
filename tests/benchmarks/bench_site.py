"""A site in real Chromium: how large it is, how long it takes to open, to answer, to open offline. Asserts nothing.

    python tests/benchmarks/bench_site.py [--runs 3] [--without-node]

All nine cases. *Cold* is a browser that was never there, until what is pressed is answered; *warm* the same browser again.
Beside the seconds stand those that Chromium's processes computed, which a busy machine changes less. ``--without-node``: as
made on a machine without Node.
"""

import argparse
import gzip
import os
import platform
import statistics
import sys
import tempfile
import time
from contextlib import contextmanager, nullcontext
from datetime import date
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
from figures import Figure
from support.programs import PROGRAMS
from support.sites import PHONE, READY, enter, made, served, site_of

from trainkit.site.folder import site_files
from trainkit.site.scorm import course_zip
from trainkit.site.single import single_page

TITLE = "A site in a browser"
CLICKS = 40
GOALS = {"cold": 5.0, "warm": 2.0, "offline": 4.0}  # seconds
# from the press to the frame after the next page was painted; the page itself is committed to disk before it is shown
CLICK = """
() => new Promise((done) => {
  const start = performance.now(), button = document.querySelector("button.opt:enabled, button[name=again]");
  const seen = new MutationObserver(() => {
    seen.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
  });
  seen.observe(document.body, { childList: true });
  button.form.requestSubmit(button);
})
"""


def computed(root: int) -> float:
    """CPU seconds of a process's children and theirs."""
    parents, seconds = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1])
        seconds[int(stat.parent.name)] = sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
    ours = {root}
    while more := {child for child, parent in parents.items() if parent in ours and child not in ours}:
        ours |= more
    return sum(seconds.get(one, 0.0) for one in ours - {root})


@contextmanager
def timed(into: list[tuple[float, float]]):
    """Adds seconds, and those Chromium computed."""
    start, before = time.perf_counter(), computed(os.getpid())
    yield
    into.append((time.perf_counter() - start, computed(os.getpid()) - before))


def openings(chromium, address: str, runs: int, slower: int = 1) -> dict[str, list[tuple[float, float]]]:
    """Cold, warm, and without a network."""
    took: dict[str, list[tuple[float, float]]] = {"cold": [], "warm": [], "offline": []}
    for _ in range(runs):
        context = chromium.new_context(**PHONE)
        for kind, times in took.items():
            page = context.new_page()
            if slower > 1:
                page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
            context.set_offline(kind == "offline")
            with timed(times):
                page.goto(address, wait_until="commit")
                page.wait_for_selector(READY, timeout=180_000)
            if kind == "cold":
                page.evaluate("navigator.serviceWorker.ready.then(() => null)")
                page.wait_for_timeout(2_000)  # what is kept for the next time is written
            page.close()
        context.close()
    return took


def clicks(chromium, address: str) -> tuple[list[float], float]:
    """Milliseconds from press to page, and the heap in MB after that."""
    page = chromium.new_context(**PHONE).new_page()
    page.goto(address)
    page.wait_for_selector(READY, timeout=180_000)
    enter(page, "power_upgrade")
    took = []
    while len(took) < CLICKS:
        page.wait_for_selector("main:not(.fresh)")
        took.append(page.evaluate(CLICK))
    return took, page.evaluate("ask('heap')") / 2**20


def figures(quick: bool = False, *, runs: int = 3, node: bool = True) -> list[Figure]:
    """Sizes, seconds of opening and of a click, and the memory that the page's own scripts take."""
    from support.jupyter_lab import browser

    with nullcontext() if node else patch("shutil.which", lambda name: None):
        plan, cases, parts = made()
    files = site_files(plan, cases, parts)
    sizes = (
        ("site, as sent (gzip)", sum(len(gzip.compress(content, 9)) for content in files.values()), 8),
        ("site, as it lies there", sum(map(len, files.values())), 15),
        ("single file", len(single_page(plan, cases, parts).encode()), 12),
        ("course (SCORM 1.2)", len(course_zip(plan, cases, parts, "1.2")), 12),
    )
    found = [Figure(label, size / 1e6, "MB", goal=most) for label, size, most in sizes]
    with (
        tempfile.TemporaryDirectory() as folder,
        served(site_of(plan, cases, parts, Path(folder))) as address,
        browser(PROGRAMS["chromium"].find()) as chromium,
    ):
        for kind, values in openings(chromium, address, 1 if quick else runs).items():
            seconds, cpu = zip(*values, strict=True)
            found.append(Figure(kind, statistics.median(seconds), "s", goal=GOALS[kind]))
            found.append(Figure(f"{kind}: computing", statistics.median(cpu), "s"))
        took, heap = clicks(chromium, address)
        found.append(Figure("click to next page", statistics.median(took), "ms", goal=50))
        found.append(Figure("click to next page, 95 %", sorted(took)[int(0.95 * len(took))], "ms"))
        found.append(Figure("heap", heap, "MB", goal=65))
    return found


def main() -> None:
    """Print all figures."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--runs", type=int, default=3)
    asked.add_argument("--without-node", action="store_true")
    options = asked.parse_args()
    load = os.getloadavg()[0]
    print(f"{date.today()}, {platform.machine()}, {os.cpu_count()} cores, load {load:.1f}")
    for one in figures(runs=options.runs, node=not options.without_node):
        print(f"{one.name:<34}{one.value:8.2f} {one.unit}")


if __name__ == "__main__":
    main()
