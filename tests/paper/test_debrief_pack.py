"""Board and debrief pack: what the trainer set shows and nothing else, words of people stay words, paper can be printed."""

import random
import re
import subprocess
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from support.places import ROOT

from trainkit.errors import UnknownName
from trainkit.files import casebook
from trainkit.i18n import typeset
from trainkit.log.records import new_record
from trainkit.log.store import Log
from trainkit.paper.debrief_pack import pack_html
from trainkit.room.records import Ballot, Member, Stage
from trainkit.room.run_summary import summarise_run
from trainkit.room.tally import tally
from trainkit.scoring.tomorrow import tomorrow_texts
from trainkit.session.session import Session
from trainkit.view import phone as pages
from trainkit.view import render
from trainkit.view.board import board_html, order
from trainkit.view.screen import option_words

EVIL = '<script>alert("x")</script> & <b>Ира</b>'
EMPTY = {"meta", "br", "hr", "img", "input", "link"}
QR = '<svg viewBox="0 0 9 9"><path d="M0 0"/></svg>'


class Page(HTMLParser):
    """Tags with their attributes and all the text; refuses tags that don't balance, and an id that stands twice."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.text, self.comments = [], [], "", []
        self.html = html
        self.feed(html)
        self.close()
        assert not self.open, f"never closed: {self.open}"
        ids = [a["id"] for _, a in self.tags if "id" in a]
        assert len(ids) == len(set(ids)), [name for name in ids if ids.count(name) > 1]

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "title"):
            self.text += data

    def controls(self):
        return {a["id"]: a for tag, a in self.tags if tag in ("button", "select") or (tag == "a" and "id" in a)}

    def counts(self):
        """The large numbers beside the replies on the wall."""
        return re.findall(r'<div class="counts"><b class="num[^"]*">(?:<span.*?</span>)?(\d+)', self.html)


def play(case, n, seed=1, stop=100):
    dice, sessions, members = random.Random(seed), [], []
    for k in range(n):
        member = Member(f"m{seed}-{k}", EVIL if k == 1 else f"Имя{k}", k == 2, "ru", f"2026-01-01T10:{k % 60:02}:00Z")
        record = new_record(case, member.name, dice.randrange(10**6), {}, None, member=member.member, run=0)
        session = Session(Log("sqlite://"), record, case, [])
        while session.phase != "over" and session.step < stop:
            session.apply(session.move("choose", "ru", step=session.step, option=dice.choice(session.attempt.open)))
        sessions.append(session)
        members.append(member)
    return sessions, members


@pytest.fixture(scope="module")
def racket():
    return casebook.load_case(ROOT / "casebook" / "racket_refund")


@pytest.fixture(scope="module")
def other():
    return casebook.load_case(ROOT / "casebook" / "appendicitis")


@pytest.fixture(scope="module")
def played(racket):
    sessions, members = play(racket, 24)
    for k, session in enumerate(sessions):
        names = [name for name, _, _ in session.first("counter").open]
        session.apply(session.vote("counter", 1, names[k % 2], "ru"))
        if k % 6 == 0:
            session.apply(session.move("disagree", "ru", number=0, text=f"{EVIL} {k}"))
    return {racket.id: tally(map(summarise_run, sessions), racket)}, members


def board(rooms, members, stage=None, lang="ru"):
    address = {"address": "10.0.0.1:8000", "code": "471926", "qr_svg": QR}
    return Page(board_html(rooms, members, stage or Stage(), lang, **address))


def pack(rooms, lang="ru", **named):
    return Page(pack_html(list(rooms.values()), lang, date="2026-11-22T09:00:00Z", code="471926", **named))


def because(room, scene):
    split = room.split(scene)
    return option_words(room.case, scene, split.best, "because", dict(split.knew).__getitem__, "ru")


# ---- the board --------------------------------------------------------------------------------------------------


def test_the_wall_shows_the_most_divisive_scene_until_the_trainer_chooses(played):
    rooms, members = played
    ranking = order(rooms)
    room = rooms["racket_refund"]
    told = [room.split(key.partition("/")[2]) for key in ranking]
    assert [split.withheld for split in told] == sorted(split.withheld for split in told)
    spread = [split.diversity for split in told if not split.withheld]
    assert spread == sorted(spread, reverse=True)
    for stage, scene in ((Stage(), ranking[0]), (Stage(scene="racket_refund/counter"), "racket_refund/counter")):
        found = board(rooms, members, stage)
        split = room.split(scene.partition("/")[2])
        assert found.counts() == [str(n) for n in split.counts]


def test_every_button_says_what_the_server_reads(played):
    """Switches by name and the value they lead to, the rest as ``do``; each form is a POST that begins with the token."""
    rooms, members = played
    found = board(rooms, members, Stage(paused=True, scene="racket_refund/counter"))
    controls = found.controls()
    switches = {name: controls[f"do-{name}"]["value"] for name in ("key", "votes", "names", "entry", "paused", "over")}
    assert switches == {"key": "1", "votes": "0", "names": "1", "entry": "0", "paused": "0", "over": "1"}
    assert all(controls[f"do-{name}"]["name"] == name for name in switches)
    assert {c.get("value") for c in controls.values() if c.get("name") == "do"} == {"next", "auto", "ballot", "show"}
    assert found.html.count("<form") == len(re.findall(r'<form [^>]*method="post"[^>]*><!--token-->', found.html))
    assert '<input type="hidden" name="scene" value="racket_refund/counter"><button' in found.html
    assert controls["to-pack"]["href"] == "/board/debrief"
    voting = board(rooms, members, Stage(ballot=Ballot(1, "racket_refund", "counter"))).controls()
    assert voting["do-ballot"]["value"] == "ballot_end"
    assert not {c.get("value") for c in voting.values() if c.get("name") == "do"} & {"ballot", "next", "auto"}


def test_the_key_is_hidden_until_it_is_shown(played):
    rooms, members = played
    room, scene = rooms["racket_refund"], "counter"
    shut, opened = (board(rooms, members, Stage(scene="racket_refund/counter", key=key)) for key in (False, True))
    for text, found in (("ближе всего", 1), (because(room, scene), 1)):
        assert text not in shut.text
        assert opened.html.count('class="tag"') == found
    assert because(room, scene) in opened.text
    assert 'class="goal"' not in shut.html and 'class="goal"' in opened.html


def test_hidden_votes_are_hidden_everywhere(played):
    rooms, members = played
    found = board(rooms, members, Stage(votes=False, key=True))
    assert found.counts() == []
    assert 'class="fill' not in found.html and "<circle" not in found.html and 'class="asked"' not in found.html
    assert "alert(" not in found.html


def test_names_show_only_when_the_trainer_says_so(played):
    rooms, members = played
    assert "Имя5" not in board(rooms, members).text
    shown = board(rooms, members, Stage(names=True))
    assert all(member.name in shown.text for member in members)


def test_words_of_people_stay_words(played):
    rooms, members = played
    named = replace(Stage(), names=True)
    for page in (
        board(rooms, members, named),
        board(rooms, members, named, "en"),
        pack(rooms, names=True),
        pack(rooms),
    ):
        assert "<script" not in page.html and "alert(" in page.text and "<b>Ира" not in page.html


def test_the_board_needs_no_inline_style_or_script(played):
    """The server's Content-Security-Policy would drop them."""
    rooms, members = played
    for stage in (Stage(), Stage(key=True, names=True)):
        for tag, attributes in board(rooms, members, stage).tags:
            assert tag not in ("style", "script", "img", "iframe")
            assert not [name for name in attributes if name == "style" or name.startswith("on")]


def test_an_open_vote_shows_how_many_voted_and_nothing_else(played):
    rooms, members = played
    found = board(rooms, members, Stage(ballot=Ballot(1, "racket_refund", "counter")))
    assert found.counts() == []
    assert re.search(r"24\D+24", found.text)
    closed = board(rooms, members, Stage(scene="racket_refund/counter"))
    split = rooms["racket_refund"].split("counter")
    shown = re.findall(r'<div class="counts">.*?(\d+)</b><b class="num"><span[^>]*>[^<]*</span>(\d+)', closed.html)
    assert shown == [(str(a), str(b)) for a, b in zip(split.counts, split.again[0].counts, strict=True)]


def test_a_room_of_four_sees_no_numbers(racket):
    sessions, members = play(racket, 4)
    for session in sessions:
        session.apply(session.move("disagree", "ru", number=0, text="а я вот против"))
    rooms = {racket.id: tally(map(summarise_run, sessions), racket)}
    for stage in (Stage(), Stage(key=True, scene="racket_refund/counter")):
        found = board(rooms, members, stage)
        assert found.counts() == [] and "<circle" not in found.html and 'class="fill' not in found.html
        assert "против" not in found.text
    paper = pack(rooms, names=True)
    assert 'class="bars"' not in paper.html and "<circle" not in paper.html and "а я вот против" not in paper.text
    endings = [racket.text(f"endings.{name}.title", "ru") for name in racket.endings]
    assert not [name for name in endings if re.search(rf"^{re.escape(name)}$", paper.text, re.M)]


def test_before_anyone_came_there_is_a_door(racket):
    found = board({racket.id: tally([], racket)}, [])
    assert "471\N{NO-BREAK SPACE}926" in found.text and "10.0.0.1:8000" in found.text
    assert "do-key" not in found.controls() and "do-entry" in found.controls()
    shut = board({racket.id: tally([], racket)}, [], Stage(entry=False))
    assert "471" not in shut.text and QR not in shut.html


def test_where_people_are_adds_up_and_never_says_which_ending(racket, other):
    one, members = play(racket, 9, seed=5)
    two, _ = play(other, 5, seed=5, stop=2)
    rooms = {racket.id: tally(map(summarise_run, one), racket), other.id: tally(map(summarise_run, two), other)}
    waiting = Member("late", "Поздний", False, "ru", "2026-01-01T11:00:00Z")
    found = board(rooms, [*members, waiting])
    where = found.html.partition('<ul class="where"')[2].partition("</ul>")[0]
    assert sum(map(int, re.findall(r'<b class="num">(\d+)</b>', where))) == 10
    named = board(rooms, [*members, waiting], Stage(names=True))
    people = named.html.partition('<ul class="names"')[2].partition("</ul>")[0]
    reached = {racket.text(f"endings.{s.attempt.ending}.title", "ru") for s in one}
    assert not [ending for ending in reached if f">{ending}<" in where or f": {ending}<" in people]


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_several_cases_are_told_apart(racket, other, lang):
    one, members = play(racket, 8, seed=6)
    two, _ = play(other, 8, seed=7)
    rooms = {racket.id: tally(map(summarise_run, one), racket), other.id: tally(map(summarise_run, two), other)}
    found, paper = board(rooms, members, lang=lang), pack(rooms, lang)
    titles = [typeset(case.text("title", lang), lang) for case in (racket, other)]
    assert [a["label"] for tag, a in found.tags if tag == "optgroup"] == titles
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
        assert [int(a or b) for a, b in first] == list(split.counts)
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


@pytest.fixture(scope="module")
def chromium(request):
    from playwright.sync_api import sync_playwright

    path = request.getfixturevalue("chromium_path")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


STAGES = {
    "wall": Stage(),
    "key": Stage(scene="racket_refund/counter", key=True, names=True),
    "vote": Stage(ballot=Ballot(1, "racket_refund", "counter"), paused=True),
}


@pytest.mark.parametrize("lang", ["ru", "en"])
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(
    ("width", "height", "scheme"), [(1920, 1080, "light"), (1280, 720, "dark"), (390, 844, "light")]
)
def test_the_board_fits_and_axe_finds_nothing(played, chromium, tmp_path, stage, lang, width, height, scheme):
    """On a projector the wall is one screen without scrolling; on a phone nothing is wider than it."""
    from axe_playwright_python.sync_playwright import Axe

    rooms, members = played
    body = board_html(rooms, members, STAGES[stage], lang, address="10.0.0.1:8000", code="471926", qr_svg=QR)
    html = pages.board(body, "Board", lang, ("ru", "en"))
    html = re.sub(
        r'href="/tk.css[^"]*"', 'href="tk.css"', re.sub(r"<script.*?</script>|<noscript>.*?</noscript>", "", html)
    )
    (tmp_path / "board.html").write_text(html, "utf-8")
    (tmp_path / "tk.css").write_text(render.asset("tk.css"), "utf-8")
    page = chromium.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    page.goto(f"file://{tmp_path}/board.html")
    high = page.evaluate("document.querySelector('.show').offsetHeight")
    for opened in (False, True):
        if opened:
            page.evaluate("document.querySelectorAll('details').forEach(box => box.open = true)")
        assert [one["id"] for one in Axe().run(page).response["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()
    assert width < 1000 or high <= height + 1


@pytest.mark.needs("poppler")
def test_the_pack_prints_on_a4(played, chromium, tmp_path):
    """Every page is A4 with its number, and none is nearly empty."""
    from axe_playwright_python.sync_playwright import Axe

    rooms, _ = played
    (tmp_path / "pack.html").write_text(pack(rooms).html, "utf-8")
    page = chromium.new_page(viewport={"width": 1000, "height": 800})
    page.goto(f"file://{tmp_path}/pack.html")
    assert [one["id"] for one in Axe().run(page).response["violations"]] == []
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
