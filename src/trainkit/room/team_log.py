"""Who is dealt into which team, and what has each team voted? As the log has it."""

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from trainkit.errors import N_, OutOfDate
from trainkit.log.schema import attempts, events, members
from trainkit.log.store import Log
from trainkit.room.controls import Read, read_stage, write_control
from trainkit.room.records import Ballot, Stage, Workshop
from trainkit.room.teams import sizes
from trainkit.room.workshops import lock_workshop


def make_teams(log: Log, workshop: Workshop, names: Sequence[str]) -> None:
    """Make teams and deal everybody out, in the order of joining.

    Raises OutOfDate if there are other teams; NotSaved if it could not be committed. No names dissolve the teams.
    """
    with log.writing() as connection:
        lock_workshop(log, connection, workshop)
        there = read_stage(connection, workshop)
        if there[0].teams == tuple(names):
            return
        if names and there[0].teams:
            raise OutOfDate(N_("there are teams already: dissolve them first"))
        write_control(log, connection, workshop, "teams", json.dumps([*names], ensure_ascii=False))
        made = read_stage(connection, workshop, there)
        joined = sa.select(members.c.member).where(members.c.workshop == workshop.workshop)
        _deal(log, connection, workshop, made[0], connection.scalars(joined.order_by(members.c.number)).all())


def deal(log: Log, workshop: Workshop, member: str, known: Read | None = None) -> None:
    """Put somebody who has no team into the smallest one; nothing happens where there are no teams."""
    with log.writing() as connection:
        lock_workshop(log, connection, workshop)
        _deal(log, connection, workshop, read_stage(connection, workshop, known)[0], [member])


def _deal(log: Log, connection: sa.Connection, workshop: Workshop, stage: Stage, joined: Iterable[str]) -> None:
    filled = sizes(stage)
    for member in joined if stage.teams else ():
        if member not in stage.team and member not in stage.removed and member not in stage.merged:
            smallest = filled.index(min(filled))
            filled[smallest] += 1
            write_control(log, connection, workshop, "team", f"{member} {smallest}")


class TeamVote(NamedTuple):
    """What somebody voted for their team."""

    member: str
    option: str


def team_votes(log: Log, ballot: Ballot, team: Sequence[str]) -> list[TeamVote]:
    """What these members have voted, the newest last: that one counts."""
    query = (
        sa.select(attempts.c.member, events.c.option)
        .join(attempts, attempts.c.attempt == events.c.attempt)
        .where(
            attempts.c.member.in_(team),
            attempts.c.case_id == ballot.case_id,
            events.c.kind == "revote",
            events.c.scene == ballot.scene,
            events.c.text == str(ballot.number),
        )
        .order_by(events.c.at, events.c.attempt, events.c.step)
    )
    with log.reading() as connection:
        return [TeamVote(*row) for row in connection.execute(query)]


def names_of(log: Log, stage: Stage, team: Sequence[str]) -> list[str]:
    """Names of members, as they are called now, in the order in which they joined."""
    query = sa.select(members.c.member, members.c.name).where(members.c.member.in_(team)).order_by(members.c.number)
    with log.reading() as connection:
        return [stage.renamed.get(member, name) for member, name in connection.execute(query)]
