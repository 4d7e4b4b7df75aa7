"""What is one entry of the log, and how does it stand in a row? An attempt, and what was done in it: facts, never points."""

from __future__ import annotations

import json
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol

from trainkit.case.model import Case
from trainkit.errors import NotSaved, OutOfDate, TrainkitError, UnknownName, shown
from trainkit.typed import JOINERS, spellings, typed

MAX_PARTICIPANT = 80
MAX_TEXT = 2000
KINDS = ("choose", "back", "words", "why", "disagree", "revote")


@dataclass(frozen=True, slots=True)
class Settings:
    """How a run is held; a factor of the data, so it is logged."""

    feedback: str = "now"  # when trainees learn what their words did: "now", at the "end", or "none"
    back: bool = True  # whether going back is allowed
    own_words: bool = False  # whether trainees first say it in words of their own
    ask_why: bool = False  # whether "why did you choose this?" is asked before any feedback

    def __post_init__(self) -> None:
        for name in ("back", "own_words", "ask_why"):
            if not isinstance(getattr(self, name), bool):
                raise TrainkitError(f"{name} is True or False (got {shown(getattr(self, name))})")
        if self.feedback not in ("now", "end", "none"):
            raise TrainkitError(f'feedback is "now", "end" or "none" (got {shown(self.feedback)})')

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Settings:
        """Settings from the columns that attempts and workshops have alike."""
        return _settings(row["feedback"], bool(row["back_allowed"]), bool(row["own_words"]), bool(row["ask_why"]))

    def to_row(self) -> dict[str, Any]:
        """The columns of settings."""
        row = {name: getattr(self, name) for name in ("feedback", "own_words", "ask_why")}
        return {**row, "back_allowed": self.back}


_settings = lru_cache(maxsize=100)(Settings)  # one object for all that are held alike
DRAW_VERSION = 2


@dataclass(frozen=True, slots=True)
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
    member: str | None = None  # of which workshop's member; None: played alone
    run: int | None = None  # the member's first run is 0
    drawn: str = "own"  # facts were drawn for this attempt alone, or as the story of a room ("one") or of a "half"
    draw_version: int = DRAW_VERSION  # by which rules the facts were drawn: see :mod:`trainkit.log.replay`
    number: int | None = field(default=None, compare=False)  # in the order of beginning; None: not read from the log

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Record:
        """An attempt from a row of ``attempts``."""
        fixed, settings = _fixed(row["fixed"]), Settings.from_row(row)
        said = {name: row[name] for name in _RECORD}
        for name in _ALIKE:  # a room of thousands holds them
            said[name] = said[name] and sys.intern(said[name])
        return cls(**said, fixed=fixed, settings=settings)

    def to_row(self) -> dict[str, Any]:
        """A row of ``attempts``."""
        plain = {name: getattr(self, name) for name in _RECORD if name != "number"}
        return {**plain, "fixed": json.dumps(self.fixed, sort_keys=True), **self.settings.to_row()}


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the log: a choice, a step back, words of the trainee's own, or a vote again (``text``: which one)."""

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

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Event:
        """An event from a row of ``events``."""
        return cls(**{name: row[name] for name in _EVENT}, at=row["at"])

    def to_row(self, attempt: str, step: int) -> dict[str, Any]:
        """A row of ``events``; one that has no time yet is of now."""
        said = {name: getattr(self, name) for name in _EVENT}
        return {"attempt": attempt, "step": step, **said, "at": self.at or now()}


_fixed: Callable[[str], Mapping[str, str]] = lru_cache(maxsize=100)(json.loads)  # nobody changes it
_NOTHING_FIXED = _fixed("{}")
# what stands in a row as it is, under its own name
_RECORD = tuple(one.name for one in fields(Record) if one.name not in ("fixed", "settings"))
_ALIKE = ("participant", "case_id", "case_hash", "translations_hash", "member", "origin", "drawn")  # in many records
_EVENT = tuple(one.name for one in fields(Event) if one.name != "at")

BEGUN_ELSEWHERE = "this was begun elsewhere meanwhile; here is where you are"


def refuse_unknown_kind(event: Event) -> None:
    """Raise UnknownName for an event of no kind that the log has."""
    if event.kind not in KINDS:
        raise UnknownName("kind of event", event.kind, KINDS)


def check_repeated(logged: Sequence[Event], step: int, event: Event) -> None:
    """Whether an event that the log did not take as number ``step`` is there already: nothing happens then.

    Raises
    ------
    OutOfDate
        If the log has something else at this step.
    NotSaved
        If it has nothing there, but this can't come next.
    """
    if not 0 <= step < len(logged):
        raise NotSaved(f"the log has no place for step {step} of this attempt")
    if not logged[step].same(event):
        raise OutOfDate("this was answered elsewhere meanwhile; here is where you are")


class AttemptLog(Protocol):
    """What a session needs of a log; ``log.memory.MemoryLog`` is the smallest, ``log.store.Log`` the lasting one.

    An event counts once :meth:`append` has returned. Events of an attempt are numbered from 0 without a gap, and none is
    ever changed.
    """

    def begin(self, record: Record, case: Case) -> None:
        """Log the beginning of an attempt, and the case version if it is new.

        Raises
        ------
        OutOfDate
            If this run of this member has been begun already.
        NotSaved
            If it could not be committed.
        """

    def append(self, attempt: str, step: int, event: Event) -> None:
        """Commit an event as number ``step`` of an attempt; the same event again is harmless.

        Raises
        ------
        OutOfDate
            If the log has something else at this step.
        UnknownName
            If there is no such kind of event.
        NotSaved
            If it could not be committed; nothing was written.
        """

    def attempts(
        self, participant: str | None = None, case_id: str | None = None, *, member: str | None = None
    ) -> list[Record]:
        """Attempts, oldest first; of a case, of a workshop's member, or of a participant who played alone if named."""

    def events(self, attempt: str) -> list[Event]:
        """Everything that was logged of an attempt, in order."""

    def case(self, record: Record) -> Case:
        """The case version of an attempt, with the translations it began with.

        Raises
        ------
        TrainkitError
            If the log has no such version, or this program can't read it any more.
        """


def new_record(
    case: Case,
    participant: str,
    seed: int,
    fixed: Mapping[str, str] | None = None,
    settings: Settings | None = None,
    origin: str = "person",
    member: str | None = None,
    run: int | None = None,
    drawn: str = "own",
) -> Record:
    """An attempt that begins now and is not logged yet."""
    return Record(
        attempt=uuid.uuid4().hex,
        participant=pseudonym(participant),
        case_id=case.id,
        case_hash=case.hash,
        translations_hash=case.translations_hash,
        seed=seed,
        fixed=dict(fixed) if fixed else _NOTHING_FIXED,
        settings=settings or Settings(),
        origin=origin,
        started_at=now(),
        member=member,
        run=run,
        drawn=drawn,
    )


def now() -> str:
    """UTC, ISO 8601, to the microsecond."""
    seconds, micro = divmod(time.time_ns() // 1000, 1_000_000)
    return f"{_to_the_second(seconds)}.{micro:06d}Z"


def local_time(at: str) -> datetime:
    """A time of the log by the clock of this machine, with its zone: what a person is shown."""
    return datetime.fromisoformat(at).astimezone()


@lru_cache(maxsize=2)
def _to_the_second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def pseudonym(name: str | None) -> str:
    """A participant's name as it is kept: one line, at most 80 characters, in one spelling, without what nobody sees."""
    name = "" if name is None else str(name)
    text = " ".join(typed(_printable(typed(name))).split())[:MAX_PARTICIPANT].rstrip(f" {JOINERS}") or "anonymous"
    return name if text == name else text  # the same object, of which a room of thousands has thousands


def known_as(name: str | None) -> tuple[str, ...]:
    """The spellings under which the log may have a participant: earlier versions kept them as they were typed."""
    return spellings(pseudonym(name))


def clean_words(text: object) -> str:
    """A trainee's own words as they are kept: at most 2,000 characters, without control characters but line breaks."""
    return _printable(typed(str(text).replace("\r\n", "\n")), "\n").strip()[:MAX_TEXT]


def _printable(text: str, also: str = "") -> str:
    return "".join(c if c.isprintable() or c in JOINERS or c in also else " " for c in text)
