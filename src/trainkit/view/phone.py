"""What is on a phone in a class? Whole pages, without a line of JavaScript in their way.

Forms hold ``<!--token-->`` where the server puts the field that proves where they came from.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from markupsafe import Markup

from trainkit.case.cache import Cache
from trainkit.engine.attempt import Attempt
from trainkit.i18n import NBSP, catalog, languages, quoted, typeset
from trainkit.room.secrets import format_code
from trainkit.session.session import Session
from trainkit.view import render
from trainkit.view.clock import Ticking, ticking
from trainkit.view.debrief import DebriefView
from trainkit.view.debrief import debrief as view_debrief
from trainkit.view.heard import heard_last
from trainkit.view.letters import on_the_screen
from trainkit.view.render import assets
from trainkit.view.screen import Button, case_text, reply_words

if TYPE_CHECKING:
    from trainkit.room.records import Ballot, Clock, Member, Workshop, WorkshopCase

TOKEN = "<!--token-->"
MOVES = 5  # replies on a page of the debrief
TURNS = 2  # of one's own, with what came after them, on a page of the talk
LINES = 400  # the last of the whole talk: more than a conversation has, unless somebody went back for an hour


class Frame(NamedTuple):
    """What stands around every page: who one is, in which room, and what the page was true of."""

    lang: str
    languages: tuple[str, ...]
    bar: str
    state: str = ""
    clock: Ticking | None = None
    asking: bool = False  # whether one may ask without a name from here
    asked: int = 0  # questions that the room may read
    linked: bool = False  # whether the way to one's personal link is shown
    waits: bool = False  # nobody may begin anything now
    over: bool = False  # the class has ended
    room: str = ""  # the room's language: that of the letters on the wall
    news: tuple[str, str] = ("", "")  # what the room does now that the page wouldn't tell, and where it leads
    typed: str = ""  # words that could not be taken
    query: str = ""  # of its address, without the language
    alone: bool = False  # no class, no server: what is said is kept in this browser
    home: str = ""  # where all conversations are, for who is alone
    stays: bool = False  # somebody may be writing there: that the class goes on is told on it, and nothing renews it


class Following(NamedTuple):
    """The case that comes next, and the number of the run it would be."""

    part: WorkshopCase
    run: int
    opened: bool = True  # False: the trainer opens it


class Team(NamedTuple):
    """One's own team: what it is called, how many are in it, and who, as far as they may be told."""

    name: str
    size: int
    names: tuple[str, ...] = ()


def spoken(workshop: Workshop) -> tuple[str, ...]:
    """Languages the whole workshop can be held in, the room's first."""
    return _spoken(workshop.lang, tuple(part.case.languages for part in workshop.parts))


@lru_cache
def _spoken(lang: str, every: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    return tuple(code for code in dict.fromkeys((lang, *languages())) if all(code in one for one in every))


def framed(
    workshop: Workshop | None, member: Member | None, lang: str, state: str = "", clock: Clock | None = None
) -> Frame:
    """The frame for someone in a room, or for someone at its door."""
    gettext = catalog(lang).gettext
    if workshop is None or member is None:
        bar = gettext("trainkit · class")
    else:
        bar = gettext("Class {code} · {name}").format(code=format_code(workshop.code, NBSP), name=member.name)
        if member.pair:
            bar += gettext(", as a pair")
    speaks, room = (spoken(workshop), workshop.lang) if workshop else (languages(), "")
    return Frame(lang, speaks, bar, state, ticking(clock, lang), room=room)


def frame_page(frame: Frame, title: str, body: str, *, narrow: bool = False, refresh: int = 0, cover: str = "") -> str:
    """A whole page; a ``cover`` fills the screen."""
    return render.filled(
        "class_page.html",
        frame.lang,
        {
            "title": title,
            "bar": frame.bar,
            "state": frame.state,
            "body": Markup(body),
            "clock": None if cover else frame.clock,
            "news": frame.news[0],
        },
        languages=frame.languages,
        assets=assets(),
        leads=frame.news[1],
        query=frame.query,
        stays=frame.stays,
        narrow=narrow,
        refresh=refresh,
        cover=cover,
        asking=frame.asking,
        asked=frame.asked,
        home=frame.home,
        linked=frame.linked and not cover,
    )


# ---- before the conversation ------------------------------------------------------------------------------------


def join_page(
    workshop: Workshop,
    lang: str,
    visit: str,
    *,
    open_room: bool = False,
    code: str = "",
    way: str = "",
    name: str = "",
    pair: bool = False,
    agreed: bool = False,
    error: str = "",
    wrong: str = "",
) -> str:
    """The door: code, name, consent; ``visit`` is this form's own secret, by which it counts once.

    ``way`` is the secret of who came by QR code or link, and needs no code.
    Whatever the consent text, it says whether the trainer sees who said what (``open_room``).
    """
    consent = tuple(filter(None, map(str.strip, (workshop.consent or "").split("\n"))))  # in paragraphs; else the kit's
    texts = {"code": code, "name": name, "error": error, "visit": visit, "way": way, "consent": consent}
    body = render.filled("class_join.html", lang, texts, pair=pair, agreed=agreed, wrong=wrong, open_room=open_room)
    return frame_page(framed(workshop, None, lang), catalog(lang).gettext("Join the class"), body, narrow=True)


def lobby(
    frame: Frame,
    member: Member,
    part: WorkshopCase,
    *,
    run: int,
    total: int,
    error: str = "",
    waiting: str = "",
    namesake: bool = False,
    team: Team | None = None,
) -> str:
    """Before a case begins; a ``namesake`` of somebody is told how the trainer sees them."""
    lang, case = frame.lang, part.case
    gettext, ngettext = catalog(lang).gettext, catalog(lang).ngettext
    text = partial(case_text, case, lang=lang)
    counted = ngettext("{n} conversation today. The first:", "{n} conversations today. The first:", total)
    texts = {
        "heading": gettext("{name}, you’re in").format(name=member.name),
        "error": error,
        "namesake": quoted(member.name, lang) if namesake else "",
        "waiting": waiting,
        "counted": "" if total == 1 else counted.format(n=total),
        "title": text("title"),
        "role": text("role"),
        "minutes": ngettext("About {n} minute.", "About {n} minutes.", case.minutes).format(n=case.minutes),
        "notice": text("notice") if case.notice else "",
        "run": run,
        "case_id": case.id,
        "team": _team_told(team, lang) if team else (),
    }
    body = render.filled("class_lobby.html", lang, texts)
    return frame_page(frame, text("title"), body, narrow=True, refresh=10 if waiting else 0)


def _team_told(team: Team, lang: str) -> tuple[str, str]:
    """A team's name, and who is in it: by name in an open room, else how many."""
    gettext, ngettext = catalog(lang).gettext, catalog(lang).ngettext
    heading = gettext("Team {name}").format(name=quoted(team.name, lang))
    if team.size < 2:
        return heading, gettext("Nobody else is in it yet.")
    said = ngettext("There is {n} of you.", "There are {n} of you.", team.size).format(n=team.size)
    if team.names:
        said = said[:-1] + f": {', '.join(team.names)}."
    return heading, said + " " + gettext("Sit together: each of you answers alone, and you talk together.")


def teams_page(frame: Frame, teams: Sequence[tuple[str, int]], mine: int | None) -> str:
    """The teams, to go into another one; ``mine`` is the index of one's own."""
    ngettext = catalog(frame.lang).ngettext
    listed = [(name, ngettext("{n} person", "{n} people", n).format(n=n)) for name, n in teams]
    body = render.template("class_teams.html", frame.lang, teams=listed, mine=mine)
    return frame_page(frame, catalog(frame.lang).gettext("Change team"), body, narrow=True)


def other_seat(frame: Frame, mine: str, theirs: str) -> str:
    """A question to who has followed the link of a seat, and has another, or comes from elsewhere and has none (``mine``)."""
    gettext, texts = catalog(frame.lang).gettext, {"mine": mine, "theirs": theirs}
    body = render.filled("class_other_seat.html", frame.lang, texts, seated=bool(mine))
    return frame_page(frame, gettext("Another place") if mine else gettext("Is this your link?"), body, narrow=True)


def own_link(frame: Frame, link: str, qr: str) -> str:
    """The personal link, as words and as a picture."""
    body = render.template("class_link.html", frame.lang, link=link, qr=Markup(qr))
    return frame_page(frame, catalog(frame.lang).gettext("Your personal link"), body, narrow=True)


# ---- the conversation -------------------------------------------------------------------------------------------


def scene(
    frame: Frame,
    session: Session,
    member: Member,
    *,
    error: str = "",
    following: Following | None = None,
    newest: Sequence[Attempt] = (),
    held_back: bool = False,
) -> str:
    """Where the conversation is: the last words, and the replies or, at the end, what is learnt from it.

    Who is ``held_back`` reads on, and replies when the trainer opens the scene.
    """
    lang = frame.lang
    turns = 1 if session.phase == "over" else TURNS  # the debrief stands under the last one
    parts = render.exercise_html(
        session, lang, error, pair=member.pair, phone=True, turns=turns, room=frame.room, typed=frame.typed
    )
    body = _talk(parts, lang)
    if held_back:
        body += render.filled("class_held.html", lang, {"error": error})
        return frame_page(frame, case_text(session.case, "title", lang), body, refresh=10)
    if session.phase != "over":
        body += parts["choice"] + render.template("class_look.html", lang)
    else:
        told = session.settings.feedback != "none"
        body += _debrief(frame, session, 1, newest, error) if told else render.template("class_thanks.html", lang)
        body += _onward(frame, session, following)
    return frame_page(frame, case_text(session.case, "title", lang), body)


def debrief_page(
    frame: Frame, session: Session, number: int, *, following: Following | None = None, newest: Sequence[Attempt] = ()
) -> str | None:
    """A page of the debrief from the second on; None where there is no such page."""
    if session.settings.feedback == "none":
        return None
    pages = len(_debrief_parts(_debriefed(session, frame.lang, newest)))
    if not 2 <= number <= pages:
        return None
    body = _debrief(frame, session, number, newest)
    if number == pages:
        body += _onward(frame, session, following)
    return frame_page(frame, case_text(session.case, "title", frame.lang), body)


def _debrief_parts(shown: DebriefView) -> list[tuple[str, int]]:
    """What is on each page: a part, and the number of its first reply. A few of them a page: a phone loads each."""
    moves = [("moves", first) for first in range(0, shown.replies, MOVES)]
    return [("one", 0), ("figures", 0), *([("adapting", 0)] if shown.adapting else []), *moves, ("rest", 0)]


_Shown = namedtuple("_Shown", "one gauge figures rest notice")  # what a page of a debrief is made of


def _debrief(frame: Frame, session: Session, number: int, newest: Sequence[Attempt], error: str = "") -> str:
    lang = frame.lang
    shown = _debriefed(session, lang, newest)
    parts = _debrief_parts(shown)
    part, first = parts[number - 1]
    around = {"level": 1, "phone": True, "number": number, "pages": len(parts), "part": part, "alone": frame.alone}
    if part == "adapting":
        return render.template("class_debrief.html", lang, d=shown, error=error, **around)
    read = _Shown(
        one=shown.one if part == "one" else None,
        gauge=shown.gauge if part == "figures" else None,
        figures=shown.figures if part == "figures" else (),
        rest=shown.rest if part == "rest" else None,
        notice=shown.notice,
    )
    moves = render.moves_html(shown, lang, first, MOVES, level=1, phone=True) if part == "moves" else Markup()
    texts = {"d": read, "error": error, "moves": moves}
    return render.filled("class_debrief.html", lang, texts, replies=shown.replies, **around)


_DEBRIEFS: Cache[tuple[str, int, str], DebriefView] = Cache(500)  # for who turns its pages


def _debriefed(session: Session, lang: str, newest: Sequence[Attempt]) -> DebriefView:
    key = session.record.attempt, session.step, lang
    return _DEBRIEFS.get(key) or _DEBRIEFS.keep(key, view_debrief(session, lang, newest))


def _onward(frame: Frame, session: Session, following: Following | None) -> str:
    """What can be done after a run: the next case, or the same again with newly drawn facts."""
    lang = frame.lang
    case = following.part.case if following else session.case
    texts = {
        "case_id": case.id if following else "",
        "title": case_text(case, "title", lang),
        "role": case_text(case, "role", lang),
        "next_run": following.run if following else 0,
        "opened": following.opened if following else True,
        "again": case_text(session.case, "debrief.again", lang),
        "step": session.step,
        "run": session.record.attempt,
    }
    return render.filled("class_onward.html", lang, texts, waits=frame.waits, over=frame.over)


def talk(frame: Frame, session: Session) -> str:
    """The whole conversation so far, to be read again; of one without end the last part."""
    turns = LINES if len(session.attempt.steps) > LINES else None
    parts = render.exercise_html(session, frame.lang, phone=True, room=frame.room, turns=turns)
    if len(parts["lines"]) > LINES:
        parts |= {"lines": parts["lines"][-LINES:], "shortened": True}
    body = _talk(parts, frame.lang, whole=True)
    return frame_page(frame, case_text(session.case, "title", frame.lang), body)


def _talk(parts: Mapping[str, Any], lang: str, whole: bool = False) -> str:
    """The last turns of a talk; what was before them is a page of its own, so that a phone needn't load it each time."""
    lines = [*parts["lines"]]
    if parts["turns"] and not whole:
        lines.insert(parts["turns"][-1], '<li class="anchor" id="now" aria-hidden="true"></li>')
    texts = {"lines": Markup("".join(lines))}
    return parts["head"] + render.filled(
        "class_talk.html",
        lang,
        texts,
        earlier=parts["shortened"] and not whole,
        cut=parts["shortened"] and whole,
        whole=whole,
    )


def disagree(frame: Frame, session: Session, number: int) -> str | None:
    """A form to disagree with the key of a choice; None where there is no such choice or no feedback yet."""
    if not session.has_feedback_on(number):
        return None
    step, lang = session.attempt.steps[number], frame.lang
    body = render.template(
        "class_disagree.html",
        lang,
        number=number,
        mine=reply_words(session.case, step.scene, step.option, "text", step.knew, lang),
        why=case_text(session.case, step.because, lang),
        said=session.disagreements().get((step.scene, step.option), ""),
    )
    return frame_page(frame, catalog(lang).gettext("Disagree with this rating?"), body)


def wait(
    frame: Frame,
    cover: str,
    heading: str,
    text: str,
    *,
    talk: bool = False,
    more: str = "",
    error: str = "",
    change: str = "",
    debriefs: Sequence[tuple[int, str]] = (),
) -> str:
    """Everyone looks at the wall: one thing said with the whole screen.

    ``cover`` is "pause", "vote" or "end"; with ``talk`` the conversation so far is one link away; ``change`` are the words of
    a link by which a team's vote is given again, ``debriefs`` the runs (number, title) of which one can be read.
    """
    words = {"heading": heading, "text": text, "more": more, "error": error, "change": change}
    set_well = {name: typeset(said, frame.lang) for name, said in words.items()}
    body = render.filled(
        "class_wait.html", frame.lang, set_well, talk=talk, goes_on=cover != "end", debriefs=tuple(debriefs)
    )
    return frame_page(frame, heading, body, refresh=10, cover=cover)


def team_voted(frame: Frame, session: Session, ballot: Ballot, team: str, voted: str, *, error: str = "") -> str:
    """What one's team has voted, and a way to vote again."""
    lang, gettext = frame.lang, catalog(frame.lang).gettext
    heading = gettext("Team {name} has voted").format(name=quoted(team, lang))
    step = session.first(ballot.scene)
    text = quoted(reply_words(session.case, step.scene, voted, "text", step.knew, lang), lang)
    more = gettext("Look at the screen. While the vote is open, any of you may change it.")
    return wait(frame, "vote", heading, text, more=more, error=error, change=gettext("Vote otherwise"))


def no_team(frame: Frame, *, error: str = "") -> str:
    """The teams vote, and this person is in none."""
    gettext = catalog(frame.lang).gettext
    text = gettext("Look at the screen.")
    return wait(frame, "vote", gettext("The teams are voting"), text, more=gettext("You are in no team."), error=error)


def vote(frame: Frame, session: Session, ballot: Ballot, *, error: str = "", team: str = "", voted: str = "") -> str:
    """A scene one has answered, voted on again: the same replies as then; with ``team`` for all of it, who ``voted`` so."""
    lang, case, gettext = frame.lang, session.case, catalog(frame.lang).gettext
    step = session.first(ballot.scene)
    options = []
    for name, _, _ in step.open:
        words = reply_words(case, step.scene, name, "text", step.knew, lang)
        told = on_the_screen(case, (step.scene, name), frame.room, lang) if frame.room else ""
        mine = gettext("your first answer") if name == step.option else ""
        ours = gettext("your team’s vote") if name == voted else ""
        options.append(Button(name, words, " · ".join(filter(None, (told, ours, mine)))))
    body = render.template(
        "class_vote.html",
        lang,
        scene=case_text(case, f"scenes.{step.scene}.title", lang),
        heard=heard_last(case, step.scene, step.knew, lang),
        number=ballot.number,
        legend=gettext("What does your team say now?") if team else gettext("What would you say now?"),
        options=options,
        team=quoted(team, lang) if team else "",
        voted=voted,
        error=error,
    )
    return frame_page(frame, gettext("Vote again"), body)


def trouble(frame: Frame, heading: str, text: str, links: Sequence[tuple[str, str]] = ()) -> str:
    """Something was not done: what, why, and where to go from here."""
    body = render.template("class_trouble.html", frame.lang, heading=heading, text=text, links=links)
    return frame_page(frame, heading, body, narrow=True)
