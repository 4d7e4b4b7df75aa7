"""How long does an export take, and how much memory? Prints; asserts nothing.

    python tests/benchmarks/bench_export.py [--attempts 50000] [--paths 1,500] [--turns 2] [--only export]

A log of so many attempts of one case (12 events each), who went one way or one of several, is exported as tables; beside
it, in turn and in processes of their own, a bare copy of the log's attempts and events to Parquet by the same driver, as
fast as that can be written by hand. Each twice: CPU seconds and the largest resident memory. Several numbers of attempts,
with commas between, show whether memory grows. ``RESULTS.md`` keeps what was seen.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path

from figures import Figure

TITLE = "Export beside a bare copy"
WHAT = ("copy", "export")
BEGIN = datetime(2000, 1, 1, tzinfo=UTC)


def make_log(file: Path, attempts: int, paths: int) -> int:
    """A log of attempts in one case, all with the same facts, on so many different ways; gives the number of events."""
    from trainkit import load_case, start
    from trainkit.log.records import Settings
    from trainkit.log.store import Log

    case = load_case("counters_a")
    dice, ways = random.Random(1), []
    for _ in range(paths):
        run, way = start(case, 0), []
        while not run.finished:
            way.append((run.state.place, dice.choice(run.open)))
            run = run.choose(way[-1][1])
        ways.append((way, run.ending))
    log, rows = Log(file), 0
    head = Settings().to_row()
    for first in range(0, attempts, 5_000):
        begun, logged = [], []
        for number in range(first, min(first + 5_000, attempts)):
            name, clock = uuid.UUID(int=dice.getrandbits(128)).hex, BEGIN + timedelta(seconds=number)
            way, ending = ways[number % paths]
            begun.append({
                "attempt": name, "participant": f"синтетика {number}", "case_id": case.id, "case_hash": case.hash,
                "translations_hash": case.translations_hash, "seed": 0, "fixed": "{}", **head, "origin": "synthetic",
                "started_at": f"{clock:%Y-%m-%dT%H:%M:%S}.000000Z", "member": None, "run": None, "drawn": "own",
                "draw_version": 2,
            })  # fmt: skip
            for step, (scene, option) in enumerate(way):
                at = clock + timedelta(seconds=9 * (step + 1))
                end = ending if step == len(way) - 1 else None
                logged.append({
                    "attempt": name, "step": step, "kind": "choose", "scene": scene, "option": option, "text": None,
                    "ending": end, "lang": "ru", "at": f"{at:%Y-%m-%dT%H:%M:%S}.000000Z",
                })  # fmt: skip
        log.add_rows(case, begun, logged)
        rows += len(logged)
    log.close()
    return rows


def bare_copy(log: Path, folder: Path) -> None:
    """The two tables as they lie, by the same driver, in the same batches."""
    import gc
    import sqlite3
    from operator import itemgetter

    import pyarrow as pa
    import pyarrow.parquet as pq

    gc.disable()  # as the export does
    folder.mkdir()
    connection = sqlite3.connect(log)
    for name in ("attempts", "events"):
        cursor = connection.cursor().execute(f"SELECT * FROM {name}")
        kinds = {row[1]: pa.int64() if "INT" in row[2] or "BOOL" in row[2] else pa.string()
                 for row in connection.execute(f"PRAGMA table_info({name})")}  # fmt: skip
        schema = pa.schema([(one[0], kinds[one[0]]) for one in cursor.description])
        with pq.ParquetWriter(folder / f"{name}.parquet", schema, compression="zstd") as writer:
            while rows := cursor.fetchmany(100_000):
                columns = [pa.array(list(map(itemgetter(n), rows)), one.type) for n, one in enumerate(schema)]
                writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def export(log: Path, folder: Path) -> None:
    """As ``trainkit export --synthetic``."""
    from trainkit.exchange.folder import export_folder
    from trainkit.exchange.log_tables import Reading, Wanted
    from trainkit.log.store import Log

    export_folder(Reading(Log(log), Wanted(synthetic=True)), folder)


def measured(what: str, log: Path, folder: Path) -> dict[str, float]:
    """One run in a process of its own: CPU seconds, seconds, MB."""
    command = [sys.executable, __file__, "--one", what, str(log), str(folder)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def one(what: str, log: Path, folder: Path) -> None:
    """What :func:`measured` runs."""
    before = time.perf_counter()
    {"copy": bare_copy, "export": export}[what](log, folder)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({
        "cpu": used.ru_utime + used.ru_stime, "seconds": time.perf_counter() - before, "mb": used.ru_maxrss / 1024,
    }))  # fmt: skip


def figures(quick: bool = False) -> list[Figure]:
    """CPU and memory of an export beside those of a bare copy, by how many ways people went."""
    attempts, found = (500 if quick else 50_000), []
    for paths in (1, min(500, attempts)):
        with tempfile.TemporaryDirectory() as work:
            log, best = Path(work) / "log.sqlite3", {}
            make_log(log, attempts, paths)
            for turn in range(1 if quick else 2):
                for what in ("copy", "export"):
                    run = measured(what, log, Path(work) / f"{what}{turn}")
                    best[what] = min(run, best.get(what, run), key=lambda one: one["cpu"])
        name = f"export of {attempts:,} attempts, {paths} way(s)"
        found.append(Figure(f"{name}: CPU", best["export"]["cpu"], "s", "bare copy", best["copy"]["cpu"], 3))
        found.append(Figure(f"{name}: memory", best["export"]["mb"], "MB", "bare copy", best["copy"]["mb"]))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attempts", default="50000")
    parser.add_argument("--paths", default="1,500")
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--only", choices=("copy", "export"))
    parser.add_argument("--one", nargs=3)
    given = parser.parse_args()
    if given.one:
        return one(given.one[0], Path(given.one[1]), Path(given.one[2]))
    print(f"{date.today()}, {platform.machine()}, Python {platform.python_version()}")
    for attempts, paths in product(map(int, given.attempts.split(",")), map(int, given.paths.split(","))):
        with tempfile.TemporaryDirectory() as work:
            log = Path(work) / "log.sqlite3"
            events = make_log(log, attempts, paths)
            runs: dict[str, list[dict[str, float]]] = {what: [] for what in ([given.only] if given.only else WHAT)}
            for turn in range(given.turns):
                for what, seen in runs.items():
                    seen.append(measured(what, log, Path(work) / f"{what}{turn}"))
                    shutil.rmtree(Path(work) / f"{what}{turn}")
            best = {what: min(seen, key=lambda run: run["cpu"]) for what, seen in runs.items()}
            load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
            print(f"{attempts:,} attempts, {events:,} events, {paths:,} way(s) through counters_a; load {load:.1f}")
            for what, run in best.items():
                print(f"  {what:<7} CPU {run['cpu']:6.1f} s, {run['seconds']:6.1f} s, {run['mb']:5.0f} MB")
            if not given.only:
                print(f"  export / bare copy: CPU {best['export']['cpu'] / best['copy']['cpu']:.2f}", flush=True)


if __name__ == "__main__":
    main()
