"""Let simulated trainees play a case: one pass over the engine's rules for each, reproducible by seed."""

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from trainkit.case.cache import Cache
from trainkit.case.model import Case
from trainkit.engine.facts import draw_facts
from trainkit.engine.rules import State, begin_state
from trainkit.scoring.decisions import Decision
from trainkit.scoring.formulas import measure
from trainkit.simulation.habits import HABITS
from trainkit.simulation.met_state import MetState
from trainkit.simulation.personas import Persona
from trainkit.value.regret import play_of
from trainkit.value.solver import Worth, exact_play

MAX_PLACES = 60_000  # met states kept in memory


@dataclass(frozen=True)
class SimulatedRun:
    """A simulated run."""

    persona: Persona
    number: int  # of the trainee, from 1
    lean: float  # this trainee's own μ
    seed: int  # of the draw of facts
    fixed: Mapping[str, str]  # facts set beforehand
    choices: tuple[tuple[MetState, str], ...]  # where it was and what it chose, in order
    ending: str

    @property
    def answers(self) -> list[str]:
        """Options chosen, for :func:`trainkit.engine.attempt.replay`."""
        return [option for _, option in self.choices]

    @cached_property
    def decisions(self) -> tuple[Decision, ...]:
        """The scored decisions: each scene's first choice among at least two."""
        firsts: dict[str, tuple[MetState, str]] = {}
        for place, option in self.choices:
            firsts.setdefault(place.scene, (place, option))
        return tuple([place.decision(option) for place, option in firsts.values() if len(place.open) > 1])

    @property
    def at_start(self) -> Worth:
        """What the state was worth where the run began."""
        begin, _ = self.choices[0]
        return exact_play(begin.case).worth(begin.state)

    @property
    def play(self) -> float | None:
        """Play, 0 … 100; None where nothing was at stake."""
        play = play_of(self.at_start, [place.regret(option) for place, option in self.choices])
        return None if play is None else max(0.0, play)

    def scores(self) -> dict[str, float | None]:
        """Position, fit and Play; None where not measured."""
        figures, _ = measure(self.decisions, ("position", "fit"))
        return figures | {"play": self.play}


class CaseRunner:
    """A case as simulated trainees walk over it: every met state is worked out once."""

    def __init__(self, case: Case, lang: str = "ru"):
        self.case, self.lang = case, lang
        self._places: Cache[State, MetState] = Cache(MAX_PLACES)
        self._starts = {design: begin_state(case, dict(design)) for design in map(case.design_of, case.worlds)}

    def place(self, state: State) -> MetState:
        """The one object for a state, however often it is met."""
        return self._places.get(state) or self._places.keep(state, MetState(self.case, self.lang, state))

    def run(self, persona: Persona, number: int, seed: int, fixed: Mapping[str, str] | None = None) -> SimulatedRun:
        """One simulated run; the same persona, number and seed give the same run everywhere."""
        digest = hashlib.sha256(f"{seed}:{self.case.id}:{persona.name}:{number}".encode()).digest()
        dice = random.Random(int.from_bytes(digest[:8], "big"))
        facts = int.from_bytes(digest[8:14], "big")
        lean = max(-1.0, min(1.0, dice.gauss(persona.lean, persona.spread)))
        pick = HABITS[persona.habit]
        truth = draw_facts(self.case, facts, fixed)
        world, state = self.case.world_numbers[truth], self._starts[self.case.design_of(truth)]
        choices = []
        while state.place not in self.case.endings:
            place = self.place(state)
            option = place.open[pick(place, lean, persona.noise, dice) if len(place.open) > 1 else 0]
            choices.append((place, option))
            state = place.after(option, world)
        return SimulatedRun(persona, number, lean, facts, dict(fixed or {}), tuple(choices), state.place)


class RunMeans:
    """Means of simulated runs, taken one by one."""

    def __init__(self) -> None:
        self.runs = 0
        self._sums: dict[str, tuple[int, float]] = {}

    def take(self, run: SimulatedRun) -> SimulatedRun:
        """Count a run, and hand it on."""
        self.runs += 1
        for name, value in run.scores().items():
            if value is not None:
                n, total = self._sums.get(name, (0, 0.0))
                self._sums[name] = n + 1, total + value
        return run

    def mean(self, name: str) -> float | None:
        """Mean of ``position``, ``fit`` or ``play`` over the runs where it is measured."""
        n, total = self._sums.get(name, (0, 0.0))
        return total / n if n else None
