"""Exact play of a large inquiry, for everything one may know there at once.

Where questions only tell something and lead nowhere else, what one knows is a *cell*: each fact known or unknown. Sums over
the worlds of a cell need no division, so an unknown fact is the sum over its values, and best play of all cells is a handful
of array operations for each *layer*: how many questions of each kind were asked. Small inquiries don't need it:
:mod:`trainkit.value.solver` solves them state by state, and all of them where numpy is missing.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from trainkit.engine.rules import worlds_parted
from trainkit.value.compiled import CompiledCase, OpenOption, SolverNode, Sums, Terms

FEW, MANY = 2_000, 5_000_000  # cells: fewer are quicker one by one; more don't fit a laptop

Layer = tuple[int, ...]
Key = tuple[int, int, int]  # the state it begins in: worlds, marks of asked questions, patience


class QuestionKind(NamedTuple):
    """Questions with the same price and effect; ``leaving`` is what is gained where one uses up the patience."""

    costs: int
    terms: Terms
    leaving: Terms
    questions: list[tuple[int, tuple[int, ...]]]  # the bit of each, and the axes of the facts it tells


class _OtherShape(Exception):
    """What follows the inquiry can't be computed for all cells at once."""


def solve_as_arrays(
    compiled: CompiledCase, node: SolverNode, worlds: int, asked: int, patience: int
) -> ArraySolver | None:
    """An inquiry solved from this state on; None where it has another shape, is small, or numpy is missing."""
    options = node.compile()
    questions = [option for option in options if option.mark]
    exits = [option for option in options if not option.mark]
    if not questions or not exits or any(option.when for option in options) or any(exit.costs for exit in exits):
        return None
    if not all(_only_tells(compiled, node, question) for question in questions):
        return None
    case, written = compiled.case, compiled.case.scenes[node.place.name].options
    known = {fact for (fact, _), mask in case.masks.items() if worlds & mask == worlds}
    open_facts = node.place.facts - known  # that matter, and are not known yet
    told = {
        question.name: [fact for fact in written[question.name].reveals if fact in open_facts] for question in questions
    }
    facts = [fact for fact in case.facts if any(fact in reveals for reveals in told.values())]
    alike: dict[tuple[int, Terms, Terms], list[tuple[int, tuple[int, ...]]]] = {}
    for question in questions:
        kind = question.costs, question.terms, question.leaving[0] if question.leaving else ()
        alike.setdefault(kind, []).append((question.mark, tuple(map(facts.index, told[question.name]))))
    kinds = [QuestionKind(*kind, members) for kind, members in alike.items()]
    cells = math.prod(len(case.facts[fact].values) + 1 for fact in facts)
    layers = math.prod(len(kind.questions) + 1 for kind in kinds)
    if not facts or cells < FEW or cells * layers > MANY:
        return None
    try:
        return ArraySolver(compiled, (worlds, asked, patience), facts, kinds, exits)
    except (ImportError, _OtherShape):
        return None


def _only_tells(compiled: CompiledCase, node: SolverNode, question: OpenOption) -> bool:
    """Whether a question tells what it reveals and nothing else, and leads back here unless the client leaves."""
    if question.leaving and question.leaving[1]:
        return False
    reveals = compiled.case.scenes[node.place.name].options[question.name].reveals
    told, nodes = worlds_parted(compiled.case, frozenset(reveals)), question.nodes
    return len(nodes) == 1 and nodes[0][0] is node and sorted(nodes[0][1]) == sorted(told)


class ArraySolver:
    """Best, worst, unasked and random sums for each cell and layer; get it with :func:`solve_as_arrays`."""

    def __init__(
        self, compiled: CompiledCase, state: Key, facts: list[str], kinds: list[QuestionKind], exits: list[OpenOption]
    ):
        import numpy as np

        self._np, self._compiled, self._facts, self._kinds = np, compiled, facts, kinds
        worlds, asked, patience = state
        self._worlds, self._patience = worlds, patience
        case = compiled.case
        self._shape = tuple(len(case.facts[fact].values) for fact in facts)
        digits = []
        for fact in facts:
            number, values = list(case.facts).index(fact), list(case.facts[fact].values)
            digits.append([values.index(world[number]) for world in case.worlds])
        self._cell_of_world = np.ravel_multi_index(digits, self._shape)
        possible = np.array([worlds >> bit & 1 for bit in range(len(case.worlds))], dtype=float)
        self._p = np.array(case.probabilities) * possible
        self._mass = self._cell_sums(np.ones(len(self._p)))
        self._begin = self._layer_of(asked)
        self._layers: dict[Layer, Any] = {}  # best, worst and random sums
        self._unasked, at_exits = self._over_options(exits)
        self._solve_layers(at_exits, len(exits))

    def _cell_sums(self, by_world: Any) -> Any:
        """Sums Σ p·value over the worlds of every cell; the last index of each axis is *unknown*."""
        np = self._np
        sums = np.bincount(self._cell_of_world, self._p * by_world, math.prod(self._shape)).reshape(self._shape)
        for axis in range(len(self._shape)):
            sums = np.concatenate([sums, sums.sum(axis=axis, keepdims=True)], axis=axis)
        return sums

    def _term_sums(self, terms: Terms) -> Any:
        """Sums of what has one value in each of some sets of worlds."""
        if not terms:
            return 0.0
        by_world = self._np.zeros(len(self._p))
        for mask, value in terms:
            by_world[[bit for bit in range(len(by_world)) if mask >> bit & 1]] += value
        return self._cell_sums(by_world)

    def _after_hearing(self, sums: Any, axes: Sequence[int]) -> Any:
        """Sums, a row each of one kind, after hearing these facts: what was unknown becomes the sum over its answers."""
        np = self._np
        for axis in axes:
            known, _ = np.split(sums, [self._shape[axis]], axis=axis + 1)
            sums = np.concatenate([known, known.sum(axis=axis + 1, keepdims=True)], axis=axis + 1)
        return sums

    def _over_options(self, options: Sequence[OpenOption]) -> tuple[Any, Any]:
        """Unasked sums over options that are no questions; and the best, the worst, and all of random play added up."""
        best, worst, unasked, random = self._np.stack([self._after(option) for option in options], axis=1)
        return unasked.max(axis=0), self._np.stack([best.max(axis=0), worst.min(axis=0), random.sum(axis=0)])

    def _after(self, option: OpenOption) -> Any:
        """Best, worst, unasked and random sums after an option that is no question."""
        np, gained = self._np, self._term_sums(option.terms) + self._np.zeros((4, *self._mass.shape))
        if not option.nodes:
            return gained
        if [masks for _, masks in option.nodes] != [(self._compiled.everywhere,)]:
            raise _OtherShape
        options = option.nodes[0][0].compile()
        if not options or any(option.mark or option.when or option.costs for option in options):
            raise _OtherShape
        unasked, (best, worst, random) = self._over_options(options)
        return np.stack([best, worst, unasked, random / len(options)]) + gained

    def _layer_of(self, asked: int) -> Layer:
        return tuple(sum(bool(asked & mark) for mark, _ in kind.questions) for kind in self._kinds)

    def _patience_at(self, layer: Layer) -> int:
        asked = zip(layer, self._begin, self._kinds, strict=True)
        return self._patience - sum((number - begin) * kind.costs for number, begin, kind in asked)

    def _solve_layers(self, at_exits: Any, exits: int) -> None:
        """Solve every layer, those with most questions asked first: each asks one question of a later layer."""
        np = self._np
        known = [index < size for index, size in zip(np.indices(self._mass.shape), self._shape, strict=True)]
        everywhere = np.ones(self._mass.shape, dtype=bool)
        told = [
            [np.logical_and.reduce([everywhere, *(known[axis] for axis in axes)]) for _, axes in kind.questions]
            for kind in self._kinds
        ]  # for each question, the cells in which it has nothing left to tell
        told_counts = [sum(cells.astype(int) for cells in of_kind) for of_kind in told]
        gains = [self._term_sums(kind.terms) for kind in self._kinds]
        leavings = [self._term_sums(kind.leaving) for kind in self._kinds]
        any_costs = any(kind.costs for kind in self._kinds)
        numbers = zip(self._kinds, self._begin, strict=True)
        for layer in itertools.product(*(range(len(kind.questions), begin - 1, -1) for kind, begin in numbers)):
            left = self._patience_at(layer)
            if any_costs and left <= 0 and layer != self._begin:
                continue
            best, worst, random = at_exits
            open_count = np.full(self._mass.shape, float(exits))
            for number, kind in enumerate(self._kinds):
                if layer[number] == len(kind.questions):
                    continue
                paid = self._compiled.price * min(kind.costs, left) * self._mass
                if kind.costs and left <= kind.costs:
                    after, gained = leavings[number], -paid  # what leaving is worth includes the effect
                else:
                    after = self._layers[(*layer[:number], layer[number] + 1, *layer[number + 1 :])]
                    gained = gains[number] - paid
                after = np.broadcast_to(after, (3, *self._mass.shape))
                # of the questions with nothing left to tell, as many are open as were not asked
                spare = np.maximum(told_counts[number] - layer[number], 0)
                for (_, axes), told_here in zip(kind.questions, told[number], strict=True):
                    if_best, if_worst, if_random = self._after_hearing(after, axes) + gained
                    is_open = ~told_here | (spare > 0)
                    best = np.where(is_open, np.maximum(best, if_best), best)
                    worst = np.where(is_open, np.minimum(worst, if_worst), worst)
                    weight = np.where(told_here, spare / np.maximum(told_counts[number], 1), 1.0)
                    random, open_count = random + weight * if_random, open_count + weight
            self._layers[layer] = np.stack([best, worst, random / open_count])

    def sums(self, worlds: int, asked: int, patience: int) -> Sums | None:
        """Best, worst, unasked and random sums of a state of this inquiry; None if the state is not of it."""
        if worlds & ~self._worlds:
            return None
        layer = self._layer_of(asked)
        if layer not in self._layers or self._patience_at(layer) != patience:
            return None
        case, cell, same = self._compiled.case, [], self._worlds
        for fact, unknown in zip(self._facts, self._shape, strict=True):
            masks = [case.masks.get((fact, value), 0) for value in case.facts[fact].values]
            digit = next((digit for digit, mask in enumerate(masks) if worlds & mask == worlds), unknown)
            cell.append(digit)
            if digit < unknown:
                same &= masks[digit]
        if same != worlds:
            return None
        best, worst, random = map(float, self._layers[layer][:, *cell])
        return best, worst, float(self._unasked[*cell]), random
