"""Exact play of a large inquiry, for everything one may know there at once.

Where questions only tell something and lead nowhere else, what one knows is a cell of a lattice: each fact known or unknown.
Sums over the worlds of a cell need no division, so an unknown fact is the sum over its values, and best play of all cells is
a handful of array operations for each number of questions asked. Small inquiries don't need it: :mod:`trainkit.value.solver`
solves them state by state, and all of them where numpy is missing.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trainkit.value.solver import ExactPlay, OpenOption, SolverNode

FEW, MANY = 2_000, 5_000_000  # cells: fewer are quicker one by one; more don't fit a laptop


def solve_as_arrays(policy: ExactPlay, node: SolverNode, worlds: int, asked: int, patience: int) -> ArraySolver | None:
    """The solved lattice on arrival at an inquiry in this state; None where it has another shape or is small."""
    questions = [way for way in node.ways if way.mark]
    exits = [way for way in node.ways if not way.mark]
    if not questions or not exits or any(way.when for way in node.ways) or any(way.costs for way in exits):
        return None
    if any(to is not node for way in questions for _, to in way.ends) or any(
        not to.values for way in questions for _, to in way.leaving
    ):
        return None
    case = policy.case
    unknown = [
        fact
        for fact in case.facts
        if fact in node.facts
        and any(fact in policy.reveals(node, way) for way in questions)
        and not any(worlds & mask == worlds for (name, _), mask in case.masks.items() if name == fact)
    ]
    classes: dict[tuple, list[OpenOption]] = {}
    for way in questions:
        classes.setdefault((way.costs, way.gain, way.leaving), []).append(way)
    cells = math.prod(len(case.facts[fact].values) + 1 for fact in unknown)
    layers = math.prod(len(found) + 1 for found in classes.values())
    if not unknown or cells < FEW or cells * layers > MANY:
        return None
    try:
        import numpy as np
    except ImportError:
        return None
    try:
        return ArraySolver(np, policy, node, worlds, asked, patience, unknown, list(classes.items()), exits)
    except _OtherShape:
        return None


class _OtherShape(Exception):
    """What follows the inquiry can't be computed for all cells at once."""


class ArraySolver:
    """Best, worst and random play for each cell and number of questions asked; see :func:`solve_as_arrays`."""

    def __init__(
        self,
        np: Any,
        policy: ExactPlay,
        node: SolverNode,
        worlds: int,
        asked: int,
        patience: int,
        facts: Sequence[str],
        classes: Sequence[tuple[tuple, list[OpenOption]]],
        exits: Sequence[OpenOption],
    ):
        self.np, self.policy, self.worlds, self.facts, self.patience = np, policy, worlds, tuple(facts), patience
        self.shape = tuple(len(policy.case.facts[fact].values) for fact in facts)
        self.classes = classes
        self.asked = asked
        where = [policy.case.facts[fact].values for fact in facts]
        digits = [
            [list(values).index(world[list(policy.case.facts).index(fact)]) for world in policy.case.worlds]
            for fact, values in zip(facts, where, strict=True)
        ]
        self._cell = np.ravel_multi_index(digits, self.shape)
        possible = np.array([worlds >> bit & 1 for bit in range(len(policy.case.worlds))], dtype=float)
        self._p = np.array(policy.case.probabilities) * possible
        self.whole = self._sum(np.ones(len(self._p)))
        self._solve(node, exits)

    # ---- sums over cells ----------------------------------------------------------------------------------------

    def _sum(self, by_world: Any) -> Any:
        """Expectation sums Σ p·value over the worlds of every cell; the last index of each axis is *unknown*."""
        np = self.np
        found = np.bincount(self._cell, self._p * by_world, math.prod(self.shape)).reshape(self.shape)
        for axis in range(len(self.shape)):
            found = np.concatenate([found, found.sum(axis=axis, keepdims=True)], axis=axis)
        return found

    def _by_world(self, terms: Sequence[tuple[int, float]]) -> Any:
        found = self.np.zeros(len(self._p))
        for mask, value in terms:
            found[[bit for bit in range(len(found)) if mask >> bit & 1]] = value
        return found

    def _told(self, values: Any, facts: Sequence[str]) -> Any:
        """Sums after hearing these facts: what was unknown becomes the sum over its answers."""
        np = self.np
        for fact in facts:
            axis = self.facts.index(fact)
            known, _ = np.split(values, [self.shape[axis]], axis=axis)
            values = np.concatenate([known, known.sum(axis=axis, keepdims=True)], axis=axis)
        return values

    # ---- what follows ---------------------------------------------------------------------------------------------

    def _chosen(self, way: OpenOption) -> tuple[Any, Any, Any, Any]:
        """Sums of best, worst, unasked and random play after an option that is no question."""
        gain = self._sum(self._by_world(way.gain)) if way.gain else 0.0
        if len(way.ends) == 1:
            return tuple(found + gain for found in self._follows(way.ends[0][1]))
        if any(not to.values for _, to in way.ends):
            raise _OtherShape
        terms = [(mask & part, value) for mask, to in way.ends for part, value in to.values]
        found = self._sum(self._by_world(terms)) + gain
        return found, found, found, found

    def _follows(self, node: SolverNode) -> tuple[Any, Any, Any, Any]:
        np = self.np
        if node.values:
            found = self._sum(self._by_world(node.values))
            return found, found, found, found
        if any(way.mark or way.when or way.costs for way in node.ways):
            raise _OtherShape
        best, worst, unasked, random = zip(*(self._chosen(way) for way in node.ways), strict=True)
        mean = sum(random) / len(random)
        return np.max(best, axis=0), np.min(worst, axis=0), np.max(unasked, axis=0), mean

    # ---- the inquiry ----------------------------------------------------------------------------------------------

    def _solve(self, node: SolverNode, exits: Sequence[OpenOption]) -> None:
        np, price = self.np, self.policy.price
        going = [self._chosen(way) for way in exits]
        best, worst = np.max([way[0] for way in going], axis=0), np.min([way[1] for way in going], axis=0)
        self.unasked = np.max([way[2] for way in going], axis=0)
        onward = sum(way[3] for way in going)
        index = np.indices(self.whole.shape)
        known = {fact: index[axis] < self.shape[axis] for axis, fact in enumerate(self.facts)}
        everywhere = np.ones(self.whole.shape, dtype=bool)

        def told(way: OpenOption) -> Any:
            return np.logical_and.reduce([everywhere, *(known[fact] for fact in self._hears(node, way))])

        dull = [[told(way) for way in ways] for _, ways in self.classes]
        dull_count = [sum(found.astype(int) for found in ways) for ways in dull]
        starts = [sum(bool(self.asked & way.mark) for way in ways) for _, ways in self.classes]
        counts = [range(len(ways), begin - 1, -1) for (_, ways), begin in zip(self.classes, starts, strict=True)]
        self.layers: dict[tuple[int, ...], tuple[Any, Any, Any]] = {}
        self._starts = starts
        for layer in itertools.product(*counts):
            left = self._left(layer)
            if left <= 0 and any(costs for (costs, *_), _ in self.classes) and layer != tuple(starts):
                continue
            top, bottom, total, number = best, worst, onward, np.full(self.whole.shape, float(len(exits)))
            for c, ((costs, terms, leaving), ways) in enumerate(self.classes):
                gain = (self._sum(self._by_world(terms)) if terms else 0.0) - price * min(costs, left) * self.whole
                further = (*layer[:c], layer[c] + 1, *layer[c + 1 :])
                if layer[c] == len(ways):
                    continue
                if costs and left - costs <= 0:
                    leaves = self._sum(self._by_world([t for _, to in leaving for t in to.values]))
                    after = leaves, leaves, leaves
                else:
                    after = self.layers[further]
                spare = np.maximum(dull_count[c] - layer[c], 0)
                for way, told_already in zip(ways, dull[c], strict=True):
                    hears = self._hears(node, way)
                    a, b, d = (self._told(values, hears) + gain for values in after)
                    may = ~told_already | (spare > 0)
                    top = np.where(may, np.maximum(top, a), top)
                    bottom = np.where(may, np.minimum(bottom, b), bottom)
                    # of the questions with nothing left to tell, as many are open as were not asked
                    weight = np.where(told_already, spare / np.maximum(dull_count[c], 1), 1.0)
                    total, number = total + weight * d, number + weight
            self.layers[layer] = top, bottom, total / number

    def _hears(self, node: SolverNode, way: OpenOption) -> list[str]:
        return [fact for fact in self.policy.reveals(node, way) if fact in self.facts]

    def _left(self, layer: Sequence[int]) -> int:
        spent = sum(
            (n - begin) * costs for n, begin, ((costs, *_), _) in zip(layer, self._starts, self.classes, strict=True)
        )
        return self.patience - spent

    # ---- reading it -----------------------------------------------------------------------------------------------

    def worth(self, worlds: int, asked: int, patience: int) -> tuple[float, float, float, float] | None:
        """Best, worst, unasked and random worth in a state of this lattice; None if the state is not of it."""
        if worlds & ~self.worlds:
            return None
        layer = tuple(sum(bool(asked & way.mark) for way in ways) for _, ways in self.classes)
        if layer not in self.layers or self._left(layer) != patience:
            return None
        masks, cell, same = self.policy.case.masks, [], self.worlds
        for fact, size in zip(self.facts, self.shape, strict=True):
            values = self.policy.case.facts[fact].values
            digit = next((n for n, v in enumerate(values) if worlds & masks.get((fact, v), 0) == worlds), size)
            cell.append(digit)
            if digit < size:
                same &= masks[fact, [*values][digit]]
        if same != worlds:
            return None
        at = tuple(cell)
        whole = self.whole[at]
        top, bottom, mean = self.layers[layer]
        return tuple(float(values[at] / whole) for values in (top, bottom, self.unasked, mean))
