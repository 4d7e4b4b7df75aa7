"""Who sits in a workshop, and which runs are theirs?"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from trainkit.errors import NotSaved, Refused
from trainkit.log.records import Record, now, pseudonym
from trainkit.log.schema import attempts, insert_sql, members
from trainkit.log.store import Log, database_reason
from trainkit.room.controls import lock_workshop
from trainkit.room.records import Member, Workshop
from trainkit.room.secrets import hashed, link_of, new_secret


@dataclass(frozen=True, slots=True)
class Pulse:
    """What of a member may have changed in the log since one looked: counts, so that comparing is cheap."""

    here: bool
    runs: int
    events: int
    controls: int


def add_member(
    store: Log, workshop: Workshop, name: str, pair: bool, lang: str, key: str | None = None
) -> tuple[Member, str]:
    """Let someone in; gives the member and the browser's secret, which is ``key`` if given: who has it is one member.

    Raises
    ------
    Refused
        If the room is full.
    NotSaved
        If it could not be committed.
    """
    key = key or new_secret()
    made = Member(uuid.uuid4().hex, pseudonym(name)[:24].strip(), bool(pair), lang, now())
    row = {
        "member": made.member,
        "workshop": workshop.workshop,
        "name": made.name,
        "pair": made.pair,
        "lang": lang,
        "secret_hash": hashed(key),
        "link_hash": hashed(link_of(key)),
        "joined_at": made.joined_at,
    }
    try:
        with store.writing() as connection:
            lock_workshop(store, connection, workshop)  # so that the last place is given once
            store.execute_raw(connection, _JOIN, row)
            (taken,) = store.execute_raw(connection, _TAKEN, {"workshop": workshop.workshop}).fetchone()
            if taken > workshop.places:
                raise Refused(f"all {workshop.places} places are taken")
    except sa.exc.IntegrityError as error:
        there = member_by_secret(store, workshop, key)
        if there is None:
            raise NotSaved(database_reason(error)) from error
        return there, key
    return made, key


_JOIN, _TAKEN = insert_sql(members), "SELECT count(*) FROM members WHERE workshop = :workshop"


def member_by_secret(store: Log, workshop: Workshop, some_secret: str) -> Member | None:
    """Whose browser or personal link this is; None for nobody's."""
    query = (
        "SELECT member, name, pair, lang, joined_at FROM members "
        "WHERE workshop = :w AND (secret_hash = :key OR link_hash = :key)"
    )
    row = store.fetch_one(query, {"w": workshop.workshop, "key": hashed(some_secret)})
    return Member(row[0], row[1], bool(row[2]), row[3], row[4]) if row else None


def places_taken(store: Log, workshop: Workshop) -> int:
    """How many have joined."""
    return store.fetch_one(_TAKEN, {"workshop": workshop.workshop})[0]


def members_of(store: Log, workshop: Workshop) -> list[Member]:
    """Everyone who joined, in that order."""
    query = sa.select(members).where(members.c.workshop == workshop.workshop).order_by(members.c.joined_at)
    with store.reading() as connection:
        return [_member(row) for row in connection.execute(query).mappings()]


def _member(row: Mapping[str, Any]) -> Member:
    return Member(**{name: row[name] for name in ("member", "name", "lang", "joined_at")}, pair=bool(row["pair"]))


def runs_of(store: Log, workshop: Workshop, only: Sequence[str] | None = None) -> list[Record]:
    """Runs in this workshop, in the order of who joined and of the runs; ``only`` those of these attempts, if given."""
    query = (
        sa.select(attempts)
        .join(members, members.c.member == attempts.c.member)
        .where(members.c.workshop == workshop.workshop)
        .order_by(members.c.joined_at, members.c.member, attempts.c.run)
    )
    if only is None:
        return store.select_records(query)
    parts = [only[n : n + 500] for n in range(0, len(only), 500)]
    return [record for part in parts for record in store.select_records(query.where(attempts.c.attempt.in_(part)))]


def event_counts(store: Log, workshop: Workshop) -> dict[str, int]:
    """Attempt → how many events it has, for every run in this workshop, in the order of who joined and of the runs."""
    query = (
        "SELECT a.attempt, (SELECT count(*) FROM events e WHERE e.attempt = a.attempt) FROM members m "
        "JOIN attempts a ON a.member = m.member WHERE m.workshop = :w ORDER BY m.joined_at, m.member, a.run"
    )
    return dict(store.fetch_all(query, {"w": workshop.workshop}))


def pulse(store: Log, workshop: Workshop, member: str, attempt: str) -> Pulse:
    """What the log counts now for a member and one of his runs: a few microseconds, for every page."""
    one = store.fetch_one(
        "SELECT (SELECT count(*) FROM members WHERE member = :m), (SELECT count(*) FROM attempts WHERE member = :m), "
        "(SELECT count(*) FROM events WHERE attempt = :a), (SELECT count(*) FROM controls WHERE workshop = :w)",
        {"m": member, "a": attempt, "w": workshop.workshop},
    )
    return Pulse(bool(one[0]), *one[1:])
