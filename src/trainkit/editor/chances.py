"""How likely is each value of a fact, by itself or by another fact, and what becomes of that as values come and go?"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trainkit.editor.names import free_name

Fact = Mapping[str, Any]


def with_value(facts: Mapping[str, Fact], name: str) -> dict[str, Any]:
    """The facts with one value more of one of them; where all were equally likely, all are again."""
    part = facts[name]
    values = part["values"]
    new_name = free_name("value", values)
    fresh: dict[str, Any] = {"label": ""}
    if part.get("given"):
        fresh = {"p": dict.fromkeys(facts[part["given"]]["values"], 0.0), "label": ""}
    elif not part.get("design"):
        fresh = {"p": 0.0, "label": ""}
    new = {**part, "values": {**values, new_name: fresh}}
    shares = [value.get("p") for value in values.values()]
    if fresh.get("p") == 0.0 and all(isinstance(p, float | int) for p in shares) and max(shares) - min(shares) < 0.02:
        new = evenly(new)
    others = {one: _with_column(fact, new_name) if fact.get("given") == name else fact for one, fact in facts.items()}
    return {**others, name: new}


def without_column(facts: Mapping[str, Fact], name: str, value: str) -> dict[str, Any]:
    """The facts whose chances depend on a fact, without what they said of a value of it that is gone."""
    return {
        one: _each_p(fact, lambda p: {key: share for key, share in p.items() if key != value} if _table(p) else p)
        if isinstance(fact, Mapping) and fact.get("given") == name
        else fact
        for one, fact in facts.items()
    }


def evenly(part: Fact) -> dict[str, Any]:
    """A fact whose values are equally likely; shares of two decimals that add up to 1."""
    values = part["values"]
    new = {}
    for share, (name, value) in zip(_even(len(values)), values.items(), strict=True):
        p = dict.fromkeys(value["p"], share) if _table(value.get("p")) else share
        new[name] = {**({} if part.get("design") else {"p": p}), **{k: v for k, v in value.items() if k != "p"}}
    return {**part, "values": new}


def assigned(part: Fact, on: bool) -> dict[str, Any]:
    """A fact that is assigned evenly and known from the start, as an experimental condition, or drawn as any other."""
    if on:
        label = {"label": part["label"]} if "label" in part else {}
        rest = {key: value for key, value in part.items() if key not in ("label", "design", "given")}
        values = {name: {k: v for k, v in value.items() if k != "p"} for name, value in part["values"].items()}
        return {**label, "design": True, **rest, "values": values}
    return evenly({key: value for key, value in part.items() if key != "design"})


def depending(facts: Mapping[str, Fact], name: str, on: str) -> dict[str, Any]:
    """The facts with the chances of one depending on another, the same everywhere at first; on none where ``on`` is "".

    What depended is what it comes to on the whole. A fact stands behind the one it depends on.
    """
    part = facts[name]
    was = part.get("given")
    plain = _each_p(part, lambda p: _on_the_whole(p, facts.get(was)) if _table(p) else p)
    if was:
        plain = _adding_up(plain)
    plain.pop("given", None)
    if not on:
        return {**facts, name: plain}
    tabled = _each_p(plain, lambda p: dict.fromkeys(facts[on]["values"], p))
    label = {"label": tabled.pop("label")} if "label" in tabled else {}
    return _in_order({**facts, name: {**label, "given": on, **tabled}})


def may_depend_on(facts: Mapping[str, Any], name: str) -> list[str]:
    """Facts that the chances of a fact may depend on: all that don't depend on it themselves."""
    return [one for one in facts if name not in _line(facts, one)]


def _line(facts: Mapping[str, Any], name: str) -> Iterator[str]:
    """A fact, what it depends on, what that depends on …"""
    seen: set[str] = set()
    while name in facts and name not in seen:
        yield name
        seen.add(name)
        name = facts[name].get("given", "") if isinstance(facts[name], Mapping) else ""


def _in_order(facts: Mapping[str, Fact]) -> dict[str, Any]:
    """Each fact behind the one it depends on, else where it stood."""
    ordered: dict[str, Any] = {}
    for name in facts:
        for one in reversed(list(_line(facts, name))):
            ordered.setdefault(one, facts[one])
    return ordered


def _table(p: Any) -> bool:
    return isinstance(p, Mapping)


def _each_p(part: Fact, mend: Any) -> dict[str, Any]:
    values = {
        name: {**value, "p": mend(value["p"])} if isinstance(value, Mapping) and "p" in value else value
        for name, value in part["values"].items()
    }
    return {**part, "values": values}


def _with_column(part: Fact, value: str) -> dict[str, Any]:
    values = part["values"]
    shares = iter(_even(len(values)))
    return _each_p(part, lambda p: {**p, value: next(shares)} if _table(p) else p)


def _even(count: int) -> list[float]:
    shares = [round(1 / count, 2)] * count
    return [round(1 - sum(shares[1:]), 2), *shares[1:]]


def _on_the_whole(p: Mapping[str, float], on: Fact | None) -> float:
    """What a table comes to, by how likely each value is of the fact that it is given."""
    values = on["values"] if on else {}
    said = {key: values.get(key, {}).get("p") for key in p}
    known = all(isinstance(share, float | int) for share in said.values()) and sum(said.values())
    weights = said if known else dict.fromkeys(p, 1.0)
    return round(sum(p[key] * weights[key] for key in p) / sum(weights.values()), 2)


def _adding_up(part: Fact) -> dict[str, Any]:
    """A fact whose rounded shares add up to 1: the largest gives or takes what is missing."""
    shares: Sequence[float] = [value["p"] for value in part["values"].values()]
    missing, largest = round(1 - sum(shares), 2), max(shares)
    given = iter([round(p + missing, 2) if number == shares.index(largest) else p for number, p in enumerate(shares)])
    return _each_p(part, lambda _: next(given)) if abs(missing) <= 0.05 else dict(part)
