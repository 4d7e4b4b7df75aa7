"""The debrief pack: what a small room may not be told, words of people stay words, paper can be printed."""

import re
import subprocess

import pytest
from support.rooms import EVIL, Page, by_letter, play

from trainkit.errors import UnknownName
from trainkit.files import casebook
from trainkit.i18n import typeset
from trainkit.paper.debrief_pack import pack_html
from trainkit.room.records import Question
from trainkit.room.run_summary import summarise_run
from trainkit.room.tally import tally
from trainkit.scoring.tomorrow import tomorrow_texts
from trainkit.view.screen import option_words


def pack(rooms, lang="ru", **named):
    return Page(pack_html(list(rooms.values()), lang, date="2026-11-22T09:00:00Z", code="471926", **named))


def because(room, scene):
    split = room.split(scene)
    return option_words(room.case, scene, split.best, "because", dict(split.knew).__getitem__, "ru")


# ---- what a small room may not be told ------------------------------------------------------------------------------


def test_the_pack_of_a_room_of_four_has_no_numbers(racket):
    sessions, _ = play(racket, 4)
    for session in sessions:
        session.apply(session.move("disagree", "ru", number=0, text="а я вот против"))
    paper = pack({racket.id: tally(map(summarise_run, sessions), racket)}, names=True)
    assert 'class="bars"' not in paper.html and "<circle" not in paper.html and "а я вот против" not in paper.text
    endings = [racket.text(f"endings.{name}.title", "ru") for name in racket.endings]
    assert not [name for name in endings if re.search(rf"^{re.escape(name)}$", paper.text, re.M)]


def test_words_of_people_stay_words_on_paper(played):
    rooms, _ = played
    for page in (pack(rooms, names=True), pack(rooms)):
        assert "<script" not in page.html and "alert(" in page.text and "<b>Ира" not in page.html


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_several_cases_are_told_apart_on_paper(racket, other, lang):
    one, two = play(racket, 8, seed=6)[0], play(other, 8, seed=7)[0]
    rooms = {racket.id: tally(map(summarise_run, one), racket), other.id: tally(map(summarise_run, two), other)}
    paper = pack(rooms, lang)
    titles = [typeset(case.text("title", lang), lang) for case in (racket, other)]
    assert [title in paper.text for title in titles] == [True, True]
    assert sum(tag == "section" and a.get("class") == "case" for tag, a in paper.tags) == 2


# ---- the pack ---------------------------------------------------------------------------------------------------


def test_the_pack_has_its_parts_in_order(played):
    rooms, _ = played
    text = pack(rooms, "en").text
    parts = ["Before anyone talks", "Reactions", "Description", "Analysis", "The two sides of the argument", "Summary"]
    found = [text.index(part) for part in (*parts, "What these figures are good for")]
    assert found == sorted(found)
    case = rooms["racket_refund"].case
    assert all(case.text(f"debrief.questions.{n}", "en") in text for n in range(1, len(case.debrief.questions) + 1))
    assert all(words in text for words in tomorrow_texts(case, lambda key: case.text(key, "en"))[:3])
    assert case.text("debrief.counter.text", "en") in text


def test_the_pack_shows_the_rooms_real_splits(played):
    rooms, _ = played
    room, html = rooms["racket_refund"], pack(rooms).html
    told = [split for split in room.splits if not split.withheld]
    shown = re.findall(r'<div class="decision"><h5>.*?</ol>', html, re.S)
    assert len(shown) == len(told) > 5
    for split, block in zip(told, shown, strict=True):
        first = re.findall(r'<span class="n">(?:<span class="hide">[^<]*</span>(\d+) |<b>(\d+)</b>)', block)
        assert [int(a or b) for a, b in first] == by_letter(room.case, split, split.counts)
    for name, n in room.endings.items():
        title = re.escape(room.case.text(f"endings.{name}.title", "ru"))
        assert re.search(rf"{title}</p>.*?<b>{n}</b>".replace(r"\ ", r"\s"), html, re.S)


def test_the_pack_says_no_name_unless_asked(played):
    rooms, members = played
    assert "Имя" not in pack(rooms).text  # the first member's name is also what somebody wrote
    named = pack(rooms, "en", names=True)
    assert all(member.name in named.text for member in members)
    assert "This copy contains names" in named.text


def test_the_pack_is_one_page_alone(played):
    """No script, nothing fetched, a policy that says so; footers can't break out of their string."""
    rooms, _ = played
    found = pack(rooms)
    assert not [tag for tag, _ in found.tags if tag in ("script", "img", "link", "iframe", "object", "form")]
    assert not re.search(r"(?:href|src|url)\s*[=(]", found.html)
    assert "default-src 'none'" in found.html
    hostile = pack_html(list(rooms.values()), "ru", date='"} body{x</style>', code="</style>")
    assert hostile.count("</style>") == 1


def test_a_case_that_nobody_began_has_no_guide(played, racket):
    rooms, _ = played
    other = casebook.load_case("appendicitis")
    alone, beside = pack(rooms, "en"), pack({**rooms, other.id: tally([], other)}, "en")
    title, words = (other.text(name, "en") for name in ("title", "debrief.questions.1"))
    assert words not in beside.text and f"Nobody began: “{title}”." in beside.text and "Nobody began" not in alone.text
    assert [tag for tag, _ in beside.tags].count("section") == [tag for tag, _ in alone.tags].count("section")
    assert racket.text("title", "en") in beside.text
    nobody = pack({other.id: tally([], other)}, "en")
    assert words not in nobody.text and f"Nobody began: “{title}”." in nobody.text


def test_a_language_the_case_has_not_is_refused(played):
    rooms, _ = played
    with pytest.raises(UnknownName, match="language"):
        pack_html(list(rooms.values()), "de", date="2026-11-22", code="1")


# ---- in a real browser ------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.needs("poppler")
def test_the_pack_prints_on_a4(played, chromium, tmp_path):
    """Every page is A4 with its number, and none is nearly empty."""
    from support.accessibility import accessible

    rooms, _ = played
    (tmp_path / "pack.html").write_text(pack(rooms).html, "utf-8")
    page = chromium.new_page(viewport={"width": 1000, "height": 800})
    page.goto(f"file://{tmp_path}/pack.html")
    accessible(page)
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.pdf(path=tmp_path / "pack.pdf", prefer_css_page_size=True)
    page.close()
    about = subprocess.run(["pdfinfo", tmp_path / "pack.pdf"], capture_output=True, text=True).stdout
    assert "A4" in about
    text = subprocess.run(["pdftotext", "-layout", tmp_path / "pack.pdf", "-"], capture_output=True, text=True).stdout
    sheets = text.split("\f")[:-1]
    assert 4 <= len(sheets) <= 9
    assert [bool(re.search(rf"471926\s+{n}\s*/\s*{len(sheets)}\s", sheet)) for n, sheet in enumerate(sheets, 1)] == [
        True
    ] * len(sheets)
    assert min(len(sheet.split()) for sheet in sheets) > 40


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_what_was_asked_without_a_name_is_on_paper_but_what_was_hidden(played, lang):
    rooms, _ = played
    asked = [
        Question(f"{n}" * 32, n, f"{state} {EVIL}?", "ru", "2026-11-29T10:00Z", n, state)
        for n, state in enumerate(("new", "shown", "hidden", "wall", "answered"), 1)
    ]
    paper = pack(rooms, lang, questions=asked)
    items = re.findall(r'<ol class="questions">(.*?)</ol>', paper.html, re.S)[-1].split("<li>")[1:]
    assert [item.split()[0] for item in items] == ["wall", "shown", "new", "answered"]
    assert "<script" not in paper.html and "hidden <" not in paper.text
    assert "(4)" in items[0] and paper.html.count('id="p-asked"') == 1
    assert 'id="p-asked"' not in pack(rooms, lang).html
