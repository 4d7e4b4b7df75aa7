"""Which warnings does the author stand by? (``accepted.yml``)"""

from collections.abc import Callable, Sequence
from pathlib import Path

from trainkit.checks.playtest import Finding
from trainkit.errors import CaseError, KeyPath, Problem, suggest
from trainkit.files import yaml_reader
from trainkit.files.reading import shown_path


def sort_warnings(
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
        warning = problem(path, f"{rule} [{code} at {at or 'case'}]")  # as the file would name it
        if (code, at) in reasons:
            kept.append((warning, reasons.pop((code, at))))
        else:
            left.append(warning)
    given = [f"{code} at {_dotted(path)}" for code, path, _ in advice]
    for code, at in reasons if complete else ():  # with errors in the way, not every warning was looked for
        near = suggest(f"{code} at {at}", given)
        wrong.append(Problem(shown_path(file), "", f'accepts "{code}" at "{at}", but there is no such warning.{near}'))
    return left, kept, wrong


def _reasons(file: Path) -> tuple[dict[tuple[str, str], str], list[Problem]]:
    """(warning, place) → why the author stands by it, and entries that can't be read so."""
    name = shown_path(file)
    data, lines = yaml_reader.read(file, name)
    if not isinstance(data, list):
        raise CaseError([Problem(name, "", "must be a list of warnings")])
    wrong: list[Problem] = []
    reasons: dict[tuple[str, str], str] = {}
    for number, entry in enumerate(data):
        at = f"{name}:{lines.get((number,), 1)}"
        if not isinstance(entry, dict) or set(entry) != {"warning", "at", "because"}:
            wrong.append(Problem(at, "", "an entry has exactly `warning`, `at` and `because`"))
        elif not all(isinstance(value, str) and value.strip() for value in entry.values()):
            wrong.append(Problem(at, "", "`warning`, `at` and `because` must be text"))
        else:
            reasons[entry["warning"], entry["at"]] = entry["because"]
    return reasons, wrong


def _dotted(path: KeyPath) -> str:
    return ".".join(map(str, path))
