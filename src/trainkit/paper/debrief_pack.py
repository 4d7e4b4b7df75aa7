"""The debrief pack: one page to print by which a trainer leads the talk, filled from what the room did.

Its order is that of debriefing in simulation training: prebrief, reactions, description, analysis, summary (PEARLS, Eppich
& Cheng 2015; Gather–Analyse–Summarise, Phrampus & O'Donnell 2013). What is the kit's own in it is said on its last page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib.resources import files
from typing import Any, NamedTuple

from babel.dates import format_date

from trainkit.files.casebook import language
from trainkit.i18n import NBSP, catalog, quoted
from trainkit.log.records import local_time
from trainkit.paper.handout import css_string
from trainkit.paper.handout_book import known_locale
from trainkit.room.records import FEW, Question, Workshop
from trainkit.room.room_summary import Person, RoomSummary, Split
from trainkit.room.secrets import format_code
from trainkit.room.team_figures import TeamFigures
from trainkit.scoring.tomorrow import tomorrow_texts
from trainkit.view.questions import most_wanted
from trainkit.view.remote import facts, reasons, whereabouts
from trainkit.view.render import asset, template
from trainkit.view.screen import case_text, reply_words
from trainkit.view.split import Bar, SplitView, condition_words, room_scales, split_view, title
from trainkit.view.teams import position_of
from trainkit.view.wall import order

ANALYSED = 3  # decisions that are taken apart; an hour has no room for more


class DecisionAnalysis(NamedTuple):
    """A decision over which the room parted: the replies that are talked about, each with its words and the key's reason."""

    spread: SplitView
    replies: list[tuple[Bar, str, str]]


MOST_WORDS = 3  # to take along, on the last page


def debrief_pack(
    workshop: Workshop,
    rooms: Mapping[str, RoomSummary],
    lang: str,
    names: bool = False,
    questions: Sequence[Question] = (),
    teams: Mapping[str, Sequence[TeamFigures]] | None = None,
) -> str:
    """The debrief pack of a workshop; see :func:`pack_html`."""
    played = [rooms[part.case.id] for part in workshop.parts if part.case.id in rooms]
    about = {"date": workshop.started_at, "code": workshop.code, "names": names}
    return pack_html(played, lang, **about, questions=questions, teams=teams)


def pack_html(
    rooms: Sequence[RoomSummary],
    lang: str,
    *,
    date: str,
    code: str,
    names: bool = False,
    questions: Sequence[Question] = (),
    teams: Mapping[str, Sequence[TeamFigures]] | None = None,
) -> str:
    """The debrief pack: one self-contained page for printing on A4.

    ``rooms`` come in the order of the workshop, ``lang`` is a language all the cases have, ``date`` is ISO 8601. With
    ``names`` it says who was there and, unless the room is anonymous, who wrote against the key; nobody else's choice is
    told. A case that nobody began has no guide and is named. HTML with its style inside and no script, no picture and no
    outside address. ``questions`` are those that were asked without a name; hidden ones are left out;
    ``teams`` are compared in a short table, by case.

    Raises
    ------
    UnknownName
        If a case has no such language.
    """
    for room in rooms:
        language(lang, room.case)
    gettext, when = catalog(lang).gettext, _day(date, lang)
    heading = gettext("Debrief pack")
    footer = css_string(f"{heading} · {when} · {code}")
    return template(
        "pack.html",
        lang,
        package=__package__,
        css=(files("trainkit.paper") / "pack.css").read_text("utf-8")
        + asset("direction.css")
        + f"@page {{ @bottom-left {{ content: {footer} }} }}\n",
        heading=heading,
        date=when,
        code=format_code(code, NBSP),
        names=names,
        few=FEW,
        questions=most_wanted(questions, ("wall", "shown", "new", "answered")),
        parts=[_part(room, lang, names) | {"teams": _teams(teams, room)} for room in rooms if room.people],
        left_out=[quoted(case_text(room.case, "title", lang), lang) for room in rooms if not room.people],
    )


def _day(date: str, lang: str) -> str:
    try:
        return format_date(local_time(date), "long", locale=known_locale(lang))
    except ValueError:
        return date


def _teams(teams: Mapping[str, Sequence[TeamFigures]] | None, room: RoomSummary) -> list[tuple[str, int, int, str]]:
    """Name, people, how many began the case, mean Position; empty where it is of too few."""
    here = (teams or {}).get(room.case.id, ())
    return [(one.name, one.people, len(one.room.people), position_of(one, FEW)) for one in here]


def _part(room: RoomSummary, lang: str, names: bool) -> dict[str, Any]:
    case = room.case
    text = partial(case_text, case, lang=lang)
    ranking = [key.partition("/")[2] for key in order({case.id: room})]
    endings = room.endings or {}
    most = max(endings.values(), default=1)
    spreads = [split_view(room, split, lang) for split in room.splits if split.reached]
    return {
        "room": room,
        "text": text,
        "spreads": [spread for spread in spreads if not spread.withheld],
        "withheld": list(dict.fromkeys(spread.title for spread in spreads if spread.withheld)),
        "endings": [(title(case, name, lang), n, 100 * n / most) for name, n in endings.items()],
        "parted": [one for scene in ranking[:ANALYSED] for one in _analysed(room, scene, lang)],
        "asked": facts(room, lang, True),
        "disagreements": reasons(room, lang, names and not room.anonymous),
        "strips": room_scales(room, lang, True),
        "tomorrow": [quoted(words, lang) for words in tomorrow_texts(case, text)[:MOST_WORDS]],
        "people": [(person.name, _place(room, person, lang)) for person in room.people] if names else (),
    }


def _place(room: RoomSummary, person: Person, lang: str) -> str:
    """Where someone is; not in an anonymous room, where a scene may tell what was said."""
    return "" if room.anonymous else whereabouts(room.case, person, False, lang)


def _analysed(room: RoomSummary, scene: str, lang: str) -> list[DecisionAnalysis]:
    """A decision taken apart: once, or in each half of a room that was parted by design."""
    analysed = []
    for condition, part in room.halves or [((), room)]:
        split = part.split(scene)
        if split is not None and split.diversity:
            one = analysed_decision(part, split, lang)
            words = condition_words(room.case, condition, lang)
            told = f"{one.spread.title} · {words}" if words else one.spread.title
            analysed.append(one._replace(spread=replace(one.spread, title=told)))
    return analysed


def analysed_decision(room: RoomSummary, split: Split, lang: str) -> DecisionAnalysis:
    """The two replies most said and, if it is another, the most fitting one."""
    spread = split_view(room, split, lang)
    most_said = sorted((bar for bar in spread.bars if bar.count), key=lambda bar: -bar.count)[:2]
    replies = [
        (bar, quoted(bar.text, lang), reply_words(room.case, split.scene, bar.option, "because", split.knew, lang))
        for bar in (*most_said, *(bar for bar in spread.bars if bar.best and bar not in most_said))
    ]
    return DecisionAnalysis(spread, replies)
