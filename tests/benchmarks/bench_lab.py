"""The exercise in real JupyterLab beside a bare Button + HTML in the same browser run. Prints; asserts nothing.

    python tests/benchmarks/bench_lab.py
    python tests/benchmarks/bench_lab.py --against CHECKOUT --python PYTHON

``--against`` plays another checkout's exercise (in a JupyterLab of its own, with that interpreter) in the same browser, click
by click in turns with this one.
"""

import contextlib
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import nbformat
from checkouts import ROOT, in_turn, parser, sides
from figures import Figure

sys.path.insert(0, str(Path(__file__).parents[1]))
from support.jupyter_lab import TOKEN, browser, lab, open_notebook
from support.programs import PROGRAMS

TITLE = "The exercise in JupyterLab beside a bare widget"
BARE = """
import ipywidgets
shown, button = ipywidgets.HTML("<p>0</p>"), ipywidgets.Button(description="next")
shown.add_class("bare-html"); button.add_class("bare-button")
def press(_):
    shown.value = f"<p>{int(shown.value[3:-4]) + 1}</p>"
button.on_click(press)
ipywidgets.VBox([shown, button])
"""
RUN = 'import trainkit\n\ntrainkit.exercise("power_upgrade", "ru")'
KERNEL = "window.jupyterapp?.shell.currentWidget?.context?.sessionContext?.session?.kernel"
PAINTED = "wanted => document.querySelector(wanted)?.offsetParent"
EXERCISE = 'import trainkit\ntrainkit.exercise("power_upgrade", "ru")'

# from the click to the frame after the change was painted
CLICK = """
([press, watch]) => new Promise((done) => {
  const box = document.querySelector(watch), start = performance.now();
  const seen = new MutationObserver(() => {
    seen.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
  });
  seen.observe(box, { childList: true, subtree: true, characterData: true });
  document.querySelector(press).click();
})
"""
RUN_ALL = """
(wanted) => new Promise((done) => {
  const start = performance.now();
  const poll = () => document.querySelector(wanted)
    ? requestAnimationFrame(() => done(performance.now() - start)) : requestAnimationFrame(poll);
  window.jupyterapp.commands.execute("notebook:run-all-cells");
  poll();
})
"""
OPTIONS, BUTTON = ".tk.exercise .opt", ".bare-button"
ROUNDS = 6  # of opening a notebook and of Run All, each in a new kernel
PRESSES, WARM_UP = 125, 5  # of a reply and of the bare button, in turns


def spread(values: list[float]) -> str:
    """Median and 95 % quantile, milliseconds."""
    ordered = sorted(values)
    return f"{statistics.median(ordered):6.0f} {ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]:6.0f}"


def commit_cost() -> tuple[float, float]:
    """Milliseconds of a whole answer (engine, commit with synchronous=FULL) and of its HTML."""
    from trainkit.files import casebook
    from trainkit.log.store import Log
    from trainkit.session.resume import begin
    from trainkit.view import render

    case = casebook.load_case("power_upgrade")
    answers, pages = [], []
    with tempfile.TemporaryDirectory() as folder:
        log = Log(Path(folder) / "log.sqlite3")
        for seed in range(30):
            session = begin(log, case, "bench", seed=seed)
            while not session.attempt.finished:
                start = time.perf_counter()
                session.do("choose", "ru", step=session.step, option=session.attempt.open[-1])
                middle = time.perf_counter()
                render.exercise_html(session, "ru", level=2)
                answers.append(1000 * (middle - start))
                pages.append(1000 * (time.perf_counter() - middle))
        log.close()
    return statistics.median(answers), statistics.median(pages)


def at_any_time(page) -> None:
    """Wait a part of a frame, drawn: who presses just after a frame waits longest for the next, again and again."""
    page.wait_for_timeout(random.uniform(0, 1000 / 60))


def click_bare(page) -> float:
    """Milliseconds from a click on a bare Button to the changed HTML on the screen."""
    at_any_time(page)
    return page.evaluate(CLICK, [".bare-button", ".bare-html"])


def click_reply(page) -> tuple[float, bool]:
    """Milliseconds from a click on a reply to what follows on the screen, and whether that is the debrief."""
    if page.query_selector(".tk.exercise .debrief"):
        page.click('.tk.exercise [name="again"]')
        page.wait_for_selector(".tk.exercise .opt:enabled")
    page.wait_for_selector(".tk.exercise .page > .now:not(.fresh)")  # nobody answers what they have not read
    at_any_time(page)
    took = page.evaluate(CLICK, [".tk.exercise .opt:enabled", ".tk.exercise .talk"])
    page.wait_for_selector(".tk.exercise:not([aria-busy])")
    return took, page.query_selector(".tk.exercise .debrief") is not None


def prepared(started, running):
    """A page with the bare button and an exercise, both run."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(BARE), nbformat.v4.new_code_cell(EXERCISE)])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, running.root / "bench.ipynb")
    page = started.new_page(viewport={"width": 1280, "height": 900})
    open_notebook(page, running, "bench.ipynb")
    page.wait_for_timeout(1500)
    page.evaluate(RUN_ALL, OPTIONS)
    page.wait_for_selector(BUTTON)
    return page


def written(running, name: str, source: str, autorun: bool) -> str:
    """A notebook of one cell."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    if autorun:
        notebook.metadata.trainkit = {"autorun": True}
    nbformat.write(notebook, running.root / name)
    return name


def until_painted(started, running, rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Milliseconds until the exercise or a bare button is painted, in new kernels, in turns: by Run All and by opening.

    By opening: from the page's first byte on; the bare notebook is run as soon as a kernel is there: nobody is so fast.
    """
    took: dict[str, list[float]] = {}
    for turn in range(rounds):
        for kind, source, wanted in in_turn((("exercise", RUN, OPTIONS), ("bare", BARE, BUTTON)), turn):
            page = started.new_page(viewport={"width": 1280, "height": 900})
            open_notebook(page, running, written(running, f"{kind}-run-{turn}.ipynb", source, False))
            page.wait_for_timeout(1500)
            took.setdefault(f"{kind}, Run All", []).append(page.evaluate(RUN_ALL, wanted))
            page.close()
            page = started.new_page(viewport={"width": 1280, "height": 900})
            name = written(running, f"{kind}-open-{turn}.ipynb", source, kind == "exercise")
            page.goto(f"{running.url}/lab/tree/{name}?token={TOKEN}&reset", wait_until="commit")
            if kind == "bare":
                page.wait_for_function(KERNEL, polling=20, timeout=90_000)
                page.evaluate(RUN_ALL, wanted)
            page.wait_for_function(PAINTED, arg=wanted, polling=20, timeout=90_000)
            took.setdefault(f"{kind}, opening", []).append(page.evaluate("performance.now()"))
            page.close()
    return took


def clicked(
    places: Mapping[str, tuple[Path, str]], rounds: int = ROUNDS, presses: int = PRESSES, warm_up: int = WARM_UP
) -> tuple[dict[str, list[float]], list[float], dict[str, list[tuple[float, bool]]]]:
    """Milliseconds until first painted, of a bare button, and of replies (and whether the debrief followed), by checkout."""
    chromium = PROGRAMS["chromium"].find() or sys.exit("no Chromium here")
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        started = stack.enter_context(browser(str(chromium)))
        labs = {name: stack.enter_context(lab(folder / name, *side)) for name, side in places.items()}
        first = until_painted(started, labs["here"], rounds)
        pages = {name: prepared(started, running) for name, running in labs.items()}
        bare, replies = [], {name: [] for name in pages}
        for turn in range(presses):
            for name, page in in_turn(pages.items(), turn):
                page.bring_to_front()
                pressed = click_bare(page)  # on both, so that what a reply follows is the same
                bare += [pressed] if name == "here" else []
                replies[name].append(click_reply(page))
            if turn < warm_up:
                for times in (bare, *replies.values()):
                    times.clear()
        return first, bare, replies


def figures(quick: bool = False) -> list[Figure]:
    """Medians in milliseconds, each beside a bare Button and HTML in the same browser."""
    few = {"rounds": 1, "presses": 20, "warm_up": 1} if quick else {}
    first, bare, replies = clicked({"here": (ROOT, sys.executable)}, **few)
    found = []
    for kind, goal in (("Run All", 2.5), ("opening", 1.3)):
        ours, floor = (statistics.median(first[f"{what}, {kind}"]) for what in ("exercise", "bare"))
        found.append(Figure(f"{kind} to first replies painted", ours, "ms", "bare widget", floor, goal))
    for what, ended, goal in (("next scene", False, 1.2), ("debrief", True, None)):
        if times := [took for took, over in replies["here"] if over == ended]:
            floor = statistics.median(bare)
            found.append(Figure(f"click to {what} painted", statistics.median(times), "ms", "bare widget", floor, goal))
    answer, html = commit_cost()
    return [*found, Figure("of it engine and commit", answer, "ms"), Figure("of it HTML", html, "ms")]


def main() -> None:
    """Run it all and print a table."""
    options = parser(__doc__).parse_args()
    first, bare, replies = clicked(sides(options))
    answer, html = commit_cost()
    print(
        f"{date.today()}, Python {platform.python_version()}, {platform.machine()}, JupyterLab in headless Chromium; ms"
    )
    print("                                             median    p95")
    for kind, goal in (("Run All", 2.5), ("opening", 1.3)):
        ours, bare_cell = first[f"exercise, {kind}"], first[f"bare, {kind}"]
        ratio = statistics.median(ours) / statistics.median(bare_cell)
        print(f"{kind} → a bare widget painted (n={len(bare_cell)})      {spread(bare_cell)}")
        print(f"{kind} → first options painted (n={len(ours)})     {spread(ours)}   ({ratio:.2f} × bare; goal {goal})")
    print(f"bare Button + HTML: click → painted (n={len(bare)})   {spread(bare)}")
    for what, ended, goal in (("next scene", False, "; goal 1.2"), ("debrief", True, "")):
        times = {name: [took for took, over in pressed if over == ended] for name, pressed in replies.items()}
        middle = {name: statistics.median(those) for name, those in times.items()}
        beside = f"{middle['here'] / statistics.median(bare):.2f} × bare{goal}"
        print(
            f"exercise: click → {what} painted (n={len(times['here'])})".ljust(44)
            + f"{spread(times['here'])}   ({beside})"
        )
        if "there" in replies:
            beside = f"here {middle['here'] / middle['there']:.2f} × there"
            print("the other checkout's, in turns".ljust(44) + f"{spread(times['there'])}   ({beside})")
    print(f"of it: engine + commit to disk {answer:.1f}, HTML {html:.1f}")


if __name__ == "__main__":
    main()
