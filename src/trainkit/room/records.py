"""Which workshop is this, who sits in it, and what has its trainer set? In the log, like everything else.

What the trainer does is a row of ``controls`` each; the state of the room is what they come to. Secrets (the trainer's
link, a member's browser, a member's personal link) are kept as SHA-256 only: they are 128 bits of chance and more, so
that a plain hash can't be guessed back.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from trainkit.case.model import Case
from trainkit.engine.attempt import start
from trainkit.errors import NotSaved, OutOfDate, Refused, TrainkitError, UnknownName
from trainkit.log.records import Record, Settings, now, pseudonym
from trainkit.log.schema import attempts, controls, insert_sql, members, workshops
from trainkit.log.store import Log, database_reason

SWITCHES = ("entry", "paused", "over", "names", "votes", "key")
MAX_CONSENT = 4000


@dataclass(frozen=True)
class Ballot:
    """A vote again on a scene: ``number`` 1, 2, … in the workshop."""

    number: int
    case_id: str
    scene: str


@dataclass(frozen=True)
class Stage:
    """What the trainer has set.

    Attributes
    ----------
    entry, paused, over : bool
        Joining is open; everyone waits; no more answers are taken.
    names, votes, key : bool
        Shown on the board: who is who, how many chose what, what the case asks.
    scene : str
        ``case/scene`` on the wall; empty: the most divisive.
    ballot : Ballot, optional
        The vote again that is open.
    """

    entry: bool = True
    paused: bool = False
    over: bool = False
    names: bool = False
    votes: bool = True
    key: bool = False
    scene: str = ""
    ballot: Ballot | None = None


@dataclass(frozen=True)
class WorkshopCase:
    """A case as a workshop plays it, and the facts fixed by the trainer."""

    case: Case
    fixed: Mapping[str, str]


@dataclass(frozen=True)
class Workshop:
    """A room: its cases in order, and how they are held."""

    workshop: str
    code: str
    parts: tuple[WorkshopCase, ...]
    lang: str
    settings: Settings
    consent: str | None
    places: int
    started_at: str

    def part(self, case_id: str) -> WorkshopCase:
        """A case of this workshop."""
        for part in self.parts:
            if part.case.id == case_id:
                return part
        raise UnknownName("case of this workshop", case_id, [part.case.id for part in self.parts])


@dataclass(frozen=True, slots=True)
class Member:
    """Someone who joined, or two at one phone."""

    member: str
    name: str
    pair: bool
    lang: str
    joined_at: str


@dataclass(frozen=True, slots=True)
class Pulse:
    """What of a member may have changed in the log since one looked: counts, so that comparing is cheap."""

    here: bool
    runs: int
    events: int
    controls: int


# ---- secrets --------------------------------------------------------------------------------------------------


def secret() -> str:
    """A new secret of 192 bits, fit for a link."""
    return secrets.token_urlsafe(24)


def link_of(browser_secret: str) -> str:
    """The personal link's secret: made from the browser's, which can't be found from it."""
    return _derived(f"link {browser_secret}", 18)


def seat_of(workshop: Workshop, visit: str) -> str:
    """The browser's secret of who comes in by this visit to the door, however often and wherever its form is sent."""
    return _derived(f"seat {workshop.workshop} {visit}", 24)


def _derived(source: str, size: int) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(source.encode()).digest()[:size]).decode()


def hashed(some_secret: str) -> str:
    """How a secret is kept."""
    return hashlib.sha256(some_secret.encode()).hexdigest()


# ---- beginning ------------------------------------------------------------------------------------------------


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


# ---- the trainer ----------------------------------------------------------------------------------------------


def record_control(store: Log, workshop: Workshop, kind: str, value: str = "") -> None:
    """Log something the trainer did; what is so already is not logged again.

    Raises
    ------
    UnknownName
        If there is no such kind.
    OutOfDate
        If it opens a vote while another is open.
    NotSaved
        If it could not be committed.
    """
    if kind not in (*SWITCHES, "scene", "ballot", "trainer"):
        raise UnknownName("control", kind, (*SWITCHES, "scene", "ballot"))
    row = {"workshop": workshop.workshop, "kind": kind, "setting": value}
    try:
        with store.writing() as connection:
            lock_workshop(store, connection, workshop)
            number, last = store.execute_raw(connection, _LAST, row).fetchone()
            if value == last:
                return
            if kind == "ballot" and value and last:
                raise OutOfDate("another vote is open")
            store.execute_raw(connection, _SAY, row | {"number": number, "at": now()})
    except sa.exc.IntegrityError as error:
        raise NotSaved(database_reason(error)) from error


_SAY = insert_sql(controls)
_LAST = (
    "SELECT (SELECT coalesce(max(number), -1) + 1 FROM controls WHERE workshop = :workshop), (SELECT setting "
    "FROM controls WHERE workshop = :workshop AND kind = :kind ORDER BY number DESC LIMIT 1)"
)


def lock_workshop(store: Log, connection: sa.Connection, workshop: Workshop) -> None:
    """Let others who write to this workshop wait until this transaction is over; what they wrote before is seen."""
    if store.is_sqlite:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        this = sa.select(workshops.c.code).where(workshops.c.workshop == workshop.workshop)
        connection.execute(this.with_for_update(key_share=True))


def trainer_link(store: Log, workshop: Workshop) -> str:
    """Make a secret for the trainer's link; links made earlier go on to work."""
    made = secret()
    record_control(store, workshop, "trainer", hashed(made))
    return made


def load_stage(store: Log, workshop: Workshop) -> tuple[Stage, frozenset[str], int]:
    """The stage, the hashes of trainer links, and the number of controls read."""
    query = sa.select(controls).where(controls.c.workshop == workshop.workshop).order_by(controls.c.number)
    with store.reading() as connection:
        rows = connection.execute(query).mappings().all()
    stage, links, ballots = Stage(), set(), 0
    for row in rows:
        kind, value = row["kind"], row["setting"]
        if kind in SWITCHES:
            stage = replace(stage, **{kind: value == "1"})
        elif kind == "scene":
            stage = replace(stage, scene=value)
        elif kind == "trainer":
            links.add(value)
        elif kind == "ballot" and value:
            ballots += 1
            case_id, _, scene = value.partition("/")
            stage = replace(stage, ballot=Ballot(ballots, case_id, scene))
        elif kind == "ballot":
            stage = replace(stage, ballot=None)
    return stage, frozenset(links), len(rows)


# ---- those who join -------------------------------------------------------------------------------------------


def add_member(
    store: Log, workshop: Workshop, name: str, pair: bool, lang: str, key: str | None = None
) -> tuple[Member, str]:
    """Let someone in; gives the member and the browser's secret, which is ``key`` if given: who has it is one member.

    Raises
    ------
    Refused
        If the room is full.
    NotSaved
        If it could not be committed.
    """
    key = key or secret()
    made = Member(uuid.uuid4().hex, pseudonym(name)[:24].strip(), bool(pair), lang, now())
    row = {
        "member": made.member,
        "workshop": workshop.workshop,
        "name": made.name,
        "pair": made.pair,
        "lang": lang,
        "secret_hash": hashed(key),
        "link_hash": hashed(link_of(key)),
        "joined_at": made.joined_at,
    }
    try:
        with store.writing() as connection:
            lock_workshop(store, connection, workshop)  # so that the last place is given once
            store.execute_raw(connection, _JOIN, row)
            (taken,) = store.execute_raw(connection, _TAKEN, {"workshop": workshop.workshop}).fetchone()
            if taken > workshop.places:
                raise Refused(f"all {workshop.places} places are taken")
    except sa.exc.IntegrityError as error:
        there = member_by_secret(store, workshop, key)
        if there is None:
            raise NotSaved(database_reason(error)) from error
        return there, key
    return made, key


_JOIN, _TAKEN = insert_sql(members), "SELECT count(*) FROM members WHERE workshop = :workshop"


def member_by_secret(store: Log, workshop: Workshop, some_secret: str) -> Member | None:
    """Whose browser or personal link this is; None for nobody's."""
    query = (
        "SELECT member, name, pair, lang, joined_at FROM members "
        "WHERE workshop = :w AND (secret_hash = :key OR link_hash = :key)"
    )
    row = store.fetch_one(query, {"w": workshop.workshop, "key": hashed(some_secret)})
    return Member(row[0], row[1], bool(row[2]), row[3], row[4]) if row else None


def places_taken(store: Log, workshop: Workshop) -> int:
    """How many have joined."""
    return store.fetch_one(_TAKEN, {"workshop": workshop.workshop})[0]


def members_of(store: Log, workshop: Workshop) -> list[Member]:
    """Everyone who joined, in that order."""
    query = sa.select(members).where(members.c.workshop == workshop.workshop).order_by(members.c.joined_at)
    with store.reading() as connection:
        return [_member(row) for row in connection.execute(query).mappings()]


def _member(row: Mapping[str, Any]) -> Member:
    return Member(**{name: row[name] for name in ("member", "name", "lang", "joined_at")}, pair=bool(row["pair"]))


def runs_of(store: Log, workshop: Workshop, only: Sequence[str] | None = None) -> list[Record]:
    """Runs in this workshop, in the order of who joined and of the runs; ``only`` those of these attempts, if given."""
    query = (
        sa.select(attempts)
        .join(members, members.c.member == attempts.c.member)
        .where(members.c.workshop == workshop.workshop)
        .order_by(members.c.joined_at, members.c.member, attempts.c.run)
    )
    if only is None:
        return store.select_records(query)
    parts = [only[n : n + 500] for n in range(0, len(only), 500)]
    return [record for part in parts for record in store.select_records(query.where(attempts.c.attempt.in_(part)))]


def event_counts(store: Log, workshop: Workshop) -> dict[str, int]:
    """Attempt → how many events it has, for every run in this workshop, in the order of who joined and of the runs."""
    query = (
        "SELECT a.attempt, (SELECT count(*) FROM events e WHERE e.attempt = a.attempt) FROM members m "
        "JOIN attempts a ON a.member = m.member WHERE m.workshop = :w ORDER BY m.joined_at, m.member, a.run"
    )
    return dict(store.fetch_all(query, {"w": workshop.workshop}))


def count_controls(store: Log, workshop: Workshop) -> int:
    """How many things the trainer has done."""
    return store.fetch_one("SELECT count(*) FROM controls WHERE workshop = :w", {"w": workshop.workshop})[0]


def pulse(store: Log, workshop: Workshop, member: str, attempt: str) -> Pulse:
    """What the log counts now for a member and one of his runs: a few microseconds, for every page."""
    one = store.fetch_one(
        "SELECT (SELECT count(*) FROM members WHERE member = :m), (SELECT count(*) FROM attempts WHERE member = :m), "
        "(SELECT count(*) FROM events WHERE attempt = :a), (SELECT count(*) FROM controls WHERE workshop = :w)",
        {"m": member, "a": attempt, "w": workshop.workshop},
    )
    return Pulse(bool(one[0]), *one[1:])
