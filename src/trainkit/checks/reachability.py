"""Everything that could happen in a case: each state a trainee can reach, and figures over all ways through.

Every combination of facts is followed, so a condition that can never hold is found by never holding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from trainkit.case.model import UNKNOWN, Case, Line, Rule, first, holds
from trainkit.engine.attempt import starts
from trainkit.engine.rules import State, knowledge, open_options, outcomes, remembered, split
from trainkit.errors import KeyPath
from trainkit.scoring.formulas import MIN_DECISIONS

MAX_STATES = 200_000
_ALWAYS = Rule(value=True)


@dataclass
class Reached:
    """What was met in some reachable state: places, and (path of a rule or option) that held."""

    places: set[str] = field(default_factory=set)
    held: set[KeyPath] = field(default_factory=set)
    stuck: set[str] = field(default_factory=set)
    known: set[tuple[str, str]] = field(default_factory=set)  # (scene, fact) known on arrival in some state


class StateReducer:
    """Drop from a state what nothing reads from there on: what stays decides all that can still happen.

    Without it, callbacks and answers that matter in one scene would multiply the states of all later ones.
    """

    def __init__(self, case: Case):
        self.case = case
        self.start = tuple(values[0] for values in case.memory.values())
        ways = {place: _ways(case, place) for place in (*case.scenes, *case.endings)}
        self.reach = {place: _closure(place, ways) for place in ways}
        reads = {place: _reads(case, place) for place in ways}
        self.relevant = {place: frozenset().union(*(reads[to] for to in self.reach[place])) for place in ways}
        self._groups: dict[frozenset[str], list[int]] = {}
        self._worlds: dict[tuple[int, frozenset[str]], int] = {}

    def __call__(self, state: State) -> State:
        """The state without what is of no more use."""
        names = self.relevant[state.place]
        memory = tuple(
            value if name in names else first_value
            for name, value, first_value in zip(self.case.memory, state.memory, self.start, strict=True)
        )
        asked = frozenset(mark for mark in state.asked if mark[0] in self.reach[state.place])
        return State(state.place, self._known(state.worlds, names), asked, state.patience, memory)

    def _known(self, worlds: int, names: frozenset[str]) -> int:
        if (worlds, names) not in self._worlds:
            if names not in self._groups:
                groups: dict[tuple[str, ...], int] = {}
                facts = [n for n, fact in enumerate(self.case.facts) if fact in names]
                for bit, world in enumerate(self.case.worlds):
                    key = tuple(world[n] for n in facts)
                    groups[key] = groups.get(key, 0) | 1 << bit
                self._groups[names] = list(groups.values())
            self._worlds[worlds, names] = sum(group for group in self._groups[names] if group & worlds)
        return self._worlds[worlds, names]


def _ways(case: Case, place: str) -> set[str]:
    """Places one step away."""
    if place in case.endings:
        return set()
    scene = case.scenes[place]
    rules = [rule for option in scene.options.values() for rule in option.goto] + list(scene.goto or ())
    leaves = {case.patience.leaves} if case.patience and any(o.costs for o in scene.options.values()) else set()
    return {rule.value for rule in rules} | leaves


def _closure(place: str, ways: Mapping[str, set[str]]) -> frozenset[str]:
    seen, waiting = set(), [place]
    while waiting:
        if (at := waiting.pop()) not in seen:
            seen.add(at)
            waiting += ways[at]
    return frozenset(seen)


def _reads(case: Case, place: str) -> frozenset[str]:
    """Names that conditions of a place read."""
    part = case.scenes.get(place) or case.endings[place]
    lines = [*part.lines, *getattr(part, "after", ())]
    rules: list[Rule] = [*case.context.target]
    whens = []
    for key in ("target", "goto", "value", "mood"):
        rules += getattr(part, key, None) or ()
    for option in getattr(part, "options", {}).values():
        whens.append(option.when)
        lines += option.reply
        for key in ("text", "because", "position", "fit", "effect", "goto"):
            rules += getattr(option, key)
    for line in lines:
        whens.append(line.when)
        rules += line.text
    return frozenset(name for when in [*whens, *(rule.when for rule in rules)] for name in when or ())


def explore(case: Case) -> Reached | None:
    """Visit every reachable state; None where there are more than ``MAX_STATES``.

    Asked marks are dropped: a question asked again teaches nothing.
    """
    used = Reached()
    forget = StateReducer(case)
    waiting = starts(case)
    seen, noted, heard = set(waiting), set(), set()
    while waiting:
        if len(seen) > MAX_STATES:
            return None
        state = waiting.pop()
        names = open_options(case, state)
        if (what := (state.place, state.worlds, state.memory)) not in noted:
            noted.add(what)
            _note_state(case, state, names, used)
        for name in names:
            for path, after in outcomes(case, state, name):
                if (what := (state.place, name, path, after.worlds, after.memory)) not in heard:
                    heard.add(what)
                    _hear(case, state.place, name, path, after, used)
                bare = forget(replace(after, asked=frozenset()))
                if bare not in seen:
                    seen.add(bare)
                    waiting.append(bare)
    return used


def _note_state(case: Case, state: State, names: Sequence[str], used: Reached) -> None:
    """Note what holds in a state: lines, targets, options and their keys."""
    place = state.place
    used.places.add(place)
    if place in case.endings:
        return
    knows = knowledge(case, state)
    scene = case.scenes[place]
    used.known |= {(place, fact) for fact in case.facts if knows(fact) != UNKNOWN}
    _note_lines(("scenes", place, "lines"), scene.lines, knows, used)
    _note(("scenes", place, "target"), scene.target or (), knows, used)
    _note(("context", "target"), case.context.target, knows, used)
    if not names:
        used.stuck.add(place)
    for name in names:
        option = scene.options[name]
        base = ("scenes", place, "options", name)
        if option.when is not None:
            used.held.add((*base, "when"))
        for key in ("text", "because", "position", "fit"):
            _note((*base, key), getattr(option, key), knows, used)
        if len(option.effect) > 1 or len(option.goto) > 1:
            memory = remembered(case, state.memory, option)
            _note_worlds(case, (*base, "effect"), option.effect, memory, state.worlds, used)
            _note_worlds(case, (*base, "goto"), option.goto, memory, state.worlds, used)


def _hear(case: Case, scene: str, option: str, path: Sequence[str], after: State, used: Reached) -> None:
    """Note the lines heard on the way from a choice to where it leads."""
    knows = knowledge(case, after)
    chosen = case.scenes[scene].options[option]
    _note_lines(("scenes", scene, "options", option, "reply"), chosen.reply, knows, used)
    for place in path[:-1]:
        used.places.add(place)
        _note_lines(("scenes", place, "lines"), case.scenes[place].lines, knows, used)
        _note_worlds(case, ("scenes", place, "goto"), case.scenes[place].goto, after.memory, after.worlds, used)
    if (ending := case.endings.get(after.place)) is not None:
        for part in ("value", "mood"):
            rules = getattr(ending, part)
            _note_worlds(case, ("endings", after.place, part), rules, after.memory, after.worlds, used)
        for part in ("lines", "after"):
            for number, line in enumerate(getattr(ending, part)):
                here = ("endings", after.place, part, number)
                worlds = after.worlds
                if line.when is not None:
                    worlds = dict(split(case, (line, _ALWAYS), after.memory, worlds)).get(0, 0)
                if worlds:
                    if line.when is not None:
                        used.held.add((*here, "when"))
                    _note_worlds(case, (*here, line.speaker), line.text, after.memory, worlds, used)


# Only what has a condition is noted; the rest holds whenever its place is reached.


def _note(path: KeyPath, rules: Sequence[Rule], value_of, used: Reached) -> None:
    if len(rules) > 1:
        used.held.add((*path, next(n for n, rule in enumerate(rules) if holds(rule.when, value_of))))


def _note_lines(path: KeyPath, lines: Sequence[Line], value_of, used: Reached) -> None:
    for number, line in enumerate(lines):
        if line.when is None or holds(line.when, value_of):
            if line.when is not None:
                used.held.add((*path, number, "when"))
            _note((*path, number, line.speaker), line.text, value_of, used)


def _note_worlds(
    case: Case, path: KeyPath, rules: Sequence[Rule], memory: Sequence[str], worlds: int, used: Reached
) -> None:
    if len(rules) > 1:
        used.held |= {(*path, number) for number, _ in split(case, rules, memory, worlds)}


# ---- figures ------------------------------------------------------------------------------------------------


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
