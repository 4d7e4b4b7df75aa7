"""How long does scoring take, and how much memory, beside SQL written by hand? Prints; asserts nothing.

    python tests/benchmarks/bench_score.py [--rows 10000000] [--memory 1GB] [--turns 3] [--only sql,duckdb] [--data FOLDER]

Decisions of simulated people (seven cases) are scored with row checks and intervals: by ``trainkit score`` on each engine,
by DuckDB SQL that does the same, and by polars' eager and lazy frames through ``trainkit.scores``; in turn, each in a
process of its own. CPU seconds and the largest resident memory, medians.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from figures import Figure

TITLE = "Scoring beside SQL by hand"
KINDS = ("sql", "duckdb", "polars", "eager", "lazy", "pandas")
IN_RANGE = "coalesce({0} BETWEEN {1} AND {2}, {3})"


def sql_by_hand(source: Path, out: Path, memory: str | None) -> None:
    """The same table and the same checks, as one would write it for DuckDB alone."""
    import duckdb

    from trainkit.scoring.interval_expressions import _D, _S, SCALES

    connection = duckdb.connect(config={"temp_directory": str(out.parent / f"{out.stem}-spilled")})
    connection.execute("SET preserve_insertion_order = false")
    if memory:
        connection.execute(f"SET memory_limit = '{memory}'")
    ranges = {
        "target": (-1, 1, False),
        **dict.fromkeys(("position", "position_min", "position_max", "aim"), (-1, 1, True)),
    }
    ranges |= dict.fromkeys(("fit", "fit_min", "fit_max", "fit_mean"), (0, 1, True))
    good = [IN_RANGE.format(name, low, high, str(null).lower()) for name, (low, high, null) in ranges.items()]
    good += [f"{name} IS NOT NULL" for name in ("attempt", "scene", "option", "on_axis", "weight")]
    good += ["weight >= 0 AND weight < 'inf'::DOUBLE"]
    for name, also in (("position", "aim"), ("fit", "fit_mean")):
        good.append(f"({name} IS NULL OR coalesce({name}_min <= {name} + 1e-9 AND {name} <= {name}_max + 1e-9, false) "
                    f"AND {also} IS NOT NULL)")  # fmt: skip
    a, b = "weight * (position_max - position_min)", "weight * (fit_max - fit_min)"
    sums = {
        "w": "weight", "ww": "weight * weight", "wk": "weight * position", "wl": "weight * position_min",
        "wu": "weight * position_max", "wt": "weight * aim", "aa": f"({a}) * ({a})", "placed": "1.0",
    }  # fmt: skip
    fits = {
        "b": b,
        "bb": f"({b}) * ({b})",
        "bq": "weight * (fit - fit_min)",
        "br": "weight * (fit_mean - fit_min)",
        "keyed": "1.0",
    }
    parts = [
        f"sum(CASE WHEN good AND position IS NOT NULL THEN {term} ELSE 0.0 END) AS {name}"
        for name, term in sums.items()
    ]
    parts += [
        f"sum(CASE WHEN good AND fit IS NOT NULL THEN {term} ELSE 0.0 END) AS {name}" for name, term in fits.items()
    ]
    parts += [
        "sum(CASE WHEN good THEN 1.0 ELSE 0.0 END) AS n", "sum(CASE WHEN good AND on_axis THEN 1.0 ELSE 0.0 END) AS axis",
        "count(*) AS whole", "sum(CASE WHEN number BETWEEN 1 AND 52 THEN pow(2, number) ELSE 0 END) AS mask",
    ]  # fmt: skip
    enough, fitted = "placed >= 3 AND axis - placed <= 0.5 * axis AND w > 0", "n > 0 AND keyed = n AND b > 1e-12"
    ranged = f"{enough} AND wu - wl > 1e-12"
    figures = {
        "position": ("100 * wk / w", enough),
        "offered_low": ("100 * wl / w", enough), "offered_high": ("100 * wu / w", enough),
        "target": ("100 * wt / w", enough), "relative": ("100 * (2 * (wk - wl) / (wu - wl) - 1)", ranged),
        "fit": ("100 * bq / b", fitted), "fit_random": ("100 * br / b", fitted),
        "fit_corrected": ("100 * (bq - br) / (b - br)", f"{fitted} AND b - br > 1e-12"),
        "off_axis": ("(axis - placed) / axis", "axis > 0"), "n_position": ("w * w / ww", enough),
        "n_relative": ("(wu - wl) * (wu - wl) / aa", ranged), "n_fit": ("b * b / bb", fitted),
    }  # fmt: skip
    select = ", ".join(f"CASE WHEN {ok} THEN {value} END AS {name}" for name, (value, ok) in figures.items())
    steps = [
        f"read AS (SELECT *, {' AND '.join(good)} AS good FROM read_parquet('{source}/*.parquet'))",
        f"summed AS (SELECT attempt, {', '.join(parts)} FROM read GROUP BY attempt)",
        f"q0 AS (SELECT attempt, n::BIGINT AS decisions, {select}, "
        "CASE WHEN mask = pow(2, whole + 1) - 2 THEN whole - n ELSE -1 END::BIGINT AS set_aside FROM summed)",
    ]
    last = "q0"
    for number, (name, (low, high)) in enumerate(SCALES.items()):
        y = f"least(1.0, greatest(0.0, ({name} - {low}) / {high - low}))"
        steps += [
            f"y{number} AS (SELECT *, {y} AS y, 0.5 + n_{name} * y AS a, 0.5 + n_{name} * (1 - y) AS b FROM {last})",
            f"r{number} AS (SELECT *, sqrt(1 / a + 1 / b) - 0.8 AS r, 1 / (a * b) AS p FROM y{number})",
            f"s{number} AS (SELECT *, ln(a / b) + (1 / a - 1 / b) * {_horner(_S)} AS s, {_horner(_D)} AS v FROM r{number})",
            f"q{number + 1} AS (SELECT * EXCLUDE (y, a, b, r, p, s, v), "
            f"{low} + {high - low} * least(y, 1 / (1 + exp(v - s))) AS {name}_low, "
            f"{low} + {high - low} * greatest(y, 1 / (1 + exp(-v - s))) AS {name}_high FROM s{number})",
        ]
        last = f"q{number + 1}"
    connection.execute(
        f"COPY (WITH {', '.join(steps)} SELECT * FROM {last} ORDER BY attempt) TO '{out}' (FORMAT parquet, COMPRESSION zstd)"
    )
    troubled, *_ = connection.execute(f"SELECT count(*) FROM '{out}' WHERE set_aside <> 0").fetchone()
    assert not troubled
    connection.execute(
        f"SELECT case_id, case_hash, origin, count(*) FROM read_parquet('{source}/*.parquet') GROUP BY ALL"
    ).fetchall()


def _horner(rows: tuple[tuple[float, ...], ...]) -> str:
    text = ""
    for row in reversed(rows):
        inner = ""
        for value in reversed(row):
            inner = f"({inner} * r + {value!r})" if inner else repr(value)
        text = f"({text} * p + {inner})" if text else inner
    return text


def by_frame(source: Path, out: Path, eager: bool) -> None:
    """``trainkit.scores`` on polars: an eager frame that lies in memory, or a lazy one. What reading took is told apart."""
    import polars as pl

    from trainkit.scoring.decisions import Decision
    from trainkit.scoring.frames import scores

    frame = pl.scan_parquet(source / "*.parquet").select("attempt", *Decision.__dataclass_fields__).collect()
    before = _cpu()
    found = scores(frame if eager else frame.lazy(), intervals=True)
    (found if eager else found.collect()).write_parquet(out)
    print(json.dumps({"cpu": _cpu() - before, "mb": _mb()}))


def one(kind: str, source: Path, out: Path, memory: str | None) -> None:
    """What is measured, in this process."""
    if kind == "sql":
        sql_by_hand(source, out, memory)
    elif kind in ("eager", "lazy"):
        return by_frame(source, out, kind == "eager")
    else:
        from trainkit.bulk.engines import size_of
        from trainkit.bulk.score_files import score_files

        done = score_files(str(source), out, kind, size_of(memory) if memory and kind == "duckdb" else None)
        assert not done.set_aside
    print(json.dumps({"cpu": _cpu(), "mb": _mb()}))


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(kind: str, source: Path, out: Path, memory: str | None) -> dict[str, float]:
    """One run in a process of its own."""
    before = time.perf_counter()
    command = [sys.executable, "-W", "ignore", __file__, "--one", kind, str(source), str(out), memory or ""]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1]) | {"seconds": time.perf_counter() - before}


def figures(quick: bool = False) -> list[Figure]:
    """CPU and memory of each engine beside SQL that does the same."""
    from support.many_decisions import write_decisions

    rows = 20_000 if quick else 10_000_000
    with tempfile.TemporaryDirectory() as work:
        source = Path(work) / "decisions"
        rows = write_decisions(source, rows)
        runs: dict[str, list[dict[str, float]]] = {kind: [] for kind in KINDS}
        for _ in range(1 if quick else 3):
            for kind, seen in runs.items():
                seen.append(measured(kind, source, Path(work) / f"{kind}.parquet", None))
    middle = {
        kind: {name: statistics.median(run[name] for run in seen) for name in seen[0]} for kind, seen in runs.items()
    }
    found = []
    for kind in KINDS[1:]:
        name = f"score {rows:,} decisions, {kind}"
        found.append(Figure(f"{name}: CPU", middle[kind]["cpu"], "s", "SQL by hand in DuckDB", middle["sql"]["cpu"]))
        found.append(Figure(f"{name}: memory", middle[kind]["mb"], "MB", "SQL by hand in DuckDB", middle["sql"]["mb"]))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--memory")
    parser.add_argument("--only", default=",".join(KINDS))
    parser.add_argument("--data", type=Path)
    parser.add_argument("--one", nargs=4)
    given = parser.parse_args()
    if given.one:
        kind, source, out, memory = given.one
        return one(kind, Path(source), Path(out), memory or None)
    from support.many_decisions import write_decisions

    print(f"{date.today()}, {platform.machine()}, Python {platform.python_version()}; load when begun: {_load()}")
    with tempfile.TemporaryDirectory(dir=given.data and given.data.parent) as work:
        source = given.data or Path(work) / "decisions"
        if not source.exists():
            print(f"{write_decisions(source, given.rows):,} decisions of simulated people written")
        runs: dict[str, list[dict[str, float]]] = {kind: [] for kind in given.only.split(",")}
        for _ in range(given.turns):
            for kind, seen in runs.items():
                seen.append(measured(kind, source, Path(work) / f"{kind}.parquet", given.memory))
        middle = {
            kind: {name: statistics.median(run[name] for run in seen) for name in seen[0]}
            for kind, seen in runs.items()
        }
        for kind, run in middle.items():
            beside = f", {run['cpu'] / middle['sql']['cpu']:.2f} × SQL" if "sql" in middle else ""
            print(f"  {kind:<7} CPU {run['cpu']:6.1f} s{beside}, {run['seconds']:6.1f} s, {run['mb']:5.0f} MB")
        if {"eager", "lazy"} <= set(middle):
            print(f"  polars eager / lazy, scoring alone: CPU {middle['eager']['cpu'] / middle['lazy']['cpu']:.2f}")


def _load() -> str:
    try:
        return f"{Path('/proc/loadavg').read_text().split()[0]} on {__import__('os').cpu_count()} cores"
    except OSError:
        return "unknown"


if __name__ == "__main__":
    main()
