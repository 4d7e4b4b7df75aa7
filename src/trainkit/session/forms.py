"""What does a posted form mean? The one place where a front end's buttons become moves of a session."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from trainkit.errors import NotSaved, OutOfDate, Refused, TrainkitError
from trainkit.i18n import catalog
from trainkit.log.lost import LogLost
from trainkit.log.records import Event
from trainkit.session import resume
from trainkit.session.option_codes import option_of
from trainkit.session.session import MOST_EVENTS, Session


@dataclass(frozen=True)
class FormResult:
    """The session to show, in which language, and what to say if something was refused."""

    session: Session
    lang: str
    error: str = ""
    saved: bool = True


def act(session: Session, form: Mapping[str, object], lang: str) -> FormResult:
    """Do what a form asks; never trusts it.

    ``form`` has ``step``, ``text`` for words, and one of ``option``, ``back``, ``words``, ``why``, ``disagree``, ``again``
    and ``lang``; ``lang`` is the language on the screen.
    """
    if "lang" in form:
        code = str(form["lang"])
        return FormResult(session, code if code in session.case.languages else lang)
    try:
        if "again" in form:
            if session.phase != "over":
                raise OutOfDate
            return FormResult(resume.play_again(session), lang)
        session.commit(event_of_form(session, form, lang))
    except TrainkitError as error:
        why = explain_refusal(session, form, error, lang)
        return FormResult(session, lang, why, saved=not isinstance(error, NotSaved))
    return FormResult(session, lang)


def event_of_form(session: Session, form: Mapping[str, object], lang: str) -> Event | None:
    """What a form would have logged; see :meth:`trainkit.session.session.Session.move`."""
    step, text = _whole(form.get("step")), form.get("text", "")
    text = text if isinstance(text, str) else ""
    if "option" in form:
        return session.move("choose", lang, step=step, option=option_of(session.case, form["option"]))
    if "back" in form:
        return session.move("back", lang, step=step)
    for kind in ("words", "why"):
        if kind in form:
            return session.move(kind, lang, step=step, text=text if form[kind] else "")
    if "disagree" in form:
        return session.move("disagree", lang, number=_whole(form["disagree"]), text=text)
    raise Nothing


class Nothing(TrainkitError):
    """A form that asks for nothing."""


def explain_refusal(session: Session, form: Mapping[str, object], error: TrainkitError, lang: str) -> str:
    """Why a form was not taken, in the language on the screen."""
    gettext = catalog(lang).gettext
    if isinstance(error, Nothing):
        return gettext("Nothing was chosen.")
    if isinstance(error, OutOfDate):
        return gettext("The page had changed meanwhile: that press did not count.")
    if isinstance(error, LogLost):
        return gettext("Your answer is NOT saved.") + " " + error.said(gettext)
    if isinstance(error, NotSaved):
        return gettext("Your answer is NOT saved ({reason}).").format(reason=error.said(gettext))
    reason = _why(session, form, error, gettext) if isinstance(error, Refused) else error.said(gettext)
    return gettext("Not accepted: {reason}").format(reason=reason)


def _why(session: Session, form: Mapping[str, object], error: Refused, gettext: Callable[[str], str]) -> str:
    """What people really run into, in their language; the rest is forged and may stay English."""
    if "back" in form and session.settings.back and session.step < MOST_EVENTS:
        return gettext("there is nowhere to go back to from here.")
    if (session.attempt.state.place, form.get("option")) in session.attempt.state.asked:
        return gettext("this has been asked already.")
    return error.said(gettext)


def _whole(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) < 10 else None
