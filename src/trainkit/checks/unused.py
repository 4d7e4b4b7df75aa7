"""What of a case is never met: scenes without a way in, dead ends, circles, conditions that can't hold."""

from __future__ import annotations

import graphlib
from collections.abc import Iterator, Mapping, Sequence

from trainkit.case.conditions import UNKNOWN, Rule
from trainkit.case.model import Case, Line
from trainkit.checks.reachability import Reached
from trainkit.errors import KeyPath


def free_circles(case: Case) -> Iterator[tuple[KeyPath, str]]:
    """A circle one can walk without asking anything and without costing patience."""
    free: dict[str, list[str]] = {}
    for name, scene in case.scenes.items():
        ways = [scene.goto] if scene.goto else [o.goto for o in scene.options.values() if not o.ask and not o.costs]
        free[name] = [rule.value for rules in ways for rule in rules if rule.value in case.scenes]
    try:
        graphlib.TopologicalSorter(free).prepare()
    except graphlib.CycleError as error:
        circle = error.args[1][::-1]
        yield ("scenes", circle[0]), "a circle without a question or a cost: " + " → ".join(circle)


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

    def never(path: KeyPath, when: Mapping | None, scene: str | None) -> tuple[KeyPath, str]:
        hidden = [
            fact
            for fact, values in (when or {}).items()
            if scene and fact in case.facts and values != (UNKNOWN,) and (scene, fact) not in used.known
        ]
        if hidden:
            return path, (
                f'reads hidden truth: nobody can know "{hidden[0]}" here, so this can never hold. '
                f"Does nothing before it have `reveals: [{hidden[0]}]`?"
            )
        return path, "this `when` can never hold"

    def rules(path: KeyPath, given: Sequence[Rule], scene: str | None = None) -> Iterator[tuple[KeyPath, str]]:
        for number, rule in enumerate(given):
            if rule.when is not None and (*path, number) not in used.held:
                yield never((*path, number, "when"), rule.when, scene)

    def lines(path: KeyPath, given: Sequence[Line], scene: str | None = None) -> Iterator[tuple[KeyPath, str]]:
        for number, line in enumerate(given):
            if line.when is not None and (*path, number, "when") not in used.held:
                yield never((*path, number, "when"), line.when, scene)
            else:
                yield from rules((*path, number, line.speaker), line.text, scene)

    yield from rules(("context", "target"), case.context.target)
    for name, scene in case.scenes.items():
        if name not in used.places:
            continue
        base: KeyPath = ("scenes", name)
        # a passage's knowledge is that of the way in; only scenes one stays in are looked up in `known`
        at = name if scene.options else None
        yield from lines((*base, "lines"), scene.lines, at)
        yield from rules((*base, "target"), scene.target or (), at)
        yield from rules((*base, "goto"), scene.goto or ())
        for key, option in scene.options.items():
            path = (*base, "options", key)
            if option.when is not None and (*path, "when") not in used.held:
                yield never((*path, "when"), option.when, name)
                continue
            for part in ("text", "because", "position", "fit"):
                yield from rules((*path, part), getattr(option, part), name)
            for part in ("effect", "goto"):
                yield from rules((*path, part), getattr(option, part))
            yield from lines((*path, "reply"), option.reply, None if option.reveals or len(option.goto) > 1 else name)
    for name, ending in case.endings.items():
        if name in used.places:
            yield from lines(("endings", name, "lines"), ending.lines)
            yield from lines(("endings", name, "after"), ending.after)
            yield from rules(("endings", name, "mood"), ending.mood)
            yield from rules(("endings", name, "value"), ending.value)
