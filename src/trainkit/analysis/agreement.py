"""How far do raters agree? Intraclass correlations, weighted kappa, Krippendorff's alpha."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from trainkit.analysis.tables import TooFew
from trainkit.errors import TrainkitError, UnknownName

if TYPE_CHECKING:
    import pandas as pd

METRICS = ("nominal", "ordinal", "interval", "ratio")


class Icc(NamedTuple):
    """An intraclass correlation, its interval and F test."""

    value: float
    interval: tuple[float, float]
    f: float
    p: float


def icc(ratings: pd.DataFrame, level: float = 0.95) -> dict[str, Icc]:
    """The six intraclass correlations of Shrout & Fleiss: rows are what was rated, columns the raters, no cell empty.

    Returns
    -------
    dict
        ``icc1``, ``icc2``, ``icc3`` of one rater (other raters each time; a sample of raters; these very raters), and
        ``icc1k`` … ``icc3k`` of the mean of all.

    References
    ----------
    Shrout & Fleiss 1979, *Psychological Bulletin* 86; intervals: McGraw & Wong 1996, *Psychological Methods* 1.
    """
    import numpy as np
    from scipy.stats import f as f_distribution

    values = np.asarray(ratings, dtype=float)
    if np.isnan(values).any():
        raise TrainkitError(
            "an intraclass correlation wants every rating: use krippendorff_alpha where some are missing"
        )
    n, k = values.shape
    if n < 2 or k < 2:
        raise TooFew("raters" if k < 2 else "rated things", min(n, k), 2)
    grand = values.mean()
    rows, columns = values.mean(axis=1), values.mean(axis=0)
    ss_rows, ss_columns = k * ((rows - grand) ** 2).sum(), n * ((columns - grand) ** 2).sum()
    ss_total = ((values - grand) ** 2).sum()
    ms_rows, ms_columns = ss_rows / (n - 1), ss_columns / (k - 1)
    ms_within = (ss_total - ss_rows) / (n * (k - 1))
    ms_error = (ss_total - ss_rows - ss_columns) / ((n - 1) * (k - 1))
    if ms_rows <= 0 or ms_within <= 0:
        raise TrainkitError("all ratings are the same: there is nothing to agree about")
    upper = 1 - (1 - level) / 2

    def by_f(ratio: float, one: float, other: float, size: int) -> tuple[float, float]:
        low, high = ratio / f_distribution.ppf(upper, one, other), ratio * f_distribution.ppf(upper, other, one)
        return (low - 1) / (low + size - 1), (high - 1) / (high + size - 1)

    def of_mean(single: tuple[float, float]) -> tuple[float, float]:
        return single[0] * k / (1 + single[0] * (k - 1)), single[1] * k / (1 + single[1] * (k - 1))

    f1, f3 = ms_rows / ms_within, ms_rows / ms_error if ms_error > 0 else float("inf")
    p1 = float(f_distribution.sf(f1, n - 1, n * (k - 1)))
    p3 = float(f_distribution.sf(f3, n - 1, (n - 1) * (k - 1)))
    one = (ms_rows - ms_within) / (ms_rows + (k - 1) * ms_within)
    three = (ms_rows - ms_error) / (ms_rows + (k - 1) * ms_error)
    two = (ms_rows - ms_error) / (ms_rows + (k - 1) * ms_error + k * (ms_columns - ms_error) / n)
    ci1, ci3 = by_f(f1, n - 1, n * (k - 1), k), by_f(f3, n - 1, (n - 1) * (k - 1), k)
    ci2 = _two_way(two, ms_rows, ms_columns, ms_error, n, k, upper)
    two_k = (ms_rows - ms_error) / (ms_rows + (ms_columns - ms_error) / n)
    return {
        "icc1": Icc(one, ci1, f1, p1),
        "icc2": Icc(two, ci2, f3, p3),
        "icc3": Icc(three, ci3, f3, p3),
        "icc1k": Icc((ms_rows - ms_within) / ms_rows, of_mean(ci1), f1, p1),
        "icc2k": Icc(two_k, of_mean(ci2), f3, p3),
        "icc3k": Icc((ms_rows - ms_error) / ms_rows, of_mean(ci3), f3, p3),
    }


def _two_way(
    value: float, rows: float, columns: float, error: float, n: int, k: int, upper: float
) -> tuple[float, float]:
    """Interval of ICC(2, 1), by Satterthwaite's degrees of freedom (Shrout & Fleiss 1979)."""
    from scipy.stats import f as f_distribution

    ratio = columns / error
    freedom = (
        (k - 1) * (n - 1) * (k * value * ratio + n * (1 + (k - 1) * value) - k * value) ** 2
        / ((n - 1) * k**2 * value**2 * ratio**2 + (n * (1 + (k - 1) * value) - k * value) ** 2)
    )  # fmt: skip
    below, above = f_distribution.ppf(upper, n - 1, freedom), f_distribution.ppf(upper, freedom, n - 1)
    part = k * columns + (k * n - k - n) * error
    low = n * (rows - below * error) / (below * part + n * rows)
    high = n * (above * rows - error) / (part + n * above * rows)
    return low, high


def weighted_kappa(first: Sequence[Any], second: Sequence[Any], order: Sequence[Any], power: int = 2) -> float:
    """Cohen's weighted kappa of two raters: disagreement weighs its distance in ``order``, to the ``power`` (0: unweighted).

    References
    ----------
    Cohen 1968, *Psychological Bulletin* 70; with squared weights it is an intraclass correlation (Fleiss & Cohen 1973).
    """
    if len(first) != len(second) or not len(first):
        raise TrainkitError(f"both raters rate the same things (got {len(first)} and {len(second)} ratings)")
    place = {category: number for number, category in enumerate(order)}
    for one in (*first, *second):
        if one not in place:
            raise UnknownName("category", str(one), [str(category) for category in order])

    def weight(a: Any, b: Any) -> float:
        return float(a != b) if power == 0 else abs(place[a] - place[b]) ** power

    n = len(first)
    seen = sum(weight(a, b) for a, b in zip(first, second, strict=True)) / n
    left, right = Counter(first), Counter(second)
    chance = sum(left[a] * right[b] * weight(a, b) for a in left for b in right) / n**2
    if chance == 0:
        raise TrainkitError("both raters gave one and the same category to all: kappa says nothing there")
    return 1 - seen / chance


def krippendorff_alpha(ratings: pd.DataFrame, metric: str = "nominal") -> float:
    """Krippendorff's alpha: rows are what was rated, columns the raters; empty cells are left out. At most 1, 0 is chance.

    ``metric`` is ``nominal``, ``ordinal``, ``interval`` or ``ratio``; the last three want numbers.

    References
    ----------
    Krippendorff 2011, *Computing Krippendorff's Alpha-Reliability*; Hayes & Krippendorff 2007.
    """
    if metric not in METRICS:
        raise UnknownName("metric", metric, METRICS)
    units = [[value for value in row if value == value and value is not None] for row in ratings.to_numpy(dtype=object)]
    units = [unit for unit in units if len(unit) > 1]
    if not units:
        raise TooFew("things that two have rated", 0, 1)
    total = Counter(value for unit in units for value in unit)
    if len(total) < 2:
        raise TrainkitError("all ratings are the same: there is nothing to agree about")
    n, apart = total.total(), _metric(metric, total)
    pairs: Counter[tuple[Hashable, Hashable]] = Counter()
    for unit in units:
        counts = Counter(unit)
        for a, many in counts.items():
            for b, others in counts.items():
                pairs[a, b] += many * (others - (a == b)) / (len(unit) - 1)
    seen = sum(share * apart(a, b) for (a, b), share in pairs.items()) / n
    chance = sum(total[a] * total[b] * apart(a, b) for a in total for b in total) / (n * (n - 1))
    return float(1 - seen / chance)


def _metric(metric: str, total: Counter) -> Callable[[Any, Any], float]:
    if metric == "nominal":
        return lambda a, b: float(a != b)
    if metric == "interval":
        return lambda a, b: float(a - b) ** 2
    if metric == "ratio":
        return lambda a, b: 0.0 if a == b else (float(a - b) / float(a + b)) ** 2
    order = sorted(total)
    place = {value: number for number, value in enumerate(order)}

    def ordinal(a: Any, b: Any) -> float:
        low, high = sorted((place[a], place[b]))
        between = sum(total[order[n]] for n in range(low, high + 1))
        return (between - (total[a] + total[b]) / 2) ** 2

    return ordinal
