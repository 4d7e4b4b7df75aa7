"""A case compiled for exact play: conditions and routes become sets of worlds, each worked out once.

A *place* is a scene or an ending. A *node* is a place together with what is remembered there, as far as it still matters
(:mod:`trainkit.value.reduction`): at a node, conditions on memory are decided, and those on facts are bit sets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from trainkit.case.conditions import UNKNOWN, Rule
from trainkit.case.model import Case, Option
from trainkit.engine.rules import parts, split
from trainkit.value.reduction import Reduction

MANY_WORLDS = 200  # from here on an inquiry may be large enough for the array solver

Memory = tuple[str, ...]
Terms = tuple[tuple[int, float], ...]  # (set of worlds, value that is added in them)
Sums = tuple[float, float, float, float]  # Σ probability · value under best, worst, unasked and random play


class CompiledCase:
    """The nodes of a case; they are made when they are first asked for."""

    def __init__(self, case: Case):
        self.case = case
        self.reduction = Reduction(case)
        self.price = case.patience.price if case.patience else 0.0
        self.everywhere = (1 << len(case.worlds)) - 1
        self.masses: dict[int, float] = {}
        self._places: dict[str, CompiledPlace] = {}

    def mass(self, worlds: int) -> float:
        """Prior probability of a set of worlds."""
        known = self.masses.get(worlds)
        if known is None:
            shares, known, left = self.case.probabilities, 0.0, worlds
            while left:
                bit = left & -left
                known += shares[bit.bit_length() - 1]
                left ^= bit
            self.masses[worlds] = known
        return known

    def place(self, name: str) -> CompiledPlace:
        """A scene or ending."""
        if name not in self._places:
            self._places[name] = CompiledPlace(self, name)
        return self._places[name]

    def terms(self, rules: Sequence[Rule], memory: Sequence[str]) -> Terms:
        """A value that depends on conditions, as the sets of worlds it has each of its values in; 0 is left out."""
        parted = split(self.case, rules, memory, self.everywhere)
        return tuple([(mask, rules[number].value) for number, mask in parted if rules[number].value])


class CompiledPlace:
    """A scene or ending with what is the same there for whatever is remembered."""

    def __init__(self, compiled: CompiledCase, name: str):
        case, reduction = compiled.case, compiled.reduction
        relevant = reduction.places[name]
        scene, self._ending = case.scenes.get(name), case.endings.get(name)
        self.name, self.facts, self.patient = name, relevant.facts, relevant.patient
        self.askable, self.everywhere = reduction.askable(name), (compiled.everywhere,)
        self.large = bool(scene and scene.kind == "inquiry" and len(case.worlds) > MANY_WORLDS)
        options = scene.options if scene else {}
        self.options = tuple(CompiledOption(compiled, name, key, option) for key, option in options.items())
        self._compiled, self._alike = compiled, reduction.alike_values[name]
        self._read = _picker([number for number, alike in enumerate(self._alike) if len({*alike.values()}) > 1])
        self._by_read: dict[Any, SolverNode] = {}
        self._nodes: dict[Memory, SolverNode] = {}
        self._twins: dict[tuple[int, ...], SolverNode] = {}
        self._last = all(option.ends for option in self.options)  # nothing follows but endings
        self._worth: dict[Memory, Terms] = {}

    def node(self, memory: Memory) -> SolverNode:
        """The node where this is remembered: the same for all memories that make no difference from here on."""
        read = self._read(memory)
        node = self._by_read.get(read)
        if node is None:
            key = tuple(map(dict.__getitem__, self._alike, memory))
            node = self._nodes.get(key)
            if node is None:
                node = SolverNode(self, key)
                node = self._nodes[key] = self.twin(node) if self._last else node
            self._by_read[read] = node
        return node

    def twin(self, node: SolverNode) -> SolverNode:
        """The first node that has the same options as this one."""
        return self._twins.setdefault(tuple(map(id, node.compile())), node)

    def worth(self, memory: Memory) -> Terms:
        """What an ending is worth where this is remembered; nothing for a scene."""
        key = tuple(map(dict.__getitem__, self._alike, memory))
        if key not in self._worth:
            self._worth[key] = self._compiled.terms(self._ending.value, key) if self._ending else ()
        return self._worth[key]


class SolverNode:
    """A place with what is remembered there.

    ``solved`` has the solver's results for its states, and for those of all nodes that have the same options.
    """

    __slots__ = ("askable", "memory", "options", "patient", "place", "solved", "whole")

    def __init__(self, place: CompiledPlace, memory: Memory):
        self.place, self.memory = place, memory
        self.askable, self.patient = place.askable, place.patient
        self.solved: dict[tuple[int, int, int], Sums] = {}
        self.options: tuple[OpenOption, ...] | None = None  # those on offer, whatever is known; None before compile()
        self.whole: Nodes = ((self, place.everywhere),)  # what leads here in all worlds

    def compile(self) -> tuple[OpenOption, ...]:
        """Work out the options, if that is still to be done."""
        if self.options is None:
            memory = self.memory
            self.options = tuple([option.at(memory) for option in self.place.options if option.offered(memory)])
            if all(option.sums is not None for option in self.options):
                self.solved = self.place.twin(self).solved
        return self.options


Scenes = tuple[tuple[CompiledPlace, tuple[int, ...]], ...]  # where an option leads, in which sets of worlds
Route = tuple[Terms, Scenes]  # what is gained, and where it leads otherwise
Nodes = tuple[tuple[SolverNode, tuple[int, ...]], ...]  # where an option leads, in which sets of worlds


class OpenOption(NamedTuple):
    """An option at a node; it is *settled* where what follows depends on the worlds alone."""

    name: str
    mark: int  # the bit of a question
    costs: int
    when: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]  # what one must know: see is_open()
    terms: Terms  # what is gained at once or at an ending
    nodes: Nodes  # where it leads otherwise
    leaving: tuple[Terms, Nodes] | None  # both, where it uses up the client's patience
    sums: dict[int, Sums] | None  # of a settled one: the solver's results, by worlds


def is_open(option: OpenOption, worlds: int) -> bool:
    """Whether an option is on offer to someone who knows this."""
    for values, every in option.when:
        for mask in values:
            if worlds & mask == worlds:
                break
        else:
            if not every or any(worlds & mask == worlds for mask in every):
                return False
    return True


class CompiledOption:
    """An option before one knows what is remembered; each thing is worked out once for all memories it doesn't read."""

    def __init__(self, compiled: CompiledCase, place: str, name: str, option: Option):
        case = compiled.case
        names, when = list(case.memory), option.when or {}
        self._compiled, self._name, self._option, self._costs = compiled, name, option, option.costs
        self._mark = compiled.reduction.bit.get((place, name), 0)
        self._when = tuple(_known(case, fact, values) for fact, values in when.items() if fact in case.facts)
        self._needs = [(names.index(name), values) for name, values in when.items() if name in case.memory]
        self._remembers = [(names.index(name), value) for name, value in option.remember.items()]
        self._may_leave = bool(case.patience and option.costs)
        passages = {name for name, scene in case.scenes.items() if scene.goto}
        routes = [option.goto]
        if any(rule.value in passages for rule in option.goto):
            routes += [case.scenes[passage].goto for passage in passages]
        reached = {rule.value for rules in routes for rule in rules}
        if self._may_leave:
            reached.add(case.patience.leaves)
        endings = [case.endings[place].value for place in reached if place in case.endings]
        self.ends = reached <= {*case.endings, *passages}
        self._read = _reader(names, [option.effect, *routes, *endings])
        self._read_routes = _reader(names, routes)
        self._parted: dict[tuple[bool, Any], tuple[dict[str, int], Scenes]] = {}
        self._routed: dict[Any, tuple[Route, ...]] = {}
        self._distinct: dict[tuple[Route, ...], tuple[Route, ...]] = {}
        reduction = compiled.reduction
        matter = any(reduction.askable(place) or reduction.places[place].patient for place in reached)
        self._settled = not (option.costs or matter)  # by the worlds alone
        self._everywhere = (compiled.everywhere,)
        self._made: dict[tuple[Any, ...], OpenOption] = {}

    def offered(self, memory: Memory) -> bool:
        """Whether memory lets the option be on offer."""
        return all(memory[number] in values for number, values in self._needs)

    def at(self, memory: Memory) -> OpenOption:
        """The option where this is remembered; where it is settled, one object for all memories where it does the same."""
        if self._remembers:
            after = list(memory)
            for number, value in self._remembers:
                after[number] = value
            memory = tuple(after)
        read = self._read(memory)
        routed = self._routed.get(read)
        if routed is None:
            routed = tuple([self._route(memory, leaving) for leaving in range(1 + self._may_leave)])
            routed = self._routed[read] = self._distinct.setdefault(routed, routed)
        terms, scenes = routed[0]
        nodes, leaving = self._nodes(scenes, memory), None
        if not self._settled:
            if self._may_leave:
                leaving = routed[1][0], self._nodes(routed[1][1], memory)
            return OpenOption(self._name, self._mark, self._costs, self._when, terms, nodes, leaving, None)
        key = (id(routed), *[node for node, _ in nodes])
        made = self._made.get(key)
        if made is None:
            made = OpenOption(self._name, self._mark, self._costs, self._when, terms, nodes, None, {})
            self._made[key] = made
        return made

    def _nodes(self, scenes: Scenes, memory: Memory) -> Nodes:
        if len(scenes) == 1 and scenes[0][1] == self._everywhere:
            return scenes[0][0].node(memory).whole
        return tuple([(place.node(memory), masks) for place, masks in scenes])

    def _route(self, memory: Memory, leaving: bool) -> Route:
        """What is gained, and the scenes it leads to; what it reveals parts the worlds, too."""
        compiled = self._compiled
        endings, scenes = self._parts(memory, leaving)
        terms = list(compiled.terms(self._option.effect, memory))
        for ending, mask in endings.items():
            terms += [(part & mask, value) for part, value in compiled.place(ending).worth(memory) if part & mask]
        return tuple(terms), scenes

    def _parts(self, memory: Memory, leaving: bool) -> tuple[dict[str, int], Scenes]:
        """Endings and scenes it leads to, with the sets of worlds in which it does."""
        key = leaving, self._read_routes(memory)
        if key not in self._parted:
            compiled = self._compiled
            endings: dict[str, int] = {}  # what one learns on arriving at an ending is of no more use
            scenes: dict[str, list[int]] = {}
            for path, mask in parts(compiled.case, self._option, compiled.everywhere, memory, leaving):
                if path[-1] in compiled.case.endings:
                    endings[path[-1]] = endings.get(path[-1], 0) | mask
                else:
                    scenes.setdefault(path[-1], []).append(mask)
            self._parted[key] = endings, tuple([(compiled.place(to), tuple(masks)) for to, masks in scenes.items()])
        return self._parted[key]


def _reader(names: list[str], lists: Sequence[Sequence[Rule]]) -> Callable[[Memory], Any]:
    """A function that picks from a memory what the rules read."""
    read = {name for rules in lists for rule in rules for name in rule.when or ()}
    return _picker([number for number, name in enumerate(names) if name in read])


def _picker(numbers: Sequence[int]) -> Callable[[Memory], Any]:
    """A function that picks these values from a memory."""
    return itemgetter(*numbers) if numbers else lambda memory: ()


def _known(case: Case, fact: str, values: Sequence[str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The sets of worlds in which a known fact has one of the values; all its sets, if it may also be unknown."""
    among = tuple(case.masks[fact, value] for value in values if (fact, value) in case.masks)
    every = tuple(mask for (name, _), mask in case.masks.items() if name == fact)
    return among, every if UNKNOWN in values else ()
