"""Which answers is a figure of an anonymous room made of? The first few that were given, and their number moves in steps.

Whoever looked at a figure before and after one more answer would know that answer. So figures are of the first 5, 8, 12, …
answers only: each is within the next, and two that differ do so by at least three people.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from trainkit.room.run_summary import RunSummary

STEPS = (5, 8, 12, 16, 20, 25, 30, *range(40, 100, 10), *range(100, 300, 25), *range(300, 10_001, 100))
Order = Mapping[str, Sequence[Any]]  # attempt → of each of its events, what the log sorts them by
T = TypeVar("T")


def step(answers: int) -> int:
    """The largest step that there are so many answers for; 0 under five.

    >>> [step(n) for n in (4, 5, 7, 8, 39, 40)]
    [0, 5, 5, 8, 30, 40]
    """
    reached = bisect_right(STEPS, answers)
    return STEPS[reached - 1] if reached else 0


def in_order(order: Order, things: Iterable[tuple[RunSummary, int, T]]) -> list[tuple[Any, T]]:
    """What runs gave with their events (run, number of the event, what), sorted as the log has it: (when, what) pairs."""
    dated = []
    for run, event, thing in things:
        known = order.get(run.record.attempt, ())
        if 0 <= event < len(known):  # what hasn't happened, or isn't known to be logged, doesn't count yet
            dated.append(((known[event], run.record.attempt), thing))
    return sorted(dated, key=lambda one: one[0])


def counted(order: Order | None, things: Iterable[tuple[RunSummary, int, T]]) -> list[T]:
    """What a figure is made of: all, or in an anonymous room, which has an ``order``, the first ones."""
    if order is None:
        return [thing for _, _, thing in things]
    dated = in_order(order, things)
    return [thing for _, thing in dated[: step(len(dated))]]
