"""What has been decided? Log → rows of decisions, one for each scored decision of each attempt.

Points are not in the log; they come from replaying what was chosen under the case version it was chosen in.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from trainkit.engine.attempt import Attempt
from trainkit.log.records import AttemptLog, Record
from trainkit.log.replay import Unplayable, replay
from trainkit.scoring.decisions import Decision
from trainkit.scoring.frames import decision_dicts
from trainkit.scoring.profile import FEWEST

if TYPE_CHECKING:
    import pandas as pd

_NUMBERS = {field.name: "float64" for field in fields(Decision) if field.name not in ("scene", "option")}
TYPES = {
    **dict.fromkeys(("attempt", "scene", "option"), "string"),
    **_NUMBERS,
    **dict.fromkeys(("participant", "member", "case_id", "case_hash", "origin"), "string"),
    **dict.fromkeys(("finished", "went_back"), "bool"),
}


def decision_rows(log: AttemptLog, case_id: str | None = None) -> list[dict[str, Any]]:
    """Every scored decision in a log.

    Parameters
    ----------
    log : AttemptLog
    case_id : str, optional
        Only this case.

    Returns
    -------
    list of dict
        ``attempt``, ``participant``, ``member``, ``case_id``, ``case_hash``, ``origin``, ``finished``,
        ``went_back`` and the fields of :class:`trainkit.scoring.decisions.Decision`, in the order of attempts and
        decisions. An attempt that can't be replayed is left out with a warning.
    """
    rows: list[dict[str, Any]] = []
    for record in log.attempts(case_id=case_id):
        try:
            attempt = replay(log, record)
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
        rows += [{**row, **about} for row in decision_dicts(attempt, record.attempt)]
    return rows


def decisions(log: AttemptLog, case_id: str | None = None) -> pd.DataFrame:
    """Every scored decision in a log as a table, whose columns have their types even where it is empty.

    Parameters
    ----------
    log : AttemptLog
    case_id : str, optional
        Only this case.

    Returns
    -------
    pandas.DataFrame
        One row a decision, with the columns of :func:`decision_rows`; :func:`trainkit.scoring.frames.scores` takes it.
    """
    import pandas as pd

    return pd.DataFrame(decision_rows(log, case_id), columns=list(TYPES)).astype(TYPES)


def newest_attempts(log: AttemptLog, records: Sequence[Record]) -> list[Attempt]:
    """The newest finished attempt of each case, for a profile over cases; none where too few cases were begun for one.

    Parameters
    ----------
    log : AttemptLog
    records : sequence of Record
        Of one person, oldest first.

    Returns
    -------
    list of Attempt
        In the order of the cases' ids.
    """
    newest: dict[str, Attempt] = {}
    if len({record.case_id for record in records}) >= FEWEST:
        for record in reversed(records):
            with suppress(Unplayable):
                if record.case_id not in newest and (attempt := replay(log, record)).finished:
                    newest[record.case_id] = attempt
    return [newest[case_id] for case_id in sorted(newest)]


def attempts_beside(log: AttemptLog, record: Record) -> list[Attempt]:
    """The newest finished attempts by whoever played this one, in the same way; see :func:`newest_attempts`."""
    records = log.attempts(record.participant, member=record.member)
    return newest_attempts(log, [other for other in records if other.origin == record.origin])
