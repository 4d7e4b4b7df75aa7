"""The score of an attempt: the only place with its formulas.

Each formula is written once, as arithmetic on sums over decisions, and serves floats (one attempt, no pandas, no numpy)
and narwhals expressions (any frame, lazy or not) alike.

What is standard and what is ours: option keys by position and fit are those of situational judgement tests (Bergman et
al. 2006; De Leng et al. 2017); the Beta interval is Jeffreys' for a proportion. *Relative position* with the offered range
and the use of the interval on it are this kit's own, and their validity with people is still to be shown.

Words: *w* weight, *k* position of the chosen option (−1 orientation … +1 centricity, null off-axis), *q* its fit (0 … 1);
min and max run over the options open at that decision.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import lru_cache
from typing import Any

from trainkit.case.model import Case
from trainkit.engine.attempt import Attempt, Step, intern
from trainkit.errors import TrainkitError
from trainkit.value.regret import Review, review
from trainkit.value.solver import exact_play

LEVEL = 0.90
MIN_DECISIONS = 3  # fewer with a position, and a rude player would show +85
MAX_OFF_AXIS = 0.5


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as the formulas need it: one row of the tidy table of decisions.

    ``position`` is None where the choice was off-axis; ``aim`` is the target as far as the options allowed it; ``fit`` and
    its bounds are None where the key says ``auto`` and exact play has not computed it.
    """

    scene: str
    option: str
    weight: float
    target: float
    position: float | None
    position_min: float | None
    position_max: float | None
    aim: float | None
    fit: float | None
    fit_min: float | None
    fit_max: float | None
    fit_mean: float | None


@dataclass(frozen=True)
class Score:
    """What an attempt shows about its choices; None where it is not measured, ``why_not`` says why.

    Attributes
    ----------
    position : float
        Weighted mean of chosen positions, −100 orientation … +100 centricity.
    offered : (float, float)
        The lowest and highest position that the options of the same decisions allowed.
    relative : float
        Where in the offered range the position lies, −100 … +100.
    target : float
        The position the case asks for, as far as the options of these decisions allowed it.
    fit : float
        Share of the attainable fit, 0 … 100; random choices give ``fit_random``.
    fit_corrected : float
        Fit above chance: 0 as random, 100 best; may be negative.
    off_axis : float
        Share of decisions whose choice lies on neither side, 0 … 1.
    interval, interval_relative, interval_fit : (float, float)
        90 % intervals (conservative) of position, relative position and fit.
    play : float
        0 … 100: how close the choices came to exact best play, knowing what the trainee knew (:mod:`trainkit.value.regret`);
        ``play_random`` is what random choices can expect.
    inquiry : float
        0 … 100: how much of what asking was worth was had; ``coverage`` the share, 0 … 1, left out no matter the price.
    decisions : int
        Decisions scored.
    finished, went_back : bool
        Whether an ending was reached; whether the trainee went back on the way.
    why_not : dict
        Field → reason code, for what is not measured: ``few`` (under 3 decisions with a position), ``off_axis`` (more than
        half off-axis), ``no_range`` (nothing to choose between), ``auto`` (needs exact play), ``none`` (no decision),
        and those of :class:`trainkit.value.regret.Review`.
    """

    position: float | None
    offered: tuple[float, float] | None
    relative: float | None
    target: float | None
    fit: float | None
    fit_random: float | None
    fit_corrected: float | None
    off_axis: float | None
    interval: tuple[float, float] | None
    interval_relative: tuple[float, float] | None
    interval_fit: tuple[float, float] | None
    decisions: int
    finished: bool
    went_back: bool
    why_not: Mapping[str, str]
    play: float | None = None
    play_random: float | None = None
    inquiry: float | None = None
    coverage: float | None = None


# ---- decisions ----------------------------------------------------------------------------------------------


def fits(case: Case, step: Step) -> dict[str, float | None]:
    """Fit of every option open at a step, 0 … 1; None where the key is ``auto`` and the case too large for exact play.

    ``auto`` is ``(Q − Q_min) / (Q_max − Q_min)`` with Q of :mod:`trainkit.value.solver`. Without a key:
    ``1 − |k − k*| / max|k_o − k*|`` with the target k*, and 0 off-axis (SCORING section 2).
    """
    distance = {name: abs(k - step.target) for name, k, _ in step.open if k is not None}
    furthest = max(distance.values(), default=0.0)
    q = _auto(case, step) if any(key == "auto" for _, _, key in step.open) else {}
    found: dict[str, float | None] = {}
    for name, k, key in step.open:
        if key is None:
            found[name] = 0.0 if k is None else 1 - distance[name] / furthest if furthest else 1.0
        else:
            found[name] = q.get(name) if key == "auto" else float(key)
    return found


def _auto(case: Case, step: Step) -> dict[str, float]:
    try:
        q = {name: worth.best for name, worth in exact_play(case).after(step.state).items()}
    except TrainkitError:
        return {}
    low, high = min(q.values()), max(q.values())
    return {name: (value - low) / (high - low) if high - low > 1e-12 else 1.0 for name, value in q.items()}


def decision(case: Case, step: Step) -> Decision:
    """The row of a step."""
    positions = {name: k for name, k, _ in step.open}
    placed = [k for k in positions.values() if k is not None]
    fit = fits(case, step)
    measured = [q for q in fit.values() if q is not None]
    whole = len(measured) == len(fit)
    return Decision(
        scene=step.scene,
        option=step.option,
        weight=step.weight,
        target=step.target,
        position=positions[step.option],
        position_min=min(placed, default=None),
        position_max=max(placed, default=None),
        aim=min(max(step.target, min(placed)), max(placed)) if placed else None,
        fit=fit[step.option] if whole else None,
        fit_min=min(measured) if whole else None,
        fit_max=max(measured) if whole else None,
        fit_mean=math.fsum(measured) / len(measured) if whole else None,
    )


def decisions(attempt: Attempt) -> tuple[Decision, ...]:
    """The scored decisions of an attempt, in the order they were met."""
    found = []
    for step in attempt.decisions:
        if "decision" not in step.memo:
            step.memo["decision"] = intern(attempt.case, decision(attempt.case, step))
        found.append(step.memo["decision"])
    return tuple(found)


# ---- sums and formulas: for floats and for expressions ---------------------------------------------------------


@dataclass(frozen=True)
class Sums:
    """Sums over the decisions of an attempt (floats), or the columns that hold them (expressions)."""

    n: Any  # decisions
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


def _position_terms(w: Any, k: Any, low: Any, high: Any, aim: Any) -> dict[str, Any]:
    a = w * (high - low)
    return {"w": w, "ww": w * w, "wk": w * k, "wl": w * low, "wu": w * high, "wt": w * aim, "aa": a * a}


def _fit_terms(w: Any, q: Any, low: Any, high: Any, mean: Any) -> dict[str, Any]:
    b = w * (high - low)
    return {"b": b, "bb": b * b, "bq": w * (q - low), "br": w * (mean - low)}


Formula = Callable[[Sums], Any]

_enough: Formula = lambda s: (s.placed >= MIN_DECISIONS) & (s.n - s.placed <= MAX_OFF_AXIS * s.n)  # noqa: E731
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
    "off_axis": (lambda s: (s.n - s.placed) / s.n, lambda s: s.n > 0),
    # effective numbers of decisions, for the intervals
    "n_position": (lambda s: s.w * s.w / s.ww, _enough),
    "n_relative": (lambda s: (s.wu - s.wl) * (s.wu - s.wl) / s.aa, _ranged),
    "n_fit": (lambda s: s.b * s.b / s.bb, _fitted),
}


def measure(rows: Sequence[Decision], names: Iterable[str] = FORMULAS) -> tuple[dict[str, float | None], Sums]:
    """Figures of ``FORMULAS`` for the decisions of an attempt, None where not measured; and the sums they are of."""
    sums = Sums(*map(math.fsum, zip(*map(_terms, rows), strict=True))) if rows else Sums(*[0.0] * len(_SUMS))
    return {name: FORMULAS[name][0](sums) if FORMULAS[name][1](sums) else None for name in names}, sums


@lru_cache(maxsize=2000)
def _terms(row: Decision) -> tuple[float, ...]:
    """What a decision adds to each of the sums; the same ones are made by many."""
    found: dict[str, float] = {"n": 1.0}
    if row.position is not None:
        found |= {"placed": 1.0} | _position_terms(
            row.weight, row.position, row.position_min, row.position_max, row.aim
        )
    if row.fit is not None:
        found |= {"keyed": 1.0} | _fit_terms(row.weight, row.fit, row.fit_min, row.fit_max, row.fit_mean)
    return tuple(found.get(name, 0.0) for name in _SUMS)


_SUMS = tuple(field.name for field in fields(Sums))


def score_decisions(rows: Iterable[Decision], finished: bool = True, went_back: bool = False) -> Score:
    """Score rows of decisions; see :class:`Score`."""
    rows = list(rows)
    found, sums = measure(rows)
    position, low, high = found["position"], found["offered_low"], found["offered_high"]
    bounds = intervals(position, low, high, found["relative"], found["fit"], *(found[f"n_{x}"] for x in _KINDS))
    return Score(
        position=position,
        offered=None if position is None else (low, high),
        relative=found["relative"],
        target=found["target"],
        fit=found["fit"],
        fit_random=found["fit_random"],
        fit_corrected=found["fit_corrected"],
        off_axis=found["off_axis"],
        interval=bounds[0],
        interval_relative=bounds[1],
        interval_fit=bounds[2],
        decisions=len(rows),
        finished=finished,
        went_back=went_back,
        why_not=_why_not(sums, found),
    )


def score(attempt: Attempt, played: Review | None = None) -> Score:
    """Score an attempt: by its keys, and against exact play; an unfinished one by the decisions visited only.

    ``played`` is :func:`trainkit.value.regret.review` of it, where that is known already.
    """
    found = score_decisions(decisions(attempt), attempt.finished, attempt.went_back)
    played = played or review(attempt)
    return replace(
        found,
        play=played.play,
        play_random=played.play_random,
        inquiry=played.inquiry,
        coverage=played.coverage,
        why_not={**found.why_not, **dict(played.why_not)},
    )


def _why_not(s: Sums, found: Mapping[str, float | None]) -> dict[str, str]:
    why: dict[str, str] = {}
    if found["position"] is None:
        reason = "none" if not s.n else "off_axis" if s.n - s.placed > MAX_OFF_AXIS * s.n else "few"
        why = dict.fromkeys(("position", "offered", "target", "interval"), reason)
    if found["relative"] is None:
        why["relative"] = why["interval_relative"] = why.get("position", "no_range")
    if found["fit"] is None:
        reason = "none" if not s.n else "auto" if s.keyed < s.n else "no_range"
        why |= dict.fromkeys(("fit", "fit_random", "fit_corrected", "interval_fit"), reason)
    elif found["fit_corrected"] is None:
        why["fit_corrected"] = "no_range"
    if found["off_axis"] is None:
        why["off_axis"] = "none"
    return why


# ---- uncertainty of one attempt -----------------------------------------------------------------------------

_KINDS = ("position", "relative", "fit")
Interval = tuple[float, float] | None


def intervals(
    position: float | None,
    low: float | None,
    high: float | None,
    relative: float | None,
    fit: float | None,
    n_position: float | None,
    n_relative: float | None,
    n_fit: float | None,
    quantile: Callable[[float, float, float], float] | None = None,
) -> tuple[Interval, Interval, Interval]:
    """90 % intervals of position, relative position and fit (SCORING section 5, before a case has 30 attempts).

    ``Beta(½ + n·y, ½ + n·(1 − y))`` with the effective number of decisions n, widened to contain the score: conservative.
    From n = 5 on, position uses the interval of the relative position, mapped onto the offered range: half the width.
    """
    quantile = quantile or beta_quantile

    def beta(y: float, n: float) -> tuple[float, float]:
        tail = (1 - LEVEL) / 2
        a, b = 0.5 + n * y, 0.5 + n * (1 - y)
        return min(y, quantile(tail, a, b)), max(y, quantile(1 - tail, a, b))

    def scaled(bounds: tuple[float, float], low: float, high: float) -> tuple[float, float]:
        return low + (high - low) * bounds[0], low + (high - low) * bounds[1]

    of_relative = None if relative is None else beta(_share(relative, -100, 100), n_relative)
    if position is None:
        of_position = None
    elif n_position >= 5 - 1e-9 and of_relative:
        of_position = scaled(of_relative, low, high)
        of_position = (min(of_position[0], position), max(of_position[1], position))
    else:
        of_position = scaled(beta(_share(position, -100, 100), n_position), -100, 100)
    return (
        of_position,
        None if of_relative is None else scaled(of_relative, -100, 100),
        None if fit is None else scaled(beta(_share(fit, 0, 100), n_fit), 0, 100),
    )


def _share(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


@lru_cache(maxsize=500)
def beta_quantile(p: float, a: float, b: float) -> float:
    """Quantile of the Beta distribution, without numpy; agrees with ``scipy.stats.beta.ppf`` to 1e-7 (tested).

    Parameters
    ----------
    p : float
        0 … 1.
    a, b : float
        Shapes, over 0.

    Returns
    -------
    float
        0 … 1.
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
    tail = math.sqrt(-2 * math.log(min(p, 1 - p)))
    z = tail - (2.30753 + 0.27061 * tail) / (1 + 0.99229 * tail + 0.04481 * tail * tail)
    z = z if p < 0.5 else -z
    lam, h = (z * z - 3) / 6, 2 / (1 / (2 * a - 1) + 1 / (2 * b - 1))
    w = z * math.sqrt(h + lam) / h if h + lam > 0 else math.inf
    w -= (1 / (2 * b - 1) - 1 / (2 * a - 1)) * (lam + 5 / 6 - 2 / (3 * h))
    found = a / (a + b * math.exp(2 * w)) if abs(w) < 300 else 0.0
    return found if 0 < found < 1 else a / (a + b)


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


# ---- frames -------------------------------------------------------------------------------------------------


def scores(frame: Any, by: Sequence[str] = ("attempt",)) -> Any:
    """Score a frame of decisions: one row an attempt.

    Parameters
    ----------
    frame : any frame narwhals knows (pandas, polars, DuckDB, PySpark …), lazy or not
        Rows as :class:`Decision`, with the columns ``by``.
    by : sequence of str
        What names an attempt.

    Returns
    -------
    the same kind of frame
        Columns ``by``, ``decisions`` and the names of ``FORMULAS``, sorted by ``by``; null where not measured.
    """
    import narwhals as nw

    data = nw.from_native(frame)
    missing = {*Decision.__dataclass_fields__, *by} - set(data.collect_schema().names())
    if missing:
        raise TrainkitError(f"the frame has no decisions: columns {', '.join(sorted(missing))} are missing")
    col = nw.col
    null = nw.lit(None, dtype=nw.Float64)

    def number(name: str) -> Any:
        """The column as floats, with NaN (pandas' null) as null."""
        value = col(name).cast(nw.Float64)
        return nw.when(~value.is_nan()).then(value)

    row = {name: number(name) for name in Decision.__dataclass_fields__ if name not in ("scene", "option")}
    placed = ~row["position"].is_null()
    keyed = ~row["fit"].is_null()
    terms = _position_terms(*(row[name] for name in ("weight", "position", "position_min", "position_max", "aim")))
    fit_terms = _fit_terms(*(row[name] for name in ("weight", "fit", "fit_min", "fit_max", "fit_mean")))

    def total(term: Any, where: Any) -> Any:
        return nw.when(where).then(term).otherwise(nw.lit(0.0))

    one = nw.lit(1.0)
    parts = {"n": one, "placed": total(one, placed), "keyed": total(one, keyed)}
    parts |= {name: total(term, placed) for name, term in terms.items()}
    parts |= {name: total(term, keyed) for name, term in fit_terms.items()}
    summed = (
        data.with_columns(**{f"_{name}": part.cast(nw.Float64) for name, part in parts.items()})
        .group_by(*by)
        .agg(**{f"_{name}": col(f"_{name}").sum() for name in parts})
    )
    sums = Sums(**{name: col(f"_{name}") for name in parts})
    scored = summed.select(
        *by,
        decisions=sums.n.cast(nw.Int64),
        **{name: nw.when(ok(sums)).then(value(sums)).otherwise(null) for name, (value, ok) in FORMULAS.items()},
    ).sort(*by)
    return nw.to_native(scored)


def with_intervals(frame: Any) -> Any:
    """Add the 90 % intervals to an (eager) frame of :func:`scores`.

    Returns
    -------
    the same kind of frame
        With ``position_low``, ``position_high``, ``relative_low`` … ``fit_high``; null where not measured.
    """
    import narwhals as nw
    from scipy.special import betaincinv

    data = nw.from_native(frame, eager_only=True)
    names = ("position", "offered_low", "offered_high", "relative", "fit", "n_position", "n_relative", "n_fit")

    def quantile(p: float, a: float, b: float) -> float:
        return float(betaincinv(a, b, p))

    rows = [
        intervals(*(None if value is None or value != value else float(value) for value in row), quantile=quantile)
        for row in data.select(*names).iter_rows()
    ]
    columns = {
        f"{kind}_{end}": [None if row[n] is None else row[n][side] for row in rows]
        for n, kind in enumerate(_KINDS)
        for side, end in enumerate(("low", "high"))
    }
    space = nw.get_native_namespace(data)
    added = [nw.new_series(name, values, nw.Float64, backend=space) for name, values in columns.items()]
    return nw.to_native(data.with_columns(*added))


def decision_dicts(attempt: Attempt, attempt_id: str) -> list[dict[str, Any]]:
    """The decisions of an attempt as plain rows for a frame, with the attempt's name."""
    return [{"attempt": attempt_id, **asdict(row)} for row in decisions(attempt)]
