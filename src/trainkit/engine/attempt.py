"""One run through a case: a pure state machine without screen, clock, disk or chance.

An :class:`Attempt` is frozen; every move returns a new one. The same case hash, seed and answers give the same run
everywhere: facts are drawn from SHA-256 of the seed and the fact's name, which no Python version changes.

The loop of every front end is *show, list options, choose*::

    attempt = start(case, seed=7)
    while not attempt.finished:
        attempt = choose(attempt, attempt.open[0])
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeVar

from trainkit.case.conditions import first, holds, text_id
from trainkit.case.graph import steps_from
from trainkit.case.model import PLAYER, Case, Line, Option, Scene
from trainkit.engine.facts import draw_facts, true_world
from trainkit.engine.rules import State, knowledge, known_facts, open_options, outcomes, remembered, truth_of
from trainkit.errors import Refused, TrainkitError, UnknownName, shown

T = TypeVar("T")
MAX_SEED = 2**53 - 1  # what JavaScript and JSON readers keep exactly


class Said(NamedTuple):
    """A line of the conversation, by text id, so that it can be shown in any language."""

    speaker: str
    text: str
    step: int | None = None  # of one's own words: which step they were


@dataclass(frozen=True, slots=True)
class Step:
    """One choice and what else was open.

    ``open`` has (option, position, fit key) for every option open then, the chosen one included; a position of None is
    off-axis, a fit key of None is left to the formula of SCORING section 2. ``first`` says that it is the scene's first
    choice in this attempt, ``decision`` that at least two options were open, ``repeats_decision`` that a step back led
    here and the same had been decided before it; ``knew`` is what was remembered and known, ``state`` where the choice
    was made.
    """

    scene: str
    option: str
    open: tuple[tuple[str, float | None, float | str | None], ...]
    target: float
    weight: float
    first: bool
    decision: bool
    repeats_decision: bool
    cost: int
    effect: float
    because: str
    knew: tuple[tuple[str, str], ...]
    state: State
    memo: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A run so far. Make one with :func:`start`, move it with :func:`choose` and :func:`back`."""

    case: Case
    seed: int
    fixed: tuple[tuple[str, str], ...]
    truth: tuple[str, ...]
    state: State
    steps: tuple[Step, ...] = ()
    said: tuple[Said, ...] = ()
    trail: tuple[tuple[str, tuple[str, ...]], ...] = ()
    seen: frozenset[str] = frozenset()
    undone: frozenset[str] = frozenset()  # scenes answered before the last step back

    @property
    def finished(self) -> bool:
        """Whether an ending was reached."""
        return self.state.place in self.case.endings

    @property
    def ending(self) -> str | None:
        """The ending reached, if any."""
        return self.state.place if self.finished else None

    @property
    def facts(self) -> dict[str, str]:
        """The drawn truth, hidden facts included."""
        return dict(zip(self.case.facts, self.truth, strict=True))

    @property
    def known(self) -> dict[str, str]:
        """What the trainee can know: fact → value or ``unknown``."""
        return known_facts(self.case, self.state)

    @property
    def open(self) -> tuple[str, ...]:
        """Options open now; questions already asked are not."""
        return open_options(self.case, self.state)

    @property
    def went_back(self) -> bool:
        """Whether there was a step back on the way."""
        return bool(self.undone)

    @property
    def can_go_back(self) -> bool:
        """Whether there is a scene to go back to; never from an ending."""
        return not self.finished and any(place != self.state.place for place, _ in self.trail)

    @property
    def decisions(self) -> tuple[Step, ...]:
        """The steps that are scored: each scene's first choice among at least two."""
        return tuple(step for step in self.steps if step.first and step.decision)


# ---- the moves ----------------------------------------------------------------------------------------------


def start(case: Case, seed: int = 0, fixed: Mapping[str, str] | None = None) -> Attempt:
    """Begin an attempt.

    Parameters
    ----------
    case : Case
    seed : int
        0 … 2⁵³ − 1; decides the facts that are not fixed.
    fixed : mapping of fact to value, optional
        Facts set by the trainer or a walk.

    Raises
    ------
    UnknownName
        If a fact or a value does not exist.
    TrainkitError
        If the seed is out of range or the fixed values can't occur together.
    """
    if fixed is not None and not isinstance(fixed, Mapping):
        raise TrainkitError(
            f"fixed maps facts to values, e.g. {{'{next(iter(case.facts), 'fact')}': …}} (got {shown(fixed)})"
        )
    fixed = dict(fixed or {})
    for fact, value in fixed.items():
        if not isinstance(fact, str) or fact not in case.facts:
            raise UnknownName("fact", fact, case.facts)
        if not isinstance(value, str) or value not in case.facts[fact].values:
            raise UnknownName(f'value of "{fact}"', value, case.facts[fact].values)
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed <= MAX_SEED:
        raise TrainkitError(f"a seed is a whole number from 0 to {MAX_SEED} (got {seed!r})")
    truth = draw_facts(case, seed, fixed)
    design = [n for n, fact in enumerate(case.facts.values()) if fact.design]
    worlds = sum(1 << bit for bit, world in enumerate(case.worlds) if all(world[n] == truth[n] for n in design))
    state = State(
        place=case.start,
        worlds=worlds,
        asked=frozenset(),
        patience=case.patience.budget if case.patience else 0,
        memory=tuple(values[0] for values in case.memory.values()),
    )
    said, seen = _arrived(case, [case.start], state, truth, (), frozenset())
    return Attempt(case, seed, tuple(sorted(fixed.items())), truth, state, said=said, seen=seen)


def choose(attempt: Attempt, option: str) -> Attempt:
    """Say something: the attempt after this choice.

    Raises
    ------
    Refused
        If the attempt is over or the option is not open in this state.
    UnknownName
        If the scene has no such option.
    """
    case, state = attempt.case, attempt.state
    scene = _scene(attempt)
    if not isinstance(option, str) or option not in scene.options:
        raise UnknownName("option", option, attempt.open)
    if option not in attempt.open:
        why = "has been asked already" if (state.place, option) in state.asked else "is not open now"
        raise Refused(f'"{option}" {why}. Open are: {", ".join(attempt.open)}.')
    chosen = scene.options[option]
    turn = _turn(case, state, option, attempt.open)
    first_here = all(earlier.scene != state.place for earlier in attempt.steps)
    step = turn.step(first_here, _repeats_decision(attempt, chosen.ask), _effect(attempt, chosen))
    bit = 1 << true_world(case, attempt.truth)
    path, after, reply = next(way for way in turn.ways if way[1].worlds & bit)
    mine = intern(case, Said(PLAYER, turn.text, len(attempt.steps)))
    said, seen = _arrived(case, path, after, attempt.truth, (*attempt.said, mine, *reply), attempt.seen)
    return Attempt(
        case=case,
        seed=attempt.seed,
        fixed=attempt.fixed,
        truth=attempt.truth,
        state=after,
        steps=(*attempt.steps, step),
        said=said,
        trail=(*attempt.trail, intern(case, (state.place, state.memory))),
        seen=seen,
        undone=attempt.undone,
    )


@dataclass(frozen=True, slots=True)
class _Turn:
    """Saying something in a state: what is the same for everyone who does.

    ``ways`` has the places passed through, the state there and what is answered; ``steps`` what it has been so far.
    """

    text: str
    ways: tuple[tuple[tuple[str, ...], State, tuple[Said, ...]], ...]
    steps: list[Step]

    def step(self, first_here: bool, repeats_decision: bool, effect: float) -> Step:
        """The step, which is one object for all for whom it is the same."""
        for step in self.steps:
            if (step.first, step.repeats_decision, step.effect) == (first_here, repeats_decision, effect):
                return step
        self.steps.append(replace(self.steps[0], first=first_here, repeats_decision=repeats_decision, effect=effect))
        return self.steps[-1]


def _turn(case: Case, state: State, option: str, names: Sequence[str]) -> _Turn:
    """A room of thousands says the same in the same state again and again; everything of it is kept once."""
    key = ("turn", state, option)
    if key not in case.memo:
        knows, scene = knowledge(case, state), case.scenes[state.place]
        chosen, base = scene.options[option], _base(state.place, option)
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
            knew=intern(case, tuple((name, knows(name)) for name in (*case.memory, *case.facts))),
            state=state,
        )
        ways = []
        for path, after in outcomes(case, state, option, keep=False):
            reply = _heard(base + ".reply", chosen.reply, knowledge(case, after))
            ways.append((intern(case, path), intern(case, after), intern(case, reply)))
        case.memo[key] = _Turn(sys.intern(text_id(base + ".text", chosen.text, knows)), tuple(ways), [step])
    return case.memo[key]


def reached(case: Case, step: Step) -> list[State]:
    """The states a choice can lead to, one for each thing one may learn by it."""
    names = [name for name, _, _ in step.open]
    return [after for _, after, _ in _turn(case, step.state, step.option, names).ways]


def _effect(attempt: Attempt, chosen: Option) -> float:
    if len(chosen.effect) == 1:
        return chosen.effect[0].value
    memory = remembered(attempt.case, attempt.state.memory, chosen)
    return first(chosen.effect, truth_of(attempt.case, memory, attempt.truth))


def intern(case: Case, value: T) -> T:
    """One object for all that is equal: a room of thousands has it thousands of times."""
    return case.memo.setdefault(("equal", value), value)


def offered(
    case: Case, scene: str, names: Iterable[str], knows: Callable[[str], str]
) -> tuple[tuple[str, float | None, float | str | None], ...]:
    """Option, position and fit key of each of these options, as they are for who knows this."""
    options = case.scenes[scene].options
    return tuple((name, first(options[name].position, knows), first(options[name].fit, knows)) for name in names)


def _repeats_decision(attempt: Attempt, asks: bool) -> bool:
    """Whether this choice stands where one was made before a step back: the same question time, or the same going on."""
    state = attempt.state
    if state.place not in attempt.undone:
        return False
    options = attempt.case.scenes[state.place].options
    before = [step for step in attempt.steps if step.scene == state.place]
    if asks:
        return any((step.state.worlds, step.state.asked) == (state.worlds, state.asked) for step in before)
    return any(not options[step.option].ask for step in before)


def back(attempt: Attempt) -> Attempt:
    """Go back to the scene before this one.

    The scene and what was remembered before it return; knowledge, patience and asked questions stay. The scene's first
    choice goes on to count.

    Raises
    ------
    Refused
        If the attempt is over or there is no earlier scene.
    """
    if not attempt.can_go_back:
        raise Refused("there is no way back from an ending" if attempt.finished else "this is where it began")
    trail = attempt.trail
    while trail[-1][0] == attempt.state.place:
        trail = trail[:-1]
    place, memory = trail[-1]
    state = replace(attempt.state, place=place, memory=memory)
    undone = frozenset(step.scene for step in attempt.steps)
    said = (*attempt.said, Said("back", "back"))
    said, seen = _arrived(attempt.case, [place], state, attempt.truth, said, attempt.seen - {place})
    return replace(attempt, state=state, trail=trail[:-1], undone=undone, said=said, seen=seen)


def replay(case: Case, seed: int, fixed: Mapping[str, str], answers: Iterable[str | None]) -> Attempt:
    """The attempt after a row of answers; None stands for a step back."""
    attempt = start(case, seed, fixed)
    for answer in answers:
        attempt = back(attempt) if answer is None else choose(attempt, answer)
    return attempt


def starts(case: Case) -> list[State]:
    """The states a case can begin in: one for each combination of design facts."""
    design = [n for n, fact in enumerate(case.facts.values()) if fact.design]
    combinations = {tuple(world[n] for n in design): world for world in case.worlds}
    names = list(case.facts)
    return [start(case, 0, {names[n]: world[n] for n in design}).state for world in combinations.values()]


# ---- what is heard ------------------------------------------------------------------------------------------


def _base(scene: str, option: str) -> str:
    return f"scenes.{scene}.options.{option}"


def _scene(attempt: Attempt) -> Scene:
    if attempt.finished:
        raise Refused("this conversation is over")
    return attempt.case.scenes[attempt.state.place]


def _heard(base: str, lines: Sequence[Line], value_of: Callable[[str], str]) -> tuple[Said, ...]:
    return tuple(
        Said(line.speaker, sys.intern(text_id(f"{base}.{number}", line.text, value_of)))
        for number, line in enumerate(lines, 1)
        if holds(line.when, value_of)
    )


def _arrived(
    case: Case,
    path: Sequence[str],
    state: State,
    truth: tuple[str, ...],
    said: tuple[Said, ...],
    seen: frozenset[str],
) -> tuple[tuple[Said, ...], frozenset[str]]:
    """What was said and seen, with the lines on the way and on arrival; an inquiry's only the first time."""
    for place in path:
        if place in case.endings:
            said += _heard(f"endings.{place}.lines", case.endings[place].lines, truth_of(case, state.memory, truth))
        elif place not in seen or case.scenes[place].kind == "talk":
            key = ("lines", place, state.worlds, state.memory)
            if key not in case.memo:
                case.memo[key] = _heard(f"scenes.{place}.lines", case.scenes[place].lines, knowledge(case, state))
            said += case.memo[key]
            seen = seen if place in seen else intern(case, seen | {place})
    return said, seen


def afterwards(attempt: Attempt) -> tuple[Said, ...]:
    """What happened later, after the ending reached; empty where nothing is told."""
    if not attempt.finished:
        return ()
    truth = truth_of(attempt.case, attempt.state.memory, attempt.truth)
    return _heard(f"endings.{attempt.ending}.after", attempt.case.endings[attempt.ending].after, truth)


def askable(attempt: Attempt) -> tuple[str, ...]:
    """Facts that some way through this case, under its design, would reveal."""
    case = attempt.case
    design = {name: value for name, value in attempt.facts.items() if case.facts[name].design}
    key = ("askable", tuple(design.values()))
    if key not in case.memo:
        case.memo[key] = _askable(case, design)
    return case.memo[key]


def _askable(case: Case, design: Mapping[str, str]) -> tuple[str, ...]:
    def possible(when: Mapping[str, Sequence[str]] | None) -> bool:
        return all(design[name] in values for name, values in (when or {}).items() if name in design)

    def options(place: str) -> list[Option]:
        return [option for option in case.scenes[place].options.values() if possible(option.when)]

    def ways(place: str) -> list[str]:
        if place in case.endings:
            return []
        lists = [*(option.goto for option in options(place)), case.scenes[place].goto or ()]
        return [rule.value for rules in lists for rule in rules if possible(rule.when)]

    scenes = [place for place in steps_from(case.start, ways) if place in case.scenes]
    told = {fact for place in scenes for option in options(place) for fact in option.reveals}
    return tuple(fact for fact in case.facts if fact in told)


def mood(attempt: Attempt) -> str | None:
    """Text id of the client's mood at the ending reached."""
    if not attempt.finished:
        return None
    truth = truth_of(attempt.case, attempt.state.memory, attempt.truth)
    return text_id(f"endings.{attempt.ending}.mood", attempt.case.endings[attempt.state.place].mood, truth)


def value(attempt: Attempt) -> float | None:
    """Value of a finished run, 0 … 1 before cost: ending value + effects − price·patience spent (SCORING section 3)."""
    if not attempt.finished:
        return None
    case = attempt.case
    price = case.patience.price if case.patience else 0
    ending = case.endings[attempt.state.place]
    served = first(ending.value, truth_of(case, attempt.state.memory, attempt.truth))
    return served + sum(step.effect - price * step.cost for step in attempt.steps)
