"""A trainee in real JupyterLab in real Chromium: whole cases, a killed kernel, the keyboard, a narrow window, dark."""

import os
import re
import signal
import sqlite3
from dataclasses import dataclass

import nbformat
import pytest
from support.class_server import Browser
from support.jupyter_lab import (
    accessible,
    arrived,
    begun,
    browser,
    command,
    fits_sideways,
    lab,
    open_notebook,
    press,
    run_all,
    shot,
    step,
    visit,
    watched_page,
)
from support.option_ids import option_id
from support.ports import free_port

from trainkit.session.option_codes import code_of


@pytest.fixture(scope="module")
def room(chromium_path, tmp_path_factory):
    with lab(tmp_path_factory.mktemp("lab")) as running, browser(chromium_path) as chromium:
        # a window for all tests: JupyterLab's megabytes are fetched and compiled once; what it keeps, it keeps on its server
        yield running, chromium.new_context(viewport={"width": 1280, "height": 900})


@pytest.fixture
def page(room):
    with watched_page(room[1]) as opened:
        yield opened


def events(room):
    if not room[0].database.exists():
        return []
    with sqlite3.connect(room[0].database) as database:
        return database.execute(
            "SELECT a.case_id, e.attempt, e.step, e.kind, e.option, e.ending, e.lang FROM events e "
            "JOIN attempts a USING (attempt) ORDER BY a.started_at, e.step"
        ).fetchall()


def answer(page, value):
    """Click an option and wait until it is confirmed."""
    press(page, f'.opt[value="{code_of(value)}"]:enabled')


def open_values(page):
    return [*map(option_id, page.eval_on_selector_all(".tk.exercise .opt:enabled", "all => all.map(e => e.value)"))]


def play_through(page, room, name, pick):
    """Play until the debrief; the log must have exactly what was clicked."""
    clicked = []
    for turn in range(40):
        values = open_values(page)
        if not values:
            break
        clicked.append(pick(values, turn))
        answer(page, clicked[-1])
        if turn == 1:
            shot(page, f"{name}-talk")
    page.wait_for_selector(".tk .debrief")
    shot(page, f"{name}-ending")
    last_line = page.locator(".tk .talk > li").last.bounding_box()
    frame = page.locator(".tk .log").bounding_box()
    assert last_line["y"] + last_line["height"] <= frame["y"] + frame["height"] + 1  # the ending can be read
    rows = [row for row in events(room) if row[3] == "choose"]
    last = [row for row in rows if row[1] == rows[-1][1]]
    assert [row[4] for row in last] == clicked and last[-1][5]
    return clicked


@pytest.mark.parametrize(
    ("lang", "notebook", "dark"),
    [
        ("ru", "03_racket_refund", False),
        pytest.param("en", "04_power_upgrade", True, marks=pytest.mark.long),
    ],
)
def test_a_whole_case(page, room, lang, notebook, dark):  # and axe finds nothing in talk or debrief
    open_notebook(page, room[0], f"notebooks/{lang}/{notebook}.ipynb", dark)
    arrived(page)
    assert page.locator(".jp-OutputArea-output .jp-RenderedText[data-mime-type*=stderr]").count() == 0
    accessible(page)
    play_through(page, room, f"{lang}-{notebook}", lambda values, turn: values[turn % len(values)])
    accessible(page)
    debrief = page.inner_text(".tk .debrief")
    assert bool(re.search("[а-яё]", debrief)) == (lang == "ru")
    assert page.locator(".tk .debrief .move").count() >= 1
    page.locator(".tk .debrief").scroll_into_view_if_needed()
    shot(page, f"{lang}-{notebook}-debrief")
    page.click('.tk .debrief [name="again"]')
    page.wait_for_selector(".tk.exercise .opt")
    assert step(page) == 0
    arrived(page)  # from the beginning of the page, which had been read to its end
    # no news toast, no outside address asked for
    assert page.locator(".Toastify__toast").count() == 0


@pytest.mark.slow
def test_kernel_gone_in_mid_case(page, room):
    open_notebook(page, room[0], "notebooks/ru/02_cancer_misdiagnosis.ipynb")
    begun(page)
    answer(page, open_values(page)[0])
    answer(page, open_values(page)[0])
    where, lines = step(page), page.inner_text(".tk .talk")
    options = open_values(page)
    page.wait_for_selector(".page > .now:not(.fresh)")
    running = room[0]
    for end in ("killed", "restarted", "shut down"):
        page.evaluate("document.querySelector('.tk.exercise').classList.add('old')")
        if end == "killed":  # JupyterLab begins another, and says so
            for pid in running.kernels():
                os.kill(pid, signal.SIGKILL)
            page.eval_on_selector(f'.tk.exercise .opt[value="{code_of(options[0])}"]', "option => option.click()")
            alert = "document.querySelector('.tk.exercise.old:has(.opt.chosen.unsaved) .alert')?.innerText"
            assert "Не подтверждено" in page.wait_for_function(alert).json_value()
            page.click(".jp-Dialog button:has-text('Ok')", timeout=60_000)
        elif end == "restarted":
            command(page, "notebook:restart-kernel")
            page.click(".jp-Dialog button.jp-mod-warn")
        else:
            running.end_kernels()
            page.click(f'.tk.exercise .opt[value="{code_of(options[0])}"]')
            page.wait_for_selector(".tk.exercise .alert", timeout=20_000)
            shot(page, "ru-not-confirmed")
            assert "Не подтверждено" in page.inner_text(".tk.exercise .alert")
            assert page.locator(".tk.exercise .opt.chosen.unsaved").count() == 1
            page.reload()
        # it comes back by itself, where it was; what was not confirmed is not there
        page.wait_for_selector(".tk.exercise:not(.old) .opt:enabled", timeout=60_000)
        arrived(page)
        assert step(page) == where and page.inner_text(".tk .talk") == lines and open_values(page) == options
        assert page.eval_on_selector(".tk .log", "e => e.scrollHeight - e.scrollTop - e.clientHeight < 2")  # at its end
        assert len([row for row in events(room) if row[0] == "cancer_misdiagnosis"]) == where
    shot(page, "ru-resumed")


@pytest.mark.long
def test_keyboard_alone(page, room):
    open_notebook(page, room[0], "notebooks/en/01_appendicitis.ipynb")
    arrived(page)
    for turn in range(40):
        values = open_values(page)
        if not values:
            break
        wanted = values[-1] if turn % 2 else values[0]
        every = [*map(option_id, page.eval_on_selector_all(".tk.exercise .opt", "all => all.map(e => e.value)"))]
        before = page.locator(".tk .talk > li").count()
        page.wait_for_selector(".page > .now:not(.fresh)")
        page.keyboard.press(str(every.index(wanted) + 1))
        assert option_id(page.evaluate("document.activeElement.value")) == wanted
        page.keyboard.press("Enter")
        page.wait_for_function("n => document.querySelectorAll('.tk .talk > li').length > n", arg=before)
        page.wait_for_selector(".tk.exercise:not([aria-busy])")
    page.wait_for_selector(".tk .debrief")
    assert page.evaluate("document.activeElement.closest('.tk.exercise') !== null")  # focus is not lost


@pytest.mark.long
def test_language_switch_keeps_the_place(page, room):
    open_notebook(page, room[0], "notebooks/ru/01_appendicitis.ipynb")
    begun(page)
    if page.query_selector(".tk .debrief"):  # the keyboard's run: its debrief is still there
        page.click('.tk .debrief [name="again"]')
        page.wait_for_selector(".tk.exercise .opt:enabled")
    answer(page, open_values(page)[0])
    where, values = step(page), open_values(page)
    page.click('.tk .langs [value="en"]')
    page.wait_for_selector('.tk.exercise[lang="en"]')
    assert step(page) == where and open_values(page) == values
    assert not re.search("[а-яё]", page.inner_text(".tk .talk").lower())
    page.click('.tk .langs [value="ru"]')
    page.wait_for_selector('.tk.exercise[lang="ru"]')


@pytest.mark.long
@pytest.mark.parametrize("lang", ["ru", "en"])
def test_320_pixels(page, room, lang):
    open_notebook(page, room[0], f"notebooks/{lang}/04_power_upgrade.ipynb")
    begun(page)
    # a phone's width for the exercise itself; JupyterLab's own frame needs more
    page.add_style_tag(content=".tk.exercise { width: 320px !important }")
    answer(page, open_values(page)[-1])
    page.wait_for_timeout(300)
    fits_sideways(page)
    page.locator(".tk.exercise").scroll_into_view_if_needed()
    shot(page, f"{lang}-320")


@pytest.mark.long
def test_double_click_is_one_answer(page, room):
    open_notebook(page, room[0], "notebooks/en/02_cancer_misdiagnosis.ipynb")
    begun(page)
    before = len(events(room))
    said = page.locator(".tk .talk > li").count()
    page.dblclick(".tk.exercise .opt:not([disabled]) >> nth=0")
    page.wait_for_function("n => document.querySelectorAll('.tk .talk > li').length > n", arg=said)
    page.wait_for_timeout(800)  # a second answer would be here by now
    assert len(events(room)) == before + 1
    said = page.locator(".tk .talk > li").count()
    page.hover(".tk.exercise .opt:enabled >> nth=0")
    for half in (1, 2):  # by hand the second half comes when the next scene is there
        box = page.locator(".tk.exercise .opt:enabled >> nth=0").bounding_box()
        page.mouse.move(box["x"] + 20, box["y"] + 20)
        page.mouse.down(click_count=half)
        page.mouse.up(click_count=half)
        page.wait_for_function("n => document.querySelectorAll('.tk .talk > li').length > n", arg=said)
    page.wait_for_timeout(800)
    assert len(events(room)) == before + 2
    page.focus(".tk.exercise .opt:enabled >> nth=0")
    for _ in range(20):  # Enter held down repeats itself
        page.keyboard.down("Enter")
        page.wait_for_timeout(50)
    page.keyboard.up("Enter")
    page.wait_for_timeout(800)
    assert len(events(room)) == before + 3


@pytest.mark.slow
def test_busy_kernel_says_not_confirmed_and_a_retry_counts_once(page, room):
    cells = [
        'import trainkit\ntrainkit.exercise("racket_refund", "ru", participant="busy")',
        "import pathlib, time\nwhile not pathlib.Path('go').exists():\n    time.sleep(0.1)",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, room[0].root / "busy.ipynb")
    open_notebook(page, room[0], "busy.ipynb")
    run_all(page)
    before = len(events(room))
    page.click(".tk.exercise .opt >> nth=0")
    page.wait_for_selector(".tk.exercise .alert")
    assert "программа пока не ответила" in page.inner_text(".tk.exercise .alert")
    shot(page, "ru-busy")
    assert "не подтверждено" in page.inner_text(".tk.exercise .opt.unsaved")
    page.click(".tk.exercise [data-retry]")
    (room[0].root / "go").touch()
    page.wait_for_function("document.querySelector('.tk.exercise .now [name=step]')?.value === '1'", timeout=30_000)
    page.wait_for_timeout(500)
    assert page.locator(".tk.exercise .alert").count() == 0
    assert len(events(room)) == before + 1


@pytest.mark.parametrize(
    ("lang", "dark"),
    [pytest.param("ru", False, marks=pytest.mark.slow), pytest.param("en", True, marks=pytest.mark.long)],
)
def test_an_author_writes_a_case(page, room, lang, dark):
    """Begin, check, draw, play; then break a name in the file and see where."""
    running, _ = room
    open_notebook(page, running, f"notebooks/{lang}/11_write_a_case.ipynb", dark)
    run_all(page)
    page.wait_for_selector(".jp-OutputArea svg text", timeout=60_000)
    file = running.root / "notebooks" / lang / "my_cases" / "my_case" / "case.yml"
    page.locator('a[href*="my_case"]').last.wait_for(state="attached", timeout=60_000)  # the map comes before the links
    assert file.exists()
    assert page.locator(".tk.exercise .opt").count() == 4
    picture = page.locator(".jp-OutputArea svg", has_text="●").first
    assert "Скрип" in picture.inner_html() if lang == "ru" else "squeal" in picture.inner_html()
    picture.scroll_into_view_if_needed()
    shot(page, f"{lang}-author-map")
    page.locator(".jp-OutputArea table").last.scroll_into_view_if_needed()
    shot(page, f"{lang}-author-check")
    file.write_text(file.read_text("utf-8").replace("goto: offer", "goto: ofer"), "utf-8")
    command(page, "notebook:run-all-cells")
    page.wait_for_selector('.jp-OutputArea:has-text("Did you mean \\"offer\\"")', timeout=60_000)


@pytest.mark.slow
def test_a_room_held_from_a_notebook(page, room):
    """10_workshop: start the server, a room joins by HTTP, the pictures come by themselves, stop, the debrief is written."""
    port = free_port()
    file = room[0].root / "notebooks/ru/10_workshop.ipynb"
    file.write_text(file.read_text("utf-8").replace("database=None", f'host=\\"127.0.0.1\\", port={port}'), "utf-8")
    open_notebook(page, room[0], "notebooks/ru/10_workshop.ipynb")
    command(page, "notebook:run-all-cells")
    page.wait_for_selector("button:has-text('Начать занятие')", timeout=60_000)
    page.click("button:has-text('Начать занятие')")
    page.wait_for_selector("[role=img][aria-label='QR-код для входа'] svg", timeout=60_000)
    code = re.search(r"\b\d{3} \d{3}\b", page.inner_text(".jp-Notebook"))[0]
    page.wait_for_selector("a:has-text('пульт')[href]")  # it comes by itself, and isn't in the widget's state
    wall, remote = (page.get_attribute(f"a:has-text('{words}')", "href") for words in ("экран для проектора", "пульт"))
    assert wall.endswith("/wall")
    trainees = [Browser(Joined(port, code.replace(" ", ""))) for _ in range(6)]
    for number, trainee in enumerate(trainees):
        trainee.join(f"Гость {number}")
    trainer = Browser(Joined(port, ""))
    trainer.get("/t/" + remote.rsplit("/", 1)[1])
    trainer.press("do", "open")  # everybody starts
    for number, trainee in enumerate(trainees):
        trainee.get("/play")
        trainee.press("begin")
        while options := trainee.page.buttons("option"):
            trainee.press("option", options[number % len(options)])
    page.wait_for_selector("b:has-text('В зале 6')", timeout=30_000)
    page.wait_for_selector("svg[role=img][aria-label*='стойки']", timeout=30_000, state="attached")
    page.locator("svg[role=img][aria-label*='стойки']").scroll_into_view_if_needed()
    shot(page, "ru-10_workshop")
    page.click("button:has-text('Остановить сервер')")
    page.wait_for_selector("text=Ничего не потеряно", timeout=30_000)
    with pytest.raises(OSError):
        Browser(Joined(port, "")).get("/")
    command(page, "notebook:run-all-cells")  # another kernel's end or another day: the same room goes on
    page.wait_for_selector("button:has-text('Начать занятие'):enabled", timeout=60_000)
    page.click("button:has-text('Начать занятие')")
    page.wait_for_selector("b:has-text('В зале 6')", timeout=60_000)
    page.click("button:has-text('Остановить сервер')")
    page.wait_for_selector("text=Ничего не потеряно", timeout=30_000)


@dataclass
class Joined:
    """What a browser of `classroom` needs to know of a server that it didn't start."""

    port: int
    code: str


@pytest.mark.long
def test_what_a_stranger_does_around_the_exercise(page, room):
    """The mouse on every button of an opened debrief, the strip beside the output, the scissors, the way back to the list."""
    visit(page, room[0], "notebooks/ru/03_racket_refund.ipynb")
    arrived(page)
    page.click(".tk.exercise .to-shelf button")  # in the middle of a conversation
    page.wait_for_selector(".tk.exercise.leaf")
    page.click('.tk.exercise [name="begin"], .tk.exercise [name="anew"]')
    page.wait_for_selector(".tk.exercise .opt:enabled")
    strip = page.locator(".jp-OutputArea-child:has(.tk.exercise) .jp-OutputArea-promptOverlay")
    assert not strip.is_visible(), "a click there squeezes the exercise"
    page.click('.jp-Toolbar [data-jp-item-name="cut"] :is(button, jp-button)')
    assert page.locator(".tk.exercise").is_visible()
    for _ in range(30):
        if not (values := open_values(page)):
            break
        page.wait_for_selector(".tk.exercise .page > .now:not(.fresh)")
        answer(page, values[-1])
    page.wait_for_selector(".tk.exercise .page > .end:not(.fresh) .debrief")
    for _ in range(2):
        for button in page.locator(".tk.exercise .one-acts button").all():
            button.click(trial=True)  # the pointer reaches it
        shot(page, "debrief-buttons")
        page.click(".tk.exercise .more > summary")
    page.click('.tk.exercise .one-acts [name="again"]')
    page.wait_for_selector(".tk.exercise .opt:enabled")


@pytest.mark.long
def test_the_shelf_leads_to_ones_own_case(page, room):
    """From `trainkit lab` to the notebook with the form, by one click."""
    visit(page, room[0], "notebooks/ru/00_start_here.ipynb")
    page.wait_for_selector(".tk.exercise .shelf a[data-beside]", timeout=90_000)
    page.click(".tk.exercise .shelf a[data-beside]")
    page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) h1:has-text('Напишите свой случай')", timeout=60_000)
