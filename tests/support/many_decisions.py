"""Decisions of many simulated people as Parquet, in the columns and the order of an export; millions in a minute."""

import uuid
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from trainkit.audit.crowd import _after, _chosen, _some
from trainkit.audit.people import ALIKE, draw
from trainkit.audit.state_table import StateTable
from trainkit.exchange.columns import schema
from trainkit.files import casebook
from trainkit.scoring.decisions import Decision

CASES = (
    "racket_refund",
    "cancer_misdiagnosis",
    "appendicitis",
    "boundaries",
    "second_place",
    "counters_a",
    "counters_b",
)
BLOCK = 20_000  # attempts played together


class _Bank:
    """Every decision there has been in a case: a row for each state and option, in the order of their first use."""

    def __init__(self, case):
        self.case, self.table = case, StateTable(case)
        self.numbers = np.full((256, self.table.width), -1)
        self.rows = []

    def of(self, state, option):
        while len(self.numbers) <= state.max():
            self.numbers = np.concatenate([self.numbers, np.full_like(self.numbers, -1)])
        for s, o in np.unique(np.column_stack([state, option]), axis=0):
            if self.numbers[s, o] < 0:
                place = self.table.place(int(s))
                self.numbers[s, o] = len(self.rows)
                self.rows.append(place.decision(place.open[o]))
        return self.numbers[state, option]


def _played(bank, people, dice):
    """(whose, decision number) of every scored decision, in order."""
    table, n = bank.table, len(people.lean)
    state, on = table.begins[np.arange(n) % len(table.begins)], np.arange(n)
    seen = np.zeros((n, len(table.scenes)), bool)
    whose, numbers, turns = [], [], []
    for turn in range(1_000):
        table.know(np.unique(state[on]))
        on = on[table.arrays["open"][state[on]] > 0]
        if not len(on):
            break
        here = state[on]
        option = _chosen(table, here, _some(people, on), dice)
        scene = table.arrays["scene"][here]
        deciding = ~seen[on, scene] & (table.arrays["open"][here] > 1)
        seen[on, scene] = True
        whose.append(on[deciding])
        numbers.append(bank.of(here[deciding], option[deciding]))
        turns.append(np.full(deciding.sum(), turn))
        state[on] = _after(table, here, option, dice)
    whose, numbers, turns = map(np.concatenate, (whose, numbers, turns))
    order = np.lexsort((turns, whose))
    return whose[order], numbers[order]


def write_decisions(folder: Path, rows: int, seed: int = 1, a_file: int = 500_000, block: int = BLOCK) -> int:
    """Write at least so many decisions of people alike into files of a folder; gives how many there are."""
    folder.mkdir(parents=True)
    fields, dice, written, waiting, held = schema("decisions"), np.random.default_rng(seed), 0, [], 0
    banks = [_Bank(casebook.load_case(name)) for name in CASES]
    number = files = 0
    while written + held < rows:
        bank = banks[number % len(banks)]
        whose, decisions = _played(bank, draw(ALIKE, block, seed + number), dice)
        waiting.append(_table(bank, whose, decisions, block, dice, fields))
        held += len(whose)
        number += 1
        if held >= a_file or written + held >= rows:
            pq.write_table(pa.concat_tables(waiting), folder / f"decisions-{files:04}.parquet", compression="zstd")
            written, held, waiting, files = written + held, 0, [], files + 1
    return written


def _table(bank, whose, numbers, block, dice, fields):
    names = [uuid.UUID(bytes=dice.bytes(16)).hex for _ in range(block)]
    starts = np.searchsorted(whose, np.arange(block))
    of_decision = {name: [getattr(row, name) for row in bank.rows] for name in Decision.__dataclass_fields__}
    fixed = {
        "workshop": None, "case_id": bank.case.id, "case_hash": bank.case.hash, "condition": None, "lang": "ru",
        "origin": "synthetic", "finished": True, "went_back": False, "seconds": 9.0, "at": 0,
    }  # fmt: skip
    columns = []
    for field in fields:
        if field.name in of_decision:
            column = pa.array(of_decision[field.name], field.type).take(pa.array(numbers))
        elif field.name in ("attempt", "person"):
            column = pa.array(names).take(pa.array(whose))
        elif field.name == "number":
            column = pa.array(np.arange(len(whose)) - starts[whose] + 1)
        else:
            column = pa.repeat(pa.scalar(fixed[field.name], field.type), len(whose))
        columns.append(column)
    return pa.Table.from_arrays(columns, schema=fields)
