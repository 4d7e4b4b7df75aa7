"""What of a case is never met: scenes without a way in, dead ends, circles, conditions that can't hold."""

from collections.abc import Iterator

from trainkit.case.condition_walk import Condition, conditions
from trainkit.case.conditions import UNKNOWN
from trainkit.case.graph import circle
from trainkit.case.model import Case
from trainkit.checks.reachability import Reached
from trainkit.errors import KeyPath


def free_circles(case: Case) -> Iterator[tuple[KeyPath, str]]:
    """A circle one can walk without asking anything and without costing patience."""
    free: dict[str, list[str]] = {}
    for name, scene in case.scenes.items():
        lists = [scene.goto] if scene.goto else [o.goto for o in scene.options.values() if not o.ask and not o.costs]
        free[name] = [rule.value for rules in lists for rule in rules if rule.value in case.scenes]
    if places := circle(free):
        yield ("scenes", places[0]), "a circle without a question or a cost: " + " → ".join(places)


def never_met(case: Case, used: Reached) -> Iterator[tuple[KeyPath, str]]:
    """Places and conditions that no run meets, as (path, rule)."""
    for name in case.scenes:
        if name not in used.places:
            yield ("scenes", name), "no choice ever leads to this scene"
    for name in case.endings:
        if name not in used.places:
            yield ("endings", name), "no choice ever leads to this ending"
    for name in sorted(used.stuck):
        yield ("scenes", name), "a dead end: in some state no option is open here; leave one without `when`"
    shut: KeyPath = ()  # whose condition never holds, as said last; what is within it goes without saying
    for condition in conditions(case):
        path, place, *_ = condition
        seen = place is None or place in used.places
        if not seen or path in used.held or (shut and path[: len(shut)] == shut):
            continue
        shut = path[:-1]
        yield path, _never(case, condition, used)


def _never(case: Case, condition: Condition, used: Reached) -> str:
    """Why a condition never holds; where nobody can know what it reads, that."""
    if _knows_as_on_arrival(case, condition):
        for fact, values in condition.when.items():
            if fact in case.facts and values != (UNKNOWN,) and (condition.place, fact) not in used.known:
                return (
                    f'reads hidden truth: nobody can know "{fact}" here, so this can never hold. '
                    f"Does nothing before it have `reveals: [{fact}]`?"
                )
    return "this `when` can never hold"


def _knows_as_on_arrival(case: Case, condition: Condition) -> bool:
    """Whether what is known there is what was known on arrival: in a scene one stays in, and not after an answer."""
    if not condition.known or condition.place is None:
        return False
    scene = case.scenes[condition.place]
    if condition.decides == "reply":
        option = scene.options[str(condition.path[3])]
        return not option.reveals and len(option.goto) == 1
    return bool(scene.options)
