"""The names that a case uses and does not declare."""

import math
from collections.abc import Collection, Iterator

from trainkit.case.condition_walk import conditions
from trainkit.case.conditions import UNKNOWN
from trainkit.case.model import MAX_WORLDS, NARRATOR, PLAYER, Case, Line, Option
from trainkit.errors import N_, KeyPath, Told, shown, suggest

Misnamed = Iterator[tuple[KeyPath, str]]  # where a name is wrong, and the rule


def dangling(case: Case) -> Misnamed:
    """Every name that is used and not declared, with its path."""
    yield from _shared_names(case)
    yield from _first_names(case)
    yield from _facts(case)
    yield from _speakers(case)
    yield from _destinations(case)
    yield from _tomorrow(case)
    for name, scene in case.scenes.items():
        for key, option in scene.options.items():
            yield from _option(case, ("scenes", name, "options", key), option)
    yield from _conditions(case)


def _shared_names(case: Case) -> Misnamed:
    """Names that two things have."""
    for name in set(case.scenes) & set(case.endings):
        yield ("endings", name), Told(N_("a scene has this name, too; scenes and endings share their names"))
    for name in set(case.facts) & set(case.memory):
        yield ("memory", name), Told(N_("a fact has this name, too; facts and memories share their names"))


def _first_names(case: Case) -> Misnamed:
    """The client, the first scene and the ending at which the client leaves."""
    if case.client not in case.speakers:
        yield ("client",), _no("speaker", case.client, case.speakers)
    if case.start not in case.scenes:
        yield ("start",), _no("scene", case.start, case.scenes)
    elif not case.scenes[case.start].options:
        yield ("start",), Told(N_("a case starts with a scene that has options, not with a passage"))
    if case.patience and case.patience.leaves not in case.endings:
        yield ("patience", "leaves"), _no("ending", case.patience.leaves, case.endings)


def _facts(case: Case) -> Misnamed:
    """Facts that others are given, and the number of combinations."""
    before: list[str] = []
    for name, fact in case.facts.items():
        if fact.given is not None and fact.given not in before:
            rule = Told(N_("must name a fact that stands before this one (got {got})."), got=shown(fact.given))
            yield ("facts", name, "given"), rule + suggest(fact.given, before)
        elif fact.given is not None:
            given = case.facts[fact.given].values
            if list(next(iter(fact.values.values())).p) != list(given):
                rule = Told(N_("the tables `p` need one entry for each of {values}"), values=", ".join(given))
                yield ("facts", name, "values"), rule
        before.append(name)
    count = math.prod(len(fact.values) for fact in case.facts.values())
    if count > MAX_WORLDS:
        rule = N_("{n:,} combinations of facts; at most {most:,} can be solved exactly. Drop a fact")
        yield ("facts",), Told(rule, n=count, most=MAX_WORLDS)


def _tomorrow(case: Case) -> Misnamed:
    """Facts that the words to take along ask about."""
    for number, line in enumerate(case.debrief.lines):
        if line.asks is not None and line.asks not in case.facts:
            yield ("debrief", "tomorrow", number, "asks"), _no("fact", line.asks, case.facts)


def _speakers(case: Case) -> Misnamed:
    """Who says each line."""
    spoken: dict[KeyPath, tuple[Line, ...]] = {}
    for name, scene in case.scenes.items():
        spoken["scenes", name, "lines"] = scene.lines
        spoken |= {("scenes", name, "options", key, "reply"): option.reply for key, option in scene.options.items()}
    for name, ending in case.endings.items():
        spoken |= {("endings", name, "lines"): ending.lines, ("endings", name, "after"): ending.after}
    voices = [*case.speakers, NARRATOR, PLAYER]
    for path, lines in spoken.items():
        for number, line in enumerate(lines):
            if line.speaker not in voices:
                yield (*path, number), _no("speaker", line.speaker, voices)


def _destinations(case: Case) -> Misnamed:
    """Where each ``goto`` leads."""
    places = [*case.scenes, *case.endings]
    for name, scene in case.scenes.items():
        lists = {("scenes", name, "goto"): scene.goto or ()}
        lists |= {("scenes", name, "options", key, "goto"): option.goto for key, option in scene.options.items()}
        for path, rules in lists.items():
            for number, rule in enumerate(rules):
                if rule.value not in places:
                    at = (*path, number, "value") if len(rules) > 1 else path
                    yield at, _no("scene or ending", rule.value, places)


def _option(case: Case, path: KeyPath, option: Option) -> Misnamed:
    """What an option is called, reveals, remembers and costs."""
    if path[-1] == "back":
        yield path, Told(N_('"back" is kept for a step back; call the option something else'))
    for fact in option.reveals:
        if fact not in case.facts:
            yield (*path, "reveals"), _no("fact", fact, case.facts)
        elif case.facts[fact].design:
            yield (*path, "reveals"), Told(N_('"{fact}" is a design fact; it is known from the start'), fact=fact)
    for memory, value in option.remember.items():
        if memory not in case.memory:
            yield (*path, "remember"), _no("memory", memory, case.memory)
        elif value not in case.memory[memory]:
            yield (*path, "remember", memory), _no_value(memory, value, case.memory[memory])
    if option.costs and not case.patience:
        yield (*path, "costs"), Told(N_("costs patience, and this case has no `patience` block"))


def _conditions(case: Case) -> Misnamed:
    """Facts and memories that conditions read, and the values they may have there."""
    for path, _, _, known, when in conditions(case):
        for name, wanted in when.items():
            if name in case.memory:
                allowed = list(case.memory[name])
            elif name in case.facts:
                allowed = [*case.facts[name].values, *([UNKNOWN] if known else [])]
            else:
                yield (*path, name), _no("fact or memory", name, [*case.facts, *case.memory])
                continue
            for value in wanted:
                if value not in allowed:
                    hint = Told(N_(" Here a fact means the truth, which is never unknown.") if value == UNKNOWN else "")
                    yield (*path, name), _no_value(name, value, allowed) + hint


_WANTED = {
    "speaker": N_("must name a speaker (got {got})."),
    "scene": N_("must name a scene (got {got})."),
    "ending": N_("must name an ending (got {got})."),
    "scene or ending": N_("must name a scene or ending (got {got})."),
    "fact": N_("must name a fact (got {got})."),
    "memory": N_("must name a memory (got {got})."),
    "fact or memory": N_("must name a fact or memory (got {got})."),
}


def _no(kind: str, got: str, known: Collection[str]) -> Told:
    return Told(_WANTED[kind], got=shown(got)) + _near(got, known)


def _no_value(of: str, got: str, known: Collection[str]) -> Told:
    return Told(N_('must name a value of "{name}" (got {got}).'), name=of, got=shown(got)) + _near(got, known)


def _near(got: str, known: Collection[str]) -> Told:
    there = Told(N_(" There are: {names}."), names=", ".join(known)) if known else Told(N_(" There are none."))
    return suggest(got, known) or there
