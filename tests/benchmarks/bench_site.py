"""A site in real Chromium: how large it is, how long it takes to open, to answer, to open offline. Asserts nothing.

    python tests/benchmarks/bench_site.py [--runs 3] [--without-node]

All nine cases. *Cold* is a browser that was never there, until what is pressed is answered; *warm* the same browser again,
with a profile on the disk as people have one (a private window keeps no file of nine megabytes). Beside the seconds stand
those that Chromium's processes computed, which a busy machine changes less. ``--without-node``: as made on a machine without
Node.

*Beside it* stands the least that JupyterLite can show, a button and a line by ipywidgets, in the same run: the notebooks' own
JupyterLite without the kit. *Four times slower* is each of Chromium's page processes stopped for three quarters of the time:
DevTools' throttling reaches a page's main thread alone, and Python runs in a worker (``throttled`` shows it).
"""

import argparse
import gzip
import json
import os
import platform
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import date
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
from figures import Figure
from support import lite
from support.jupyter_lab import ARGUMENTS, browser
from support.programs import PROGRAMS
from support.sites import PHONE, READY, enter, made, served, site_of

from trainkit.site.folder import site_files
from trainkit.site.scorm import course_zip
from trainkit.site.single import single_page

TITLE = "A site in a browser"
CLICKS = 40
GOALS = {"cold": 5.0, "warm": 2.0, "offline": 4.0}  # seconds
SLOWER, SLOWLY = 4, 8.0  # times, seconds
BESIDE = 1 / 4  # of what JupyterLite takes
PERIOD = 0.02  # seconds, of which a slowed process has a share
NOTEBOOK = "notebooks/en/00_start_here.ipynb"
BARE = """import ipywidgets
ipywidgets.VBox([ipywidgets.HTML("<p>A line.</p>"), ipywidgets.Button(description="A button")])"""
# of those that JupyterLite's kernel begins with, what the kit brings
OURS = ("trainkit", "alembic", "mako", "anywidget", "psygnal", "narwhals", "platformdirs", "pydantic", "pydantic-core",
        "annotated-types", "typing-inspection", "pyyaml", "segno", "sqlalchemy", "tqdm", "jinja2", "markupsafe")  # fmt: skip
BUSY = """
() => new Promise((done) => {
  const work = `const begun = performance.now(); for (let n = 0; n < 3e8; n++); postMessage(performance.now() - begun)`;
  const worker = new Worker(URL.createObjectURL(new Blob([work])));
  worker.onmessage = ({ data }) => done(data);
})
"""
THERE = 'document.body && "ready" in document.body.dataset'
# when it answers, to some milliseconds: what Playwright waits for it looks for twice a second
ANSWERS = """
() => new Promise((done, failed) => {
  setTimeout(() => failed(new Error("no answer in ten minutes")), 600_000);
  const look = () => THERE ? done() : setTimeout(look, 10);
  look();
})
""".replace("THERE", THERE)
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


def family(root: int) -> dict[int, float]:
    """A process's children and theirs, with the CPU seconds of each."""
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
    return {one: seconds.get(one, 0.0) for one in ours - {root}}


def computed(root: int) -> float:
    """CPU seconds of a process's children and theirs."""
    return sum(family(root).values())


@contextmanager
def slowed(times: int) -> Iterator[None]:
    """Chromium's page processes, workers and all, run for a share of the time."""
    done = threading.Event()

    def renderers() -> list[int]:
        found = []
        for one in family(os.getpid()):
            with suppress(OSError):
                if b"--type=renderer" in Path(f"/proc/{one}/cmdline").read_bytes():
                    found.append(one)
        return found

    def now_and_then() -> None:
        looked, ours = 0.0, []
        while not done.is_set():
            if time.monotonic() - looked > 0.2:  # a new page has a process of its own
                looked, ours = time.monotonic(), renderers()
            for kind, share in ((signal.SIGSTOP, (times - 1) / times), (signal.SIGCONT, 1 / times)):
                for one in ours:
                    with suppress(ProcessLookupError):
                        os.kill(one, kind)
                time.sleep(PERIOD * share)

    thread = threading.Thread(target=now_and_then)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def throttled(chromium) -> tuple[float, float, float]:
    """Milliseconds that a worker is busy: as it is, under DevTools' throttling, and slowed."""
    page = chromium.new_context().new_page()
    page.goto("data:text/html,<p>busy")
    usual = page.evaluate(BUSY)
    tools = page.context.new_cdp_session(page)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    by_tools = page.evaluate(BUSY)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    with slowed(SLOWER):
        return usual, by_tools, page.evaluate(BUSY)


@contextmanager
def timed(into: list[tuple[float, float]]):
    """Adds seconds, and those Chromium computed."""
    start, before = time.perf_counter(), computed(os.getpid())
    yield
    into.append((time.perf_counter() - start, computed(os.getpid()) - before))


def opened(page, address: str) -> None:
    """Go there and wait until it answers."""
    page.goto(address, wait_until="commit")
    page.evaluate(ANSWERS)


def openings(chromium, address: str, runs: int) -> dict[str, list[tuple[float, float]]]:
    """Cold, warm, and without a network."""
    took: dict[str, list[tuple[float, float]]] = {"cold": [], "warm": [], "offline": []}
    how = PHONE | {"executable_path": PROGRAMS["chromium"].find(), "args": ARGUMENTS}
    for _ in range(runs):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            context = chromium.browser_type.launch_persistent_context(profile, **how)
            for kind, times in took.items():
                page = context.new_page()
                context.set_offline(kind == "offline")
                with timed(times):
                    opened(page, address)
                if kind == "cold":
                    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
                    page.wait_for_timeout(2_000)  # what is kept for the next time is written
                page.close()
            context.close()
    return took


def slow_opening(chromium, address: str) -> float:
    """Seconds until the site answers in a browser that was never there, on a slower machine."""
    took: list[tuple[float, float]] = []
    context = chromium.new_context(**PHONE)
    page = context.new_page()
    with slowed(SLOWER), timed(took):
        opened(page, address)
    context.close()
    return took[0][0]


def bare(lab: Path) -> None:
    """Make of the notebooks' JupyterLite one without the kit, whose first notebook has a button."""
    settings = lab / "jupyter-lite.json"
    told = json.loads(settings.read_text("utf-8"))
    (kernel,) = told["jupyter-config-data"]["litePluginSettings"].values()
    options = kernel["loadPyodideOptions"]
    options["packages"] = [name for name in options["packages"] if name not in OURS]
    settings.write_text(json.dumps(told), "utf-8")
    file = lab / "files" / NOTEBOOK
    notebook = json.loads(file.read_text("utf-8"))
    cell = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    cell["source"], notebook["cells"], notebook["metadata"]["trainkit"] = BARE, [cell], {}
    file.write_text(json.dumps(notebook), "utf-8")


def bare_opening(chromium, address: str) -> tuple[float, float]:
    """Seconds, and those computed, until the button is there in a browser that was never there."""
    took: list[tuple[float, float]] = []
    context = chromium.new_context()
    page = context.new_page()
    page.set_default_timeout(600_000)
    with timed(took):
        page.goto(f"{address}lab/index.html?path={NOTEBOOK}", wait_until="commit")
        page.wait_for_function(lite.THERE, arg=NOTEBOOK)
        page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells') }")
        page.evaluate(ANSWERS.replace(THERE, "document.querySelector('.jp-OutputArea .jupyter-button')"))
    context.close()
    return took[0]


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
            if kind == "cold":
                lab = lite.made(Path(folder) / "bare", "racket_refund") / "lab"
                bare(lab)
                with served(lab) as other:
                    beside, beside_cpu = bare_opening(chromium, other)
                peer = "ipywidgets in JupyterLite"
                found.append(Figure("cold, beside it", statistics.median(seconds), "s", peer, beside, BESIDE))
                found.append(Figure("cold, beside it: computing", statistics.median(cpu), "s", peer, beside_cpu))
        found.append(Figure(f"cold, {SLOWER} × slower", slow_opening(chromium, address), "s", goal=SLOWLY))
        usual, by_tools, ours = throttled(chromium)
        found.append(Figure("a worker under DevTools’ throttling", by_tools, "ms", "as it is", usual))
        found.append(Figure("a worker, slowed", ours, "ms", "as it is", usual))
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
