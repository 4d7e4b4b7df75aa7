"""A language written from right to left has its direction on every surface; others keep theirs."""

import re

import pytest
from support.places import ROOT
from support.right_to_left import in_hebrew

from trainkit.files import casebook
from trainkit.i18n import direction, isolated
from trainkit.log.memory import MemoryLog
from trainkit.notebook.exercise import Exercise
from trainkit.paper.debrief_pack import pack_html
from trainkit.paper.handout import handout
from trainkit.session.resume import begin
from trainkit.view import render

PHYSICAL = re.compile(
    r"(?<![\w.-])((margin|padding|border)-(left|right)\b|(left|right)\s*:|(text-align|float)\s*:\s*(left|right))"
)


@pytest.fixture(scope="module")
def brakes(tmp_path_factory):
    """The case that `trainkit new` begins with, in Hebrew, too."""
    return casebook.load_case(in_hebrew(tmp_path_factory.mktemp("cases")))


def head(html):
    return re.search(r"<(?:html|section)[^>]*>", html).group()


def test_the_translation_is_whole(brakes):
    assert "he" in brakes.languages and brakes.text("title", "he") == "הבלמים חורקים"


@pytest.mark.parametrize(("lang", "way"), [("he", "rtl"), ("ru", "ltr"), ("en", "ltr")])
def test_every_surface_says_its_direction(brakes, lang, way):
    session = begin(MemoryLog(), brakes, "דנה", seed=1)
    for option in ("together", "enough", "clean"):
        session.do("choose", lang, step=session.step, option=option)
    widget = Exercise(session, lang)
    still = widget._repr_mimebundle_()
    still = (still[0] if isinstance(still, tuple) else still)["text/html"]
    assert widget.state["dir"] == way and widget.state["lang"] == lang
    rooms, _ = _room(brakes)
    surfaces = {
        "phone, wall, remote": render.template("class_head.html", lang, title="", assets=""),
        "paper": handout(brakes, lang),
        "debrief pack": pack_html(list(rooms.values()), lang, date="2026-11-30T22:00:00Z", code="123456"),
        "debrief to keep": render.debrief_file(session, lang, "2026-11-30"),
        "widget, kept": still,
    }
    for surface, html in surfaces.items():
        assert f'lang="{lang}"' in head(html) and ('dir="rtl"' in head(html)) == (way == "rtl"), surface


def _room(case):
    from support.rooms import play

    from trainkit.room.run_summary import summarise_run
    from trainkit.room.tally import tally

    sessions, members = play(case, 6)
    return {case.id: tally(map(summarise_run, sessions), case)}, members


def test_nothing_is_laid_out_by_left_and_right():
    """Physical sides don't turn with the language: margins, borders and places are said from start to end."""
    for file in (ROOT / "src" / "trainkit").rglob("*.css"):
        text = re.sub(r"@page[^@]*?\}\s*\}", "", re.sub(r"/\*.*?\*/", "", file.read_text("utf-8"), flags=re.S))
        text = re.sub(r"\[dir=\"rtl\"\][^{]*\{[^}]*\}", "", text)
        found = PHYSICAL.search(text)
        assert found is None, (file.name, text[max(0, found.start() - 80) : found.end() + 40])


def test_arrows_that_lead_on_can_be_turned():
    for file in (ROOT / "src" / "trainkit").rglob("templates/*.html"):
        text = re.sub(r"\{#.*?#\}|\{% trans.*?endtrans %\}|gettext\([^)]*\)", "", file.read_text("utf-8"), flags=re.S)
        if file.name == "coding.html":
            continue  # there they are keys
        for one in re.finditer("[→←]", text):
            assert text[: one.start()].endswith('<span class="arrow">'), file.name


def test_directions():
    assert [direction(lang) for lang in ("he", "ar", "fa", "ur", "ru", "en", "de", "")] == ["rtl"] * 4 + ["ltr"] * 4
    assert isolated("Анна", "ru") == "Анна" and len(isolated("Анна", "he")) == 6
