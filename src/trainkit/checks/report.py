"""Case → problems: what is wrong with a case, on paper and when it is played, and its figures.

A warning an author stands by is named in the case's ``accepted.yml``, with the reason; it is then listed apart.
"""

from __future__ import annotations

import graphlib
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

from trainkit.case.model import SOURCE_LANGUAGE, UNKNOWN, Case, Line, Rule
from trainkit.checks.expected_paths import walks
from trainkit.checks.playtest import Contrast, Finding, playtest
from trainkit.checks.reachability import MAX_STATES, Reached, explore, path_figures
from trainkit.engine.attempt import replay
from trainkit.errors import CaseError, KeyPath, Problem, TrainkitError, suggest
from trainkit.files import casebook
from trainkit.files import yaml_reader as yamlfile
from trainkit.scoring.formulas import score

LANGUAGES = ("ru", "en")  # a case must be whole in these; others may be added


@dataclass(frozen=True)
class Report:
    """What the check found; the keys of ``trainkit check --json``.

    ``decisions_longest_path`` counts scenes with at least two open options; ``paths`` the distinct ways through (choices
    and what one learns from them); ``position_range`` the lowest and highest Position a finished run can reach. They are
    None where the case can't be read or is too large to count. ``values``, ``best_fit``, ``means`` and ``separation`` are
    those of :class:`trainkit.checks.playtest.Trial`; ``accepted`` has warnings with the author's reason.
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
    accepted: tuple[tuple[Problem, str], ...] = ()
    values: dict[str, float] = field(default_factory=dict)
    best_fit: float | None = None
    means: dict[str, dict[str, float | None]] = field(default_factory=dict)
    separation: tuple[Contrast, ...] = ()

    def as_json(self) -> dict:
        """Plain data for ``--json``; problems as sentences."""
        data = asdict(self)
        for key in ("errors", "warnings"):
            data[key] = [str(problem) for problem in getattr(self, key)]
        data["accepted"] = [{"warning": str(problem), "because": reason} for problem, reason in self.accepted]
        data["values"] = {name: round(value, 4) for name, value in self.values.items()}
        for contrast in data["separation"]:
            contrast["g"] = None if math.isinf(contrast["g"]) else contrast["g"]
        return data


def check(place: Path) -> Report:
    """Check the case in a folder: reading, graph, conditions, translations, walks."""
    try:
        case = casebook.load(place.resolve())
    except CaseError as error:
        return Report(place.name, errors=error.problems)
    name = casebook.shown_path(place / "case.yml")
    _, lines = yamlfile.read(place / "case.yml", name)
    problem = partial(casebook.located, name, lines)
    errors = [problem(path, rule) for path, rule in _circles(case)]
    advice = list(_advice(case))
    counted: dict = {}
    if not (place / "walks.yml").exists():
        advice.append(("no_walks", (), "there is no walks.yml: nothing says where the case must lead"))
    used = None if errors else explore(case)
    if used is None and not errors:
        rule = f"over {MAX_STATES:,} states: too large to check; drop a fact or a memory that matters little"
        errors.append(problem(("facts",), rule))
    if used is not None:
        errors += [problem(path, rule) for path, rule in _unused(case, used)]
        if not any("dead end" in error.rule for error in errors):
            counted = path_figures(case)
            if counted["paths"] is None:
                advice.append(("not_counted", ("facts",), f"over {MAX_STATES:,} states: paths are not counted"))
    if not errors:
        played = playtest(case)
        errors += [problem(path, rule) for _, path, rule in played.errors]
        advice += played.warnings
        names = ("values", "best_fit", "means", "separation")
        counted |= {name: getattr(played, name) for name in names}
    warnings, accepted, wrong = _accepted(place, advice, problem, complete=not errors)
    errors += wrong
    for lang, found in _translations(place, case):
        (errors if lang in LANGUAGES else warnings).append(found)
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
        accepted=tuple(accepted),
        **counted,
    )


# ---- circles ------------------------------------------------------------------------------------------------


def _circles(case: Case) -> Iterator[tuple[KeyPath, str]]:
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


# ---- what is never met --------------------------------------------------------------------------------------


def _unused(case: Case, used: Reached) -> Iterator[tuple[KeyPath, str]]:
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


# ---- advice, translations, walks ------------------------------------------------------------------------------


def _advice(case: Case) -> Iterator[Finding]:
    if case.patience and case.patience.price * case.patience.budget > 0.1 + 1e-9:
        cost = case.patience.price * case.patience.budget
        yield (
            "dear_patience",
            ("patience", "price"),
            f"asking everything costs {cost:.2f} of a run's value; over 0.1 it outweighs the task",
        )
    if len(case.endings) < 4:
        yield "few_endings", ("endings",), f"a case wants at least 4 endings (got {len(case.endings)})"


def _accepted(
    place: Path, advice: Sequence[Finding], problem: Callable[[KeyPath, str], Problem], complete: bool
) -> tuple[list[Problem], list[tuple[Problem, str]], list[Problem]]:
    """Warnings, those of them that ``accepted.yml`` gives a reason for, and what is wrong with that file."""
    file = place / "accepted.yml"
    if not file.exists():
        return [problem(path, _with_code(code, path, rule)) for code, path, rule in advice], [], []
    name = casebook.shown_path(file)
    try:
        data, lines = yamlfile.read(file, name)
    except CaseError as error:
        return [problem(path, rule) for _, path, rule in advice], [], list(error.problems)
    wrong: list[Problem] = []
    reasons: dict[tuple[str, str], str] = {}
    if not isinstance(data, list):
        return [problem(path, rule) for _, path, rule in advice], [], [Problem(name, "", "must be a list of warnings")]
    for number, entry in enumerate(data):
        at = f"{name}:{lines.get((number,), 1)}"
        if not isinstance(entry, dict) or set(entry) != {"warning", "at", "because"}:
            wrong.append(Problem(at, "", "an entry has exactly `warning`, `at` and `because`"))
        elif not all(isinstance(value, str) and value.strip() for value in entry.values()):
            wrong.append(Problem(at, "", "`warning`, `at` and `because` must be text"))
        else:
            reasons[entry["warning"], entry["at"]] = entry["because"]
    left, kept = [], []
    for code, path, rule in advice:
        reason = reasons.pop((code, ".".join(map(str, path))), None)
        found = problem(path, _with_code(code, path, rule))
        if reason is None:
            left.append(found)
        else:
            kept.append((found, reason))
    given = [f"{code} at {'.'.join(map(str, path))}" for code, path, _ in advice]
    for code, at in reasons if complete else ():  # with errors in the way, not every warning was looked for
        near = suggest(f"{code} at {at}", given)
        wrong.append(Problem(name, "", f'accepts "{code}" at "{at}", but there is no such warning.{near}'))
    return left, kept, wrong


def _with_code(code: str, path: KeyPath, rule: str) -> str:
    """A warning as ``accepted.yml`` would name it."""
    return f"{rule} [{code} at {'.'.join(map(str, path)) or 'case'}]"


def _translations(place: Path, case: Case) -> Iterator[tuple[str, Problem]]:
    for lang in sorted({*case.languages, *LANGUAGES} - {SOURCE_LANGUAGE}):
        name = casebook.shown_path(place / f"text.{lang}.yml")
        known = case.translations.get(lang, {})
        prints = casebook.accepted(place, lang)
        missing = [key for key in case.texts if key not in known]
        unread = [key for key in case.texts if key in known and key not in prints]
        changed = [
            key
            for key in case.texts
            if key in known and prints.get(key) not in (None, casebook.fingerprint(case.texts[key]))
        ]
        command = f"trainkit translate {casebook.shown_path(place)} --to {lang}"
        if missing:
            yield lang, Problem(name, _few(missing), f"the translation is missing; `{command}` lists all")
        if unread:
            yield (
                lang,
                Problem(
                    name, _few(unread), f"nobody has accepted the translation; read it and run `{command} --accept`"
                ),
            )
        if changed:
            yield (
                lang,
                Problem(name, _few(changed), f"the Russian has changed since it was translated; `{command}` lists all"),
            )


def _few(keys: Sequence[str]) -> str:
    return ", ".join(keys[:3]) + (f" and {len(keys) - 3} more" if len(keys) > 3 else "")


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
