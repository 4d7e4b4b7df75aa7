"""Does one case decide who does well? Each case's weight in a person's total, and what the total is without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainkit.analysis.tables import FEWEST, TooFew, correlation, require, wide

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def _case_means(decisions: Any, value: str) -> pd.DataFrame:
    """A row a person who has been in every case, a column a case: the mean value there."""
    require(decisions, ("person", "case_id", value))
    first = decisions.drop_duplicates([name for name in ("person", "case_id", "scene") if name in decisions.columns])
    means = first.groupby(["person", "case_id"], as_index=False)[value].mean()
    table = wide(means, value, item=("case_id",))
    if table.shape[1] < 2:
        raise TooFew("cases", table.shape[1], 2)
    complete = table.dropna()
    if len(complete) < FEWEST:
        raise TooFew("people who have been in every case", len(complete), FEWEST)
    return complete


def dominance(
    decisions: Any, value: str = "fit", level: float = 0.9, rounds: int = 1000, seed: int = 0
) -> pd.DataFrame:
    """Of each case: how much of what people differ by in their total is its, and who they are without it.

    A total is the mean over cases of the mean value in a case, for people who have been in all of them.

    Parameters
    ----------
    decisions : pandas.DataFrame
        Rows of an export; of a scene that somebody met twice the first counts.
    level, rounds, seed
        Of the interval of the share: a percentile bootstrap over people.

    Returns
    -------
    pandas.DataFrame
        A row a case, the weightiest first: ``case_id``, ``people``, ``mean``, ``sd``; ``share`` of the variance of the total
        with ``low`` and ``high`` (``cov(x_c, Σx) / var(Σx)``: shares add up to 1, equal cases have 1/k each, and one below 0
        runs against the others); ``case_rest``, its correlation with the mean of the other cases; ``rank_without``,
        Spearman's correlation of totals with and without it; ``leave_top``, how many of the best quarter are not in it
        without this case (0 … 1). Empty where everybody has the same.

    Raises
    ------
    TooFew
        Under two cases, or three people who have been in all.

    References
    ----------
    Shares are effective weights: Wang & Stanley 1970, *Review of Educational Research* 40; Kane & Case 2004, *Applied
    Measurement in Education* 17.
    """
    import numpy as np
    import pandas as pd

    table = _case_means(decisions, value)
    values = table.to_numpy(dtype=float)
    people, cases = values.shape
    dice = np.random.default_rng(seed)
    drawn = np.array([_shares(values[dice.integers(0, people, people)]) for _ in range(rounds)])
    with_values = drawn[~np.isnan(drawn).any(axis=1)]
    tails = (1 - level) / 2, (1 + level) / 2
    bounds = np.quantile(with_values, tails, axis=0) if len(with_values) else np.full((2, cases), np.nan)
    total, shares = table.mean(axis=1), _shares(values)
    rows = []
    for number, name in enumerate(table.columns):
        rest = table.drop(columns=name).mean(axis=1)
        ranks = pd.DataFrame({"with": total.rank(), "without": rest.rank()})
        top, without = (set(one.nlargest(max(1, people // 4), keep="all").index) for one in (total, rest))
        rows.append(
            (name, people, table[name].mean(), table[name].std(), shares[number], bounds[0, number], bounds[1, number],
             correlation(pd.DataFrame({"case": table[name], "rest": rest})), correlation(ranks),
             len(top - without) / len(top))
        )  # fmt: skip
    names = ["case_id", "people", "mean", "sd", "share", "low", "high", "case_rest", "rank_without", "leave_top"]
    return pd.DataFrame(rows, columns=names).sort_values("share", ascending=False, kind="stable").reset_index(drop=True)


def _shares(values: np.ndarray) -> np.ndarray:
    """Of each column: its covariance with the sum over the variance of the sum; nan where that is 0."""
    import numpy as np

    apart = values - values.mean(axis=0)
    total = apart.sum(axis=1)
    whole = float(total @ total)
    return total @ apart / whole if whole > 1e-18 else np.full(values.shape[1], np.nan)


def without_a_case(decisions: Any, value: str = "fit") -> pd.DataFrame:
    """Of each person: the total, its range when each case in turn is left out, and the case that makes the most.

    Returns
    -------
    pandas.DataFrame
        ``person``, ``total``, ``low`` and ``high`` (the lowest and highest total without one case), ``case_id`` whose leaving
        moves the total most, and ``shift`` (the total without it, less the total); who is moved most comes first.

    References
    ----------
    Leaving one out: Quenouille 1956; Efron & Tibshirani 1993, chapter 11.
    """
    import pandas as pd

    table = _case_means(decisions, value)
    total = table.mean(axis=1)
    left = pd.DataFrame({name: table.drop(columns=name).mean(axis=1) for name in table.columns})
    shifts = left.sub(total, axis=0)
    most = shifts.abs().idxmax(axis=1)
    frame = pd.DataFrame(
        {
            "person": table.index,
            "total": total.to_numpy(),
            "low": left.min(axis=1).to_numpy(),
            "high": left.max(axis=1).to_numpy(),
            "case_id": most.to_numpy(),
            "shift": [shifts.loc[person, name] for person, name in most.items()],
        }
    )
    order = frame["shift"].abs().sort_values(ascending=False, kind="stable").index
    return frame.loc[order].reset_index(drop=True)
