"""How sure are the figures of one attempt? 90 % intervals of position, relative position and fit."""

import math
from collections.abc import Mapping
from functools import lru_cache
from statistics import NormalDist

LEVEL = 0.90
_NORMAL = NormalDist()

Interval = tuple[float, float] | None


def intervals(figures: Mapping[str, float | None]) -> tuple[Interval, Interval, Interval]:
    """90 % intervals of position, relative position and fit (SCORING section 5, before a case has 30 attempts).

    ``Beta(½ + n·y, ½ + n·(1 − y))`` with the effective number of decisions n, widened to contain the score: conservative.
    From n = 5 on, position uses the interval of the relative position, mapped onto the offered range: half the width.
    """

    def beta(y: float, n: float) -> tuple[float, float]:
        tail = (1 - LEVEL) / 2
        a, b = 0.5 + n * y, 0.5 + n * (1 - y)
        return min(y, beta_quantile(tail, a, b)), max(y, beta_quantile(1 - tail, a, b))

    def scaled(bounds: tuple[float, float], low: float, high: float) -> tuple[float, float]:
        return low + (high - low) * bounds[0], low + (high - low) * bounds[1]

    position, relative, fit = figures["position"], figures["relative"], figures["fit"]
    of_relative = None if relative is None else beta(_share(relative, -100, 100), figures["n_relative"])
    if position is None:
        of_position = None
    elif figures["n_position"] >= 5 - 1e-9 and of_relative:
        of_position = scaled(of_relative, figures["offered_low"], figures["offered_high"])
        of_position = (min(of_position[0], position), max(of_position[1], position))
    else:
        of_position = scaled(beta(_share(position, -100, 100), figures["n_position"]), -100, 100)
    of_fit = None if fit is None else scaled(beta(_share(fit, 0, 100), figures["n_fit"]), 0, 100)
    return of_position, None if of_relative is None else scaled(of_relative, -100, 100), of_fit


def _share(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


@lru_cache(maxsize=5_000)
def beta_quantile(p: float, a: float, b: float) -> float:
    """Quantile (p: 0 … 1) of the Beta distribution with shapes over 0, without numpy.

    It agrees with ``scipy.stats.beta.ppf`` to 1e-7 (tested).
    """
    if p <= 0 or p >= 1:
        return float(p >= 1)
    low, high, x = 0.0, 1.0, _near_quantile(p, a, b)
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    for _ in range(200):
        off = _beta_cdf(x, a, b) - p
        low, high = (x, high) if off < 0 else (low, x)
        slope = math.exp(scale + (a - 1) * math.log(x) + (b - 1) * math.log1p(-x))
        nearer = x - _halley(off / slope, (a - 1) / x - (b - 1) / (1 - x)) if slope > 0 else low
        inside = low < nearer < high
        nearer = nearer if inside else (low + high) / 2
        near = inside and abs(nearer - x) < 1e-6 * min(x, 1 - x)  # what is left to go is the cube of this step
        if near or high - low < 1e-14:
            return nearer
        x = nearer
    return x


def _halley(step: float, bend: float) -> float:
    """Newton's step, corrected for the slope's own change where that is small: it converges cubically."""
    change = step * bend / 2
    return step / (1 - change) if abs(change) < 0.5 else step


def _near_quantile(p: float, a: float, b: float) -> float:
    """Where the search begins: Abramowitz & Stegun 26.5.22, or the mean where that is of no use."""
    if min(a, b) <= 1:
        return a / (a + b)
    z = -_NORMAL.inv_cdf(p)
    lam, h = (z * z - 3) / 6, 2 / (1 / (2 * a - 1) + 1 / (2 * b - 1))
    w = z * math.sqrt(h + lam) / h if h + lam > 0 else math.inf
    w -= (1 / (2 * b - 1) - 1 / (2 * a - 1)) * (lam + 5 / 6 - 2 / (3 * h))
    near = a / (a + b * math.exp(2 * w)) if abs(w) < 300 else 0.0
    return near if 0 < near < 1 else a / (a + b)


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
