"""How does an entry stand in a row of a table, and how is it read back?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from trainkit.log.records import Event, Record, Settings, now

_RECORD = (
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
_EVENT = ("kind", "scene", "option", "text", "ending", "lang")


def settings_to_row(settings: Settings) -> dict[str, Any]:
    """The columns of settings, which attempts and workshops have alike."""
    return {
        "feedback": settings.feedback,
        "back_allowed": settings.back,
        "own_words": settings.own_words,
        "ask_why": settings.ask_why,
    }


def settings_from_row(row: Mapping[str, Any]) -> Settings:
    """Settings from the columns of an attempt or a workshop."""
    return Settings(row["feedback"], bool(row["back_allowed"]), bool(row["own_words"]), bool(row["ask_why"]))


def record_to_row(record: Record) -> dict[str, Any]:
    """A row of ``attempts``."""
    plain = {name: getattr(record, name) for name in _RECORD}
    return {**plain, "fixed": json.dumps(record.fixed, sort_keys=True), **settings_to_row(record.settings)}


def record_from_row(row: Mapping[str, Any]) -> Record:
    """An attempt from a row of ``attempts``."""
    plain = {name: row[name] for name in _RECORD}
    return Record(**plain, fixed=json.loads(row["fixed"]), settings=settings_from_row(row))


def event_to_row(attempt: str, step: int, event: Event) -> dict[str, Any]:
    """A row of ``events``; one that has no time yet is of now."""
    said = {name: getattr(event, name) for name in _EVENT}
    return {"attempt": attempt, "step": step, **said, "at": event.at or now()}


def event_from_row(row: Mapping[str, Any]) -> Event:
    """An event from a row of ``events``."""
    return Event(**{name: row[name] for name in _EVENT}, at=row["at"])
