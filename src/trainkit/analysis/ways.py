"""Which ways do people take? From each scene to the next, and whole ways, with their shares and intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainkit.analysis.tables import TooFew, require
from trainkit.errors import TrainkitError

if TYPE_CHECKING:
    import pandas as pd

MOVES = ("choose", "back")  # what leads somewhere; the rest is only said
STOPPED = ""  # where somebody went who stopped in mid-case
_LED = {"choose": "choice", "back": "back"}


def moves(events: Any, attempts: Any = None, level: float = 0.95) -> pd.DataFrame:
    """Of each scene of each case: where people went from it.

    Parameters
    ----------
    events : pandas.DataFrame
        Rows of the table ``events`` of an export: ``attempt``, ``step``, ``kind``, ``scene``, ``ending``.
    attempts : pandas.DataFrame, optional
        The table ``attempts``, for ``case_id``; not needed if ``events`` has that.
    level : float
        Of the intervals.

    Returns
    -------
    pandas.DataFrame
        ``case_id``, ``scene``, ``to`` (a scene or an ending), ``how`` (``choice``, ``back``, ``ending``; ``stopped`` in
        mid-case, where ``to`` is empty); ``times`` that it was gone; ``attempts`` who left the scene this way the first time
        they left it, ``share`` of those who left or stopped there (0 … 1, adding up to 1 in a scene) with ``low`` and
        ``high``. A question or another reply after which one is still in the scene is no way. Cases in their order, the
        trodden ways first.

    Raises
    ------
    TooFew, TrainkitError
        If nobody has made a choice; if an attempt has no case.

    References
    ----------
    Interval of a share: Wilson 1927, *JASA* 22.
    """
    import pandas as pd
    from statsmodels.stats.proportion import proportion_confint

    gone = _gone(events, attempts)
    where = ["case_id", "scene", "to", "how"]
    first = gone.drop_duplicates(["attempt", "scene"])
    counted = gone.groupby(where, sort=False).size().rename("times").to_frame()
    counted["attempts"] = first.groupby(where, sort=False).size()
    table = counted.fillna({"attempts": 0}).astype({"attempts": int}).reset_index()
    left = table.groupby(["case_id", "scene"])["attempts"].transform("sum")
    table["share"] = table["attempts"] / left
    low, high = proportion_confint(table["attempts"], left, alpha=1 - level, method="wilson")
    table = table.assign(low=low, high=high)
    order = {key: number for number, key in enumerate(dict.fromkeys(zip(gone["case_id"], gone["scene"], strict=True)))}
    table["_order"] = [order[key] for key in zip(table["case_id"], table["scene"], strict=True)]
    sorted_table = table.sort_values(
        ["case_id", "_order", "attempts", "times", "to"], ascending=[True, True, False, False, True], kind="stable"
    )
    return pd.DataFrame(sorted_table.drop(columns="_order")).reset_index(drop=True)


def ways(events: Any, attempts: Any = None, level: float = 0.95) -> pd.DataFrame:
    """Whole ways through each case, the most trodden first; parameters as of :func:`moves`.

    Returns
    -------
    pandas.DataFrame
        ``case_id``, ``way`` (scenes and the ending, joined by →; … where somebody stopped), ``attempts``, ``share`` of those
        who played the case, ``low``, ``high``.
    """
    import pandas as pd
    from statsmodels.stats.proportion import proportion_confint

    gone = _gone(events, attempts)
    gone = gone.assign(place=gone["to"].where(gone["how"] != "stopped", "…"))
    begun = gone.groupby("attempt", sort=False)
    way = begun["scene"].first() + " → " + begun["place"].agg(" → ".join)
    frame = pd.DataFrame({"case_id": begun["case_id"].first(), "way": way})
    table = frame.groupby(["case_id", "way"]).size().rename("attempts").reset_index()
    played = table.groupby("case_id")["attempts"].transform("sum")
    low, high = proportion_confint(table["attempts"], played, alpha=1 - level, method="wilson")
    table = table.assign(share=table["attempts"] / played, low=low, high=high)
    return table.sort_values(["case_id", "attempts", "way"], ascending=[True, False, True]).reset_index(drop=True)


def _gone(events: Any, attempts: Any) -> pd.DataFrame:
    """Each leaving of a scene: attempt, case, scene, where to and how, in order."""
    import pandas as pd

    require(events, ("attempt", "step", "kind", "scene", "ending"))
    moves = events[events["kind"].isin(MOVES)]
    if attempts is not None:
        require(attempts, ("attempt", "case_id"))
        moves = moves.drop(columns="case_id", errors="ignore").merge(
            attempts[["attempt", "case_id"]].drop_duplicates("attempt"), on="attempt", how="left"
        )
    require(moves, ("case_id",))
    if moves.empty:
        raise TooFew("choices", 0, 1)
    if moves["case_id"].isna().any():
        lost = moves.loc[moves["case_id"].isna(), "attempt"].nunique()
        raise TrainkitError(
            f"of {lost} attempts it isn't said which case they are of: they are not in the table attempts"
        )
    moves = moves.sort_values(["attempt", "step"], kind="stable")
    onward = moves.groupby("attempt", sort=False)["scene"].shift(-1)
    ended = moves["ending"].notna() & (moves["ending"].astype(str) != "")
    to = onward.where(~ended, moves["ending"]).fillna(STOPPED)
    how = moves["kind"].map(_LED).where(~ended, "ending").where(to != STOPPED, "stopped")
    gone = pd.DataFrame(
        {"attempt": moves["attempt"], "case_id": moves["case_id"], "scene": moves["scene"], "to": to, "how": how}
    ).astype(str)
    return gone[gone["scene"] != gone["to"]]
