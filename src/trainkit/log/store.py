"""The log on disk: append-only events in SQLite or PostgreSQL, every answer committed before it counts.

``cases`` and ``translations`` hold every version seen, by hash, ``attempts`` who played what under which settings, and
``events`` what was chosen or written, one row each, numbered within the attempt. Facts, never points: scores are
computed from these. :mod:`trainkit.log.schema` has the columns, :mod:`trainkit.room.records` who sat in which room.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from trainkit.case.model import Case
from trainkit.errors import CaseError, Held, NotSaved, OutOfDate, TrainkitError, UnknownName, Unwritable, shown
from trainkit.files import casebook, explain
from trainkit.log.records import KINDS, Event, Record, Settings, new_record, now, pseudonym
from trainkit.log.schema import (
    LOCKED,
    attempts,
    cases,
    configure_postgres,
    configure_sqlite,
    events,
    insert_sql,
    translations,
)
from trainkit.log.triggers import KINDS_OF_DATABASE
from trainkit.log.upgrade import has_log, prepare


def default_database() -> str:
    """URL of the log where none is named.

    ``TRAINKIT_DATABASE`` if set; ``data/log.sqlite3`` beside the casebook in a checkout; else the user's data folder.
    """
    if named := os.environ.get("TRAINKIT_DATABASE"):
        return named if "://" in named else f"sqlite:///{Path(named).expanduser().resolve()}"
    try:
        data = casebook.folder().parent / "data"
    except TrainkitError:
        data = None
    # Windows calls every folder writable: one that isn't shows when the log is made, in a sentence.
    if data is None or not data.is_dir() or not os.access(data, os.W_OK):
        import platformdirs

        data = Path(platformdirs.user_data_dir("trainkit", appauthor=False))
        data.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{data / 'log.sqlite3'}"


class Log:
    """The log behind a database URL.

    Parameters
    ----------
    url : str or path, optional
        An SQLAlchemy URL, or a file for SQLite; :func:`default_database` if left out.
    """

    def __init__(self, url: str | os.PathLike | None = None):
        text = default_database() if url is None else str(url)
        if not text.strip():
            raise TrainkitError("the log needs a file name or a database URL (got an empty one)")
        options: dict[str, Any] = {}
        try:
            url: Any = text
            if "://" not in text:  # a file may be called anything, ? and # included
                url = sa.URL.create("sqlite", database=str(Path(text).expanduser().resolve()))
            self.url = str(url)
            if self.url in ("sqlite://", "sqlite:///:memory:"):
                options["poolclass"] = sa.StaticPool
            if self.url.startswith("sqlite"):
                options["connect_args"] = {"check_same_thread": False, "timeout": 5}
            else:  # whoever waited for a lock must see what was written meanwhile, whatever the database's default
                options["isolation_level"] = "READ COMMITTED"
            self._engine = sa.create_engine(url, **options)
        except (sa.exc.SQLAlchemyError, ImportError, RuntimeError, ValueError) as error:
            why = _ESCAPE if isinstance(error, ValueError) else database_reason(error)
            raise TrainkitError(f"the log can't be at {_place(text)}: {why}") from error
        if self._engine.dialect.name not in KINDS_OF_DATABASE or self._engine.dialect.is_async:
            raise TrainkitError(f"the log can't be at {_place(text)}: it is kept in SQLite or PostgreSQL (psycopg)")
        if "@" in (self._engine.url.host or ""):
            raise TrainkitError(f"the log can't be at {_place(text)}: {_ESCAPE}")
        sa.event.listen(self._engine, "connect", configure_sqlite if self.is_sqlite else configure_postgres)
        self._ready = False
        self._kept = threading.local()
        self._watch, self._watching = SimpleNamespace(), threading.Lock()
        self._styled: dict[str, str] = {}
        self._versions: dict[tuple[str, str], Case] = {}  # a version never changes, and reading one takes long

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction; whatever keeps it from being committed becomes NotSaved."""
        with self._saved("writer"):
            if getattr(self._kept, "writer", None) is None:
                self._kept.writer = self._engine.connect()  # each thread keeps its own: getting one takes a while
            with self._kept.writer.begin():
                yield self._kept.writer

    @contextmanager
    def _saved(self, name: str) -> Iterator[None]:
        """Whatever keeps something from being committed by this connection becomes NotSaved."""
        try:
            self._tables()
            yield
        except sa.exc.IntegrityError:
            raise
        except (sa.exc.SQLAlchemyError, OSError) as error:
            self._discard_connection(name)  # a connection that failed may be in any state
            self._engine.dispose()
            raise self._kind(error)(database_reason(error)) from error

    def _kind(self, error: Exception) -> type[NotSaved]:
        """Whom else it keeps from writing."""
        said = getattr(error, "orig", None) or error
        if getattr(said, "sqlstate", None) == LOCKED:
            return Held
        everybody = OSError, self._engine.dialect.loaded_dbapi.OperationalError
        return Unwritable if isinstance(said, everybody) else NotSaved

    def _discard_connection(self, name: str, keeper: Any = None) -> None:
        """Close a connection that was kept."""
        keeper = keeper or self._kept
        kept = getattr(keeper, name, None)
        setattr(keeper, name, None)
        if kept is not None:
            with suppress(sa.exc.SQLAlchemyError):
                kept.invalidate()
                kept.close()

    def prepare(self) -> None:
        """Make what is missing and bring an older log up to date; writing does so by itself.

        Raises
        ------
        NotSaved
            If it can't be written.
        """
        with self.writing():
            pass

    def _tables(self) -> None:
        if not self._ready:
            prepare(self._engine)
            self._ready = True

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection to read by; what goes wrong becomes a TrainkitError."""
        try:
            if not self._ready and has_log(self._engine):
                self._tables()  # an older log; one that isn't there is not made by reading
            with self._engine.connect() as connection:
                yield connection
        except (sa.exc.SQLAlchemyError, OSError) as error:
            self._engine.dispose()
            if "no such table" in str(error) or getattr(getattr(error, "orig", None), "sqlstate", None) == "42P01":
                raise TrainkitError("the log is empty") from error
            raise TrainkitError(f"the log can't be read: {database_reason(error)}") from error

    @contextmanager
    def advisory_lock(self) -> Iterator[None]:
        """While another program on this PostgreSQL does the same, wait; a file belongs to one machine and one server."""
        with self.reading() as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql("SET LOCAL lock_timeout = '60s'")
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7482332)")
            yield

    def execute_raw(self, connection: sa.Connection, query: str, values: Any) -> Any:
        """Run a query in SQL with ``:names``, once or for each of a list of values; the driver's cursor.

        SQLAlchemy's own ``execute`` takes as long as the rest of a commit.
        """
        driver = self._engine.dialect.loaded_dbapi
        cursor = connection.connection.cursor()
        try:
            (cursor.executemany if isinstance(values, list) else cursor.execute)(self._style(query), values)
        except driver.IntegrityError as error:
            raise sa.exc.IntegrityError(query, None, error) from error
        except driver.Error as error:
            raise sa.exc.DBAPIError(query, None, error) from error
        return cursor

    def _style(self, query: str) -> str:
        """The query with its ``:names`` as the driver wants them."""
        if self.is_sqlite:
            return query
        if query not in self._styled:
            self._styled[query] = re.sub(r":(\w+)", r"%(\1)s", query)
        return self._styled[query]

    @property
    def is_sqlite(self) -> bool:
        """Whether a small query takes microseconds: a file, no server to ask."""
        return self._engine.dialect.name == "sqlite"

    def close(self) -> None:
        """Let go of the database."""
        self._discard_connection("writer")
        self._discard_connection("connection")
        self._engine.dispose()

    # ---- writing --------------------------------------------------------------------------------------------

    def begin(
        self,
        case: Case,
        participant: str,
        seed: int,
        fixed: Mapping[str, str] | None = None,
        settings: Settings | None = None,
        origin: str = "person",
        member: str | None = None,
        run: int | None = None,
    ) -> Record:
        """Log the start of an attempt, and the case version if it is new.

        Raises
        ------
        OutOfDate
            If this run of this member has been begun already.
        NotSaved
            If it could not be committed; nothing was written.
        """
        record = new_record(case, participant, seed, fixed, settings, origin, member, run)
        for last in (False, True):  # another program may log the same version first: then it is there the second time
            try:
                with self.writing() as connection:
                    _keep(connection, case, record.started_at)
                    self.execute_raw(connection, _BEGIN, _begun(record))
                return record
            except sa.exc.IntegrityError as error:
                if last:
                    self.not_twice(record)
                    raise NotSaved(database_reason(error)) from error
        raise AssertionError  # the loop returns or raises

    def not_twice(self, record: Record) -> None:
        """Raise OutOfDate if the log has this run of this member already."""
        if record.member and any(found.run == record.run for found in self.attempts(member=record.member)):
            raise OutOfDate("this was begun elsewhere meanwhile; here is where you are")

    def add_rows(self, case: Case, begun: Sequence[Mapping[str, Any]], logged: Sequence[Mapping[str, Any]]) -> None:
        """Add many rows of attempts and events of a case at once, as they are.

        Raises
        ------
        NotSaved
            If they could not be committed; nothing was written.
        """
        try:
            with self.writing() as connection:
                _keep(connection, case, now())
                for table, found in ((attempts, begun), (events, logged)):
                    if found:
                        connection.execute(table.insert(), list(found))
        except sa.exc.IntegrityError as error:
            raise NotSaved(database_reason(error)) from error

    def append(self, attempt: str, step: int, event: Event) -> None:
        """Commit an event as number ``step`` of an attempt; the same event again is harmless.

        Raises
        ------
        OutOfDate
            If the log has something else at this step.
        NotSaved
            If it could not be committed; nothing was written.
        """
        try:
            self.append_all([(attempt, step, event)])
        except sa.exc.IntegrityError as error:
            logged = self.events(attempt)
            if step >= len(logged):
                raise NotSaved(f"the log has no place for step {step} of this attempt") from error
            if not logged[step].same(event):
                raise OutOfDate("this was answered elsewhere meanwhile; here is where you are") from error

    def append_all(self, rows: Sequence[tuple[str, int, Event]], begun: Sequence[Record] = ()) -> None:
        """Commit events (attempt, step, event) and beginnings of cases whose version is kept, together, all or none.

        Raises
        ------
        sqlalchemy.exc.IntegrityError
            If the log has something at one of these steps, or lacks one before it.
        NotSaved
            If they could not be committed.
        """
        found = []
        for attempt, step, event in rows:
            if event.kind not in KINDS:
                raise UnknownName("kind of event", event.kind, KINDS)
            at = event.at or now()
            found.append({"attempt": attempt, "step": step, **{name: getattr(event, name) for name in _SAID}, "at": at})
        if len(found) + len(begun) == 1 and not self._in_memory:
            # A row by itself is a transaction of its own: a third of the calls, at each of which other threads go first.
            with self._saved("connection"):
                query, values = (_APPEND, found[0]) if found else (_BEGIN, _begun(begun[0]))
                self.execute_raw(self._own(self._kept), query, values).close()
            return
        # always in one order: two servers that write the same rows (double clicks) never wait for each other in a ring
        found.sort(key=lambda row: (row["attempt"], row["step"]))
        with self.writing() as connection:
            if begun:
                ordered = sorted(begun, key=lambda record: (record.member or "", record.run or 0))
                self.execute_raw(connection, _BEGIN, [_begun(record) for record in ordered])
            if found:
                self.execute_raw(connection, _APPEND, found)

    # ---- reading --------------------------------------------------------------------------------------------

    def _exists(self) -> bool:
        file = self._engine.url.database
        plain = self._engine.dialect.name == "sqlite" and file and not file.startswith((":memory:", "file:"))
        return not plain or Path(file).exists()

    def attempts(
        self, participant: str | None = None, case_id: str | None = None, *, member: str | None = None
    ) -> list[Record]:
        """Attempts, oldest first; of a case, of a workshop's member, or of a participant who played alone if named."""
        if not self._exists():
            return []
        query = sa.select(attempts).order_by(attempts.c.started_at, attempts.c.attempt)
        if member is not None:  # by number: a clock may have been set back
            query = sa.select(attempts).where(attempts.c.member == member).order_by(attempts.c.run)
        elif participant is not None:
            query = query.where(attempts.c.participant == pseudonym(participant), attempts.c.member.is_(None))
        if case_id is not None:
            query = query.where(attempts.c.case_id == case_id)
        try:
            with self.reading() as connection:
                return [_record(row) for row in connection.execute(query).mappings()]
        except TrainkitError as error:
            if str(error) == "the log is empty":
                return []
            raise

    def cases_begun(self, record: Record) -> int:
        """How many cases who played this attempt has begun."""
        mine = "member = :who" if record.member else "participant = :who AND member IS NULL"
        query = f"SELECT count(DISTINCT case_id) FROM attempts WHERE {mine}"
        return self.fetch_one(query, {"who": record.member or record.participant})[0]

    def events(self, attempt: str) -> list[Event]:
        """Everything that was logged of an attempt, in order."""
        query = sa.select(events).where(events.c.attempt == attempt).order_by(events.c.step)
        with self.reading() as connection:
            return [
                Event(**{field: row[field] for field in (*_SAID, "at")}) for row in connection.execute(query).mappings()
            ]

    def case(self, record: Record) -> Case:
        """The case version of an attempt, with the translations it began with.

        Raises
        ------
        TrainkitError
            If the log has no such version, or this program can't read it any more.
        """
        return self.version(record.case_hash, record.translations_hash)

    def version(self, case_hash: str, texts_hash: str) -> Case:
        """A case version with its translations, by their hashes; see :meth:`case`."""
        key = case_hash, texts_hash
        if key not in self._versions:
            source = sa.select(cases.c.source).where(cases.c.case_hash == case_hash)
            texts = sa.select(translations.c.texts).where(translations.c.translations_hash == texts_hash)
            with self.reading() as connection:
                found = connection.execute(source).scalar(), connection.execute(texts).scalar()
            if None in found:
                raise TrainkitError(f"the log has no case version {case_hash[:12]}")
            try:
                case = explain.case_from_data(json.loads(found[0]), f"case version {case_hash[:12]} in the log")
            except (CaseError, ValueError) as error:
                raise TrainkitError(f"the case version {case_hash[:12]} in the log can't be read: {error}") from error
            self._versions[key] = case.with_translations(json.loads(found[1]))
        return self._versions[key]

    def keep_case(self, case: Case) -> None:
        """Log a case version, if it is new."""
        for last in (False, True):
            try:
                with self.writing() as connection:
                    _keep(connection, case, now())
                break
            except sa.exc.IntegrityError as error:  # another program logs the same version at this moment
                if last:
                    raise NotSaved(database_reason(error)) from error
        self._versions[case.hash, case.translations_hash] = case

    def select_records(self, query: sa.Select) -> list[Record]:
        """Attempts that a query selects."""
        with self.reading() as connection:
            return [_record(row) for row in connection.execute(query).mappings()]

    def change_token(self) -> object:
        """Something that is another whenever anybody, here or elsewhere, has written since; costs microseconds."""
        if self.is_sqlite:
            with self._watching:
                return self._ask(self._watch, "PRAGMA data_version", {}, all_rows=False)[0]
        return self.fetch_one("SELECT CAST(pg_current_snapshot() AS text)", {})[0]

    def fetch_one(self, query: str, values: Mapping[str, Any]) -> Sequence[Any] | None:
        """The first row of a query in SQL with ``:names``, by a connection that each thread keeps: six times as fast."""
        return self._ask(self._kept, query, values, all_rows=False)

    def fetch_all(self, query: str, values: Mapping[str, Any]) -> Sequence[Any]:
        """All rows of a query in SQL with ``:names``, by the same connection."""
        return self._ask(self._kept, query, values, all_rows=True)

    @property
    def _in_memory(self) -> bool:
        """Whether there is one connection, for everything."""
        return isinstance(self._engine.pool, sa.StaticPool)

    def _own(self, keeper: Any) -> sa.Connection:
        """A connection without transactions that is kept."""
        if getattr(keeper, "connection", None) is None:
            keeper.connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        return keeper.connection

    def _ask(self, keeper: Any, query: str, values: Mapping[str, Any], all_rows: bool) -> Any:
        if self._in_memory:
            with self.reading() as connection:
                found = connection.execute(sa.text(query), values)
                return found.all() if all_rows else found.first()
        for last in (False, True):
            try:
                # the driver's own cursor: SQLAlchemy's execute takes four times as long as the query
                cursor = self._own(keeper).connection.cursor()
                try:
                    found = cursor.execute(self._style(query), values)
                    return found.fetchall() if all_rows else found.fetchone()
                finally:
                    cursor.close()
            except (sa.exc.SQLAlchemyError, OSError, self._engine.dialect.loaded_dbapi.Error) as error:
                self._discard_connection("connection", keeper)
                if last:  # the first time it may only have been the connection that was kept
                    raise TrainkitError(f"the log can't be read: {database_reason(error)}") from error
        raise AssertionError  # the loop returns or raises


def _begun(record: Record) -> dict[str, Any]:
    settings = record.settings
    return {
        **{name: getattr(record, name) for name in _PLAIN},
        "fixed": json.dumps(record.fixed, sort_keys=True),
        "feedback": settings.feedback,
        "back_allowed": settings.back,
        "own_words": settings.own_words,
        "ask_why": settings.ask_why,
    }


def _keep(connection: sa.Connection, case: Case, at: str) -> None:
    """Log a case version and its translations, if they are new."""
    version = {"case_hash": case.hash, "case_id": case.id, "source": case.source_json, "added_at": at}
    translated = {"translations_hash": case.translations_hash, "texts": case.translations_json, "added_at": at}
    for table, values in ((cases, version), (translations, translated)):
        (key,) = table.primary_key
        if connection.execute(sa.select(key).where(key == values[key.name])).first() is None:
            connection.execute(table.insert().values(values))


_PLAIN = (
    "attempt",
    "participant",
    "case_id",
    "case_hash",
    "translations_hash",
    "seed",
    "origin",
    "started_at",
    "member",
    "run",
)
_SAID = ("kind", "scene", "option", "text", "ending", "lang")
_APPEND, _BEGIN = insert_sql(events), insert_sql(attempts)


def _record(row: Mapping[str, Any]) -> Record:
    settings = Settings(row["feedback"], bool(row["back_allowed"]), bool(row["own_words"]), bool(row["ask_why"]))
    return Record(**{name: row[name] for name in _PLAIN}, fixed=json.loads(row["fixed"]), settings=settings)


_ESCAPE = "a URL is postgresql+psycopg://user:password@host/name, with %40 for @, %3A for : and %2F for / in a password"


def _place(text: str) -> str:
    """Where the log is, without what may be a password."""
    kind, separator, _ = text.partition("://")
    return shown(text if not separator or text.startswith(("sqlite:///", "sqlite+pysqlite:///")) else f"{kind}://…")


def database_reason(error: BaseException) -> str:
    """What the database said, in its first line: the next ones may tell values."""
    cause = getattr(error, "orig", None) or error
    return str(cause).splitlines()[0] if str(cause) else type(cause).__name__
