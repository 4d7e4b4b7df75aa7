"""Do simulated trainees part as they should? Contrasts between personas, and whether Position follows the lean."""

import math
import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from trainkit.case.model import Case
from trainkit.simulation.personas import PERSONAS
from trainkit.simulation.runner import CaseRunner


@dataclass(frozen=True)
class Contrast:
    """How well a score parts two kinds of simulated trainees, of which the first should score higher."""

    score: str  # ``position``, ``fit`` or ``play``
    high: str
    low: str
    auc: float  # probability that a random ``high`` scores above a random ``low``, ties half; 0.5 is no difference
    g: float  # Hedges' g, 0 is no difference; infinite where neither varies


CONTRASTS = (
    ("position", "centric", "order-taker"),
    ("fit", "best-player", "random"),
    ("fit", "best-player", "careless"),
    ("play", "best-player", "random"),
    ("play", "best-player", "rusher"),
    ("play", "best-player", "order-taker"),
)


def mean_of(values: Sequence[float | None]) -> float | None:
    """Mean of what is measured; None if nothing is."""
    known = [value for value in values if value is not None]
    return statistics.fmean(known) if known else None


def contrasts(scores: Mapping[str, Sequence[Mapping[str, float | None]]]) -> Iterator[Contrast]:
    """How well each score parts the two personas of each contrast."""
    for score, high, low in CONTRASTS:
        xs, ys = ([one[score] for one in scores[name] if one[score] is not None] for name in (high, low))
        if len(xs) > 1 and len(ys) > 1:
            yield Contrast(score, high, low, auc(xs, ys), hedges_g(xs, ys))


def auc(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Probability that a value of ``xs`` is above one of ``ys``, ties half: Mann–Whitney U / (n·m)."""
    ordered = sorted(ys)
    wins = sum(bisect_left(ordered, x) + bisect_right(ordered, x) for x in xs) / 2
    return wins / (len(xs) * len(ys))


def hedges_g(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Difference of means in pooled SDs with the small-sample correction 1 − 3/(4·df − 1) (Hedges 1981)."""
    n, m = len(xs), len(ys)
    mean_x, mean_y = math.fsum(xs) / n, math.fsum(ys) / m
    within = math.fsum((x - mean_x) ** 2 for x in xs) + math.fsum((y - mean_y) ** 2 for y in ys)
    df = n + m - 2
    if within <= 1e-18:
        return math.copysign(math.inf, mean_x - mean_y) if mean_x != mean_y else 0.0
    return (mean_x - mean_y) / math.sqrt(within / df) * (1 - 3 / (4 * df - 1))


def tracking(cases: Sequence[Case], people: int = 100) -> float | None:
    """Correlation of lean and mean Position over simulated people who play all the cases, leans even over −1 … +1.

    None where fewer than three people have a measured Position.
    """
    grounds = [CaseRunner(case) for case in cases]
    leans, means = [], []
    for number in range(people):
        lean = -1 + 2 * number / (people - 1)
        persona = replace(PERSONAS["centric"], name=f"lean {number}", lean=lean, spread=0.0)
        position = mean_of([ground.run(persona, 1, number).scores()["position"] for ground in grounds])
        if position is not None:
            leans.append(lean)
            means.append(position)
    if len(leans) < 3 or max(means) - min(means) < 1e-9:
        return None
    return statistics.correlation(leans, means)
