"""Which reply would have been best at a step? The one answer that wall, debrief pack, phone, notebook and terminal show."""

from trainkit.case.cache import STATES, Cache, PerCase
from trainkit.case.model import Case
from trainkit.engine.rules import State
from trainkit.engine.turn import Step
from trainkit.scoring.decisions import fits
from trainkit.value.solver import Unsolvable, exact_play

EQUAL = 1e-9  # of a run's value: rounding
_BEST: PerCase[Cache[State, tuple[str, ...]]] = PerCase(lambda case: Cache(STATES))  # a room turns the same debriefs


def best_replies(case: Case, step: Step) -> tuple[str, ...]:
    """Options that were best at a step, knowing what was known there, the most fitting first.

    They are those that exact play may choose (the highest Q of :mod:`trainkit.value.solver`); where a case is too large for
    it, those with the highest fit by the key; none where neither is measured.
    """
    kept = _BEST.of(case)
    best = kept.get(step.state)
    return kept.keep(step.state, _best_replies(case, step)) if best is None else best


def _best_replies(case: Case, step: Step) -> tuple[str, ...]:
    fit = fits(case, step)
    try:
        worth = exact_play(case).q(step.state)
    except Unsolvable:
        if None in fit.values():
            return ()
        worth = fit
    top = max(worth.values())
    best = [name for name in fit if worth[name] >= top - EQUAL]
    return tuple(sorted(best, key=lambda name: -(fit[name] or 0.0)))


def best_reply(case: Case, step: Step) -> str | None:
    """The best option at a step: of several equally good ones the most fitting by the key, then the first in the file."""
    return next(iter(best_replies(case, step)), None)
