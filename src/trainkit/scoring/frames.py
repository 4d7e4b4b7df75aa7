"""Scores of many attempts: a frame of decisions → a frame of scores, in any library that narwhals knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from trainkit.engine.attempt import Attempt
from trainkit.errors import TrainkitError
from trainkit.scoring.decisions import Decision, decisions
from trainkit.scoring.formulas import FORMULAS, Sums, fit_terms, position_terms
from trainkit.scoring.intervals import MEASURES, intervals


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
    col = nw.col
    null = nw.lit(None, dtype=nw.Float64)

    def number(name: str) -> Any:
        """The column as floats, with NaN (pandas' null) as null."""
        value = col(name).cast(nw.Float64)
        return nw.when(~value.is_nan()).then(value)

    row = {name: number(name) for name in Decision.__dataclass_fields__ if name not in ("scene", "option")}
    placed = ~row["position"].is_null()
    keyed = ~row["fit"].is_null()
    terms = position_terms(*(row[name] for name in ("weight", "position", "position_min", "position_max", "aim")))
    of_fit = fit_terms(*(row[name] for name in ("weight", "fit", "fit_min", "fit_max", "fit_mean")))

    def total(term: Any, where: Any) -> Any:
        return nw.when(where).then(term).otherwise(nw.lit(0.0))

    one = nw.lit(1.0)
    parts = {"n": one, "placed": total(one, placed), "keyed": total(one, keyed)}
    parts |= {name: total(term, placed) for name, term in terms.items()}
    parts |= {name: total(term, keyed) for name, term in of_fit.items()}
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
        **{name: nw.when(ok(sums)).then(value(sums)).otherwise(null) for name, (value, ok) in FORMULAS.items()},
    ).sort(*by)
    return nw.to_native(scored)


def with_intervals(frame: Any) -> Any:
    """Add the 90 % intervals to an (eager) frame of :func:`scores`.

    Returns
    -------
    the same kind of frame
        With ``position_low``, ``position_high``, ``relative_low`` … ``fit_high``; null where not measured.
    """
    import narwhals as nw

    data = nw.from_native(frame, eager_only=True)
    names = ("position", "offered_low", "offered_high", "relative", "fit", "n_position", "n_relative", "n_fit")

    rows = [
        intervals(*(None if value is None or value != value else float(value) for value in row))
        for row in data.select(*names).iter_rows()
    ]
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
