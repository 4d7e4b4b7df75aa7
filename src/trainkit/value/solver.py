"""Exact play: what every state of a case is worth, without sampling.

Expectimax over what can be true and what one may learn (SCORING sections 3 and 4). The value of a run is its ending's value
plus effects minus the price of patience; a state's worth is its expectation over the possible worlds under best play, worst
play, best play without questions, and play at random. States with the same future are solved once; what makes them the same
is in :mod:`trainkit.value.reduction`.

Inside, a state's worth is kept as a sum, Σ probability · value over its worlds: what parts the worlds is then an addition,
and only the result is divided by the state's own probability.
"""

import threading
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from trainkit.case.cache import STATES, Cache, PerCase
from trainkit.case.model import Case
from trainkit.engine.rules import State
from trainkit.errors import N_, TrainkitError
from trainkit.garbage import gc_paused
from trainkit.value.array_solver import ArraySolver, solve_as_arrays
from trainkit.value.compiled import CompiledCase, OpenOption, SolverNode, Sums, is_open

MAX_STATES = 1_000_000  # about 600 MB: 599 bytes a state, measured

T = TypeVar("T")


class Unsolvable(TrainkitError):
    """Exact play of this case can't be worked out; ``reason`` is a key of :data:`trainkit.scoring.attempt.REASONS`."""

    reason: str


class TooLarge(Unsolvable):
    """It takes more states, or goes deeper, than can be worked out."""

    reason = "too_large"


class Circle(Unsolvable):
    """One may go round for ever."""

    reason = "circle"


class DeadEnd(Unsolvable):
    """Somebody who knows this has nothing to say."""

    reason = "dead_end"


class Worth(NamedTuple):
    """Expected value of a run, in the unit of ending values (0 … 1, less what patience was spent)."""

    best: float  # V*, under best play
    worst: float  # V_min, under worst play
    unasked: float  # V₀: best play with questions closed wherever another option is open
    random: float  # each open option equally likely

    @property
    def span(self) -> float:
        """W = V* − V_min: what is at stake."""
        return self.best - self.worst

    @property
    def gain(self) -> float:
        """G = V* − V₀: what asking is worth."""
        return self.best - self.unasked


class ExactPlay:
    """Exact play of one case; get it with :func:`exact_play`. States are solved when they are first asked for."""

    def __init__(self, case: Case):
        self.case = case
        self._lock = threading.RLock()
        self._forget()

    def _forget(self) -> None:
        self.states = 0
        self._worths: Cache[State, Worth] = Cache(2 * STATES)
        self._solving: set[tuple[SolverNode, int, int, int]] = set()
        self.array_solvers: dict[SolverNode, list[ArraySolver]] = {}
        self._compiled = CompiledCase(self.case)

    def worth(self, state: State) -> Worth:
        """What a state is worth.

        Raises TooLarge if the case takes too many states or is too deep, Circle if it goes in a circle without a question or
        a cost, DeadEnd if somewhere no option is open.
        """
        return self._worths.get(state) or self._worths.keep(state, self._answer(self._worth, state))

    def after(self, state: State) -> dict[str, Worth]:
        """Open option → what the run is worth once it is chosen, its cost and effect included; ``best`` is Q."""
        return self._answer(self._after, state)

    def q(self, state: State) -> dict[str, float]:
        """Open option → Q, what the run is worth once it is chosen and all that follows is played best."""
        return {name: worth.best for name, worth in self.after(state).items()}

    def mass(self, worlds: int) -> float:
        """Prior probability of a set of worlds."""
        return self._compiled.mass(worlds)

    def _answer(self, solve: Callable[[SolverNode, int, int, int], T], state: State) -> T:
        with self._lock, gc_paused():  # a state half solved by another thread would look like a circle
            bits = self._compiled.reduction.bit
            asked = sum(bits[mark] for mark in state.asked)
            try:
                node = self._compiled.place(state.place).node(state.memory)
                return solve(node, state.worlds, asked, state.patience)
            except BaseException as error:
                self._forget()  # half-solved states must not be taken for a circle next time
                if isinstance(error, RecursionError):
                    raise TooLarge(N_('a way through "{case}" is too long for exact play'), case=self.case.id) from None
                raise

    def _worth(self, node: SolverNode, worlds: int, asked: int, patience: int) -> Worth:
        whole = self.mass(worlds)
        if node.place.name in self.case.endings:
            value = self._sum(node.place.worth(node.memory), worlds) / whole
            return Worth(value, value, value, value)
        key = worlds, asked & node.askable, patience if node.patient else 0
        return Worth(*[total / whole for total in self._solve(node, *key)])

    def _after(self, node: SolverNode, worlds: int, asked: int, patience: int) -> dict[str, Worth]:
        whole = self.mass(worlds)
        return {
            option.name: Worth(*[total / whole for total in self._option(option, worlds, asked, patience)])
            for option in node.compile()
            if not asked & option.mark and is_open(option, worlds)
        }

    def _solve(self, node: SolverNode, worlds: int, asked: int, patience: int) -> Sums:
        """Sums of a state that was not met before: those of the reduced state it has its future in common with."""
        if node.options is None:
            node.compile()
        given, reduction = (worlds, asked, patience), self._compiled.reduction
        worlds, facts = reduction.worlds(node.place.facts, worlds)
        if asked:
            asked = reduction.asked(node.place.name, asked, worlds, facts)
        key = worlds, asked, patience
        sums = node.solved.get(key)
        large = sums is None and node.place.large and facts == node.place.facts
        if large and not (asked and reduction.unheard(asked, worlds, facts)):
            sums = self._from_arrays(node, worlds, asked, patience)
        if sums is None:
            sums = self._choose(node, worlds, asked, patience)
        node.solved[key] = sums
        if key != given:
            if worlds != given[0]:
                share = self.mass(given[0]) / self.mass(worlds)
                best, worst, unasked, random = sums
                sums = best * share, worst * share, unasked * share, random * share
            node.solved[given] = sums
        return sums

    def _choose(self, node: SolverNode, worlds: int, asked: int, patience: int) -> Sums:
        """Best, worst, unasked and random sums over the options of a state."""
        name, state = node.place.name, (node, worlds, asked, patience)
        if state in self._solving:
            rule = N_('"{case}" goes in a circle at "{name}" without a question or a cost')
            raise Circle(rule, case=self.case.id, name=name)
        if self.states >= MAX_STATES:
            rule = N_(
                'exact play of "{case}" takes over {most:,} states: drop a fact, a question or a memory that matters little'
            )
            raise TooLarge(rule, case=self.case.id, most=MAX_STATES)
        self.states += 1
        self._solving.add(state)
        best, worst, unasked, asking, random, count = -9e9, 9e9, -9e9, -9e9, 0.0, 0
        for option in node.options:
            if asked & option.mark or (option.when and not is_open(option, worlds)):
                continue
            settled = option.sums
            sums = None if settled is None else settled.get(worlds)
            if sums is None:
                sums = self._option(option, worlds, asked, patience)
                if settled is not None:
                    settled[worlds] = sums
            if_best, if_worst, if_unasked, if_random = sums
            if if_best > best:  # noqa: PLR1730  a third of the time of max()
                best = if_best
            if if_worst < worst:  # noqa: PLR1730
                worst = if_worst
            if option.mark:
                if if_unasked > asking:  # noqa: PLR1730
                    asking = if_unasked
            elif if_unasked > unasked:
                unasked = if_unasked
            random += if_random
            count += 1
        self._solving.remove(state)
        if not count:
            raise DeadEnd(f'a dead end at "{name}": no option is open')
        return best, worst, unasked if unasked > -9e9 else asking, random / count

    def _option(self, option: OpenOption, worlds: int, asked: int, patience: int) -> Sums:
        """Sums once an option is chosen."""
        _, mark, costs, _, terms, nodes, leaving, _ = option
        gained = 0.0
        if costs:
            gained = -self._compiled.price * min(costs, patience) * self.mass(worlds)
            patience -= costs
            if patience <= 0:
                patience = 0
                if leaving:
                    terms, nodes = leaving
        if terms:
            gained += self._sum(terms, worlds)
        asked |= mark
        best = worst = unasked = random = gained
        for node, masks in nodes:
            still_asked, left = asked & node.askable, patience if node.patient else 0
            for mask in masks:
                part = worlds & mask
                if part:
                    sums = node.solved.get((part, still_asked, left)) or self._solve(node, part, still_asked, left)
                    best += sums[0]
                    worst += sums[1]
                    unasked += sums[2]
                    random += sums[3]
        return best, worst, unasked, random

    def _sum(self, terms: tuple[tuple[int, float], ...], worlds: int) -> float:
        """Sum of what has one value in each of some sets of worlds."""
        masses, total = self._compiled.masses, 0.0
        for mask, value in terms:
            part = worlds & mask
            if part:
                total += (masses.get(part) or self.mass(part)) * value
        return total

    def _from_arrays(self, node: SolverNode, worlds: int, asked: int, patience: int) -> Sums | None:
        """Sums of a state of a large inquiry, where that can be solved all at once."""
        solvers = self.array_solvers.setdefault(node, [])
        for solver in solvers:
            if (sums := solver.sums(worlds, asked, patience)) is not None:
                return sums
        solver = solve_as_arrays(self._compiled, node, worlds, asked, patience)
        if solver is None:
            return None
        solvers.append(solver)
        return solver.sums(worlds, asked, patience)


_EXACT_PLAY = PerCase(ExactPlay)


def exact_play(case: Case) -> ExactPlay:
    """Exact play of a case; solved once for each version of it."""
    return _EXACT_PLAY.of(case)
