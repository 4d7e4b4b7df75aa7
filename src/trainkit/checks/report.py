"""Case → problems: what is wrong with a case, on paper and when it is played, and its figures.

A warning an author stands by is named in the case's ``accepted.yml``, with the reason; it is then listed apart.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path

from trainkit.case.cache import Cache
from trainkit.case.model import Case
from trainkit.checks.expected_paths import walks
from trainkit.checks.path_figures import path_figures
from trainkit.checks.playtest import Finding, Playtest, playtest
from trainkit.checks.reachability import MAX_STATES, explore, free_circles, never_met
from trainkit.checks.separation import Contrast
from trainkit.engine.attempt import replay
from trainkit.errors import N_, CaseError, KeyPath, Problem, Told, TrainkitError, suggest
from trainkit.files import case_errors, casebook, translation, yaml_reader
from trainkit.files.gaps import Gap, gaps
from trainkit.files.reading import read_text, shown_path
from trainkit.i18n import catalog
from trainkit.scoring.decisions import decisions
from trainkit.scoring.formulas import measure

FEW = 6  # lines of gaps that are named
LANGUAGES = ("ru", "en")  # what is begun in these must be whole; a case may do without English, and have others in part


@dataclass(frozen=True)
class Report:
    """What the check of a case says; the keys of ``trainkit check --json``.

    ``decisions_longest_path`` counts scenes with at least two open options; ``paths`` the distinct ways through (choices
    and what one learns from them); ``position_range`` the lowest and highest Position a finished run can reach. They are
    None where the case can't be read or is too large to count. ``values``, ``best_fit``, ``means`` and ``separation`` are
    figures of :class:`trainkit.checks.playtest.Playtest`; ``accepted`` has warnings with the author's reason,
    ``gaps`` how many lines are still to be filled in.
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
    gaps: int = 0
    values: dict[str, float] = field(default_factory=dict)
    best_fit: float | None = None
    means: dict[str, dict[str, float | None]] = field(default_factory=dict)
    separation: tuple[Contrast, ...] = ()

    def as_json(self, lang: str = "en") -> dict:
        """Plain data for ``--json``; problems as sentences in a language."""
        data, gettext = asdict(self), catalog(lang).gettext
        for key in ("errors", "warnings"):
            data[key] = [problem.said(gettext) for problem in getattr(self, key)]
        data["accepted"] = [{"warning": one.said(gettext), "because": reason} for one, reason in self.accepted]
        data["values"] = {name: round(value, 4) for name, value in self.values.items()}
        for contrast in data["separation"]:
            contrast["g"] = None if math.isinf(contrast["g"]) else contrast["g"]
        return data


_examined: Cache[tuple[str, str], Playtest] = Cache(32)  # (case hash, translations hash) → …; of the last cases checked


def check(place: Path) -> Report:
    """Check the case in a folder: reading, graph, conditions, translations, walks.

    The same case is played once in a process, whatever else changes in its folder.
    """
    try:
        case = casebook.load_case(place.resolve())
    except CaseError as error:
        return Report(place.name, errors=(*error.problems, *_other_files(place)))
    name = shown_path(place / "case.yml")
    data, lines = yaml_reader.read(place / "case.yml", name)
    problem = partial(case_errors.located, name, lines)
    key = case.hash, case.translations_hash
    examined = _examined.get(key) or _examined.keep(key, _play_through(case))
    errors = [problem(path, rule) for _, path, rule in examined.errors]
    unfilled = _gaps(place, lines, data)
    advice = [
        *_advice(case, place),
        *(("gap", path, _still(found)) for path, found in unfilled.items()),
        *examined.warnings,
    ]
    warnings, accepted, wrong = _sort_warnings(place, advice, problem, complete=not errors)
    errors += wrong
    for lang, missing in _translations(place, case):
        (errors if lang in LANGUAGES else warnings).append(missing)
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
        gaps=sum(len(unfilled.get(one.path or (), ())) for one in warnings if one.mark.startswith(" [gap at ")),
        **examined.figures,
    )


def _other_files(place: Path) -> Iterator[Problem]:
    """What is wrong with the other files of a case that can't be read, as far as that is told without it."""
    for file in [*sorted(place.glob("text.*.yml")), place / "walks.yml", place / "accepted.yml"]:
        try:
            if file.exists():
                _ = walks(place) if file.name == "walks.yml" else yaml_reader.read(file, shown_path(file))
        except CaseError as error:
            yield from error.problems


def _play_through(case: Case) -> Playtest:
    """Circles, what is never met, figures over all ways, and the playtest; the first that finds errors is the last."""
    circles = [("circle", path, rule) for path, rule in free_circles(case)]
    reached = explore(case)
    if reached is None:
        rule = N_("over {most:,} states: too large to check; drop a fact or a memory that matters little")
        return Playtest([*circles, ("too_large", ("facts",), Told(rule, most=MAX_STATES))])
    errors = [*circles, *(("never_met", path, rule) for path, rule in never_met(case, reached))]
    if circles or reached.stuck:
        return Playtest(errors)
    figures = path_figures(case)
    too_many = Told(N_("over {most:,} states: paths are not counted"), most=MAX_STATES)
    not_counted = ("not_counted", ("facts",), too_many)
    warnings = [not_counted] if figures["paths"] is None else []
    played = Playtest() if errors else playtest(case)
    return Playtest([*errors, *played.errors], [*warnings, *played.warnings], figures | played.figures)


def _advice(case: Case, place: Path) -> Iterator[Finding]:
    if case.patience and case.patience.price * case.patience.budget > 0.1 + 1e-9:
        cost = case.patience.price * case.patience.budget
        rule = N_("asking everything costs {cost:.2f} of a run's value; over 0.1 it outweighs the task")
        yield "dear_patience", ("patience", "price"), Told(rule, cost=cost)
    if len(case.endings) < 4:
        yield "few_endings", ("endings",), Told(N_("a case wants at least 4 endings (got {n})"), n=len(case.endings))
    for name, scene in case.scenes.items():
        if len(scene.options) in (1, 2):
            rule = N_(
                "a decision wants 3 to 5 replies (got {n}); where nothing is decided, let the scene go on by itself: `goto`"
            )
            yield "few_replies", ("scenes", name), Told(rule, n=len(scene.options))
    if not (place / "walks.yml").exists():
        yield "no_walks", (), Told(N_("there is no walks.yml: nothing says where the case must lead"))


def _gaps(place: Path, lines: yaml_reader.Lines, data: object) -> dict[KeyPath, list[Gap]]:
    """What is still to be filled in, by scene, ending and other part."""
    text = read_text(place / "case.yml", "case.yml", "", yaml_reader.MAX_BYTES)
    parts: dict[KeyPath, list[Gap]] = {}
    for gap in gaps(text, lines, data):
        parts.setdefault(gap.path[: 2 if gap.path[:1] in (("scenes",), ("endings",)) else 1], []).append(gap)
    return parts


def _still(found: Sequence[Gap]) -> Told:
    """What is still to be filled in in a part, with the lines."""
    keys = Counter(str(next((key for key in reversed(gap.path) if isinstance(key, str)), "?")) for gap in found)
    what = ", ".join(key if count == 1 else f"{key} ×{count}" for key, count in keys.items())
    numbers = ", ".join(str(gap.line) for gap in found[:FEW]) + (" …" if len(found) > FEW else "")
    if len(found) == 1:
        return Told(N_("still to be filled in: {what} (line {numbers})"), what=what, numbers=numbers)
    return Told(N_("still to be filled in: {what} (lines {numbers})"), what=what, numbers=numbers)


def _sort_warnings(
    place: Path, advice: Sequence[Finding], problem: Callable[[KeyPath, str], Problem], complete: bool
) -> tuple[list[Problem], list[tuple[Problem, str]], list[Problem]]:
    """Warnings, those of them that ``accepted.yml`` gives a reason for, and what is wrong with that file."""
    file = place / "accepted.yml"
    try:
        reasons, wrong = _reasons(file) if file.exists() else ({}, [])
    except CaseError as error:
        return [problem(path, rule) for _, path, rule in advice], [], list(error.problems)
    left, kept = [], []
    for code, path, rule in advice:
        at = _dotted(path)
        warning = replace(problem(path, rule), mark=f" [{code} at {at}]")
        if (code, at) in reasons:
            kept.append((warning, reasons.pop((code, at))[0]))
        else:
            left.append(warning)
    given = [f"{code} at {_dotted(path)}" for code, path, _ in advice]
    for (code, at), (_, line) in (
        reasons.items() if complete else ()
    ):  # with errors in the way, not every warning was looked for
        rule = Told(
            N_('accepts "{code}" at "{at}", but there is no such warning; delete this entry.'), code=code, at=at
        )
        wrong.append(Problem(f"{shown_path(file)}:{line}", "", rule + suggest(f"{code} at {at}", given)))
    return left, kept, wrong


def _reasons(file: Path) -> tuple[dict[tuple[str, str], tuple[str, int]], list[Problem]]:
    """(warning, place) → why the author stands by it, and on which line; and entries that can't be read so."""
    name = shown_path(file)
    if not re.sub(r"(?m)^\s*#.*$", "", read_text(file, name, "", yaml_reader.MAX_BYTES)).strip("\ufeff \r\n-"):
        return {}, []  # nothing is accepted any more
    data, lines = yaml_reader.read(file, name)
    if not isinstance(data, list):
        raise CaseError([Problem(name, "", Told(N_("must be a list of warnings")))])
    wrong: list[Problem] = []
    reasons: dict[tuple[str, str], tuple[str, int]] = {}
    for number, entry in enumerate(data):
        at = f"{name}:{lines.get((number,), 1)}"
        if not isinstance(entry, dict) or set(entry) != {"warning", "at", "because"}:
            wrong.append(Problem(at, "", Told(N_("an entry has exactly `warning`, `at` and `because`"))))
        elif not all(isinstance(value, str) and value.strip() for value in entry.values()):
            wrong.append(Problem(at, "", Told(N_("`warning`, `at` and `because` must be text"))))
        else:
            reasons[entry["warning"], entry["at"]] = entry["because"], lines.get((number,), 1)
    return reasons, wrong


def _dotted(path: KeyPath) -> str:
    return ".".join(map(str, path)) or "case"


def _translations(place: Path, case: Case) -> Iterator[tuple[str, Problem]]:
    """Texts that are not translated, that nobody has accepted, or whose source has changed, as (language, problem)."""
    found = {one.lang: one for one in casebook.translations(place.resolve())}
    for one in found.values():
        yield from ((LANGUAGES[0], problem) for problem in one.problems)
    for lang in sorted(found):
        command = f"trainkit translate {shown_path(place)} --to {lang}"
        one = found[lang]
        if one.problems and not one.texts:
            continue  # it can't be read at all
        missing = [key for key in case.texts if key not in one.texts and key not in one.aligned.stale]
        gone = [key for key in one.aligned.gone if key not in one.strange]
        for keys, rule in (
            (missing, N_("the translation is missing; `{command}` lists all")),
            (one.unread, N_("nobody has accepted the translation; read it and run `{command} --accept`")),
            (one.aligned.stale, N_("the source text has changed since it was translated; `{command}` lists all")),
            (
                [*one.aligned.moved, *gone],
                N_("the source text stands elsewhere now, or is gone; `{command}` puts it in order"),
            ),
        ):
            if keys:
                yield (
                    lang,
                    Problem(
                        shown_path(place / f"text.{lang}.yml"),
                        translation.some(list(keys)),
                        Told(rule, command=command),
                    ),
                )


def _walks(place: Path, case: Case) -> Iterator[Problem]:
    """Walks that can't be played or lead elsewhere."""
    name = shown_path(place / "walks.yml")
    try:
        expected = walks(place)
        lines = yaml_reader.read(place / "walks.yml", name)[1] if expected else {}
    except CaseError as error:
        yield from error.problems
        return
    for walk in expected:
        where, at = Told(N_('walk "{name}"'), name=walk.name), f"{name}:{lines.get((walk.name,), 1)}"
        try:
            attempt = replay(case, walk.seed, walk.fixed, walk.answers)
        except TrainkitError as error:
            yield Problem(at, where, error.rule)
            continue
        if attempt.ending != walk.ending:
            scene = Told(N_('scene "{name}"'), name=attempt.state.place)
            rule = N_('must end in "{ending}" (got {got})')
            yield Problem(at, where, Told(rule, ending=walk.ending, got=attempt.ending or scene))
        if walk.position is not None:
            position = measure(decisions(attempt), ("position",))[0]["position"]
            if position is None or abs(position - walk.position) > 0.051:
                got = Told(N_("not measured")) if position is None else f"{position:.1f}"
                rule = N_("must have position {wanted} (got {got})")
                yield Problem(at, where, Told(rule, wanted=walk.position, got=got))


def to_json(reports: Sequence[Report], lang: str = "en") -> str:
    """The answer of ``trainkit check --json``."""
    return json.dumps({"cases": [report.as_json(lang) for report in reports]}, ensure_ascii=False, indent=1)
