"""Which workshops are in the log? Made, listed, found by their code, held while something is written to one."""

import json
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from trainkit.case.model import Case
from trainkit.engine.attempt import start
from trainkit.errors import Conflict, NotSaved, TrainkitError, UnknownName
from trainkit.log.records import Settings, now
from trainkit.log.schema import controls, numbered, workshops
from trainkit.log.store import Log
from trainkit.room.records import Workshop, WorkshopCase
from trainkit.room.secrets import DIGITS, parse_code

MAX_CONSENT = 4000
_MAKE = numbered(workshops)


def parts_of(cases: Sequence[Case], fixed: Mapping[str, str] | None = None) -> tuple[WorkshopCase, ...]:
    """Cases with the fixed facts that are theirs.

    Raises TrainkitError if there is no case, one stands twice, or a fact or value is of none of them.
    """
    if not cases:
        raise TrainkitError("a workshop needs a case")
    twice = {case.id for case in cases if [other.id for other in cases].count(case.id) > 1}
    if twice:
        raise TrainkitError(f'"{min(twice)}" stands twice among the cases')
    for fact in fixed or {}:
        if not any(fact in case.facts for case in cases):
            raise UnknownName("fact", fact, [name for case in cases for name in case.facts])
    parts = tuple(WorkshopCase(case, {k: v for k, v in (fixed or {}).items() if k in case.facts}) for case in cases)
    for part in parts:
        start(part.case, 0, part.fixed)  # refuses a value that is none
    return parts


def create(
    log: Log,
    parts: Sequence[WorkshopCase],
    *,
    lang: str = "ru",
    settings: Settings | None = None,
    consent: str | None = None,
    places: int = 200,
) -> Workshop:
    """Make a workshop and log it; TrainkitError if something is out of range, or it can't be written."""
    if places < 1:
        raise TrainkitError(f"places is 1 or more (got {places})")
    if consent is not None and not 0 < len(consent.strip()) <= MAX_CONSENT:
        raise TrainkitError(f"a consent text has 1 to {MAX_CONSENT} characters (got {len(consent.strip())})")
    for part in parts:
        log.keep_case(part.case)
    for _ in range(50):  # a million codes; one that is taken is drawn again
        workshop = Workshop(
            workshop=uuid.uuid4().hex,
            code=f"{secrets.randbelow(10**DIGITS):0{DIGITS}}",
            parts=tuple(parts),
            lang=lang,
            settings=settings or Settings(),
            consent=consent.strip() if consent else None,
            places=places,
            started_at=now(),
        )
        try:
            with log.writing() as connection:
                log.execute(connection, _MAKE, _to_row(workshop)).close()
            return workshop
        except Conflict:
            continue
    raise NotSaved("no free join code was found")


def all_workshops(log: Log) -> list[Workshop]:
    """Workshops in the log, oldest first."""
    with log.reading() as connection:
        rows = connection.execute(sa.select(workshops).order_by(workshops.c.number)).mappings().all()
    return [_from_row(log, row) for row in rows]


def by_code(log: Log, code: str) -> Workshop:
    """The workshop with this join code, however it is spaced; UnknownName if there is none."""
    with log.reading() as connection:
        row = connection.execute(sa.select(workshops).where(workshops.c.code == parse_code(code))).mappings().first()
        codes = [] if row else connection.execute(sa.select(workshops.c.code)).scalars().all()
    if row is None:
        raise UnknownName("workshop", code, codes)
    return _from_row(log, row)


def with_added(log: Log, workshop: Workshop, versions: Sequence[str]) -> Workshop:
    """The workshop with cases that came while it was held; a version is two hashes, of the case and its translations."""
    here = {part.case.id for part in workshop.parts}
    cases = [log.version(*version.split()) for version in versions]
    parts = (WorkshopCase(case, {}) for case in cases if case.id not in here)
    return replace(workshop, parts=(*workshop.parts, *parts))


def add_case(log: Log, case: Case) -> str:
    """Keep a case for a workshop that is being held; gives its version for :func:`with_added`."""
    log.keep_case(case)
    return f"{case.hash} {case.translations_hash}"


def lock_workshop(log: Log, connection: sa.Connection, workshop: Workshop) -> None:
    """Let others who write to this workshop wait until this transaction is over; what they wrote before is seen."""
    if not log.is_sqlite:  # there a transaction is alone from its beginning
        this = sa.select(workshops.c.code).where(workshops.c.workshop == workshop.workshop)
        connection.execute(this.with_for_update(key_share=True))


_PLAIN = ("workshop", "code", "lang", "consent", "places", "started_at")


def _to_row(workshop: Workshop) -> dict[str, Any]:
    cases = [
        {"case_hash": p.case.hash, "translations_hash": p.case.translations_hash, "fixed": dict(p.fixed)}
        for p in workshop.parts
    ]
    plain = {name: getattr(workshop, name) for name in _PLAIN}
    return {**plain, "cases": json.dumps(cases, sort_keys=True), **workshop.settings.to_row()}


def _from_row(log: Log, row: Mapping[str, Any]) -> Workshop:
    parts = tuple(
        WorkshopCase(log.version(part["case_hash"], part["translations_hash"]), part["fixed"])
        for part in json.loads(row["cases"])
    )
    made = Workshop(**{name: row[name] for name in _PLAIN}, parts=parts, settings=Settings.from_row(row))
    came = sa.select(controls.c.setting).where(controls.c.workshop == made.workshop, controls.c.kind == "case")
    with log.reading() as connection:
        versions = connection.execute(came.order_by(controls.c.number)).scalars().all()
    return with_added(log, made, versions) if versions else made
