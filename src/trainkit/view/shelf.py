"""Which conversations are there, and where is this person in each? The first page of a trainee."""

from collections.abc import Sequence
from typing import NamedTuple

from trainkit.case.model import NARRATOR, PLAYER, Case
from trainkit.engine.lines import spoken
from trainkit.i18n import catalog
from trainkit.scoring.profile import FEWEST
from trainkit.session.resume import Standing
from trainkit.session.session import Session
from trainkit.view.screen import case_text, screen


class Book(NamedTuple):
    """A case on the shelf; ``kind`` is ``new``, ``begun`` or ``done``, ``state`` the same in words."""

    id: str
    title: str
    role: str
    minutes: int
    kind: str
    state: str


class Opened(NamedTuple):
    """The case one is in the middle of: the client's last words, and how far one is."""

    id: str
    title: str
    said: str
    decision: int
    usual: int


class Shelf(NamedTuple):
    """All cases, the one to go on with apart; ``until_profile``: how many to play until the debrief of all says something."""

    lang: str
    languages: tuple[str, ...]
    opened: Opened | None
    books: tuple[Book, ...]
    played: int
    total: int
    until_profile: int


def shelf(standings: Sequence[tuple[Case, Standing]], lang: str) -> Shelf:
    """The shelf of one person; a case that lacks the language is shown in its own."""
    begun = [(case, at.newest) for case, at in standings if at.newest and at.newest.phase != "over" and at.newest.step]
    newest = max(begun, key=lambda one: one[1].record.number or 0, default=None)
    books = tuple([_book(case, at, lang) for case, at in standings if newest is None or case is not newest[0]])
    played = sum(at.ended > 0 for _, at in standings)
    return Shelf(
        lang=lang,
        languages=tuple(dict.fromkeys(code for case, _ in standings for code in case.languages)),
        opened=newest and _opened(*newest, lang),
        books=books,
        played=played,
        total=len(standings),
        until_profile=max(0, FEWEST - played),
    )


def spoken_in(case: Case, lang: str) -> str:
    """The language, if the case has it; else the case's own."""
    return lang if lang in case.languages else case.lang


def _book(case: Case, at: Standing, lang: str) -> Book:
    _, ngettext = catalog(lang).gettext, catalog(lang).ngettext
    tongue = spoken_in(case, lang)
    begun = at.newest is not None and at.newest.phase != "over" and at.newest.step > 0
    kind = "begun" if begun else "done" if at.ended else "new"
    times = {1: _("played once"), 2: _("played twice")}
    played = times.get(at.ended) or ngettext("played {n} time", "played {n} times", at.ended).format(n=at.ended)
    state = {"begun": _("begun"), "done": played, "new": _("new")}[kind]
    first, _dot, _rest = case_text(case, "role", tongue).partition(". ")
    return Book(case.id, case_text(case, "title", tongue), f"{first.rstrip('.')}.", case.minutes, kind, state)


def _opened(case: Case, session: Session, lang: str) -> Opened:
    tongue = spoken_in(case, lang)
    head = screen(session, tongue, turns=1).head
    said = next(
        (
            spoken(case, line, tongue)[1]
            for line in reversed(session.attempt.said)
            if line.speaker not in (NARRATOR, PLAYER, "back")
        ),
        "",
    )
    return Opened(case.id, head.title, said, head.decision, max(head.usual, head.decision))
