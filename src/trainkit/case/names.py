"""The names that a case uses and does not declare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trainkit.case.conditions import UNKNOWN, Rule
from trainkit.case.model import MAX_WORLDS, NARRATOR, PLAYER, Case, Line
from trainkit.errors import KeyPath, shown, suggest


def dangling(case: Case) -> Iterator[tuple[KeyPath, str]]:
    """Every name that is used and not declared, with its path."""
    places = [*case.scenes, *case.endings]
    voices = [*case.speakers, NARRATOR, PLAYER]

    for name in set(case.scenes) & set(case.endings):
        yield ("endings", name), "a scene has this name, too; scenes and endings share their names"
    for name in set(case.facts) & set(case.memory):
        yield ("memory", name), "a fact has this name, too; facts and memories share their names"
    if case.client not in case.speakers:
        yield ("client",), _no("speaker", case.client, case.speakers)
    if case.start not in case.scenes:
        yield ("start",), _no("scene", case.start, case.scenes)
    elif not case.scenes[case.start].options:
        yield ("start",), "a case starts with a scene that has options, not with a passage"
    if case.patience and case.patience.leaves not in case.endings:
        yield ("patience", "leaves"), _no("ending", case.patience.leaves, case.endings)

    seen: list[str] = []
    for name, fact in case.facts.items():
        if fact.given is not None:
            given = case.facts.get(fact.given)
            if fact.given not in seen:
                yield (
                    ("facts", name, "given"),
                    "must name a fact that stands before this one (got "
                    + (f"{shown(fact.given)}).{suggest(fact.given, seen)}"),
                )
            elif given and list(next(iter(fact.values.values())).p) != list(given.values):
                yield ("facts", name, "values"), f"the tables `p` need one entry for each of {', '.join(given.values)}"
        seen.append(name)
    count = 1
    for fact in case.facts.values():
        count *= len(fact.values)
    if count > MAX_WORLDS:
        yield ("facts",), f"{count:,} combinations of facts; at most {MAX_WORLDS:,} can be solved exactly. Drop a fact"

    def lines(base: KeyPath, said: tuple[Line, ...], known: bool) -> Iterator[tuple[KeyPath, str]]:
        for number, line in enumerate(said):
            path = (*base, number)
            if line.speaker not in voices:
                yield path, _no("speaker", line.speaker, voices)
            yield from _condition((*path, "when"), line.when, case, known)
            yield from rules((*path, line.speaker), line.text, known)

    def rules(path: KeyPath, given: tuple[Rule, ...], known: bool) -> Iterator[tuple[KeyPath, str]]:
        for number, rule in enumerate(given):
            yield from _condition((*path, number, "when"), rule.when, case, known)

    def goto(path: KeyPath, given: tuple[Rule, ...] | None) -> Iterator[tuple[KeyPath, str]]:
        for number, rule in enumerate(given or ()):
            at = (*path, number, "value") if len(given) > 1 else path
            if rule.value not in places:
                yield at, _no("scene or ending", rule.value, places)
            yield from _condition((*path, number, "when"), rule.when, case, known=False)

    yield from rules(("context", "target"), case.context.target, known=True)
    for name, scene in case.scenes.items():
        base = ("scenes", name)
        yield from lines((*base, "lines"), scene.lines, known=True)
        yield from goto((*base, "goto"), scene.goto)
        yield from rules((*base, "target"), scene.target or (), known=True)
        for key, option in scene.options.items():
            path = (*base, "options", key)
            if key == "back":
                yield path, '"back" is kept for a step back; call the option something else'
            yield from _condition((*path, "when"), option.when, case, known=True)
            for field in ("text", "because", "position", "fit"):
                yield from rules((*path, field), getattr(option, field), known=True)
            yield from rules((*path, "effect"), option.effect, known=False)
            yield from lines((*path, "reply"), option.reply, known=True)
            yield from goto((*path, "goto"), option.goto)
            for fact in option.reveals:
                if fact not in case.facts:
                    yield (*path, "reveals"), _no("fact", fact, case.facts)
                elif case.facts[fact].design:
                    yield (*path, "reveals"), f'"{fact}" is a design fact; it is known from the start'
            for memory, value in option.remember.items():
                if memory not in case.memory:
                    yield (*path, "remember"), _no("memory", memory, case.memory)
                elif value not in case.memory[memory]:
                    yield (*path, "remember", memory), _no(f'value of "{memory}"', value, case.memory[memory])
            if option.costs and not case.patience:
                yield (*path, "costs"), "costs patience, and this case has no `patience` block"
    for name, ending in case.endings.items():
        yield from lines(("endings", name, "lines"), ending.lines, known=False)
        yield from lines(("endings", name, "after"), ending.after, known=False)
        yield from rules(("endings", name, "mood"), ending.mood, known=False)
        yield from rules(("endings", name, "value"), ending.value, known=False)


def _no(kind: str, got: str, known: Any) -> str:
    article = "an" if kind[0] in "aeiou" else "a"
    near = suggest(got, known) or f" There are: {', '.join(known)}."
    return f"must name {article} {kind} (got {shown(got)}).{near}"


def _condition(path: KeyPath, when: Mapping | None, case: Case, known: bool) -> Iterator[tuple[KeyPath, str]]:
    for name, wanted in (when or {}).items():
        if name in case.memory:
            allowed = list(case.memory[name])
        elif name in case.facts:
            allowed = list(case.facts[name].values) + ([UNKNOWN] if known else [])
        else:
            yield (*path, name), _no("fact or memory", name, [*case.facts, *case.memory])
            continue
        for value in wanted:
            if value not in allowed:
                hint = " Here a fact means the truth, which is never unknown." if value == UNKNOWN else ""
                yield (*path, name), _no(f'value of "{name}"', value, allowed) + hint
