"""What do the runs of an export come to when they are replayed? Tables to join: by another key, and against exact play."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trainkit.bulk.keys import Key
from trainkit.bulk.ways import Ways, Went
from trainkit.exchange.columns import schema
from trainkit.scoring.decisions import Decision

if TYPE_CHECKING:
    import pyarrow as pa

PLAYED = ("attempt", "play", "inquiry", "finished", "went_back")
_DECIDED = tuple(Decision.__dataclass_fields__)


class Runs(NamedTuple):
    """Parquet files of replayed runs, ``decisions`` by a key and what was ``played``; and how many ways there were."""

    decisions: Path | None
    played: Path | None
    distinct: int
    unplayable: dict[str, int]


def replay_runs(
    folder: Path, work: Path, kept: Path, key: Key | None, play: bool, progress: Callable[[int], object]
) -> Runs:
    """Replay the runs of an export into files of the folder ``work``; see :class:`trainkit.bulk.ways.Ways`."""
    import pyarrow.parquet as pq

    ways = Ways(folder, work, kept, key)
    ways.replay(progress)
    unplayable: dict[str, int] = {}
    decisions, played = work / "by-key.parquet", work / "played-runs.parquet"
    with ExitStack() as stack:
        by_key = as_played = None
        if key is not None:
            by_key = stack.enter_context(pq.ParquetWriter(decisions, _decisions_schema(), compression="zstd"))
        if play:
            as_played = stack.enter_context(pq.ParquetWriter(played, _played_schema()))
        for went in ways.went():
            for way in went.way:
                if why := "its facts aren't known" if way < 0 else went.outcomes[way].why:
                    unplayable[why] = unplayable.get(why, 0) + 1
            if by_key is not None:
                by_key.write_table(_decisions(went, by_key.schema))
            if as_played is not None:
                as_played.write_table(_played(went, as_played.schema))
    return Runs(decisions if key else None, played if play else None, ways.distinct, unplayable)


def _played_schema() -> pa.Schema:
    import pyarrow as pa

    kinds = (pa.string(), pa.float64(), pa.float64(), pa.bool_(), pa.bool_())
    return pa.schema(zip(PLAYED, kinds, strict=True))


def _played(went: Went, fields: pa.Schema) -> pa.Table:
    """What attempts were played like."""
    import pyarrow as pa

    known = [went.outcomes[way] if way >= 0 and not went.outcomes[way].why else None for way in went.way]
    columns = {name: [one and getattr(one, name) for one in known] for name in PLAYED[1:]}
    return pa.table({"attempt": went.attempts["attempt"], **columns}, fields)


def _decisions_schema() -> pa.Schema:
    import pyarrow as pa

    used = ("attempt", "number", "case_hash", *_DECIDED)
    fields = [pa.field(one.name, one.type) for one in schema("decisions") if one.name in used]
    return pa.schema([*fields, ("case_id", pa.string()), ("origin", pa.string())])


def _decisions(went: Went, fields: pa.Schema) -> pa.Table:
    """The decisions of attempts, scored by the key: those of each way once, and rows of them by number."""
    import pyarrow as pa

    rows = [row for outcome in went.outcomes for row in outcome.decisions]
    made = np.array([len(outcome.decisions) for outcome in went.outcomes], np.int64)
    first = np.cumsum(made) - made
    way = np.array(went.way, np.int64)
    attempt = np.flatnonzero(way >= 0)
    counts = made[way[attempt]]
    whose = np.repeat(attempt, counts)
    place = np.arange(len(whose)) - np.repeat(np.cumsum(counts) - counts, counts)
    taken = pa.array(first[way[whose]] + place)
    columns = {
        name: pa.array([row[at] for row in rows], fields.field(name).type).take(taken)
        for at, name in enumerate(_DECIDED)
    }
    columns["number"] = pa.array(place + 1)
    for name in ("attempt", "case_hash", "case_id", "origin"):
        columns[name] = went.attempts[name].take(pa.array(whose))
    return pa.table({name: columns[name] for name in fields.names}, fields)
