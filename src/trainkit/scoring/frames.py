"""Scores of many attempts: a frame of decisions → a frame of scores, in any library that narwhals knows."""

from collections.abc import Sequence
from typing import Any

from trainkit.errors import TrainkitError
from trainkit.scoring.decisions import Decision
from trainkit.scoring.formulas import FORMULAS, Sums, fit_terms, position_terms
from trainkit.scoring.interval_expressions import with_intervals
from trainkit.typed import typed

NUMBERS = tuple(name for name, kind in Decision.__annotations__.items() if "float" in str(kind))


def scores(frame: Any, by: Sequence[str] = ("attempt",), intervals: bool = False) -> Any:
    """Score a frame of decisions: one row an attempt.

    Parameters
    ----------
    frame : any frame narwhals knows (pandas, polars, DuckDB, PySpark …), lazy or not
        Rows as :class:`Decision`, with the columns ``by``.
    by : sequence of str
        What names an attempt.
    intervals : bool
        Whether the bounds of 90 % intervals are wanted as well (:mod:`trainkit.scoring.interval_expressions`).

    Returns
    -------
    the same kind of frame
        Columns ``by``, ``decisions`` and the names of ``FORMULAS``, sorted by ``by``; null where not measured. With
        ``intervals`` also ``position_low`` and ``position_high``, and so of ``relative`` and ``fit``.
    """
    import narwhals as nw

    data, by = nw.from_native(frame), [typed(name) for name in by]
    collected = isinstance(data, nw.DataFrame) and data.implementation.is_polars()
    if collected:  # in steps of its own, each of them in memory, polars takes four times as long
        data = data.lazy()
    data = as_numbers(respelt(data, by), by)
    scored = of_sums(summed(data, by), by)
    scored = (with_intervals(scored) if intervals else scored).sort(*by)
    return nw.to_native(scored.collect() if collected else scored)


def respelt(data: Any, by: Sequence[str]) -> Any:
    """Columns by our names: a byte order mark is in front of a file's first, and macOS writes some otherwise."""
    import narwhals as nw

    wanted, names = {*Decision.__dataclass_fields__, *by}, data.collect_schema().names()
    if "on_axis" not in [typed(name) for name in names]:  # from before there were scenes outside the axis
        data, names = data.with_columns(on_axis=nw.lit(True)), [*names, "on_axis"]
    other = {name: typed(name) for name in names if typed(name) in wanted.difference(names)}
    missing = wanted - {other.get(name, name) for name in names}
    if missing:
        raise TrainkitError(f"the frame has no decisions: columns {', '.join(sorted(missing))} are missing")
    return data.rename(other) if other else data


def as_numbers(data: Any, by: Sequence[str], keep: Sequence[str] = ()) -> Any:
    """The columns ``by``, ``keep`` and those of the formulas: floats, NaN (pandas' null) as null, and ``on_axis``."""
    import narwhals as nw

    schema = data.collect_schema()
    untyped = {name for name in by if schema[name] == nw.Unknown}  # of an empty frame
    floats = {name: nw.col(name).cast(nw.Float64) for name in NUMBERS}
    return data.select(
        *(nw.col(name).cast(nw.String) if name in untyped else name for name in (*by, *keep)),
        **{name: nw.when(~value.is_nan()).then(value) for name, value in floats.items()},
        on_axis=nw.col("on_axis").cast(nw.Boolean),
    )


def summed(data: Any, by: Sequence[str], used: Any = None, also: dict[str, Any] | None = None) -> Any:
    """Sums over the decisions of each attempt: a column for each of ``Sums``, with an underscore before it.

    Parameters
    ----------
    data : narwhals frame
        As :func:`as_numbers` gives it.
    by : sequence of str
        What names an attempt.
    used : narwhals expression, optional
        Which rows count; the others add nothing.
    also : mapping, optional
        Expressions that are summed as well, over all rows.
    """
    import narwhals as nw

    col, one, none = nw.col, nw.lit(1.0), nw.lit(0.0)

    if used is not None:  # a column of its own: each sum would work it out again
        data, used = data.with_columns(_used=used), col("_used")

    def where(true: Any, term: Any) -> Any:
        return nw.when(true if used is None else used & true).then(term).otherwise(none)

    n = one if used is None else nw.when(used).then(one).otherwise(none)
    parts = {"n": n, "axis": where(col("on_axis"), one)}
    for measured, count, terms_of, names in (
        ("position", "placed", position_terms, ("weight", "position", "position_min", "position_max", "aim")),
        ("fit", "keyed", fit_terms, ("weight", "fit", "fit_min", "fit_max", "fit_mean")),
    ):
        terms = {count: one} | terms_of(*map(col, names))
        parts |= {name: where(~col(measured).is_null(), term) for name, term in terms.items()}
    parts |= also or {}
    return (
        data.with_columns(**{f"_{name}": part.cast(nw.Float64) for name, part in parts.items()})
        .group_by(*by)
        .agg(**{f"_{name}": col(f"_{name}").sum() for name in parts})
    )


def of_sums(sums: Any, by: Sequence[str], **also: Any) -> Any:
    """The figures of each attempt by its sums (:func:`summed`): ``by``, ``decisions``, ``FORMULAS``, and ``also``."""
    import narwhals as nw

    of = Sums(**{name: nw.col(f"_{name}") for name in Sums._fields})
    return sums.select(
        *by,
        decisions=of.n.cast(nw.Int64),
        **{name: nw.when(ok(of)).then(value(of)) for name, (value, ok) in FORMULAS.items()},
        **also,
    )
