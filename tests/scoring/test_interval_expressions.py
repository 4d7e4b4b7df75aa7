"""Intervals as lazy expressions, against the exact quantiles (ours and scipy's), in every library."""

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.special

from trainkit.scoring import interval_expressions
from trainkit.scoring.intervals import intervals


def figures(value, n):
    """A frame of scores that has these shares of each scale and effective numbers."""
    columns = {}
    for name, (low, high) in interval_expressions.SCALES.items():
        columns |= {name: low + (high - low) * value, f"n_{name}": n}
    return pl.DataFrame(columns)


def bounds(frame):
    return nw.to_native(interval_expressions.with_intervals(nw.from_native(frame)))


def test_the_error_is_what_is_said_of_it():
    """A grid, denser at both ends, and at random: n as few decisions have it, and as a whole log of one person."""
    chance = np.random.default_rng(3)
    share = np.concatenate([(1 - np.cos(np.linspace(0, np.pi, 701))) / 2, 10 ** chance.uniform(-9, 0, 200)])
    numbers = np.concatenate([np.linspace(1, 30, 117), 10 ** np.linspace(0, 6, 60), chance.uniform(1, 60, 40)])
    share, numbers = (grid.ravel() for grid in np.meshgrid(share, numbers))
    found = bounds(figures(share, numbers).lazy()).collect()
    a, b = 0.5 + numbers * share, 0.5 + numbers * (1 - share)
    low = np.minimum(share, scipy.special.betaincinv(a, b, 0.05))
    high = np.maximum(share, scipy.special.betaincinv(a, b, 0.95))
    worst = 0.0
    for name, (bottom, top) in interval_expressions.SCALES.items():
        for side, exact in (("low", low), ("high", high)):
            off = np.abs(found[f"{name}_{side}"].to_numpy() - bottom - (top - bottom) * exact) / (top - bottom)
            worst = max(worst, off.max())
        value = found[name].to_numpy()
        assert (found[f"{name}_low"].to_numpy() <= value + 1e-9).all()
        assert (found[f"{name}_high"].to_numpy() >= value - 1e-9).all()
    assert interval_expressions.ERROR / 3 < worst <= interval_expressions.ERROR


def test_they_agree_with_the_intervals_of_one_attempt():
    share, numbers = np.array([0.0, 0.1, 0.5, 0.73, 1.0]), np.array([3.0, 7.5, 4.0, 12.0, 5.0])
    found = bounds(figures(share, numbers))
    for row in found.to_dicts():
        for name, exact in zip(("position", "relative", "fit"), intervals(row), strict=True):
            assert (row[f"{name}_low"], row[f"{name}_high"]) == pytest.approx(exact, abs=1e-4)


@pytest.mark.parametrize("library", ["pandas", "polars", "duckdb"])
def test_every_library_has_the_same_and_nothing_where_nothing_was_measured(library):
    rows = figures(np.linspace(0, 1, 50), np.linspace(1, 20, 50))
    rows = rows.with_columns(position=pl.when(pl.col("fit") > 50).then("position"))
    rows = rows.with_columns(n_position=pl.when(pl.col("fit") > 50).then("n_position"))
    expected = bounds(rows)
    native = {"pandas": rows.to_pandas, "polars": rows.lazy, "duckdb": lambda: duckdb.from_arrow(rows)}
    found = bounds(native[library]())
    table = found if library == "pandas" else found.df() if library == "duckdb" else found.collect().to_pandas()
    pd.testing.assert_frame_equal(table, expected.to_pandas(), rtol=1e-9)
    assert table["position_low"].isna().sum() == table["position_high"].isna().sum() == rows["position"].null_count()
    assert table["fit_low"].notna().all()
