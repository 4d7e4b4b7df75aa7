"""The exercise in a notebook: a chat with a client, as one widget."""

import os
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from IPython import get_ipython
from markupsafe import Markup

from trainkit.case.model import Case
from trainkit.engine.rules import State
from trainkit.errors import N_, NotSaved, TrainkitError, UnknownName, shown
from trainkit.files import casebook
from trainkit.garbage import gc_paused
from trainkit.i18n import catalog, direction, languages
from trainkit.log.carried import DRIVE, in_browser
from trainkit.log.history import attempts_beside
from trainkit.log.memory import MemoryLog
from trainkit.log.records import Settings
from trainkit.log.store import Log
from trainkit.notebook.later import later
from trainkit.notebook.trainee import Trainee
from trainkit.session.forms import act
from trainkit.session.resume import begin, resume
from trainkit.session.session import Session
from trainkit.typed import typed
from trainkit.value.solver import exact_play
from trainkit.view import render
from trainkit.view.shelf import shelf, spoken_in

AHEAD_S = 0.5  # by then the first scene is painted; solving any sooner keeps it waiting
PAGES = ("shelf", "all")  # besides a case: every conversation, and the debrief of all of them


class Exercise(anywidget.AnyWidget):
    """A running exercise, or the shelf with all of them.

    Python renders escaped HTML, the browser shows it and says which button was pressed.

    ``state`` is what the browser shows: HTML parts, the number of the screen and the answer to its last message
    (``ack``). ``session`` is the run itself; None while the shelf or the debrief of all cases is shown.
    """

    _esm = Path(__file__).parent / "exercise.js"
    _css = render.asset("tk.css")
    state = traitlets.Dict().tag(sync=True)

    def __init__(self, session: Session | None, lang: str, trainee: Trainee | None = None, page: str = "shelf"):
        self.session, self.lang, self.page = session, lang, page
        self.trainee = trainee or Trainee(session.log, session.record.participant, session.settings)
        super().__init__()
        self.on_msg(self._on_message)
        self._show()
        self._solve_ahead()

    def _solve_ahead(self) -> None:
        """Solve the case while its first lines are read: the debrief needs it."""
        if self.session is not None:
            start = (self.session.case, self.session.attempt.state)
            later(AHEAD_S, _solve, *start)

    def _parts(self, error: str) -> dict[str, Any]:
        """What differs from page to page."""
        if self.session is not None:
            ended = self.session.phase == "over"
            newest = attempts_beside(self.session.log, self.session.record) if ended else ()
            onward = self.trainee.onward(self.session.case.id) if ended else None
            parts = render.exercise_html(self.session, self.lang, error, level=2, newest=newest, onward=onward)
            return parts | {"run": self.session.record.attempt, "leaf": False}
        if self.page == "all":
            leaf = render.all_cases_html(self.trainee.newest(), self.lang, level=2)
        else:
            leaf = render.shelf_html(shelf(self.trainee.standings(), self.lang), error, level=2)
        empty = {"step": 0, "heard": "", "head": "", "lines": [], "choice": "", "debrief": leaf, "leaf": True}
        return empty | {"run": self.page}

    def _show(self, ack: str = "", error: str = "", saved: bool = True) -> None:
        lang, gettext = self.lang, catalog(self.lang).gettext
        parts = self._parts(error if saved else "")
        self.state = {
            **parts,
            "lang": lang,
            "dir": direction(lang),
            "ack": ack,
            "saved": saved,
            "heard": error or parts["heard"],
            "trouble": "" if saved else self._trouble(error, gettext("Your reply is still on this screen; try again.")),
            "say": {
                "log": gettext("Conversation"),
                "saving": gettext("saving"),
                "unsaved": gettext("not saved"),
                "unconfirmed": gettext("not confirmed"),
                "busy": self._trouble(
                    gettext("Not confirmed: the program has not answered yet."),
                    gettext("Your reply stays on this screen. Trying again is harmless: nothing counts twice."),
                ),
                "dead": self._trouble(
                    gettext("Not confirmed: the program cannot be reached."),
                    gettext(
                        "Reload the page; if that doesn’t help, start the program again. Everything confirmed is saved."
                    ),
                ),
            },
        }

    def _trouble(self, title: str, text: str) -> str:
        return render.template("trouble.html", self.lang, title=title, text=text)

    def _on_message(self, _widget: Any, message: object, _buffers: object) -> None:
        # Never trust it: any JavaScript in the notebook can send anything.
        form = message if isinstance(message, Mapping) else {}
        error, saved = self._turn(form), True
        if error is None:
            reply = act(self.session, form, self.lang)
            self.session, self.lang, error, saved = reply.session, reply.lang, reply.error, reply.saved
        self._show(str(form.get("nonce", ""))[:40], error, saved)

    def _turn(self, form: Mapping[str, object]) -> str | None:
        """Turn to another page, if the form asks for that, and tell what went wrong; None if it asks for something else."""
        if form.get("page") in PAGES:
            self.session, self.page = None, str(form["page"])
        elif "begin" in form or "anew" in form:
            try:
                self.session = self.trainee.play(str(form.get("begin", form.get("anew"))), anew="anew" in form)
            except TrainkitError as error:
                return catalog(self.lang).gettext("Not accepted: {reason}").format(reason=str(error))
            self.lang = spoken_in(self.session.case, self.lang)
            self._solve_ahead()
        elif self.session is None:
            self.lang = str(form["lang"]) if form.get("lang") in languages() else self.lang
        else:
            return None
        return ""

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Add a still picture for readers without a kernel (nbconvert, a web page); alone where nobody can press a button.

        An exporter that has run the cell itself would put the widget first, and show nothing where its page is read without
        the Internet.
        """
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        if data is None:
            return bundle
        state, css = self.state, Markup(render.asset("tk.css"))
        parts = {"head": state["head"], "lines": "".join(state["lines"]), "end": state["debrief"]}
        html = {name: Markup(part) for name, part in parts.items()}
        still = render.template("exercise_still.html", self.lang, package=__package__, css=css, lang=self.lang, **html)
        return {**({} if _unattended() else data), "text/html": still}, metadata


def _unattended() -> bool:
    """Whether the cell is run by a program, as nbconvert's: it can't be asked for input, either."""
    kernel = getattr(get_ipython(), "kernel", None)
    asked = kernel.get_parent() if hasattr(kernel, "get_parent") else {}
    return asked.get("content", {}).get("allow_stdin") is False


def _solve(case: Case, state: State) -> None:
    with suppress(TrainkitError):  # the debrief says that it is too large
        exact_play(case).worth(state)


@gc_paused()
def exercise(
    case: str | os.PathLike | None = None,
    lang: str | None = None,
    *,
    page: str = "shelf",
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
    """Play a case in the notebook; goes on where this participant stopped. Without a case: the shelf with all of them.

    Parameters
    ----------
    case : str, optional
        A case id (``trainkit.cases()`` lists them) or the path of a case's folder.
    lang : str
        ``"ru"`` or ``"en"``, or another language the case has; if left out, the one it is written in.
    page : {"shelf", "all"}
        What is shown without a case: every conversation and how far one is, or the debrief of all of them.
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

    Notes
    -----
    Demonstrations and tests run a notebook as it is and set ``TRAINKIT_ANSWERS`` (``pay,ask``), ``TRAINKIT_SEED`` and
    ``TRAINKIT_FIXED`` (``item=watch,season=autumn``) in the environment; what the call says goes before.
    """
    settings = Settings(feedback, back, own_words, ask_why)
    if case is None:
        lang = lang or "ru"
        for kind, got, known in (("language", lang, languages()), ("page", page, PAGES)):
            if got not in known:
                raise UnknownName(kind, got, known)
        return Exercise(None, lang, Trainee(_lasting(database, lang), participant, settings), page)
    loaded = casebook.load_case(case)
    for said in casebook.untranslated(case):
        warnings.warn(said, stacklevel=2)
    lang = casebook.language(lang or loaded.lang, loaded)
    seed, fixed, answers = _as_demonstrated(seed, fixed, answers)
    if answers is None:
        try:
            session = resume(_lasting(database, lang), loaded, participant, seed=seed, fixed=fixed, settings=settings)
        except NotSaved as error:
            raise type(error)(_not_begun(lang).format(reason=str(error))) from error
    else:
        log = MemoryLog() if database is None else Log(database)
        session = begin(log, loaded, participant, seed=seed, fixed=fixed, settings=settings, origin="scripted")
        session.play(answers, lang)
    return Exercise(session, lang)


def _lasting(database: str | os.PathLike | None, lang: str) -> Log:
    """The log, of which this program keeps what it confirms, should the file be deleted under it."""
    if in_browser() and not DRIVE.is_dir():
        said = N_(
            "This browser keeps nothing here, as in a private window: what you say is gone when the page is closed."
        )
        warnings.warn(catalog(lang).gettext(said), stacklevel=3)
    log = Log(database)
    log.keep_journal()
    return log


def _not_begun(lang: str) -> str:
    return catalog(lang).gettext(
        "The conversation has not begun: nothing can be saved ({reason}). Close the program that holds the file with the "
        "answers, or allow writing to it; then choose Run All Cells from the Run menu."
    )


def _as_demonstrated(
    seed: int | None, fixed: Mapping[str, str] | None, answers: Sequence[str] | None
) -> tuple[int | None, Mapping[str, str] | None, Sequence[str] | None]:
    """What the call leaves open, as the environment says; all of it in one spelling."""
    said = {name: typed(os.environ.get(f"TRAINKIT_{name}", "")).strip() for name in ("SEED", "FIXED", "ANSWERS")}
    if seed is None and said["SEED"]:
        if not said["SEED"].isdecimal():
            raise TrainkitError(f"TRAINKIT_SEED is a whole number (got {shown(said['SEED'])})")
        seed = int(said["SEED"])
    if fixed is None and said["FIXED"]:
        pairs = [pair.partition("=") for pair in said["FIXED"].split(",")]
        fixed = {name.strip(): value.strip() for name, _, value in pairs}
    if answers is None and said["ANSWERS"]:
        answers = [name.strip() for name in said["ANSWERS"].split(",")]
    if isinstance(fixed, Mapping):
        fixed = {typed(str(name)): typed(value) if isinstance(value, str) else value for name, value in fixed.items()}
    if isinstance(answers, list | tuple):
        answers = [typed(name) if isinstance(name, str) else name for name in answers]
    return seed, fixed, answers
