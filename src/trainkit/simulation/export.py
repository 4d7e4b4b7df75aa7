"""Simulated runs → the rows a log would have of them, marked ``synthetic``, in a file.

One row an event, with its attempt's columns; the same names and values as in the log (``data/codebook.csv``), and beside them
the persona and the trainee's own lean, skill and pull. Times are invented too: a clock that starts in the year 2000 and
reads at a person's pace.
"""

import csv
import hashlib
import json
import math
import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from trainkit.case.model import Case
from trainkit.errors import NotSaved, TrainkitError
from trainkit.log.records import DRAW_VERSION, Settings
from trainkit.log.schema import attempts, events
from trainkit.log.store import Log
from trainkit.simulation.runner import SimulatedRun

BEGIN = datetime(2000, 1, 1, tzinfo=UTC)
CHUNK = 50_000  # rows
ATTEMPT = tuple(column.name for column in attempts.columns if column.name != "number")  # the log itself gives numbers
EVENT = tuple(column.name for column in events.columns if column.name != "attempt")
ADDED = {
    "persona": "string",
    "lean": "double",
    "skill": "double",
    "pull": "double",
}  # to the log's columns: name and type (Arrow's)
COLUMNS = (*ATTEMPT, *EVENT, *ADDED)
SUFFIXES = (".csv", ".parquet", ".sqlite3")


def event_rows(case: Case, runs: Iterable[SimulatedRun], lang: str = "ru") -> Iterator[tuple[Any, ...]]:
    """Rows of simulated runs, in the order of ``COLUMNS``."""
    settings = Settings(back=False)
    for run in runs:
        name = f"{case.hash}:{run.persona.name}:{run.number}:{run.seed}:{sorted(run.fixed.items())}:{lang}"
        name += f":{run.lean}:{run.skill}:{run.pull}" if run.persona.chooses else ""  # populations have one name
        attempt = hashlib.sha256(name.encode()).hexdigest()[:32]
        dice = random.Random(attempt)
        clock = BEGIN + timedelta(seconds=round(dice.random() * 86_400, 6))
        participant, fixed = f"synthetic {run.persona.name} {run.number}", json.dumps(run.fixed, sort_keys=True)
        begun = attempt, participant, case.id, case.hash, case.translations_hash, run.seed, fixed
        played = settings.feedback, settings.back, settings.own_words, settings.ask_why, "synthetic", _time(clock)
        head = (*begun, *played, None, None, "own", DRAW_VERSION)  # of no workshop's member
        own = [None if value is None else round(value, 4) for value in (run.lean, run.skill, run.pull)]
        tail = (run.persona.name, *own)
        last = len(run.choices) - 1
        for step, (place, option) in enumerate(run.choices):
            read = sum(map(len, place.words)) / 18  # characters a second
            clock += timedelta(seconds=2 + read * math.exp(dice.gauss(0, 0.4)))
            ending = run.ending if step == last else None
            yield (*head, step, "choose", place.scene, option, None, ending, lang, _time(clock), *tail)


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@contextmanager
def writing(file: Path) -> Iterator[Callable[[Case, Iterable[tuple]], None]]:
    """A function that takes a case and rows, for a CSV, Parquet or SQLite file; the file appears when all is written.

    Raises TrainkitError if the file's ending is not known, or it can't be written.
    """
    if file.suffix not in SUFFIXES:
        raise TrainkitError(f'-o wants a file that ends in {", ".join(SUFFIXES)} (got "{file.name}")')
    if file.suffix == ".sqlite3" and file.exists():
        raise TrainkitError(f'"{file.name}" exists; synthetic rows are not added to a log')
    part = file.with_name(file.name + ".part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        with {".csv": _csv, ".parquet": _parquet, ".sqlite3": _log}[file.suffix](part) as write:

            def take(case: Case, rows: Iterable[tuple]) -> None:
                waiting = iter(rows)
                while chunk := list(islice(waiting, CHUNK)):
                    write(case, chunk)

            yield take
        part.replace(file)
    except BrokenPipeError:
        raise  # somebody else's
    except OSError as error:
        raise TrainkitError(f'"{file}" can\'t be written: {error.strerror or error}') from error
    finally:
        part.unlink(missing_ok=True)


Write = Callable[[Case, list[tuple]], None]


@contextmanager
def _csv(part: Path) -> Iterator[Write]:
    with part.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)

        def write(_case: Case, chunk: list[tuple]) -> None:
            assert all(len(row) == len(COLUMNS) for row in chunk), "event_rows and COLUMNS differ"
            writer.writerows(chunk)

        yield write


@contextmanager
def _parquet(part: Path) -> Iterator[Write]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {"Boolean": pa.bool_(), "Integer": pa.int64(), "BigInteger": pa.int64()}
    logged = {column.name: type(column.type).__name__ for table in (attempts, events) for column in table.columns}
    fields = [(name, kinds.get(logged[name], pa.string())) for name in (*ATTEMPT, *EVENT)]
    schema = pa.schema([*fields, *((name, pa.type_for_alias(kind)) for name, kind in ADDED.items())])
    with pq.ParquetWriter(part, schema, compression="zstd") as writer:

        def write(_case: Case, chunk: list[tuple]) -> None:
            columns = zip(zip(*chunk, strict=True), schema, strict=True)
            arrays = [pa.array(values, field.type) for values, field in columns]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))

        yield write


@contextmanager
def _log(part: Path) -> Iterator[Write]:
    log = Log(part)
    begun: set[str] = set()

    def write(case: Case, chunk: list[tuple]) -> None:
        new = {row[0]: dict(zip(ATTEMPT, row, strict=False)) for row in chunk if row[0] not in begun}
        logged = [dict(zip(("attempt", *EVENT), (row[0], *row[len(ATTEMPT) :]), strict=False)) for row in chunk]
        begun.clear()
        begun.add(chunk[-1][0])  # the last one may go on in the next chunk
        log.add_rows(case, list(new.values()), logged)

    try:
        yield write
    except NotSaved as error:
        raise TrainkitError(f"the log can't be written: {error}") from error
    finally:
        log.close()
