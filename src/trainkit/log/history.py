"""What has been decided? Log → rows of decisions, one for each scored decision of each attempt.

Points are not in the log; they come from replaying what was chosen under the case version it was chosen in.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from trainkit.engine.attempt import Attempt
from trainkit.log.records import AttemptLog, Record
from trainkit.log.replay import Unplayable, replay
from trainkit.scoring.decisions import Decision
from trainkit.scoring.decisions import decisions as scored_decisions
from trainkit.scoring.profile import FEWEST

if TYPE_CHECKING:
    import pandas as pd

_ABOUT = ("participant", "member", "case_id", "case_hash", "origin")
TYPES = {
    **dict.fromkeys(("attempt", "scene", "option"), "string"),
    **{field.name: "float64" for field in fields(Decision) if field.name not in ("scene", "option")},
    "on_axis": "bool",
    **dict.fromkeys(_ABOUT, "string"),
    **dict.fromkeys(("finished", "went_back"), "bool"),
}


def decision_rows(log: AttemptLog, case_id: str | None = None) -> list[dict[str, Any]]:
    """Every scored decision in a log, or of one case in it, in the order of attempts and decisions.

    A row has the names of ``TYPES``: what it is of, and the fields of :class:`trainkit.scoring.decisions.Decision`. An
    attempt that can't be replayed is left out with a warning.
    """
    rows: list[dict[str, Any]] = []
    for record in log.attempts(case_id=case_id):
        try:
            attempt = replay(log, record)
        except Unplayable as error:
            warnings.warn(f"left out: {error}", stacklevel=2)
            continue
        about = {name: getattr(record, name) for name in _ABOUT}
        about |= {"finished": attempt.finished, "went_back": attempt.went_back}
        rows += [{"attempt": record.attempt, **asdict(row), **about} for row in scored_decisions(attempt)]
    return rows


def decisions(log: AttemptLog, case_id: str | None = None) -> pd.DataFrame:
    """The rows of :func:`decision_rows` as a table, whose columns have their types even where it is empty."""
    import pandas as pd

    return pd.DataFrame(decision_rows(log, case_id), columns=list(TYPES)).astype(TYPES)


def newest_attempts(log: AttemptLog, records: Sequence[Record]) -> list[Attempt]:
    """The newest finished attempt of each case, for a profile over cases; none where too few cases were begun for one.

    ``records`` are one person's, oldest first; what is given stands in the order of the cases' ids.
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
