"""A state that simulated runs have met, with all that is asked about it again and again."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from trainkit.case.conditions import first, text_id
from trainkit.case.model import Case
from trainkit.engine.attempt import Step, offered
from trainkit.engine.rules import State, knowledge, open_options, outcomes
from trainkit.scoring.best_reply import best_replies
from trainkit.scoring.decisions import Decision, decision, fits
from trainkit.value.solver import exact_play


class MetState:
    """A state that runs have met, with all that is asked about it again and again."""

    def __init__(self, case: Case, lang: str, state: State):
        self.case, self.lang, self.state, self.scene = case, lang, state, state.place
        self.open = open_options(case, state)
        self._next: dict[str, list[tuple[int, State]]] = {}
        self._decisions: dict[str, Decision] = {}
        self._words: dict[str, list[str]] = {}

    @cached_property
    def _step(self) -> Step:
        case = self.case
        knows = knowledge(case, self.state)
        return Step(
            scene=self.scene,
            option=self.open[0],
            open=offered(case, self.scene, self.open, knows),
            target=first(case.scenes[self.scene].target or case.context.target, knows),
            weight=case.scenes[self.scene].weight,
            first=True,
            decision=len(self.open) > 1,
            repeats_decision=False,
            cost=0,
            effect=0.0,
            because="",
            knew=(),
            state=self.state,
        )

    @cached_property
    def positions(self) -> tuple[float | None, ...]:
        """Position of each open option."""
        return tuple(k for _, k, _ in self._step.open)

    @cached_property
    def asks(self) -> tuple[bool, ...]:
        """Whether each open option is a question."""
        options = self.case.scenes[self.scene].options
        return tuple(options[name].ask for name in self.open)

    @cached_property
    def going(self) -> list[int]:
        """Numbers of the options that are no questions; of all, where there is nothing else."""
        return [n for n, asks in enumerate(self.asks) if not asks] or list(range(len(self.open)))

    @cached_property
    def bearable(self) -> list[int]:
        """Numbers of the options after which the client will still be there: the button warns of the others."""
        options = self.case.scenes[self.scene].options
        left = self.state.patience
        costs = [options[name].costs for name in self.open]
        return [n for n, cost in enumerate(costs) if not cost or cost < left] or list(range(len(self.open)))

    @cached_property
    def worth(self) -> tuple[float, ...]:
        """Q of each open option."""
        after = exact_play(self.case).after(self.state)
        return tuple(after[name].best for name in self.open)

    @cached_property
    def fits(self) -> dict[str, float | None]:
        """Fit of each open option."""
        return fits(self.case, self._step)

    @cached_property
    def best_replies(self) -> tuple[str, ...]:
        """The best of the open options, the most fitting first."""
        return best_replies(self.case, self._step)

    def words(self, lang: str) -> list[str]:
        """Text of each open option."""
        if lang not in self._words:
            case = self.case
            knows = knowledge(case, self.state)
            options = case.scenes[self.scene].options
            base = f"scenes.{self.scene}.options"
            self._words[lang] = [
                case.text(text_id(f"{base}.{name}.text", options[name].text, knows), lang) for name in self.open
            ]
        return self._words[lang]

    def decision(self, option: str) -> Decision:
        """The row of choosing an option here."""
        if option not in self._decisions:
            self._decisions[option] = decision(self.case, replace(self._step, option=option))
        return self._decisions[option]

    def regret(self, option: str) -> float:
        """V* − Q of an option."""
        return max(self.worth) - self.worth[self.open.index(option)]

    def after(self, option: str, world: int) -> State:
        """The state an option leads to if the world with this number is true."""
        return next(state for worlds, state in self.reached(option) if worlds >> world & 1)

    def reached(self, option: str) -> list[tuple[int, State]]:
        """The sets of worlds an option parts, each with the state it leads to there."""
        if option not in self._next:
            reached = outcomes(self.case, self.state, option)
            self._next[option] = [(after.worlds, after) for _, after in reached]
        return self._next[option]
