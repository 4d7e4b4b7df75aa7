"""A notebook is opened, and the exercise is there: at the top of the page, with the keyboard, in every front end.

`trainkit lab` is opened in test_lab.py; here are JupyterLab as it comes, and Notebook 7.
"""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from urllib.parse import quote

import nbformat
import pytest
from support.jupyter_lab import (
    FRAMES,
    INSIDE,
    SOURCES,
    accessible,
    arrived,
    browser,
    command,
    fits_sideways,
    idle,
    lab,
    letters_do_nothing,
    play,
    shot,
    step,
    visit,
    watched_page,
)
from support.places import CASEBOOK, ROOT

import trainkit
from trainkit.log.store import Log

CASE = "notebooks/ru/03_racket_refund.ipynb"
SHELF = "notebooks/ru/00_start_here.ipynb"
TRACKER = "@jupyterlab/notebook-extension:tracker"
THEMES = "@jupyterlab/apputils-extension:themes"
LONG = [f"## Раздел {number}\n\n" + "Абзац текста. " * 60 for number in range(12)]
DIRTY = "jupyterapp.shell.currentWidget.content.model.dirty"
RERUN = """() => {
  const { content, sessionContext } = jupyterapp.shell.currentWidget;
  const cell = content.widgets.find(({ model }) => model.type === "code");
  cell.outputArea.future = sessionContext.session.kernel.requestExecute({ code: cell.model.sharedModel.getSource() });
}"""  # as another window would: nothing on this screen is pressed
WALKED = ("boundaries", "second_place", "power_upgrade")
EVERY = sorted(file.parent.name for file in CASEBOOK.glob("*/case.yml"))


@pytest.fixture(scope="module")
def room(chromium_path, tmp_path_factory):
    folder = tmp_path_factory.mktemp("opening")
    with lab(folder, front="jupyterlab") as running, browser(chromium_path) as chromium:
        add_kernel(folder, "slow", delay=12)
        add_kernel(folder, "read-only", TRAINKIT_DATABASE=f"sqlite:///file:{running.database}?mode=ro&uri=true")
        # a window for all tests: JupyterLab's megabytes are fetched and compiled once
        yield running, chromium.new_context(viewport={"width": 1280, "height": 800})


def add_kernel(folder, name, delay=0, **environment):
    """A Python that takes its time, as on another machine, or has an environment of its own."""
    start = ["import os, sys, time", f"time.sleep({delay})"]
    start += ["os.execv(sys.executable, [sys.executable, '-m', 'ipykernel_launcher', '-f', sys.argv[1]])"]
    spec = {"argv": [sys.executable, "-c", "; ".join(start), "{connection_file}"]}
    place = folder / "share" / "kernels" / name
    place.mkdir(parents=True)
    (place / "kernel.json").write_text(
        json.dumps(spec | {"display_name": name, "language": "python", "env": environment})
    )


@pytest.fixture
def page(room):
    running, window = room
    try:
        with watched_page(window) as opened:
            yield opened
    finally:
        running.end_kernels()


def write(running, path, source, above=(), below=(), kernel="python3", output=None):
    """A notebook whose one cell has this text, among Markdown, and an output that nobody here has signed."""
    made = [nbformat.v4.new_markdown_cell("# Разговор\n\nОн начнётся сам, под этими строками.")]
    made += [nbformat.v4.new_markdown_cell(text) for text in above]
    made += [nbformat.v4.new_code_cell(source, metadata={"jupyter": {"source_hidden": True}})]
    if output:
        made[-1].outputs = [nbformat.v4.new_output("execute_result", output, execution_count=3)]
    made += [nbformat.v4.new_markdown_cell(text) for text in ("## После разговора", *below)]
    spec = {"name": kernel, "display_name": kernel, "language": "python"}
    about = {"trainkit": {"autorun": True}, "kernelspec": spec, "language_info": {"name": "python"}}
    file = running.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=made, metadata=about), file)


def call(case="racket_refund", lang="ru", more=""):
    return f'# the exercise\nimport trainkit\n\ntrainkit.exercise("{case}", "{lang}"{more})'


def open_tab(page, path):
    """Open a notebook in a tab of the JupyterLab that is on the screen."""
    command(page, "docmanager:open", path=path)
    page.wait_for_function("(path) => jupyterapp.shell.currentWidget?.context?.path === path", arg=path)


def lines(page):
    return page.locator(".tk.exercise .talk > li").count()


def open_key(page):
    """The digit of the last reply that is open (a question asked before stands in the menu, disabled)."""
    return page.locator(".tk.exercise .opt:enabled kbd").last.inner_text()


def says(page):
    """A digit and Enter, with no click before them: one reply is said."""
    before, key = lines(page), open_key(page)
    page.keyboard.press(key)
    assert page.evaluate("document.activeElement.querySelector('kbd')?.innerText") == key
    page.keyboard.press("Enter")
    now = "document.querySelector('.tk.exercise .page > .now:not(.fresh)')"
    page.wait_for_function(
        f"(n) => {now} && document.querySelectorAll('.tk.exercise .talk > li').length > n", arg=before
    )


def logged(running):
    """Attempts and events of the log."""
    if not running.database.exists():
        return 0, 0
    with contextlib.closing(sqlite3.connect(running.database)) as database:
        return database.execute("SELECT (SELECT count(*) FROM attempts), (SELECT count(*) FROM events)").fetchone()


def plays_by_keyboard(page):
    """From the moment it is there: letters, digits, Enter, Space, and out with Shift+Tab."""
    letters_do_nothing(page)
    for _ in range(3):
        says(page)
    said = lines(page)
    assert page.evaluate(INSIDE)
    letters_do_nothing(page)
    page.keyboard.press(open_key(page))  # on a reply
    letters_do_nothing(page)
    at = "document.querySelector('.tk.exercise .log').scrollTop"
    end = page.evaluate(at)
    assert end > 0
    page.keyboard.press("Shift+Space")
    page.wait_for_function(f"(end) => {at} < end - 20", arg=end)
    page.keyboard.press("Space")
    page.wait_for_function(f"(end) => {at} > end - 2", arg=end)
    page.evaluate(FRAMES, 20)
    assert lines(page) == said  # Space said nothing
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        if not page.evaluate(INSIDE):
            break
    assert not page.evaluate(INSIDE)  # no trap


def digits_in_the_notebook(page):
    """They mean a reply, not a heading, unless somebody is writing."""
    text, before, key = page.locator(".jp-MarkdownCell").last, page.evaluate(SOURCES), open_key(page)
    beside = {"x": text.bounding_box()["width"] - 40, "y": 12}  # its links
    text.click(position=beside)
    assert not page.evaluate(INSIDE)
    page.keyboard.press(key)
    assert page.evaluate("document.activeElement.querySelector('kbd').innerText") == key
    assert page.evaluate(SOURCES) == before
    text.click(position=beside)
    page.keyboard.press("Enter")
    page.keyboard.type("12")
    assert page.evaluate(SOURCES) == before, "the kit's own cells can't be written in"
    for done in ("insert-cell-below", "enter-edit-mode"):  # a cell of one's own
        page.evaluate("done => jupyterapp.commands.execute(`notebook:${done}`)", done)
    page.keyboard.type("12")
    assert "12" in page.evaluate(SOURCES)[-1] and page.evaluate(SOURCES)[:-1] == before


@pytest.mark.slow
def test_jupyterlab_as_it_comes(page, room):
    running, _ = room
    before = (running.root / CASE).read_bytes()
    visit(page, running, CASE)
    arrived(page)
    news = page.locator(".Toastify__toast-container .Toastify__toast", has_text="Jupyter news")
    news.wait_for(state="attached")  # asked in the first minute, over the options
    assert not news.is_visible()
    shot(page, "opening-jupyterlab")
    accessible(page)
    plays_by_keyboard(page)
    assert not page.evaluate(DIRTY)
    assert (running.root / CASE).read_bytes() == before
    digits_in_the_notebook(page)
    page.click(".jp-Notification-Status")  # what was hidden stands under the bell
    page.locator(".jp-Notification-List-Item", has_text="Jupyter news").wait_for()
    page.keyboard.press("Escape")
    page.evaluate("document.querySelector('.tk.exercise').classList.add('old')")
    page.keyboard.press("Control+Shift+C")
    page.wait_for_selector(".lm-CommandPalette-input:visible")
    page.evaluate(RERUN)
    page.wait_for_selector(".tk.exercise:not(.old) .opt", state="attached")
    page.evaluate(FRAMES, 40)
    assert page.evaluate("document.activeElement.matches('.lm-CommandPalette-input')")  # nobody is pulled out of it
    page.keyboard.press("Escape")
    command(page, "launcher:create")
    news.wait_for()  # nothing of ours is on the screen


@pytest.mark.long
def test_notebook_7(room, tmp_path):
    with lab(tmp_path, front="notebook") as running, contextlib.closing(room[1].browser.new_context()) as window:
        page = window.new_page()
        before = (running.root / CASE).read_bytes()
        visit(page, running, CASE, "notebooks")
        arrived(page)
        shot(page, "opening-notebook-7")
        plays_by_keyboard(page)
        assert not page.evaluate(DIRTY)
        assert (running.root / CASE).read_bytes() == before
        digits_in_the_notebook(page)
        page.set_viewport_size({"width": 360, "height": 740})
        page.evaluate(FRAMES, 5)
        fits_sideways(page)
        shot(page, "opening-notebook-7-360")
        play(running, "second_place")
        visit(page, running, SHELF, "notebooks")
        arrived(page)
        letters_do_nothing(page)
        page.click(".tk .shelf [name=begin][value=second_place]")
        page.wait_for_selector(".tk.exercise .debrief")
        letters_do_nothing(page)


@pytest.mark.long
@pytest.mark.parametrize("way", ["setting", "labextension"])
def test_switched_off(page, room, way):
    running, _ = room
    attempts, _ = logged(running)
    with switched_off(running, way):
        visit(page, running, "notebooks/en/04_power_upgrade.ipynb")
        page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=60_000)
        idle(page)
        page.evaluate(FRAMES, 60)  # with the kernel there, opening would have run the cell long ago
        assert page.locator(".tk.exercise, .jp-OutputArea-child, .trainkit-notice").count() == 0
        assert logged(running)[0] == attempts
        assert page.locator(".jp-MarkdownCell", has_text="choose Run All Cells from the Run menu").is_visible()
        page.click(".lm-MenuBar-item:has-text('Run')")
        page.click(".lm-Menu-item:has-text('Run All Cells') >> nth=0")
        arrived(page)


@contextlib.contextmanager
def switched_off(running, way):
    if way == "setting":
        running.set("trainkit:autorun", autorun=False)
        yield
        running.set("trainkit:autorun")
        return
    config = running.root.parent / "config"
    command = ["jupyter", "labextension", "disable", "--level=user", "trainkit:autorun"]
    done = subprocess.run([sys.executable, "-m", *command], env=os.environ | {"JUPYTER_CONFIG_DIR": str(config)})
    assert done.returncode == 0
    yield
    (config / "labconfig" / "page_config.json").unlink()


@pytest.mark.long
def test_the_shelf_from_a_folder_that_has_nothing_else(page, room):
    """Dark; begin a case, come back another day, go on with one click at the same place."""
    running, _ = room
    (running.root / "elsewhere").mkdir()
    shutil.copy(running.root / "notebooks/ru/00_start_here.ipynb", running.root / "elsewhere")
    running.set(THEMES, theme="JupyterLab Dark")
    visit(page, running, "elsewhere/00_start_here.ipynb")
    arrived(page)
    assert page.evaluate("getComputedStyle(document.querySelector('.tk.exercise')).colorScheme") == "dark"
    shot(page, "opening-shelf-dark")
    accessible(page)
    page.click(".tk .shelf [name=begin][value=boundaries]")
    page.wait_for_selector(".tk.exercise .opt:enabled")
    arrived(page)
    accessible(page)
    says(page)
    says(page)
    said, where = page.inner_text(".tk.exercise .talk"), step(page)
    shot(page, "opening-talk-dark")
    close_tab(page)
    running.end_kernels()
    open_tab(page, "elsewhere/00_start_here.ipynb")
    arrived(page)
    assert "23:40" in page.inner_text(".tk .goon")
    page.click(".tk .goon button")
    page.wait_for_selector(".tk.exercise .opt:enabled")
    arrived(page)
    assert page.inner_text(".tk.exercise .talk") == said and step(page) == where
    running.set(THEMES)


# ---- what is seen of a scene ------------------------------------------------------------------------------------

# with the left panel closed and open, and in both languages: what of this turn can't be seen
CUT = """
async () => {
  const exercise = document.querySelector(".tk.exercise"), outer = exercise.closest(".jp-WindowedPanel-outer, .jp-Notebook");
  const now = exercise.querySelector(".page > .now"), log = exercise.querySelector(".log"), cut = [];
  const within = (part, box) => {
    const a = part.getBoundingClientRect(), b = box.getBoundingClientRect();
    return a.top >= b.top - 1 && a.bottom <= b.bottom + 1 && a.left >= b.left - 1 && a.right <= b.right + 1;
  };
  const frames = async (n) => { while (n--) await new Promise(requestAnimationFrame) };
  const look = (where) => {
    const news = [...log.querySelectorAll(".talk > li")].reverse(), mine = news.findIndex((line) => line.matches(".you"));
    const said = news.slice(0, mine < 0 ? undefined : mine).find((line) => line.matches(".them")) ?? news[0];
    const patience = exercise.querySelector(".patience");
    if (patience && !within(patience, outer)) cut.push(`${where}: ${patience.innerText}`);
    if (!within(said, outer) || !within(said, log)) cut.push(`${where}: ${said.innerText}`);
    if (now.scrollHeight > now.clientHeight) cut.push(`${where}: options, by ${now.scrollHeight - now.clientHeight} px`);
    for (const option of now.querySelectorAll(".opt")) if (!within(option, outer)) cut.push(`${where}: ${option.innerText}`);
  };
  const shell = jupyterapp.shell, sides = ["collapse", "expand"];
  for (const side of shell.leftCollapsed ? sides : sides.reverse()) {
    shell[`${side}Left`]();
    await frames(3);
    look(`${exercise.lang}, ${side}`);
    const other = exercise.querySelector(".langs button:not([aria-current])").value;
    exercise.querySelector(`.langs [value=${other}]`).click();
    while (exercise.lang !== other) await frames(1);
    await frames(2);
    look(`${other}, ${side}`);
  }
  return cut;
}
"""


GO_ON = """
async (reply) => {
  const exercise = document.querySelector(".tk.exercise");
  const count = () => exercise.querySelectorAll(".talk > li").length, before = count();
  const when = async (there) => { while (!there()) await new Promise(requestAnimationFrame) };
  await when(() => !exercise.querySelector(".fresh")); // the other language is to be read, too
  const open = [...exercise.querySelectorAll(".opt:enabled")];
  (open.at(reply) ?? open[0]).click();
  await when(() => count() > before);
  return !exercise.matches(".finished");
}
"""


@pytest.mark.parametrize(
    ("cases", "reply"),
    [
        pytest.param(WALKED, 0, marks=pytest.mark.long),
        *[pytest.param(EVERY, reply, marks=pytest.mark.long) for reply in (0, 1, -1)],
    ],
    ids=["three", "first", "second", "last"],
)
def test_every_option_and_the_last_words_are_in_sight(page, room, cases, reply):
    """1280 × 800, the left panel closed and open, in both languages, turn by turn; a run by this of the open replies."""
    running, _ = room
    for case in cases:
        write(running, f"walk/{case}.ipynb", call(case, more=f", seed={len(cases) + reply}"))
    visit(page, running, f"walk/{cases[0]}.ipynb")
    for case in cases:
        if case != cases[0]:
            open_tab(page, f"walk/{case}.ipynb")
        arrived(page)
        for turn in range(30):
            assert page.evaluate(CUT) == [], (case, turn)
            if turn == 3:
                shot(page, f"opening-walk-{case}")
            if not page.evaluate(GO_ON, reply):
                break
        assert turn >= 2
        close_tab(page)


def close_tab(page):
    """Close the notebook on the screen, which asks nothing."""
    command(page, "application:close")
    page.wait_for_selector(".tk.exercise", state="detached")
    assert page.locator(".jp-Dialog").count() == 0


WINDOWED = """(windowingMode) => {
  const factory = jupyterapp.docRegistry.getWidgetFactory("Notebook");
  factory.notebookConfig = { ...factory.notebookConfig, windowingMode };
}"""  # as a setting does that is changed


@pytest.mark.long
def test_an_exercise_far_below(page, room):
    """In each of JupyterLab's ways to draw long notebooks: untrusted, in another folder, with an output of another day."""
    running, _ = room
    old = {"application/vnd.jupyter.widget-view+json": {"version_major": 2, "version_minor": 0, "model_id": "0" * 32}}
    old["text/html"] = trainkit.exercise("second_place", "en", answers=[])._repr_mimebundle_()[0]["text/html"]
    for seed, mode in enumerate(("full", "defer", "none", "contentVisibility"), 20):
        path = f"letter/{mode} 100%.ipynb"
        write(running, path, call("second_place", "en", f", seed={seed}"), above=LONG, below=LONG, output=old)
        before = (running.root / path).read_bytes()
        if mode == "full":
            running.set(TRACKER, windowingMode=mode)
            visit(page, running, quote(path))
        else:
            page.evaluate(WINDOWED, mode)
            open_tab(page, path)
        arrived(page)
        assert page.evaluate("jupyterapp.shell.currentWidget.content.notebookConfig.windowingMode") == mode
        assert page.locator(".tk.exercise").count() == 1
        says(page)
        assert page.evaluate(INSIDE)
        assert not page.evaluate(DIRTY)
        assert (running.root / path).read_bytes() == before
        close_tab(page)
    running.set(TRACKER)


# ---- what people and machines do to it --------------------------------------------------------------------------


@pytest.mark.long
def test_opened_twice(page, room):
    """Another view of the same notebook, and another browser: nothing runs twice, a reply counts once."""
    running, _ = room
    write(running, "twice.ipynb", call("advice_or_service"))
    visit(page, running, "twice.ipynb")
    arrived(page)
    says(page)
    begun = logged(running)
    command(page, "docmanager:clone")
    page.wait_for_function("document.querySelectorAll('.tk.exercise .log').length === 2")
    page.evaluate(FRAMES, 30)
    assert logged(running) == begun
    said = "[...document.querySelectorAll('.tk.exercise .talk')].map((talk) => talk.children.length)"
    before = page.evaluate(said)
    page.locator(".tk.exercise .opt:enabled:visible").last.click()
    page.wait_for_function(f"(before) => {said}.every((n, at) => n > before[at])", arg=before)  # both show it
    with contextlib.closing(room[1].browser.new_context()) as other:
        second = other.new_page()
        visit(second, running, "twice.ipynb")
        arrived(second)
        assert second.inner_text(".tk.exercise .talk") == page.locator(".tk.exercise .talk").last.inner_text()
        says(second)
        attempts, events = logged(running)
        assert attempts == begun[0] and events == begun[1] + 2
        page.locator(".tk.exercise .opt:enabled:visible").first.click()  # of a screen that is no longer the current one
        alert = page.locator(".tk.exercise .alert:visible").first
        alert.wait_for()
        assert "успела смениться" in alert.inner_text() and "Traceback" not in page.inner_text("body")
        assert logged(running) == (attempts, events)
        assert page.locator(".tk.exercise:visible .talk").last.inner_text() == second.inner_text(".tk.exercise .talk")


NOTICE = "(jupyterapp.shell.currentWidget.node.querySelector('.trainkit-notice')?.innerText ?? '')"


@pytest.mark.long
def test_a_slow_kernel_and_meanwhile_what_others_have_written(page, room):
    """No Python within ten seconds is said. In another window: a lost quote, a misspelt case, modules beside a notebook."""
    running, window = room
    write(running, "slow.ipynb", call(), kernel="slow")
    visit(page, running, "slow.ipynb")
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=60_000)
    page.evaluate("window.noticed = ''")
    page.evaluate(
        f"new MutationObserver(() => (noticed ||= {NOTICE})).observe(document, {{ subtree: true, childList: true }})"
    )
    with contextlib.closing(window.new_page()) as other:
        write(running, "quote.ipynb", call().replace('racket_refund"', "racket_refund"))
        visit(other, running, "quote.ipynb")
        other.wait_for_selector(".trainkit-notice")
        assert "Текст ячейки с разговором изменён" in other.evaluate(NOTICE)
        assert call().partition("\n")[2] in other.evaluate(NOTICE)  # what it should read
        idle(other)
        command(other, "notebook:run-all-cells")
        other.wait_for_function(f"{NOTICE}.includes('кавычка')")
        assert other.locator(".jp-OutputArea-output").count() == 0  # no traceback
        shot(other, "opening-quote")
        write(running, "misspelt.ipynb", call("racket_refnd"))
        open_tab(other, "misspelt.ipynb")
        said = other.wait_for_function(NOTICE).json_value()
        assert said == 'unknown case "racket_refnd". Did you mean "racket_refund"?'
        write(running, "foreign/letter.ipynb", call())
        for name in ("trainkit", "yaml", "sqlalchemy", "anywidget", "ipywidgets", "jinja2", "platformdirs", "pydantic"):
            (running.root / "foreign" / f"{name}.py").write_text(f"open('ran-{name}', 'w').close()\n")
        open_tab(other, "foreign/letter.ipynb")
        arrived(other)
        says(other)
        assert [file.name for file in (running.root / "foreign").glob("ran-*")] == []
    page.wait_for_selector(".tk.exercise .opt", state="attached", timeout=60_000)
    assert "Python не отвечает" in page.evaluate("noticed") and "Run All Cells" in page.evaluate("noticed")
    page.wait_for_selector(".trainkit-notice", state="detached")
    arrived(page)


@contextlib.contextmanager
def locked(running):
    """Another program writes in the log and doesn't finish."""
    with contextlib.closing(sqlite3.connect(running.database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


@pytest.mark.long
def test_a_log_that_cannot_be_written(page, room):
    """Read-only, or locked: a sentence in the exercise's place. Locked in mid-case: the reply stays, a retry saves it."""
    running, _ = room
    Log(running.database).prepare()
    unlike_others = call("second_place", more=', feedback="none"')  # there is nothing to go on with
    write(running, "read_only.ipynb", unlike_others, kernel="read-only")
    write(running, "locked.ipynb", unlike_others)
    visit(page, running, "read_only.ipynb")
    page.wait_for_selector(".trainkit-notice:has-text('readonly')")
    with locked(running):
        open_tab(page, "locked.ipynb")
        said = page.wait_for_function(NOTICE).json_value()
        assert said.startswith("Разговор не начался: ответы не сохранить (database is locked).")
        assert page.locator(".jp-OutputArea-output:visible").count() == 0  # no traceback
        shot(page, "opening-locked")
    command(page, "notebook:run-all-cells")
    arrived(page)
    assert page.evaluate(NOTICE) == ""
    before = lines(page)
    with locked(running):
        page.click(".tk.exercise .opt >> nth=0")
        page.wait_for_selector(".tk.exercise .alert:has-text('НЕ сохранён')")
        assert page.locator(".tk.exercise .opt.unsaved").count() == 1 and lines(page) == before
    page.click(".tk.exercise [data-retry]")
    page.wait_for_function("(n) => document.querySelectorAll('.tk.exercise .talk > li').length > n", arg=before)
    assert page.locator(".tk.exercise .alert").count() == 0 and step(page) == 1


@pytest.mark.long
def test_a_page_of_it_that_is_read_without_the_internet(room, tmp_path):
    """`nbconvert --execute`, as one sends a notebook to somebody who has no Python."""
    environment = os.environ | {"TRAINKIT_DATABASE": str(tmp_path / "log.sqlite3"), "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "nbconvert", "--execute", "--to=html", f"--output-dir={tmp_path}", ROOT / CASE]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with contextlib.closing(room[1].browser.new_context(offline=True)) as offline:
        page = offline.new_page()
        page.goto((tmp_path / "03_racket_refund.html").as_uri())
        page.wait_for_selector(".tk.exercise .talk li")
        shot(page, "opening-nbconvert")
        assert page.locator(".tk.exercise .talk li").first.is_visible()
        assert page.locator(".tk.exercise .title").inner_text().split() == ["Пропажа", "из", "машины"]
        assert page.locator(".tk.exercise button:visible").count() == 0
