"""What broken files have found once: each is refused in a sentence since."""

import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.logs import filled
from support.places import ROOT, TEST_CASES

import trainkit as tk
from trainkit.audit import reading
from trainkit.cli.main import main
from trainkit.editor.draft import Draft
from trainkit.errors import TrainkitError
from trainkit.exchange.folder import export_folder
from trainkit.exchange.incoming import import_runs
from trainkit.exchange.log_tables import Reading
from trainkit.files import casebook
from trainkit.log.store import Log
from trainkit.room.agenda_file import read_agenda


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("out")
    log = filled(Log(folder / "log.sqlite3"))
    export_folder(Reading(log), folder / "out")
    log.close()
    return folder / "out"


@pytest.fixture
def changed(out, tmp_path):
    """The export with one of its tables changed."""
    import shutil

    def change(table, how):
        folder = shutil.copytree(out, tmp_path / "changed")
        pq.write_table(how(pq.read_table(folder / f"{table}.parquet")), folder / f"{table}.parquet")
        return folder

    return change


def other(name, make):
    def change(table):
        values = make(table[name].to_pylist())
        return table.set_column(table.column_names.index(name), name, pa.array(values))

    return change


@pytest.mark.parametrize(
    ("table", "how", "said"),
    [
        ("people", lambda table: table.drop_columns(["participant"]), 'people.parquet "participant"'),
        ("cases", other("case_hash", lambda values: [[one] for one in values]), "string is wanted"),
        ("cases", other("source", lambda values: [7 for _ in values]), "string is wanted"),
        ("events", other("step", lambda values: [str(one) for one in values]), "int64 is wanted"),
        ("attempts", lambda table: table.append_column("seed", table["seed"]), "has the column \"seed\" twice"),
    ],
)  # fmt: skip
def test_an_import_of_other_columns_or_kinds(changed, store, table, how, said):
    with pytest.raises(TrainkitError) as refused:
        import_runs(store, changed(table, how))
    assert said in str(refused.value)


def test_an_import_of_rows_that_are_no_run(changed, store):
    done = import_runs(store, changed("attempts", other("fixed", lambda values: ["{", *values[1:]])))
    assert done.refused == 1 and done.added > 10 and "is no run: it was changed" in done.told[0]


def test_a_log_whose_rows_were_changed(tmp_path, capsys):
    import sqlite3

    log = filled(Log(tmp_path / "log.sqlite3"))
    log.close()
    with sqlite3.connect(log.file) as connection:
        connection.execute("DROP TRIGGER events_no_update")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("UPDATE events SET at = 'yesterday' WHERE step = 0")
    connection.close()
    assert main(["export", "-o", str(tmp_path / "out"), "--database", str(log.file)]) == 2
    assert "so it was changed" in capsys.readouterr().err


def test_a_log_without_one_of_its_tables(tmp_path, capsys):
    import sqlite3

    log = filled(Log(tmp_path / "log.sqlite3"))
    log.close()
    with sqlite3.connect(log.file) as connection:
        connection.execute("DROP TABLE codes")
    connection.close()
    assert main(["export", "-o", str(tmp_path / "out"), "--database", str(log.file)]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_column_twice(tmp_path):
    table = pa.table({"fit": [0.5], "x": ["a"]})
    pq.write_table(table.append_column("fit", table["fit"]), tmp_path / "twice.parquet")
    with pytest.raises(TrainkitError, match='the column "fit" twice'):
        tk.read(tmp_path / "twice.parquet")
    file = tmp_path / "twice.csv"
    file.write_text("fit,балл\n0.5,0.5\n", "utf-8")
    with pytest.raises(TrainkitError, match='the table has the column "fit" twice'):
        tk.read(file, columns={"балл": "fit"})
    decisions = pd.DataFrame({"attempt": ["a"], "scene": ["s"]})
    pq.write_table(pa.Table.from_pandas(decisions).append_column("scene", pa.array(["s"])), tmp_path / "two.parquet")
    assert main(["score", str(tmp_path / "two.parquet"), "-o", str(tmp_path / "s.parquet")]) == 2


def test_a_key_of_a_sheet_with_other_cells():
    _, key = reading.sheet([casebook.load_case(TEST_CASES / "late_parcel")], "replies", "ru", 1)
    head, first, *rest = key.splitlines()
    for wrong in ("0x10" + first[1:], first + ",x", first.rpartition(",")[0]):
        with pytest.raises(TrainkitError, match="the key"):
            reading.found_in("1 a", "\n".join((head, wrong, *rest)))


def test_an_agenda_that_names_no_case_by_far(tmp_path):
    file = tmp_path / "friday.yml"
    file.write_text(f"- case: {'1' * 500}\n", "utf-8")
    with pytest.raises(TrainkitError, match="unknown case"):
        read_agenda(file)


def test_a_draft_whose_way_back_was_cut(tmp_path):
    import shutil

    place = shutil.copytree(ROOT / "tests" / "casebook" / "late_parcel", tmp_path / "late_parcel")
    draft = Draft(place)
    draft.edit({"do": "set", "path": ["title"], "value": "Другое"})
    draft.leave()
    file = place / ".case.draft.json"
    data = json.loads(file.read_text("utf-8"))
    data["undo"] = [{"in": "title"}]
    file.write_text(json.dumps(data), "utf-8")
    again = Draft(place)
    again.undo()
    assert again.document["case"]["id"] == "late_parcel"
    again.leave()


def test_a_translation_of_another_case_looks_for_few_names(tmp_path, monkeypatch):
    """What is like each of hundreds of names took twenty seconds."""
    import shutil

    from trainkit.files import translation

    asked = []
    real = translation.suggest
    monkeypatch.setattr(translation, "suggest", lambda got, known: asked.append(got) or real(got, known))
    place = shutil.copytree(ROOT / "casebook" / "boundaries", tmp_path / "boundaries")
    shutil.copy(ROOT / "casebook" / "advice_or_service" / "text.en.yml", place)
    casebook.load_case(place)
    assert len(casebook.left_out(place)) > translation.FEW and 0 < len(asked) <= translation.FEW + 1
