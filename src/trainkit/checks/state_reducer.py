"""Drop from a state what nothing reads from there on."""

from __future__ import annotations

from collections.abc import Mapping

from trainkit.case.conditions import Rule
from trainkit.case.model import Case
from trainkit.engine.rules import State


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
