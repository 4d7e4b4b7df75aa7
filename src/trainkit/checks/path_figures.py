"""Figures over all ways through a case: decisions on the longest path, number of paths, range of Position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trainkit.case.conditions import first
from trainkit.case.model import Case
from trainkit.checks.reachability import MAX_STATES
from trainkit.checks.state_reducer import StateReducer
from trainkit.engine.rules import State, knowledge, open_options, outcomes, starts
from trainkit.scoring.formulas import MIN_DECISIONS


def path_figures(case: Case) -> dict:
    """Decisions on the longest path, number of paths, range of Position, by one pass over the states.

    A scene that can be met again is scored by its first choice, so a state there carries what has been decided.
    """
    memo: dict[Node, tuple[int, int, dict]] = {}
    forget = StateReducer(case)

    def after(node: Node) -> dict[str, list[Node]]:
        state, decided = node
        return {
            name: [
                (reached := forget(to), decided_after(state.place, decided, reached.place))
                for _, to in outcomes(case, state, name)
            ]
            for name in open_options(case, state)
        }

    def decided_after(place: str, decided: frozenset[str], to: str) -> frozenset[str]:
        return frozenset(name for name in {*decided, place} if name in forget.reach[to])

    def solve(root: Node) -> tuple[int, int, dict]:
        # An explicit stack: a case may be deeper than Python's recursion.
        stack = [root]
        while stack:
            if len(memo) > MAX_STATES:
                raise OverflowError
            node = stack[-1]
            if node in memo:
                stack.pop()
                continue
            ways = after(node)
            missing = [to for tos in ways.values() for to in tos if to not in memo]
            if missing:
                stack += missing
                continue
            memo[node] = _combined(case, node, ways, memo)
            stack.pop()
        return memo[root]

    try:
        found = [solve((state, frozenset())) for state in starts(case)]
    except OverflowError:
        return {"decisions_longest_path": None, "paths": None, "position_range": None}
    ends = [
        100 * side / weight
        for _, _, sums in found
        for (placed, weight), sides in sums.items()
        if placed >= MIN_DECISIONS
        for side in sides
    ]
    return {
        "decisions_longest_path": max(longest for longest, _, _ in found),
        "paths": sum(paths for _, paths, _ in found),
        "position_range": (round(min(ends), 1), round(max(ends), 1)) if ends else None,
    }


Node = tuple[State, frozenset[str]]  # a state, and the scenes already decided that can be met again


def _combined(case: Case, node: Node, ways: Mapping[str, Sequence[Node]], memo: Mapping) -> tuple[int, int, dict]:
    """(longest, paths, {(placed decisions, weight): (lowest, highest weighted sum of positions)}) from a node on."""
    state, decided = node
    if not ways:
        return 0, 1, {(0, 0.0): (0.0, 0.0)}
    scene = case.scenes[state.place]
    knows = knowledge(case, state)
    decides = len(ways) > 1 and state.place not in decided
    longest, paths, sums = 0, 0, {}
    for name, tos in ways.items():
        k = first(scene.options[name].position, knows)
        if decides and k is None:  # extremes are reached on the axis
            more = None
        else:
            more = (1, scene.weight, scene.weight * k) if decides else (0, 0.0, 0.0)
        for to in tos:
            deeper, further, below = memo[to]
            longest = max(longest, deeper + decides)
            paths += further
            for (placed, weight), (low, high) in below.items() if more else ():
                key = (placed + more[0], round(weight + more[1], 9))
                old = sums.get(key, (float("inf"), -float("inf")))
                sums[key] = (min(old[0], low + more[2]), max(old[1], high + more[2]))
    return longest, paths, sums
