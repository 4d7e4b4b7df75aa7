"""How sure is a key of experts? Positions, fits and everybody's scores, had other experts of the kind been asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from trainkit.analysis.keys import KEY, WHERE, checked_key, conditions, in_every_condition, rekeyed
from trainkit.analysis.tables import TooFew, require
from trainkit.errors import TrainkitError
from trainkit.scoring.formulas import FORMULAS, Sums, fit_terms, position_terms

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

FEWEST = 3  # experts
MEASURES = ("position", "fit")
_SAME = 9  # decimals: equal scores that were summed in another order stay equal


class Panel(NamedTuple):
    """What a panel of experts says, and how sure that is.

    ``options``: the key with ``experts`` (how many rated the option), and of position and fit ``…_error`` (SD over rounds),
    ``…_low``, ``…_high``. ``people``: ``person``, ``position`` and ``fit`` by that key with ``…_low``, ``…_high``, and
    ``fit_rank`` (1 the best) with its range. ``ranks``: of position and fit, how alike this panel and a resampled one rank
    people: Spearman's correlation, its ``median``, ``low``, ``high``.
    """

    options: pd.DataFrame
    people: pd.DataFrame
    ranks: pd.DataFrame
    experts: int
    rounds: int
    level: float


def expert_key(ratings: Any) -> pd.DataFrame:
    """The mean of a panel's ratings as a key, with ``experts`` who rated each option.

    Parameters
    ----------
    ratings : pandas.DataFrame
        ``expert``, ``case``, ``scene``, ``option``, ``condition`` (empty: any), ``position`` (−1 … +1; empty: off the axis),
        ``fit`` (0 … 1). Where half and more of the experts leave the position empty, the option is off the axis.

    Raises
    ------
    TrainkitError
        If a column is missing, a value is out of range or no number, or an expert rated something twice: with the row.
    """
    table = _checked(ratings)
    grouped = table.groupby([*WHERE, "option"])
    key = grouped.agg(
        position=("position", "mean"), fit=("fit", "mean"), experts=("expert", "nunique"), placed=("position", "count")
    ).reset_index()
    key["position"] = key["position"].where(2 * key["placed"] > key["experts"])
    return key[[*KEY, "experts"]]


def _checked(ratings: Any) -> pd.DataFrame:
    import pandas as pd

    require(ratings, ("expert", *(name for name in KEY if name != "condition")))
    table = pd.DataFrame(ratings).reset_index(drop=True)
    if table["expert"].isna().any():
        raise TrainkitError(f"row {int(table['expert'].isna().idxmax()) + 1} of the ratings names no expert")
    for _, mine in table.groupby("expert", sort=False):
        try:
            checked_key(mine)
        except TrainkitError as error:
            raise TrainkitError(f"the ratings of {mine['expert'].iloc[0]}: {error}") from error
    table["condition"] = conditions(table)
    for name in MEASURES:
        table[name] = pd.to_numeric(table[name])
    if table["fit"].isna().any():
        raise TrainkitError(f"row {int(table['fit'].isna().idxmax()) + 1} of the ratings has no fit")
    return table


def resampled(
    ratings: Any, decisions: Any, rounds: int = 1000, level: float = 0.9, seed: int = 0, by: str = "person"
) -> Panel:
    """Score everybody by the panel's mean key, and by those of panels drawn from it.

    Each round draws one expert fewer than there are, with replacement: so the variance of a mean over experts is right for
    panels of any size, where drawing as many makes it too small by 1/n (Rao & Wu 1988). An option whose experts weren't drawn
    keeps the mean of all. Percentiles are expanded to what Student's t asks for with so few (Hesterberg 2015); under five
    experts they are the lowest and highest that came up. What is on or off the axis stays as the whole panel has it.

    Parameters
    ----------
    ratings : pandas.DataFrame
        See :func:`expert_key`.
    decisions : pandas.DataFrame
        Rows of an export.

    Raises
    ------
    TooFew, TrainkitError
        Under three experts; if the panel hasn't rated an option that somebody chose.

    References
    ----------
    Efron & Tibshirani 1993, *An Introduction to the Bootstrap*; Rao & Wu 1988, *JASA* 83; Hesterberg 2015, *The American
    Statistician* 69.
    """
    import numpy as np
    import pandas as pd

    table = _checked(ratings)
    names = sorted(table["expert"].unique(), key=str)
    if len(names) < FEWEST:
        raise TooFew("experts", len(names), FEWEST)
    key = expert_key(table)
    frame = rekeyed(decisions, key)
    index = pd.MultiIndex.from_frame(key[[*WHERE, "option"]])
    place = index.get_indexer(pd.MultiIndex.from_frame(table[[*WHERE, "option"]]))
    expert = table["expert"].map({name: number for number, name in enumerate(names)}).to_numpy()
    dice = np.random.default_rng(seed)
    counts = dice.multinomial(len(names) - 1, np.full(len(names), 1 / len(names)), size=rounds).astype(float)
    drawn = {}
    for name in MEASURES:
        rated = np.full((len(names), len(key)), np.nan)
        rated[expert, place] = table[name]
        if name == "position":
            rated[:, key["position"].isna().to_numpy()] = np.nan
        there = ~np.isnan(rated)
        n = counts @ there
        total = counts @ np.where(there, rated, 0.0)
        drawn[name] = np.where(n > 0, total / np.where(n > 0, n, 1.0), key[name].to_numpy(dtype=float))
    tails = _expanded(len(names), level)
    options = key.copy()
    for name in MEASURES:
        options[f"{name}_error"] = drawn[name].std(axis=0)
        options[f"{name}_low"], options[f"{name}_high"] = np.quantile(drawn[name], tails, axis=0)
    spread = in_every_condition(key)
    origin = spread["row"].to_numpy()
    every, kept = _scores(frame, spread, {name: values[:, origin] for name, values in drawn.items()}, by)
    people = pd.DataFrame({by: kept})
    whole, _ = _scores(frame, spread, {name: spread[name].to_numpy(dtype=float)[None] for name in MEASURES}, by)
    ranks = []
    for name in MEASURES:
        people[name] = whole[name][0]
        people[f"{name}_low"], people[f"{name}_high"] = _quantiles(every[name], tails)
        ranks.append((name, *_rank_agreement(whole[name][0], every[name], tails)))
    order = _ranks(-every["fit"])
    people["fit_rank"] = _ranks(-whole["fit"])[0]
    people["fit_rank_low"], people["fit_rank_high"] = _quantiles(order, tails)
    found = pd.DataFrame(ranks, columns=["measure", "median", "low", "high"])
    return Panel(options, people, found, len(names), rounds, level)


def _expanded(experts: int, level: float) -> tuple[float, float]:
    """The percentiles of rounds that make an interval of this level: Φ(∓t), with t of Student's distribution for so many."""
    from scipy.stats import norm, t

    low = float(norm.cdf(t.ppf((1 - level) / 2, experts - 1)))
    return low, 1 - low


def _scores(
    frame: pd.DataFrame, key: pd.DataFrame, drawn: dict[str, np.ndarray], by: str
) -> tuple[dict[str, np.ndarray], list[Any]]:
    """Position and fit of everybody in each round, by the formulas of :mod:`trainkit.scoring.formulas`; nan: not measured."""
    import numpy as np
    import pandas as pd

    people = sorted(frame[by].unique(), key=str)
    who = frame[by].map({name: number for number, name in enumerate(people)}).to_numpy()
    order = np.argsort(who, kind="stable")
    frame, who = frame.iloc[order], who[order]
    starts = np.flatnonzero(np.diff(who, prepend=-1))
    scenes = key.groupby(list(WHERE), sort=False).ngroup().to_numpy()
    chosen = _places(frame, key)
    scene_of = scenes[chosen]
    weight = frame["weight"].to_numpy(dtype=float) if "weight" in frame else np.ones(len(frame))
    axis = frame["on_axis"].astype(bool).to_numpy() if "on_axis" in frame else np.ones(len(frame), dtype=bool)
    members = [np.flatnonzero(scenes == number) for number in range(int(scenes.max()) + 1)]
    rounds = len(drawn["fit"])
    result = {name: np.empty((rounds, len(people))) for name in MEASURES}
    step = max(1, 4_000_000 // max(1, len(frame)))
    for begin in range(0, rounds, step):
        part = {name: values[begin : begin + step] for name, values in drawn.items()}
        sums = {name: np.zeros((len(part["fit"]), len(people))) for name in Sums._fields}
        on_scenes = {name: _bounds(values, members) for name, values in part.items()}
        for name, terms_of in (("position", position_terms), ("fit", fit_terms)):
            value = part[name][:, chosen]
            low, high, mean = (bound[:, scene_of] for bound in on_scenes[name])
            measured = ~np.isnan(value) & (axis if name == "position" else True)
            terms = terms_of(weight, value, low, high, mean)
            terms |= {"placed" if name == "position" else "keyed": np.ones_like(value)}
            for term, values in terms.items():
                full = np.where(measured, np.broadcast_to(values, value.shape), 0.0)
                sums[term] = np.add.reduceat(full, starts, axis=1)
        n = np.diff([*starts, len(frame)]).astype(float)
        sums["n"] = np.broadcast_to(n, sums["n"].shape)
        sums["axis"] = np.broadcast_to(np.add.reduceat(axis.astype(float), starts), sums["axis"].shape)
        told = Sums(**sums)
        with np.errstate(divide="ignore", invalid="ignore"):
            for name in MEASURES:
                formula, measured_if = FORMULAS[name]
                result[name][begin : begin + step] = np.where(measured_if(told), formula(told), np.nan)
    return result, [*pd.Index(people)]


def _places(frame: pd.DataFrame, key: pd.DataFrame) -> np.ndarray:
    """Of each decision: the row of its option in the key, of its condition or of any."""
    import numpy as np
    import pandas as pd

    index = pd.MultiIndex.from_frame(key[[*WHERE, "option"]])
    asked = pd.DataFrame({"case": frame["case_id"].astype(str), "scene": frame["scene"]})
    asked["condition"], asked["option"] = frame["condition"], frame["option"]
    exact = index.get_indexer(pd.MultiIndex.from_frame(asked))
    anywhere = index.get_indexer(pd.MultiIndex.from_frame(asked.assign(condition="")))
    return np.where(exact >= 0, exact, anywhere)


def _bounds(values: np.ndarray, members: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lowest, highest and mean value of each scene's options, in each round; nan where none has one."""
    import warnings

    import numpy as np

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a scene whose options are all off the axis
        parts = [
            (np.nanmin(mine, axis=1), np.nanmax(mine, axis=1), np.nanmean(mine, axis=1))
            for mine in (values[:, numbers] for numbers in members)
        ]
    low, high, mean = (np.stack(one, axis=1) for one in zip(*parts, strict=True))
    return low, high, mean


def _quantiles(values: np.ndarray, tails: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    import numpy as np

    empty = np.isnan(values).all(axis=0)
    safe = np.where(empty, 0.0, values)
    low, high = np.nanquantile(safe, tails, axis=0)
    return np.where(empty, np.nan, low), np.where(empty, np.nan, high)


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks in each round, 1 the lowest; nan stays nan."""
    from scipy.stats import rankdata

    return rankdata(values.round(_SAME), axis=1, nan_policy="omit")


def _rank_agreement(whole: np.ndarray, every: np.ndarray, tails: tuple[float, float]) -> tuple[float, float, float]:
    """Median and bounds of Spearman's correlation between the panel's scores and those of each round."""
    import numpy as np
    from scipy.stats import rankdata

    there = ~np.isnan(whole) & ~np.isnan(every).any(axis=0)
    nothing = float("nan")
    if there.sum() < FEWEST or np.ptp(whole[there]) == 0:
        return nothing, nothing, nothing
    one = rankdata(whole[there].round(_SAME))
    others = rankdata(every[:, there].round(_SAME), axis=1)
    one, others = one - one.mean(), others - others.mean(axis=1, keepdims=True)
    spread = np.sqrt((others**2).sum(axis=1) * (one**2).sum())
    found = (others @ one)[spread > 0] / spread[spread > 0]
    if not len(found):
        return nothing, nothing, nothing
    low, high = np.quantile(found, tails)
    return float(np.median(found)), float(low), float(high)
