"""Which states of a case come to the same for who walks them all? What nothing reads from there on is dropped."""

from functools import partial

from trainkit.case.condition_walk import conditions
from trainkit.case.graph import steps_from, ways
from trainkit.case.model import Case
from trainkit.engine.rules import State


class StateReducer:
    """Drop from a state what nothing reads from there on: what stays decides all that can still happen.

    Without it, callbacks and answers that matter in one scene would multiply the states of all later ones.
    """

    def __init__(self, case: Case):
        self.case = case
        self.start = tuple(values[0] for values in case.memory.values())
        places = (*case.scenes, *case.endings)
        self.reach = {place: frozenset(steps_from(place, partial(ways, case))) for place in places}
        reads: dict[str | None, set[str]] = {place: set() for place in (None, *self.reach)}
        for condition in conditions(case):
            reads[condition.place].update(condition.when)
        self.relevant = {
            place: frozenset(reads[None].union(*(reads[to] for to in reach))) for place, reach in self.reach.items()
        }
        self._groups: dict[frozenset[str], list[int]] = {}
        self._worlds: dict[tuple[int, frozenset[str]], int] = {}
        self._memories: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {}

    def __call__(self, state: State) -> State:
        """The state without what is of no more use."""
        asked = state.asked and frozenset(mark for mark in state.asked if mark[0] in self.reach[state.place])
        return self._reduced(state, asked)

    def without_questions(self, state: State) -> State:
        """The state without what is of no more use, nor which questions have been asked."""
        return self._reduced(state, frozenset())

    def _reduced(self, state: State, asked: frozenset[tuple[str, str]]) -> State:
        names = self.relevant[state.place]
        memory = self._memories.get((state.place, state.memory))
        if memory is None:
            memory = self._memories[state.place, state.memory] = tuple(
                value if name in names else first_value
                for name, value, first_value in zip(self.case.memory, state.memory, self.start, strict=True)
            )
        return State(state.place, self._known(state.worlds, names), asked, state.patience, memory)

    def _known(self, worlds: int, names: frozenset[str]) -> int:
        """All worlds that agree in the facts among these names with one of the given."""
        known = self._worlds.get((worlds, names))
        if known is None:
            if names not in self._groups:
                groups: dict[tuple[str, ...], int] = {}
                facts = [n for n, fact in enumerate(self.case.facts) if fact in names]
                for bit, world in enumerate(self.case.worlds):
                    key = tuple(world[n] for n in facts)
                    groups[key] = groups.get(key, 0) | 1 << bit
                self._groups[names] = list(groups.values())
            known = self._worlds[worlds, names] = sum(group for group in self._groups[names] if group & worlds)
        return known
