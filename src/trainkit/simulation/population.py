"""A population as it is typed: ``lean=N(.2,.25) skill=N(4,1) pull=1.5`` → a kind of trainee that follows the choice model."""

import re

from trainkit.errors import TrainkitError, shown, suggest
from trainkit.simulation.personas import Persona, Spread, chooser

EXAMPLE = "lean=N(.2,.25) skill=N(4,1) pull=1.5"
NAMES = {"lean": (-1.0, 1.0), "skill": (0.0, 100.0), "pull": (0.0, 100.0)}  # with the range of the mean
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)"
_PART = re.compile(rf"(?:N\(({_NUMBER}),({_NUMBER})\)|({_NUMBER}))")


def population(text: str) -> Persona:
    """A kind of trainee from a text: each of lean, skill and pull is a number or N(mean, SD).

    Raises
    ------
    TrainkitError
        If the text is not of this form; it says which part, what is wanted, and an example.

    Examples
    --------
    >>> from trainkit.simulation.population import population
    >>> one = population("lean=N(.2,.25) skill=N(4,1) pull=1.5")
    >>> one.lean, one.spread, one.skill, one.skill_spread, one.pull
    (0.2, 0.25, 4.0, 1.0, 1.5)
    """
    plain = text.replace("\N{MINUS SIGN}", "-")
    spreads: dict[str, Spread] = {}
    for part in re.sub(r"\s*([=(,)])\s*", lambda mark: mark[1] + " " * (mark[1] == ")"), plain).split():
        name, sign, value = part.partition("=")
        if not sign:
            raise _wrong(f"{shown(part)} is no NAME=VALUE")
        if name not in NAMES:
            raise _wrong(f"unknown name {shown(name)}.{suggest(name, NAMES)} The names are {', '.join(NAMES)}")
        if name in spreads:
            raise _wrong(f'"{name}" stands there twice')
        spreads[name] = _spread(name, value)
    if missing := [name for name in NAMES if name not in spreads]:
        raise _wrong(f"it has no {' and no '.join(missing)} (got {shown(text)})")
    return chooser("population", *(spreads[name] for name in NAMES), label=" ".join(text.split()))


def _spread(name: str, value: str) -> Spread:
    found = _PART.fullmatch(value)
    if not found:
        raise _wrong(f"{name} must be a number or N(mean, SD) (got {shown(value)})")
    mean, spread = (found[3], "0") if found[3] else (found[1], found[2])
    low, high = NAMES[name]
    if not low <= float(mean) <= high:
        raise _wrong(f"the mean of {name} lies between {low:g} and {high:g} (got {shown(mean)})")
    if float(spread) < 0:
        raise _wrong(f"the SD of {name} is 0 or more (got {shown(spread)})")
    return float(mean), float(spread)


def _wrong(what: str) -> TrainkitError:
    return TrainkitError(f'--population: {what}. For example: --population "{EXAMPLE}"')
