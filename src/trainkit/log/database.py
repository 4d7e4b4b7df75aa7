"""How does one read and write in SQLite and PostgreSQL? Connections, transactions, and what their failures mean."""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from trainkit.errors import Conflict, EmptyLog, Held, NotSaved, TrainkitError, Unwritable, shown
from trainkit.files.private import make_private
from trainkit.log.carried import Carried, in_browser
from trainkit.log.confirmed import Confirmed
from trainkit.log.connections import (
    ESCAPE,
    configure_carried,
    configure_sqlite,
    is_dropped,
    place_of,
    reason,
    weakly,
    without_password,
)
from trainkit.log.guard import Guard
from trainkit.log.journal import Journal
from trainkit.log.kept_connections import KeptConnections
from trainkit.log.lost import LogLost, Lost
from trainkit.log.read_only import ReadOnly, cannot_be_opened, refuses_writing
from trainkit.log.rescue import has_all
from trainkit.log.taking_out import PROGRAM, taking_out
from trainkit.log.upgrade import APPEND_ONLY, prepare
from trainkit.log.whole_file import WholeFile, copy_whole

LOCKED = "55P03"  # what PostgreSQL says to whom it kept waiting too long for a lock
NO_TABLE = "42P01"
SQLITE: Mapping[str, Any] = {"connect_args": {"check_same_thread": False, "timeout": 5}, "paramstyle": "named"}
_SNAPSHOT = sa.select(sa.cast(sa.func.pg_current_snapshot(), sa.Text))
_DATA_VERSION = sa.text("PRAGMA data_version")
_WHICH = "SELECT to_regclass('attempts')::oid::bigint"  # another number in every database that was made anew


class Database:
    """The tables behind a database URL: SQLAlchemy's, or a file for SQLite."""

    def __init__(self, url: str | os.PathLike):
        text = str(url)
        if not text.strip():
            raise TrainkitError("the log needs a file name or a database URL (got an empty one)")
        options: dict[str, Any] = {}
        try:
            url: Any = text
            if "://" not in text:  # a file may be called anything, ? and # included
                url = sa.URL.create("sqlite", database=str(Path(text).expanduser().resolve()))
            self.url = str(url)
            made = sa.make_url(url)
            self._carried = Carried.of(made.database if made.get_backend_name() == "sqlite" else None)
            if self._carried is not None:
                url = made.set(database=str(self._carried.working))
            if self.url in ("sqlite://", "sqlite:///:memory:"):
                options["poolclass"] = sa.StaticPool
            if self.url.startswith("sqlite"):
                options |= SQLITE
            else:  # whoever waited for a lock must see what was written meanwhile, whatever the database's default
                options["isolation_level"] = "READ COMMITTED"
            self._engine = sa.create_engine(url, **options)
        except (sa.exc.SQLAlchemyError, ImportError, RuntimeError, ValueError) as error:
            why = ESCAPE if isinstance(error, ValueError) else reason(error)
            raise TrainkitError(f"the log can't be at {place_of(text)}: {why}") from error
        if self._engine.dialect.name not in APPEND_ONLY or self._engine.dialect.is_async:
            raise TrainkitError(f"the log can't be at {place_of(text)}: it is kept in SQLite or PostgreSQL (psycopg)")
        if "@" in (self._engine.url.host or ""):
            raise TrainkitError(f"the log can't be at {place_of(text)}: {ESCAPE}")
        self._read_only: ReadOnly | None = None
        self._ready = False
        self._guard: Guard | None = None
        self._confirmed: Confirmed | None = None
        self._which: object = None  # of a database server's databases
        self._listen()
        self._kept = KeptConnections(weakly(self._connect))
        self._written = threading.local()  # the rows of each thread's transaction
        self._whole_file: WholeFile | None = None
        self._watching = threading.Lock()
        self._compiled: dict[sa.ClauseElement, str] = {}

    def _listen(self) -> None:
        """Set up each connection, and see what is written; the log can be let go of all the same."""
        if self.file is not None:
            sa.event.listen(self._engine, "do_connect", weakly(self._connect_file))
        configure = configure_sqlite if self._carried is None else configure_carried
        configure = configure if self.is_sqlite else weakly(self._configure_postgres)
        sa.event.listen(self._engine, "connect", configure)
        sa.event.listen(self._engine, "after_execute", weakly(self._after_execute))

    def limit(self, limit: Callable[[sqlite3.Connection], None]) -> None:
        """Have each connection set up so as well: of a log that somebody else made (:mod:`trainkit.log.foreign`)."""
        sa.event.listen(self._engine, "connect", lambda connection, _record: limit(connection))

    @property
    def is_sqlite(self) -> bool:
        """Whether a small query takes microseconds: a file, no server to ask."""
        return self._engine.dialect.name == "sqlite"

    @property
    def file(self) -> Path | None:
        """Where the log is, if it is a file with a name."""
        name = self._engine.url.database
        return Path(name) if self.is_sqlite and name and not name.startswith((":memory:", "file:")) else None

    @property
    def exists(self) -> bool:
        """Whether there may be a log; False if it is a file that isn't there, which reading must not make."""
        self._fetch()
        return self.file is None or self.file.exists()

    @property
    def _in_memory(self) -> bool:
        """Whether there is one connection, for everything."""
        return isinstance(self._engine.pool, sa.StaticPool)

    def prepare(self) -> None:
        """Make what is missing and bring an older log up to date, as writing does by itself; NotSaved if it can't."""
        with self.writing():
            pass

    def close(self) -> None:
        """Let go of the database, in all threads; a file is the whole log then."""
        self._disconnect()
        if self._whole_file is not None:
            self._whole_file.close()
            self._whole_file = None
        elif self._guard is not None:
            self._guard.close()
        if self.lost is None:
            self._guard = self._confirmed = None
        if self._read_only is not None:
            self._read_only.close()
            self._read_only, self._ready = None, False

    def _disconnect(self) -> None:
        """Close all connections, of all threads."""
        self._kept.close()
        self._engine.dispose()

    def _fetch(self) -> None:
        """Go on with what others have brought to where the log is kept, if it can't be worked on there."""
        if self._carried is not None and self._carried.fetch():
            self._disconnect()
            self._ready = False

    # ---- if it is lost ------------------------------------------------------------------------------------------

    @property
    def lost(self) -> Lost | None:
        """What has become of the log, if it isn't there any more: then nothing is accepted, and the rescue file is read."""
        return self._guard.lost if self._guard is not None else None

    def keep_journal(self, workshop: str = "") -> None:
        """Keep apart what is confirmed from now on, and of a room what has been: no answer is lost with the log then."""
        if not self._in_memory and self._carried is None and self._confirmed is None:
            self._confirmed = Confirmed(Journal(), weakly(self.reading))
            if not self.is_sqlite and self._guard is None:
                self._guard = Guard(None, weakly(self._read_from))
            if self._guard is not None:
                self._guard.journal = self._confirmed.journal
        if self._confirmed is not None and workshop:
            self._confirmed.add_room(workshop)

    def _watch_over(self) -> None:
        """From the first commit on, see that the file stays what it is."""
        if self._guard is None and self.file is not None and self._carried is None and not in_browser():
            try:
                self._guard = Guard(str(self.file), weakly(self._read_from))
            except sqlite3.Error as error:
                raise Unwritable(str(error)) from error
            self._guard.journal = self._confirmed.journal if self._confirmed is not None else None
            self._whole_file = WholeFile(str(self.file), self._guard)

    def _read_from(self, lost: Lost) -> None:
        """Read the rescue file from now on: each thread once it asks again."""
        if lost.rescue:
            self._engine.dispose()
            self.url = f"sqlite:///{lost.rescue}"
            self._engine = sa.create_engine(sa.URL.create("sqlite", database=lost.rescue), **SQLITE)
            self._compiled = {}
            self._kept.moved_on()
            self._listen()

    def _after_execute(self, _connection: Any, statement: Any, several: Any, one: Any, *_rest: Any) -> None:
        """Note a row that SQLAlchemy has inserted; it counts once it is committed."""
        rows = getattr(self._written, "rows", None)
        if rows is not None and isinstance(statement, sa.Insert):
            values = several or [one or statement.compile(self._engine).params]
            rows += [(statement.table.name, dict(row)) for row in values]

    def _confirm(self) -> None:
        """What was committed counts if the log is still there; it is kept apart before anybody is told."""
        if self._carried is not None:
            self._carried.put()
        self._watch_over()
        rows = self._written.rows
        if self._confirmed is not None and rows and self.lost is None:
            self._confirmed.add(rows)
        if self._guard is not None and self._guard.look():
            with self.reading() as connection:
                if self.lost.rescue and rows and has_all(connection, rows):
                    return  # it was lost just now, and this is in the rescue file
            raise LogLost(self.lost)
        if self._guard is not None:
            self._guard.confirmed(rows)
        if self._whole_file is not None:
            self._whole_file.written()

    def _lost_with(self, error: BaseException) -> Lost | None:
        """Whether an error means that the log is lost, now that one has looked."""
        if self._guard is None:
            return None
        if self.is_sqlite:
            return self._guard.look(closely=True)
        state = getattr(getattr(error, "orig", None) or error, "sqlstate", None)
        gone = self._ready and self.lost is None and (state == NO_TABLE or is_dropped(self._engine.url, error))
        return self._guard.dropped() if gone else self._guard.lost

    def copy_to(
        self, target: str | os.PathLike, progress: Callable[[int, int], None] = lambda done, pages: None
    ) -> None:
        """Write a whole copy of the log to a new file, while others go on writing; see :func:`whole_file.copy_whole`."""
        target = Path(target).expanduser()
        if self.file is None:
            raise TrainkitError(
                "a log in memory has no copy" if self.is_sqlite else
                f"PostgreSQL makes its own copies: pg_dump --format=custom --file={target.name}.dump "
                f"{without_password(self._engine.url)}"
            )  # fmt: skip
        if target.exists():
            raise TrainkitError(f"{shown(str(target))} is there already: name a file that isn't")
        copy_whole(str(self.file), target, progress)

    @contextmanager
    def taking_out(self) -> Iterator[sa.Connection]:
        """A transaction that may delete, alone with the log; see :func:`trainkit.log.taking_out.taking_out`."""
        if self._in_memory:
            raise TrainkitError("a log in memory is gone with its program: there is nothing to erase")
        self.prepare()  # a log of an older version has no marks yet
        self.close()
        with taking_out(self._engine.url) as connection:
            yield connection

    # ---- writing --------------------------------------------------------------------------------------------

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction, on SQLite one at a time.

        Raises Conflict if a row stands there already, or one before it is missing; NotSaved if anything else keeps it
        from being committed.
        """
        with self._saved(self._kept.discard_writer):
            connection = self._kept.writer()
            with connection.begin():
                if self.is_sqlite:  # else what is read before the first row is of another moment
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield connection

    def write_row(self, statement: sa.ClauseElement, row: Mapping[str, Any]) -> None:
        """Commit one row as a transaction of its own; see :meth:`writing` for what is raised.

        It takes a third of the calls, at each of which other threads go first.
        """
        if self._in_memory:
            with self.writing() as connection:
                self.execute(connection, statement, row)
        else:
            with self._saved(self._kept.discard_own):
                self.execute(self._kept.own(), statement, row).close()

    def execute(self, connection: sa.Connection, statement: sa.ClauseElement, values: Any) -> Any:
        """Run a statement that never changes, once or for each of a list of values; gives the driver's cursor.

        SQLAlchemy's own ``execute`` takes as long as the rest of a commit.
        """
        driver = self._engine.dialect.loaded_dbapi
        query = self._sql(statement)
        cursor = connection.connection.cursor()
        try:
            (cursor.executemany if isinstance(values, list) else cursor.execute)(query, values)
        except driver.IntegrityError as error:
            raise sa.exc.IntegrityError(query, None, error) from error
        except driver.Error as error:
            raise sa.exc.DBAPIError(query, None, error) from error
        rows = getattr(self._written, "rows", None)
        if rows is not None and isinstance(statement, sa.Insert):
            rows += [(statement.table.name, row) for row in (values if isinstance(values, list) else [values])]
        return cursor

    @contextmanager
    def _saved(self, discard: Callable[[], None]) -> Iterator[None]:
        """Say as Conflict or NotSaved what keeps something from being committed; ``discard`` closes its connection then."""
        if self.lost is not None:
            raise LogLost(self.lost)
        self._written.rows = []
        try:
            self._fetch()
            self._prepare_once()
            yield
            self._confirm()
        except sa.exc.IntegrityError as error:
            raise Conflict(reason(error)) from error
        except (sa.exc.SQLAlchemyError, OSError) as error:
            discard()  # a connection that failed may be in any state
            if self._carried is not None:  # nor is any other connection to what was not kept
                self._disconnect()
                self._ready = False
            self._engine.dispose()
            if lost := self._lost_with(error):
                raise LogLost(lost) from error
            raise self._kind(error)(reason(error)) from error

    def _kind(self, error: Exception) -> type[NotSaved]:
        """Whom else it keeps from writing."""
        said = getattr(error, "orig", None) or error
        if getattr(said, "sqlstate", None) == LOCKED:
            return Held
        everybody = OSError, self._engine.dialect.loaded_dbapi.OperationalError
        return Unwritable if isinstance(said, everybody) else NotSaved

    def _prepare_once(self) -> None:
        if not self._ready:
            if self.file is not None and not self.file.exists():
                with suppress(OSError):  # SQLite says what is wrong
                    make_private(self.file)
            prepare(self._engine)
            self._ready = True
            if self._confirmed is not None:
                self._watch_over()

    def _prepare_to_read(self) -> None:
        try:
            self._prepare_once()
        except sa.exc.SQLAlchemyError as error:  # an older log, where nothing may be written
            if self.file is None or not refuses_writing(error) or (self._read_only and self._read_only.copied):
                raise
            self._engine.dispose()
            self._read_only = self._read_only or ReadOnly(self.file)
            self._read_only.copy()
            self._prepare_once()

    def _connect_file(self, dialect: Any, _record: Any, place: list[Any], options: dict[str, Any]) -> Any:
        """A connection to the file; one that only reads where nothing may be written beside it.

        A log that has been there is connected to only if it still is: SQLite would make an empty one in its place.
        """
        how = {name: value for name, value in options.items() if name not in ("database", "uri")}
        if self._ready:
            mode = "ro" if self.lost is not None else "rw"
            place[0], options["uri"] = f"{Path(place[0]).absolute().as_uri()}?mode={mode}", True
        if self._read_only is None:
            connection = None
            try:
                connection = dialect.connect(*place, **options)
                connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
                return connection
            except dialect.loaded_dbapi.Error as error:
                if connection is not None:
                    connection.close()
                if self.file is None or not self.file.exists() or not cannot_be_opened(error):
                    raise
            self._read_only = ReadOnly(self.file)
        return self._read_only.connect(**how)

    # ---- reading --------------------------------------------------------------------------------------------

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection to read by; what goes wrong becomes a TrainkitError."""
        try:
            self._fetch()
            if self._read_only is not None and self._read_only.outdated:
                self._engine.dispose()
            if not self._ready and sa.inspect(self._engine).has_table("attempts"):
                self._prepare_to_read()  # an older log; one that isn't there is not made by reading
            with self._engine.connect() as connection:
                yield connection
        except (sa.exc.SQLAlchemyError, sqlite3.Error, OSError, UnicodeDecodeError) as error:
            self._engine.dispose()
            self._lost_with(error)
            if "no such table" in str(error) or getattr(getattr(error, "orig", None), "sqlstate", None) == NO_TABLE:
                raise EmptyLog("the log is empty") from error
            raise TrainkitError(f"the log can't be read: {reason(error)}") from error

    @contextmanager
    def snapshot(self) -> Iterator[Callable[[sa.Select, int], Iterator[Sequence[Sequence[Any]]]]]:
        """A function that streams the rows of queries, so many at a time, all as the log is at this moment.

        Others go on writing meanwhile. Rows come as the driver has them: SQLAlchemy's own take four times as long.
        """
        with self.reading() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")

                def parts(query: sa.Select, rows: int) -> Iterator[Sequence[Sequence[Any]]]:
                    compiled = query.compile(self._engine)
                    cursor = connection.connection.cursor()
                    cursor.execute(str(compiled), dict(compiled.params))
                    while part := cursor.fetchmany(rows):
                        yield part
            else:
                connection.execution_options(isolation_level="REPEATABLE READ")

                def parts(query: sa.Select, rows: int) -> Iterator[Sequence[Sequence[Any]]]:
                    yield from connection.execution_options(yield_per=rows).execute(query).partitions()

            yield parts

    @contextmanager
    def advisory_lock(self) -> Iterator[None]:
        """While another program on this PostgreSQL does the same, wait; a file belongs to one machine and one server."""
        with self.reading() as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql("SET LOCAL lock_timeout = '60s'")
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7482332)")
            yield

    def change_token(self) -> object:
        """Token that changes on every commit, by whatever program; asking for it takes microseconds."""
        if self.is_sqlite:
            with self._watching:
                return self._ask(_DATA_VERSION, {}, "fetchone", watchers=True)[0]
        return self.fetch_one(_SNAPSHOT, {})[0]

    def fetch_one(self, statement: sa.ClauseElement, values: Mapping[str, Any]) -> Sequence[Any] | None:
        """The first row of a query that never changes, by a connection that each thread keeps: six times as fast."""
        return self._ask(statement, values, "fetchone")

    def fetch_all(self, statement: sa.ClauseElement, values: Mapping[str, Any]) -> Sequence[Any]:
        """All rows of a query that never changes, by the same connection."""
        return self._ask(statement, values, "fetchall")

    def _ask(self, statement: sa.ClauseElement, values: Mapping[str, Any], fetch: str, watchers: bool = False) -> Any:
        if self._in_memory:
            with self.reading() as connection:
                return getattr(connection.execute(statement, values), fetch)()
        for last in (False, True):
            try:
                self._fetch()
                # the driver's own cursor: SQLAlchemy's execute takes four times as long as the query
                cursor = self._kept.own(watchers).connection.cursor()
                try:
                    return getattr(cursor.execute(self._sql(statement), values), fetch)()
                finally:
                    cursor.close()
            except (sa.exc.SQLAlchemyError, OSError, self._engine.dialect.loaded_dbapi.Error) as error:
                self._kept.discard_own(watchers)
                self._lost_with(error)
                if last:  # the first time it may only have been the connection that was kept
                    raise TrainkitError(f"the log can't be read: {reason(error)}") from error
        raise AssertionError  # the loop returns or raises

    # ---- statements and connections -----------------------------------------------------------------------------

    def _sql(self, statement: sa.ClauseElement) -> str:
        """The statement in this database's SQL, made once."""
        if statement not in self._compiled:
            self._compiled[statement] = str(statement.compile(self._engine))
        return self._compiled[statement]

    def _connect(self) -> sa.Connection:
        """A connection to where the log is read now."""
        return self._engine.connect()

    def _configure_postgres(self, connection: Any, _record: Any) -> None:
        """Set up a new connection to PostgreSQL: nobody waits for what another holds longer than on SQLite.

        One that hangs (suspended, or cut off in the middle) would else hold up all the answers of a room.
        """
        connection.execute("SET lock_timeout = '5s'")
        connection.execute(f"SET application_name = '{PROGRAM}'")
        which = connection.execute(_WHICH).fetchone()[0] if self._ready else None
        connection.commit()
        if self._which is not None and which != self._which and self._guard is not None:
            self._guard.dropped()
        self._which = self._which or which
