"""Everything that could happen in a case: each state a trainee can reach, and figures over all ways through.

Every combination of facts is followed, so a condition that can never hold is found by never holding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from trainkit.case.conditions import UNKNOWN, Rule, holds
from trainkit.case.model import Case, Line
from trainkit.checks.state_reducer import StateReducer
from trainkit.engine.rules import State, knowledge, open_options, outcomes, remembered, split, starts
from trainkit.errors import KeyPath

MAX_STATES = 200_000
_ALWAYS = Rule(value=True)


@dataclass
class Reached:
    """What was met in some reachable state: places, and (path of a rule or option) that held."""

    places: set[str] = field(default_factory=set)
    held: set[KeyPath] = field(default_factory=set)
    stuck: set[str] = field(default_factory=set)
    known: set[tuple[str, str]] = field(default_factory=set)  # (scene, fact) known on arrival in some state


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
                bare = forget(after._replace(asked=frozenset()))
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
