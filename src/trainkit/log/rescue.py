"""How is what was confirmed brought to safety when the log is lost? A new log beside it, from all that can still be read."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from trainkit.log.schema import metadata, numbered
from trainkit.log.upgrade import APPEND_ONLY, prepare

MARK = 0x746B7263  # "tkrc", as the file's application_id (https://www.sqlite.org/fileformat.html, 1.3.18)
_COUNT = "SELECT (SELECT count(*) FROM attempts), (SELECT count(*) FROM events)"
# what a part of was lost: rows whose owner is missing, and what comes after a gap
_LOOSE = (
    "DELETE FROM events WHERE attempt NOT IN (SELECT attempt FROM attempts)",
    "DELETE FROM events WHERE rowid IN (SELECT r FROM (SELECT rowid AS r, step, "
    "row_number() OVER (PARTITION BY attempt ORDER BY step) - 1 AS n FROM events) WHERE step <> n)",
)


class Rescued(NamedTuple):
    """A file with what could be saved, how many runs and answers stand in it, and whether it is all that there was."""

    file: Path
    runs: int
    answers: int
    whole: bool


def is_rescue(file: Path) -> bool:
    """Whether an SQLite file was made here: it is the same log still, with its rooms, not somebody else's."""
    with (
        suppress(sqlite3.Error),
        closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection,
    ):
        return connection.execute("PRAGMA application_id").fetchone()[0] == MARK
    return False


def has_all(connection: sa.Connection, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> bool:
    """Whether a log has all of these rows."""
    for name, row in rows:
        same = [key == row[key.name] for key in metadata.tables[name].primary_key]
        if connection.execute(sa.select(sa.literal(1)).where(*same)).first() is None:
            return False
    return True


def rescue(
    beside: Path, source: sqlite3.Connection | None, whole: bool, rows: Iterable[tuple[str, Mapping[str, Any]]]
) -> Rescued:
    """Write what can be saved of a log into a new file that its owner alone can read.

    Parameters
    ----------
    beside : Path
        Where the log was. Where nothing can be written there, it is the folder above, the one the program was started in, or
        that for temporary files.
    source : connection, optional
        One that has been open since before; it reads what has no name any more.
    whole : bool
        Whether it is to be believed: else tables are read as far as that goes.
    rows : iterable of (table, row)
        What was confirmed, as :mod:`trainkit.log.journal` has it. What the source lacks is taken from here.

    Raises
    ------
    OSError
        If there is no place to write it to.
    """
    name = f"{beside.stem}-rescued-{time.strftime('%Y-%m-%d-%H%M%S')}"
    reasons: list[OSError] = []
    for folder in dict.fromkeys(_folders(beside)):
        target = folder / f"{name}{beside.suffix or '.sqlite3'}"
        try:
            return _written(target, beside, source, whole, rows)
        except (sqlite3.Error, sa.exc.SQLAlchemyError) as error:
            reasons.append(OSError(f"{target}: {getattr(error, 'orig', None) or error}"))
        except OSError as error:
            reasons.append(error)
    raise reasons[0]


def _folders(beside: Path) -> Iterator[Path]:
    above = [folder for folder in beside.absolute().parents if folder.is_dir()]
    return iter([*above[:2], Path.cwd(), Path(tempfile.gettempdir())])


def _written(
    target: Path,
    beside: Path,
    source: sqlite3.Connection | None,
    whole: bool,
    rows: Iterable[tuple[str, Mapping[str, Any]]],
) -> Rescued:
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.unfinished")
    try:
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        copied = source is not None and whole and _copied(source, unfinished)
        if not copied:
            unfinished.write_bytes(b"")
            _made_anew(unfinished)
        with closing(sqlite3.connect(unfinished, isolation_level=None)) as copy:
            copy.execute("BEGIN")
            # rows that are there are passed over; the rules would refuse them all
            for (trigger,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                copy.execute(f'DROP TRIGGER "{trigger}"')
            _add(copy, rows)
            if source is not None and not copied:
                _salvage(source, beside, copy)
            for statement in (*_LOOSE, *APPEND_ONLY["sqlite"]()):
                copy.execute(statement)
            copy.execute("COMMIT")
            copy.execute(f"PRAGMA application_id={MARK}")
            runs, answers = copy.execute(_COUNT).fetchone()
        if os.path.lexists(target):
            target = target.with_stem(f"{target.stem}-{os.getpid()}")
        unfinished.replace(target)
        return Rescued(target, runs, answers, bool(copied))
    finally:
        for end in ("", "-wal", "-shm", "-journal"):
            unfinished.with_name(unfinished.name + end).unlink(missing_ok=True)


def _copied(source: sqlite3.Connection, target: Path) -> bool:
    """Copy all of it (SQLite's backup API); False if what came isn't sound."""
    with closing(sqlite3.connect(target)) as copy:
        try:
            source.backup(copy)
            sound = copy.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
        except sqlite3.Error:
            if not _room_for(target, 2**20):
                raise
            return False
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
        return sound


def _room_for(target: Path, size: int) -> bool:
    """Whether it is the source that can't be read, not the target that can't be written."""
    try:
        with target.open("ab") as file:
            file.write(b"\0" * size)
            file.flush()
            os.fsync(file.fileno())
            file.truncate(0)
    except OSError:
        return False
    return True


def _made_anew(file: Path) -> None:
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(file)))
    try:
        prepare(engine)
    finally:
        engine.dispose()


def _salvage(source: sqlite3.Connection, file: Path, copy: sqlite3.Connection) -> None:
    """Take every row that can still be read, table by table, until a page is missing; then from the file alone.

    It comes after the journal: a row of which a part is missing mustn't stand in the way of a whole one.
    """
    _take_rows(source, copy)
    with suppress(sqlite3.Error):  # without what stands beside it, which may be what is broken
        alone = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(alone, uri=True)) as connection:
            _take_rows(connection, copy)


def _take_rows(source: sqlite3.Connection, copy: sqlite3.Connection) -> None:
    for table in metadata.sorted_tables:
        with suppress(sqlite3.Error):
            found = source.execute(f"SELECT * FROM {table.name}")  # the schema's own names
            names = [column[0] for column in found.description]
            insert = _insert(table, names)
            for row in found:
                copy.execute(insert, dict(zip(names, row, strict=True)))


def _add(copy: sqlite3.Connection, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    """Add the rows that aren't there."""
    statements: dict[tuple[str, tuple[str, ...]], str] = {}
    for name, row in rows:
        key = name, tuple(sorted(row))
        if key not in statements:
            statements[key] = _insert(metadata.tables[name], key[1])
        copy.execute(statements[key], dict(row))


def _insert(table: sa.Table, names: Sequence[str]) -> str:
    """An insert that passes over what is there already; a row without a number gets the next one."""
    if "number" in table.c and "number" not in names and table.c["number"].server_default is not None:
        insert = numbered(table)
    else:
        insert = sa.insert(table).values({name: sa.bindparam(name) for name in names if name in table.c})
    return str(insert.prefix_with("OR IGNORE").compile(dialect=sqlite.dialect(paramstyle="named")))
