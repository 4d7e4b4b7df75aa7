"""Scores of many attempts: a frame of decisions → a frame of scores, in any library that narwhals knows."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from trainkit.engine.attempt import Attempt
from trainkit.errors import TrainkitError
from trainkit.scoring.decisions import Decision, decisions
from trainkit.scoring.formulas import FORMULAS, Sums, fit_terms, position_terms
from trainkit.scoring.intervals import MEASURES, NEEDED, intervals


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

    data = nw.from_native(frame)
    schema = data.collect_schema()
    missing = {*Decision.__dataclass_fields__, *by} - set(schema.names())
    if missing:
        raise TrainkitError(f"the frame has no decisions: columns {', '.join(sorted(missing))} are missing")
    col, one = nw.col, nw.lit(1.0)

    def number(name: str) -> Any:
        """The column as floats, with NaN (pandas' null) as null."""
        value = col(name).cast(nw.Float64)
        return nw.when(~value.is_nan()).then(value)

    parts = {"n": one}
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


def with_intervals(frame: Any) -> Any:
    """Add the 90 % intervals to an (eager) frame of :func:`scores`: ``position_low``, ``position_high`` … ``fit_high``."""
    import narwhals as nw

    data = nw.from_native(frame, eager_only=True)
    numbers = (
        [None if value is None or value != value else float(value) for value in row]
        for row in data.select(*NEEDED).iter_rows()
    )
    rows = [intervals(dict(zip(NEEDED, row, strict=True))) for row in numbers]
    columns = {
        f"{kind}_{end}": [None if row[n] is None else row[n][side] for row in rows]
        for n, kind in enumerate(MEASURES)
        for side, end in enumerate(("low", "high"))
    }
    space = nw.get_native_namespace(data)
    added = [nw.new_series(name, values, nw.Float64, backend=space) for name, values in columns.items()]
    return nw.to_native(data.with_columns(*added))


def decision_dicts(attempt: Attempt, attempt_id: str) -> list[dict[str, Any]]:
    """The decisions of an attempt as plain rows for a frame, with the attempt's name."""
    return [{"attempt": attempt_id, **asdict(row)} for row in decisions(attempt)]
