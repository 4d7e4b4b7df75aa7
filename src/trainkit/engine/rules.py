"""What can follow from a state: who knows what, which options are open, where each can lead.

Shared by the one run that is played (:mod:`trainkit.engine.attempt`) and by all that could be
(:mod:`trainkit.checks.reachability`, :mod:`trainkit.value.solver`).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from trainkit.case.cache import STATES, Cache, PerCase, kept_per_case
from trainkit.case.conditions import UNKNOWN, Rule, holds
from trainkit.case.model import Case, Option
from trainkit.errors import N_, TrainkitError


class State(NamedTuple):
    """What the future depends on."""

    place: str  # the scene or ending
    worlds: int  # fact values not yet excluded, as bits over ``case.worlds``
    asked: frozenset[tuple[str, str]]  # questions: (scene, option)
    patience: int  # what is left of the client's budget; 0 where the case has none
    memory: tuple[str, ...]  # remembered values, in the order of ``case.memory``


Parts = list[tuple[tuple[str, ...], int]]  # (the places passed through, the worlds in which it is so)

_OPEN: PerCase[Cache[tuple, tuple[str, ...]]] = PerCase(lambda case: Cache(STATES))
_OUTCOMES: PerCase[Cache[tuple, tuple[tuple[str, ...], Parts]]] = PerCase(lambda case: Cache(50_000))


def begin_state(case: Case, design: Mapping[str, str]) -> State:
    """The state in which a case begins under an experimental condition: its design facts are known, nothing else."""
    worlds = (1 << len(case.worlds)) - 1
    for assigned in design.items():
        worlds &= case.masks[assigned]
    patience = case.patience.budget if case.patience else 0
    return State(case.start, worlds, frozenset(), patience, tuple([values[0] for values in case.memory.values()]))


def starts(case: Case) -> list[State]:
    """The states a case can begin in: one for each experimental condition."""
    return [begin_state(case, dict(design)) for design in dict.fromkeys(map(case.design_of, case.worlds))]


def worlds_alike(case: Case, worlds: int, facts: frozenset[str]) -> int:
    """All worlds that agree in these facts with one of the given, as bits over ``case.worlds``."""
    return sum(group for group in worlds_parted(case, facts) if group & worlds)


@kept_per_case(10_000)
def worlds_parted(case: Case, facts: frozenset[str]) -> tuple[int, ...]:
    """The worlds parted by the values of these facts."""
    groups: dict[tuple[str, ...], int] = {}
    numbers = [number for number, fact in enumerate(case.facts) if fact in facts]
    for bit, world in enumerate(case.worlds):
        values = tuple(world[number] for number in numbers)
        groups[values] = groups.get(values, 0) | 1 << bit
    return tuple(groups.values())


def known_facts(case: Case, state: State) -> dict[str, str]:
    """Fact → the value all remaining worlds agree on, or ``unknown``."""
    known = dict.fromkeys(case.facts, UNKNOWN)
    for (fact, value), mask in case.masks.items():
        if state.worlds & mask == state.worlds:
            known[fact] = value
    return known


def knowledge(case: Case, state: State) -> Callable[[str], str]:
    """What a condition reads where the trainee looks: memory, and facts as far as they are known."""
    values = dict(zip(case.memory, state.memory, strict=True))

    def value_of(name: str) -> str:
        if name not in values:
            values.update(known_facts(case, state))
        return values[name]

    return value_of


def truth_of(case: Case, memory: Sequence[str], world: Sequence[str]) -> Callable[[str], str]:
    """What a condition reads where the world decides: memory, and facts as they are."""
    values = dict(zip(case.facts, world, strict=True)) | dict(zip(case.memory, memory, strict=True))
    return values.__getitem__


def open_options(case: Case, state: State) -> tuple[str, ...]:
    """Options open in a state, in the order of the file."""
    scene = case.scenes.get(state.place)
    if scene is None:
        return ()
    kept, key = _OPEN.of(case), (state.place, state.worlds, state.memory)
    names = kept.get(key)
    if names is None:
        knows = knowledge(case, state)
        names = kept.keep(key, tuple(name for name, option in scene.options.items() if holds(option.when, knows)))
    if not state.asked:
        return names
    return tuple([name for name in names if (state.place, name) not in state.asked])


def remembered(case: Case, memory: Sequence[str], option: Option) -> tuple[str, ...]:
    """Memory after a choice."""
    if not option.remember:
        return tuple(memory)
    return tuple(option.remember.get(name, value) for name, value in zip(case.memory, memory, strict=True))


def split(case: Case, rules: Sequence[Rule], memory: Sequence[str], worlds: int) -> list[tuple[int, int]]:
    """Part the worlds by the rule of a truth-reading list that holds in them: (number of the rule, worlds) pairs."""
    if len(rules) == 1:
        return [(0, worlds)] if worlds else []
    remembers = dict(zip(case.memory, memory, strict=True))
    parts: list[tuple[int, int]] = []
    for number, rule in enumerate(rules):
        where = worlds
        for name, values in (rule.when or {}).items():
            if name in remembers:
                where = where if remembers[name] in values else 0
            else:
                where &= sum(case.masks.get((name, value), 0) for value in values)
        if where:
            parts.append((number, where))
            worlds &= ~where
    return parts


def outcomes(case: Case, state: State, option: str, keep: bool = True) -> list[tuple[tuple[str, ...], State]]:
    """What an open option can lead to: (the places passed through, the state there), one for each thing one may learn.

    The worlds of the states are a partition of the worlds before: by what is revealed and by where the choice leads. At
    zero patience the client leaves, after answering; an ending that the choice leads to goes before that. ``keep`` what was
    worked out, for other states in which the same is known.
    """
    chosen = case.scenes[state.place].options[option]
    patience = max(0, state.patience - chosen.costs)
    leaving = bool(case.patience and chosen.costs and not patience)
    kept, key = _OUTCOMES.of(case), (state.place, option, state.worlds, state.memory, leaving)
    known = kept.get(key)
    if known is None:
        memory = remembered(case, state.memory, chosen)
        known = memory, parts(case, chosen, state.worlds, memory, leaving)
        if keep:
            kept.keep(key, known)
    memory, reached = known
    asked = state.asked | {(state.place, option)} if chosen.ask else state.asked
    return [(path, State(path[-1], worlds, asked, patience, memory)) for path, worlds in reached]


def parts(case: Case, chosen: Option, worlds: int, memory: Sequence[str], leaving: bool) -> Parts:
    """The worlds parted by where a choice leads and by what it reveals."""
    ways: Parts = []
    waiting = [((chosen.goto[n].value,), part) for n, part in split(case, chosen.goto, memory, worlds)]
    if leaving:
        leaves = (case.patience.leaves,)
        stay = sum(part for path, part in waiting if path[0] not in case.endings)
        waiting = [pair for pair in waiting if pair[0][0] in case.endings] + ([(leaves, stay)] if stay else [])
    while waiting:
        path, part = waiting.pop()
        scene = case.scenes.get(path[-1])
        if scene is None or scene.goto is None:
            ways.append((path, part))
        elif len(path) > len(case.scenes):
            raise TrainkitError(N_('the passages lead in a circle at "{place}"'), place=path[-1])
        else:
            waiting += [((*path, scene.goto[n].value), on) for n, on in split(case, scene.goto, memory, part)]
    ways = _as_seen(case, ways)
    for fact in chosen.reveals:
        masks = [mask for (name, _), mask in case.masks.items() if name == fact]
        ways = [(path, part & mask) for path, part in ways for mask in masks if part & mask]
    return ways


def _as_seen(case: Case, ways: Parts) -> Parts:
    """One way for all that look alike: which of two rules with the same destination led there tells nothing."""
    alike: dict[tuple[str, ...], tuple[tuple[str, ...], int]] = {}
    for path, worlds in ways:
        shown = (*(place for place in path[:-1] if case.scenes[place].lines), path[-1])
        first, others = alike.get(shown, (path, 0))
        alike[shown] = first, others | worlds
    return [*alike.values()]
