"""Exact play: what every state of a case is worth, without sampling.

Expectimax over what can be true and what one may learn (SCORING sections 3 and 4). The value of a run is its ending's value
plus effects minus the price of patience; a state's worth is its expectation over the possible worlds under best play, worst
play, best play without questions, and play at random. States with the same future are solved once; what makes them the same
is in :mod:`trainkit.value.reduction`.

Regret against exact play is standard in decision analysis; scoring a trainee by it is this kit's own, and its validity with
people is still to be shown.
"""

from __future__ import annotations

import gc
import math
import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from trainkit.case.conditions import UNKNOWN, Rule
from trainkit.case.model import Case, Option
from trainkit.engine.rules import State, parts, remembered, split
from trainkit.errors import TrainkitError
from trainkit.value.array_solver import ArraySolver, solve_as_arrays
from trainkit.value.reduction import Reduction

MAX_STATES = 1_000_000  # about 600 MB: 599 bytes a state, measured


class Worth(NamedTuple):
    """Expected value of a run, in the unit of ending values (0 … 1, less what patience was spent).

    Attributes
    ----------
    best, worst : float
        Under best and worst play: V* and V_min.
    unasked : float
        V₀: best play with questions closed wherever another option is open.
    random : float
        Each open option equally likely.
    """

    best: float
    worst: float
    unasked: float
    random: float


class ExactPlay:
    """Exact play of one case; get it with :func:`policy`. States are solved when they are first asked for."""

    def __init__(self, case: Case):
        self.case = case
        self.states = 0
        self._lock = threading.RLock()
        self._reduction = Reduction(case)
        self.price = case.patience.price if case.patience else 0.0
        self._mass: dict[int, float] = {}
        self._nodes: dict[tuple[str, tuple[str, ...]], SolverNode] = {}
        self._planned: dict[str, tuple[_Plan, ...]] = {}

    def worth(self, state: State) -> Worth:
        """What a state is worth.

        Raises
        ------
        TrainkitError
            If the case takes too many states, is too deep, or goes in a circle without a question or a cost.
        """
        return Worth(*self._asked(self._solved, state))

    def after(self, state: State) -> dict[str, Worth]:
        """Open option → what the run is worth once it is chosen, its cost and effect included; ``best`` is Q."""
        return self._asked(self._each, state)

    def mass(self, worlds: int) -> float:
        """Prior probability of a set of worlds."""
        found = self._mass.get(worlds)
        if found is None:
            shares, found, left = self.case.probabilities, 0.0, worlds
            while left:
                bit = left & -left
                found += shares[bit.bit_length() - 1]
                left ^= bit
            self._mass[worlds] = found
        return found

    # ---- solving ----------------------------------------------------------------------------------------------

    def _asked(self, solve: Callable[..., Any], state: State) -> Any:
        with self._lock:  # a state half solved by another thread would look like a circle
            return self._answered(solve, state)

    def _answered(self, solve: Callable[..., Any], state: State) -> Any:
        bits = self._reduction.bit
        asked = sum(bits[mark] for mark in state.asked)
        collecting = gc.isenabled()
        gc.disable()  # nothing that is made here can be dropped before the end
        try:
            return solve(self._node(state.place, state.memory), state.worlds, asked, state.patience)
        except BaseException as error:
            self._nodes.clear()  # half-solved states must not be taken for a circle next time
            self.states = 0
            if isinstance(error, RecursionError):
                raise TrainkitError(f'a way through "{self.case.id}" is too long for exact play') from None
            raise
        finally:
            if collecting:
                gc.enable()

    def _each(self, node: SolverNode, worlds: int, asked: int, patience: int) -> dict[str, Worth]:
        ways = [way for way in node.ways if not asked & way.mark and _open(way, worlds)]
        return {way.name: Worth(*self._chosen(way, worlds, asked, patience)) for way in ways}

    def _solved(self, node: SolverNode, worlds: int, asked: int, patience: int) -> Four:
        """Best, worst, unasked and random worth; plain tuples, since a case has tens of thousands."""
        if node.values:
            value = self._mean(node.values, worlds)
            return value, value, value, value
        worlds, facts = self._reduction.worlds(node.facts, worlds)
        asked &= node.askable
        if asked:
            asked = self._reduction.asked(node.place, asked, worlds, facts)
        key = (worlds, asked, patience if node.patient else 0)
        found = node.solved.get(key)
        if found is not None:
            if found is _SOLVING:
                raise TrainkitError(f'"{self.case.id}" goes in a circle at "{node.place}" without a question or a cost')
            return found
        if node.large and facts == node.facts and not (asked and self._reduction.unheard(asked, worlds, facts)):
            found = self._from_arrays(node, *key)
            if found is not None:
                return found
        if self.states >= MAX_STATES:
            raise TrainkitError(
                f'exact play of "{self.case.id}" takes over {MAX_STATES:,} states: '
                "drop a fact, a question or a memory that matters little"
            )
        self.states += 1
        node.solved[key] = _SOLVING
        best, worst, unasked, asking, total, count = -9e9, 9e9, -9e9, -9e9, 0.0, 0
        for way in node.ways:
            if asked & way.mark or (way.when and not _open(way, worlds)):
                continue
            a, b, c, d = self._chosen(way, worlds, asked, patience)
            if a > best:  # noqa: PLR1730  a third of the time of max()
                best = a
            if b < worst:  # noqa: PLR1730
                worst = b
            if way.mark:
                asking = max(asking, c)
            elif c > unasked:
                unasked = c
            total += d
            count += 1
        if not count:
            raise TrainkitError(f'a dead end at "{node.place}": no option is open')
        found = node.solved[key] = (best, worst, unasked if unasked > -9e9 else asking, total / count)
        return found

    def _from_arrays(self, node: SolverNode, worlds: int, asked: int, patience: int) -> Four | None:
        for found in node.arrays:
            if (worth := found.worth(worlds, asked, patience)) is not None:
                return worth
        if (found := solve_as_arrays(self, node, worlds, asked, patience)) is None:
            return None
        node.arrays.append(found)
        return found.worth(worlds, asked, patience)

    def reveals(self, node: SolverNode, way: OpenOption) -> tuple[str, ...]:
        """Facts an option tells that still matter."""
        return tuple(fact for fact in self.case.scenes[node.place].options[way.name].reveals if fact in node.facts)

    def _chosen(self, way: OpenOption, worlds: int, asked: int, patience: int) -> Four:
        _, mark, costs, _, terms, ends, leaving = way
        gain = self._mean(terms, worlds) if terms else 0.0
        if costs:
            gain -= self.price * min(costs, patience)
            patience -= costs
            if patience <= 0:
                patience, ends = 0, leaving
        asked |= mark
        if len(ends) == 1:
            a, b, c, d = self._solved(ends[0][1], worlds, asked, patience)
            return a + gain, b + gain, c + gain, d + gain
        known, mass = self._mass, self.mass
        best = worst = unasked = random = 0.0
        for mask, node in ends:
            part = worlds & mask
            if part:
                share = known.get(part) or mass(part)
                a, b, c, d = self._solved(node, part, asked, patience)
                best += share * a
                worst += share * b
                unasked += share * c
                random += share * d
        whole = known.get(worlds) or mass(worlds)
        return best / whole + gain, worst / whole + gain, unasked / whole + gain, random / whole + gain

    def _mean(self, terms: Terms, worlds: int) -> float:
        """Expectation of what has one value in each of some sets of worlds."""
        if len(terms) == 1:
            return terms[0][1]
        known, mass = self._mass, self.mass
        total = 0.0
        for mask, value in terms:
            part = worlds & mask
            if part:
                if part == worlds:
                    return value
                total += (known.get(part) or mass(part)) * value
        return total / (known.get(worlds) or mass(worlds))

    # ---- places, each with what is remembered there -------------------------------------------------------------

    def _node(self, place: str, memory: tuple[str, ...]) -> SolverNode:
        key = (place, self._reduction.memory(place, memory))
        found = self._nodes.get(key)
        if found is None:
            found = self._nodes[key] = SolverNode(self, *key)
        return found

    def _plans(self, place: str) -> tuple[_Plan, ...]:
        if place not in self._planned:
            scene = self.case.scenes.get(place)
            options = scene.options.items() if scene else ()
            self._planned[place] = tuple(_Plan(self, place, name, option) for name, option in options)
        return self._planned[place]

    def _terms(self, rules: Sequence[Rule], memory: Sequence[str]) -> Terms:
        everywhere = (1 << len(self.case.worlds)) - 1
        return tuple((mask, rules[number].value) for number, mask in split(self.case, rules, memory, everywhere))


class _Plan:
    """An option before one knows what is remembered; works out each thing once for all memories it doesn't read."""

    def __init__(self, policy: ExactPlay, place: str, name: str, option: Option):
        case = policy.case
        names = list(case.memory)
        when = option.when or {}
        passages = {name for name, scene in case.scenes.items() if scene.goto}
        routing = [option.goto]
        if any(rule.value in passages for rule in option.goto):
            routing += [case.scenes[passage].goto for passage in passages]
        self.policy, self.name, self.option = policy, name, option
        self.mark = policy._reduction.bit.get((place, name), 0)
        self.needs = [(names.index(about), values) for about, values in when.items() if about in case.memory]
        self.when = tuple(_known(case, fact, values) for fact, values in when.items() if fact in case.facts)
        self._gains = _reader(names, [option.effect])
        self._routes = _reader(names, routing)
        self._gain: dict[tuple[str, ...], Terms] = {}
        self._ends: dict[tuple[bool, tuple[str, ...]], list[tuple[int, str]]] = {}

    def way(self, memory: tuple[str, ...]) -> OpenOption | None:
        """The option where this is remembered; None if it is not on offer then."""
        for number, values in self.needs:
            if memory[number] not in values:
                return None
        option = self.option
        after = remembered(self.policy.case, memory, option) if option.remember else memory
        key = self._gains(after)
        if key not in self._gain:
            terms = self.policy._terms(option.effect, after)
            self._gain[key] = terms if any(value for _, value in terms) else ()
        leaving = bool(self.policy.case.patience and option.costs)
        return OpenOption(
            self.name,
            self.mark,
            option.costs,
            self.when,
            self._gain[key],
            self._lead(after, False),
            self._lead(after, True) if leaving else (),
        )

    def _lead(self, memory: tuple[str, ...], leaving: bool) -> tuple[tuple[int, SolverNode], ...]:
        """Where it leads, by sets of worlds; what it reveals parts them, too."""
        policy = self.policy
        key = leaving, self._routes(memory)
        if key not in self._ends:
            everywhere = (1 << len(policy.case.worlds)) - 1
            endings: dict[str, int] = {}  # what one learns on arriving at an ending is of no more use
            found = []
            for path, mask in parts(policy.case, self.option, everywhere, memory, leaving):
                if path[-1] in policy.case.endings:
                    endings[path[-1]] = endings.get(path[-1], 0) | mask
                else:
                    found.append((mask, path[-1]))
            self._ends[key] = found + [(mask, place) for place, mask in endings.items()]
        return tuple([(mask, policy._node(place, memory)) for mask, place in self._ends[key]])


Four = tuple[float, float, float, float]
_SOLVING: Four = (math.nan, math.nan, math.nan, math.nan)
Terms = tuple[tuple[int, float], ...]  # (set of worlds, value there)


class SolverNode:
    """A place with what is remembered there, compiled: conditions on memory are decided, those on facts are bit sets."""

    def __init__(self, policy: ExactPlay, place: str, memory: tuple[str, ...]):
        reduction = policy._reduction
        here = reduction.places[place]
        self.place, self.memory, self.facts, self.patient = place, memory, here.facts, here.patient
        self.askable = reduction.askable(place)
        self.solved: dict[tuple[int, int, int], Four] = {}
        self.arrays: list[ArraySolver] = []
        self._policy = policy
        ending = policy.case.endings.get(place)
        self.values = policy._terms(ending.value, memory) if ending else ()

    @cached_property
    def large(self) -> bool:
        """Whether there may be so much to know here that it is solved for all of it at once."""
        scene = self._policy.case.scenes.get(self.place)
        return bool(scene and scene.kind == "inquiry" and len(self._policy.case.worlds) > 200)

    @cached_property
    def ways(self) -> tuple[OpenOption, ...]:
        """Options on offer where this is remembered."""
        plans = self._policy._plans(self.place)
        return tuple(way for plan in plans if (way := plan.way(self.memory)) is not None)


class OpenOption(NamedTuple):
    """An option at a node."""

    name: str
    mark: int  # of a question
    costs: int
    when: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]
    gain: Terms
    ends: tuple[tuple[int, SolverNode], ...]
    leaving: tuple[tuple[int, SolverNode], ...]  # the same where patience is used up


def _open(way: OpenOption, worlds: int) -> bool:
    """Whether an option is on offer to someone who knows this."""
    return all(
        any(worlds & mask == worlds for mask in among) or (bool(every) and all(worlds & m != worlds for m in every))
        for among, every in way.when
    )


def _reader(names: list[str], lists: Sequence[Sequence[Rule]]) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    """Picks from a memory what the rules read."""
    read = {name for rules in lists for rule in rules for name in rule.when or ()}
    numbers = [number for number, name in enumerate(names) if name in read]
    return lambda memory: tuple([memory[number] for number in numbers])


def _known(case: Case, fact: str, values: Sequence[str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The sets of worlds in which a known fact has one of the values; all its sets, if it may also be unknown."""
    among = tuple(case.masks[fact, value] for value in values if (fact, value) in case.masks)
    every = tuple(mask for (name, _), mask in case.masks.items() if name == fact)
    return among, every if UNKNOWN in values else ()


def exact_play(case: Case) -> ExactPlay:
    """Exact play of a case; solved once for each version of it."""
    if "policy" not in case.memo:
        case.memo["policy"] = ExactPlay(case)
    return case.memo["policy"]
