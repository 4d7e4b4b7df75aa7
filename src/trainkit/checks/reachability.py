"""Everything that can happen in a case, and what never does: places without a way in, conditions that can't hold.

Every combination of facts is followed, so a condition that can never hold is found by never holding.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from trainkit.case.condition_walk import Condition, conditions
from trainkit.case.conditions import UNKNOWN, Rule, holds
from trainkit.case.graph import circle, steps_from, ways
from trainkit.case.model import Case, Line
from trainkit.engine.rules import State, knowledge, open_options, outcomes, remembered, split, starts, worlds_alike
from trainkit.errors import N_, KeyPath, Told

MAX_STATES = 200_000
_ALWAYS = Rule(value=True)


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
        self._worlds: dict[tuple[int, frozenset[str]], int] = {}
        self._memories: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {}

    def __call__(self, state: State, questions: bool = True) -> State:
        """The state without what is of no more use; without ``questions``, nor which of them have been asked."""
        place, names = state.place, self.relevant[state.place]
        asked = frozenset(mark for mark in state.asked if questions and mark[0] in self.reach[place])
        memory = self._memories.get((place, state.memory))
        if memory is None:
            memory = self._memories[place, state.memory] = tuple(
                value if name in names else first_value
                for name, value, first_value in zip(self.case.memory, state.memory, self.start, strict=True)
            )
        worlds = self._worlds.get((state.worlds, names))
        if worlds is None:
            worlds = self._worlds[state.worlds, names] = worlds_alike(self.case, state.worlds, names)
        return State(place, worlds, asked, state.patience, memory)


@dataclass
class Reached:
    """What was met in some reachable state."""

    places: set[str] = field(default_factory=set)  # scenes and endings
    held: set[KeyPath] = field(default_factory=set)  # paths of the conditions that held
    stuck: set[str] = field(default_factory=set)  # scenes in which no option was open
    known: set[tuple[str, str]] = field(default_factory=set)  # (scene, fact), on arrival where a condition never held


def explore(case: Case) -> Reached | None:
    """Visit every reachable state; None where there are more than ``MAX_STATES``.

    Asked marks are dropped: a question asked again teaches nothing.
    """
    notes = _Notes(case)
    reduce = partial(StateReducer(case), questions=False)
    waiting = starts(case)
    seen, noted, heard = set(waiting), set(), set()
    while waiting:
        if len(seen) > MAX_STATES:
            return None
        state = waiting.pop()
        names = open_options(case, state)
        if (what := (state.place, state.worlds, state.memory)) not in noted:
            noted.add(what)
            notes.arrive(state, names)
        for name in names:
            for path, after in outcomes(case, state, name):
                if (what := (state.place, name, path, after.worlds, after.memory)) not in heard:
                    heard.add(what)
                    notes.hear(state.place, name, path, after)
                bare = reduce(after)
                if bare not in seen:
                    seen.add(bare)
                    waiting.append(bare)
    return notes.reached


class _Notes:
    """Notes which conditions have held; a place where all of them have is not looked at again."""

    def __init__(self, case: Case):
        self.case = case
        self.reached = Reached()
        self._open: dict[str | None, set[KeyPath]] = {place: set() for place in (None, *case.scenes, *case.endings)}
        self._tomorrow: dict[KeyPath, Condition] = {}  # those of the debrief's lines that haven't held yet
        for condition in conditions(case):
            self._open[condition.place].add(condition.path)
            if condition.decides == "tomorrow":
                self._tomorrow[condition.path] = condition

    def arrive(self, state: State, names: Sequence[str]) -> None:
        """Note what holds in a state: lines, targets, options and their keys."""
        case, place = self.case, state.place
        self.reached.places.add(place)
        if place in case.endings:
            knows = knowledge(case, state)
            for path in [path for path, condition in self._tomorrow.items() if holds(condition.when, knows)]:
                self._hold(None, path)
                del self._tomorrow[path]
            return
        if not names:
            self.reached.stuck.add(place)
        if not (self._open[place] or self._open[None]):
            return
        scene, knows = case.scenes[place], knowledge(case, state)
        self.reached.known |= {(place, fact) for fact in case.facts if knows(fact) != UNKNOWN}
        self._lines(place, ("scenes", place, "lines"), scene.lines, knows)
        self._rules(place, ("scenes", place, "target"), scene.target or (), knows)
        self._rules(None, ("context", "target"), case.context.target, knows)
        for name in names:
            option, base = scene.options[name], ("scenes", place, "options", name)
            self._hold(place, (*base, "when"))
            for key in ("text", "because", "position", "fit"):
                self._rules(place, (*base, key), getattr(option, key), knows)
            memory = remembered(case, state.memory, option)
            for key in ("effect", "goto"):
                self._parted(place, (*base, key), getattr(option, key), memory, state.worlds)

    def hear(self, scene: str, option: str, path: Sequence[str], after: State) -> None:
        """Note what holds on the way from a choice to where it leads."""
        case = self.case
        if self._open[scene]:
            reply = case.scenes[scene].options[option].reply
            self._lines(scene, ("scenes", scene, "options", option, "reply"), reply, knowledge(case, after))
        for place in path[:-1]:
            self.reached.places.add(place)
            if self._open[place]:
                passage = case.scenes[place]
                self._lines(place, ("scenes", place, "lines"), passage.lines, knowledge(case, after))
                self._parted(place, ("scenes", place, "goto"), passage.goto, after.memory, after.worlds)
        if after.place in case.endings and self._open[after.place]:
            self._end(after)

    def _end(self, state: State) -> None:
        """Note what holds at an ending."""
        place, ending = state.place, self.case.endings[state.place]
        for key in ("value", "mood"):
            self._parted(place, ("endings", place, key), getattr(ending, key), state.memory, state.worlds)
        for key in ("lines", "after"):
            for number, line in enumerate(getattr(ending, key)):
                path = ("endings", place, key, number)
                worlds = state.worlds
                if line.when is not None:
                    worlds = dict(split(self.case, (line, _ALWAYS), state.memory, worlds)).get(0, 0)
                if worlds:
                    self._hold(place, (*path, "when"))
                    self._parted(place, (*path, line.speaker), line.text, state.memory, worlds)

    def _hold(self, place: str | None, path: KeyPath) -> None:
        self._open[place].discard(path)
        self.reached.held.add(path)

    def _lines(self, place: str, path: KeyPath, lines: Sequence[Line], value_of: Callable[[str], str]) -> None:
        for number, line in enumerate(lines):
            if holds(line.when, value_of):
                self._hold(place, (*path, number, "when"))
                self._rules(place, (*path, number, line.speaker), line.text, value_of)

    def _rules(self, place: str | None, path: KeyPath, rules: Sequence[Rule], value_of: Callable[[str], str]) -> None:
        if len(rules) > 1:
            number = next(n for n, rule in enumerate(rules) if holds(rule.when, value_of))
            self._hold(place, (*path, number, "when"))

    def _parted(self, place: str, path: KeyPath, rules: Sequence[Rule], memory: Sequence[str], worlds: int) -> None:
        if len(rules) > 1:
            for number, _ in split(self.case, rules, memory, worlds):
                self._hold(place, (*path, number, "when"))


# ---- what is never met ------------------------------------------------------------------------------------


def free_circles(case: Case) -> Iterator[tuple[KeyPath, str]]:
    """A circle one can walk without asking anything and without costing patience."""
    free: dict[str, list[str]] = {}
    for name, scene in case.scenes.items():
        lists = [scene.goto] if scene.goto else [o.goto for o in scene.options.values() if not o.ask and not o.costs]
        free[name] = [rule.value for rules in lists for rule in rules if rule.value in case.scenes]
    if places := circle(free):
        yield (
            ("scenes", places[0]),
            Told(
                N_(
                    "a circle without a question or a cost: {places}; let a reply in it ask (`ask`) or cost patience "
                    "(`costs`), or lead on to another place"
                ),
                places=" → ".join(places),
            ),
        )


def never_met(case: Case, used: Reached) -> Iterator[tuple[KeyPath, str]]:
    """Places and conditions that no run meets, as (path, rule)."""
    never_led_to = {
        "scenes": Told(N_("no choice ever leads to this scene")), "endings": Told(N_("no choice ever leads to this ending"))
    }  # fmt: skip
    for kind, names in (("scenes", case.scenes), ("endings", case.endings)):
        yield from (((kind, name), never_led_to[kind]) for name in names if name not in used.places)
    for name in sorted(used.stuck):
        yield ("scenes", name), Told(N_("a dead end: in some state no option is open here; leave one without `when`"))
    shut: KeyPath = ()  # whose condition never holds, as said last; what is within it goes without saying
    for condition in conditions(case):
        path, place, *_ = condition
        seen = place is None or place in used.places
        if not seen or path in used.held or (shut and path[: len(shut)] == shut):
            continue
        shut = path[:-1]
        yield path, _never(case, condition, used)


def _never(case: Case, condition: Condition, used: Reached) -> Told:
    """Why a condition never holds; where nobody can know what it reads, that."""
    if _knows_as_on_arrival(case, condition):
        for fact, values in condition.when.items():
            if fact in case.facts and values != (UNKNOWN,) and (condition.place, fact) not in used.known:
                rule = N_(
                    'reads hidden truth: nobody can know "{fact}" here, so this can never hold. Does nothing before it have '
                    "`reveals: [{fact}]`?"
                )
                return Told(rule, fact=fact)
    return Told(N_("this `when` can never hold"))


def _knows_as_on_arrival(case: Case, condition: Condition) -> bool:
    """Whether what is known there is what was known on arrival: in a scene one stays in, and not after an answer."""
    if not condition.known or condition.place is None:
        return False
    scene = case.scenes[condition.place]
    if condition.decides == "reply":
        option = scene.options[str(condition.path[3])]
        return not option.reveals and len(option.goto) == 1
    return bool(scene.options)
