"""View models → HTML. Autoescape is on: whatever a person typed stays text."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

import jinja2

from trainkit.session import Session
from trainkit.view.debrief import debrief
from trainkit.view.screen import Bubble, Screen, screen
from trainkit.view.words import signed, typeset, words


@lru_cache
def _environment(lang: str) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("trainkit.view", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(words(lang), newstyle=True)
    environment.globals["lang"] = lang
    environment.filters["signed"] = signed
    environment.filters["typeset"] = lambda text: typeset(text, lang)
    environment.filters["percent"] = lambda value: f"{3 + 94 * (value + 100) / 200:.1f}%"
    return environment


def template(name: str, lang: str, /, **values: Any) -> str:
    """Render a template of this package."""
    return _environment(lang).get_template(name).render(**values)


def stylesheet() -> str:
    """The one stylesheet."""
    return asset("tk.css")


def asset(name: str) -> str:
    """A stylesheet or script of this package."""
    return (files("trainkit.view") / name).read_text("utf-8")


def exercise(
    session: Session,
    lang: str,
    error: str = "",
    level: int = 1,
    pair: bool = False,
    phone: bool = False,
    turns: int | None = None,
) -> dict[str, Any]:
    """The parts of a running exercise.

    Parameters
    ----------
    session : Session
    lang : str
    error : str
        A sentence to show at the options; what it is about was not logged.
    level : int
        Level of the title's heading.
    pair : bool
        Whether two people decide together.
    phone : bool
        Whether these are parts of a web page of its own, which has the switch of languages, a page for a disagreement and
        pages for the debrief.
    turns : int, optional
        Only so many of one's own replies, with what was said after them; all if left out.

    Returns
    -------
    dict
        ``head``, ``choice`` and ``debrief`` as HTML, ``lines`` as a list of HTML, ``step`` the number of the screen,
        ``heard`` the last words that were not one's own, for a screen reader, ``turns`` the numbers of the lines where one's
        own replies begin, ``shortened`` whether earlier lines were left out.
    """
    view = screen(session, lang, pair, turns)
    head = replace(view, step=min(view.step, 1), bubbles=(), prompt="", buttons=())
    head = replace(head, languages=()) if phone else head
    return {
        "step": view.step,
        "heard": next((bubble.text for bubble in reversed(view.bubbles) if bubble.kind != "you"), ""),
        "head": _part("head.html", lang, head, level, ""),
        "lines": [_line(lang, bubble, phone) for bubble in view.bubbles],
        "turns": [number for number, bubble in enumerate(view.bubbles) if bubble.kind == "you"],
        "shortened": turns is not None and turns < len(session.attempt.steps),
        "choice": _part("choice.html", lang, replace(view, bubbles=(), decision=0, patience=None), level, error),
        "debrief": debrief_html(session, lang, level) if view.phase == "over" and not phone else "",
    }


@lru_cache(maxsize=600)
def _part(name: str, lang: str, view: Screen, level: int, error: str) -> str:
    """A template that many people in a room need at the same time."""
    return template(name, lang, s=view, level=level, error=error)


@lru_cache(maxsize=2000)
def _line(lang: str, bubble: Bubble, phone: bool) -> str:
    return template("bubble.html", lang, b=bubble, phone=phone)


def debrief_html(session: Session, lang: str, level: int = 1) -> str:
    """The debrief of a finished run; a short thanks where feedback is off."""
    if session.settings.feedback == "none":
        return template("thanks.html", lang, s=screen(session, lang), run=session.record.attempt)
    return template("debrief.html", lang, d=debrief(session, lang), level=level, run=session.record.attempt)
