"""Do two groups differ, has something changed? Differences with their intervals, and when they are too small to matter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from trainkit.analysis.tables import FEWEST, Alike, TooFew
from trainkit.errors import TrainkitError


class Difference(NamedTuple):
    """A difference of means: ``second − first``, its interval, test and standardised size (Hedges' g)."""

    value: float
    interval: tuple[float, float]
    t: float
    df: float
    p: float
    g: float
    g_interval: tuple[float, float]
    n: tuple[int, int]
    level: float

    def turned(self) -> Difference:
        """The same from the other side: ``first − second``."""
        (low, high), (least, most) = self.interval, self.g_interval
        return Difference(
            -self.value, (-high, -low), -self.t, self.df, self.p, -self.g, (-most, -least), self.n[::-1], self.level
        )


class Equivalence(NamedTuple):
    """Two one-sided tests: ``p`` is the larger of both; equivalent where it is under 1 − level."""

    equivalent: bool
    p: float
    interval: tuple[float, float]  # of 1 − 2α, which lies within the margin where both are equivalent
    margin: float


def _clean(values: Sequence[float] | Any, name: str) -> Any:
    import numpy as np

    array = np.asarray(values, dtype=float)
    array = array[~np.isnan(array)]
    if not np.isfinite(array).all():
        raise TrainkitError(f"the {name} group has an infinite value")
    if len(array) < FEWEST:
        raise TooFew(f"people in the {name} group", len(array), FEWEST)
    return array


def compare(first: Sequence[float], second: Sequence[float], level: float = 0.95) -> Difference:
    """Two groups of different people: Welch's test and interval, Hedges' g.

    Parameters
    ----------
    first, second
        Values of people, empty ones are left out; at least three each.

    Returns
    -------
    Difference
        g is (mean second − mean first) over the pooled SD, corrected for small samples exactly; its interval is that of a
        noncentral t.

    Raises
    ------
    TooFew, TrainkitError
        Under three people in a group; where nobody differs from anybody.

    References
    ----------
    Welch 1947; Hedges 1981, *Journal of Educational Statistics* 6; interval of g: Steiger & Fouladi 1997.
    """
    from scipy import stats

    a, b = _clean(first, "first"), _clean(second, "second")
    n, m = len(a), len(b)
    spread, other = a.var(ddof=1) / n, b.var(ddof=1) / m
    if spread + other <= 0:
        raise Alike("in neither group does anybody differ from the others: a difference has no interval")
    value, error = float(b.mean() - a.mean()), math.sqrt(spread + other)
    df = (spread + other) ** 2 / (spread**2 / (n - 1) + other**2 / (m - 1))
    t = value / error
    half = stats.t.ppf((1 + level) / 2, df) * error
    pooled = math.sqrt(((n - 1) * a.var(ddof=1) + (m - 1) * b.var(ddof=1)) / (n + m - 2))
    size = math.sqrt(n * m / (n + m))
    g, g_interval = _hedges(value / pooled, size, n + m - 2, level)
    return Difference(
        value,
        (value - half, value + half),
        t,
        float(df),
        float(2 * stats.t.sf(abs(t), df)),
        g,
        g_interval,
        (n, m),
        level,
    )


def before_after(before: Sequence[float], after: Sequence[float], level: float = 0.95) -> Difference:
    """The same people before and after: paired t, and Hedges' g of the differences (g_z, over the SD of the differences).

    People for whom one of both is empty are left out; the interval of g is that of a noncentral t.
    """
    import numpy as np
    from scipy import stats

    one, two = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    if one.shape != two.shape:
        raise TrainkitError(
            f"before and after are of the same people, in the same order (got {one.size} and {two.size})"
        )
    change = _clean((two - one)[~(np.isnan(one) | np.isnan(two))], "paired")
    n, sd = len(change), float(change.std(ddof=1))
    if sd <= 0:
        raise Alike("everybody changed by the same: a difference has no interval")
    value, error = float(change.mean()), sd / math.sqrt(n)
    half = stats.t.ppf((1 + level) / 2, n - 1) * error
    g, g_interval = _hedges(value / sd, math.sqrt(n), n - 1, level)
    p = float(2 * stats.t.sf(abs(value / error), n - 1))
    return Difference(value, (value - half, value + half), value / error, n - 1, p, g, g_interval, (n, n), level)


def _hedges(d: float, size: float, df: int, level: float) -> tuple[float, tuple[float, float]]:
    """Hedges' g of Cohen's d, with the interval by the noncentral t whose quantiles d is."""
    from scipy.optimize import brentq
    from scipy.stats import nct

    exact = math.exp(math.lgamma(df / 2) - math.lgamma((df - 1) / 2)) / math.sqrt(df / 2)
    t, tail = d * size, (1 - level) / 2

    def off(centre: float, p: float) -> float:
        seen = float(nct.cdf(t, df, centre))
        return (float(centre < t) if math.isnan(seen) else seen) - p  # scipy gives up far from the centre

    spread = 3 * math.sqrt(1 + t * t / (2 * df)) + 1
    low, high = (brentq(off, t - spread, t + spread, args=(p,), xtol=1e-9) for p in (1 - tail, tail))
    return d * exact, (low / size * exact, high / size * exact)


def equivalent(first: Sequence[float], second: Sequence[float], margin: float, level: float = 0.95) -> Equivalence:
    """Are two groups alike, up to a margin that would matter? Two one-sided Welch tests.

    ``margin`` is in the units of the values and is chosen before one looks.

    References
    ----------
    Schuirmann 1987; Lakens 2017, *Social Psychological and Personality Science* 8.
    """
    from scipy import stats

    if not margin > 0:
        raise TrainkitError(f"a margin is over 0 (got {margin})")
    found = compare(first, second, level)
    error = (
        abs(found.value / found.t)
        if found.t
        else (found.interval[1] - found.value) / stats.t.ppf((1 + level) / 2, found.df)
    )
    lower, upper = (
        stats.t.sf((found.value + margin) / error, found.df),
        stats.t.cdf((found.value - margin) / error, found.df),
    )
    p, half = float(max(lower, upper)), stats.t.ppf(level, found.df) * error
    return Equivalence(p < 1 - level, p, (found.value - half, found.value + half), margin)


def adjusted(frame: Any, outcome: str, group: str, covariate: str, level: float = 0.95) -> Difference:
    """Groups after a training, adjusted for where people began: ANCOVA with robust errors (HC3).

    Parameters
    ----------
    frame : pandas.DataFrame
        A row a person; ``group`` has two values, the first in their order is the one compared with.

    Returns
    -------
    Difference
        Of the second group against the first at the same ``covariate``; g over the residual SD, without an interval (nan).

    References
    ----------
    HC3: MacKinnon & White 1985; for samples of this size: Long & Ervin 2000, *The American Statistician* 54.
    """
    import numpy as np
    from statsmodels.regression.linear_model import OLS

    rows = frame[[outcome, group, covariate]].dropna()
    groups = sorted(rows[group].unique(), key=str)
    if len(groups) != 2:
        raise TrainkitError(f"{group} has two groups (got {len(groups)}: {', '.join(map(str, groups[:5]))})")
    counts = [int((rows[group] == one).sum()) for one in groups]
    if min(counts) < FEWEST:
        raise TooFew(f"people in the group {groups[counts.index(min(counts))]}", min(counts), FEWEST)
    x = np.column_stack([np.ones(len(rows)), rows[group] == groups[1], rows[covariate].to_numpy(dtype=float)]).astype(
        float
    )
    if np.linalg.matrix_rank(x) < 3:
        raise Alike(f"{covariate} says no more than the group, or is the same for all: nothing can be adjusted")
    fitted = OLS(rows[outcome].to_numpy(dtype=float), x).fit(cov_type="HC3", use_t=True)
    if not fitted.bse[1] > 0:
        raise Alike("nobody differs from what group and covariate say: a difference has no interval")
    low, high = fitted.conf_int(1 - level)[1]
    value, none = float(fitted.params[1]), (float("nan"), float("nan"))
    g = value / math.sqrt(fitted.scale)
    return Difference(
        value, (float(low), float(high)), float(fitted.tvalues[1]), float(fitted.df_resid), float(fitted.pvalues[1]), g, none,
        (counts[0], counts[1]), level,
    )  # fmt: skip


def spread_left(found: Difference) -> float:
    """Of :func:`adjusted`: the SD within groups that is left among people with the same covariate."""
    return abs(found.value / found.g)


def people_for(difference: float, sd: float, power: float = 0.8, level: float = 0.95) -> int:
    """How many people each of two groups takes for a difference to be shown so often, if there is one (t test, two-sided).

    Parameters
    ----------
    difference, sd : float
        In the units of the values; ``sd`` is that within groups.
    power : float
        How often it is shown, 0 … 1.

    References
    ----------
    Cohen 1988, *Statistical Power Analysis*, chapter 2, by the noncentral t.
    """
    from scipy.stats import nct, t

    if not (difference and sd > 0):
        raise TrainkitError(f"a difference and an SD are needed that aren't 0 (got {difference} and {sd})")
    size, n = abs(difference) / sd, 2

    def shown(n: int) -> float:
        edge = t.ppf((1 + level) / 2, 2 * n - 2)
        return float(nct.sf(edge, 2 * n - 2, size * math.sqrt(n / 2)))

    while shown(n) < power:
        n = n + 1 if n < 1000 else int(n * 1.01)
        if n > 10_000_000:
            raise TrainkitError(f"a difference of {difference} takes more people than there will ever be")
    return n
