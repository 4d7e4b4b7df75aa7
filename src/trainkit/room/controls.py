"""What has the trainer set? Each thing done is a row of ``controls``; the state of the room is what they come to."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from trainkit.errors import N_, OutOfDate, UnknownName
from trainkit.log.records import now
from trainkit.log.schema import controls
from trainkit.log.store import Log
from trainkit.room.agenda import from_json
from trainkit.room.records import (
    SWITCHES,
    Ballot,
    Clock,
    Pressed,
    Stage,
    TeamBallot,
    Workshop,
    first_stage,
    people_of_file,
)
from trainkit.room.secrets import hashed, new_entrance, new_secret
from trainkit.room.workshops import lock_workshop

_ZERO, _ONE = sa.literal_column("0"), sa.literal_column("1")
_THIS, _KIND = sa.bindparam("workshop"), sa.bindparam("kind")
_COUNT = sa.select(sa.func.count()).select_from(controls).where(controls.c.workshop == _THIS)
_SAME = controls.alias()
_LATEST = sa.select(sa.func.max(_SAME.c.number)).where(_SAME.c.workshop == _THIS, _SAME.c.kind == _KIND)
_LAST = sa.select(
    sa.select(sa.func.coalesce(sa.func.max(controls.c.number) + _ONE, _ZERO))
    .where(controls.c.workshop == _THIS)
    .scalar_subquery(),
    sa.select(controls.c.setting)
    .where(controls.c.workshop == _THIS, controls.c.number == _LATEST.scalar_subquery())
    .scalar_subquery(),
)
_RECORD = sa.insert(controls)


def _set(name: str, read: Callable[[str], Any] = str) -> Callable[[Stage, str], Stage]:
    return lambda stage, value: replace(stage, **{name: read(value)})


def _ballot(stage: Stage, value: str) -> Stage:
    if not value:
        team = stage.ballot is not None and stage.ballot.team
        held = (TeamBallot(stage.ballot, stage.teams, stage.team),) if team else ()
        return replace(stage, ballot=None, team_ballots=stage.team_ballots + held)
    place, _, how = value.partition(" ")
    case_id, _, scene = place.partition("/")
    number = stage.ballots + 1
    return replace(stage, ballots=number, ballot=Ballot(number, case_id, scene, how == "team"))


def _name(stage: Stage, value: str) -> Stage:
    member, _, name = value.partition(" ")
    return replace(stage, renamed={**stage.renamed, member: name})


def _remove(stage: Stage, value: str) -> Stage:
    return replace(stage, removed=stage.removed | {value}, knocked=stage.knocked - {value})


def _rounds(stage: Stage, value: str) -> Stage:
    case_id, _, number = value.partition("/")
    return replace(stage, rounds={**stage.rounds, case_id: int(number)})


def _added(stage: Stage, value: str) -> Stage:
    return replace(stage, added=(*stage.added, value))


def _opened(stage: Stage, value: str, at: str) -> Stage:
    opened = int(value)
    began = {item.key: at for item in stage.agenda[stage.opened or 0 : opened]}
    return replace(stage, opened=opened, began={**began, **stage.began})


def _clock(stage: Stage, value: str, at: str) -> Stage:
    minutes = int(value.partition(" ")[0] or 0)  # behind it the number of the clock, so that no two are alike
    if not minutes:
        return replace(stage, clock=None)
    return replace(stage, clock=Clock(minutes, at), clocks=stage.clocks + 1, clock_minutes=minutes)


def _question(stage: Stage, value: str) -> Stage:
    number, _, state = value.partition(" ")
    known = {**stage.questions, int(number): "shown" if state == "wall" else state}
    on_wall = int(number) if state == "wall" else 0 if stage.on_wall == int(number) else stage.on_wall
    return replace(stage, questions=known, on_wall=on_wall, handled=stage.handled + 1)


def _restore(stage: Stage, value: str) -> Stage:
    return replace(stage, removed=stage.removed - {value}, knocked=stage.knocked - {value})


def _knock(stage: Stage, value: str) -> Stage:
    return replace(stage, knocked=stage.knocked | ({value} & stage.removed))


def _merge(stage: Stage, value: str) -> Stage:
    """Two trainers may press at once: what would make a chain or a circle then does nothing."""
    one, _, into = value.partition(" ")
    merged = {member: person for member, person in stage.merged.items() if member != one}
    if not into:
        return replace(stage, merged=merged)
    if one == into or into in merged or one in merged.values():
        return stage
    return replace(stage, merged={**merged, one: into})


def _file(stage: Stage, value: str) -> Stage:
    return replace(stage, by_file={**stage.by_file, **dict.fromkeys(people_of_file(value))})


def _teams(stage: Stage, value: str) -> Stage:
    """Teams that have been made have nobody in them yet."""
    return replace(stage, teams=tuple(json.loads(value or "[]")), team={})


def _team(stage: Stage, value: str) -> Stage:
    member, _, index = value.partition(" ")
    return replace(stage, team={**stage.team, member: int(index)}) if int(index) < len(stage.teams) else stage


_FROM_THEN_ON: Mapping[str, Callable[[Stage, str, str], Stage]] = {"opened": _opened, "clock": _clock}
_LEADS_TO: Mapping[str, Callable[[Stage, str], Stage]] = {  # kind of control → what it makes of the stage
    **{name: _set(name, "1".__eq__) for name in (*SWITCHES, "open")},
    **{name: _set(name) for name in ("scene", "pace", "story", "entrance")},
    "places": _set("places", int),
    "agenda": _set("agenda", from_json),
    "round": _rounds,
    "case": _added,
    "back": _set("back"),
    "ballot": _ballot,
    "name": _name,
    "remove": _remove,
    "question": _question,
    "restore": _restore,
    "knock": _knock,
    "merge": _merge,
    "file": _file,
    "teams": _teams,
    "team": _team,
}
KINDS = (*_LEADS_TO, *_FROM_THEN_ON)
_LINKS = ("trainer", "only_trainer")  # one more trainer's link; from now on this one alone
LETS_IN = (*_LINKS, "inbox", "entrance")  # with a secret, or what one is known by
LEFT_OUT = "left_out"  # one of those, of a rescue file, that this log doesn't take over
# what is done to one of several: the last of its kind needn't be what holds for this one, and twice the same is harmless
_OF_SOMEBODY = ("remove", "restore", "knock", "merge", "team")


def record_control(log: Log, workshop: Workshop, kind: str, value: str = "") -> None:
    """Log something the trainer did; what is so already is not logged again.

    Raises UnknownName if there is no such kind; OutOfDate if it opens a vote while another is open; NotSaved if it
    could not be committed.
    """
    if kind not in (*KINDS, *_LINKS, "inbox"):
        raise UnknownName("control", kind, KINDS)
    with log.writing() as connection:
        lock_workshop(log, connection, workshop)
        write_control(log, connection, workshop, kind, value)


def write_control(log: Log, connection: sa.Connection, workshop: Workshop, kind: str, value: str, at: str = "") -> None:
    """What :func:`record_control` does, in a transaction that holds the workshop; as of a time, if one is said."""
    row = {"workshop": workshop.workshop, "kind": kind}
    number, last = log.execute(connection, _LAST, row).fetchone()
    if value == last and kind not in _OF_SOMEBODY:
        return
    if kind == "ballot" and value and last:
        raise OutOfDate(N_("another vote is open"))
    log.execute(connection, _RECORD, row | {"setting": value, "number": number, "at": at or now()})


def decide_control(log: Log, workshop: Workshop, decide: Callable[[Stage], Sequence[tuple[str, str]]]) -> None:
    """Log what ``decide`` makes of the stage as it is: (kind, setting) each, and nobody comes between.

    Raises what ``decide`` does: nothing was logged then; NotSaved if it could not be committed.
    """
    with log.writing() as connection:
        lock_workshop(log, connection, workshop)
        stage, _, number = read_stage(connection, workshop)
        for kind, value in decide(stage):
            row = {"workshop": workshop.workshop, "kind": kind, "setting": value, "number": number, "at": now()}
            log.execute(connection, _RECORD, row)
            number += 1


def trainer_link(log: Log, workshop: Workshop, alone: bool = False) -> str:
    """Make a secret for the trainer's link; links made earlier go on to work, unless this one is to be ``alone``."""
    link = new_secret()
    record_control(log, workshop, "only_trainer" if alone else "trainer", hashed(link))
    return link


def entrance_secret(log: Log, workshop: Workshop) -> str:
    """The secret by which a room is joined; made when it is first asked for."""
    decide_control(log, workshop, lambda stage: [] if stage.entrance else [("entrance", new_entrance())])
    return load_stage(log, workshop)[0].entrance


def _is_pressed(stage: Stage, kind: str, setting: str) -> bool:
    """Whether a trainer did this: who comes in is dealt into a team, and a vote takes its scene with it."""
    ballot = stage.ballot
    along = kind == "scene" and ballot is not None and setting == f"{ballot.case_id}/{ballot.scene}"
    return kind not in ("team", "file", "knock", "entrance") and not along


Read = tuple[Stage, frozenset[str], int]  # the stage, the hashes of trainer links, the number of controls read


def load_stage(log: Log, workshop: Workshop, known: Read | None = None) -> Read:
    """The stage, the hashes of trainer links, and the number of controls read; goes on from what is ``known``."""
    with log.reading() as connection:
        return read_stage(connection, workshop, known)


def read_stage(connection: sa.Connection, workshop: Workshop, known: Read | None = None) -> Read:
    """What :func:`load_stage` does, as a transaction sees it."""
    stage, links, number = known or (first_stage(workshop), frozenset(), 0)
    query = (
        sa.select(controls.c.kind, controls.c.setting, controls.c.at)
        .where(controls.c.workshop == workshop.workshop, controls.c.number >= number)
        .order_by(controls.c.number)
    )
    rows: Sequence[Any] = connection.execute(query).all()
    for kind, setting, at in rows:
        if kind in _LINKS:
            links = links | {setting} if kind == "trainer" else frozenset({setting})
        elif kind in KINDS:
            stage = _LEADS_TO[kind](stage, setting) if kind in _LEADS_TO else _FROM_THEN_ON[kind](stage, setting, at)
            if _is_pressed(stage, kind, setting):
                stage = replace(stage, pressed=Pressed(kind, setting, at), presses=stage.presses + 1)
    return stage, links, number + len(rows)


def count_controls(log: Log, workshop: Workshop) -> int:
    """How many things the trainer has done."""
    return log.fetch_one(_COUNT, {"workshop": workshop.workshop})[0]
