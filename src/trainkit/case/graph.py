"""Which places of a case lead where: one step, everything within reach, circles."""

import graphlib
from collections.abc import Callable, Iterable, Mapping

from trainkit.case.model import Case, Option


def gotos(case: Case, place: str) -> tuple[str, ...]:
    """Places that the choices of a scene (or a passage) name, in the order of the file; of an ending none."""
    if place not in case.scenes:
        return ()
    scene = case.scenes[place]
    lists = [scene.goto or (), *(option.goto for option in scene.options.values())]
    return tuple(dict.fromkeys(rule.value for rules in lists for rule in rules))


def leads(case: Case, option: Option) -> tuple[str, ...]:
    """Places one step after an option: those it names, and where the client leaves if it costs patience."""
    leaving = [case.patience.leaves] if case.patience and option.costs else []
    return tuple(dict.fromkeys([*(rule.value for rule in option.goto), *leaving]))


def ways(case: Case, place: str) -> tuple[str, ...]:
    """Places one step from a place, where the client leaves among them."""
    options = case.scenes[place].options.values() if place in case.scenes else ()
    leaving = [to for option in options for to in leads(case, option)]
    return tuple(dict.fromkeys([*gotos(case, place), *leaving]))


def steps_from(start: str, ways_of: Callable[[str], Iterable[str]]) -> dict[str, int]:
    """Every place within reach → the least number of steps to it, nearest first; the start itself with 0."""
    steps = {start: 0}
    waiting = [start]
    for place in waiting:
        for to in ways_of(place):
            if to not in steps:
                steps[to] = steps[place] + 1
                waiting.append(to)
    return steps


def circle(ways_of: Mapping[str, Iterable[str]]) -> list[str] | None:
    """Places that lead round to the first, which stands at both ends; None if no way does."""
    try:
        graphlib.TopologicalSorter(ways_of).prepare()
    except graphlib.CycleError as error:
        return error.args[1][::-1]
    return None
