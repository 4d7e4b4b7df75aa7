"""How sure are the figures of one attempt? 90 % intervals of position, relative position and fit."""

import math
from collections.abc import Mapping
from functools import lru_cache
from statistics import NormalDist

LEVEL = 0.90

Interval = tuple[float, float] | None


def intervals(figures: Mapping[str, float | None]) -> tuple[Interval, Interval, Interval]:
    """90 % intervals of position, relative position and fit (SCORING section 5, before a case has 30 attempts).

    ``Beta(½ + n·y, ½ + n·(1 − y))`` with the effective number of decisions n, widened to contain the score: conservative,
    for people of every lean and skill (``tests/scoring/test_interval_coverage.py``).
    """
    position, relative, fit = figures["position"], figures["relative"], figures["fit"]
    return (
        None if position is None else _interval(position, -100, 100, figures["n_position"]),
        None if relative is None else _interval(relative, -100, 100, figures["n_relative"]),
        None if fit is None else _interval(fit, 0, 100, figures["n_fit"]),
    )


def _interval(value: float, low: float, high: float, n: float) -> tuple[float, float]:
    """The interval of a value that may lie from low to high, by n decisions."""
    y = min(1.0, max(0.0, (value - low) / (high - low)))
    tail, a, b = (1 - LEVEL) / 2, 0.5 + n * y, 0.5 + n * (1 - y)
    bounds = min(y, beta_quantile(tail, a, b)), max(y, beta_quantile(1 - tail, a, b))
    return low + (high - low) * bounds[0], low + (high - low) * bounds[1]


@lru_cache(maxsize=1_000)
def beta_quantile(p: float, a: float, b: float) -> float:
    """Quantile (p: 0 … 1) of the Beta distribution with shapes over 0, without numpy.

    It agrees with ``scipy.stats.beta.ppf`` to 1e-7 (tested).
    """
    if p <= 0 or p >= 1:
        return float(p >= 1)
    mean = a / (a + b)
    x = mean + NormalDist().inv_cdf(p) * math.sqrt(mean * (1 - mean) / (a + b + 1))  # where a normal one has it
    low, high, x = 0.0, 1.0, x if 0 < x < 1 else mean
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    for _ in range(200):
        off = _beta_cdf(x, a, b) - p
        low, high = (x, high) if off < 0 else (low, x)
        slope = math.exp(scale + (a - 1) * math.log(x) + (b - 1) * math.log1p(-x))
        nearer = x - off / slope if slope > 0 else low
        inside = low < nearer < high
        nearer = nearer if inside else (low + high) / 2
        near = inside and abs(nearer - x) < 1e-6 * min(x, 1 - x)  # what is left to go is the square of this step
        if near or high - low < 1e-14:
            return nearer
        x = nearer
    return x


def _beta_cdf(x: float, a: float, b: float) -> float:
    """Regularised incomplete beta function, by Lentz's continued fraction (DLMF 8.17.22)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta_cdf(1 - x, b, a)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    tiny = 1e-300
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1) or tiny)
    result = d
    for m in range(1, 500):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / (1 + numerator * d or tiny)
            c = 1 + numerator / c or tiny
            result *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return front * result / a
