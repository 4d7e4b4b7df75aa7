"""What every page of an exercise looks like: in both languages, light and dark, in a wide window and in one of 360 px."""

import pytest
from support.jupyter_lab import (
    FRAMES,
    accessible,
    arrived,
    browser,
    fits_sideways,
    lab,
    letters_do_nothing,
    play,
    shot,
    visit,
    watched_page,
)

from trainkit.files import casebook

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
THEMES = "@jupyterlab/apputils-extension:themes"
OPEN_ALL = "document.querySelectorAll('.tk.exercise details').forEach((details) => (details.open = true))"
# which replies can't be brought into sight and pressed
OUT_OF_REACH = """
() => [...document.querySelectorAll(".tk.exercise .opt")].filter((option) => {
  option.scrollIntoView({ block: "center" });
  const { left, top, width, height } = option.getBoundingClientRect();
  return !option.contains(document.elementFromPoint(left + width / 2, top + height / 2));
}).map((option) => option.innerText)
"""


@pytest.fixture(scope="module")
def room(chromium_path, tmp_path_factory):
    """Somebody has ended all cases but two: one is open, one is new."""
    with lab(tmp_path_factory.mktemp("looks"), front="jupyterlab") as running, browser(chromium_path) as chromium:
        *ended, begun, _ = casebook.case_ids()
        for name in ended:
            play(running, name)
        play(running, begun, turns=2)
        yield running, chromium.new_context(viewport=WIDE)


@pytest.fixture
def page(room):
    with watched_page(room[1]) as opened:
        yield opened


def press(page, button, shows):
    page.wait_for_selector(".tk.exercise:not(:has(.fresh))")
    page.click(f".tk.exercise {button}")
    page.wait_for_selector(f".tk.exercise {shows}")


def look(page, name):
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        page.evaluate(FRAMES, 5)
        shot(page, f"looks-{name}-{size['width']}")
        fits_sideways(page)
        accessible(page)
    assert page.evaluate(OUT_OF_REACH) == []
    page.set_viewport_size(WIDE)


@pytest.mark.long
@pytest.mark.parametrize(("lang", "dark"), [("ru", False), ("en", False), ("ru", True), ("en", True)])
def test_every_page(page, room, lang, dark):
    """The shelf, the debrief of all cases, a debrief and all that it opens, a first scene."""
    running, _ = room
    ended, *_, new = casebook.case_ids()
    kind = f"{lang}-{'dark' if dark else 'light'}"
    running.set(THEMES, **({"theme": "JupyterLab Dark"} if dark else {}))
    visit(page, running, f"notebooks/{lang}/00_start_here.ipynb")
    arrived(page)
    page.evaluate("jupyterapp.shell.collapseLeft()")
    scheme = page.evaluate("getComputedStyle(document.querySelector('.tk.exercise')).colorScheme")
    assert (page.get_attribute(".tk.exercise", "lang"), scheme) == (lang, "dark" if dark else "light")
    letters_do_nothing(page)
    look(page, f"shelf-{kind}")
    press(page, "[name=page][value=all]", "[name=page][value=shelf]")
    look(page, f"all-{kind}")
    press(page, "[name=page][value=shelf]", ".books")
    press(page, f"[name=begin][value={ended}]", ".debrief")
    letters_do_nothing(page)
    look(page, f"debrief-{kind}")
    page.evaluate(OPEN_ALL)
    look(page, f"debrief-open-{kind}")
    press(page, "[name=page][value=shelf]", ".books")
    press(page, f"[name=begin][value={new}]", ".opt")
    look(page, f"scene-{kind}")


@pytest.mark.long
def test_a_narrow_window_has_room_for_the_exercise(page, room):
    """JupyterLab as it comes has its left panel open, which would leave nothing of 360 px; asked for, it stays open."""
    page.set_viewport_size(NARROW)
    visit(page, room[0], "notebooks/ru/03_racket_refund.ipynb")
    arrived(page)
    assert page.evaluate("jupyterapp.shell.leftCollapsed")
    assert page.locator(".tk.exercise").bounding_box()["width"] > 240
    page.click(".jp-SideBar.jp-mod-left .lm-TabBar-tab >> nth=0")
    page.wait_for_selector(".jp-FileBrowser:visible")
    page.evaluate(FRAMES, 20)
    assert not page.evaluate("jupyterapp.shell.leftCollapsed")
