"""Which rows make what was confirmed here a log of its own? Each with what it hangs on: run, person, room, case version."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

import sqlalchemy as sa

from trainkit.log.journal import Journal, Row
from trainkit.log.named_versions import versions_named
from trainkit.log.queries import in_order
from trainkit.log.schema import (
    attempts,
    cases,
    controls,
    events,
    members,
    metadata,
    questions,
    translations,
    upvotes,
    workshops,
)

Reading = Callable[[], AbstractContextManager[sa.Connection]]
# table → what its rows hang on: column, and the table of which that is the whole key
_HANGS_ON = {
    table.name: [
        (key.parent.name, key.column.table)
        for key in table.foreign_keys
        if [key.column.name] == [column.name for column in key.column.table.primary_key]
    ]
    for table in metadata.sorted_tables
}
_OWNERS = {parent.name: next(iter(parent.primary_key)).name for found in _HANGS_ON.values() for _, parent in found}


class Confirmed:
    """Puts rows into a journal, and before them what they hang on, once."""

    def __init__(self, journal: Journal, reading: Reading):
        self.journal, self._reading = journal, reading
        self._known: dict[str, set[str]] = {name: set() for name in _OWNERS}
        self._lock = threading.Lock()

    def add(self, rows: Iterable[Row]) -> None:
        """Take rows that were committed just now."""
        with self._lock:
            rows = [*rows]
            if any(True for row in rows for _ in self._missing(*row, rows)):
                with self._reading() as connection:
                    for table, row in rows:
                        self.journal.add(self._before(connection, table, row))
            for table, row in rows:
                self._note(table, row)
            self.journal.add(rows)

    def add_room(self, workshop: str) -> None:
        """Take a room as it is now: a server that begins goes on with what an earlier one confirmed."""
        with self._lock, self._reading() as connection:
            mine = sa.select(members.c.member).where(members.c.workshop == workshop)
            runs = sa.select(attempts.c.attempt).where(attempts.c.member.in_(mine))
            asked = sa.select(questions.c.question).where(questions.c.workshop == workshop)
            for table, condition in (
                (workshops, workshops.c.workshop == workshop),
                (controls, controls.c.workshop == workshop),
                (members, members.c.workshop == workshop),
                (questions, questions.c.workshop == workshop),
                (upvotes, upvotes.c.question.in_(asked)),
            ):
                self._take(connection, table, condition)
            self._take(connection, attempts, attempts.c.member.in_(mine))
            self._take(connection, events, events.c.attempt.in_(runs))

    def _take(self, connection: sa.Connection, table: sa.Table, condition: sa.ColumnElement[bool]) -> None:
        for found in connection.execute(sa.select(table).where(condition).order_by(*in_order(table))).mappings():
            row = dict(found)
            self.journal.add(self._before(connection, table.name, row))
            self._note(table.name, row)
            self.journal.add([(table.name, row)])

    def _note(self, table: str, row: Mapping[str, Any]) -> None:
        if table in _OWNERS:
            self._known[table].add(row[_OWNERS[table]])

    def _missing(
        self, table: str, row: Mapping[str, Any], beside: Iterable[Row] = ()
    ) -> Iterator[tuple[sa.Table, Any]]:
        """What a row hangs on and isn't in the journal, nor ``beside`` it."""
        hangs = [(parent, row.get(column)) for column, parent in _HANGS_ON[table]]
        for version in versions_named(table, row):  # a room's cases are wanted before anybody has begun them
            hangs += zip((cases, translations), version, strict=True)
        for parent, value in hangs:
            key = _OWNERS[parent.name]
            if value is None or value in self._known[parent.name]:
                continue
            if not any(name == parent.name and other[key] == value for name, other in beside):
                yield parent, value

    def _before(self, connection: sa.Connection, table: str, row: Mapping[str, Any]) -> Iterator[Row]:
        """What a row hangs on, as the log has it; of a run everything that was said before."""
        for parent, value in [*self._missing(table, row)]:
            key = parent.c[_OWNERS[parent.name]]
            found = connection.execute(sa.select(parent).where(key == value)).mappings().first()
            if found is None:
                continue
            yield from self._before(connection, parent.name, dict(found))
            self._note(parent.name, found)
            yield parent.name, dict(found)
            if parent is attempts:
                said = sa.select(events).where(events.c.attempt == value).order_by(events.c.step)
                for event in connection.execute(said).mappings():
                    yield events.name, dict(event)
