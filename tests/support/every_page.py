"""Which pages are there, and how does one get to each? A table of moments; a new page is a line in one of them.

A moment brings a class, a site or a folder of files to where its pages can be opened (support/seen.py); each page is an
address, who opens it, and what is done there before it is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from playwright.sync_api import Page

from support import site_pages
from support.class_server import Browser, Server, steer
from support.command_line import run
from support.places import ROOT
from support.right_to_left import in_hebrew
from support.seen import Moment, Seen, Stand, opened
from trainkit.room.records import MAX_QUESTION

COUNTER = "racket_refund/counter"


def _answered(server: Server, people: int) -> list[Browser]:
    """So many who have given the first reply."""
    found = [server.playing(f"Гость {number}") for number in range(people)]
    for number, one in enumerate(found):
        options = one.page.buttons("option")
        one.press("option", options[number % len(options)])
    return found


def _to_the_end(one: Browser) -> Browser:
    while options := one.page.buttons("option"):
        one.press("option", options[-1])
    return one


def _tabs(trainer: Browser, name: str = "remote", again: bool = False) -> Iterator[Seen]:
    for tab in ("now", "people", "questions", "agenda", "more"):
        yield Seen(f"{name}, {tab}", f"/remote?tab={tab}", trainer, again=again and tab != "now")


# ---- a class, from the door to the end ------------------------------------------------------------------------


def door(stand: Stand) -> Iterator[Seen]:
    """Coming in, being refused, waiting."""
    server = stand.room("--lobby", "--open", cases=["racket_refund", "appendicitis"])
    yield Seen("join", "/")
    yield Seen("join refused", "/", act=refused)
    yield Seen("nothing there", "/nowhere")
    yield Seen("remote without its link", "/remote")
    one, other = server.joined("Аист"), server.joined("Бук")
    link = next(href for href in other.get("/link").links if "/me/" in href).removeprefix(server.address)
    yield Seen("lobby", "/play", one)
    yield Seen("personal link", "/link", one)
    yield Seen("another's seat", link, one)
    yield Seen("questions", "/questions", one)
    yield Seen("question refused", "/questions", one, act=_asks_too_much)
    trainer = server.trainer()
    yield Seen("wall, lobby", "/wall?lang={lang}")
    yield from _tabs(trainer, "remote, lobby", again=True)
    who = server.rows("SELECT member FROM members WHERE name = 'Аист'")[0]["member"]
    yield Seen("remote, a person", f"/remote?tab=people&who={who}", trainer)
    yield Seen("remote, sure to remove", f"/remote?tab=people&who={who}&sure=remove", trainer)
    yield Seen("remote, sure to end", "/remote?tab=more&sure=over", trainer)


def talk(stand: Stand) -> Iterator[Seen]:
    """A conversation under way, and what the room did."""
    server = stand.room("--open")
    people, trainer = _answered(server, 6), server.trainer()
    steer(trainer, "show", scene=COUNTER)
    yield Seen("talk", "/play", people[0])
    yield Seen("wall, scene", "/wall?lang={lang}")
    yield from _tabs(trainer)
    yield Seen("whole talk", "/talk", people[0])
    yield Seen("not confirmed", "/play", people[1], act=_unconfirmed)
    steer(trainer, "door", "1")
    yield Seen("wall, late", "/wall?lang={lang}")


def own_words(stand: Stand) -> Iterator[Seen]:
    """What is written oneself."""
    server = stand.room("--own-words", "--ask-why", "--feedback", "now")
    one, other = server.playing("Аист"), server.playing("Бук")
    yield Seen("own words", "/play", one)
    other.press("words", "1", text="Покажите, где лопнуло.")
    other.press("option", other.page.buttons("option")[0])
    yield Seen("why", "/play", other)
    third = server.playing("Клён")
    third.press("words", "1", text="Покажите, где лопнуло.")
    third.press("option", third.page.buttons("option")[0])
    third.press("why", "1", text="Так надо.")
    yield Seen("talk with feedback", "/talk", third)


def debrief(stand: Stand) -> Iterator[Seen]:
    """What is learnt, page by page, and the file of it."""
    server = stand.room(cases=["racket_refund", "appendicitis"])
    one = _to_the_end(server.playing("Аист"))
    yield Seen("debrief", "/play", one)
    page = one.get("/play")
    for number in range(2, 9):
        if f"/debrief?page={number}" not in page.links:
            break
        yield Seen(f"debrief, page {number}", f"/debrief?page={number}", one)
        page = one.get(f"/debrief?page={number}")
    yield Seen("debrief, all opened", f"/debrief?page={number - 1}", one, act=opened)
    yield Seen("disagree", "/disagree?n=0", one)
    yield Seen("saved debrief", "/debrief/file?run=0&see", one)
    yield Seen("saved debrief, all opened", "/debrief/file?run=0&see", one, act=opened, again=True)


def stops(stand: Stand) -> Iterator[Seen]:
    """A pause, a clock, scene by scene, an entrance that is closed."""
    server = stand.room("--pace", "scene", "--open", "--lobby")
    people, trainer = [server.joined(f"Гость {number}") for number in range(4)], server.trainer()
    steer(trainer, "open", opened="1")
    for one in people:
        one.get("/play")
        one.press("begin")
    people[0].press("option", people[0].page.buttons("option")[0])
    yield Seen("held", "/play", people[0])
    steer(trainer, "clock", minutes="5")
    yield Seen("talk against the clock", "/play", people[1])
    yield Seen("wall, clock", "/wall?lang={lang}")
    yield Seen("remote, clock", "/remote", trainer)
    steer(trainer, "paused", "1")
    yield Seen("pause", "/play", people[1])
    yield Seen("wall, pause", "/wall?lang={lang}")
    yield Seen("remote, pause", "/remote", trainer)
    steer(trainer, "entry", "0")
    yield Seen("entrance closed", "/")


def vote(stand: Stand) -> Iterator[Seen]:
    """Voting again, the key, questions on the screen."""
    server = stand.room("--open")
    people, trainer = _answered(server, 6), server.trainer()
    steer(trainer, "show", scene=COUNTER)
    steer(trainer, "ballot", scene=COUNTER)
    yield Seen("vote", "/play", people[0])
    people[1].get("/play")
    people[1].press("option", people[1].page.buttons("option")[0])
    yield Seen("voted", "/play", people[1])
    yield Seen("wall, vote", "/wall?lang={lang}")
    yield Seen("remote, vote", "/remote", trainer)
    for one in people[2:]:
        one.get("/play")
        one.press("option", one.page.buttons("option")[0])
    steer(trainer, "ballot_end")
    for one, words in ((people[0], "Почему никто не спросил Тимура?"), (people[1], "А если чека нет?")):
        one.get("/questions")
        one.press("ask", text=words)
    steer(trainer, "question", question="1 shown")
    yield Seen("questions of the room", "/questions", people[2])
    yield Seen("remote, questions asked", "/remote?tab=questions", trainer)
    steer(trainer, "question", question="1 wall")
    yield Seen("wall, question", "/wall?lang={lang}")
    steer(trainer, "question", question="1 shown")
    for one in people:
        one.get("/play")
        _to_the_end(one)
    steer(trainer, "key", "1")
    yield Seen("wall, key", "/wall?lang={lang}")
    yield Seen("remote, key", "/remote", trainer)


def teams(stand: Stand) -> Iterator[Seen]:
    """Teams side by side."""
    server = stand.room("--open", "--teams", "Дуб, Ясень")
    people, trainer = _answered(server, 8), server.trainer()
    yield Seen("teams", "/team", people[0])
    steer(trainer, "show", scene=COUNTER)
    steer(trainer, "compare", "1")
    yield Seen("wall, teams", "/wall?lang={lang}")
    yield Seen("remote, teams", "/remote?tab=people", trainer)


def over(stand: Stand) -> Iterator[Seen]:
    """The end."""
    server = stand.room()
    one, trainer = _to_the_end(server.playing("Аист")), server.trainer()
    other = server.playing("Бук")
    steer(trainer, "over", "1")
    yield Seen("over", "/play", one)
    yield Seen("over in the middle", "/play", other)
    yield Seen("too late", "/")
    yield Seen("wall, over", "/wall?lang={lang}")
    yield Seen("remote, over", "/remote?tab=more", trainer)


# ---- files ----------------------------------------------------------------------------------------------------


def files(stand: Stand) -> Iterator[Seen]:
    """Pages that a command leaves, in each language."""
    commands: Mapping[str, tuple[str, ...]] = {
        "handout": ("print", "boundaries"),
        "map": ("draw", "boundaries"),
        "audit": ("audit", "boundaries"),
        "report": ("report", str(ROOT / "data" / "sample"), "--group", "group", "--time", "wave"),
    }
    for name, words in commands.items():
        for lang in stand.langs:
            made = run(*words, "--lang", lang, "-o", str(stand.folder / f"{name}-{lang}.html"))
            assert made.returncode == 0, made.stderr
        yield Seen(name, f"{stand.folder.as_uri()}/{name}-{{lang}}.html")


def pack(stand: Stand) -> Iterator[Seen]:
    """What a trainer leads the talk by."""
    server = stand.room()
    for one in _answered(server, 6):
        _to_the_end(one)
    yield Seen("pack", "/remote/debrief?lang={lang}", server.trainer())


# ---- right to left ----------------------------------------------------------------------------------------------


def right_to_left(stand: Stand) -> Iterator[Seen]:
    """A class and its paper in a language that is written from the right; its interface has no catalog, so it is English."""
    case = in_hebrew(stand.folder)
    sheets = stand.folder / "sheets.html"
    made = run("print", str(case), "--lang", "he", "-o", str(sheets))
    assert made.returncode == 0, made.stderr
    server = stand.room("--new", "--lang", "he", "--open", cases=[str(case)])
    people, trainer = [server.playing(name, lang="he") for name in ("דנה", "יואב")], server.trainer()
    people[0].press("option", people[0].page.buttons("option")[0])
    pages = [Seen("join", "/"), Seen("talk", "/play", people[0]), Seen("whole talk", "/talk", people[0])]
    pages += [
        Seen("wall", "/wall?lang=he"),
        *_tabs(trainer, again=True),
        Seen("pack", "/remote/debrief?lang=he", trainer),
    ]
    yield from (one.in_("he") for one in pages)
    _to_the_end(people[0])
    for name, path in (
        ("debrief", "/play"),
        ("debrief, page 2", "/debrief?page=2"),
        ("saved debrief", "/debrief/file?run=0&see"),
    ):
        yield Seen(name, path, people[0]).in_("he")
    yield Seen("sheets", sheets.as_uri()).in_("he")


MOMENTS: dict[str, Moment] = {
    one.__name__: one
    for one in (
        door,
        talk,
        own_words,
        debrief,
        stops,
        vote,
        teams,
        over,
        pack,
        files,
        right_to_left,
        *site_pages.MOMENTS,
    )
}


# ---- what is done on a page -----------------------------------------------------------------------------------


def refused(page: Page) -> None:
    """Join with a code that no room has."""
    page.fill("#code", "000000")
    page.fill("#name", "Вяз")
    page.check("[name=consent]")
    page.click("main form .btn")
    page.wait_for_selector("[role=alert]")


def _asks_too_much(page: Page) -> None:
    page.fill("textarea", "Почему? " * MAX_QUESTION)
    page.click("[name=ask]")
    page.wait_for_selector("[role=alert]")


def _unconfirmed(page: Page) -> None:
    page.route("**/play", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.wait_for_selector("main:not(.fresh)")
    page.click(".choice .opt:enabled >> nth=0")
    page.wait_for_selector("[data-retry]")
