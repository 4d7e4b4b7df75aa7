"""What of a state can still make a difference to what a run is worth, so that exact play meets each future once.

Dropped are: what is remembered, where nothing reads it before it is overwritten, and the difference between two remembered
values that every condition treats alike; facts that neither matter any more nor tell about one that does; patience nobody
can spend; marks of questions in scenes left for good. Of the questions of a scene that differ in name and answer only, and
have nothing left to tell, just the number asked counts.
"""

from collections.abc import Iterable
from typing import NamedTuple

from trainkit.case.conditions import Rule
from trainkit.case.graph import leads, steps_from, ways
from trainkit.case.model import Case, Option, Scene
from trainkit.engine.rules import worlds_alike

Test = tuple[str, tuple[str, ...]]  # a fact or memory, and the values a condition compares it with
Question = tuple[int, tuple[str, ...]]  # its bit, and the facts it reveals


class Relevance(NamedTuple):
    """What matters at a scene or ending."""

    facts: frozenset[str]
    patient: bool  # whether patience can still be spent
    scenes: list[str]  # that can still be met, this one included


class Reduction:
    """Reduces states of a case to what still matters."""

    def __init__(self, case: Case):
        self.case = case
        tests, kin = _tests_ahead(case), _kin(case)
        next_places = {place: ways(case, place) for place in tests}
        costly = {name for name, scene in case.scenes.items() if any(o.costs for o in scene.options.values())}
        self.places: dict[str, Relevance] = {}
        for place in tests:
            facts = frozenset().union(*(kin[name] for name, _ in tests[place] if name in kin))
            scenes = [name for name in steps_from(place, next_places.__getitem__) if name in case.scenes]
            self.places[place] = Relevance(facts, not costly.isdisjoint(scenes), scenes)
        self.alike_values = {place: _alike_values(case, tests[place]) for place in tests}
        marks = [(name, key) for name, scene in case.scenes.items() for key, o in scene.options.items() if o.ask]
        self.bit = {mark: 1 << number for number, mark in enumerate(marks)}
        self._asked_in = {scene: sum(bit for (of, _), bit in self.bit.items() if of == scene) for scene in case.scenes}
        self._alike = {name: self._alike_questions(name, scene) for name, scene in case.scenes.items()}
        self._worlds: dict[tuple[frozenset[str], int], tuple[int, frozenset[str]]] = {}
        self._every = frozenset(case.facts)

    def _alike_questions(self, name: str, scene: Scene) -> list[tuple[int, list[Question]]]:
        """Questions of a scene that differ in name and answer only: the bits of all, and each."""
        groups: dict[tuple, list[Question]] = {}
        for key, option in scene.options.items():
            if option.ask and not option.remember and all(rule.value == name for rule in option.goto):
                group = groups.setdefault((option.costs, str(option.effect), str(option.when)), [])
                group.append((self.bit[name, key], option.reveals))
        return [(sum(bit for bit, _ in group), group) for group in groups.values()]

    def worlds(self, facts: frozenset[str], worlds: int) -> tuple[int, frozenset[str]]:
        """The possible worlds as far as these facts go, and the facts; all of both where others tell about these."""
        if len(facts) == len(self._every):
            return worlds, self._every
        key = (facts, worlds)
        reduced = self._worlds.get(key)
        if reduced is None:
            mine = worlds_alike(self.case, worlds, facts)
            theirs = worlds_alike(self.case, worlds, self._every - facts)
            reduced = self._worlds[key] = (mine, facts) if mine & theirs == worlds else (worlds, self._every)
        return reduced

    def askable(self, place: str) -> int:
        """Marks of the questions in scenes that can still be met."""
        return sum(self._asked_in[scene] for scene in self.places[place].scenes)

    def asked(self, place: str, asked: int, worlds: int, facts: frozenset[str]) -> int:
        """Marks, with the first of the questions that are alike and have nothing left to tell standing for any.

        A question that was asked and not heard (in thought, to see what its answer is worth) keeps its own mark.
        """
        for scene in self.places[place].scenes:
            if asked & self._asked_in[scene]:
                for mask, questions in self._alike[scene]:
                    if asked & mask:
                        told = [bit for bit, reveals in questions if self._told(worlds, reveals, facts)]
                        count = (asked & sum(told)).bit_count()
                        asked = asked & ~sum(told) | sum(told[:count])
        return asked

    def unheard(self, asked: int, worlds: int, facts: frozenset[str]) -> bool:
        """Whether a question is marked as asked whose answer is not known."""
        questions = [question for groups in self._alike.values() for _, group in groups for question in group]
        return any(asked & bit and not self._told(worlds, reveals, facts) for bit, reveals in questions)

    def _told(self, worlds: int, reveals: Iterable[str], facts: frozenset[str]) -> bool:
        """Whether everything a question would reveal is known already or of no more use."""
        masks = self.case.masks
        return all(
            fact not in facts
            or any(worlds & masks.get((fact, value), 0) == worlds for value in self.case.facts[fact].values)
            for fact in reveals
        )


# ---- what is read from a place on ---------------------------------------------------------------------------


def _tests(parts: Iterable[Rule | Option]) -> set[Test]:
    """What the conditions of these compare with what."""
    return {(name, tuple(values)) for part in parts for name, values in (part.when or {}).items()}


def _tests_ahead(case: Case) -> dict[str, set[Test]]:
    """Every place with the tests that may be made from it on: sets that grow until nothing is added.

    A memory that a choice overwrites is read after it as it was written there, not as it was before.
    """
    tests = {name: _tests(scene.goto or ()) for name, scene in case.scenes.items()}
    tests |= {name: _tests(ending.value) for name, ending in case.endings.items()}
    written = [
        (name, _tests([option]), _tests([*option.goto, *option.effect]), leads(case, option), option.remember)
        for name, scene in reversed(case.scenes.items())
        for option in scene.options.values()
    ]
    size = -1
    while size != (size := sum(map(len, tests.values()))):
        for name, scene in case.scenes.items():
            tests[name].update(*(tests[rule.value] for rule in scene.goto or ()))
        for name, before, after, places, overwritten in written:
            after = after.union(*(tests[place] for place in places))
            tests[name] |= before | {test for test in after if test[0] not in overwritten}
    return tests


def _alike_values(case: Case, tests: set[Test]) -> list[dict[str, str]]:
    """For each memory: value → the first value that every test treats as this one."""
    alike = []
    for name, values in case.memory.items():
        compared = [among for tested, among in tests if tested == name]
        first: dict[tuple[bool, ...], str] = {}
        alike.append({value: first.setdefault(tuple(value in among for among in compared), value) for value in values})
    return alike


def _kin(case: Case) -> dict[str, frozenset[str]]:
    """Fact → the facts that may tell something about it: those joined to it by ``given``."""
    kin = {name: {name} for name in case.facts}
    for name, fact in case.facts.items():
        if fact.given:
            joined = kin[name] | kin[fact.given]
            for member in joined:
                kin[member] = joined
    return {name: frozenset(members) for name, members in kin.items()}
