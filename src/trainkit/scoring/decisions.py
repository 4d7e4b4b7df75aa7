"""Steps of an attempt → scored decisions: position, fit and their bounds, one row each."""

import math
import statistics
from dataclasses import dataclass

from trainkit.case.cache import STATES, Cache, intern, kept_per_case
from trainkit.case.model import Case
from trainkit.engine.attempt import Attempt, choose, start
from trainkit.engine.turn import Step
from trainkit.value.solver import Unsolvable, exact_play


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as the formulas need it: one row of the tidy table of decisions."""

    scene: str
    option: str
    weight: float
    target: float
    position: float | None  # None where the choice was off-axis
    position_min: float | None
    position_max: float | None
    aim: float | None  # the target as far as the options allowed it
    fit: float | None  # with its bounds None where the key says ``auto`` and exact play has not computed it
    fit_min: float | None
    fit_max: float | None
    fit_mean: float | None
    on_axis: bool = True  # False in a scene where nobody's request is there to be satisfied: it counts in no position


def fits(case: Case, step: Step) -> dict[str, float | None]:
    """Fit of every option open at a step, 0 … 1; None where the key is ``auto`` and the case too large for exact play.

    ``auto`` is ``(Q − Q_min) / (Q_max − Q_min)`` with Q of :mod:`trainkit.value.solver`. Without a key:
    ``1 − |k − k*| / max|k_o − k*|`` with the target k*, and 0 off-axis (SCORING section 2).
    """
    distance = {name: abs(k - step.target) for name, k, _ in step.open if k is not None}
    furthest = max(distance.values(), default=0.0)
    q = _auto(case, step) if any(key == "auto" for _, _, key in step.open) else {}
    by_key: dict[str, float | None] = {}
    for name, k, key in step.open:
        if key is None:
            by_key[name] = 0.0 if k is None else 1 - distance[name] / furthest if furthest else 1.0
        else:
            by_key[name] = q.get(name) if key == "auto" else float(key)
    return by_key


def _auto(case: Case, step: Step) -> dict[str, float]:
    try:
        q = exact_play(case).q(step.state)
    except Unsolvable:
        return {}
    low, high = min(q.values()), max(q.values())
    return {name: (value - low) / (high - low) if high - low > 1e-12 else 1.0 for name, value in q.items()}


@kept_per_case(STATES)
def decision_of(case: Case, step: Step) -> Decision:
    """The row of a step: one object for all who decided so."""
    positions = {name: k for name, k, _ in step.open}
    placed = [k for k in positions.values() if k is not None]
    fit = fits(case, step)
    measured = [] if None in fit.values() else [*fit.values()]
    row = Decision(
        scene=step.scene,
        option=step.option,
        weight=step.weight,
        target=step.target,
        position=positions[step.option],
        position_min=min(placed, default=None),
        position_max=max(placed, default=None),
        aim=min(max(step.target, min(placed)), max(placed)) if placed else None,
        fit=fit[step.option] if measured else None,
        fit_min=min(measured, default=None),
        fit_max=max(measured, default=None),
        fit_mean=math.fsum(measured) / len(measured) if measured else None,
        on_axis=case.scenes[step.scene].axis,
    )
    return intern(case, row)


def decisions(attempt: Attempt) -> tuple[Decision, ...]:
    """The scored decisions of an attempt, in the order they were met."""
    return tuple([decision_of(attempt.case, step) for step in attempt.decisions])


_USUAL: Cache[str, int] = Cache(100)  # by the hash of the case, which may be read anew


def usual_decisions(case: Case) -> int:
    """How many decisions a careful run usually has: the median of 15 draws, played by the keys, the same every time."""
    usual = _USUAL.get(case.hash)
    if usual is None:
        usual = _USUAL.keep(case.hash, int(statistics.median(_careful_run(case, seed) for seed in range(15))))
    return usual


def _careful_run(case: Case, seed: int) -> int:
    """Decisions of a run by the keys; where they ask exact play, it asks the next question that doesn't end the patience.

    The first screen waits for this, and must not wait for exact play.
    """
    attempt = start(case, seed)
    for _ in range(100):  # a case that hasn't been checked may go round in circles or end nowhere
        if attempt.finished or not attempt.open:
            break
        step = choose(attempt, attempt.open[0]).steps[-1]
        if any(key == "auto" for _, _, key in step.open):
            options, left = case.scenes[step.scene].options, attempt.state.patience
            rank = {name: options[name].costs < (left or 1) and 1 + options[name].ask for name in attempt.open}
        else:
            rank = fits(case, step)
        attempt = choose(attempt, max(attempt.open, key=lambda name: rank[name] or 0))
    return len(attempt.decisions)
