"""What people wrote as tables: names out, redactions told, codes beside; nothing that a spreadsheet would run."""

import csv

import pandas as pd
import pytest
from support.logs import filled
from support.own_words import spoken

from trainkit.analysis.own_words import agreement
from trainkit.cli.main import main
from trainkit.errors import TrainkitError
from trainkit.exchange.folder import export_folder
from trainkit.exchange.log_tables import Reading, Wanted
from trainkit.exchange.own_words import export_words, names_in
from trainkit.log.codes import add_code, written
from trainkit.log.store import Log


@pytest.fixture
def log(tmp_path):
    log = spoken(Log(tmp_path / "log.sqlite3"))
    for number, one in enumerate(written(log)):
        add_code(log, one, "sides", "first", ("off", "centric")[number % 2])
        add_code(log, one, "sides", "second", "centric")
    yield log
    log.close()


def table(folder, name):
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def test_texts_have_no_names(log, tmp_path):
    done = export_words(Reading(log, Wanted(names=False)), tmp_path / "out")
    texts = table(tmp_path / "out", "texts")
    said = {row["text"]: row for row in texts}
    assert "Верну деньги, [name] это важно" in said and "Позвоните [name] [name]: [phone]" in said
    assert "Так не говорят, позвоните мне: [mail]" in said and "Нет, <b>по правилам</b> не положено" in said
    assert done.texts == len(texts) == 8 and done.taken == {
        "name": 1,
        "capitalised": 1,
        "participant": 1,
        "phone": 1,
        "mail": 1,
    }
    assert {row["kind"] for row in texts} == {"words", "disagree"}
    whole = " ".join(row["text"] for row in texts)  # an attempt's id may have any digits
    assert not any(name in whole for name in ("Анн", "Борис", "Петров", "912", "mail.ru"))


def test_every_redaction_is_told_by_its_place(log, tmp_path):
    export_words(Reading(log, Wanted(names=False)), tmp_path / "out")
    export_words(Reading(log, Wanted(names=False)), tmp_path / "whole", redact=False)
    plain = {(row["attempt"], row["step"]): row["text"].lstrip("'") for row in table(tmp_path / "whole", "texts")}
    rows = table(tmp_path / "out", "redactions")
    found = {plain[row["attempt"], row["step"]][int(row["start"]) :][: int(row["length"])] for row in rows}
    assert found == {"Анне", "Ивану", "Петрову", "+7 912 345-67-89", "anna@mail.ru"}
    counts = {(row["attempt"], row["step"]): int(row["redacted"]) for row in table(tmp_path / "out", "texts")}
    assert sum(counts.values()) == len(rows) and table(tmp_path / "whole", "redactions") == []


def test_codes_come_along_as_they_are_analysed(log, tmp_path):
    done = export_words(Reading(log, Wanted(names=False)), tmp_path / "out")
    codes = pd.read_csv(tmp_path / "out" / "codes.csv", encoding="utf-8-sig")
    assert done.codes == len(codes) == 12
    assert agreement(codes, rounds=10)["same"].tolist() == [0.5]


def test_people_are_those_of_other_exports(log, tmp_path):
    export_words(Reading(log, Wanted(names=False)), tmp_path / "out")
    export_folder(Reading(log, Wanted(names=False)), tmp_path / "tables")
    people = {row["person"] for row in table(tmp_path / "tables", "people")}
    assert {row["person"] for row in table(tmp_path / "out", "texts")} <= people


def test_rooms_names_and_formulas(tmp_path):
    log = filled(Log(tmp_path / "log.sqlite3"))
    assert {"Анна", "=cmd", "Сойка", "Соечка", "Тролль"} <= names_in(log)
    export_words(Reading(log), tmp_path / "out")
    log.close()
    texts = table(tmp_path / "out", "texts")
    assert {row["text"] for row in texts} >= {"'=1+1", "'-потому что", "''так'"}
    assert names_in(Log(tmp_path / "none.sqlite3")) == set()


def test_a_folder_that_has_something_in_it(log, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").touch()
    with pytest.raises(TrainkitError, match="has something in it"):
        export_words(Reading(log), tmp_path / "out")
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["mine"]


@pytest.mark.parametrize(("lang", "said"), [("ru", "Имена убраны не наверняка"), ("en", "Redaction is not perfect")])
def test_the_command_says_what_it_did_and_that_it_is_not_perfect(log, tmp_path, capsys, lang, said):
    args = ["words", "--database", str(tmp_path / "log.sqlite3"), "-o", str(tmp_path / "out"), "--lang", lang]
    assert main(args) == 0
    printed = capsys.readouterr().out
    assert said in printed and "[phone]" in printed and ("8 текстов" if lang == "ru" else "8 texts") in printed
    assert main([*args[:4], str(tmp_path / "as_written"), "--as-written"]) == 0
    assert "Redaction" not in capsys.readouterr().out
