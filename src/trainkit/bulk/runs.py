"""What do the runs of an export come to when they are replayed? Tables to join: by another key, and against exact play."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from trainkit.bulk.keys import Key
from trainkit.bulk.ways import Outcome, Ways, replayed, ways_of
from trainkit.exchange.columns import schema
from trainkit.scoring.decisions import Decision

if TYPE_CHECKING:
    import pyarrow as pa

PLAYED = ("attempt", "play", "inquiry", "finished", "went_back")
AT_ONCE = 50_000  # attempts


class Runs(NamedTuple):
    """Parquet files of replayed runs, ``decisions`` by a key and what was ``played``; and how many ways there were."""

    decisions: Path | None
    played: Path | None
    distinct: int
    unplayable: dict[str, int]


def replay_runs(
    folder: Path, work: Path, kept: Path, key: Key | None, play: bool, progress: Callable[[int], object]
) -> Runs:
    """Replay the runs of an export into files of the folder ``work``; see :func:`trainkit.bulk.ways.replayed`."""
    ways = ways_of(folder)
    outcomes = replayed(ways, folder, kept, key, progress)
    unplayable: dict[str, int] = {}
    for number in ways.numbers:
        if why := "its facts aren't known" if number < 0 else outcomes[number].why:
            unplayable[why] = unplayable.get(why, 0) + 1
    decisions = None if key is None else _write_decisions(ways, outcomes, work / "by-key.parquet", folder)
    played = _write_played(ways, outcomes, work / "played-runs.parquet") if play else None
    return Runs(decisions, played, len(ways.distinct), unplayable)


def _write_played(ways: Ways, outcomes: Sequence[Outcome], file: Path) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = (pa.string(), pa.float64(), pa.float64(), pa.bool_(), pa.bool_())
    with pq.ParquetWriter(file, pa.schema(zip(PLAYED, kinds, strict=True))) as writer:
        for at in range(0, len(ways.attempts), AT_ONCE):
            went = ways.numbers[at : at + AT_ONCE]
            known = [outcomes[number] if number >= 0 and not outcomes[number].why else None for number in went]
            columns = [ways.attempts[at : at + AT_ONCE]]
            columns += [[one and getattr(one, name) for one in known] for name in PLAYED[1:]]
            rows = [pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
            writer.write_table(pa.Table.from_arrays(rows, schema=writer.schema))
    return file


def _write_decisions(ways: Ways, outcomes: Sequence[Outcome], file: Path, folder: Path) -> Path:
    """The decisions of all runs, scored by the key: a bank of distinct ones, and rows of it by number."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    bank: dict[tuple, int] = {}
    of_way = [
        np.array([bank.setdefault((*row, *way[:1]), len(bank)) for row in outcome.decisions], np.int64)
        for way, outcome in zip(ways.distinct, outcomes, strict=True)
    ]
    names = [*Decision.__dataclass_fields__]
    fields = [one for one in schema("decisions") if one.name in ("attempt", "number", "case_hash", *names)]
    kinds = {one.name: one.type for one in fields}
    rows = list(bank)
    known = {name: pa.array([row[at] for row in rows], kinds[name]) for at, name in enumerate([*names, "case_hash"])}
    about = _ids_and_origins(folder)
    whole = pa.schema(
        [*(pa.field(one.name, one.type) for one in fields), ("case_id", pa.string()), ("origin", pa.string())]
    )
    with pq.ParquetWriter(file, whole, compression="zstd") as writer:
        for at in range(0, len(ways.attempts), AT_ONCE):
            part = [(n, w) for n, w in enumerate(ways.numbers[at : at + AT_ONCE], at) if w >= 0]
            counts = [len(of_way[w]) for _, w in part]
            whose = np.repeat(np.array([n for n, _ in part], np.int64), counts)
            taken = pa.array(np.concatenate([of_way[w] for _, w in part]) if part else np.array([], np.int64))
            place = np.concatenate([np.arange(1, count + 1) for count in counts]) if part else np.array([], np.int64)
            columns = {name: column.take(taken) for name, column in known.items()}
            columns["attempt"] = pa.array(ways.attempts[at : at + AT_ONCE], pa.string()).take(pa.array(whose - at))
            columns["number"] = pa.array(place, pa.int64())
            for name in ("case_id", "origin"):
                columns[name] = about[name].take(pa.array(whose))
            writer.write_table(pa.table({one.name: columns[one.name] for one in whole}, whole))
    return file


def _ids_and_origins(folder: Path) -> pa.Table:
    """Case and origin of each attempt, in their order."""
    import pyarrow.parquet as pq

    return pq.read_table(folder / "attempts.parquet", columns=["case_id", "origin"]).combine_chunks()
