"""The notebooks of a site, without a server: played, kept, brought home, and what can't be done there is said."""

import pytest
from support.form_hands import Mouse
from support.jupyter_lab import shot
from support.lite import choose, download, lite, made, step
from support.places import ROOT

from trainkit.cli.main import main
from trainkit.log.store import Log

NAMES = sorted(file.stem for file in (ROOT / "notebooks" / "en").glob("*.ipynb"))
ALONE = [name for name in NAMES if name < "10"]  # begin by themselves
RESEARCH = [name for name in NAMES if name >= "20"]
WRITTEN = """
async ([path, words]) => {
  const file = await jupyterapp.serviceManager.contents.get(path, { content: true });
  return file?.content?.includes(words);
}
"""


@pytest.fixture(scope="module")
def site(npm, tmp_path_factory):
    return made(tmp_path_factory.mktemp("lite") / "site", "racket_refund", "--lang", "ru")


@pytest.mark.long
def test_a_conversation_is_played_kept_and_brought_home(site, chromium, tmp_path, monkeypatch):
    """From the address alone to the debrief; the page is closed in the middle; the log is a file that the kit imports."""
    with lite(chromium, site) as there:
        page = there.context.new_page()
        page.goto(f"{there.address}lab/")
        page.wait_for_url("**/lab/lab/index.html?path=notebooks/ru/00_start_here.ipynb*", timeout=120_000)
        page.close()
        page = there.playing("ru/03_racket_refund")
        for _ in range(2):
            choose(page)
        shot(page, "lite-exercise")
        page.close()
        page = there.playing("ru/03_racket_refund")
        assert step(page) == 2
        while not page.locator(".tk.exercise .debrief").count():
            choose(page)
        assert "Чем кончилось" in page.inner_text(".tk.exercise .debrief")
        shot(page, "lite-debrief")
        file = download(page, "data/log.sqlite3", tmp_path)
    log = Log(file)
    (record,) = log.attempts()
    events = log.events(record.attempt)
    assert record.case_id == "racket_refund" and events[-1].ending and len(events) > 2
    monkeypatch.setenv("TRAINKIT_DATABASE", str(tmp_path / "home.sqlite3"))
    log.close()
    assert main(["import", str(file)]) == 0
    (home,) = Log(tmp_path / "home.sqlite3").attempts()
    assert home.attempt == record.attempt


@pytest.mark.long
def test_a_class_is_held_elsewhere(site, chromium):
    """What a browser can't do is said in a sentence."""
    with lite(chromium, site) as there:
        page, (_, room, debrief) = there.run("ru/10_workshop")
        assert "Занятию нужен сервер" in room["text"] and not room["errors"]
        assert "Занятие ещё не начато" in debrief["text"] and not debrief["errors"]
        assert page.locator(".jp-OutputArea button:enabled").count() == 0
        shot(page, "lite-workshop")


@pytest.mark.long
def test_a_case_is_written_by_form(site, chromium):
    with lite(chromium, site) as there:
        page, cells = there.run("en/11_write_a_case")
        assert [cell["errors"] for cell in cells[:4]] == [[]] * 4
        ((_, said),) = cells[4]["errors"]
        assert "does not run in a browser (graphlay is missing)" in said
        form = Mouse(page)
        form.write("#scenes-counter-title", "Written without a server")
        page.keyboard.press("Tab")
        page.wait_for_function(WRITTEN, arg=["notebooks/en/my_cases/my_case/case.yml", "Written without a server"])
        shot(page, "lite-form")


@pytest.mark.long
def test_research_says_what_it_lacks(site, chromium):
    with lite(chromium, site) as there:
        _, cells = there.run("en/21_reliability")
        (first, *_) = [cell["errors"] for cell in cells if cell["errors"]]
        assert "trainkit site … --lab --pyodide FOLDER" in first[0][1]


@pytest.mark.long
@pytest.mark.parametrize("lang", ["ru", "en"])
@pytest.mark.parametrize("name", ALONE)
def test_every_notebook_for_trainees_begins_and_answers(name, lang, site, chromium):
    with lite(chromium, site) as there:
        page = there.playing(f"{lang}/{name}")
        if page.locator(".tk.exercise .opt").count():
            while not page.locator(".tk.exercise .debrief").count():
                choose(page, page.locator(".tk.exercise .opt:enabled").count() - 1)


@pytest.mark.long
@pytest.mark.parametrize("lang", ["ru", "en"])
@pytest.mark.parametrize("name", RESEARCH)
def test_every_notebook_for_research_says_what_it_lacks(name, lang, site, chromium):
    with lite(chromium, site) as there:
        _, cells = there.run(f"{lang}/{name}")
        errors = [error for cell in cells for error in cell["errors"]]
        assert errors and "--pyodide FOLDER" in errors[0][1]
