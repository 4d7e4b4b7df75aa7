"""Begin an attempt, or go on with one that the log has."""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from trainkit.case.model import Case
from trainkit.engine.attempt import Attempt, start
from trainkit.engine.facts import draw_facts
from trainkit.errors import TrainkitError
from trainkit.log.records import AttemptLog, Record, Settings, new_record
from trainkit.log.replay import Unplayable
from trainkit.session.session import Session


def resume(
    log: AttemptLog,
    case: Case,
    participant: str,
    *,
    seed: int | None = None,
    fixed: Mapping[str, str] | None = None,
    settings: Settings | None = None,
    origin: str = "person",
    finished: bool = True,
) -> Session:
    """Go on with a participant's newest attempt of a case, or begin one.

    It is gone on with if it was held under the same settings and fixed facts; where a seed is named, if it or an earlier
    attempt had it (the later ones came of "play again"). If the case has been edited since, the version it began with is
    taken from the log. A finished attempt shows its debrief again, unless ``finished`` is False.
    """
    settings = settings or Settings()
    start(case, 0 if seed is None else seed, fixed)  # refuses a bad seed or fact before anything is read
    records = _held_alike(log, case, participant, settings, fixed, origin)
    if records and (seed is None or any(record.seed == seed for record in records)):
        try:
            session = reopen(log, records[-1], case)
        except Unplayable:
            session = None  # a version this program can't play any more must not keep anyone from playing
        if session and (finished or session.phase != "over"):
            return session
    return begin(log, case, participant, seed=seed, fixed=fixed, settings=settings, origin=origin)


def _held_alike(
    log: AttemptLog,
    case: Case,
    participant: str,
    settings: Settings | None,
    fixed: Mapping[str, str] | None,
    origin: str,
) -> list[Record]:
    """Somebody's attempts of a case under these settings and fixed facts, oldest first."""
    wanted = (settings or Settings(), dict(fixed or {}), origin)
    return [r for r in log.attempts(participant, case.id) if (r.settings, dict(r.fixed), r.origin) == wanted]


def reopen(log: AttemptLog, record: Record, case: Case | None = None) -> Session:
    """An attempt as the log has it.

    Raises Unplayable if its case version can't be read or its events don't fit it.
    """
    events = log.events(record.attempt)
    try:
        if case is not None and case.hash == record.case_hash:
            return Session(log, record, case, events)
        version = log.case(record)
        if case is not None:  # a language that came later serves the texts that are still the same
            together = {lang: dict(texts) for lang, texts in version.translations.items()}
            for lang, texts in case.translations.items():
                same = {key: text for key, text in texts.items() if version.texts.get(key) == case.texts.get(key)}
                together[lang] = same | together.get(lang, {})
            version = version.with_translations(together)
        return Session(log, record, version, events, changed=case is not None)
    except TrainkitError as error:
        raise Unplayable(record, error) from error


def begin(
    log: AttemptLog,
    case: Case,
    participant: str,
    *,
    seed: int | None = None,
    fixed: Mapping[str, str] | None = None,
    settings: Settings | None = None,
    origin: str = "person",
    unlike: Attempt | None = None,
) -> Session:
    """Begin a new attempt; with ``unlike``, under another draw of the facts where there is one."""
    if seed is None:
        for _ in range(50):
            seed = secrets.randbelow(2**31)
            if unlike is None or draw_facts(case, seed, fixed) != unlike.truth:
                break
    start(case, seed, fixed)  # refuses bad facts before anything is written
    record = new_record(case, participant, seed, fixed, settings, origin)
    log.begin(record, case)
    return Session(log, record, case, [])


def play_again(session: Session) -> Session:
    """A new attempt of the same case by the same person, with newly drawn facts."""
    record = session.record
    alike = {"fixed": record.fixed, "settings": record.settings, "origin": record.origin}
    return begin(session.log, session.case, record.participant, **alike, unlike=session.attempt)


@dataclass(frozen=True)
class Standing:
    """How far somebody is in a case: runs that ended, and the newest one, which may be going on."""

    ended: int
    newest: Session | None


def standing(
    log: AttemptLog, case: Case, participant: str, *, settings: Settings | None = None, origin: str = "person"
) -> Standing:
    """What :func:`resume` would go on with, without beginning anything; runs that can't be played any more don't count."""
    sessions = []
    for record in _held_alike(log, case, participant, settings, None, origin):
        with suppress(Unplayable):
            sessions.append(reopen(log, record, case))
    return Standing(sum(session.phase == "over" for session in sessions), sessions[-1] if sessions else None)
