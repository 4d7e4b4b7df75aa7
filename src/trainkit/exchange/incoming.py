"""How do runs from other machines come into a log? Replayed before they count, each once, conflicts told."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from trainkit.case.frozen import thaw
from trainkit.case.model import Case
from trainkit.engine.attempt import Attempt
from trainkit.errors import N_, TrainkitError, UnknownName, shown
from trainkit.exchange.answers_file import MAX_BYTES, is_answers, read_answers
from trainkit.exchange.columns import columns
from trainkit.exchange.log_tables import Reading, Wanted
from trainkit.exchange.people import TOLD
from trainkit.files.reading import read_text
from trainkit.log import schema as tables
from trainkit.log.records import KINDS, Event, Record, Settings, now
from trainkit.log.replay import advance, begun, facts_of
from trainkit.log.store import Log
from trainkit.log.whole_file import copy_whole

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

MANY = 2_000  # attempts a transaction
KEPT = 100_000  # ways through cases that are remembered
_EVENT = ("kind", "scene", "option", "text", "ending", "lang", "at")
_SQLITE = b"SQLite format 3\0"


class Run(NamedTuple):
    """An attempt from elsewhere, as rows of an export."""

    attempt: Mapping[str, Any]
    events: Sequence[Mapping[str, Any]]
    person: Mapping[str, Any]


class Versions(NamedTuple):
    """What runs were played in: hash → source, hash → translations."""

    cases: Mapping[str, str]
    translations: Mapping[str, str]


class Imported(NamedTuple):
    """What came of it, in attempts; ``told`` is why runs were refused or differ from what is here."""

    added: int
    continued: int  # here already, and some events more
    known: int  # here already, whole
    refused: int  # can't be replayed, or was changed
    conflicts: int  # here already, and other than what came
    told: list[str]


def import_runs(
    log: Log, source: Path, progress: Callable[[int], object] = lambda attempts: None, most_told: int = 50
) -> Imported:
    """Take in the runs of an export's folder, of a browser's file of answers or of another SQLite log.

    Each run is replayed under the case version it was played in, and must come to what its row says (facts, ending); one
    that doesn't is refused. A run that is here already is left as it is; where it goes on further elsewhere, what is
    missing is added; where both differ, that is told and nothing is changed. So importing twice is harmless, and one that
    was broken off is simply begun again.

    Raises
    ------
    TrainkitError
        If there is nothing of the kind, or it can't be read; what had been taken in before stays.
    """
    source = Path(source).expanduser()
    with _opened(source) as (versions, runs):
        return _Taking(log, source.name, versions, most_told).take(runs, progress)


# ---- what comes -------------------------------------------------------------------------------------------------


@contextmanager
def _opened(source: Path) -> Iterator[tuple[Versions, Iterator[Run]]]:
    if source.is_dir():
        yield _versions_of_folder(source), _runs_of_folder(source)
    elif not source.exists():
        raise TrainkitError(
            f"{shown(str(source))} isn't there: "
            "an import wants a folder of trainkit export, a browser's file of answers, or an SQLite log"
        )
    elif is_answers(_head(source)):
        came = read_answers(read_text(source, source.name, N_("a file of answers"), MAX_BYTES), source.name)
        yield Versions(came.cases, came.translations), (Run(*run) for run in came.runs)
    elif _head(source).startswith(_SQLITE):
        folder = Path(tempfile.mkdtemp())  # reading an older log would bring it up to date: not somebody else's file
        try:
            copy_whole(str(source), folder / "log.sqlite3", lambda done, pages: None)
            other = Log(folder / "log.sqlite3")
            try:
                yield (
                    _versions_of_log(other),
                    _runs(batch.tables for batch in Reading(other, Wanted(synthetic=True)).batches()),
                )
            finally:
                other.close()
        except sqlite3.Error as error:
            raise TrainkitError(f"{shown(str(source))} can't be read: {error}") from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    else:
        raise TrainkitError(
            f"{shown(str(source))} is no SQLite log and no file of answers: "
            "an import wants one, or a folder of trainkit export"
        )


def _head(file: Path) -> bytes:
    """How a file begins."""
    try:
        with file.open("rb") as content:
            return content.read(200)
    except OSError as error:
        raise TrainkitError(f"{shown(str(file))} can't be read: {error.strerror or error}") from error


def _versions_of_log(log: Log) -> Versions:
    with log.reading() as connection:
        return Versions(
            *({row[0]: row[1] for row in connection.execute(sa.select(*chosen))} for chosen in (
                (tables.cases.c.case_hash, tables.cases.c.source),
                (tables.translations.c.translations_hash, tables.translations.c.texts),
            ))
        )  # fmt: skip


def _versions_of_folder(folder: Path) -> Versions:
    cases, translations = _read_table(folder, "cases"), _read_table(folder, "translations")
    return Versions(
        dict(zip(_column(cases, "case_hash", folder), _column(cases, "source", folder), strict=True)),
        dict(
            zip(_column(translations, "translations_hash", folder), _column(translations, "texts", folder), strict=True)
        ),
    )


def _column(table: pa.Table, name: str, folder: Path) -> list[Any]:
    if name not in table.column_names:
        raise UnknownName(f"column of the versions in {folder.name}", name, table.column_names)
    return table[name].to_pylist()


def _read_table(folder: Path, name: str) -> pa.Table:
    with _parquet(folder, name) as file:
        return file.read()


@contextmanager
def _parquet(folder: Path, name: str) -> Iterator[pq.ParquetFile]:
    """A table of a folder; what is wrong with the file, also in the middle of it, becomes a TrainkitError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = folder / f"{name}.parquet"
    if not file.exists():
        raise TrainkitError(f"{shown(str(folder))} has no {file.name}: it is no folder of trainkit export")
    try:
        with pq.ParquetFile(file) as content:
            yield content
    except (pa.ArrowException, OSError) as error:
        raise TrainkitError(f"{shown(f'{folder.name}/{file.name}')} can't be read: {error}") from error


def _runs_of_folder(folder: Path) -> Iterator[Run]:
    """Attempts and events are read side by side: both are in the order in which attempts were begun."""
    people = {row["person"]: row for row in _read_table(folder, "people").to_pylist()}
    events = groupby(_rows(folder, "events"), itemgetter("attempt"))
    following = next(events, None)
    for attempt in _rows(folder, "attempts"):
        mine: Sequence[Mapping[str, Any]] = ()
        if following is not None and following[0] == attempt["attempt"]:
            mine = list(following[1])
            following = next(events, None)
        yield Run(attempt, mine, people.get(attempt["person"], {}))
    if following is not None:
        raise TrainkitError(
            f"{folder.name}: events of {following[0]!r} stand in another order than the attempts, or without one"
        )


def _rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    with _parquet(folder, name) as file:
        there = file.schema_arrow.names
        for column in columns(name):
            if column.name not in there:
                raise UnknownName(f"column of {name}.parquet", column.name, there)
        for batch in file.iter_batches(20_000):
            yield from batch.to_pylist()


def _runs(batches: Iterator[Mapping[str, pa.Table]]) -> Iterator[Run]:
    people: dict[str, dict[str, Any]] = {}
    for batch in batches:
        people |= {row["person"]: row for row in batch["people"].to_pylist()}
        events = {name: list(rows) for name, rows in groupby(batch["events"].to_pylist(), itemgetter("attempt"))}
        for attempt in batch["attempts"].to_pylist():
            yield Run(attempt, events.get(attempt["attempt"], ()), people.get(attempt["person"], {}))


# ---- what is taken ----------------------------------------------------------------------------------------------


class _Refused(TrainkitError):
    pass


class _Taking:
    """Runs on their way into a log."""

    def __init__(self, log: Log, source: str, versions: Versions, most_told: int):
        self._log, self._source, self._versions, self._most = log, source, versions, most_told
        self._import = uuid.uuid4().hex
        self._cases: dict[tuple[str, str], Case] = {}
        self._replayed: dict[tuple, list[str | None]] = {}
        self._counts = dict.fromkeys(("added", "continued", "known", "refused", "conflicts"), 0)
        self._told: list[str] = []
        self._begun = False

    def take(self, runs: Iterator[Run], progress: Callable[[int], object]) -> Imported:
        """Take them in, some at a time."""
        self._log.prepare()
        waiting: list[Run] = []
        for run in runs:
            waiting.append(run)
            if len(waiting) == MANY:
                self._commit(waiting)
                progress(len(waiting))
                waiting = []
        self._commit(waiting)
        progress(len(waiting))
        return Imported(**self._counts, told=self._told)

    def _tell(self, what: str, run: Run, why: str) -> None:
        self._counts[what] += 1
        if len(self._told) < self._most:
            self._told.append(f"{str(run.attempt['attempt'])[:8]}: {why}")

    def _commit(self, runs: Sequence[Run]) -> None:
        here = self._here([run.attempt["attempt"] for run in runs])
        new: list[tuple[Run, Record]] = []
        further: list[tuple[Run, int]] = []
        for run in runs:
            try:
                record, events = self._checked(run)
            except TrainkitError as error:
                self._tell("refused", run, str(error))
                continue
            logged = here.get(record.attempt)
            if logged is None:
                new.append((run, record))
            elif not _same_beginning(logged[0], record):
                self._tell("conflicts", run, "is here as another run: another case version, draw or setting")
            elif any(a != b for a, b in zip(logged[1], events, strict=False)):
                self._tell("conflicts", run, "is here, and other answers were given in it")
            elif len(events) > len(logged[1]):
                further.append((run, len(logged[1])))
            else:
                self._counts["known"] += 1
        if new or further:
            self._write(new, further)
        self._counts["added"] += len(new)
        self._counts["continued"] += len(further)

    def _here(self, names: Sequence[str]) -> dict[str, tuple[Mapping[str, Any], list[tuple]]]:
        """What the log has of these attempts: the row of each, and what its events say."""
        found: dict[str, tuple[Mapping[str, Any], list[tuple]]] = {}
        a, e = tables.attempts, tables.events
        with self._log.reading() as connection:
            for n in range(0, len(names), 500):
                some = names[n : n + 500]
                for row in connection.execute(sa.select(a).where(a.c.attempt.in_(some))).mappings():
                    found[row["attempt"]] = (row, [])
                query = sa.select(e).where(e.c.attempt.in_(some)).order_by(e.c.attempt, e.c.step)
                for row in connection.execute(query).mappings():
                    found[row["attempt"]][1].append(_said(row))
        return found

    def _checked(self, run: Run) -> tuple[Record, list[tuple]]:
        """The run's record and what its events say, if it can be replayed and comes to what it says."""
        row = run.attempt
        if not run.person:
            raise _Refused(f"nobody in the table of people is {row['person']!r}, who played it")
        for number, event in enumerate(run.events):
            if event["step"] != number:
                raise _Refused(f"step {number} is missing")
            if event["kind"] not in KINDS:
                raise UnknownName("kind of event", event["kind"], KINDS)
        case = self._case(row["case_hash"], row["translations_hash"])
        if case.id != row["case_id"]:
            raise _Refused(f'the case version is one of "{case.id}", not of "{row["case_id"]}"')
        record = _record(row, run.person)
        truth = facts_of(case, record)
        if row["facts"] is not None and json.loads(row["facts"]) != dict(zip(case.facts, truth, strict=True)):
            raise _Refused("its facts are not those that its seed draws: it was changed")
        if [event["ending"] for event in run.events] != self._endings(case, record, truth, run.events):
            raise _Refused("its answers lead to another ending than it says: it was changed")
        return record, [_said(event) for event in run.events]

    def _endings(
        self, case: Case, record: Record, truth: tuple[str, ...], events: Sequence[Mapping[str, Any]]
    ) -> list[str | None]:
        """The ending that each event leads to, if any; replayed once for all who did the same."""
        key = case.hash, truth, *((event["kind"], event["scene"], event["option"]) for event in events)
        if key not in self._replayed:
            attempt, endings = begun(case, record), []
            for event in events:
                _refuse_misplaced(case, attempt, event)
                attempt = advance(attempt, Event(event["kind"], event["scene"], event["option"], event["text"]))
                endings.append(attempt.ending if event["kind"] == "choose" else None)
            if len(self._replayed) >= KEPT:
                self._replayed.clear()
            self._replayed[key] = endings
        return self._replayed[key]

    def _case(self, case_hash: str, texts_hash: str) -> Case:
        key = case_hash, texts_hash
        if key not in self._cases:
            source, texts = self._versions.cases.get(case_hash), self._versions.translations.get(texts_hash)
            if source is None or texts is None:
                raise _Refused(f"its case version {case_hash[:12]} didn't come with it")
            case = thaw(source, texts)
            if (case.hash, case.translations_hash) != key:
                raise _Refused(f"its case version {case_hash[:12]} was changed")
            self._cases[key] = case
        return self._cases[key]

    def _write(self, new: Sequence[tuple[Run, Record]], further: Sequence[tuple[Run, int]]) -> None:
        for case_hash, texts_hash in {(record.case_hash, record.translations_hash) for _, record in new}:
            self._log.keep_case(self._cases[case_hash, texts_hash])
        people = {run.person["person"]: run.person for run, _ in new}
        with self._log.writing() as connection:
            if not self._begun:
                connection.execute(
                    tables.imports.insert().values(import_id=self._import, source=self._source, at=now())
                )
            known = set(self._known(connection, list(people)))
            if unknown := [_person(row) for name, row in people.items() if name not in known]:
                connection.execute(tables.imported_people.insert(), unknown)
            self._log.add_attempts(connection, [record.to_row() for _, record in new])
            if new:
                marks = [
                    {"attempt": record.attempt, "import_id": self._import, "person": run.person["person"]}
                    for run, record in new
                ]
                connection.execute(tables.imported.insert(), marks)
            rows = [_event(event) for run, _ in new for event in run.events]
            rows += [_event(event) for run, first in further for event in run.events[first:]]
            if rows:
                connection.execute(tables.events.insert(), rows)
        self._begun = True

    def _known(self, connection: sa.Connection, names: Sequence[str]) -> Iterator[str]:
        person = tables.imported_people.c.person
        for n in range(0, len(names), 500):
            yield from connection.execute(sa.select(person).where(person.in_(names[n : n + 500]))).scalars()


def _refuse_misplaced(case: Case, attempt: Attempt, event: Mapping[str, Any]) -> None:
    """Raise if an event names a scene or an option that it can't be of."""
    scene, option = event["scene"], event["option"]
    if scene not in case.scenes:
        raise UnknownName(f'scene of "{case.id}"', scene, case.scenes)
    if event["kind"] == "choose" and scene != attempt.state.place:
        raise _Refused(
            f'step {event["step"]} is in "{scene}", but the run was in "{attempt.state.place}": it was changed'
        )
    if option is not None and option not in case.scenes[scene].options:
        raise UnknownName(f'option of "{scene}"', option, case.scenes[scene].options)


def _said(event: Mapping[str, Any]) -> tuple:
    """What an event says, whenever."""
    return tuple(event[name] for name in ("kind", "scene", "option", "text", "ending"))


def _same_beginning(logged: Mapping[str, Any], record: Record) -> bool:
    row = record.to_row()
    return all(
        logged[name] == row[name] for name in ("case_hash", "seed", "fixed", "draw_version", "feedback", "origin")
    )


def _record(row: Mapping[str, Any], person: Mapping[str, Any]) -> Record:
    plain = {
        name: row[name] for name in ("attempt", "case_id", "case_hash", "translations_hash", "seed", "origin", "run")
    }
    return Record(
        **plain,
        participant=person["participant"] or person["person"],
        fixed=json.loads(row["fixed"]),
        settings=Settings.from_row(row),
        started_at=_time(row["started_at"]),
        drawn=row["drawn"],
        draw_version=row["draw_version"],
    )


def _event(event: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: event[name] for name in _EVENT if name != "at"}
    return {"attempt": event["attempt"], "step": event["step"], **said, "at": _time(event["at"])}


def _person(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in TOLD if name != "joined_at"} | {"joined_at": _time(row["joined_at"])}


def _time(at: Any) -> str:
    """A time as the log has it."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06d}Z"
