"""Where does best play stand, in every draw? And is that what the debrief says the case asks for?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from trainkit.case.model import Case
from trainkit.scoring.formulas import measure
from trainkit.simulation.personas import CARICATURES
from trainkit.simulation.runner import CaseRunner, SimulatedRun

NEAR = 10.0  # points of Position by which what is asked for and best play may differ
TRIES = 6  # of targets, until one follows best play


def best_ways(ground: CaseRunner) -> list[tuple[float, SimulatedRun]]:
    """Best play of every world, with its probability; of equally good options the most fitting is taken."""
    case, exact = ground.case, replace(CARICATURES["best-player"], name="exact", habit="exact")
    worlds = zip(case.worlds, case.probabilities, strict=True)
    return [
        (p, ground.run(exact, number, 0, dict(zip(case.facts, world, strict=True))))
        for number, (world, p) in enumerate(worlds)
    ]


def target_that_follows(case: Case) -> float | None:
    """The case's own target, −1 … +1, with which the debrief asks for what best play does in every draw.

    None where the case has none of its own that is a plain number, or where no one number will do: then scenes must ask for
    something each by itself.
    """
    target = case.context.target
    if len(target) != 1:
        return None
    tried: dict[float, float] = {}  # target → how far the middle of what is asked for lies beyond best play
    worst: dict[float, float] = {}
    wanted = target[0].value
    while (
        wanted not in tried and len(tried) < TRIES
    ):  # scenes that ask by themselves don't move with it: one step may not do
        apart = [one.apart for one in _every_asked(best_ways(CaseRunner(_asking(case, wanted))))]
        if not apart:
            return None
        tried[wanted], worst[wanted] = (max(apart) + min(apart)) / 2, max(map(abs, apart))
        wanted = _next(tried)
    found = min(worst, key=lambda one: worst[one])
    return found if worst[found] <= NEAR + 1e-9 else None


def _next(tried: Mapping[float, float]) -> float:
    """The target to be tried next, in twentieths: where a line through the last two meets what is wanted."""
    (last, beyond), *before = list(tried.items())[::-1]
    slope = 100.0
    if before and abs(before[0][1] - beyond) > 1e-9:
        slope = (before[0][1] - beyond) / (before[0][0] - last)
    return max(-1.0, min(1.0, round(20 * (last - beyond / slope)) / 20))


def _asking(case: Case, target: float) -> Case:
    """The case with another target."""
    (rule,) = case.context.target
    context = case.context.model_copy(update={"target": (rule.model_copy(update={"value": target}),)})
    other = case.model_copy(update={"context": context})
    other.__dict__.pop("kept", None)  # what has been worked out with the other
    return other


class Asked(NamedTuple):
    """What the debrief says the case asks for, and where best play stands: both −100 … +100, in one draw."""

    target: float
    position: float
    facts: dict[str, str]

    @property
    def apart(self) -> float:
        """How much more centric the asking is."""
        return self.target - self.position


def asked_apart(ways: Sequence[tuple[float, SimulatedRun]]) -> Asked | None:
    """The draw in which the two are furthest apart; None where neither is ever measured."""
    return max(_every_asked(ways), key=lambda one: round(abs(one.apart), 9), default=None)


def _every_asked(ways: Sequence[tuple[float, SimulatedRun]]) -> list[Asked]:
    found: list[Asked] = []
    for _, run in ways:
        figures, _ = measure(run.decisions, ("target", "position"))
        if None not in figures.values():
            found.append(Asked(figures["target"], figures["position"], dict(run.fixed)))
    return found
