"""Tables as people have them: ours from every source, foreign ones by a column map; what is wrong is set aside and told."""

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import trainkit as tk
from trainkit.cli.main import main
from trainkit.errors import TrainkitError, UnknownName
from trainkit.exchange.columns import TABLES
from trainkit.i18n import catalog


@pytest.mark.parametrize("table", TABLES)
def test_a_folder_its_csv_and_the_log_say_the_same(there, table):
    parquet = pq.read_table(there / "out" / f"{table}.parquet").to_pandas()
    for source in (
        there / "out",
        there / "out" / f"{table}.csv",
        there / "log.sqlite3",
        f"sqlite:///{there / 'log.sqlite3'}",
    ):
        found = tk.read(source, table)
        assert found.set_aside == [] and found.notes == []
        for name in parquet:
            ours, theirs = found.rows[name], parquet[name]
            same = ours.eq(theirs) | (ours.isna() & theirs.isna())
            assert same.all() or np.allclose(ours.astype(float), theirs.astype(float), equal_nan=True), (source, name)


def test_scores_of_what_was_read_are_those_of_the_log(there):
    read = tk.scores(tk.read(there / "out" / "decisions.csv").rows)
    log = tk.scores(tk.Log(there / "log.sqlite3").decisions())
    pd.testing.assert_frame_equal(read, log, check_dtype=False)


FORM = """Участник;Случай;Сцена;Ответ;Уместность;Время
Анна;counters_a;hair;above_elastic;1,0;2026-11-29T10:00:00Z
Борис;counters_a;hair;ponytail;0,2;2026-11-29T10:01:00Z
Вера;counters_a;hair;ponytail;1,7;2026-11-29T10:02:00Z
Глеб;counters_a;Стрижка;ponytail;0,2;2026-11-29T10:03:00Z
;counters_a;hair;ponytail;0,2;вчера
"""
NAMES = {
    "Участник": "attempt",
    "Случай": "case_id",
    "Сцена": "scene",
    "Ответ": "option",
    "Уместность": "fit",
    "Время": "at",
}


@pytest.mark.parametrize(
    ("encoding", "noted"),
    [("utf-8", None), ("utf-8-sig", None), ("cp1251", "read as Windows-1251"), ("utf-16", "read as UTF-16")],
)
def test_a_forms_csv_by_a_column_map(tmp_path, encoding, noted):
    file = tmp_path / "form.csv"
    file.write_bytes(FORM.encode(encoding))
    found = tk.read(file, columns=NAMES | {"Участник": "person"})
    told = {(one.row, one.column): one.why for one in found.set_aside}
    assert told[4, "fit"] == "it is not from 0 to 1" and told[5, "scene"] == "an id has a–z, 0–9 and _"
    assert "it is no time" in told[6, "at"] and told[6, "person"] == "it must not be empty"
    assert any("semicolons" in note for note in found.notes) and any(
        "decimal commas in" in note for note in found.notes
    )
    assert any("not in the table: attempt" in note for note in found.notes)
    assert (noted is None) == (not any("UTF-8" in note for note in found.notes))
    report = found.report()
    assert "set aside" in report and 'row 4, Уместность = "1,7": it is not from 0 to 1' in report
    assert "строка 4, Уместность = «1,7»: это не от 0 до 1" in found.report(lang="ru")


def test_two_encodings_in_one_file_are_refused(tmp_path):
    """Two forms' answers put together: read as Windows-1251, the names of half of them would be garbled in silence."""
    heading, *rows = FORM.splitlines(keepends=True)
    (tmp_path / "form.csv").write_bytes(heading.encode() + rows[0].encode() + "".join(rows[1:]).encode("cp1251"))
    with pytest.raises(TrainkitError, match="has two encodings: line 1 is UTF-8, line 3 isn't") as told:
        tk.read(tmp_path / "form.csv", columns=NAMES | {"Участник": "person"})
    assert "две кодировки" in told.value.said(catalog("ru").gettext)


@pytest.mark.parametrize("table", ["decisions", "events"])
def test_a_parquet_cut_short_is_refused(there, table, tmp_path):
    whole = (there / "out" / f"{table}.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(TrainkitError, match=r"cut\.parquet can't be read"):
        tk.read(tmp_path / "cut.parquet", table)


def test_a_form_has_names_of_its_own(tmp_path):
    """Whoever it calls a person, whatever it calls a scene: used as they are; one answer stands there twice."""
    rows = ["Кто;Вопрос;Ответ;Балл", "Анна Б.;Первый звонок;Подождать;0,5", "№ 7;Первый звонок;Спросить;1"]
    file = tmp_path / "form.csv"
    file.write_text("\n".join([*rows, "№ 7;Второй звонок;Спросить;0,2", rows[1]]), "utf-8")
    found = tk.read(file, columns={"Кто": "person", "Вопрос": "scene", "Ответ": "option", "Балл": "fit"})
    assert found.rows["person"].tolist() == ["Анна Б.", "№ 7", "№ 7"] and found.rows["fit"].tolist() == [0.5, 1, 0.2]
    assert [(one.row, one.why) for one in found.set_aside] == [(5, "the same row is there before")]


def test_every_row_is_used_or_set_aside_with_a_reason(there, tmp_path):
    """Broken in every way at once: none lost, none silently used."""
    frame = pd.read_csv(there / "out" / "decisions.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig")
    n = len(frame)
    broken = {
        0: ("weight", ""), 1: ("fit", "inf"), 2: ("position", "-3"), 3: ("origin", "robot"), 4: ("on_axis", "maybe"),
        5: ("at", "29 ноября"), 6: ("number", "1.5"), 7: ("attempt", "xyz"), 8: ("seconds", "-1"), 9: ("weight", "nan"),
    }  # fmt: skip
    for row, (column, value) in broken.items():
        frame.loc[row, column] = value
    frame = pd.concat([frame, frame.iloc[[20, 21]], frame.iloc[[22]].assign(fit="0.123")], ignore_index=True)
    frame.to_csv(tmp_path / "broken.csv", index=False)
    found = tk.read(tmp_path / "broken.csv")
    rows = {one.row for one in found.set_aside}
    assert rows == {*range(2, 12), n + 2, n + 3, 24, n + 4} and len(found.rows) + len(rows) == n + 3
    why = {one.row - 1: one.why for one in found.set_aside}  # as rows of data
    assert why[1] == "it must not be empty" and why[2] == "it is infinite" and why[3] == "it is not from -1 to 1"
    assert (
        "none of person, scripted" in why[4]
        and why[7] == "it is no whole number"
        and why[8] == "it is not 32 hexadecimal digits"
    )
    assert (
        why[n + 1] == "the same row is there before"
        and why[23] == why[n + 3] == "other rows say something else of the same"
    )
    assert why[10] == "it is no number" or why[10] == "it must not be empty"


def test_two_versions_of_a_case_are_told(there, tmp_path):
    frame = pd.read_csv(there / "out" / "decisions.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig")
    racket = frame.index[frame["case_id"] == "racket_refund"]
    frame.loc[racket[:5], "case_hash"] = "a" * 64
    frame.to_csv(tmp_path / "two.csv", index=False)
    (note,) = tk.read(tmp_path / "two.csv").notes
    assert "racket_refund is there in 2 versions" in note and "aaaaaaaa (5 rows)" in note


def test_simulated_ones_are_called_so(tmp_path):
    main(["simulate", "racket_refund", "-n", "2", "--persona", "preacher", "-o", str(tmp_path / "s.sqlite3")])
    found = tk.read(tmp_path / "s.sqlite3")
    assert any(note.startswith("SYNTHETIC: ") for note in found.notes)
    assert len(tk.read(tmp_path / "s.sqlite3", synthetic=False).rows) == 0


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n", "is empty"),
        (b"a\0b,c\n1,2\n", "is no text in UTF-8"),
        (b"\xff\xfe\x98", "is no text in UTF-8, UTF-16 or Windows-1251"),
        (b"attempt,fit\n1,2,3\n", "row 2 has 3 cells, the heading 2"),
        (b"fit,fit\n1,2\n", "has the column 'fit' twice"),
        (b"who,what\n1,2\n", "no column of the table is one of decisions"),
    ],
)
def test_what_is_no_table(tmp_path, content, why):
    file = tmp_path / "table.csv"
    file.write_bytes(content)
    with pytest.raises(TrainkitError, match=why):
        tk.read(file)


def test_names_that_are_none(there, tmp_path):
    with pytest.raises(UnknownName, match="decision"):
        tk.read(there / "out", "decision")
    with pytest.raises(UnknownName, match="column of the table"):
        tk.read(there / "out", columns={"atempt": "attempt"})
    with pytest.raises(UnknownName, match="column of decisions"):
        tk.read(there / "out", columns={"attempt": "atempt"})
    with pytest.raises(TrainkitError, match="isn't there"):
        tk.read(tmp_path / "nothing.csv")
    (tmp_path / "cut.parquet").write_bytes((there / "out" / "decisions.parquet").read_bytes()[:300])
    with pytest.raises(TrainkitError, match="can't be read"):
        tk.read(tmp_path / "cut.parquet")
    (tmp_path / "empty").mkdir()
    with pytest.raises(TrainkitError, match="has no decisions"):
        tk.read(tmp_path / "empty")


def test_in_a_notebook_it_shows_itself(there):
    shown = tk.read(there / "out")._repr_html_()
    assert "set aside" in shown and "<table" in shown


FORMS = ["Время;Кто;Вопрос;Ответ;Балл;Когда;Заметка", "05.03.2024 12:12:00;А;Первый звонок;Да;0,5;до;x"]
OF_FORMS = {"Время": "at", "Кто": "person", "Вопрос": "scene", "Ответ": "option", "Балл": "fit"}


def form(folder, *rows):
    (folder / "form.csv").write_text("\n".join([*FORMS, *rows]), "utf-8")
    return folder / "form.csv"


def test_an_answer_sent_twice_is_used_once(tmp_path):
    """Whenever it was sent, and whatever stands in columns that nobody asked for; the earlier one, wherever it stands."""
    file = form(
        tmp_path, "", "05.03.2024 12:10:59;А;Первый звонок;Да;0,50;до;y", "5.3.2024 9:05;А;Второй звонок;Нет;1;до;"
    )
    found = tk.read(file, columns=OF_FORMS)
    assert [(one.row, one.why) for one in found.set_aside] == [(2, "the same row is there before")]
    assert found.rows["at"].astype(str).tolist() == ["2024-03-05 12:10:59+00:00", "2024-03-05 09:05:00+00:00"]
    file = form(tmp_path, "05.03.2024 12:10:59;А;Первый звонок;Нет;0,5;до;x")
    assert {one.row for one in tk.read(file, columns=OF_FORMS).set_aside} == {2, 3}


def test_before_and_after_are_no_doubles(tmp_path):
    file = form(tmp_path, "06.03.2024;А;Первый звонок;Нет;0;После ;x", "07.03.2024;А;Первый звонок;Нет;0;после;x")
    assert len(tk.read(file, columns=OF_FORMS).set_aside) == 3
    found = tk.read(file, columns=OF_FORMS, apart=["Когда"])
    assert [one.row for one in found.set_aside] == [4] and found.rows["Когда"].tolist() == ["до", "После "]
