"""Saying something in a state: what is recorded of it, where it can lead, what is answered; the same for everyone there."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from trainkit.case.cache import STATES, intern, kept_per_case
from trainkit.case.conditions import first, text_id
from trainkit.case.model import Case
from trainkit.engine.lines import Said, heard
from trainkit.engine.rules import State, knowledge, open_options, outcomes

# (option, position, fit key): None is off-axis for a position, and left to the formula of SCORING section 2 for a fit key
Offer = tuple[tuple[str, float | None, float | str | None], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One choice and what else was open."""

    scene: str
    option: str
    open: Offer  # every option open then, the chosen one included
    target: float
    weight: float
    first: bool  # it is the scene's first choice in this attempt
    decision: bool  # at least two options were open
    repeats_decision: bool  # a step back led here, and the same had been decided before it
    cost: int
    effect: float
    because: str
    knew: tuple[tuple[str, str], ...]  # what was remembered and known
    state: State  # where the choice was made

    def __hash__(self) -> int:
        return hash((self.state, self.option))  # the rest follows from these, but for what came before


Way = tuple[tuple[str, ...], State, tuple[Said, ...]]  # the places passed through, the state there, what is answered


@dataclass(frozen=True, slots=True)
class Turn:
    """What saying something in a state is for everyone."""

    text: str  # the id of the words
    ways: tuple[Way, ...]
    steps: list[Step]  # what it has been so far, in runs with another history

    def step(self, first_here: bool, repeats_decision: bool, effect: float) -> Step:
        """The step, which is one object for all for whom it is the same."""
        for step in self.steps:
            if (step.first, step.repeats_decision, step.effect) == (first_here, repeats_decision, effect):
                return step
        self.steps.append(replace(self.steps[0], first=first_here, repeats_decision=repeats_decision, effect=effect))
        return self.steps[-1]

    def way(self, world: int) -> Way:
        """Where it leads if the world with this number is true."""
        return next(way for way in self.ways if way[1].worlds >> world & 1)


@kept_per_case(STATES)
def turn(case: Case, state: State, option: str) -> Turn:
    """Saying this where it is open; a room says the same in the same state again and again."""
    names = open_options(case, state)
    knows, scene = knowledge(case, state), case.scenes[state.place]
    chosen, base = scene.options[option], f"scenes.{state.place}.options.{option}"
    step = Step(
        scene=state.place,
        option=sys.intern(option),
        open=intern(case, offered(case, state.place, names, knows)),
        target=first(scene.target or case.context.target, knows),
        weight=scene.weight,
        first=True,
        decision=len(names) > 1,
        repeats_decision=False,
        cost=min(chosen.costs, state.patience),
        effect=chosen.effect[0].value,
        because=sys.intern(text_id(base + ".because", chosen.because, knows)),
        knew=intern(case, tuple([intern(case, (name, knows(name))) for name in (*case.memory, *case.facts)])),
        state=state,
    )
    ways = []
    for path, after in outcomes(case, state, option, keep=False):
        reply = heard(base + ".reply", chosen.reply, knowledge(case, after)) if chosen.reply else ()
        ways.append((intern(case, path), intern(case, after), intern(case, reply)))
    return Turn(sys.intern(text_id(base + ".text", chosen.text, knows)), tuple(ways), [step])


def reached(case: Case, step: Step) -> list[State]:
    """The states a choice can lead to, one for each thing one may learn by it."""
    return [after for _, after, _ in turn(case, step.state, step.option).ways]


def offered(case: Case, scene: str, names: Iterable[str], knows: Callable[[str], str]) -> Offer:
    """Option, position and fit key of each of these options, as they are for who knows this."""
    options = case.scenes[scene].options
    return tuple([(name, first(options[name].position, knows), first(options[name].fit, knows)) for name in names])
