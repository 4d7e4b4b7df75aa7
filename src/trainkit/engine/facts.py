"""What is true of this client, and what of it can be found out: one draw of the facts for each seed."""

import hashlib
import itertools
from collections.abc import Mapping, Sequence

from trainkit.case.cache import kept_per_case
from trainkit.case.graph import steps_from
from trainkit.case.model import Case, Option
from trainkit.errors import N_, TrainkitError


def draw_facts(case: Case, seed: int, fixed: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The truth of a seed: one value for each fact, in the order of ``case.facts``.

    Each fact takes the quantile SHA-256("seed:fact") / 2⁶⁴ of its distribution given the facts before it and all that is
    ``fixed`` (Bayes), so that what one may infer from a fixed fact is true in the long run; adding a fact doesn't change
    the draw of another.
    """
    given, truth = tuple(sorted((fixed or {}).items())), ()
    for name in case.facts:
        u = quantile(seed, name)
        ways = _next_fact(case, given, truth)
        # the last possible value, should rounding leave the sum under u
        truth = next((way for way, upto in ways if u < upto), ways[-1][0])
    return truth


def quantile(seed: int, fact: str) -> float:
    """Which quantile of its distribution a fact takes, 0 … 1."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{fact}".encode()).digest()[:8], "big") / 2**64


@kept_per_case(20_000)
def _next_fact(
    case: Case, fixed: tuple[tuple[str, str], ...], before: tuple[str, ...]
) -> tuple[tuple[tuple[str, ...], float], ...]:
    """The facts with one more, for each value that it can have after those ``before`` it: with the share up to there."""
    shares: dict[str, float] = {}
    for world, share in zip(case.worlds, case.probabilities, strict=True):
        if world[: len(before)] == before and {*fixed} <= {*zip(case.facts, world, strict=True)}:
            value = world[len(before)]
            shares[value] = shares.get(value, 0.0) + share
    if not shares:
        values = ", ".join(f"{fact}={v}" for fact, v in fixed)
        raise TrainkitError(N_("these values can't occur together: {values}"), values=values)
    whole, upto = sum(shares.values()), itertools.accumulate(shares.values())
    return tuple([((*before, value), part / whole) for value, part in zip(shares, upto, strict=True)])


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
