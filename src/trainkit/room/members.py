"""Who sits in a workshop, and which runs are theirs?"""

import threading
import uuid
from array import array
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from trainkit.errors import Conflict, Refused
from trainkit.log.queries import in_parts
from trainkit.log.records import Record, now, pseudonym
from trainkit.log.schema import attempts, controls, events, members, numbered
from trainkit.log.store import Log
from trainkit.room.names import ToldApart, told_apart
from trainkit.room.records import Member, Pulse, Stage, Workshop
from trainkit.room.secrets import hashed, link_of, new_secret
from trainkit.room.workshops import lock_workshop
from trainkit.typed import alike

_HERE = members.c.workshop == sa.bindparam("workshop")
MAX_NAME = 24  # characters
_JOIN = numbered(members)
_TAKEN = sa.select(sa.func.count()).select_from(members).where(_HERE)
_PLAIN = ("member", "name", "pair", "lang", "joined_at")
_MEMBER = sa.select(*(members.c[name] for name in _PLAIN))
_BY_SECRET = _MEMBER.where(
    _HERE, (members.c.secret_hash == sa.bindparam("key")) | (members.c.link_hash == sa.bindparam("key"))
)

_BY_ID = _MEMBER.where(_HERE, members.c.member == sa.bindparam("member"))
_SINCE = (
    sa.select(members.c.member, members.c.name, members.c.number)
    .where(_HERE, members.c.number >= sa.bindparam("number"))
    .order_by(members.c.number, members.c.member)
)


def _count_of(table: sa.Table, condition: sa.ColumnElement[bool]) -> sa.ScalarSelect:
    return sa.select(sa.func.count()).select_from(table).where(condition).scalar_subquery()


_PULSE = sa.select(
    _count_of(members, members.c.member == sa.bindparam("member")),
    _count_of(attempts, attempts.c.member == sa.bindparam("member")),
    _count_of(events, events.c.attempt == sa.bindparam("attempt")),
    _count_of(controls, controls.c.workshop == sa.bindparam("workshop")),
)
_RUNS = sa.select(sa.func.count()).select_from(attempts).where(attempts.c.member == sa.bindparam("member"))
_EVENT_COUNTS = (
    sa.select(attempts.c.attempt, _count_of(events, events.c.attempt == attempts.c.attempt))
    .join(members, members.c.member == attempts.c.member)
    .where(_HERE)
    .order_by(members.c.number, members.c.member, attempts.c.run)
)


def add_member(
    log: Log, workshop: Workshop, name: str, pair: bool, lang: str, key: str | None = None, stage: Stage | None = None
) -> tuple[Member, str]:
    """Let someone in; gives the member and the browser's secret, which is ``key`` if given: who has it is one member.

    ``stage`` says how many may be in by now, and who is no longer.

    Raises Refused if the room is full; NotSaved if it could not be committed.
    """
    key = key or new_secret()
    made = Member(uuid.uuid4().hex, pseudonym(name)[:MAX_NAME].strip(), bool(pair), lang, now())
    secrets = {"secret_hash": hashed(key), "link_hash": hashed(link_of(key))}
    row = {"workshop": workshop.workshop, **{name: getattr(made, name) for name in _PLAIN}, **secrets}
    try:
        with log.writing() as connection:
            lock_workshop(log, connection, workshop)  # so that the last place is given once
            log.execute(connection, _JOIN, row)
            (taken,) = log.execute(connection, _TAKEN, {"workshop": workshop.workshop}).fetchone()
            stage = stage or Stage()
            places = stage.places or workshop.places
            if taken - stage.gone > places:
                raise Refused(f"all {places} places are taken")
    except Conflict:
        there = member_by_secret(log, workshop, key)
        if there is None:
            raise
        return there, key
    return made, key


def member_by_secret(log: Log, workshop: Workshop, some_secret: str) -> Member | None:
    """Whose browser or personal link this is; None for nobody's."""
    row = log.fetch_one(_BY_SECRET, {"workshop": workshop.workshop, "key": hashed(some_secret)})
    return _member(row) if row else None


def member_by_id(log: Log, workshop: Workshop, member: str) -> Member | None:
    """A member of this workshop; None if there is no such one."""
    row = log.fetch_one(_BY_ID, {"workshop": workshop.workshop, "member": member})
    return _member(row) if row else None


def removed_namesake(log: Log, workshop: Workshop, stage: Stage, name: str) -> str:
    """A member whom the trainer has taken off and whose name is taken for the same; empty if there is none."""
    c, own = members.c, alike(name)
    with log.reading() as connection:
        for some in in_parts(sorted(stage.removed)):
            query = sa.select(c.member, c.name).where(c.workshop == workshop.workshop, c.member.in_(some))
            for member, called in connection.execute(query):
                if own & (alike(called) | alike(stage.renamed.get(member, called))):
                    return member
    return ""


def places_taken(log: Log, workshop: Workshop) -> int:
    """How many have joined."""
    return log.fetch_one(_TAKEN, {"workshop": workshop.workshop})[0]


def members_of(log: Log, workshop: Workshop) -> list[Member]:
    """Everyone who joined, in that order."""
    query = _MEMBER.where(members.c.workshop == workshop.workshop).order_by(members.c.number, members.c.member)
    with log.reading() as connection:
        return [_member(row) for row in connection.execute(query)]


class NamesToldApart:
    """The names by which others see the members of a workshop; each is read once, and who comes later changes none."""

    def __init__(self, log: Log, workshop: Workshop):
        self._log, self._room = log, workshop.workshop
        self._apart, self._shown, self._last = ToldApart(), dict[str, str](), 0
        self._lock = threading.Lock()  # on PostgreSQL it is asked in threads

    def of(self, member: Member) -> str:
        """The name by which others see this member."""
        with self._lock:
            if member.member not in self._shown:
                for one, name, number in self._log.fetch_all(_SINCE, {"workshop": self._room, "number": self._last}):
                    self._last = number
                    if one not in self._shown:
                        self._shown[one] = self._apart.come(name)
            return self._shown.get(member.member, member.name)


def members_told_apart(log: Log, workshop: Workshop) -> list[Member]:
    """Everyone who joined, in that order, under the names by which others see them."""
    return as_others_see_them(members_of(log, workshop))


def as_others_see_them(joined: Sequence[Member]) -> list[Member]:
    """Members in the order of joining, under names that can be told apart."""
    shown = told_apart([member.name for member in joined])
    return [
        member if name == member.name else replace(member, name=name)
        for member, name in zip(joined, shown, strict=True)
    ]


def _member(row: Sequence[Any]) -> Member:
    member, name, pair, lang, joined_at = row
    return Member(member, name, bool(pair), lang, joined_at)


def runs_of(log: Log, workshop: Workshop, only: Sequence[str] | None = None) -> list[Record]:
    """Runs in this workshop, in the order of who joined and of the runs; ``only`` those of these attempts, if given."""
    query = (
        sa.select(attempts)
        .join(members, members.c.member == attempts.c.member)
        .where(members.c.workshop == workshop.workshop)
        .order_by(members.c.number, members.c.member, attempts.c.run)
    )
    if only is None:
        return log.select_records(query)
    return [
        record for some in in_parts(only) for record in log.select_records(query.where(attempts.c.attempt.in_(some)))
    ]


def event_counts(log: Log, workshop: Workshop) -> Sequence[tuple[str, int]]:
    """Each run in this workshop and how many events it has, in the order of who joined and of the runs."""
    return log.fetch_all(_EVENT_COUNTS, {"workshop": workshop.workshop})


def logged_order(log: Log, only: Sequence[str]) -> dict[str, Sequence[Any]]:
    """Attempt → of each of its events, what tells which of two was logged first, for these attempts.

    In SQLite that is the number of the row, which no clock has a part in; in PostgreSQL the time.
    """
    logged = sa.literal_column("events.rowid") if log.is_sqlite else events.c.at
    query = sa.select(events.c.attempt, logged).order_by(events.c.attempt, events.c.step)
    order: dict[str, Any] = {attempt: array("q") if log.is_sqlite else [] for attempt in only}
    with log.reading() as connection:
        for some in in_parts(only):
            for attempt, when in connection.execute(query.where(events.c.attempt.in_(some))):
                order[attempt].append(when)
    return order


def pulse(log: Log, workshop: Workshop, member: str, attempt: str, devices: Sequence[str] = ()) -> Pulse:
    """What the log counts now for a member and one of their runs: a few microseconds, for every page.

    ``devices`` are other members who are the same person: their runs count, too.
    """
    values = {"member": member, "attempt": attempt, "workshop": workshop.workshop}
    here, runs, *counts = log.fetch_one(_PULSE, values)
    runs += sum(log.fetch_one(_RUNS, {"member": device})[0] for device in devices)
    return Pulse(bool(here), runs, *counts)
