"""No cell of a CSV is a formula to any spreadsheet, and what was written is read again as it was."""

import csv

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainkit.bulk.score_files import _as_csv
from trainkit.exchange.cells import as_text, as_texts, from_text

RISKY = [
    *("=1+1", "+1", "-1", "@SUM(A1)", "|cmd", "\t=1", "\r=1", "\n=1", "  =1+1", "\N{NO-BREAK SPACE}=1", "\u3000＝1"),
    *("＝1+1", "＋7", "－1", "＠SUM(A1)", "｜cmd", "﹦1", "﹣1", "\u22121", "\u20101", "\u20111", "\u20131", "\u20141"),
    *("\u200b=1", "\ufeff=1", "'=1", "'"),
]
PLAIN = ["", "1+1", "a=b", "so - or so", "Wren", "Чиж", " spaced", "«так»", "100 %", "1"]


@pytest.mark.parametrize("words", RISKY)
def test_what_a_spreadsheet_might_run_is_text(words):
    assert as_text(words) == f"'{words}"


@pytest.mark.parametrize("words", PLAIN)
def test_other_words_stay_as_they_are(words):
    assert as_text(words) == words


@given(st.text() | st.sampled_from(RISKY))
def test_what_was_written_is_read_again(words):
    assert from_text(as_text(words)) == words


@given(st.lists(st.none() | st.text() | st.sampled_from(RISKY)))
def test_a_whole_column_is_written_as_single_cells_are(column):
    cells = as_texts(pa.chunked_array([pa.array(column, pa.string())])).to_pylist()
    assert cells == [words if words is None else as_text(words) for words in column]


def test_scores_of_somebody_s_table_are_no_formulas(tmp_path):
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"attempt": ["＝1", "a"], "fit": [-0.5, 1.0]}), tmp_path / "scores.parquet")
    _as_csv(tmp_path / "scores.parquet", tmp_path / "scores.csv")
    with (tmp_path / "scores.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [*csv.reader(file)] == [["attempt", "fit"], ["'＝1", "-0.5"], ["a", "1"]]
