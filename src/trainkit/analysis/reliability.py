"""How reliable is a mean over items? Alpha and omega with their intervals, for complete and for routed responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from trainkit.analysis.tables import FEWEST, Alike, TooFew, correlation
from trainkit.errors import TrainkitError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


class Reliability(NamedTuple):
    """A coefficient with its interval, and what it rests on."""

    value: float
    interval: tuple[float, float]
    level: float
    people: int
    items: int


class NeverTogether(TrainkitError):
    """Two items that nobody met both of: their covariance can't be had, so neither can alpha."""

    def __init__(self, pairs: list[tuple[str, str]]):
        self.pairs = pairs
        shown = "; ".join(f"{a} and {b}" for a, b in pairs[:3]) + (
            f" and {len(pairs) - 3} pairs more" if len(pairs) > 3 else ""
        )
        super().__init__(f"nobody met both {shown}: alpha can't be had; leave items out, or use an IRT reliability")


def _covariances(items: pd.DataFrame) -> np.ndarray:
    """Pairwise covariances; raises TooFew, NeverTogether, or TrainkitError where an item is the same for all."""
    import numpy as np

    if items.shape[1] < 2:
        raise TooFew("items", items.shape[1], 2)
    if len(items) < FEWEST:
        raise TooFew("people", len(items), FEWEST)
    seen = items.notna().to_numpy(dtype=float)
    together = seen.T @ seen
    names = list(map(str, items.columns))
    apart = [(names[i], names[j]) for i in range(len(names)) for j in range(i) if together[i, j] < 2]
    if apart:
        raise NeverTogether(apart)
    constant = [name for name, sd in zip(names, items.std(ddof=1), strict=True) if not sd > 0]
    if constant:
        raise Alike(f"everybody has the same value in {', '.join(constant)}: leave that out, it tells nobody apart")
    return np.asarray(items.cov(min_periods=2), dtype=float)


def alpha(items: pd.DataFrame, level: float = 0.95) -> Reliability:
    """Cronbach's alpha of the mean over items (columns), people as rows, with Feldt's interval.

    Parameters
    ----------
    items : pandas.DataFrame
        Values, a row a person; empty cells are allowed (covariances are pairwise then, and the interval goes by the mean
        number of people who met an item).
    level : float
        Of the interval, 0 … 1.

    Returns
    -------
    Reliability
        ``value`` at most 1, and negative where items run against each other.

    Raises
    ------
    TooFew, NeverTogether, TrainkitError
        Under 2 items or 3 people; where nobody met two of the items; where an item is the same for all.

    References
    ----------
    Cronbach 1951; interval: Feldt, Woodruff & Salih 1987, *Applied Psychological Measurement* 11, exact for compound
    symmetry.
    """
    from scipy.stats import f

    covariance = _covariances(items)
    k = len(covariance)
    value = k / (k - 1) * (1 - covariance.trace() / covariance.sum())
    people = len(items) if not items.isna().to_numpy().any() else round(float(items.notna().sum().mean()))
    freedom = people - 1, (people - 1) * (k - 1)
    tail = (1 - level) / 2
    low, high = (1 - (1 - value) * f.ppf(p, *freedom) for p in (1 - tail, tail))
    return Reliability(float(value), (float(low), float(high)), level, people, k)


def alpha_if_dropped(items: pd.DataFrame) -> pd.DataFrame:
    """Of each item: people, mean, SD, correlation with the mean of the rest, and alpha without it.

    The item-rest correlation is corrected for overlap (the item isn't part of the rest); empty where an item is the same for
    all or where alpha without it can't be had.
    """
    import pandas as pd

    rows = []
    for name in items.columns:
        rest = items.drop(columns=name)
        both = pd.concat([items[name], rest.mean(axis=1)], axis=1).dropna()
        try:
            without = alpha(rest).value
        except TrainkitError:
            without = float("nan")
        people = int(items[name].notna().sum())
        rows.append((str(name), people, items[name].mean(), items[name].std(), correlation(both), without))
    return pd.DataFrame(rows, columns=["item", "people", "mean", "sd", "item_rest", "alpha_without"])


def omega(items: pd.DataFrame, rounds: int = 500) -> float:
    """McDonald's omega (total) of one common factor by unweighted least squares (principal axes), 0 … 1.

    Needs complete responses: people with an empty cell are left out. ``(Σλ)² / ((Σλ)² + Σψ)`` on covariances.

    References
    ----------
    McDonald 1999, *Test Theory*, chapter 6.
    """
    import numpy as np

    complete = items.dropna()
    covariance = _covariances(complete)
    sd = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(sd, sd)
    if len(correlation) < 3:
        raise TooFew("items", len(correlation), 3)
    shared = 1 - 1 / np.diag(np.linalg.pinv(correlation))  # squared multiple correlations to begin with
    for _ in range(rounds):
        reduced = correlation.copy()
        np.fill_diagonal(reduced, shared)
        values, vectors = np.linalg.eigh(reduced)
        loadings = vectors[:, -1] * np.sqrt(max(values[-1], 0.0))
        before, shared = shared, np.clip(loadings**2, 0.0, 0.999999)
        if np.abs(shared - before).max() < 1e-10:
            break
    loadings = loadings * sd
    unique = (1 - shared) * sd**2
    return float(loadings.sum() ** 2 / (loadings.sum() ** 2 + unique.sum()))


def omega_resampled(items: pd.DataFrame, level: float = 0.95, rounds: int = 200, seed: int = 0) -> Reliability:
    """Omega with the interval of a percentile bootstrap over people; parameters and errors as of :func:`omega`.

    References
    ----------
    Kelley & Pornprasertmanit 2016, *Psychological Methods* 21, who find the bootstrap the soundest of its intervals.
    """
    import numpy as np

    complete = items.dropna()
    value, dice, drawn = omega(complete), np.random.default_rng(seed), []
    for _ in range(rounds):
        try:
            drawn.append(omega(complete.iloc[dice.integers(0, len(complete), len(complete))], rounds=100))
        except TrainkitError:
            continue  # in such a draw a scene was the same for all
    if len(drawn) < rounds / 2:
        raise TooFew("people", len(complete), 2 * len(complete))
    low, high = np.quantile(drawn, ((1 - level) / 2, (1 + level) / 2))
    return Reliability(value, (float(low), float(high)), level, len(complete), items.shape[1])


def needed_items(now: Reliability | float, wanted: float = 0.7, items: int | None = None) -> Any:
    """How many items alike would give a reliability, by Spearman–Brown (1910): the whole number, at least 1.

    ``now`` is a reliability over ``items`` items (taken from a :class:`Reliability` itself).

    Raises
    ------
    TrainkitError
        If the reliability is not over 0, or what is wanted is not between 0 and 1.
    """
    import math

    value, k = (now.value, now.items) if isinstance(now, Reliability) else (float(now), int(items or 1))
    if not 0 < wanted < 1:
        raise TrainkitError(f"a reliability that can be wanted is between 0 and 1 (got {wanted})")
    if value <= 0:
        raise TrainkitError(f"with a reliability of {value:.2f} no number of items would do")
    if value >= 1:
        return 1
    return max(1, math.ceil(k * wanted * (1 - value) / (value * (1 - wanted)) - 1e-9))
