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
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parents[1]))
from support.programs import PROGRAMS
from support.sites import PHONE, READY, enter, made, served, site_of

from trainkit.site.folder import site_files
from trainkit.site.scorm import course_zip
from trainkit.site.single import single_page

CLICKS = 40
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


def shown(label: str, values: list[tuple[float, float]]) -> None:
    """A line: median and range, and the computing."""
    seconds, cpu = zip(*values, strict=True)
    print(f"{label:<28}{statistics.median(seconds):8.2f} s ({min(seconds):.2f}–{max(seconds):.2f}), "
          f"computing {statistics.median(cpu):.2f} s")  # fmt: skip


def main() -> None:
    """Print all figures."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--runs", type=int, default=3)
    asked.add_argument("--without-node", action="store_true")
    options = asked.parse_args()
    from support.jupyter_lab import browser

    with patch("shutil.which", lambda name: None) if options.without_node else timed([]):
        plan, cases, parts = made()
    files = site_files(plan, cases, parts)
    load = os.getloadavg()[0]
    print(f"{date.today()}, {platform.machine()}, {os.cpu_count()} cores, load {load:.1f}, bytecode: {parts.compiled}")
    sizes = {
        "site, as sent (gzip)": sum(len(gzip.compress(content, 9)) for content in files.values()),
        "site, as it lies there": sum(map(len, files.values())),
        "single file": len(single_page(plan, cases, parts).encode()),
        "course (SCORM 1.2)": len(course_zip(plan, cases, parts, "1.2")),
    }
    for label, size in sizes.items():
        print(f"{label:<28}{size / 1e6:8.2f} MB")
    with (
        tempfile.TemporaryDirectory() as folder,
        served(site_of(plan, cases, parts, Path(folder))) as address,
        browser(PROGRAMS["chromium"].find()) as chromium,
    ):
        for kind, values in openings(chromium, address, options.runs).items():
            shown(kind, values)
        took, heap = clicks(chromium, address)
        late = sorted(took)[int(0.95 * len(took))]
        print(f"{'click to next page':<28}{statistics.median(took):8.0f} ms (95 %: {late:.0f})")
        print(f"{'heap':<28}{heap:8.0f} MB")


if __name__ == "__main__":
    main()
