"""What did a room do? Runs of a workshop → how its choices split, where it stood, what it never asked. No names needed.

A person's first run of a case counts, finished or not: whoever plays again knows what is coming. Of the versions of a case
that were played, the newest counts. A figure of fewer than five people is withheld, here and so everywhere, because in a
small group it says who said what. In an anonymous room figures move in steps (:mod:`trainkit.room.steps`).

Diversity is the index of qualitative variation (Mueller & Schuessler 1961, *Statistical Reasoning in Sociology*), which is
standard; Position, and what knowing more would have gained, are this kit's own (:mod:`trainkit.scoring.formulas`,
:mod:`trainkit.value.regret`).
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import fmean
from types import MappingProxyType
from typing import Any, NamedTuple

from trainkit.case.conditions import holds
from trainkit.case.model import Case
from trainkit.room.records import FEW, Knew, Stage, TeamBallot
from trainkit.room.room_summary import Again, Disagreed, Inquired, Person, RoomSummary, Split
from trainkit.room.run_summary import Choice, RunSummary
from trainkit.room.steps import Order, counted, in_order, step


def variation(counts: Sequence[int]) -> float:
    """Index of qualitative variation of counts over options: 0 all in one … 1 evenly over all.

    ``K/(K−1) · (1 − Σp²)`` (Mueller & Schuessler 1961).
    """
    total, kinds = sum(counts), len(counts)
    if not total or kinds < 2:
        return 0.0
    return kinds / (kinds - 1) * (1 - sum((n / total) ** 2 for n in counts))


def tally(
    runs: Iterable[RunSummary],
    case: Case,
    names: Mapping[str, str] = MappingProxyType({}),
    few: int = FEW,
    lang: str = "ru",
    hidden: frozenset[str] = frozenset(),
    order: Order | None = None,
    counting: int | None = None,
    stage: Stage | None = None,
    version: str = "",
    begins: Knew = (),
) -> RoomSummary:
    """What a room did in a case, or in its newest version that ``runs`` are of, unless the ``version`` is said.

    The runs may be of any case; each person's come in the order in which they began. ``names`` are those of members that
    others see, where these differ from the names in the log. A figure of fewer than ``few`` people is withheld.
    ``lang`` is the room's language, ``hidden`` what somebody can still ask about. In
    an anonymous room ``order`` says in which order everything was done. ``counting`` is the vote again that is open.
    ``stage`` says which votes teams held, and who came by two phones; ``begins`` what everybody knows at the beginning.
    """
    stage = stage or Stage()
    runs = [run for run in runs if run.record.case_id == case.id]
    everybody = _grouped(runs, lambda run: stage.person(_phone(run)))
    for person in {*stage.merged.values()} & everybody.keys():
        everybody[person].sort(key=lambda run: _came((0, run)))
    by_person = everybody if order is None else _grouped(runs, lambda run: figured_as(run, stage, order))
    newest = max(enumerate(mine[0] for mine in by_person.values()), key=_came, default=(0, None))[1]
    version = version or (case.hash if newest is None else newest.record.case_hash)
    case = case if version == case.hash else newest.case
    here = [mine for person, mine in everybody.items() if stage.counts(person)]
    people = tuple(_person(number, mine, names, stage) for number, mine in enumerate(here, 1))
    first, disagreed = [], []
    for number, mine in enumerate(by_person.values(), 1):
        if mine[0].record.case_hash == version:
            first.append(mine[0])
            disagreed += [
                (run, one[0], (number, one[1:]))
                for run in mine
                if run.record.case_hash == version
                for one in run.disagreed
            ]

    def ends(runs: Iterable[RunSummary]) -> list[RunSummary]:
        # while a run goes on, its position and what it asked change: in an anonymous room it counts once it has ended
        return counted(order, [(run, run.ended, run) for run in runs])

    finished = ends(run for run in first if run.finished)
    placed = ends(run for run in first if run.position is not None)
    targets = [run.target for run in placed]
    asking = [run for run in first if run.passed]
    passed = ends(asking)
    return RoomSummary(
        case=case,
        few=few,
        lang=lang,
        hidden=hidden,
        anonymous=order is not None,
        counting=counting,
        people=people,
        left_out=len(by_person) - len(first),
        finished=len(finished),
        splits=_splits(case, first, few, order, counting, stage, begins),
        endings=_enough(few, finished, lambda: dict(Counter(run.place for run in finished).most_common())),
        positions=_enough(few, placed, lambda: tuple(sorted(run.position for run in placed))),
        target=_enough(few, targets, lambda: (min(targets), fmean(targets), max(targets))),
        passed=len(passed),
        inquiry=_enough(few, passed, lambda: _inquiry(case, asking, few, order)),
        disagreements=_enough(few, first, lambda: _disagreements(case, _objections(disagreed, order))),
    )


def tally_halves(whole: RoomSummary, runs: Iterable[RunSummary], **how: Any) -> RoomSummary:
    """A room with what was done under each condition of the design beside each other; ``how`` as for :func:`tally`.

    A person's first run says which condition they are in. Nothing is shown of the whole that would tell, with one half, of
    the other: screens and paper show the halves instead.
    """
    case, first, parted, stage = whole.case, {}, {}, how.get("stage") or Stage()
    for run in runs:
        if run.record.case_id == case.id:
            begun = first.setdefault(figured_as(run, stage, how.get("order")), run)
            if begun.record.case_hash == case.hash:
                parted.setdefault(begun.condition, []).append(run)
    conditions = dict.fromkeys(map(case.design_of, case.worlds))
    halves = [(one, tally(parted[one], case, **how)) for one in conditions if one in parted]
    return replace(whole, halves=tuple(halves))


def figured_as(run: RunSummary, stage: Stage, order: Order | None) -> str:
    """Whose a run is in figures: a person's; in an anonymous room, which has an ``order``, a phone's.

    There joining two changes no figure: it would tell what the second phone had said.
    """
    return stage.person(_phone(run)) if order is None else _phone(run)


def _phone(run: RunSummary) -> str:
    return run.record.member or run.record.participant


def _grouped(runs: Iterable[RunSummary], whose: Callable[[RunSummary], str]) -> dict[str, list[RunSummary]]:
    found: dict[str, list[RunSummary]] = {}
    for run in runs:
        found.setdefault(whose(run), []).append(run)
    return found


def _person(number: int, mine: Sequence[RunSummary], names: Mapping[str, str], stage: Stage) -> Person:
    last, record = mine[-1], mine[-1].record
    member = stage.person(record.member or "")
    joined = member in stage.merged.values()  # then the runs of two members are counted as one's
    first = {run.record.member: run for run in reversed(mine)}
    others = [run for phone, run in first.items() if phone != mine[0].record.member] if joined else []
    return Person(
        number,
        member,
        names.get(member, record.participant),
        last.place,
        last.finished,
        (_came((0, last))[0] if joined else 0, record.run or 0),
        runs=len(mine),
        choices=mine[0].choices,
        by_file=member in stage.by_file,
        twice=tuple([one for other in others for one in _differing(mine[0], other)]),
    )


def _differing(first: RunSummary, other: RunSummary) -> list[tuple[str, str, str]]:
    """Scenes in which two runs chose differently."""
    said = {choice.scene: choice.option for choice in reversed(other.choices)}
    return [
        (choice.scene, choice.option, said[choice.scene])
        for choice in {choice.scene: choice for choice in reversed(first.choices)}.values()
        if said.get(choice.scene, choice.option) != choice.option
    ]


def _came(run: tuple[int, RunSummary]) -> tuple[float, int]:
    """Where a run stands in the order of beginning; one that the log has not told the number of has begun just now."""
    number = run[1].record.number
    return math.inf if number is None else number, run[0]


def _enough(few: int, of: Sequence[Any], value: Callable[[], Any]) -> Any:
    return value() if len(of) >= few else None


class TeamsCast(NamedTuple):
    """A vote of teams: what each chose, by its index, and how many could vote."""

    held: TeamBallot
    chosen: Mapping[int, str]
    could: int


def _splits(
    case: Case,
    first: Sequence[RunSummary],
    few: int,
    order: Order | None,
    counting: int | None,
    stage: Stage,
    begins: Knew,
) -> tuple[Split, ...]:
    held = stage.votes_of_teams(case.id)
    of_teams = {one.ballot.number for one in held}
    met: dict[str, list[tuple[RunSummary, int, Choice]]] = {}
    votes: dict[str, dict[int, list[tuple[RunSummary, int, tuple[str, str]]]]] = {}
    for run in first:
        for event, choice in zip(run.given, run.choices, strict=True):
            met.setdefault(choice.scene, []).append((run, event, choice))
        for (scene, number), option in run.revotes.items():
            if number in of_teams:
                continue
            before = next((choice.option for choice in run.choices if choice.scene == scene), None)
            if before is not None:
                one = run, run.voted[scene, number][0], (before, option)
                votes.setdefault(scene, {}).setdefault(number, []).append(one)
    splits = []
    for name, scene in case.scenes.items():
        if len(scene.options) > 1:
            everyone = met.get(name, [])
            split = _split(case, name, everyone, few, order) or _not_met(
                case, name, first if order is None or name == case.start else (), begins
            )
            again = [
                _again(split.options, number, cast, few, order, counting)
                for number, cast in votes.get(name, {}).items()
            ]
            again += [
                _again_by_team(split.options, _cast(one, first, stage)) for one in held if one.ballot.scene == name
            ]
            told = sorted((one for one in again if one is not None), key=lambda one: one.round)
            splits.append(replace(split, voters=sum(_here(run, stage) for run, _, _ in everyone), again=tuple(told)))
    return tuple(splits)


def _here(run: RunSummary, stage: Stage) -> bool:
    """Whether who played can vote again: they are in the room, not in a file."""
    return stage.person(run.record.member or "") not in stage.by_file


def _split(
    case: Case, scene: str, everyone: Sequence[tuple[RunSummary, int, Choice]], few: int, order: Order | None
) -> Split | None:
    met = shown = counted(order, everyone)
    if not met and scene == case.start:
        shown = [choice for _, _, choice in everyone]  # here everybody stands before the same, whatever they say
    if not shown:
        return None
    offered = {name for choice in shown for name in choice.open}
    options = tuple(name for name in case.scenes[scene].options if name in offered)
    usual = Counter(choice.knew for choice in shown).most_common(1)[0][0]
    best = Counter(choice.best for choice in shown if choice.knew == usual and choice.best).most_common(1)
    counts = _enough(few, met, lambda: _count(options, (choice.option for choice in met)))
    return Split(
        scene=scene,
        options=options,
        answers=len(met),
        counts=counts,
        diversity=None if counts is None else variation(counts),
        best=best[0][0] if best else None,
        knew=usual,
        learnt=frozenset().union(*(choice.learnt for choice in shown if choice.knew == usual)),
        varied=any(choice.knew != usual for choice in met),
        otherwise=() if order else tuple(dict.fromkeys((one.option, one.knew) for one in met if one.knew != usual)),
        reached=True,
    )


def _not_met(case: Case, scene: str, first: Sequence[RunSummary], begins: Knew) -> Split:
    """A scene in which nobody has decided yet: as most who stand in it read it, the first as everybody will."""
    there = Counter(run.knows for run in first if run.place == scene).most_common(1)
    knows = there[0][0] if there else begins if scene == case.start else ()
    options = [name for name, one in case.scenes[scene].options.items() if holds(one.when, dict(knows).get)]
    return Split(scene, tuple(options), 0, None, None, None, knows)


def _count(options: Sequence[str], chosen: Iterable[str]) -> tuple[int, ...]:
    counted = Counter(chosen)
    return tuple(counted[name] for name in options)


def _again(
    options: Sequence[str],
    number: int,
    cast: Sequence[tuple[RunSummary, int, tuple[str, str]]],
    few: int,
    order: Order | None,
    counting: int | None,
) -> Again | None:
    """A vote again; in an anonymous room it has figures once it is over, and isn't spoken of where too few took part."""
    if order is not None and number == counting:
        return Again(number, len(cast), None, None)
    votes = counted(order, cast)
    if order is not None and not votes:
        return None
    counts = _enough(few, votes, lambda: _count(options, (option for _, option in votes)))
    changed = None if counts is None else sum(before != after for before, after in votes)
    return Again(number, len(votes), counts, changed)


def _cast(held: TeamBallot, first: Sequence[RunSummary], stage: Stage) -> TeamsCast:
    """The newest vote of each team; a team could vote once somebody of it has answered the scene."""
    scene, number = held.ballot.scene, held.ballot.number
    newest: dict[int, tuple[str, str, str]] = {}
    could: set[int] = set()
    for run in first:
        team = held.team.get(stage.person(run.record.member or ""))
        if team is None or not any(choice.scene == scene for choice in run.choices):
            continue
        could.add(team)
        if option := run.revotes.get((scene, number)):
            vote = run.voted[scene, number][1], run.record.attempt, option
            newest[team] = max(newest.get(team, vote), vote)
    return TeamsCast(held, {team: option for team, (_, _, option) in newest.items()}, len(could))


def _again_by_team(options: Sequence[str], cast: TeamsCast) -> Again:
    named = enumerate(cast.held.teams)
    chosen = [(name, cast.chosen.get(team)) for team, name in named]
    teams = tuple([tuple([name for name, said in chosen if said == option]) for option in options])
    counts = _count(options, cast.chosen.values())
    return Again(cast.held.ballot.number, len(cast.chosen), counts, None, teams, cast.could)


def _inquiry(case: Case, passed: Sequence[RunSummary], few: int, order: Order | None) -> tuple[Inquired, ...]:
    possible = {fact for run in passed for fact in run.askable}
    inquired = [_inquired(fact, passed, few, order) for fact in case.facts if fact in possible]
    return tuple(sorted((one for one in inquired if one is not None), key=lambda one: -one.never))


def _inquired(fact: str, passed: Sequence[RunSummary], few: int, order: Order | None) -> Inquired | None:
    concerned = counted(order, [(run, run.ended, run) for run in passed if fact in run.askable])
    if not concerned:
        return None
    asked = sum(fact in run.asked for run in concerned)
    missed = counted(order, [(run, run.ended, one) for run in concerned for one in run.missed if one.fact == fact])
    changing = [one for one in missed if one.changed]
    replies = Counter(one.reply for one in changing).most_common(1)
    enough = len(missed) >= few
    return Inquired(
        fact=fact,
        asked=asked,
        never=len(concerned) - asked,
        reviewed=len(missed),
        changed=len(changing) if enough else None,
        points=fmean(one.points for one in missed) if enough else None,
        reply=replies[0][0] if enough and replies else None,
    )


def _objections(
    given: Sequence[tuple[RunSummary, int, tuple[int, tuple[str, str, Knew, str]]]], order: Order | None
) -> list[tuple[int, tuple[str, str, Knew, str]]]:
    """Each person's last words against a reply; in an anonymous room as of when the last of those who count objected."""
    objections = [one for _, _, one in given]
    if order is not None:
        dated = in_order(order, given)
        first = sorted({one[0]: when for when, one in reversed(dated)}.values())
        until = step(len(first))
        objections = [one for when, one in dated if until and when <= first[until - 1]]
    last = {
        (number, scene, option): (number, (scene, option, knew, text))
        for number, (scene, option, knew, text) in objections
    }
    return [*last.values()]


def _disagreements(case: Case, given: Sequence[tuple[int, tuple[str, str, Knew, str]]]) -> tuple[Disagreed, ...]:
    reasons: dict[tuple[str, str], list[tuple[int, str]]] = {}
    knew: dict[tuple[str, str], Counter[Knew]] = {}
    for number, (scene, option, known, text) in given:
        reasons.setdefault((scene, option), []).append((number, text))
        knew.setdefault((scene, option), Counter())[known] += 1
    replies = [(scene, option) for scene, one in case.scenes.items() for option in one.options]
    return tuple(
        # sorted by words: the order of beginning would tell who it was
        Disagreed(*reply, knew[reply].most_common(1)[0][0], tuple(sorted(reasons[reply], key=lambda reason: reason[1])))
        for reply in replies
        if reply in reasons
    )
