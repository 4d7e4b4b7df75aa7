"""Workshops in the log: made, listed, found by their code."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from trainkit.case.model import Case
from trainkit.engine.attempt import start
from trainkit.errors import NotSaved, TrainkitError, UnknownName
from trainkit.log.records import Settings, now
from trainkit.log.schema import workshops
from trainkit.log.store import Log
from trainkit.room.records import Workshop, WorkshopCase

MAX_CONSENT = 4000


def parts_of(cases: Sequence[Case], fixed: Mapping[str, str] | None = None) -> tuple[WorkshopCase, ...]:
    """Cases with the fixed facts that are theirs.

    Raises
    ------
    TrainkitError
        If there is no case, one stands twice, or a fact or value is of none of them.
    """
    if not cases:
        raise TrainkitError("a workshop needs a case")
    twice = {case.id for case in cases if [other.id for other in cases].count(case.id) > 1}
    if twice:
        raise TrainkitError(f'"{min(twice)}" stands twice among the cases')
    for fact in fixed or {}:
        if not any(fact in case.facts for case in cases):
            raise UnknownName("fact", fact, [name for case in cases for name in case.facts])
    found = tuple(WorkshopCase(case, {k: v for k, v in (fixed or {}).items() if k in case.facts}) for case in cases)
    for part in found:
        start(part.case, 0, part.fixed)  # refuses a value that is none
    return found


def create(
    store: Log,
    parts: Sequence[WorkshopCase],
    *,
    lang: str = "ru",
    settings: Settings | None = None,
    consent: str | None = None,
    places: int = 200,
) -> Workshop:
    """Make a workshop and log it.

    Raises
    ------
    TrainkitError
        If something is out of range, or it can't be written.
    """
    if places < 1:
        raise TrainkitError(f"places is 1 or more (got {places})")
    if consent is not None and not 0 < len(consent.strip()) <= MAX_CONSENT:
        raise TrainkitError(f"a consent text has 1 to {MAX_CONSENT} characters (got {len(consent.strip())})")
    settings = settings or Settings()
    for part in parts:
        store.keep_case(part.case)
    for _ in range(50):  # a million codes; one that is taken is drawn again
        made = Workshop(
            uuid.uuid4().hex,
            f"{secrets.randbelow(1_000_000):06}",
            tuple(parts),
            lang,
            settings,
            consent.strip() if consent else None,
            places,
            now(),
        )
        listed = [
            {"case_hash": p.case.hash, "translations_hash": p.case.translations_hash, "fixed": dict(p.fixed)}
            for p in parts
        ]
        row = {
            "workshop": made.workshop,
            "code": made.code,
            "cases": json.dumps(listed, sort_keys=True),
            "lang": lang,
            "feedback": settings.feedback,
            "back_allowed": settings.back,
            "own_words": settings.own_words,
            "ask_why": settings.ask_why,
            "consent": made.consent,
            "places": places,
            "started_at": made.started_at,
        }
        try:
            with store.writing() as connection:
                connection.execute(workshops.insert(), row)
            return made
        except sa.exc.IntegrityError:
            continue
    raise NotSaved("no free join code was found")


def all_workshops(store: Log) -> list[Workshop]:
    """Workshops in the log, oldest first; cases that this program can't read are left out of them."""
    with store.reading() as connection:
        rows = connection.execute(sa.select(workshops).order_by(workshops.c.started_at)).mappings().all()
    return [_workshop(store, row) for row in rows]


def by_code(store: Log, code: str) -> Workshop:
    """The workshop with this join code; spaces don't matter.

    Raises
    ------
    UnknownName
        If there is none.
    """
    digits = "".join(code.split())
    with store.reading() as connection:
        row = connection.execute(sa.select(workshops).where(workshops.c.code == digits)).mappings().first()
        codes = [] if row else connection.execute(sa.select(workshops.c.code)).scalars().all()
    if row is None:
        raise UnknownName("workshop", code, codes)
    return _workshop(store, row)


def _workshop(store: Log, row: Mapping[str, Any]) -> Workshop:
    settings = Settings(row["feedback"], bool(row["back_allowed"]), bool(row["own_words"]), bool(row["ask_why"]))
    parts = tuple(
        WorkshopCase(store.version(part["case_hash"], part["translations_hash"]), part["fixed"])
        for part in json.loads(row["cases"])
    )
    return Workshop(
        row["workshop"], row["code"], parts, row["lang"], settings, row["consent"], row["places"], row["started_at"]
    )
