"""What a posted form means: the one place where a front end's buttons become moves of a session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from trainkit import session as sessions
from trainkit.errors import NotSaved, OutOfDate, Refused, TrainkitError
from trainkit.session import Session
from trainkit.view.words import words


@dataclass(frozen=True)
class Reply:
    """The session to show, in which language, and what to say if something was refused."""

    session: Session
    lang: str
    error: str = ""
    saved: bool = True


def act(session: Session, form: Mapping[str, object], lang: str) -> Reply:
    """Do what a form asks; never trusts it.

    Parameters
    ----------
    session : Session
    form : mapping
        ``step`` and one of ``option``, ``back``, ``words``, ``why``, ``disagree``, ``again``, ``lang``; ``text`` for words.
    lang : str
        The language on the screen.
    """
    gettext = words(lang).gettext
    step = _whole(form.get("step"))
    text = form.get("text", "")
    text = text if isinstance(text, str) else ""
    try:
        if "lang" in form:
            code = str(form["lang"])
            return Reply(session, code if code in session.case.languages else lang)
        if "option" in form:
            session.answer(form["option"], step, lang)
        elif "back" in form:
            session.go_back(step, lang)
        elif "words" in form:
            session.say(text if form["words"] else "", step, lang)
        elif "why" in form:
            session.explain(text if form["why"] else "", step, lang)
        elif "disagree" in form:
            session.disagree(_whole(form["disagree"]), text, lang)
        elif "again" in form:
            if session.phase != "over":
                raise OutOfDate
            return Reply(sessions.again(session), lang)
        else:
            return Reply(session, lang, gettext("Nothing was chosen."))
    except OutOfDate:
        return Reply(session, lang, gettext("That screen was out of date; this is the current one."))
    except NotSaved as error:
        reason = str(error)
        return Reply(session, lang, gettext("Your answer is NOT saved ({reason}).").format(reason=reason), saved=False)
    except Refused as error:
        return Reply(
            session, lang, gettext("Not accepted: {reason}").format(reason=_why(session, form, error, gettext))
        )
    except TrainkitError as error:
        return Reply(session, lang, gettext("Not accepted: {reason}").format(reason=str(error)))
    return Reply(session, lang)


def _why(session: Session, form: Mapping[str, object], error: Refused, gettext: Callable[[str], str]) -> str:
    """What people really run into, in their language; the rest is forged and may stay English."""
    if "back" in form and session.settings.back:
        return gettext("there is nowhere to go back to from here.")
    if (session.attempt.state.place, form.get("option")) in session.attempt.state.asked:
        return gettext("this has been asked already.")
    return str(error)


def _whole(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) < 10 else None
