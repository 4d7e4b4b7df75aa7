"""Where does best play stand, in every draw? And is that what the debrief says the case asks for?"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from trainkit.scoring.formulas import measure
from trainkit.simulation.personas import CARICATURES
from trainkit.simulation.runner import CaseRunner, SimulatedRun

NEAR = 10.0  # points of Position by which what is asked for and best play may differ


def best_ways(ground: CaseRunner) -> list[tuple[float, SimulatedRun]]:
    """Best play of every world, with its probability; of equally good options the most fitting is taken."""
    case, exact = ground.case, replace(CARICATURES["best-player"], name="exact", habit="exact")
    worlds = zip(case.worlds, case.probabilities, strict=True)
    return [
        (p, ground.run(exact, number, 0, dict(zip(case.facts, world, strict=True))))
        for number, (world, p) in enumerate(worlds)
    ]


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
    found: list[Asked] = []
    for _, run in ways:
        figures, _ = measure(run.decisions, ("target", "position"))
        if None not in figures.values():
            found.append(Asked(figures["target"], figures["position"], dict(run.fixed)))
    return max(found, key=lambda one: round(abs(one.apart), 9), default=None)
