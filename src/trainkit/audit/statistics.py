"""The few statistics an audit needs, for arrays over many people; NaN is not measured."""

import numpy as np

from trainkit.audit.people import Numbers


def auc(high: Numbers, low: Numbers) -> float | None:
    """Probability that one of ``high`` scores above one of ``low``, ties half (Mann–Whitney U / nm)."""
    high, low = high[~np.isnan(high)], np.sort(low[~np.isnan(low)])
    if not len(high) or not len(low):
        return None
    high, low = np.round(high, 9), np.round(low, 9)  # equal scores are equal, however they were added up
    wins = np.searchsorted(low, high, "left") + np.searchsorted(low, high, "right")
    return float(wins.mean() / 2 / len(low))


def covariances(items: Numbers) -> Numbers:
    """Covariances of items (columns) over the people who have both; NaN where nobody, or only one, has."""
    items = items.astype(float)
    has = (~np.isnan(items)).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        centred = np.nan_to_num(items - np.nansum(items, axis=0) / has.sum(axis=0))
        both = has.T @ has
        mean = centred.T @ has / both  # of the row's item, among those who have the column's too
        found = centred.T @ centred / both - mean * mean.T
    found[both < 2] = np.nan
    return found


def alpha(covariance: Numbers) -> float | None:
    """Cronbach's alpha (1951) from covariances; None for under two items, or where two were never seen together.

    A sum over complete people only would be about other people on routed cases; so each pair is taken over those who have
    both, and a pair nobody has is said rather than guessed.
    """
    k = len(covariance)
    if k < 2 or np.isnan(covariance).any() or covariance.sum() <= 1e-12:
        return None
    return float(k / (k - 1) * (1 - np.trace(covariance) / covariance.sum()))


def correlation(x: Numbers, y: Numbers, weights: Numbers | None = None) -> float | None:
    """Pearson's r, weighted; None where either doesn't vary."""
    measured = ~(np.isnan(x) | np.isnan(y))
    x, y = x[measured], y[measured]
    w = np.ones(len(x)) if weights is None else weights[measured]
    if len(x) < 2 or w.sum() <= 0:
        return None
    x, y = x - np.average(x, weights=w), y - np.average(y, weights=w)
    spread = float((w * x * x).sum() * (w * y * y).sum())
    return float((w * x * y).sum() / np.sqrt(spread)) if spread > 1e-18 else None


def slope(x: Numbers, y: Numbers) -> float | None:
    """Least squares: units of y a unit of x."""
    measured = ~np.isnan(y)
    x, y = x[measured], y[measured]
    if len(x) < 2 or np.ptp(x) == 0:
        return None
    x = x - x.mean()
    return float((x * y).sum() / (x * x).sum())


def mean(x: Numbers) -> float | None:
    """Mean of what is measured."""
    x = x[~np.isnan(x)]
    return float(x.mean()) if len(x) else None
