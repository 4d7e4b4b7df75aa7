"""Let simulated trainees play a case: one pass over the engine's rules for each, reproducible by seed; runs and tables."""

import hashlib
import random
import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from trainkit.case.cache import Cache
from trainkit.case.model import Case
from trainkit.engine.attempt import start
from trainkit.engine.facts import draw_facts
from trainkit.engine.rules import State, begin_state
from trainkit.errors import TrainkitError
from trainkit.scoring.decisions import Decision
from trainkit.scoring.formulas import FORMULAS, measure
from trainkit.simulation.habits import habit_of
from trainkit.simulation.met_state import MetState
from trainkit.simulation.personas import Persona
from trainkit.simulation.personas import personas as personas_by_name
from trainkit.value.regret import play_of
from trainkit.value.solver import Worth, exact_play

MAX_PLACES = 60_000  # met states kept in memory
FIGURES = tuple(name for name in FORMULAS if not name.startswith("n_"))


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
    skill: float | None = None  # this trainee's own, and its pull; None for one that doesn't follow the choice model
    pull: float | None = None

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

    def __init__(self, case: Case, lang: str | None = None):
        self.case, self.lang = case, lang or case.lang
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
        own: tuple[float, ...] = ()  # others draw nothing more, so that they play as they always did
        if persona.chooses:
            spreads = (persona.skill, persona.skill_spread), (persona.pull, persona.pull_spread)
            own = tuple([max(0.0, dice.gauss(*spread)) for spread in spreads])
        pick = habit_of(persona, *own)
        truth = draw_facts(self.case, facts, fixed)
        world, state = self.case.world_numbers[truth], self._starts[self.case.design_of(truth)]
        choices = []
        while state.place not in self.case.endings:
            place = self.place(state)
            option = place.open[pick(place, lean, persona.noise, dice) if len(place.open) > 1 else 0]
            choices.append((place, option))
            state = place.after(option, world)
        return SimulatedRun(persona, number, lean, facts, dict(fixed or {}), tuple(choices), state.place, *own)


class RunMeans:
    """Means of simulated runs, taken one by one."""

    def __init__(self) -> None:
        self.runs = 0
        self._measured: defaultdict[str, list[float]] = defaultdict(list)

    def take(self, run: SimulatedRun) -> SimulatedRun:
        """Count a run, and hand it on."""
        self.runs += 1
        for name, value in run.scores().items():
            if value is not None:
                self._measured[name].append(value)
        return run

    def mean(self, name: str) -> float | None:
        """Mean of ``position``, ``fit`` or ``play`` over the runs where it is measured."""
        return statistics.fmean(self._measured[name]) if self._measured[name] else None


@dataclass(frozen=True)
class Simulation:
    """Simulated runs of a case; make one with :func:`simulate`. Nobody played them: wherever they go, say *synthetic*."""

    case: Case
    n: int
    personas: tuple[Persona, ...]
    seed: int
    fixed: Mapping[str, str]
    lang: str

    def __repr__(self) -> str:
        return f"<Simulation of {self.case.id}: {len(self)} synthetic runs>"

    def __len__(self) -> int:
        return self.n * len(self.personas)

    def __iter__(self) -> Iterator[SimulatedRun]:
        """The runs, persona by persona; the same every time."""
        for persona in self.personas:
            for number in range(1, self.n + 1):
                yield self._runner.run(persona, number, self.seed, self.fixed)

    @cached_property
    def _runner(self) -> CaseRunner:
        return CaseRunner(self.case, self.lang)

    def decisions(self) -> list[dict[str, Any]]:
        """The scored decisions as plain rows for a frame: which run, ``origin`` (always ``synthetic``), the decision."""
        return [self._head(run) | asdict(decision) for run in self for decision in run.decisions]

    def scores(self) -> Any:
        """The scores of the runs, a row each in a ``pandas.DataFrame``.

        Its columns are ``attempt``, ``persona``, ``lean``, ``origin`` (always ``synthetic``), ``ending``, ``decisions``, the
        figures of SCORING section 2 (``position`` … ``off_axis``) and ``play``; missing where not measured.

        Examples
        --------
        >>> import trainkit as tk
        >>> from trainkit.simulation.runner import simulate
        >>> simulate(tk.load_case("racket_refund"), n=2, personas="rusher").scores()[["persona", "origin", "decisions"]].shape
        (2, 3)
        """
        import pandas as pd

        rows = []
        for run in self:
            figures, _ = measure(run.decisions, FIGURES)
            figures |= {"ending": run.ending, "decisions": len(run.decisions), "play": run.play}
            rows.append(self._head(run) | figures)
        kinds = {"attempt": "str", "persona": "str", "lean": "float64", "origin": "str", "ending": "str"}
        kinds |= {"decisions": "int64"} | dict.fromkeys((*FIGURES, "play"), "float64")
        return pd.DataFrame(rows, columns=list(kinds)).astype(kinds)  # typed even where there is no run

    @staticmethod
    def _head(run: SimulatedRun) -> dict[str, Any]:
        name = run.persona.name
        return {"attempt": f"{name} {run.number}", "persona": name, "lean": round(run.lean, 4), "origin": "synthetic"}


def simulate(
    case: Case,
    n: int = 100,
    personas: str | Sequence[str] = "all",
    seed: int = 0,
    fixed: Mapping[str, str] | None = None,
    lang: str | None = None,
) -> Simulation:
    """Let simulated trainees play a case: ``n`` of each persona (:data:`trainkit.simulation.personas.PERSONAS`).

    The same seed gives the same runs everywhere. ``fixed`` are facts set beforehand; ``lang`` is what they read: some guess
    by the words.

    Raises
    ------
    TrainkitError
        If ``n`` is not a whole number from 1, or a persona, a fact or a value does not exist.

    Examples
    --------
    >>> import trainkit as tk
    >>> from trainkit.simulation.runner import simulate
    >>> simulate(tk.load_case("racket_refund"), n=20)
    <Simulation of racket_refund: 260 synthetic runs>
    """
    if not isinstance(n, int) or isinstance(n, bool) or n < 1:
        raise TrainkitError(f"n is a whole number from 1 (got {n!r})")
    start(case, 0, fixed)  # refuses a bad fact before anything is played
    return Simulation(case, n, tuple(personas_by_name(personas)), seed, dict(fixed or {}), lang or case.lang)
