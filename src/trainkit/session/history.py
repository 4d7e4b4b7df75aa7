"""Log → rows of decisions, one for each scored decision of each attempt; any frame library takes them.

Points are not in the log; they come from replaying what was chosen under the case version it was chosen in.
"""

from __future__ import annotations

import warnings
from contextlib import suppress
from typing import Any

from trainkit.engine.attempt import Attempt
from trainkit.log.records import Record
from trainkit.log.store import Log
from trainkit.scoring.frames import decision_dicts
from trainkit.session.resume import Unplayable, reopen


def decision_rows(store: Log, case_id: str | None = None) -> list[dict[str, Any]]:
    """Every scored decision in a log.

    Parameters
    ----------
    store : Store
    case_id : str, optional
        Only this case.

    Returns
    -------
    list of dict
        ``attempt``, ``participant``, ``member``, ``case_id``, ``case_hash``, ``origin``, ``finished``,
        ``went_back`` and the fields of :class:`trainkit.scoring.formulas.Decision`, in the order of attempts and
        decisions. An attempt that can't be replayed is left out with a warning.
    """
    found: list[dict[str, Any]] = []
    for record in store.attempts(case_id=case_id):
        try:
            attempt = reopen(store, record).attempt
        except Unplayable as error:
            warnings.warn(f"left out: {error}", stacklevel=2)
            continue
        about = {
            "participant": record.participant,
            "member": record.member,
            "case_id": record.case_id,
            "case_hash": record.case_hash,
            "origin": record.origin,
            "finished": attempt.finished,
            "went_back": attempt.went_back,
        }
        found += [{**row, **about} for row in decision_dicts(attempt, record.attempt)]
    return found


def newest_attempts(store: Log, record: Record) -> list[Attempt]:
    """The newest finished attempt of each case by who played this one, in the order of the cases' ids."""
    found: dict[str, Attempt] = {}
    for other in store.attempts(record.participant, member=record.member):
        if other.origin == record.origin:
            with suppress(Unplayable):
                attempt = reopen(store, other).attempt
                if attempt.finished:
                    found[other.case_id] = attempt
    return [found[case_id] for case_id in sorted(found)]
