"""What are the tables of an export?

One definition, ``codebook.csv``: it is exported as it is, and gives every column's type.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pyarrow as pa

TABLES = ("decisions", "attempts", "events", "people")
WRITTEN_BY_PEOPLE = {"events": ("text",), "people": ("participant", "team")}  # a spreadsheet may take it for a formula
_RANGE = re.compile(r"(?:from )?(-?\d+(?:\.\d+)?) (?:to (-?\d+(?:\.\d+)?)|and up)")


class Column(NamedTuple):
    """A column of an export: ``kind`` is text, integer, number, boolean or time (UTC)."""

    table: str
    name: str
    kind: str
    unit: str
    values: str
    label_en: str
    label_ru: str

    @property
    def optional(self) -> bool:
        """Whether it may be empty."""
        return "empty" in self.values

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The least and the largest value of a number, the latter infinite where there is none; None: not a number."""
        told = _RANGE.match(self.values)
        if self.kind not in ("integer", "number") or not told:
            return None
        return float(told[1]), float(told[2] or "inf")

    @property
    def allowed(self) -> list[str]:
        """The values that a text may have; none: it isn't one of a list."""
        listed = self.kind == "text" and " | " in self.values and "…" not in self.values
        return [value.strip() for value in self.values.split("|")] if listed else []


def codebook() -> str:
    """The text of the codebook."""
    return files(__package__).joinpath("codebook.csv").read_text("utf-8")


@cache
def columns(table: str) -> tuple[Column, ...]:
    """The columns of a table, in order."""
    return tuple(
        one for row in csv.DictReader(codebook().splitlines()) if (one := Column(*row.values())).table == table
    )


@cache
def schema(table: str) -> pa.Schema:
    """The Arrow schema of a table; the codebook's labels are in its metadata."""
    import pyarrow as pa

    kinds = {
        "text": pa.string(), "integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_(),
        "time": pa.timestamp("us", "UTC"),
    }  # fmt: skip
    return pa.schema(
        pa.field(one.name, kinds[one.kind], nullable=one.optional, metadata={"label": one.label_en})
        for one in columns(table)
    )


def frictionless_schema(table: str) -> dict[str, Any]:
    """The Table Schema of a table in CSV, as Frictionless Data has it (v1)."""
    kinds = {"text": "string", "time": "datetime"}
    fields: list[Mapping[str, Any]] = []
    for one in columns(table):
        constraints: dict[str, Any] = {} if one.optional else {"required": True}
        if one.allowed:
            constraints["enum"] = one.allowed
        described = {"name": one.name, "type": kinds.get(one.kind, one.kind), "title": one.label_en}
        form = {"format": "any"} if one.kind == "time" else {}
        fields.append(described | form | ({"constraints": constraints} if constraints else {}))
    keys = {
        "decisions": ["attempt", "number"],
        "attempts": ["attempt"],
        "events": ["attempt", "step"],
        "people": ["person"],
    }
    points = {"decisions": ("attempt",), "attempts": ("person",), "events": ("attempt",), "people": ()}
    where = {"attempt": "attempts", "person": "people"}
    return {
        "fields": fields,
        "primaryKey": keys[table],
        "foreignKeys": [
            {"fields": name, "reference": {"resource": where[name], "fields": name}} for name in points[table]
        ],
        "missingValues": [""],
    }
