"""How does one come to each ending of a case? A short way for each, for an author to say whether it is the right one."""

from collections.abc import Iterator
from typing import NamedTuple

from trainkit.case.model import Case
from trainkit.engine.facts import draw_facts
from trainkit.simulation.personas import CARICATURES
from trainkit.simulation.runner import CaseRunner

RUNS = 60  # of each caricature


class Way(NamedTuple):
    """What is true on a way, and what is answered."""

    fixed: dict[str, str]
    answers: tuple[str, ...]


def ways_to_endings(case: Case) -> dict[str, Way]:
    """Ending → the shortest way there that any simulated trainee took, in the order of the case; none where nobody came."""
    found: dict[str, Way] = {}
    for ending, way in _taken(case):
        if ending not in found or len(way.answers) < len(found[ending].answers):
            found[ending] = way
    return {ending: found[ending] for ending in case.endings if ending in found}


def _taken(case: Case) -> Iterator[tuple[str, Way]]:
    ground = CaseRunner(case)
    for persona in CARICATURES.values():
        for number in range(1, RUNS + 1):
            run = ground.run(persona, number, 0)
            truth = draw_facts(case, run.seed, run.fixed)
            yield run.ending, Way(dict(zip(case.facts, truth, strict=True)), tuple(run.answers))
