"""Where is the log, and what stands in it? Append-only events on disk, every answer committed before it counts.

``cases`` and ``translations`` hold every version seen, by hash, ``attempts`` who played what under which settings, and
``events`` what was chosen or written, one row each, numbered within the attempt. Facts, never points: scores are
computed from these. :mod:`trainkit.log.schema` has the columns, :mod:`trainkit.room.records` who sat in which room.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from trainkit.case.frozen import thaw
from trainkit.case.model import Case
from trainkit.errors import Conflict, EmptyLog, OutOfDate, TrainkitError
from trainkit.files import casebook
from trainkit.files.private import FOLDER
from trainkit.log import history
from trainkit.log.carried import DRIVE, LOG, in_browser
from trainkit.log.database import Database
from trainkit.log.records import BEGUN_ELSEWHERE, Event, Record, check_repeated, known_as, now, refuse_unknown_kind
from trainkit.log.schema import attempts, cases, events, imported, numbered, translations

if TYPE_CHECKING:
    import pandas as pd

_BEGIN, _APPEND = numbered(attempts), sa.insert(events)


class Log(Database):
    """The log behind a database URL (SQLAlchemy's, or a file for SQLite); :func:`default_database` if left out."""

    def __init__(self, url: str | os.PathLike | None = None):
        super().__init__(default_database() if url is None else url)
        self._versions: dict[tuple[str, str], Case] = {}  # a version never changes, and reading one takes long

    # ---- writing --------------------------------------------------------------------------------------------

    def begin(self, record: Record, case: Case) -> None:
        """Log the beginning of an attempt; see :class:`trainkit.log.records.AttemptLog`."""
        if (record.case_hash, record.translations_hash) not in self._versions:
            self.keep_case(case)
        try:
            self.append_all([], [record])
        except Conflict as error:
            if record.member and any(other.run == record.run for other in self.attempts(member=record.member)):
                raise OutOfDate(BEGUN_ELSEWHERE) from error
            raise

    def append(self, attempt: str, step: int, event: Event) -> None:
        """Commit an event as number ``step``; see :class:`trainkit.log.records.AttemptLog`."""
        try:
            self.append_all([(attempt, step, event)])
        except Conflict:
            check_repeated(self.events(attempt), step, event)

    def append_all(self, answers: Sequence[tuple[str, int, Event]], begun: Sequence[Record] = ()) -> None:
        """Commit events (attempt, step, event) and beginnings of cases whose version is kept, together, all or none.

        Raises Conflict if the log has something at one of these steps, or lacks one before it; NotSaved if they could
        not be committed.
        """
        for _, _, event in answers:
            refuse_unknown_kind(event)
        beginnings = [record.to_row() for record in begun]
        rows = [event.to_row(attempt, step) for attempt, step, event in answers]
        if len(rows) + len(beginnings) == 1:
            self.write_row(_APPEND if rows else _BEGIN, (rows or beginnings)[0])
            return
        # always in one order: two servers that write the same rows (double clicks) never wait for each other in a ring
        beginnings.sort(key=lambda row: (row["member"] or "", row["run"] or 0))
        rows.sort(key=itemgetter("attempt", "step"))
        with self.writing() as connection:
            if beginnings:
                self.execute(connection, _BEGIN, beginnings)
            if rows:
                self.execute(connection, _APPEND, rows)

    def add_rows(self, case: Case, begun: Sequence[Mapping[str, Any]], logged: Sequence[Mapping[str, Any]]) -> None:
        """Add many rows of attempts and events of a case at once, as they are; NotSaved if none was written."""
        with self.writing() as connection:
            _keep(connection, case)
            for statement, rows in ((_BEGIN, begun), (_APPEND, logged)):
                if rows:
                    connection.execute(statement, list(rows))

    def add_attempts(self, connection: sa.Connection, begun: Sequence[Mapping[str, Any]]) -> None:
        """Add rows of attempts in a transaction, numbered after those that are there."""
        if begun:
            connection.execute(_BEGIN, list(begun))

    def keep_case(self, case: Case) -> None:
        """Log a case version, if it is new."""
        try:
            with self.writing() as connection:
                _keep(connection, case)
        except Conflict:  # another program logged the same version first: now it is there
            with self.writing() as connection:
                _keep(connection, case)
        self._versions[case.hash, case.translations_hash] = case

    # ---- reading --------------------------------------------------------------------------------------------

    def attempts(
        self, participant: str | None = None, case_id: str | None = None, *, member: str | None = None
    ) -> list[Record]:
        """Attempts, oldest first; of a case, of a workshop's member, or of a participant who played alone if named."""
        if not self.exists:
            return []
        query = sa.select(attempts).order_by(attempts.c.number, attempts.c.attempt)
        if member is not None:
            query = sa.select(attempts).where(attempts.c.member == member).order_by(attempts.c.run)
        elif participant is not None:  # a namesake whose runs came from another log is somebody else
            here = ~sa.exists().where(imported.c.attempt == attempts.c.attempt)
            query = query.where(attempts.c.participant.in_(known_as(participant)), attempts.c.member.is_(None), here)
        if case_id is not None:
            query = query.where(attempts.c.case_id == case_id)
        try:
            return self.select_records(query)
        except EmptyLog:
            return []

    def select_records(self, query: sa.Select) -> list[Record]:
        """Attempts that a query selects."""
        with self.reading() as connection:
            return [Record.from_row(row) for row in connection.execute(query).mappings()]

    def events(self, attempt: str) -> list[Event]:
        """Everything that was logged of an attempt, in order."""
        query = sa.select(events).where(events.c.attempt == attempt).order_by(events.c.step)
        with self.reading() as connection:
            return [Event.from_row(row) for row in connection.execute(query).mappings()]

    def case(self, record: Record) -> Case:
        """The case version of an attempt, with the translations it began with; see :meth:`version`."""
        return self.version(record.case_hash, record.translations_hash)

    def version(self, case_hash: str, texts_hash: str) -> Case:
        """A case version with its translations, by their hashes; TrainkitError if it isn't there or can't be read."""
        key = case_hash, texts_hash
        if key not in self._versions:
            with self.reading() as connection:
                source = connection.scalar(sa.select(cases.c.source).where(cases.c.case_hash == case_hash))
                texts = connection.scalar(
                    sa.select(translations.c.texts).where(translations.c.translations_hash == texts_hash)
                )
            if source is None or texts is None:
                raise TrainkitError(f"the log has no case version {case_hash[:12]}")
            try:
                self._versions[key] = thaw(source, texts)
            except TrainkitError as error:
                raise TrainkitError(f"the case version {case_hash[:12]} in the log can't be read: {error}") from error
        return self._versions[key]

    def decisions(self, case_id: str | None = None) -> pd.DataFrame:
        """Every scored decision in the log, as a table; see :func:`trainkit.log.history.decisions`."""
        return history.decisions(self, case_id)


def default_database() -> str:
    """URL of the log where none is named.

    ``TRAINKIT_DATABASE`` if set; ``data/log.sqlite3`` beside the casebook in a checkout, and among the files of a
    JupyterLite; else the user's data folder.
    """
    if named := os.environ.get("TRAINKIT_DATABASE"):
        return named if "://" in named else f"sqlite:///{Path(named).expanduser().resolve()}"
    if in_browser() and DRIVE.is_dir():
        return f"sqlite:///{LOG}"
    data = None
    with suppress(TrainkitError):
        data = casebook.casebook_folder().parent / "data"
    # Windows calls every folder writable: one that is not shows when the log is made, in a sentence.
    if data is None or not data.is_dir() or not os.access(data, os.W_OK):
        import platformdirs

        data = Path(platformdirs.user_data_dir("trainkit", appauthor=False))
        data.mkdir(FOLDER, parents=True, exist_ok=True)
    return f"sqlite:///{data / 'log.sqlite3'}"


def _keep(connection: sa.Connection, case: Case) -> None:
    """Log a case version and its translations, if they are new."""
    at = now()
    version = {"case_hash": case.hash, "case_id": case.id, "source": case.source_json, "added_at": at}
    translated = {"translations_hash": case.translations_hash, "texts": case.translations_json, "added_at": at}
    for table, values in ((cases, version), (translations, translated)):
        (key,) = table.primary_key
        if connection.execute(sa.select(key).where(key == values[key.name])).first() is None:
            connection.execute(table.insert().values(values))
