"""What does a table of responses come to? Scores of people, means and shares with intervals, agreement with the key."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, NamedTuple

from trainkit.analysis.tables import FEWEST, TooFew, require
from trainkit.errors import N_, TrainkitError

if TYPE_CHECKING:
    import pandas as pd

# What a table from elsewhere may lack, and what is meant by it then: options from worst to best, all scenes alike.
TAKEN = {
    "weight": 1.0, "on_axis": True, "fit_min": 0.0, "fit_max": 1.0, "position_min": -1.0, "position_max": 1.0,
    "fit": math.nan, "position": math.nan, "fit_mean": math.nan, "target": math.nan, "aim": math.nan,
    "option": "", "case_id": "case",
}  # fmt: skip
RESTS_ON = {  # a figure that can't be had where this is missing
    "fit_mean": ("fit_random", "fit_corrected"), "aim": ("target",),
    "position_min": ("offered_low", "relative"), "position_max": ("offered_high", "relative"),
}  # fmt: skip


class Mean(NamedTuple):
    """A mean over people; there is no interval where nobody differs from anybody."""

    value: float
    interval: tuple[float, float] | None
    sd: float
    n: int
    level: float


class Share(NamedTuple):
    """So many of so many, as a share with its interval."""

    value: float
    interval: tuple[float, float]
    k: int
    n: int
    level: float


def mean(values: Sequence[float] | Any, level: float = 0.95) -> Mean:
    """The mean of people with Student's interval; empty values are left out.

    Raises
    ------
    TooFew
        Under three people.
    """
    import numpy as np
    from scipy.stats import t

    array = np.asarray(values, dtype=float)
    array = array[~np.isnan(array)]
    if len(array) < FEWEST:
        raise TooFew("people", len(array), FEWEST)
    value, sd = float(array.mean()), float(array.std(ddof=1))
    half = float(t.ppf((1 + level) / 2, len(array) - 1)) * sd / math.sqrt(len(array))
    return Mean(value, (value - half, value + half) if sd > 1e-12 else None, sd, len(array), level)


def share(k: int, n: int, level: float = 0.95) -> Share:
    """``k`` of ``n`` with Wilson's interval, which keeps within 0 … 1 and holds for few, too.

    References
    ----------
    Wilson 1927; Newcombe 1998, *Statistics in Medicine* 17 (method 3).
    """
    if not 0 <= k <= n or n < 1:
        raise TrainkitError(f"a share is of at least one, and not more than all (got {k} of {n})")
    z = NormalDist().inv_cdf((1 + level) / 2)
    p, whole = k / n, 1 + z * z / n
    centre, half = (p + z * z / (2 * n)) / whole, z / whole * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = centre - half if k else 0.0, centre + half if k < n else 1.0
    return Share(p, (low, high), k, n, level)


def apart(first: Share, second: Share) -> tuple[float, tuple[float, float]]:
    """The difference of two shares of different people, second − first, with Newcombe's interval of their own ones.

    References
    ----------
    Newcombe 1998, *Statistics in Medicine* 17 (method 10).
    """
    value, (low, high), (lower, upper) = second.value - first.value, first.interval, second.interval
    down = math.hypot(second.value - lower, high - first.value)
    return value, (value - down, value + math.hypot(upper - second.value, first.value - low))


def complete(decisions: Any) -> pd.DataFrame:
    """The table with all that scores ask for: what it lacks is taken as in ``TAKEN``, an attempt is a person's.

    ``fit_best`` is the best fit on offer; where the table has no ``fit_max``, the best that anybody took in the scene.

    Raises
    ------
    TrainkitError
        If it has neither ``person`` nor ``attempt``, or no ``scene``.
    """
    require(decisions, ("scene",))
    who = next((name for name in ("person", "attempt") if name in decisions.columns), None)
    if who is None:
        require(decisions, ("person",))
    added = {name: value for name, value in TAKEN.items() if name not in decisions.columns}
    frame = decisions.assign(**added)
    if "aim" in added:
        frame["aim"] = frame["target"]
    seen = frame.groupby(["case_id", "scene"])["fit"].transform("max")
    if "fit_best" not in frame.columns:
        frame["fit_best"] = seen if "fit_max" in added else frame["fit_max"]
    for name in ("person", "attempt"):
        frame[name] = frame[name if name in frame.columns else who]
    if "number" not in frame.columns:
        frame["number"] = frame.groupby("attempt", sort=False).cumcount() + 1
    return frame


def first_attempts(decisions: pd.DataFrame, within: Sequence[str] = ()) -> pd.DataFrame:
    """Of each person the first attempt at each case (at each value of ``within``): a second one knows the answers.

    The first is the one that was begun first (``at``); where that isn't known, or is the same, the one with the lesser id.
    """
    names, frame = ["person", "case_id", *within], decisions.reset_index(drop=True)
    began = frame.groupby("attempt")["at"].transform("min") if "at" in frame.columns else frame["number"] * 0
    sorted_ = frame.assign(_began=began, _id=frame["attempt"].astype(str)).sort_values(["_began", "_id"], kind="stable")
    first = sorted_.groupby(names, dropna=False)["attempt"].transform("first").sort_index()
    return decisions[(frame["attempt"] == first).to_numpy()]


def people(decisions: Any, by: Sequence[str] = ("person",)) -> pd.DataFrame:
    """The scores of each person over all their decisions (:func:`trainkit.scores`), a row each; empty where not measured."""
    from trainkit.scoring.frames import scores

    frame = complete(decisions)
    found = scores(frame, by=list(by))
    for name, figures in RESTS_ON.items():
        if frame[name].isna().all() or (name not in decisions.columns and name != "aim"):
            found[list(figures)] = math.nan
    return found.astype({name: "float64" for name in found.columns if name not in (*by, "decisions")})


def blind_positions(decisions: Any) -> pd.Series:
    """Position of each person had they chosen blindly: of each scene the mean over the replies that anybody chose there."""
    frame = complete(decisions)
    where = ["case_id", "scene"]
    replies = frame.dropna(subset=["position"]).groupby([*where, "option"])["position"].mean()
    blind = replies.groupby(level=where).mean().rename("blind")
    met = frame.join(blind, on=where)
    return people(met.assign(position=met["blind"].where(met["position"].notna())))["position"]


def best_replies(decisions: Any) -> pd.Series:
    """Of each person: the share of their decisions in which they took the reply that the key calls best, 0 … 100.

    People are what a mean is over: the decisions of one person aren't independent.
    """
    frame = complete(decisions).dropna(subset=["fit"])
    return 100 * (frame["fit"] >= frame["fit_best"] - 1e-9).groupby(frame["person"]).mean()


def broken_off(decisions: Any, level: float = 0.95) -> Share:
    """How many people left at least one attempt unfinished; those of one person aren't independent, so people are counted."""
    require(decisions, ("person",))
    if "finished" not in decisions.columns:
        raise TrainkitError(N_("Can’t be said: the table doesn’t say which attempts were finished."))
    whole = decisions.groupby("person")["finished"].min().astype(bool)
    return share(int((~whole).sum()), len(whole), level)


def most_branched(decisions: Any) -> str:
    """The case whose attempts meet the most different scenes for their length."""
    frame = complete(decisions)
    length = frame.groupby(["case_id", "attempt"]).size().groupby("case_id").mean()
    return str((frame.groupby("case_id")["scene"].nunique() / length).sort_index().idxmax())


def by_scene(decisions: Any, level: float = 0.95) -> pd.DataFrame:
    """Of each scene: how many chose the reply that the key calls best, with Wilson's interval, and what most chose.

    Returns
    -------
    pandas.DataFrame
        Columns ``item`` (case/scene), ``people``, ``best`` (share, 0 … 1), ``low``, ``high``, ``fit`` (mean), ``chosen`` (the
        most chosen option), ``chosen_share``, ``chosen_best`` (whether that is a best one); the furthest from the key first.
    """
    import pandas as pd

    first = complete(decisions).drop_duplicates(["person", "case_id", "scene"]).dropna(subset=["fit"])
    first = first.assign(right=first["fit"] >= first["fit_best"] - 1e-9)
    rows = []
    for (case, scene), mine in first.groupby(["case_id", "scene"]):
        best = share(int(mine["right"].sum()), len(mine), level)
        most = mine["option"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
        right = bool(mine.loc[mine["option"] == most.index[0], "right"].mean() >= 0.5)
        chosen = most.index[0], most.iloc[0] / best.n, right
        rows.append((f"{case}/{scene}", best.n, best.value, *best.interval, mine["fit"].mean(), *chosen))
    names = ["item", "people", "best", "low", "high", "fit", "chosen", "chosen_share", "chosen_best"]
    return pd.DataFrame(rows, columns=names).sort_values(["best", "item"]).reset_index(drop=True)


def complete_block(decisions: Any, met_by: float = 0.8) -> pd.DataFrame:
    """Decisions of people who met every scene that so many met, in cases with two such scenes: what components need."""
    first = complete(decisions).drop_duplicates(["person", "case_id", "scene"]).dropna(subset=["fit"])
    everybody = first["person"].nunique()
    kept = first.groupby(["case_id", "scene"])["person"].transform("size") >= met_by * everybody
    first = first[kept]
    scenes = first.groupby("case_id")["scene"].transform("nunique")
    first = first[scenes >= 2]
    wanted = len(first.drop_duplicates(["case_id", "scene"]))
    return first[first.groupby("person")["scene"].transform("size") == wanted]
