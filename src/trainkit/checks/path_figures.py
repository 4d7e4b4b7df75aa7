"""Figures over all ways through a case: decisions on the longest path, number of paths, range of Position."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from trainkit.case.conditions import first
from trainkit.case.model import Case
from trainkit.checks.reachability import MAX_STATES, StateReducer
from trainkit.engine.rules import State, knowledge, open_options, outcomes, starts
from trainkit.scoring.formulas import MIN_DECISIONS

Node = tuple[State, frozenset[str]]  # a state, and the scenes already decided that can be met again


class Ahead(NamedTuple):
    """What lies ahead of a state."""

    longest: int  # decisions on the longest path
    paths: int
    # (placed decisions, their weight) → lowest, highest sum of positions
    sums: dict[tuple[int, float], tuple[float, float]]


def path_figures(case: Case) -> dict:
    """Decisions on the longest path, number of paths, range of Position; None where there are too many states.

    A scene that can be met again is scored by its first choice, so a state there carries what has been decided.
    """
    ahead = _ahead(case)
    if ahead is None:
        return {"decisions_longest_path": None, "paths": None, "position_range": None}
    ends = [
        100 * side / weight
        for start in ahead
        for (placed, weight), sides in start.sums.items()
        if placed >= MIN_DECISIONS
        for side in sides
    ]
    return {
        "decisions_longest_path": max(start.longest for start in ahead),
        "paths": sum(start.paths for start in ahead),
        "position_range": (round(min(ends), 1), round(max(ends), 1)) if ends else None,
    }


def _ahead(case: Case) -> list[Ahead] | None:
    """What lies ahead of each state that a run can begin with, by one pass over the states; None if they are too many."""
    reduce = StateReducer(case)
    begins: list[Node] = [(state, frozenset()) for state in starts(case)]
    ways: dict[Node, dict[str, list[Node]]] = {}  # of the nodes that wait
    solved: dict[Node, Ahead] = {}
    waiting = list(begins)  # an explicit stack: a case may be deeper than Python's recursion
    while waiting:
        if len(solved) > MAX_STATES:
            return None
        node = waiting[-1]
        if node in solved:
            waiting.pop()
        elif node in ways:  # by now everything after it is solved
            solved[node] = _combined(case, node, ways.pop(node), solved)
            waiting.pop()
        else:
            ways[node] = _ways(case, node, reduce)
            waiting += [to for nodes in ways[node].values() for to in nodes if to not in solved]
    return [solved[node] for node in begins]


def _ways(case: Case, node: Node, reduce: StateReducer) -> dict[str, list[Node]]:
    """Open option → the nodes it can lead to."""
    state, decided = node
    decided |= {state.place}
    return {
        name: [(reduce(to), decided & reduce.reach[to.place]) for _, to in outcomes(case, state, name)]
        for name in open_options(case, state)
    }


def _combined(case: Case, node: Node, ways: Mapping[str, Sequence[Node]], solved: Mapping[Node, Ahead]) -> Ahead:
    """What lies ahead of a node, from what lies ahead of those after it."""
    state, decided = node
    if not ways:
        return Ahead(0, 1, {(0, 0.0): (0.0, 0.0)})
    scene = case.scenes[state.place]
    knows = knowledge(case, state)
    decides = len(ways) > 1 and state.place not in decided
    longest, paths = 0, 0
    sums: dict[tuple[int, float], tuple[float, float]] = {}
    for name, nodes in ways.items():
        position = first(scene.options[name].position, knows)
        places = decides and scene.axis
        on_axis = position is not None or not places  # extremes are reached on the axis
        placed, weight = (1, scene.weight) if places else (0, 0.0)
        move = weight * (position or 0.0)
        for to in nodes:
            after = solved[to]
            longest = max(longest, after.longest + decides)
            paths += after.paths
            for (more, further), (low, high) in after.sums.items() if on_axis else ():
                key = (placed + more, round(weight + further, 9))
                lowest, highest = sums.get(key, (float("inf"), -float("inf")))
                sums[key] = (min(lowest, low + move), max(highest, high + move))
    return Ahead(longest, paths, sums)
