"""Which runs does an export's folder hold, or another log? One after the other, each with all that belongs to it."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import Enum
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from trainkit.errors import N_, TrainkitError, shown
from trainkit.exchange.answers_reader import MAX_BYTES, is_answers, read_answers
from trainkit.exchange.columns import schema
from trainkit.exchange.log_tables import BesideAttempts, Reading, Wanted, codes_schema
from trainkit.exchange.parquet_rows import look_at_tables, rows_of
from trainkit.files.reading import read_text
from trainkit.log import schema as tables
from trainkit.log.foreign import look_over
from trainkit.log.store import Log
from trainkit.log.whole_file import copy_whole

if TYPE_CHECKING:
    import pyarrow as pa

_SQLITE = b"SQLite format 3\0"


class Run(NamedTuple):
    """An attempt from elsewhere, as rows of an export."""

    attempt: Mapping[str, Any]
    events: Sequence[Mapping[str, Any]]
    person: Mapping[str, Any]
    codes: Sequence[Mapping[str, Any]] = ()  # that coders gave to what was typed


class Whose(Enum):
    """Where runs come from, and so what is believed of them."""

    THIS_LOGS = "a rescue file is this log still"
    OTHER_LOGS = "a log or an export, of somebody who holds rooms"
    ANYBODYS = "a file of answers, which whoever can write one may have made"


class Versions(NamedTuple):
    """What runs were played in: hash → source, hash → translations."""

    cases: Mapping[str, str]
    translations: Mapping[str, str]


@contextmanager
def opened(source: Path) -> Iterator[tuple[Versions, Iterator[Run], Whose]]:
    """The versions and runs of an export's folder or an SQLite log, while it is open; and whose they are.

    Raises
    ------
    TrainkitError
        If there is nothing of the kind, or, on the way, if it can't be read.
    """
    if source.is_dir():
        look_at_tables(source, ("cases", "translations", "people", "attempts", "events", *_codes_in(source)))
        yield _versions_of_folder(source), _runs_of_folder(source), Whose.OTHER_LOGS
    elif not source.exists():
        raise TrainkitError(
            N_("{file} isn't there: an import wants a folder of trainkit export, a site's answers, or an SQLite log"),
            file=shown(str(source)),
        )
    elif is_answers(_head(source)):
        came = read_answers(read_text(source, source.name, N_("a file of answers"), MAX_BYTES), source.name)
        yield Versions(came.cases, came.translations), (Run(*run) for run in came.runs), Whose.ANYBODYS
    elif _head(source).startswith(_SQLITE):
        with copied(source) as other:
            yield versions_of_log(other), _runs_of_log(other), Whose.OTHER_LOGS
    else:
        raise TrainkitError(
            N_("{source} is no SQLite log and no file of answers: an import wants one, or a folder of trainkit export"),
            source=shown(str(source)),
        )


@contextmanager
def copied(source: Path) -> Iterator[Log]:
    """Another log, as a copy: reading an older one would bring it up to date, and it is somebody else's file."""
    folder = Path(tempfile.mkdtemp())
    try:
        copy_whole(str(source), folder / "log.sqlite3", lambda done, pages: None)
        limit = look_over(folder / "log.sqlite3", source.name)
        other = Log(folder / "log.sqlite3")
        other.limit(limit)
        try:
            yield other
        finally:
            other.close()
    except sqlite3.Error as error:
        raise TrainkitError(N_("{file} can't be read: {why}"), file=shown(str(source)), why=error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _head(file: Path) -> bytes:
    """How a file begins."""
    try:
        with file.open("rb") as content:
            return content.read(200)
    except OSError as error:
        why = error.strerror or error
        raise TrainkitError(N_("{file} can't be read: {why}"), file=shown(str(file)), why=why) from error


def versions_of_log(log: Log) -> Versions:
    """The case versions and translations that a log keeps."""
    with log.reading() as connection:
        return Versions(
            *({row[0]: row[1] for row in connection.execute(sa.select(*chosen))} for chosen in (
                (tables.cases.c.case_hash, tables.cases.c.source),
                (tables.translations.c.translations_hash, tables.translations.c.texts),
            ))
        )  # fmt: skip


def _versions_of_folder(folder: Path) -> Versions:
    return Versions(
        _texts(folder, "cases", "case_hash", "source"), _texts(folder, "translations", "translations_hash", "texts")
    )


def _codes_in(folder: Path) -> tuple[str, ...]:
    return ("codes",) if (folder / "codes.parquet").exists() else ()  # earlier exports had none


def _texts(folder: Path, name: str, key: str, text: str) -> dict[str, str]:
    import pyarrow as pa

    wanted = pa.schema([pa.field(column, pa.string(), nullable=False) for column in (key, text)])
    return {row[key]: row[text] for row in rows_of(folder, name, wanted)}


def _runs_of_folder(folder: Path) -> Iterator[Run]:
    """Tables are read side by side: all are in the order in which attempts were begun."""
    people = {row["person"]: row for row in rows_of(folder, "people", schema("people"))}
    given = rows_of(folder, "codes", codes_schema()) if _codes_in(folder) else iter(())
    events = BesideAttempts(rows_of(folder, "events", schema("events")), itemgetter("attempt"))
    codes = BesideAttempts(given, itemgetter("attempt"))
    for attempt in rows_of(folder, "attempts", schema("attempts")):
        name = attempt["attempt"]
        yield Run(attempt, events.of(name), people.get(attempt["person"], {}), codes.of(name))
    for called, rest in (("events", events), ("codes", codes)):
        if rest.next is not None:
            raise TrainkitError(
                N_("{file}: rows of {attempt} stand in another order than the attempts, or without one"),
                file=f"{folder.name}/{called}.parquet",
                attempt=shown(rest.next),
            )


def _runs_of_log(log: Log) -> Iterator[Run]:
    people: dict[str, dict[str, Any]] = {}
    for batch in Reading(log, Wanted(synthetic=True)).batches():
        people |= {row["person"]: row for row in batch.tables["people"].to_pylist()}
        events, codes = (_by_attempt(rows) for rows in (batch.tables["events"], batch.codes))
        for attempt in batch.tables["attempts"].to_pylist():
            name = attempt["attempt"]
            yield Run(attempt, events.get(name, ()), people.get(attempt["person"], {}), codes.get(name, ()))


def _by_attempt(rows: pa.Table) -> dict[str, list[dict[str, Any]]]:
    return {name: list(mine) for name, mine in groupby(rows.to_pylist(), itemgetter("attempt"))}
