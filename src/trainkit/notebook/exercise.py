"""The exercise in a notebook: a chat with a client, as one widget."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from markupsafe import Markup

from trainkit.files import casebook
from trainkit.i18n import catalog
from trainkit.log.history import attempts_beside
from trainkit.log.memory import MemoryLog
from trainkit.log.records import Settings
from trainkit.log.store import Log
from trainkit.session.forms import act
from trainkit.session.resume import begin, resume
from trainkit.session.session import Session
from trainkit.view import render


class Exercise(anywidget.AnyWidget):
    """A running exercise. Python renders escaped HTML, the browser shows it and says which button was pressed.

    ``state`` is what the browser shows: HTML parts, the number of the screen and the answer to its last message
    (``ack``). ``session`` is the run itself.
    """

    _esm = Path(__file__).parent / "exercise.js"
    _css = render.asset("tk.css")
    state = traitlets.Dict().tag(sync=True)

    def __init__(self, session: Session, lang: str):
        self.session, self.lang = session, lang
        super().__init__()
        self.on_msg(self._on_message)
        self._show()

    def _show(self, ack: str = "", error: str = "", saved: bool = True) -> None:
        lang, session = self.lang, self.session
        gettext = catalog(lang).gettext
        newest = attempts_beside(session.log, session.record) if session.phase == "over" else ()
        parts = render.exercise_html(session, lang, error if saved else "", level=2, newest=newest)
        self.state = {
            **parts,
            "run": session.record.attempt,
            "lang": lang,
            "ack": ack,
            "saved": saved,
            "heard": error or parts["heard"],
            "trouble": "" if saved else self._trouble(error, gettext("It stays on this screen; you may try again.")),
            "say": {
                "log": gettext("Conversation"),
                "saving": gettext("saving"),
                "unsaved": gettext("not saved"),
                "unconfirmed": gettext("not confirmed"),
                "busy": self._trouble(
                    gettext("Not confirmed: Python is busy and has not answered."),
                    gettext("Your reply stays on this screen. Trying again is harmless: nothing counts twice."),
                ),
                "dead": self._trouble(
                    gettext("Not confirmed: no connection to Python."),
                    gettext("Run the cell again to go on where you were; all that was confirmed is saved."),
                ),
            },
        }

    def _trouble(self, title: str, text: str) -> str:
        return render.template("trouble.html", self.lang, title=title, text=text)

    def _on_message(self, _widget: Any, message: object, _buffers: object) -> None:
        # Never trust it: any JavaScript in the notebook can send anything.
        form = message if isinstance(message, Mapping) else {}
        reply = act(self.session, form, self.lang)
        self.session, self.lang = reply.session, reply.lang
        self._show(str(form.get("nonce", ""))[:40], reply.error, reply.saved)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Add a still picture for readers without a kernel (nbconvert, a web page)."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        if data is None:
            return bundle
        state = self.state
        head, lines = Markup(state["head"]), Markup("".join(state["lines"]))
        css = Markup(render.asset("tk.css"))
        still = render.template("exercise_still.html", self.lang, package=__package__, css=css, head=head, lines=lines)
        return {**data, "text/html": still}, metadata


def exercise(
    case: str | os.PathLike,
    lang: str = "ru",
    *,
    participant: str = "trainee",
    seed: int | None = None,
    fixed: Mapping[str, str] | None = None,
    feedback: str = "now",
    back: bool = True,
    own_words: bool = False,
    ask_why: bool = False,
    answers: Sequence[str] | None = None,
    database: str | os.PathLike | None = None,
) -> Exercise:
    """Play a case in the notebook; goes on where this participant stopped.

    Parameters
    ----------
    case : str
        A case id (``trainkit.cases()`` lists them) or the path of a case's folder.
    lang : str
        ``"ru"`` or ``"en"``, or another language the case has.
    participant : str
        A pseudonym, at most 80 characters. Together with the case it finds the newest run.
    seed : int, optional
        Fixes the draw of what is true of the client, 0 … 2⁵³ − 1; drawn if left out.
    fixed : mapping of fact to value, optional
        Facts to fix, e.g. ``{"item": "watch"}``.
    feedback : {"now", "end", "none"}
        When the trainee learns what the words did.
    back : bool
        Whether one may go back a step (it is logged).
    own_words : bool
        Whether "what would you say?" comes before the options.
    ask_why : bool
        Whether "why did you choose this?" comes before any feedback.
    answers : sequence of str, optional
        Option ids to play by itself, into a log in memory unless ``database`` is named.
    database : str or path, optional
        The log; see :func:`trainkit.log.store.default_database`.

    Returns
    -------
    Exercise
        A widget; the last line of a cell shows it.

    Raises
    ------
    TrainkitError
        Unknown case, language, fact or option (names the nearest right one), or a log that can't be written.
    """
    loaded = casebook.load_case(case)
    casebook.language(lang, loaded)
    settings = Settings(feedback, back, own_words, ask_why)
    if answers is None:
        session = resume(Log(database), loaded, participant, seed=seed, fixed=fixed, settings=settings)
    else:
        log = MemoryLog() if database is None else Log(database)
        session = begin(log, loaded, participant, seed=seed, fixed=fixed, settings=settings, origin="scripted")
        session.play(answers, lang)
    return Exercise(session, lang)
