"""Who answered without reading? Signs, not proofs: what is too fast, and who kept to one side whatever was said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainkit.analysis.tables import require
from trainkit.errors import N_, TrainkitError

if TYPE_CHECKING:
    import pandas as pd

ALWAYS = 6  # decisions under which the same answer throughout is no sign of anything
FASTEST = 2.0  # seconds for a scene and its replies: nobody reads these in less


def careless(decisions: Any, fastest: float = FASTEST) -> pd.DataFrame:
    """Of each attempt: decisions, median seconds, share of decisions that were too fast, the longest run on one side.

    Parameters
    ----------
    decisions : pandas.DataFrame
        Rows of an export, in order.
    fastest : float
        Seconds; what took less can't have been read. Empty times (an anonymous room) count as nothing.

    Returns
    -------
    pandas.DataFrame
        ``attempt``, ``person``, ``decisions``, ``median_seconds``, ``too_fast`` (0 … 1, empty without times),
        ``longest_side`` (how many decisions in a row lay on the same side: orientated, middle, centric or off the axis),
        ``suspect`` (half and more too fast). To be looked at, not thrown away unseen: report how many, and the results with
        and without them.

    References
    ----------
    Response times and long strings: Meade & Craig 2012, *Psychological Methods* 17; Curran 2016.
    """
    import pandas as pd

    if "seconds" not in decisions.columns:
        raise TrainkitError(N_("Can’t be said: there are no times, so nobody knows who answered too fast."))
    require(decisions, ("attempt", "person", "number", "position"))
    rows = []
    for attempt, mine in decisions.sort_values(["attempt", "number"], kind="stable").groupby("attempt", sort=False):
        seconds = mine["seconds"].dropna()
        too_fast = float((seconds < fastest).mean()) if len(seconds) else float("nan")
        longest = _longest(_side(position) for position in mine["position"])
        suspect = bool(len(seconds)) and too_fast >= 0.5
        rows.append((attempt, mine["person"].iloc[0], len(mine), seconds.median(), too_fast, longest, suspect))
    names = ["attempt", "person", "decisions", "median_seconds", "too_fast", "longest_side", "suspect"]
    return pd.DataFrame(rows, columns=names)


def always_the_same(decisions: Any, fewest: int = ALWAYS) -> pd.DataFrame:
    """Of each person with enough decisions: whether they chose one and the same answer in all of them.

    Where answers are called otherwise in every scene, as in our own cases, nobody can: then there is no row.

    Returns
    -------
    pandas.DataFrame
        ``person``, ``decisions`` and ``always``; of people with ``fewest`` decisions or more, in scenes that share answers.
    """
    require(decisions, ("person", "case_id", "scene", "option"))
    rows = decisions[decisions["option"].fillna("") != ""]
    met = rows.drop_duplicates(["case_id", "scene", "option"]).groupby("option").size()
    rows = rows[rows["option"].isin(met.index[met >= fewest])]
    every = decisions.groupby("person").size().rename("decisions")
    found = rows.groupby("person")["option"].agg(["nunique", "size"]).join(every, how="inner").reset_index()
    found = found[found["decisions"] >= fewest]
    found["always"] = (found["nunique"] == 1) & (found["size"] == found["decisions"])
    return found[["person", "decisions", "always"]].reset_index(drop=True)


def _side(position: float) -> str:
    from trainkit.scoring.profile import third

    return "off" if position != position else third(position)


def _longest(sides: Any) -> int:
    longest, now, before = 0, 0, None
    for side in sides:
        now = now + 1 if side == before else 1
        longest, before = max(longest, now), side
    return longest
