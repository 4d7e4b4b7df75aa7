"""How does a rescue file come back into a log? It is this log still: with its rooms, secrets and runs as they were."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from trainkit.errors import N_, TrainkitError
from trainkit.exchange.run_source import Run
from trainkit.log import schema as tables
from trainkit.log.erased import Marks
from trainkit.log.queries import in_order, in_parts
from trainkit.log.store import Log

TOGETHER = 1_000  # rows
_BEFORE = (  # what runs hang on, those first that others hang on
    tables.workshops, tables.members, tables.controls, tables.questions, tables.upvotes, tables.imports,
    tables.imported_people,
)  # fmt: skip
_AFTER = (tables.imported, tables.codes)


def add_rooms(source: Log, log: Log) -> None:
    """Add the rooms of a rescue file, and what of them isn't here; whoever was erased here stays out.

    Raises
    ------
    TrainkitError
        If a room is here and something else was done in it: nothing was added then. So whoever doesn't have the room's own
        log can't make a file that changes the room.
    """
    log.prepare()
    with source.reading() as theirs, log.writing() as mine:
        marks = Marks(mine)
        for table in _BEFORE:
            _add(
                theirs,
                mine,
                table,
                lambda row, of=table: of is not tables.members or not marks.of_member(row["member"]),
            )


def add_marks(source: Log, log: Log) -> None:
    """Add what is noted down beside the runs of a rescue file, once they are here."""
    with source.reading() as theirs, log.writing() as mine:
        here = set(mine.execute(sa.select(tables.attempts.c.attempt)).scalars())
        for table in _AFTER:
            _add(theirs, mine, table, lambda row: row["attempt"] in here)


def _add(
    theirs: sa.Connection, mine: sa.Connection, table: sa.Table, wanted: Callable[[Mapping[str, Any]], bool]
) -> None:
    keys = [column.name for column in table.primary_key]
    here = {tuple(row[key] for key in keys): row for row in mine.execute(sa.select(table)).mappings()}
    same = [column.name for column in table.c if column.name != "number" or column.primary_key]
    new = []
    for row in theirs.execute(sa.select(table).order_by(*in_order(table))).mappings():
        known = here.get(tuple(row[key] for key in keys))
        if known is None and wanted(row):
            new.append(dict(row))
        elif known is not None and any(known[name] != row[name] for name in same):
            said = N_(
                "something else has been done in the same room since this rescue file was written, so nothing was taken from "
                "it: name a new log with --database"
            )
            raise TrainkitError(said)
    for some in in_parts(new, TOGETHER):
        mine.execute(sa.insert(table), some)


def own_runs(source: Log) -> Iterator[Run]:
    """All runs of a rescue file, in the order in which they were begun; times and names as they are."""
    a, e = tables.attempts, tables.events
    with source.reading() as connection:
        begun = [dict(row) for row in connection.execute(sa.select(a).order_by(a.c.number, a.c.attempt)).mappings()]
        for row in begun:
            said = sa.select(e).where(e.c.attempt == row["attempt"]).order_by(e.c.step)
            events = [
                {**event, "at": datetime.fromisoformat(event["at"])} for event in connection.execute(said).mappings()
            ]
            attempt = {**row, "facts": None, "started_at": datetime.fromisoformat(row["started_at"])}
            yield Run(attempt, events, {"person": row["participant"], "participant": row["participant"]})
