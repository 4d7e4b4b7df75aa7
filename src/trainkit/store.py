"""The log on disk: append-only events in SQLite, every answer committed before it counts.

Three tables: ``cases`` (every version seen, by hash), ``attempts`` (who played what, under which settings) and ``events``
(what was chosen or written, one row each, numbered within the attempt). Facts, never points: scores are computed from
these. ``data/codebook.csv`` describes every column.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from trainkit import casebook
from trainkit.case import Case
from trainkit.errors import CaseError, NotSaved, OutOfDate, TrainkitError

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
    sa.Column("translations", sa.Text, nullable=False),
    sa.Column("added_at", sa.String(32), nullable=False),
)
attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("attempt", sa.String(32), primary_key=True),
    sa.Column("participant", sa.String(MAX_PARTICIPANT), nullable=False),
    sa.Column("case_id", sa.String(60), nullable=False),
    sa.Column("case_hash", sa.String(64), sa.ForeignKey("cases.case_hash"), nullable=False),
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
        if self.feedback not in ("now", "end", "none"):
            raise TrainkitError(f'feedback is "now", "end" or "none" (got "{self.feedback}")')


@dataclass(frozen=True)
class Record:
    """An attempt as the log has it."""

    attempt: str
    participant: str
    case_id: str
    case_hash: str
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
    """UTC, ISO 8601, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Store:
    """The log behind a database URL.

    Parameters
    ----------
    url : str or path, optional
        An SQLAlchemy URL, or a file for SQLite; :func:`default_database` if left out.
    """

    def __init__(self, url: str | os.PathLike | None = None):
        text = default_database() if url is None else str(url)
        self.url = text if "://" in text else f"sqlite:///{Path(text).expanduser().resolve()}"
        memory = self.url in ("sqlite://", "sqlite:///:memory:")
        options: dict[str, Any] = {"poolclass": sa.StaticPool} if memory else {}
        if self.url.startswith("sqlite"):
            options["connect_args"] = {"check_same_thread": False, "timeout": 5}
        self._engine = sa.create_engine(self.url, **options)
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
        if not self._ready:
            metadata.create_all(self._engine)
            if self._engine.dialect.name == "sqlite":
                with self._engine.begin() as connection:
                    for table in metadata.tables:
                        connection.exec_driver_sql(
                            f"CREATE TRIGGER IF NOT EXISTS {table}_append_only BEFORE UPDATE ON {table} "
                            "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
                        )
            self._ready = True

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except (sa.exc.SQLAlchemyError, OSError) as error:
            self._engine.dispose()
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
            uuid.uuid4().hex,
            pseudonym(participant),
            case.id,
            case.hash,
            seed,
            dict(fixed or {}),
            settings,
            origin,
            now(),
        )
        version = {
            "case_hash": case.hash,
            "case_id": case.id,
            "source": case.source_json,
            "translations": json.dumps(case.translations, ensure_ascii=False),
            "added_at": record.started_at,
        }
        row = {
            "attempt": record.attempt,
            "participant": record.participant,
            "case_id": record.case_id,
            "case_hash": record.case_hash,
            "seed": seed,
            "fixed": json.dumps(record.fixed, sort_keys=True),
            "feedback": settings.feedback,
            "back_allowed": settings.back,
            "own_words": settings.own_words,
            "ask_why": settings.ask_why,
            "origin": origin,
            "started_at": record.started_at,
        }
        for _ in range(2):  # a second program may log the same case version first
            try:
                with self._writing() as connection:
                    known = sa.select(cases.c.case_hash).where(cases.c.case_hash == case.hash)
                    if connection.execute(known).first() is None:
                        connection.execute(cases.insert().values(version))
                    connection.execute(attempts.insert().values(row))
                return record
            except sa.exc.IntegrityError:
                continue
        raise NotSaved("another program writes the same case at the same time")

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
        try:
            with self._writing() as connection:
                connection.execute(events.insert().values(row))
        except sa.exc.IntegrityError as error:
            logged = self.events(attempt)
            if step >= len(logged):
                raise NotSaved("the log does not know this attempt") from error
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
            self._prepare()
        except sa.exc.SQLAlchemyError:
            if not sa.inspect(self._engine).has_table("attempts"):
                return []  # a new log on a disk that can't be written: there is nothing to read
        with self._reading() as connection:
            return [_record(row) for row in connection.execute(query).mappings()]

    def events(self, attempt: str) -> list[Event]:
        """Everything that was logged of an attempt, in order."""
        query = sa.select(events).where(events.c.attempt == attempt).order_by(events.c.step)
        with self._reading() as connection:
            return [
                Event(**{field: row[field] for field in ("kind", "scene", "option", "text", "ending", "lang", "at")})
                for row in connection.execute(query).mappings()
            ]

    def unfinished(self, participant: str, case_id: str) -> list[Record]:
        """A participant's attempts of a case that reached no ending, newest first."""
        found = []
        for record in reversed(self.attempts(participant, case_id)):
            if not any(event.ending for event in self.events(record.attempt)):
                found.append(record)
        return found

    def case(self, case_hash: str) -> Case:
        """The case version with this hash, as it was when it was first played.

        Raises
        ------
        TrainkitError
            If the log has no such version.
        """
        query = sa.select(cases).where(cases.c.case_hash == case_hash)
        with self._reading() as connection:
            row = connection.execute(query).mappings().first()
        if row is None:
            raise TrainkitError(f"the log has no case version {case_hash[:12]}")
        try:
            case = casebook.case_from_data(json.loads(row["source"]), f"case {row['case_id']} in the log")
        except (CaseError, ValueError) as error:
            raise TrainkitError(f"the case version {case_hash[:12]} in the log can't be read: {error}") from error
        return case.with_translations(json.loads(row["translations"]))


def pseudonym(name: str) -> str:
    """A participant's name as it is kept: one line, at most 80 characters, without control or direction marks."""
    text = " ".join("".join(c if c.isprintable() else " " for c in str(name)).split())
    return text[:MAX_PARTICIPANT].strip() or "anonymous"


def words(text: object) -> str:
    """A trainee's own words as they are kept: at most 2,000 characters, without control characters but line breaks."""
    kept = "".join(c if c.isprintable() or c == "\n" else " " for c in str(text).replace("\r\n", "\n"))
    return kept.strip()[:MAX_TEXT]


def _record(row: Mapping[str, Any]) -> Record:
    settings = Settings(row["feedback"], bool(row["back_allowed"]), bool(row["own_words"]), bool(row["ask_why"]))
    names = ("attempt", "participant", "case_id", "case_hash", "seed")
    return Record(*(row[name] for name in names), json.loads(row["fixed"]), settings, row["origin"], row["started_at"])


def _reason(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).splitlines()[0] if str(cause) else type(cause).__name__


def _sqlite_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=5000")
    with suppress(Exception):  # on a read-only disk, what is there can still be read
        cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()
