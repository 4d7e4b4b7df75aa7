"""What of a state can still make a difference to what a run is worth, so that exact play meets each future once.

Dropped are: what is remembered, where nothing reads it before it is overwritten, and the difference between two remembered
values that every condition treats alike; facts that neither matter any more nor tell about one that does; patience nobody
can spend; marks of questions in scenes left for good. Of the questions of a scene that differ in name and answer only, and
have nothing left to tell, just the number asked counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from trainkit.case.conditions import Rule
from trainkit.case.graph import leads
from trainkit.case.model import Case, Option


@dataclass
class Relevance:
    """What matters at a scene or ending."""

    tests: dict[str, set[tuple[str, ...]]] = field(
        default_factory=dict
    )  # memory → the sets of values it is compared with
    facts: frozenset[str] = frozenset()
    patient: bool = False
    scenes: frozenset[str] = frozenset()  # that can still be met, this one included


@dataclass(frozen=True)
class EquivalentQuestions:
    """Questions of a scene that differ in name and answer only: the bit of each, and what it reveals."""

    mask: int
    questions: tuple[tuple[int, tuple[str, ...]], ...]


class Reduction:
    """Reduces states of a case to what still matters."""

    def __init__(self, case: Case):
        self.case = case
        self.places = _places(case)
        marks = [(name, key) for name, s in case.scenes.items() for key, o in s.options.items() if o.ask]
        self.bit = {mark: 1 << number for number, mark in enumerate(marks)}
        self._asked_in = {
            name: sum(self.bit.get((name, key), 0) for key in s.options) for name, s in case.scenes.items()
        }
        self._alike = {name: self._classes(name, scene.options) for name, scene in case.scenes.items()}
        self.alike_values = {name: self._standing(place.tests) for name, place in self.places.items()}
        self._worlds: dict[tuple[frozenset[str], int], tuple[int, frozenset[str]]] = {}
        self._every = frozenset(case.facts)
        self._groups: dict[frozenset[str], list[int]] = {}

    def memory(self, place: str, memory: tuple[str, ...]) -> tuple[str, ...]:
        """Memory with, for each name, the first value that every condition from here on treats as this one."""
        return tuple(map(dict.__getitem__, self.alike_values[place], memory))

    def _standing(self, tests: Mapping[str, set[tuple[str, ...]]]) -> list[dict[str, str]]:
        """For each memory: value → the first value that is in the same sets."""
        found: list[dict[str, str]] = []
        for name, values in self.case.memory.items():
            first: dict[tuple[bool, ...], str] = {}
            of = {value: tuple(value in test for test in tests.get(name, ())) for value in values}
            found.append({value: first.setdefault(of[value], value) for value in values})
        return found

    def worlds(self, facts: frozenset[str], worlds: int) -> tuple[int, frozenset[str]]:
        """The possible worlds as far as these facts go, and the facts; all of both where others tell about these."""
        if len(facts) == len(self._every):
            return worlds, self._every
        key = (facts, worlds)
        found = self._worlds.get(key)
        if found is None:
            mine = self._cylinder(worlds, facts)
            theirs = self._cylinder(worlds, self._every - facts)
            found = self._worlds[key] = (mine, facts) if mine & theirs == worlds else (worlds, self._every)
        return found

    def _cylinder(self, worlds: int, facts: frozenset[str]) -> int:
        """All worlds that agree in these facts with one of the given."""
        if facts not in self._groups:
            groups: dict[tuple[str, ...], int] = {}
            numbers = [n for n, fact in enumerate(self.case.facts) if fact in facts]
            for bit, world in enumerate(self.case.worlds):
                values = tuple(world[n] for n in numbers)
                groups[values] = groups.get(values, 0) | 1 << bit
            self._groups[facts] = list(groups.values())
        return sum(group for group in self._groups[facts] if group & worlds)

    def askable(self, place: str) -> int:
        """Marks of the questions in scenes that can still be met."""
        return sum(self._asked_in[name] for name in self.places[place].scenes)

    def asked(self, place: str, asked: int, worlds: int, facts: frozenset[str]) -> int:
        """Marks, with the first of the questions that are alike and have nothing left to tell standing for any.

        A question that was asked and not heard (in thought, to see what its answer is worth) keeps its own mark.
        """
        for scene in self.places[place].scenes:
            if asked & self._asked_in[scene]:
                for alike in self._alike[scene]:
                    if asked & alike.mask:
                        told = [bit for bit, reveals in alike.questions if self._told(worlds, reveals, facts)]
                        count = (asked & sum(told)).bit_count()
                        asked = asked & ~sum(told) | sum(told[:count])
        return asked

    def unheard(self, asked: int, worlds: int, facts: frozenset[str]) -> bool:
        """Whether a question is marked as asked whose answer is not known."""
        return any(
            asked & bit and not self._told(worlds, reveals, facts)
            for classes in self._alike.values()
            for alike in classes
            for bit, reveals in alike.questions
        )

    def _told(self, worlds: int, reveals: Iterable[str], facts: frozenset[str]) -> bool:
        """Whether everything a question would reveal is known already or of no more use."""
        masks = self.case.masks
        return all(
            fact not in facts
            or any(worlds & masks.get((fact, value), 0) == worlds for value in self.case.facts[fact].values)
            for fact in reveals
        )

    def _classes(self, scene: str, options: Mapping[str, Option]) -> list[EquivalentQuestions]:
        groups: dict[tuple, list[tuple[int, tuple[str, ...]]]] = {}
        for name, option in options.items():
            if option.ask and not option.remember and all(rule.value == scene for rule in option.goto):
                key = (option.costs, str(option.effect), str(option.when))
                groups.setdefault(key, []).append((self.bit[scene, name], option.reveals))
        return [EquivalentQuestions(sum(bit for bit, _ in found), tuple(found)) for found in groups.values()]


# ---- what is read from a place on ---------------------------------------------------------------------------


def _places(case: Case) -> dict[str, Relevance]:
    """Every place with what is read from it on: sets that grow until nothing is added."""
    found = {name: Relevance() for name in (*case.scenes, *case.endings)}
    facts: dict[str, set[str]] = {name: set() for name in found}
    scenes: dict[str, set[str]] = {name: {name} if name in case.scenes else set() for name in found}

    def read(place: str, conditions: Iterable[Mapping[str, Sequence[str]] | None], but: Iterable[str] = ()) -> None:
        for when in conditions:
            for name, values in (when or {}).items():
                if name in case.facts:
                    facts[place].add(name)
                elif name not in but:
                    found[place].tests.setdefault(name, set()).add(tuple(values))

    def inherit(place: str, to: str, but: Iterable[str] = ()) -> None:
        found[place].patient |= found[to].patient
        facts[place] |= facts[to]
        scenes[place] |= scenes[to]
        for name, tests in found[to].tests.items():
            if name not in but:
                found[place].tests.setdefault(name, set()).update(tests)

    def size() -> int:
        tests = sum(len(sets) for place in found.values() for sets in place.tests.values())
        return (
            tests
            + sum(map(len, facts.values()))
            + sum(map(len, scenes.values()))
            + sum(p.patient for p in found.values())
        )

    for name, ending in case.endings.items():
        read(name, _whens(ending.value))
    before = -1
    while before != (before := size()):
        for name, scene in reversed(case.scenes.items()):
            read(name, _whens(scene.goto or ()))
            for rule in scene.goto or ():
                inherit(name, rule.value)
            for option in scene.options.values():
                read(name, [option.when])
                read(name, [*_whens(option.goto), *_whens(option.effect)], option.remember)
                found[name].patient |= bool(option.costs)
                for to in leads(case, option):
                    inherit(name, to, option.remember)
    kin = _kin(case)
    for name, place in found.items():
        place.facts = frozenset().union(*(kin[fact] for fact in facts[name]))
        place.scenes = frozenset(scenes[name])
    return found


def _whens(rules: Iterable[Rule]) -> Iterable[Mapping[str, Sequence[str]] | None]:
    return [rule.when for rule in rules]


def _kin(case: Case) -> dict[str, frozenset[str]]:
    """Fact → the facts that may tell something about it: those joined to it by ``given``."""
    kin = {name: {name} for name in case.facts}
    for name, fact in case.facts.items():
        if fact.given:
            joined = kin[name] | kin[fact.given]
            for member in joined:
                kin[member] = joined
    return {name: frozenset(members) for name, members in kin.items()}
