"""What is true of this client, and what of it can be found out: one draw of the facts for each seed."""

import hashlib
from collections.abc import Mapping, Sequence

from trainkit.case.cache import kept_per_case
from trainkit.case.graph import steps_from
from trainkit.case.model import Case, Option
from trainkit.errors import TrainkitError


def draw_facts(case: Case, seed: int, fixed: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The truth of a seed: one value for each fact, in the order of ``case.facts``.

    Each fact takes the quantile SHA-256("seed:fact") / 2⁶⁴ of its distribution, so adding a fact doesn't change the
    draw of another. Where fixed values can't occur with what is drawn, the nearest possible world is taken.
    """
    fixed = fixed or {}
    world: dict[str, str] = {}
    for name, fact in case.facts.items():
        if name in fixed:
            world[name] = fixed[name]
            continue
        u = int.from_bytes(hashlib.sha256(f"{seed}:{name}".encode()).digest()[:8], "big") / 2**64
        total = 0.0
        for value in fact.values:
            share = fact.probability(value, world)
            total += share
            if share > 0:
                world[name] = value  # the last possible value, should rounding leave the sum under 1
            if u < total and share > 0:
                break
    truth = tuple(world.values())
    if truth in case.world_numbers:
        return truth
    possible = [w for w in case.worlds if fixed.items() <= dict(zip(case.facts, w, strict=True)).items()]
    if not possible:
        raise TrainkitError("these values can't occur together: " + ", ".join(f"{f}={v}" for f, v in fixed.items()))
    return max(possible, key=lambda w: sum(a == b for a, b in zip(w, truth, strict=True)))


@kept_per_case(1_000)
def revealable(case: Case, design: tuple[tuple[str, str], ...], place: str | None = None) -> tuple[str, ...]:
    """Facts that some way through a case from ``place`` on, under an experimental condition, would reveal."""
    known = dict(design)

    def possible(when: Mapping[str, Sequence[str]] | None) -> bool:
        return all(known[name] in values for name, values in (when or {}).items() if name in known)

    def options(place: str) -> list[Option]:
        return [option for option in case.scenes[place].options.values() if possible(option.when)]

    def leads_to(place: str) -> list[str]:
        if place in case.endings:
            return []
        lists = [*(option.goto for option in options(place)), case.scenes[place].goto or ()]
        return [rule.value for rules in lists for rule in rules if possible(rule.when)]

    scenes = [place for place in steps_from(place or case.start, leads_to) if place in case.scenes]
    told = {fact for place in scenes for option in options(place) for fact in option.reveals}
    return tuple(fact for fact in case.facts if fact in told)
