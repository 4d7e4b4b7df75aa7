"""Scores of many attempts: a frame of decisions → a frame of scores, in any library that narwhals knows."""

from collections.abc import Sequence
from typing import Any

from trainkit.errors import TrainkitError
from trainkit.scoring.decisions import Decision
from trainkit.scoring.formulas import FORMULAS, Sums, fit_terms, position_terms
from trainkit.typed import typed


def scores(frame: Any, by: Sequence[str] = ("attempt",)) -> Any:
    """Score a frame of decisions: one row an attempt.

    Parameters
    ----------
    frame : any frame narwhals knows (pandas, polars, DuckDB, PySpark …), lazy or not
        Rows as :class:`Decision`, with the columns ``by``.
    by : sequence of str
        What names an attempt.

    Returns
    -------
    the same kind of frame
        Columns ``by``, ``decisions`` and the names of ``FORMULAS``, sorted by ``by``; null where not measured.
    """
    import narwhals as nw

    data, by = nw.from_native(frame), [typed(name) for name in by]
    wanted, names = {*Decision.__dataclass_fields__, *by}, data.collect_schema().names()
    if "on_axis" not in [typed(name) for name in names]:  # from before there were scenes outside the axis
        data, names = data.with_columns(on_axis=nw.lit(True)), [*names, "on_axis"]
    # a byte order mark is in front of a file's first column, and a name that macOS wrote is spelt otherwise
    respelt = {name: typed(name) for name in names if typed(name) in wanted.difference(names)}
    data = data.rename(respelt) if respelt else data
    schema = data.collect_schema()
    missing = wanted - set(schema.names())
    if missing:
        raise TrainkitError(f"the frame has no decisions: columns {', '.join(sorted(missing))} are missing")
    col, one = nw.col, nw.lit(1.0)

    def number(name: str) -> Any:
        """The column as floats, with NaN (pandas' null) as null."""
        value = col(name).cast(nw.Float64)
        return nw.when(~value.is_nan()).then(value)

    parts = {"n": one, "axis": nw.when(col("on_axis").cast(nw.Boolean)).then(one).otherwise(nw.lit(0.0))}
    for measured, count, terms_of, names in (
        ("position", "placed", position_terms, ("weight", "position", "position_min", "position_max", "aim")),
        ("fit", "keyed", fit_terms, ("weight", "fit", "fit_min", "fit_max", "fit_mean")),
    ):
        where = nw.when(~number(measured).is_null())
        terms = {count: one} | terms_of(*map(number, names))
        parts |= {name: where.then(term).otherwise(nw.lit(0.0)) for name, term in terms.items()}
    untyped = [name for name in by if schema[name] == nw.Unknown]  # of an empty frame
    summed = (
        data.with_columns(
            *(col(name).cast(nw.String) for name in untyped),
            **{f"_{name}": part.cast(nw.Float64) for name, part in parts.items()},
        )
        .group_by(*by)
        .agg(**{f"_{name}": col(f"_{name}").sum() for name in parts})
    )
    sums = Sums(**{name: col(f"_{name}") for name in parts})
    scored = summed.select(
        *by,
        decisions=sums.n.cast(nw.Int64),
        **{name: nw.when(ok(sums)).then(value(sums)) for name, (value, ok) in FORMULAS.items()},
    ).sort(*by)
    return nw.to_native(scored)
