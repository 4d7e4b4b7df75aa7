"""Which ways did people go, and what do they come to? Each distinct version, facts and moves is replayed once, on all cores.

What a way comes to is kept in a file while the others are replayed, so that a run that was ended goes on.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from trainkit.bulk.keys import Key
from trainkit.case.frozen import thaw
from trainkit.case.model import Case
from trainkit.engine.attempt import begin
from trainkit.errors import TrainkitError, shown
from trainkit.exchange.paths import MOVES
from trainkit.log.records import Event
from trainkit.log.replay import advance
from trainkit.scoring.decisions import decisions
from trainkit.value.regret import review

TOGETHER = 500  # ways that are replayed before they are kept
Way = tuple[str, str, str]  # version, facts and moves, the latter two as JSON


class Outcome(NamedTuple):
    """What a way comes to; ``why`` it can't be replayed, and then nothing else."""

    play: float | None
    inquiry: float | None
    finished: bool
    went_back: bool
    decisions: list[list[Any]]
    why: str | None


class Ways(NamedTuple):
    """The ways of an export: distinct ones, and which one each attempt went (−1: its facts aren't known)."""

    distinct: list[Way]
    attempts: list[str]
    numbers: list[int]


def ways_of(folder: Path) -> Ways:
    """Read attempts and events side by side, as an export orders them."""
    numbers: dict[Way, int] = {}
    attempts: list[str] = []
    went: list[int] = []
    events = _events(folder)
    following = next(events, None)
    for attempt, version, facts in _read(folder, "attempts", ("attempt", "case_hash", "facts")):
        moves = []
        while following is not None and following[0] == attempt:
            if following[1] in MOVES:
                moves.append((following[1], following[2]))
            following = next(events, None)
        attempts.append(attempt)
        way = (version, facts or "", json.dumps(moves))
        went.append(numbers.setdefault(way, len(numbers)) if facts else -1)
    if following is not None:
        raise TrainkitError(f"{folder.name}: events stand in another order than the attempts (attempt {following[0]})")
    return Ways(list(numbers), attempts, went)


def _events(folder: Path) -> Iterator[tuple[str, str, str | None]]:
    yield from _read(folder, "events", ("attempt", "kind", "option"))


def _read(folder: Path, table: str, columns: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = folder / f"{table}.parquet"
    if not file.exists():
        raise TrainkitError(
            f"{shown(str(folder))} has no {file.name}: runs are replayed from a folder of trainkit export"
        )
    try:
        with pq.ParquetFile(file) as content:
            for batch in content.iter_batches(50_000, columns=list(columns)):
                yield from zip(*(batch.column(name).to_pylist() for name in columns), strict=True)
    except (pa.ArrowException, OSError, KeyError) as error:
        raise TrainkitError(f"{file.name} can't be read: {error}") from error


def replayed(
    ways: Ways, folder: Path, kept: Path, key: Key | None = None, progress: Callable[[int], object] = lambda ways: None
) -> list[Outcome]:
    """What each distinct way comes to, in their order.

    Parameters
    ----------
    folder : Path
        The export, with the versions that were played.
    kept : Path
        Where outcomes are kept (SQLite); what is there already isn't replayed again.
    key : Key, optional
        The key that decisions are scored by; the case's own if there is none.
    progress : callable
        Told how many more ways are done, again and again.
    """
    sources = dict(_read(folder, "cases", ("case_hash", "source")))
    if missing := sorted({version for version, *_ in ways.distinct} - set(sources)):
        raise TrainkitError(
            f"cases.parquet has no version {missing[0][:12]}, which was played: nothing can be replayed of it"
        )
    for source in sources.values():
        _case(source, key)  # what is wrong with a key is told before anything is replayed
    mark = "" if key is None else key.text
    names = [hashlib.sha256("\0".join((mark, *way)).encode()).hexdigest() for way in ways.distinct]
    connection = sqlite3.connect(kept)
    try:
        connection.execute("CREATE TABLE IF NOT EXISTS outcomes (way TEXT PRIMARY KEY, outcome TEXT NOT NULL)")
        done = {name: Outcome(*json.loads(text)) for name, text in connection.execute("SELECT * FROM outcomes")}
        progress(sum(name in done for name in names))
        left = sorted((way, name) for way, name in zip(ways.distinct, names, strict=True) if name not in done)
        parts = [left[at : at + TOGETHER] for at in range(0, len(left), TOGETHER)]
        for part, outcomes in _on_all_cores(parts, sources, key):
            found = {name: outcome for (_, name), outcome in zip(part, outcomes, strict=True)}
            connection.executemany(
                "INSERT OR REPLACE INTO outcomes VALUES (?, ?)", [(n, json.dumps(one)) for n, one in found.items()]
            )
            connection.commit()
            done |= found
            progress(len(part))
    finally:
        connection.close()
    return [done[name] for name in names]


def _on_all_cores(
    parts: list[list[tuple[Way, str]]], sources: dict[str, str], key: Key | None
) -> Iterator[tuple[list[tuple[Way, str]], list[Outcome]]]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if len(parts) < 2 or cores < 2:
        _begin(sources, key)
        yield from ((part, _replay_part([way for way, _ in part])) for part in parts)
        return
    how = get_context("spawn")  # threads of the engines' libraries don't survive a fork
    with ProcessPoolExecutor(cores, how, _begin, (sources, key)) as pool:
        waiting = [(part, pool.submit(_replay_part, [way for way, _ in part])) for part in parts]
        try:
            yield from ((part, future.result()) for part, future in waiting)
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


def _replay_part(part: list[Way]) -> list[Outcome]:
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
            raise TrainkitError("these facts can't be true together")
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
