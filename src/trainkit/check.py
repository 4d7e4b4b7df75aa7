"""Case → problems: what is wrong with a case that can be read, and its figures.

Every state a trainee can reach is visited, under every combination of facts, so a `when` that can never hold is found by
never holding.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from trainkit import casebook, yamlfile
from trainkit.case import SOURCE_LANGUAGE, UNKNOWN, Case, Line, Rule, first, holds
from trainkit.errors import CaseError, Problem, TrainkitError, suggest
from trainkit.play import State, knowledge, open_options, outcomes, remembered, replay, split, start
from trainkit.scoring import MIN_DECISIONS, score

MAX_STATES = 400_000
Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class Report:
    """What the check found; the keys of ``trainkit check --json``.

    ``decisions_longest_path`` counts scenes with at least two open options; ``paths`` the distinct ways through (choices
    and what one learns from them); ``position_range`` the lowest and highest Position a finished run can reach. They are
    None where the case can't be read or is too large to count.
    """

    id: str
    titles: dict[str, str] = field(default_factory=dict)
    scenes: int = 0
    options: int = 0
    endings: int = 0
    decisions_longest_path: int | None = None
    paths: int | None = None
    languages: tuple[str, ...] = ()
    position_range: tuple[float, float] | None = None
    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()

    def as_json(self) -> dict:
        """Plain data for ``--json``; problems as sentences."""
        data = asdict(self)
        return data | {key: [str(problem) for problem in getattr(self, key)] for key in ("errors", "warnings")}


def check(place: Path) -> Report:
    """Check the case in a folder: reading, graph, conditions, translations, walks."""
    try:
        case = casebook.load(place.resolve())
    except CaseError as error:
        return Report(place.name, errors=error.problems)
    name = casebook.shown_path(place / "case.yml")
    _, lines = yamlfile.read(place / "case.yml", name)

    def problem(path: Path_, rule: str) -> Problem:
        at = path
        while at not in lines and at:
            at = at[:-1]
        return Problem(f"{name}:{lines.get(at, 1)}", casebook.where(path), rule)

    errors = [problem(path, rule) for path, rule in _circles(case)]
    warnings = [problem(path, rule) for path, rule in _advice(case)]
    figures: dict = {}
    if not errors:
        used = explore(case)
        errors += [problem(path, rule) for path, rule in _unused(case, used)]
        if not any("dead end" in error.rule for error in errors):
            figures = _figures(case)
            if figures["paths"] is None:
                warnings.append(problem(("facts",), f"over {MAX_STATES:,} states: paths are not counted"))
    errors += _translations(place, case)
    errors += _walks(place, case)
    return Report(
        id=case.id,
        titles={lang: case.text("title", lang) for lang in case.languages},
        scenes=len(case.scenes),
        options=sum(len(scene.options) for scene in case.scenes.values()),
        endings=len(case.endings),
        languages=case.languages,
        errors=tuple(errors),
        warnings=tuple(warnings),
        **figures,
    )


# ---- circles ------------------------------------------------------------------------------------------------


def _circles(case: Case) -> Iterator[tuple[Path_, str]]:
    """Circles one can walk without asking anything and without costing patience."""
    free: dict[str, list[str]] = {}
    for name, scene in case.scenes.items():
        ways = [scene.goto] if scene.goto else [o.goto for o in scene.options.values() if not o.ask and not o.costs]
        free[name] = [rule.value for rules in ways for rule in rules if rule.value in case.scenes]
    done: set[str] = set()

    def walk(name: str, above: tuple[str, ...]) -> tuple[str, ...] | None:
        if name in above:
            return (*above[above.index(name) :], name)
        if name in done:
            return None
        found = next((circle for to in free[name] if (circle := walk(to, (*above, name)))), None)
        done.add(name)
        return found

    for name in case.scenes:
        if circle := walk(name, ()):
            yield ("scenes", circle[0]), "a circle without a question or a cost: " + " → ".join(circle)
            return


# ---- what can be reached, and what can hold --------------------------------------------------------------------


_ALWAYS = Rule(value=True)


@dataclass
class Used:
    """What was met in some reachable state: places, and (path of a rule or option) that held."""

    places: set[str] = field(default_factory=set)
    held: set[Path_] = field(default_factory=set)
    stuck: set[str] = field(default_factory=set)
    known: set[tuple[str, str]] = field(default_factory=set)  # (scene, fact) known on arrival in some state


def starts(case: Case) -> list[State]:
    """The states a case can begin in: one for each combination of design facts."""
    design = [name for name, fact in case.facts.items() if fact.design]
    combinations: dict[tuple[str, ...], dict[str, str]] = {}
    for world in case.worlds:
        values = dict(zip(case.facts, world, strict=True))
        combinations[tuple(values[name] for name in design)] = {name: values[name] for name in design}
    return [start(case, 0, fixed).state for fixed in combinations.values()]


class Forgetting:
    """Drop from a state what nothing reads from there on: what stays decides all that can still happen.

    Without it, callbacks and answers that matter in one scene would multiply the states of all later ones.
    """

    def __init__(self, case: Case):
        self.case = case
        self.start = tuple(values[0] for values in case.memory.values())
        ways = {place: _ways(case, place) for place in (*case.scenes, *case.endings)}
        self.reach = {place: _closure(place, ways) for place in ways}
        reads = {place: _reads(case, place) for place in ways}
        self.relevant = {place: frozenset().union(*(reads[to] for to in self.reach[place])) for place in ways}
        self._groups: dict[frozenset[str], list[int]] = {}
        self._worlds: dict[tuple[int, frozenset[str]], int] = {}

    def __call__(self, state: State) -> State:
        """The state without what is of no more use."""
        names = self.relevant[state.place]
        memory = tuple(
            value if name in names else first_value
            for name, value, first_value in zip(self.case.memory, state.memory, self.start, strict=True)
        )
        asked = frozenset(mark for mark in state.asked if mark[0] in self.reach[state.place])
        return State(state.place, self._known(state.worlds, names), asked, state.patience, memory)

    def _known(self, worlds: int, names: frozenset[str]) -> int:
        if (worlds, names) not in self._worlds:
            if names not in self._groups:
                groups: dict[tuple[str, ...], int] = {}
                facts = [n for n, fact in enumerate(self.case.facts) if fact in names]
                for bit, world in enumerate(self.case.worlds):
                    key = tuple(world[n] for n in facts)
                    groups[key] = groups.get(key, 0) | 1 << bit
                self._groups[names] = list(groups.values())
            self._worlds[worlds, names] = sum(group for group in self._groups[names] if group & worlds)
        return self._worlds[worlds, names]


def _ways(case: Case, place: str) -> set[str]:
    """Places one step away."""
    if place in case.endings:
        return set()
    scene = case.scenes[place]
    rules = [rule for option in scene.options.values() for rule in option.goto] + list(scene.goto or ())
    leaves = {case.patience.leaves} if case.patience and any(o.costs for o in scene.options.values()) else set()
    return {rule.value for rule in rules} | leaves


def _closure(place: str, ways: Mapping[str, set[str]]) -> frozenset[str]:
    seen, waiting = set(), [place]
    while waiting:
        if (at := waiting.pop()) not in seen:
            seen.add(at)
            waiting += ways[at]
    return frozenset(seen)


def _reads(case: Case, place: str) -> frozenset[str]:
    """Names that conditions of a place read."""
    part = case.scenes.get(place) or case.endings[place]
    lines = [*part.lines, *getattr(part, "after", ())]
    rules: list[Rule] = [*case.context.target]
    whens = []
    for key in ("target", "goto", "value", "mood"):
        rules += getattr(part, key, None) or ()
    for option in getattr(part, "options", {}).values():
        whens.append(option.when)
        lines += option.reply
        for key in ("text", "because", "position", "fit", "effect", "goto"):
            rules += getattr(option, key)
    for line in lines:
        whens.append(line.when)
        rules += line.text
    return frozenset(name for when in [*whens, *(rule.when for rule in rules)] for name in when or ())


def explore(case: Case) -> Used:
    """Visit every reachable state. Asked marks are dropped: a question asked again teaches nothing."""
    used = Used()
    forget = Forgetting(case)
    waiting = starts(case)
    seen, noted, heard = set(waiting), set(), set()
    while waiting:
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
                bare = forget(replace(after, asked=frozenset()))
                if bare not in seen:
                    seen.add(bare)
                    waiting.append(bare)
    return used


def _note_state(case: Case, state: State, names: Sequence[str], used: Used) -> None:
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


def _hear(case: Case, scene: str, option: str, path: Sequence[str], after: State, used: Used) -> None:
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


def _note(path: Path_, rules: Sequence[Rule], value_of, used: Used) -> None:
    if len(rules) > 1:
        used.held.add((*path, next(n for n, rule in enumerate(rules) if holds(rule.when, value_of))))


def _note_lines(path: Path_, lines: Sequence[Line], value_of, used: Used) -> None:
    for number, line in enumerate(lines):
        if line.when is None or holds(line.when, value_of):
            if line.when is not None:
                used.held.add((*path, number, "when"))
            _note((*path, number, line.speaker), line.text, value_of, used)


def _note_worlds(
    case: Case, path: Path_, rules: Sequence[Rule], memory: Sequence[str], worlds: int, used: Used
) -> None:
    if len(rules) > 1:
        used.held |= {(*path, number) for number, _ in split(case, rules, memory, worlds)}


def _unused(case: Case, used: Used) -> Iterator[tuple[Path_, str]]:
    for name in case.scenes:
        if name not in used.places:
            yield ("scenes", name), "no choice ever leads to this scene"
    for name in case.endings:
        if name not in used.places:
            yield ("endings", name), "no choice ever leads to this ending"
    for name in sorted(used.stuck):
        yield ("scenes", name), "a dead end: in some state no option is open here; leave one without `when`"

    def never(path: Path_, when: Mapping | None, scene: str | None) -> tuple[Path_, str]:
        hidden = [
            fact
            for fact, values in (when or {}).items()
            if scene and fact in case.facts and values != (UNKNOWN,) and (scene, fact) not in used.known
        ]
        if hidden:
            return path, f'reads hidden truth: nobody can know "{hidden[0]}" here, so this can never hold'
        return path, "this `when` can never hold"

    def rules(path: Path_, given: Sequence[Rule], scene: str | None = None) -> Iterator[tuple[Path_, str]]:
        for number, rule in enumerate(given):
            if rule.when is not None and (*path, number) not in used.held:
                yield never((*path, number, "when"), rule.when, scene)

    def lines(path: Path_, given: Sequence[Line], scene: str | None = None) -> Iterator[tuple[Path_, str]]:
        for number, line in enumerate(given):
            if line.when is not None and (*path, number, "when") not in used.held:
                yield never((*path, number, "when"), line.when, scene)
            else:
                yield from rules((*path, number, line.speaker), line.text, scene)

    yield from rules(("context", "target"), case.context.target)
    for name, scene in case.scenes.items():
        if name not in used.places:
            continue
        base: Path_ = ("scenes", name)
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
            yield from lines((*path, "reply"), option.reply)
    for name, ending in case.endings.items():
        if name in used.places:
            yield from lines(("endings", name, "lines"), ending.lines)
            yield from lines(("endings", name, "after"), ending.after)
            yield from rules(("endings", name, "mood"), ending.mood)
            yield from rules(("endings", name, "value"), ending.value)


# ---- figures ------------------------------------------------------------------------------------------------


def _figures(case: Case) -> dict:
    """Decisions on the longest path, number of paths, range of Position, by one pass over the states."""
    memo: dict[State, tuple[int, int, dict]] = {}
    forget = Forgetting(case)

    def solve(first_state: State) -> tuple[int, int, dict]:
        # An explicit stack: a case may be deeper than Python's recursion.
        stack = [first_state]
        while stack:
            if len(memo) > MAX_STATES:
                raise OverflowError
            state = stack[-1]
            if state in memo:
                stack.pop()
                continue
            after = {name: [forget(to) for _, to in outcomes(case, state, name)] for name in open_options(case, state)}
            missing = [to for tos in after.values() for to in tos if to not in memo]
            if missing:
                stack += missing
                continue
            memo[state] = _combined(case, state, after, memo)
            stack.pop()
        return memo[first_state]

    try:
        found = [solve(state) for state in starts(case)]
    except OverflowError:
        return {"decisions_longest_path": None, "paths": None, "position_range": None}
    ends = [
        100 * side / weight
        for _, _, sums in found
        for (placed, weight), sides in sums.items()
        if placed >= MIN_DECISIONS
        for side in sides
    ]
    return {
        "decisions_longest_path": max(longest for longest, _, _ in found),
        "paths": sum(paths for _, paths, _ in found),
        "position_range": (round(min(ends), 1), round(max(ends), 1)) if ends else None,
    }


def _combined(case: Case, state: State, after: Mapping[str, Sequence[State]], memo: Mapping) -> tuple[int, int, dict]:
    """(longest, paths, {(placed decisions, weight): (lowest, highest weighted sum of positions)}) from a state on."""
    if not after:
        return 0, 1, {(0, 0.0): (0.0, 0.0)}
    scene = case.scenes[state.place]
    knows = knowledge(case, state)
    decides = len(after) > 1 and not any(asked == state.place for asked, _ in state.asked)
    longest, paths, sums = 0, 0, {}
    for name, tos in after.items():
        k = first(scene.options[name].position, knows)
        if decides and k is None:  # extremes are reached on the axis
            more = None
        else:
            more = (1, scene.weight, scene.weight * k) if decides else (0, 0.0, 0.0)
        for to in tos:
            deeper, ways, below = memo[to]
            longest = max(longest, deeper + decides)
            paths += ways
            for (placed, weight), (low, high) in below.items() if more else ():
                key = (placed + more[0], round(weight + more[1], 9))
                old = sums.get(key, (float("inf"), -float("inf")))
                sums[key] = (min(old[0], low + more[2]), max(old[1], high + more[2]))
    return longest, paths, sums


# ---- advice, translations, walks ------------------------------------------------------------------------------


def _advice(case: Case) -> Iterator[tuple[Path_, str]]:
    if case.patience and case.patience.price * case.patience.budget > 0.1 + 1e-9:
        cost = case.patience.price * case.patience.budget
        yield (
            ("patience", "price"),
            f"asking everything costs {cost:.2f} of a run's value; over 0.1 it outweighs the task",
        )
    if len(case.endings) < 4:
        yield ("endings",), f"{len(case.endings)} endings; a case wants at least 4"
    for name, scene in case.scenes.items():
        for key, option in scene.options.items():
            if any(rule.value == "auto" for rule in option.fit):
                where = ("scenes", name, "options", key, "fit")
                yield where, "`auto` is not computed yet; this decision's fit counts as not measured"


def _translations(place: Path, case: Case) -> Iterator[Problem]:
    for lang in case.languages:
        if lang == SOURCE_LANGUAGE:
            continue
        name = casebook.shown_path(place / f"text.{lang}.yml")
        known = case.translations[lang]
        try:
            prints = casebook.accepted(place, lang)
        except CaseError as error:
            yield from error.problems
            return
        missing = [key for key in case.texts if key not in known]
        unread = [key for key in case.texts if key in known and key not in prints]
        changed = [
            key
            for key in case.texts
            if key in known and prints.get(key) not in (None, casebook.fingerprint(case.texts[key]))
        ]
        command = f"`trainkit translate {case.id} --to {lang}`"
        if missing:
            yield Problem(name, _few(missing), f"the translation is missing; {command} lists all")
        if unread:
            yield Problem(
                name, _few(unread), f"nobody has accepted the translation; read it and run {command} --accept"
            )
        if changed:
            yield Problem(name, _few(changed), f"the Russian has changed since it was translated; {command} lists all")


def _few(keys: Sequence[str]) -> str:
    return ", ".join(keys[:3]) + (f" and {len(keys) - 3} more" if len(keys) > 3 else "")


@dataclass(frozen=True)
class Walk:
    """A named way through a case and where it must lead."""

    name: str
    answers: tuple[str | None, ...]
    ending: str
    fixed: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    position: float | None = None


def walks(place: Path) -> tuple[Walk, ...]:
    """The walks of a case's folder; none if there is no ``walks.yml``.

    Raises
    ------
    CaseError
        If the file is not a mapping of names to walks.
    """
    file = place / "walks.yml"
    if not file.exists():
        return ()
    name = casebook.shown_path(file)
    data, lines = yamlfile.read(file, name)
    found, problems = [], []

    def problem(path: Path_, rule: str) -> None:
        problems.append(Problem(f"{name}:{lines.get(path, 1)}", f'walk "{path[0]}"' if path else "", rule))

    known = ("set", "seed", "answers", "ending", "position")
    for key, walk in data.items() if isinstance(data, dict) else ():
        if not isinstance(walk, dict):
            problem((key,), "must be a mapping of set, answers, ending, position")
            continue
        for part in walk:
            if part not in known:
                problem((key, part), f'there is no such key "{part}".{suggest(part, known)}')
        answers, fixed, position = walk.get("answers"), walk.get("set") or {}, walk.get("position")
        if not isinstance(answers, list) or not all(isinstance(a, str) for a in answers):
            problem((key, "answers"), "must be a list of option ids (`back` for a step back)")
        elif not isinstance(walk.get("ending"), str):
            problem((key, "ending"), "must name an ending")
        elif not isinstance(fixed, dict) or not isinstance(walk.get("seed", 0), int):
            problem((key,), "`set` must be a mapping of facts to values, `seed` a whole number")
        elif position is not None and not isinstance(position, int | float):
            problem((key, "position"), "must be a number")
        else:
            values = {
                fact: str(value).lower() if isinstance(value, bool) else str(value) for fact, value in fixed.items()
            }
            moves = tuple(None if answer == "back" else answer for answer in answers)
            found.append(Walk(key, moves, walk["ending"], values, walk.get("seed", 0), position))
    if not isinstance(data, dict):
        problem((), "must be a mapping of names to walks")
    if problems:
        raise CaseError(problems)
    return tuple(found)


def _walks(place: Path, case: Case) -> Iterator[Problem]:
    name = casebook.shown_path(place / "walks.yml")
    try:
        for walk in walks(place):
            where = f'walk "{walk.name}"'
            try:
                attempt = replay(case, walk.seed, walk.fixed, walk.answers)
            except TrainkitError as error:
                yield Problem(name, where, str(error))
                continue
            if attempt.ending != walk.ending:
                got = attempt.ending or f'scene "{attempt.state.place}"'
                yield Problem(name, where, f'must end in "{walk.ending}" (got {got})')
            position = score(attempt).position
            if walk.position is not None and (position is None or abs(position - walk.position) > 0.051):
                got = "not measured" if position is None else f"{position:.1f}"
                yield Problem(name, where, f"must have position {walk.position} (got {got})")
    except CaseError as error:
        yield from error.problems


def to_json(reports: Sequence[Report]) -> str:
    """The answer of ``trainkit check --json``."""
    return json.dumps({"cases": [report.as_json() for report in reports]}, ensure_ascii=False, indent=1)
