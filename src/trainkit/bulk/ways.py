"""Which ways did people go, and what do they come to? Each distinct version, facts and moves is replayed once, on all cores.

What a way comes to is kept in a file while the others are replayed, so that a run that was ended goes on. Ways, and which
one each attempt went, are on the disk: memory doesn't grow with an export.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing
from dataclasses import astuple
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from trainkit.bulk.keys import Key
from trainkit.case.cache import Cache
from trainkit.case.frozen import thaw
from trainkit.case.model import Case
from trainkit.engine.attempt import begin
from trainkit.errors import N_, TrainkitError, shown
from trainkit.exchange.paths import MOVES
from trainkit.log.records import Event
from trainkit.log.replay import advance
from trainkit.scoring.decisions import decisions
from trainkit.value.regret import review

if TYPE_CHECKING:
    import pyarrow as pa

TOGETHER = 500  # ways that are replayed before they are kept
AT_ONCE = 20_000  # attempts
ABOUT = ("attempt", "case_id", "case_hash", "origin", "facts")
_REMEMBERED = 50_000  # numbers of ways: most attempts go one that was gone before
Way = tuple[str, str, str]  # version, facts and moves, the latter two as JSON


class Outcome(NamedTuple):
    """What a way comes to; ``why`` it can't be replayed, and then nothing else."""

    play: float | None
    inquiry: float | None
    finished: bool
    went_back: bool
    decisions: list[list[Any]]
    why: str | None


class Went(NamedTuple):
    """Some attempts (Arrow: ``attempt``, ``case_id``, ``case_hash``, ``origin``), and what each came to.

    ``way`` is a number of ``outcomes`` for each attempt, −1 where its facts aren't known.
    """

    attempts: pa.Table
    way: list[int]
    outcomes: list[Outcome]


class Ways:
    """The ways of an export: read at once, then :meth:`replay` them, then ask :meth:`went`.

    Parameters
    ----------
    folder : Path
        The export, with the versions that were played.
    work : Path
        A folder for what is needed meanwhile.
    kept : Path
        Where outcomes are kept (SQLite); what is there already isn't replayed again.
    key : Key, optional
        The key that decisions are scored by; the case's own if there is none.
    """

    def __init__(self, folder: Path, work: Path, kept: Path, key: Key | None = None):
        self._folder, self._kept, self._key = folder, kept, key
        self._file, self._attempts = work / "ways.sqlite3", work / "ways-of-attempts.parquet"
        self._mark = "" if key is None else key.text
        with closing(self._opened()) as connection:
            self._read(connection)
            self.distinct: int = connection.execute("SELECT count(*) FROM ways").fetchone()[0]

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._kept)
        connection.execute("CREATE TABLE IF NOT EXISTS outcomes (way TEXT PRIMARY KEY, outcome TEXT NOT NULL)")
        connection.execute("ATTACH ? AS work", (str(self._file),))
        connection.execute("PRAGMA work.synchronous = OFF")  # it is gone after this run anyway
        columns = "number INTEGER PRIMARY KEY, way TEXT UNIQUE, version TEXT, facts TEXT, moves TEXT"
        connection.execute(f"CREATE TABLE IF NOT EXISTS work.ways ({columns})")
        return connection

    def _read(self, connection: sqlite3.Connection) -> None:
        """Read attempts and events side by side, as an export orders them."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        numbers: Cache[str, int] = Cache(_REMEMBERED)
        fields = pa.schema([(name, pa.string()) for name in ABOUT[:-1]] + [("way", pa.int64())])
        events = _rows(_parts(self._folder, "events", ("attempt", "kind", "option")))
        following = next(events, None)
        with pq.ParquetWriter(self._attempts, fields, compression="zstd") as out:
            for part in _parts(self._folder, "attempts", ABOUT):
                went: list[int] = []
                for attempt, version, facts in zip(*(part[at] for at in (0, 2, 4)), strict=True):
                    moves = []
                    while following is not None and following[0] == attempt:
                        if following[1] in MOVES:
                            moves.append(following[1:])
                        following = next(events, None)
                    went.append(self._number(connection, numbers, (version, facts, json.dumps(moves))) if facts else -1)
                out.write_table(pa.table(dict(zip(fields.names, (*part[:-1], went), strict=True)), fields))
        connection.commit()
        if following is not None:
            said = N_("{folder}: events stand in another order than the attempts (attempt {attempt})")
            raise TrainkitError(said, folder=self._folder.name, attempt=following[0])

    def _number(self, connection: sqlite3.Connection, numbers: Cache[str, int], way: Way) -> int:
        name = hashlib.sha256("\0".join((self._mark, *way)).encode()).hexdigest()
        number = numbers.get(name)
        if number is None:
            connection.execute(
                "INSERT OR IGNORE INTO ways (way, version, facts, moves) VALUES (?, ?, ?, ?)", (name, *way)
            )
            ((number,),) = connection.execute("SELECT number FROM ways WHERE way = ?", (name,))
            numbers.keep(name, number)
        return number

    def replay(self, progress: Callable[[int], object] = lambda ways: None) -> None:
        """Replay each distinct way that hasn't been; ``progress`` is told how many more are done, again and again."""
        with closing(self._opened()) as connection:
            versions = [version for (version,) in connection.execute("SELECT DISTINCT version FROM ways ORDER BY 1")]
            parts = _parts(self._folder, "cases", ("case_hash", "source"))
            sources = {version: source for version, source in _rows(parts) if version in versions}
            if missing := [version for version in versions if version not in sources]:
                said = N_("cases.parquet has no version {version}, which was played: nothing can be replayed of it")
                raise TrainkitError(said, version=missing[0][:12])
            for source in sources.values():
                _case(source, self._key)  # what is wrong with a key is told before anything is replayed
            done = "SELECT count(*) FROM ways JOIN outcomes USING (way)"
            progress(connection.execute(done).fetchone()[0])
            connection.execute("CREATE TEMP TABLE left AS SELECT way, version, facts, moves FROM ways "
                               "WHERE way NOT IN (SELECT way FROM outcomes) ORDER BY version, facts, moves")  # fmt: skip
            left = connection.execute("SELECT * FROM left ORDER BY rowid")
            for part, outcomes in _on_all_cores(iter(lambda: left.fetchmany(TOGETHER), []), sources, self._key):
                rows = [(way[0], json.dumps(outcome)) for way, outcome in zip(part, outcomes, strict=True)]
                connection.executemany("INSERT OR REPLACE INTO outcomes VALUES (?, ?)", rows)
                connection.commit()
                progress(len(part))

    def went(self) -> Iterator[Went]:
        """The attempts in their order, some at a time, with what they came to."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        query = "SELECT number, outcome FROM ways JOIN outcomes USING (way) WHERE number IN (SELECT value FROM json_each(?))"
        with closing(self._opened()) as connection, pq.ParquetFile(self._attempts) as content:
            for batch in content.iter_batches(AT_ONCE):
                numbers = batch["way"].to_pylist()
                asked = json.dumps(sorted(set(numbers)))
                found = {number: Outcome(*json.loads(text)) for number, text in connection.execute(query, (asked,))}
                places = {number: place for place, number in enumerate(found)} | {-1: -1}
                attempts = pa.table(batch).drop_columns(["way"])
                yield Went(attempts, [places[number] for number in numbers], list(found.values()))


def _parts(folder: Path, table: str, columns: Sequence[str]) -> Iterator[list[list[Any]]]:
    """Some columns of a table, by and by."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = folder / f"{table}.parquet"
    if not file.exists():
        said = N_("{folder} has no {file}: runs are replayed from a folder of trainkit export")
        raise TrainkitError(said, folder=shown(str(folder)), file=file.name)
    try:
        with pq.ParquetFile(file) as content:
            for batch in content.iter_batches(AT_ONCE, columns=list(columns)):
                yield [batch.column(name).to_pylist() for name in columns]
    except (pa.ArrowException, OSError, KeyError) as error:
        raise TrainkitError(N_("{file} can't be read: {why}"), file=file.name, why=error) from error


def _rows(parts: Iterator[list[list[Any]]]) -> Iterator[tuple[Any, ...]]:
    for part in parts:
        yield from zip(*part, strict=True)


Part = Sequence[tuple[str, str, str, str]]  # names of ways, and the ways


def _on_all_cores(
    parts: Iterator[Part], sources: dict[str, str], key: Key | None
) -> Iterator[tuple[Part, list[Outcome]]]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    begun = list(islice(parts, 2))
    if len(begun) < 2 or cores < 2:
        _begin(sources, key)
        for part in (*begun, *parts):
            yield part, _replay_part([way for _, *way in part])
        return
    how = get_context("spawn")  # threads of the engines' libraries don't survive a fork
    with ProcessPoolExecutor(cores, how, _begin, (sources, key)) as pool:
        waiting: deque[tuple[Part, Future[list[Outcome]]]] = deque()

        def hand_out(part: Part) -> None:
            waiting.append((part, pool.submit(_replay_part, [way for _, *way in part])))

        try:
            for part in begun:
                hand_out(part)
            while waiting:
                for part in islice(parts, max(0, 2 * cores - len(waiting))):
                    hand_out(part)
                part, future = waiting.popleft()
                yield part, future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


_SOURCES: dict[str, str] = {}
_CASES: dict[str, Case] = {}
_KEY: list[Key | None] = [None]


def _begin(sources: dict[str, str], key: Key | None) -> None:
    """What a process must know before it replays."""
    _SOURCES.clear()
    _CASES.clear()
    _SOURCES.update(sources)
    _KEY[0] = key


def _case(source: str, key: Key | None) -> Case:
    return thaw(source) if key is None else key.applied(source)


def _replay_part(part: Sequence[Sequence[str]]) -> list[Outcome]:
    found = []
    for version, facts, moves in part:
        if version not in _CASES:
            _CASES[version] = _case(_SOURCES[version], _KEY[0])
        found.append(_outcome(_CASES[version], json.loads(facts), json.loads(moves)))
    return found


def _outcome(case: Case, facts: dict[str, str], moves: list[tuple[str, str | None]]) -> Outcome:
    try:
        truth = tuple(facts[name] for name in case.facts)
        if truth not in case.world_numbers:
            raise TrainkitError(N_("these facts can't be true together"))
        attempt = begin(case, 0, {}, truth)
        for kind, option in moves:
            attempt = advance(attempt, Event(kind, "", option))
        held = review(attempt)
    except KeyError as error:
        return Outcome(None, None, False, False, [], f"{case.id}: the fact {error} is missing")
    except TrainkitError as error:
        return Outcome(None, None, False, False, [], f"{case.id}: {error}")
    rows = [list(astuple(row)) for row in decisions(attempt)]
    return Outcome(held.play, held.inquiry, attempt.finished, attempt.went_back, rows, None)
