"""How is a key written as a table, and how does a case come to have another one? A row an option and condition."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from trainkit.analysis.keys import KEY
from trainkit.case.frozen import thaw
from trainkit.case.model import Case
from trainkit.errors import N_, CaseError, TrainkitError, UnknownName, shown
from trainkit.files.reading import csv_rows, read_any_text

OFF, BY_TARGET = "off", "target"  # off the axis; by distance from the scene's target


def key_table(cases: Iterable[Case]) -> str:
    """The keys of cases as CSV.

    Columns are ``case``, ``scene``, ``option``, ``condition`` (``fact=value|value; other=value``; empty: otherwise),
    ``position`` (−1 … 1, ``off``: off the axis) and ``fit`` (0 … 1, ``auto``: by exact play, ``target``: by distance from the
    scene's target). The first condition that holds decides; a cell is empty where it says nothing of this figure.
    """
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n")
    write.writerow(KEY)
    for case in cases:
        for scene, one in case.scenes.items():
            for name, option in one.options.items():
                rules: dict[str, dict[str, str]] = {}
                for figure, none in (("position", OFF), ("fit", BY_TARGET)):
                    for rule in getattr(option, figure):
                        said = none if rule.value is None else rule.value if rule.value == "auto" else f"{rule.value:g}"
                        rules.setdefault(_condition(rule.when), {})[figure] = said
                for condition in sorted(
                    rules, key=lambda text: not text
                ):  # the order of rules, what holds otherwise last
                    said = rules[condition]
                    write.writerow([case.id, scene, name, condition, said.get("position", ""), said.get("fit", "")])
    return out.getvalue()


MAX_BYTES = 50_000_000  # of a key's file


def _condition(when: Mapping[str, Sequence[str]] | None) -> str:
    return "; ".join(f"{name}={'|'.join(values)}" for name, values in (when or {}).items())


class Key:
    """A key read from a CSV; :meth:`applied` gives a case with it.

    Raises
    ------
    TrainkitError
        If it can't be read, or a column is missing.
    """

    def __init__(self, file: Path):
        self.name = file.name
        self.text = read_any_text(file, MAX_BYTES).text
        heading = (self.text.splitlines() or [""])[0]
        rows = csv_rows(self.text, ";" if heading.count(";") > heading.count(",") else ",", self.name)
        _, names = next(rows, (0, []))
        for column in KEY:
            if column not in names:
                raise UnknownName(f"column of {self.name}", column, names)
        self._cases: dict[str, dict[tuple[str, str], list[tuple[int, str, str, str]]]] = {}
        for line, cells in rows:
            if not cells:
                continue
            row = dict(zip(names, cells, strict=False))
            case, scene, option, *said = (row.get(name, "").strip() for name in KEY)
            found = self._cases.setdefault(case, {}).setdefault((scene, option), [])
            found.append((line, said[0], said[1].replace(",", "."), said[2].replace(",", ".")))

    @property
    def cases(self) -> tuple[str, ...]:
        """The cases that it has rows of."""
        return tuple(self._cases)

    def applied(self, source_json: str) -> Case:
        """The case of this JSON with the key; without rows of it, as it is.

        Raises
        ------
        TrainkitError
            If a row names nothing of the case, a value is none, or an option of the case has no row.
        """
        data = json.loads(source_json)
        rows = self._cases.get(data["id"])
        if rows is None:
            return thaw(source_json)
        for (scene, option), given in rows.items():
            if scene not in data["scenes"]:
                raise UnknownName(f"scene of {data['id']} in {self.name}, line {given[0][0]}:", scene, data["scenes"])
            options = data["scenes"][scene].get("options") or {}
            if option not in options:
                raise UnknownName(f"option of {scene} in {self.name}, line {given[0][0]}:", option, options)
            options[option]["position"] = self._rules(given, 1, OFF)
            options[option]["fit"] = self._rules(given, 2, BY_TARGET)
        for scene, one in data["scenes"].items():
            for option in one.get("options") or {}:
                if (scene, option) not in rows:
                    said = N_("{file} has no row of {case}, {scene}, {option}")
                    raise TrainkitError(said, file=self.name, case=data["id"], scene=scene, option=option)
        try:
            return thaw(json.dumps(data))
        except CaseError as error:
            first = error.problems[0]
            raise TrainkitError(f"{self.name}, {data['id']}: {first.place}, {first.where}: {first.rule}") from error

    def _rules(self, given: Sequence[tuple[int, str, str, str]], figure: int, none: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for line, condition, *said in given:
            value = said[figure - 1]
            if not value:
                continue
            rule: dict[str, Any] = {} if not condition else {"when": self._when(condition, line)}
            found.append(
                rule | {"value": None if value == none else value if value == "auto" else self._number(value, line)}
            )
        return sorted(found, key=lambda rule: "when" not in rule)

    def _number(self, text: str, line: int) -> float:
        try:
            return float(text)
        except ValueError:
            said = N_("{file}, line {line}: {got} is no number, off, auto or target")
            raise TrainkitError(said, file=self.name, line=line, got=shown(text)) from None

    def _when(self, condition: str, line: int) -> dict[str, list[str]]:
        found = {}
        for part in condition.split(";"):
            name, sign, values = part.partition("=")
            if not sign:
                said = N_("{file}, line {line}: a condition is fact=value|value; … (got {got})")
                raise TrainkitError(said, file=self.name, line=line, got=shown(condition))
            found[name.strip()] = [value.strip() for value in values.split("|")]
        return found
