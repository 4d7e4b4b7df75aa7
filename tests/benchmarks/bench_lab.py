"""The exercise in real JupyterLab beside a bare Button + HTML in the same browser run. Prints; asserts nothing."""

import platform
import statistics
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import nbformat

sys.path.insert(0, str(Path(__file__).parents[1]))
from support.jupyter_lab import browser, lab, open_notebook
from support.programs import PROGRAMS

BARE = """
import ipywidgets
shown, button = ipywidgets.HTML("<p>0</p>"), ipywidgets.Button(description="next")
shown.add_class("bare-html"); button.add_class("bare-button")
def press(_):
    shown.value = f"<p>{int(shown.value[3:-4]) + 1}</p>"
button.on_click(press)
ipywidgets.VBox([shown, button])
"""
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
() => new Promise((done) => {
  const start = performance.now();
  const poll = () => document.querySelector(".tk.exercise .opt")
    ? requestAnimationFrame(() => done(performance.now() - start)) : requestAnimationFrame(poll);
  window.jupyterapp.commands.execute("notebook:run-all-cells");
  poll();
})
"""


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


def main() -> None:
    """Run it all and print a table."""
    chromium = PROGRAMS["chromium"].find() or sys.exit("no Chromium here")
    with tempfile.TemporaryDirectory() as folder, lab(Path(folder)) as running, browser(str(chromium)) as started:
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(BARE), nbformat.v4.new_code_cell(EXERCISE)]
        )
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, running.root / "bench.ipynb")
        first = []
        for path in sorted((running.root / "notebooks").glob("*/0[1-4]*.ipynb")):
            page = started.new_page(viewport={"width": 1280, "height": 900})
            open_notebook(page, running, str(path.relative_to(running.root)))
            page.wait_for_timeout(1500)
            first.append(page.evaluate(RUN_ALL))
            page.close()
        page = started.new_page(viewport={"width": 1280, "height": 900})
        open_notebook(page, running, "bench.ipynb")
        page.wait_for_timeout(1500)
        page.evaluate(RUN_ALL)
        page.wait_for_selector(".bare-button")
        bare, exercise = [], []
        for turn in range(60):
            bare.append(page.evaluate(CLICK, [".bare-button", ".bare-html"]))
            if page.query_selector(".tk.exercise .debrief"):
                page.click('.tk.exercise [name="again"]')
                page.wait_for_selector(".tk.exercise .opt:enabled")
            page.wait_for_selector(".tk.exercise .page > .now:not(.fresh)")  # nobody answers what he has not read
            exercise.append(page.evaluate(CLICK, [".tk.exercise .opt:enabled", ".tk.exercise .talk"]))
            page.wait_for_selector(".tk.exercise:not([aria-busy])")
            if turn < 5:  # warm-up
                bare.clear()
                exercise.clear()
        page.close()
    answer, html = commit_cost()
    print(
        f"{date.today()}, Python {platform.python_version()}, {platform.machine()}, JupyterLab in headless Chromium; ms"
    )
    print("                                             median    p95")
    print(f"Run All → first options (new kernel, n={len(first)})   {spread(first)}   (goal 600)")
    print(f"bare Button + HTML: click → painted (n={len(bare)})   {spread(bare)}")
    ratio = statistics.median(exercise) / statistics.median(bare)
    print(
        f"exercise: click → next scene painted (n={len(exercise)})  {spread(exercise)}   ({ratio:.2f} × bare; goal 1.5)"
    )
    print(f"of it: engine + commit to disk {answer:.1f}, HTML {html:.1f}")


if __name__ == "__main__":
    main()
