"""Many simulated runs as one object: iterate over it, or take its tables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from trainkit.case.model import Case
from trainkit.engine.attempt import start
from trainkit.errors import TrainkitError
from trainkit.scoring.formulas import FORMULAS, measure
from trainkit.simulation.personas import Persona
from trainkit.simulation.personas import personas as personas_by_name
from trainkit.simulation.runner import CaseRunner, SimulatedRun

FIGURES = tuple(name for name in FORMULAS if not name.startswith("n_"))


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
        >>> from trainkit.simulation.batch import simulate
        >>> simulate(tk.load_case("racket_refund"), n=2, personas="rusher").scores()[["persona", "origin", "decisions"]].shape
        (2, 3)
        """
        import pandas as pd

        rows = []
        for run in self:
            figures, _ = measure(run.decisions, FIGURES)
            counted = {"ending": run.ending, "decisions": len(run.decisions)}
            rows.append(self._head(run) | counted | figures | {"play": run.play})
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
    lang: str = "ru",
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
    >>> from trainkit.simulation.batch import simulate
    >>> simulate(tk.load_case("racket_refund"), n=20)
    <Simulation of racket_refund: 180 synthetic runs>
    """
    if not isinstance(n, int) or isinstance(n, bool) or n < 1:
        raise TrainkitError(f"n is a whole number from 1 (got {n!r})")
    start(case, 0, fixed)  # refuses a bad fact before anything is played
    return Simulation(case, n, tuple(personas_by_name(personas)), seed, dict(fixed or {}), lang)
