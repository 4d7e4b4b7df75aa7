"""Which ways did people take through a case? Scenes by the place they came at, and how many went from each to each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainkit.analysis.summary import complete
from trainkit.errors import UnknownName

if TYPE_CHECKING:
    import pandas as pd

ENDED, BROKEN_OFF = "(ended)", "(broken off)"  # no id of a scene has such a name


def flows(decisions: Any, case_id: str) -> pd.DataFrame:
    """How many people went from each decision to the next.

    Parameters
    ----------
    decisions : pandas.DataFrame
        Rows of an export.
    case_id : str
        One of its cases.

    Returns
    -------
    pandas.DataFrame
        Columns ``step`` (1 is an attempt's first decision), ``scene``, ``to`` (the scene of the next decision, or ``(ended)``
        or ``(broken off)``) and ``attempts``; within a step the most travelled first.

    Raises
    ------
    UnknownName
        If there is no such case.
    """
    frame = complete(decisions)
    if case_id not in set(frame["case_id"]):
        raise UnknownName("case", case_id, sorted(set(frame["case_id"])))
    mine = frame[frame["case_id"] == case_id].sort_values(["attempt", "number"], kind="stable")
    finished = mine["finished"].astype(bool) if "finished" in mine.columns else mine["attempt"].notna()
    place = mine.groupby("attempt", sort=False)
    onward = place["scene"].shift(-1)
    moves = mine.assign(
        step=place.cumcount() + 1,
        to=onward.where(onward.notna(), finished.map({True: ENDED, False: BROKEN_OFF})),
    )
    counted = moves.groupby(["step", "scene", "to"], as_index=False).size().rename(columns={"size": "attempts"})
    return counted.sort_values(["step", "attempts", "scene", "to"], ascending=[True, False, True, True]).reset_index(
        drop=True
    )
