"""What is to be shown → HTML, by templates. Autoescape is on: whatever a person typed stays text."""

import hashlib
import itertools
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

import jinja2
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup, escape

from trainkit.case.cache import Cache
from trainkit.engine.attempt import Attempt
from trainkit.i18n import catalog, direction, isolated, percent, signed, typeset
from trainkit.session.session import Session
from trainkit.view.debrief import DebriefView, debrief
from trainkit.view.profile import over_cases
from trainkit.view.screen import Bubble, Head, case_text, screen
from trainkit.view.shelf import Shelf

VIEW = "trainkit.view"
STYLES, SCRIPTS = ("tk.css", "room.css"), ("page.js", "class.js", "clock.js", "wall.js", "remote.js")


class JoinLines(Extension):
    """A line break with its indentation is a space between two words, and nothing beside a tag or a statement.

    Templates are laid out for people to read, and no phone shall load their indentation. This is done when a template is
    compiled, not when it is rendered, and on tokens, so that line numbers in errors stay right. A space that is meant
    beside a tag stands inside a line, as in ``<b>…</b> <span>…</span>``.
    """

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Join the lines of all text between two pieces of Jinja."""
        before = ""
        for token in stream:
            if token.type == "data":
                left = "x" if before == "variable_end" else ">"
                right = "x" if stream.current.type == "variable_begin" else "<"
                text = _LINE_BREAK.sub(" ", _BESIDE_A_TAG.sub("", left + token.value + right))[1:-1]
                token = Token(token.lineno, "data", text)
            before = token.type
            yield token


_BESIDE_A_TAG = re.compile(r"(?<=>)\s*\n\s*|\s*\n\s*(?=<)")
_LINE_BREAK = re.compile(r"\s*\n\s*")


@lru_cache
def _environment(lang: str, package: str) -> jinja2.Environment:
    loaders = [jinja2.PackageLoader(name, "templates") for name in dict.fromkeys((package, VIEW))]
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader(loaders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
        extensions=["jinja2.ext.i18n", JoinLines],
    )
    environment.install_gettext_translations(catalog(lang), newstyle=True)
    directed = Markup(' dir="rtl"') if direction(lang) == "rtl" else ""
    environment.globals |= {"lang": lang, "directed": directed}
    environment.filters |= {"signed": signed, "percent": percent, "typeset": lambda text: typeset(text, lang)}
    environment.filters["isolated"] = lambda text: isolated(text, lang)
    return environment


def template(name: str, lang: str, /, package: str = VIEW, **values: Any) -> str:
    """Render a template of a package, which may import and include those of the view."""
    return _environment(lang, package).get_template(name).render(**values)


# A room of hundreds loads pages that differ in a few words. tests/benchmarks/bench_render.py says what keeping them saves.

HOLE = secrets.token_hex(16)  # stands for a text while a page is made; drawn anew by each process, so no text has it
_PAGES: Cache[tuple, list[str | int]] = Cache(400)  # of 14 kB, where it is a debrief
_escaped = lru_cache(maxsize=2000)(escape)  # a case says the same to everybody


def filled(name: str, lang: str, /, texts: Mapping[str, Any], **values: Any) -> str:
    """Render a template of the view; all but ``texts`` is kept for the next time, which then takes microseconds.

    ``texts`` are what differs from one to the next: a text, a number that is only shown, or tuples and named tuples of these.
    The template may put them somewhere and ask whether they are empty, None or 0, but not look into them. ``values`` decide
    how the page is built; they are hashable.
    """
    words: list[str] = []
    key = (name, lang, tuple(texts), _shape(tuple(texts.values()), words), tuple(values.items()))
    pieces = _PAGES.get(key)
    if pieces is None:
        holes = dict(zip(texts, _holes(tuple(texts.values()), itertools.count()), strict=True))
        parts = template(name, lang, **holes, **values).split(HOLE)
        pieces = _PAGES.keep(key, [int(part) if odd & 1 else part for odd, part in enumerate(parts)])
    # a whole page is not copied to find that it is HTML
    said = [text if type(text) is Markup else _escaped(text) for text in words]
    return "".join([said[piece] if type(piece) is int else piece for piece in pieces])


def _shape(value: Any, words: list[str]) -> Any:
    """What of a text a template may decide by: whether there is one. Adds the text to ``words``."""
    if not value or value is True:
        return value
    if isinstance(value, tuple):
        return tuple([_shape(part, words) for part in value])
    words.append(value if isinstance(value, str) else str(value))
    return HOLE


def _holes(value: Any, number: Iterator[int]) -> Any:
    """The same with a numbered hole in the place of each text."""
    if not value or value is True:
        return value
    if isinstance(value, tuple):
        parts = [_holes(part, number) for part in value]
        return value._make(parts) if hasattr(value, "_make") else tuple(parts)
    return f"{HOLE}{next(number)}{HOLE}"


@lru_cache
def asset(name: str) -> str:
    """A stylesheet or script of this package."""
    return (files("trainkit.view") / name).read_text("utf-8")


@lru_cache
def assets() -> str:
    """What changes with every change of stylesheet and scripts, so that browsers may keep them."""
    return hashlib.sha256("".join(map(asset, (*STYLES, *SCRIPTS))).encode()).hexdigest()[:12]


def room_page(body: str, title: str, lang: str, script: str = "", refresh: int = 0) -> str:
    """A page for the wall or the remote; where ``script`` doesn't run it is looked at again every ``refresh`` seconds."""
    around = {"title": title, "script": script, "refresh": refresh, "assets": assets()}
    return template("room_page.html", lang, body=Markup(body), **around)


def exercise_html(
    session: Session,
    lang: str,
    error: str = "",
    level: int = 1,
    pair: bool = False,
    phone: bool = False,
    turns: int | None = None,
    newest: Sequence[Attempt] = (),
    onward: str | None = None,
    room: str = "",
    typed: str = "",
) -> dict[str, Any]:
    """The parts of a running exercise.

    ``error`` is shown at the options; what it is about was not logged. ``level`` is that of the title's heading. With
    ``pair`` two people decide together. ``phone`` is for parts of a web page of its own, which has the switch of languages,
    a page for a disagreement and pages for the debrief. With ``turns`` there are only so many of one's own replies, and what
    was said after them. ``newest`` is this person's newest finished attempt of each case, for the debrief. ``onward`` is
    the id of the case that comes next, "" after the last one; None where there is no shelf to go back to. ``room`` is as in
    :func:`trainkit.view.screen.screen`; ``typed`` are words that could not be taken, to be sent again.

    Returns
    -------
    dict
        ``head``, ``choice`` and ``debrief`` as HTML, ``lines`` as a list of HTML, ``step`` the number of the screen,
        ``heard`` the last words that were not one's own, for a screen reader, ``turns`` the numbers of the lines where one's
        own replies begin, ``shortened`` whether earlier lines were left out.
    """
    view = screen(session, lang, pair, turns, room)
    head = view.head._replace(languages=()) if phone else view.head
    return {
        "step": view.step,
        "heard": next((bubble.text for bubble in reversed(view.bubbles) if bubble.kind != "you"), ""),
        "head": _head(lang, head, level, to_shelf=not phone),
        "lines": [_line(lang, bubble, phone) for bubble in view.bubbles],
        "turns": [number for number, bubble in enumerate(view.bubbles) if bubble.kind == "you"],
        "shortened": turns is not None and turns < len(session.attempt.steps),
        "choice": filled("choice.html", lang, {"step": view.step, "typed": typed}, s=view.choice, error=error),
        "debrief": debrief_html(session, lang, level, newest, onward) if head.phase == "over" and not phone else "",
    }


# What many people in a room need at the same time is made once.


@lru_cache(maxsize=300)
def _head(lang: str, head: Head, level: int, to_shelf: bool) -> str:
    return template("head.html", lang, s=head, level=level, to_shelf=to_shelf)


@lru_cache(maxsize=2000)
def _line(lang: str, bubble: Bubble, phone: bool) -> str:
    return template("bubble.html", lang, b=bubble, phone=phone)


def shelf_html(shelf: Shelf, error: str = "", level: int = 1, phone: bool = False, answers: bool = False) -> str:
    """Every conversation, as the first page of a trainee; on a ``phone`` with the way to the ``answers`` there are."""
    return template("shelf.html", shelf.lang, s=shelf, error=error, level=level, phone=phone, answers=answers)


def all_cases_html(newest: Sequence[Attempt], lang: str, level: int = 1) -> str:
    """What the cases together say of one person; ``newest`` as in :func:`exercise_html`."""
    return template("all_cases.html", lang, profile=over_cases(newest, lang), level=level)


def debrief_html(
    session: Session, lang: str, level: int = 1, newest: Sequence[Attempt] = (), onward: str | None = None
) -> str:
    """The debrief of a finished run; a short thanks where feedback is off."""
    if session.settings.feedback == "none":
        return template("thanks.html", lang, step=session.step, run=session.record.attempt)
    shown = debrief(session, lang, newest)
    moves = moves_html(shown, lang, level=level)
    values = {"replies": shown.replies, "level": level, "run": session.record.attempt, "onward": onward}
    return template("debrief.html", lang, d=shown, moves=moves, **values)


def debrief_file(session: Session, lang: str, date: str, newest: Sequence[Attempt] = ()) -> str:
    """The debrief of a finished run as one page to keep: its style is in it, there is no script and nothing to press."""
    shown = debrief(session, lang, newest)
    moves = moves_html(shown, lang, level=1, saved=True)
    texts = {"title": case_text(session.case, "title", lang), "date": date, "css": asset("tk.css")}
    return template(
        "debrief_file.html", lang, d=shown, moves=moves, replies=shown.replies, level=1, saved=True, **texts
    )


def moves_html(
    shown: DebriefView,
    lang: str,
    first: int = 0,
    most: int | None = None,
    *,
    level: int,
    phone: bool = False,
    saved: bool = False,
) -> Markup:
    """The replies of a run from a number on, each a list item; ``saved`` for a file in which nothing is pressed."""
    items = [
        filled("debrief_move.html", lang, {"m": move, "place": place}, level=level, phone=phone, saved=saved)
        for place, move in enumerate(shown.some_moves(first, most), first + 1)
    ]
    return Markup("".join(items))
