"""A state that simulated runs have met, with all that habits and tables ask about it again and again."""

from functools import cached_property

from trainkit.case.model import Case
from trainkit.engine.lines import option_texts
from trainkit.engine.rules import State, knowledge, open_options, outcomes
from trainkit.engine.turn import Step, offered, turn
from trainkit.scoring.best_reply import best_replies
from trainkit.scoring.decisions import Decision, decision_of, fits
from trainkit.value.solver import exact_play


class MetState:
    """A state that runs have met; numbers of options count from 0 in the order of ``open``."""

    def __init__(self, case: Case, lang: str, state: State):
        self.case, self.lang, self.state, self.scene = case, lang, state, state.place
        self.open = open_options(case, state)
        self._reached: dict[str, list[State]] = {}
        self._steps: dict[str, Step] = {}

    @cached_property
    def positions(self) -> tuple[float | None, ...]:
        """Position of each open option."""
        return tuple(k for _, k, _ in offered(self.case, self.scene, self.open, knowledge(self.case, self.state)))

    @property
    def on_axis(self) -> bool:
        """Whether the scene is on the axis."""
        return self.case.scenes[self.scene].axis

    @cached_property
    def asks(self) -> tuple[bool, ...]:
        """Whether each open option is a question."""
        return tuple(self.case.scenes[self.scene].options[name].ask for name in self.open)

    @cached_property
    def going(self) -> list[int]:
        """Numbers of the options that are no questions; of all, where there is nothing else."""
        return [n for n, asks in enumerate(self.asks) if not asks] or list(range(len(self.open)))

    @cached_property
    def bearable(self) -> list[int]:
        """Numbers of the options after which the client will still be there: the button warns of the others."""
        costs, left = [self.case.scenes[self.scene].options[name].costs for name in self.open], self.state.patience
        return [n for n, cost in enumerate(costs) if not cost or cost < left] or list(range(len(self.open)))

    @cached_property
    def q(self) -> dict[str, float]:
        """Open option → Q, what the run is worth once it is chosen."""
        return exact_play(self.case).q(self.state)

    @cached_property
    def worth(self) -> tuple[float, ...]:
        """Q of each open option."""
        return tuple(self.q[name] for name in self.open)

    @cached_property
    def fits(self) -> dict[str, float | None]:
        """Fit of each open option."""
        return fits(self.case, self.step(self.open[0]))

    @cached_property
    def best_replies(self) -> tuple[str, ...]:
        """The best of the open options, the most fitting first."""
        return best_replies(self.case, self.step(self.open[0]))

    @cached_property
    def words(self) -> list[str]:
        """Text of each open option."""
        return option_texts(self.case, self.state, self.open, self.lang)

    def step(self, option: str) -> Step:
        """The engine's step of choosing an option here for the first time."""
        return self._steps.get(option) or self._steps.setdefault(option, turn(self.case, self.state, option).steps[0])

    def decision(self, option: str) -> Decision:
        """The row of choosing an option here for the first time."""
        return decision_of(self.case, self.step(option))

    def regret(self, option: str) -> float:
        """V* − Q of an option."""
        return max(self.worth) - self.q[option]

    def after(self, option: str, world: int) -> State:
        """The state an option leads to if the world with this number is true."""
        return next(state for state in self.reached(option) if state.worlds >> world & 1)

    def reached(self, option: str) -> list[State]:
        """The states an option can lead to, one for each thing one may learn by it."""
        known = self._reached.get(option)
        return known or self._reached.setdefault(option, [to for _, to in outcomes(self.case, self.state, option)])
