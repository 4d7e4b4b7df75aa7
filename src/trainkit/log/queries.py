"""How is a query put so that every database takes it? Long lists in parts, rows in the order in which they came."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import sqlalchemy as sa

MOST = 500  # values in one list: SQLite's limit was 999 for long
T = TypeVar("T")


def in_parts(values: Sequence[T], most: int = MOST) -> Iterator[Sequence[T]]:
    """The values, at most so many at a time.

    >>> [*in_parts("abcde", 2)]
    ['ab', 'cd', 'e']
    """
    for n in range(0, len(values), most):
        yield values[n : n + most]


def in_order(table: sa.Table) -> list[sa.ColumnElement]:
    """What rows of a table are ordered by: their number, as a clock may be set back, else their key."""
    return [table.c["number"]] if "number" in table.c else [*table.primary_key]
