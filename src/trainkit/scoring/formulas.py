"""Every formula on decisions, once; Play and Inquiry are exact play's (:mod:`trainkit.value.regret`).

Each formula is written once, as arithmetic on sums over decisions, and serves floats (one attempt, no pandas, no numpy)
and narwhals expressions (any frame, lazy or not) alike.

What is standard and what is ours: option keys by position and fit are those of situational judgement tests (Bergman et
al. 2006; De Leng et al. 2017); the Beta interval is Jeffreys' for a proportion. *Relative position* with the offered range
is this kit's own, and its validity with people is still to be shown.

Words: *w* weight, *k* position of the chosen option (−1 orientation … +1 centricity, null off-axis), *q* its fit (0 … 1);
min and max run over the options open at that decision.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from trainkit.scoring.decisions import Decision

MIN_DECISIONS = 3  # fewer with a position, and a rude player would show +85
MAX_OFF_AXIS = 0.5


class Sums(NamedTuple):
    """Sums over the decisions of an attempt (floats), or the columns that hold them (expressions)."""

    n: Any  # decisions
    axis: Any  # ... in scenes on the axis
    placed: Any  # ... whose choice has a position: the set of S, L, U and relative position
    w: Any
    ww: Any
    wk: Any
    wl: Any
    wu: Any
    wt: Any
    aa: Any
    keyed: Any  # ... whose fit is measured
    b: Any
    bb: Any
    bq: Any
    br: Any


def position_terms(w: Any, k: Any, low: Any, high: Any, aim: Any) -> dict[str, Any]:
    """What a decision with a position adds to the sums."""
    a = w * (high - low)
    return {"w": w, "ww": w * w, "wk": w * k, "wl": w * low, "wu": w * high, "wt": w * aim, "aa": a * a}


def fit_terms(w: Any, q: Any, low: Any, high: Any, mean: Any) -> dict[str, Any]:
    """What a decision whose fit is measured adds to the sums."""
    b = w * (high - low)
    return {"b": b, "bb": b * b, "bq": w * (q - low), "br": w * (mean - low)}


Formula = Callable[[Sums], Any]

_enough: Formula = (  # noqa: E731
    lambda s: (s.placed >= MIN_DECISIONS) & (s.axis - s.placed <= MAX_OFF_AXIS * s.axis) & (s.w > 0)
)
_ranged: Formula = lambda s: _enough(s) & (s.wu - s.wl > 1e-12)  # noqa: E731
_fitted: Formula = lambda s: (s.n > 0) & (s.keyed == s.n) & (s.b > 1e-12)  # noqa: E731

FORMULAS: dict[str, tuple[Formula, Formula]] = {
    # name: (the formula, when it is measured)
    "position": (lambda s: 100 * s.wk / s.w, _enough),
    "offered_low": (lambda s: 100 * s.wl / s.w, _enough),
    "offered_high": (lambda s: 100 * s.wu / s.w, _enough),
    "target": (lambda s: 100 * s.wt / s.w, _enough),
    "relative": (lambda s: 100 * (2 * (s.wk - s.wl) / (s.wu - s.wl) - 1), _ranged),
    "fit": (lambda s: 100 * s.bq / s.b, _fitted),
    "fit_random": (lambda s: 100 * s.br / s.b, _fitted),
    "fit_corrected": (lambda s: 100 * (s.bq - s.br) / (s.b - s.br), lambda s: _fitted(s) & (s.b - s.br > 1e-12)),
    "off_axis": (lambda s: (s.axis - s.placed) / s.axis, lambda s: s.axis > 0),
    # effective numbers of decisions, for the intervals
    "n_position": (lambda s: s.w * s.w / s.ww, _enough),
    "n_relative": (lambda s: (s.wu - s.wl) * (s.wu - s.wl) / s.aa, _ranged),
    "n_fit": (lambda s: s.b * s.b / s.bb, _fitted),
}


def measure(rows: Sequence[Decision], names: Iterable[str] = FORMULAS) -> tuple[dict[str, float | None], Sums]:
    """Figures of ``FORMULAS`` for the decisions of an attempt, None where not measured; and the sums they are of."""
    sums = Sums(*map(math.fsum, zip(*map(_terms, rows), strict=True))) if rows else Sums(*[0.0] * len(Sums._fields))
    return {name: FORMULAS[name][0](sums) if FORMULAS[name][1](sums) else None for name in names}, sums


@lru_cache(maxsize=2000)
def _terms(row: Decision) -> tuple[float, ...]:
    """What a decision adds to each of the sums; the same ones are made by many."""
    terms: dict[str, float] = {"n": 1.0, "axis": float(row.on_axis)}
    if row.position is not None:
        terms |= {"placed": 1.0} | position_terms(row.weight, row.position, row.position_min, row.position_max, row.aim)
    if row.fit is not None:
        terms |= {"keyed": 1.0} | fit_terms(row.weight, row.fit, row.fit_min, row.fit_max, row.fit_mean)
    return tuple(terms.get(name, 0.0) for name in Sums._fields)
