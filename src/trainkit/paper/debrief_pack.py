"""The debrief pack: one page to print by which a trainer leads the talk, filled from what the room did.

Its order is that of debriefing in simulation training: prebrief, reactions, description, analysis, summary (PEARLS, Eppich
& Cheng 2015; Gather–Analyse–Summarise, Phrampus & O'Donnell 2013). What is the kit's own in it is said on its last page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from trainkit.files.casebook import language
from trainkit.i18n import catalog, quoted, typeset
from trainkit.paper.formats import long_date
from trainkit.paper.handout import css_string
from trainkit.room.records import Workshop
from trainkit.room.secrets import NBSP, format_code
from trainkit.room.tally import FEW, RoomSummary, Split
from trainkit.view.board import FactTally, ReasonsView, facts, order, reasons, whereabouts
from trainkit.view.render import template
from trainkit.view.split import RoomScale, SplitView, room_scale, said, split_view, title

ANALYSED = 3  # decisions that are taken apart; an hour has no room for more


@dataclass(frozen=True)
class ReplySplit:
    """A reply that is talked about: its words, what the key says it did, how many said it first, whether it fits best."""

    text: str
    because: str
    count: int
    best: bool


@dataclass(frozen=True)
class DecisionAnalysis:
    """A decision over which the room parted: the replies most said, and the most fitting one."""

    spread: SplitView
    replies: tuple[ReplySplit, ...]


@dataclass(frozen=True)
class PackCase:
    """A case in the pack; ``endings`` as (title, how many, width of the bar 0 … 100)."""

    title: str
    role: str
    notice: str
    began: int
    finished: int
    left_out: int
    spreads: tuple[SplitView, ...]
    withheld: tuple[str, ...]
    endings: tuple[tuple[str, int, float], ...]
    parted: tuple[DecisionAnalysis, ...]
    asked: tuple[FactTally, ...]
    passed: int
    coverage: int | None
    disagreements: tuple[ReasonsView, ...]
    strip: RoomScale | None
    poles: tuple[str, str]
    why: str
    sides: tuple[tuple[str, str], ...]
    questions: tuple[str, ...]
    tomorrow: str
    people: tuple[tuple[str, str], ...]


def debrief_pack(workshop: Workshop, rooms: Mapping[str, RoomSummary], lang: str, names: bool = False) -> str:
    """The debrief pack of a workshop; see :func:`pack_html`."""
    played = [rooms[part.case.id] for part in workshop.parts if part.case.id in rooms]
    return pack_html(played, lang, date=workshop.started_at, code=workshop.code, names=names)


def pack_html(rooms: Sequence[RoomSummary], lang: str, *, date: str, code: str, names: bool = False) -> str:
    """The debrief pack: one self-contained page for printing on A4.

    Parameters
    ----------
    rooms : sequence of RoomSummary
        One for each case, in the order of the workshop.
    lang : str
        A language all the cases have.
    date : str
        When the workshop was, ISO 8601.
    code : str
        Its join code.
    names : bool
        Whether it says who was there, and who wrote against the key; nobody else's choice is told.

    Returns
    -------
    str
        HTML with its style inside and no script, no picture and no outside address.

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
        + f"@page {{ @bottom-left {{ content: {footer} }} }}\n",
        heading=heading,
        date=when,
        code=format_code(code, NBSP),
        names=names,
        few=FEW,
        parts=[_part(room, lang, names) for room in rooms],
    )


def _day(date: str, lang: str) -> str:
    try:
        return long_date(date, lang)
    except ValueError:
        return date


def _part(room: RoomSummary, lang: str, names: bool) -> PackCase:
    case = room.case

    def text(key: str) -> str:
        return typeset(case.text(key, lang), lang)

    ranking = [key.partition("/")[2] for key in order({case.id: room})]
    told = [split for split in room.splits if not split.withheld]
    endings = room.endings or {}
    most = max(endings.values(), default=1)
    return PackCase(
        title=text("title"),
        role=text("role"),
        notice=text("notice") if case.notice else "",
        began=len(room.people),
        finished=room.finished,
        left_out=room.left_out,
        spreads=tuple(split_view(room, split, lang) for split in told),
        withheld=tuple(dict.fromkeys(title(case, s.scene, lang) for s in room.splits if s.answers and s.withheld)),
        endings=tuple((title(case, name, lang), n, 100 * n / most) for name, n in endings.items()),
        parted=tuple(
            analysed_decision(room, split, lang)
            for split in (room.split(scene) for scene in ranking[:ANALYSED])
            if split is not None and split.diversity
        ),
        asked=tuple(facts(room, lang, True)),
        passed=room.passed,
        coverage=None if room.coverage is None else round(100 * room.coverage),
        disagreements=tuple(reasons(room, lang, names)),
        strip=room_scale(room, lang, True),
        poles=(text("context.orientation"), text("context.centricity")),
        why=text("context.why"),
        sides=tuple((text(f"debrief.{side}.title"), text(f"debrief.{side}.text")) for side in ("argument", "counter")),
        questions=tuple(text(f"debrief.questions.{n}") for n in range(1, len(case.debrief.questions) + 1)),
        tomorrow=quoted(text("debrief.tomorrow"), lang),
        people=tuple((person.name, whereabouts(case, person, False, lang)) for person in room.people) if names else (),
    )


def analysed_decision(room: RoomSummary, split: Split, lang: str) -> DecisionAnalysis:
    """The two replies most said and, if it is another, the most fitting one."""
    counted = dict(zip(split.options, split.counts or (), strict=True))
    kept = sorted((name for name in counted if counted[name]), key=lambda name: -counted[name])[:2]
    if split.best and split.best not in kept:
        kept.append(split.best)
    return DecisionAnalysis(
        split_view(room, split, lang),
        tuple(
            ReplySplit(
                quoted(said(room.case, split.scene, name, "text", split.knew, lang), lang),
                said(room.case, split.scene, name, "because", split.knew, lang),
                counted[name],
                name == split.best,
            )
            for name in kept
        ),
    )
