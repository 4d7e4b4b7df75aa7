"""Does a table from elsewhere have the columns it should, each of the kind it should be?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from trainkit.errors import TrainkitError, UnknownName, shown

if TYPE_CHECKING:
    import pyarrow as pa


def as_wanted(table: pa.Table, wanted: pa.Schema, place: str) -> pa.Table:
    """The wanted columns of a table, as the kinds that are wanted; ``place`` is what it is called in errors.

    Raises
    ------
    UnknownName
        If a column is missing.
    TrainkitError
        If one is there twice, is of another kind, or has gaps where it must not.
    """
    import pyarrow as pa

    taken = []
    for field in wanted:
        there = table.column_names.count(field.name)
        if there == 0:
            raise UnknownName(f"column of {place}", field.name, table.column_names)
        refuse_doubled(table.column_names, place)
        column = table[field.name]
        if _family(column.type) not in (_family(field.type), "nothing"):
            raise TrainkitError(f"{place}, {field.name}: {field.type} is wanted (got {shown(column.type)})")
        try:
            taken.append(column.cast(field.type))
        except pa.ArrowException as error:
            raise TrainkitError(f"{place}, {field.name}: {str(error).splitlines()[0]}") from error
        if not field.nullable and column.null_count:
            raise TrainkitError(f"{place}, {field.name}: it must not be empty ({column.null_count} rows are)")
    return pa.table(taken, names=[field.name for field in wanted])


def refuse_doubled(names: list[str], place: str) -> None:
    """Raise TrainkitError if a column is there twice."""
    doubled = [name for name, times in Counter(names).items() if times > 1]
    if doubled:
        raise TrainkitError(f"{place} has the column {shown(min(doubled))} twice")


def _family(kind: pa.DataType) -> str:
    import pyarrow as pa

    of = pa.types
    for family, belongs in (
        ("text", (of.is_string, of.is_large_string)), ("integer", (of.is_integer,)), ("number", (of.is_floating,)),
        ("boolean", (of.is_boolean,)), ("time", (of.is_timestamp,)), ("nothing", (of.is_null,)),
    ):  # fmt: skip
        if any(one(kind) for one in belongs):
            return family
    return _family(kind.value_type) if of.is_dictionary(kind) else str(kind)
