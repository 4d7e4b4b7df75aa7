"""View models → HTML. Autoescape is on: whatever a person typed stays text."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

import jinja2

from trainkit.session import Session
from trainkit.view.debrief import debrief
from trainkit.view.screen import screen
from trainkit.view.words import signed, typeset, words


@lru_cache
def _environment(lang: str) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("trainkit.view", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(words(lang), newstyle=True)
    environment.globals["lang"] = lang
    environment.filters["signed"] = signed
    environment.filters["typeset"] = lambda text: typeset(text, lang)
    environment.filters["percent"] = lambda value: f"{3 + 94 * (value + 100) / 200:.1f}%"
    return environment


def template(name: str, lang: str, **values: Any) -> str:
    """Render a template of this package."""
    return _environment(lang).get_template(name).render(**values)


def stylesheet() -> str:
    """The one stylesheet."""
    return (files("trainkit.view") / "tk.css").read_text("utf-8")


def exercise(session: Session, lang: str, error: str = "", level: int = 1) -> dict[str, Any]:
    """The parts of a running exercise.

    Parameters
    ----------
    session : Session
    lang : str
    error : str
        A sentence to show at the options; what it is about was not logged.
    level : int
        Level of the title's heading.

    Returns
    -------
    dict
        ``head``, ``choice`` and ``debrief`` as HTML, ``lines`` as a list of HTML, ``step`` the number of the screen,
        ``heard`` the last words that were not one's own, for a screen reader.
    """
    view = screen(session, lang)
    over = view.phase == "over"
    return {
        "step": view.step,
        "heard": next((bubble.text for bubble in reversed(view.bubbles) if bubble.kind != "you"), ""),
        "head": template("head.html", lang, s=view, level=level),
        "lines": [template("bubble.html", lang, b=bubble, s=view) for bubble in view.bubbles],
        "choice": template("choice.html", lang, s=view, error=error),
        "debrief": debrief_html(session, lang, level) if over else "",
    }


def debrief_html(session: Session, lang: str, level: int = 1) -> str:
    """The debrief of a finished run; a short thanks where feedback is off."""
    if session.settings.feedback == "none":
        return template("thanks.html", lang, s=screen(session, lang))
    return template("debrief.html", lang, d=debrief(session, lang), level=level)
