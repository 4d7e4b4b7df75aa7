"""How does a rescue file come back into a log? It is this log still: with its rooms, secrets and runs as they were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import count
from typing import Any, NamedTuple

import sqlalchemy as sa

from trainkit.errors import N_, TrainkitError, shown
from trainkit.exchange.run_checks import misfit
from trainkit.exchange.run_source import Run
from trainkit.log import schema as tables
from trainkit.log.erased import Marks
from trainkit.log.named_versions import versions_named
from trainkit.log.queries import in_order, in_parts
from trainkit.log.store import Log
from trainkit.room.controls import LEFT_OUT, LETS_IN

TOGETHER = 1_000  # rows
_BEFORE = (  # what runs hang on, those first that others hang on
    tables.workshops, tables.members, tables.controls, tables.questions, tables.upvotes, tables.imports,
    tables.imported_people,
)  # fmt: skip
_AFTER = (tables.imported, tables.codes)
_NO_ROW = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


class Rooms(NamedTuple):
    """How many rooms came that were not here, and how many secrets of rooms that were, which stayed out."""

    added: int
    secrets_left_out: int


def add_rooms(source: Log, log: Log) -> Rooms:
    """Add the rooms of a rescue file, and what of them isn't here, with the case versions that they name.

    Whoever was erased here stays out, and so do secrets that would let somebody into a room that is here already: of those a
    class makes new ones. In their place stands that one was left out, since what a trainer does is numbered.

    Raises
    ------
    TrainkitError
        If a room is here and something else was done in it, or a case version is missing: nothing was added then.
    """
    log.prepare()
    with source.reading() as theirs, log.reading() as mine:
        for table in _BEFORE:
            _new(theirs, mine, table)  # says what is wrong before anything is kept
        named = _versions(theirs)
    _keep_versions(source, log, named)
    with source.reading() as theirs, log.writing() as mine:
        marks = Marks(mine)
        found = {table: _new(theirs, mine, table) for table in _BEFORE}
        found[tables.members] = [row for row in found[tables.members] if not marks.of_member(row["member"])]
        for table in _BEFORE:
            _insert(mine, table, found[table])
    shut = sum(_is_shut(row) for row in found[tables.controls])
    return Rooms(len(found[tables.workshops]), shut)


def add_marks(source: Log, log: Log) -> None:
    """Add what is noted down beside the runs of a rescue file, once they are here."""
    with source.reading() as theirs, log.writing() as mine:
        here = set(mine.execute(sa.select(tables.attempts.c.attempt)).scalars())
        for table in _AFTER:
            _insert(mine, table, [row for row in _new(theirs, mine, table) if row["attempt"] in here])


def _versions(theirs: sa.Connection) -> dict[tuple[str, str], str]:
    """Case versions that the rooms name, each with the code of a room."""
    codes: dict[str, str] = {}
    named: dict[tuple[str, str], str] = {}
    try:
        for table in (tables.workshops, tables.controls):
            for row in theirs.execute(sa.select(table)).mappings():
                codes.setdefault(row["workshop"], row.get("code", ""))
                named |= dict.fromkeys(versions_named(table.name, row), codes[row["workshop"]])
    except _NO_ROW as error:
        raise TrainkitError(N_("a room of this rescue file names no case versions: it was changed")) from error
    return named


def _keep_versions(source: Log, log: Log, named: Mapping[tuple[str, str], str]) -> None:
    """Keep versions also of cases that nobody has begun: without them the room can't go on, be debriefed or exported."""
    for version, code in named.items():
        for where in (log, source):
            try:
                case = where.version(*version)
                break
            except TrainkitError:
                continue
        else:
            said = N_("the case version {version} of room {code} is neither in this file nor here: nothing was taken")
            raise TrainkitError(said, version=shown(str(version[0])[:12]), code=shown(str(code)))
        if where is source and (case.hash, case.translations_hash) != version:
            raise TrainkitError(N_("its case version {version} was changed"), version=shown(version[0][:12]))
        if where is source:
            log.keep_case(case)


def _new(theirs: sa.Connection, mine: sa.Connection, table: sa.Table) -> list[dict[str, Any]]:
    """The rows of a table that aren't here, as they are to be added."""
    keys = [column.name for column in table.primary_key]
    here = {tuple(row[key] for key in keys): row for row in mine.execute(sa.select(table)).mappings()}
    same = [column.name for column in table.c if column.name != "number" or column.primary_key]
    rooms = {}
    if table is tables.controls:
        rooms = {code: count(number) for code, number in mine.execute(_NEXT).all()}
    new = []
    for row in map(dict, theirs.execute(sa.select(table).order_by(*in_order(table))).mappings()):
        if why := misfit(table, row):
            said = N_("{table} of this rescue file: {why}. It was changed, so nothing was taken from it")
            raise TrainkitError(said, table=table.name, why=why)
        known = here.get(tuple(row[key] for key in keys))
        if known is not None:
            if any(known[name] != row[name] for name in same) and (
                table is not tables.controls or dict(known) != _shut(row)
            ):
                raise TrainkitError(_OTHERWISE)
        elif table is tables.controls and row["workshop"] in rooms:
            if row["number"] != next(rooms[row["workshop"]]):
                raise TrainkitError(_OTHERWISE)
            new.append(_shut(row))
        else:
            new.append(row)
    return new


_OTHERWISE = N_(
    "something else has been done in the same room since this rescue file was written, so nothing was taken from "
    "it: name a new log with --database"
)
_NEXT = (  # number of the next control of each room that is here
    sa.select(
        tables.workshops.c.workshop, sa.func.coalesce(sa.func.max(tables.controls.c.number) + sa.literal_column("1"), 0)
    )
    .outerjoin(tables.controls, tables.controls.c.workshop == tables.workshops.c.workshop)
    .group_by(tables.workshops.c.workshop)
)


def _shut(row: Mapping[str, Any]) -> dict[str, Any]:
    """A control, without the secret that would let somebody in; that earlier links no longer count is taken over."""
    if row["kind"] not in LETS_IN:
        return dict(row)
    kind = row["kind"] if row["kind"] == "only_trainer" else LEFT_OUT
    return {**row, "kind": kind, "setting": ""}


def _is_shut(row: Mapping[str, Any]) -> bool:
    return row["kind"] == LEFT_OUT or (row["kind"], row["setting"]) == ("only_trainer", "")


def _insert(mine: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    for some in in_parts(rows, TOGETHER):
        mine.execute(sa.insert(table), some)


def own_runs(source: Log) -> Iterator[Run]:
    """All runs of a rescue file, in the order in which they were begun; times and names as they are."""
    a, e = tables.attempts, tables.events
    with source.reading() as connection:
        begun = [dict(row) for row in connection.execute(sa.select(a).order_by(a.c.number, a.c.attempt)).mappings()]
        for row in begun:
            said = sa.select(e).where(e.c.attempt == row["attempt"]).order_by(e.c.step)
            events = [{**event, "at": _at(event["at"])} for event in connection.execute(said).mappings()]
            attempt = {**row, "facts": None, "started_at": _at(row["started_at"])}
            yield Run(attempt, events, {"person": row["attempt"], "participant": row["participant"]})


def _at(text: Any) -> Any:
    """A time as a run has it; what is none stays as it is, and is refused with its run."""
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return text
