"""The log on disk: append-only events in SQLite, every answer committed before it counts.

Four tables: ``cases`` and ``translations`` (every version seen, by hash), ``attempts`` (who played what, under which
settings) and ``events`` (what was chosen or written, one row each, numbered within the attempt). Facts, never points:
scores are computed from these. ``data/codebook.csv`` describes every column.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from trainkit import casebook
from trainkit.case import Case
from trainkit.errors import CaseError, NotSaved, OutOfDate, TrainkitError, UnknownName, shown

MAX_TEXT = 2000
MAX_PARTICIPANT = 80
KINDS = ("choose", "back", "words", "why", "disagree")

metadata = sa.MetaData()
cases = sa.Table(
    "cases",
    metadata,
    sa.Column("case_hash", sa.String(64), primary_key=True),
    sa.Column("case_id", sa.String(60), nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("added_at", sa.String(32), nullable=False),
)
translations = sa.Table(
    "translations",
    metadata,
    sa.Column("translations_hash", sa.String(64), primary_key=True),
    sa.Column("texts", sa.Text, nullable=False),
    sa.Column("added_at", sa.String(32), nullable=False),
)
attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("attempt", sa.String(32), primary_key=True),
    sa.Column("participant", sa.String(MAX_PARTICIPANT), nullable=False),
    sa.Column("case_id", sa.String(60), nullable=False),
    sa.Column("case_hash", sa.String(64), sa.ForeignKey("cases.case_hash"), nullable=False),
    sa.Column("translations_hash", sa.String(64), sa.ForeignKey("translations.translations_hash"), nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("fixed", sa.Text, nullable=False),
    sa.Column("feedback", sa.String(8), nullable=False),
    sa.Column("back_allowed", sa.Boolean, nullable=False),
    sa.Column("own_words", sa.Boolean, nullable=False),
    sa.Column("ask_why", sa.Boolean, nullable=False),
    sa.Column("origin", sa.String(16), nullable=False),
    sa.Column("started_at", sa.String(32), nullable=False),
    sa.Index("attempts_by_participant", "participant", "case_id", "started_at"),
)
events = sa.Table(
    "events",
    metadata,
    sa.Column("attempt", sa.String(32), sa.ForeignKey("attempts.attempt"), primary_key=True),
    sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("scene", sa.String(60), nullable=False),
    sa.Column("option", sa.String(60)),
    sa.Column("text", sa.Text),
    sa.Column("ending", sa.String(60)),
    sa.Column("lang", sa.String(8), nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
)


@dataclass(frozen=True)
class Settings:
    """How a run is held; a factor of the data, so it is logged.

    Attributes
    ----------
    feedback : {"now", "end", "none"}
        When the trainee learns what the words did.
    back : bool
        Whether going back is allowed.
    own_words : bool
        Whether the trainee first says it in own words.
    ask_why : bool
        Whether "why did you choose this?" is asked before any feedback.
    """

    feedback: str = "now"
    back: bool = True
    own_words: bool = False
    ask_why: bool = False

    def __post_init__(self) -> None:
        for name in ("back", "own_words", "ask_why"):
            if not isinstance(getattr(self, name), bool):
                raise TrainkitError(f"{name} is True or False (got {shown(getattr(self, name))})")
        if self.feedback not in ("now", "end", "none"):
            raise TrainkitError(f'feedback is "now", "end" or "none" (got "{self.feedback}")')


@dataclass(frozen=True)
class Record:
    """An attempt as the log has it."""

    attempt: str
    participant: str
    case_id: str
    case_hash: str
    translations_hash: str
    seed: int
    fixed: Mapping[str, str]
    settings: Settings
    origin: str
    started_at: str


@dataclass(frozen=True)
class Event:
    """One row of the log: a choice, a step back, or words of the trainee's own."""

    kind: str
    scene: str
    option: str | None = None
    text: str | None = None
    ending: str | None = None
    lang: str = "ru"
    at: str = ""

    def same(self, other: Event) -> bool:
        """Whether both say the same thing, whenever and in whatever language."""
        return (self.kind, self.scene, self.option, self.text) == (other.kind, other.scene, other.option, other.text)


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
    if data is None or not data.is_dir() or not os.access(data, os.W_OK):
        import platformdirs

        data = Path(platformdirs.user_data_dir("trainkit", appauthor=False))
        data.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{data / 'log.sqlite3'}"


def now() -> str:
    """UTC, ISO 8601, to the microsecond."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Store:
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
            self._engine = sa.create_engine(url, **options)
        except (sa.exc.SQLAlchemyError, ImportError, RuntimeError, ValueError) as error:
            raise TrainkitError(f"the log can't be at {shown(text)}: {_reason(error)}") from error
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", _sqlite_pragmas)
        self._ready = False

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        """A transaction; whatever keeps it from being committed becomes NotSaved."""
        try:
            self._prepare()
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.IntegrityError:
            raise
        except (sa.exc.SQLAlchemyError, OSError) as error:
            self._engine.dispose()  # a connection that failed may be in any state
            raise NotSaved(_reason(error)) from error

    def _prepare(self) -> None:
        """Make what is missing; several programs may do so at the same time."""
        if self._ready:
            return
        with self._engine.begin() as connection:
            for table in metadata.sorted_tables:
                connection.execute(sa.schema.CreateTable(table, if_not_exists=True))
                for index in table.indexes:
                    connection.execute(sa.schema.CreateIndex(index, if_not_exists=True))
            if self._engine.dialect.name == "sqlite":
                for trigger in _append_only():
                    connection.exec_driver_sql(trigger)
        self._ready = True

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except (sa.exc.SQLAlchemyError, OSError) as error:
            self._engine.dispose()
            if "no such table" in str(error):
                raise TrainkitError("the log is empty") from error
            raise TrainkitError(f"the log can't be read: {_reason(error)}") from error

    def close(self) -> None:
        """Let go of the database."""
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
    ) -> Record:
        """Log the start of an attempt, and the case version if it is new.

        Raises
        ------
        NotSaved
            If it could not be committed; nothing was written.
        """
        settings = settings or Settings()
        record = Record(
            attempt=uuid.uuid4().hex,
            participant=pseudonym(participant),
            case_id=case.id,
            case_hash=case.hash,
            translations_hash=translations_hash(case),
            seed=seed,
            fixed=dict(fixed or {}),
            settings=settings,
            origin=origin,
            started_at=now(),
        )
        names = ("attempt", "participant", "case_id", "case_hash", "translations_hash", "seed", "origin", "started_at")
        row = {
            **{name: getattr(record, name) for name in names},
            "fixed": json.dumps(record.fixed, sort_keys=True),
            "feedback": settings.feedback,
            "back_allowed": settings.back,
            "own_words": settings.own_words,
            "ask_why": settings.ask_why,
        }
        for last in (False, True):  # another program may log the same version first: then it is there the second time
            try:
                with self._writing() as connection:
                    _keep(connection, case, record.started_at)
                    connection.execute(attempts.insert().values(row))
                return record
            except sa.exc.IntegrityError as error:
                if last:
                    raise NotSaved(_reason(error)) from error
        raise AssertionError  # the loop returns or raises

    def add(self, case: Case, begun: Sequence[Mapping[str, Any]], logged: Sequence[Mapping[str, Any]]) -> None:
        """Add many rows of attempts and events of a case at once, as they are.

        Raises
        ------
        NotSaved
            If they could not be committed; nothing was written.
        """
        try:
            with self._writing() as connection:
                _keep(connection, case, now())
                for table, found in ((attempts, begun), (events, logged)):
                    if found:
                        connection.execute(table.insert(), list(found))
        except sa.exc.IntegrityError as error:
            raise NotSaved(_reason(error)) from error

    def append(self, attempt: str, step: int, event: Event) -> None:
        """Commit an event as number ``step`` of an attempt; the same event again is harmless.

        Raises
        ------
        OutOfDate
            If the log has something else at this step.
        NotSaved
            If it could not be committed; nothing was written.
        """
        row = {
            "attempt": attempt,
            "step": step,
            "kind": event.kind,
            "scene": event.scene,
            "option": event.option,
            "text": event.text,
            "ending": event.ending,
            "lang": event.lang,
            "at": event.at or now(),
        }
        if event.kind not in KINDS:
            raise UnknownName("kind of event", event.kind, KINDS)
        try:
            with self._writing() as connection:
                connection.execute(events.insert().values(row))
        except sa.exc.IntegrityError as error:
            logged = self.events(attempt)
            if step >= len(logged):
                raise NotSaved(f"the log has no place for step {step} of this attempt") from error
            if not logged[step].same(event):
                raise OutOfDate("this was answered elsewhere meanwhile; here is where you are") from error

    # ---- reading --------------------------------------------------------------------------------------------

    def _exists(self) -> bool:
        file = self._engine.url.database
        plain = self._engine.dialect.name == "sqlite" and file and not file.startswith((":memory:", "file:"))
        return not plain or Path(file).exists()

    def attempts(self, participant: str | None = None, case_id: str | None = None) -> list[Record]:
        """Attempts, oldest first; of a participant or of a case if named."""
        if not self._exists():
            return []
        query = sa.select(attempts).order_by(attempts.c.started_at, attempts.c.attempt)
        if participant is not None:
            query = query.where(attempts.c.participant == pseudonym(participant))
        if case_id is not None:
            query = query.where(attempts.c.case_id == case_id)
        try:
            with self._reading() as connection:
                return [_record(row) for row in connection.execute(query).mappings()]
        except TrainkitError as error:
            if str(error) == "the log is empty":
                return []
            raise

    def events(self, attempt: str) -> list[Event]:
        """Everything that was logged of an attempt, in order."""
        query = sa.select(events).where(events.c.attempt == attempt).order_by(events.c.step)
        with self._reading() as connection:
            return [
                Event(**{field: row[field] for field in ("kind", "scene", "option", "text", "ending", "lang", "at")})
                for row in connection.execute(query).mappings()
            ]

    def case(self, record: Record) -> Case:
        """The case version of an attempt, with the translations it began with.

        Raises
        ------
        TrainkitError
            If the log has no such version, or this program can't read it any more.
        """
        source = sa.select(cases.c.source).where(cases.c.case_hash == record.case_hash)
        texts = sa.select(translations.c.texts).where(translations.c.translations_hash == record.translations_hash)
        with self._reading() as connection:
            found = connection.execute(source).scalar(), connection.execute(texts).scalar()
        if None in found:
            raise TrainkitError(f"the log has no case version {record.case_hash[:12]}")
        try:
            case = casebook.case_from_data(json.loads(found[0]), f"case {record.case_id} in the log")
        except (CaseError, ValueError) as error:
            raise TrainkitError(
                f"the case version {record.case_hash[:12]} in the log can't be read: {error}"
            ) from error
        return case.with_translations(json.loads(found[1]))


def translations_hash(case: Case) -> str:
    """What names this version of a case's translations."""
    return hashlib.sha256(_translated(case).encode()).hexdigest()


def _translated(case: Case) -> str:
    return json.dumps(case.translations, ensure_ascii=False, sort_keys=True)


def _keep(connection: sa.Connection, case: Case, at: str) -> None:
    """Log a case version and its translations, if they are new."""
    version = {"case_hash": case.hash, "case_id": case.id, "source": case.source_json, "added_at": at}
    translated = {"translations_hash": translations_hash(case), "texts": _translated(case), "added_at": at}
    for table, values in ((cases, version), (translations, translated)):
        (key,) = table.primary_key
        if connection.execute(sa.select(key).where(key == values[key.name])).first() is None:
            connection.execute(table.insert().values(values))


def pseudonym(name: str | None) -> str:
    """A participant's name as it is kept: one line, at most 80 characters, without control or direction marks."""
    name = "" if name is None else str(name)
    text = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    return text[:MAX_PARTICIPANT].strip() or "anonymous"


def words(text: object) -> str:
    """A trainee's own words as they are kept: at most 2,000 characters, without control characters but line breaks."""
    kept = "".join(c if c.isprintable() or c == "\n" else " " for c in str(text).replace("\r\n", "\n"))
    return kept.strip()[:MAX_TEXT]


def _record(row: Mapping[str, Any]) -> Record:
    settings = Settings(row["feedback"], bool(row["back_allowed"]), bool(row["own_words"]), bool(row["ask_why"]))
    names = ("attempt", "participant", "case_id", "case_hash", "translations_hash", "seed")
    return Record(*(row[name] for name in names), json.loads(row["fixed"]), settings, row["origin"], row["started_at"])


def _reason(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).splitlines()[0] if str(cause) else type(cause).__name__


def _append_only() -> list[str]:
    """Triggers that refuse changing a row or putting another in its place, and a gap between events.

    Deleting is left open: a participant may be erased.
    """
    found = []
    for table in metadata.sorted_tables:
        same = " AND ".join(f"{key.name} = NEW.{key.name}" for key in table.primary_key)
        refuse = "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
        found.append(f"CREATE TRIGGER IF NOT EXISTS {table}_no_update BEFORE UPDATE ON {table} {refuse}")
        found.append(
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {refuse}"
        )
    found.append(
        "CREATE TRIGGER IF NOT EXISTS events_no_gap BEFORE INSERT ON events "
        "WHEN NEW.step > 0 AND NOT EXISTS (SELECT 1 FROM events WHERE attempt = NEW.attempt AND step = NEW.step - 1) "
        "BEGIN SELECT RAISE(ABORT, 'a step is missing before this one'); END"
    )
    return found


def _sqlite_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=5000")
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        with suppress(Exception):  # on a read-only disk the first writing says what is wrong
            cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
