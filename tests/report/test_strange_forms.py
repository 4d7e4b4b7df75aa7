"""A form that isn't ours, as it comes: times in any order of rows, names spelt anyhow, doubles, and nothing but scores."""

import csv
import random
import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from trainkit.analysis.careless import always_the_same
from trainkit.analysis.sentences import of_fit, of_position
from trainkit.analysis.summary import mean
from trainkit.cli.main import main
from trainkit.errors import TrainkitError, UnknownName
from trainkit.report.findings import findings
from trainkit.report.page import page
from trainkit.report.source import load
from trainkit.report.times import BY_AT, BY_WORDS, in_order

HEADS = ("Отметка", "Имя", "Группа", "Когда", "Кейс", "Сцена", "Ответ", "Балл")
NAMES = {"Имя": "person", "Кейс": "case_id", "Сцена": "scene", "Ответ": "option", "Балл": "fit"}


def made(people=40, times=("до", "после"), seed=1):
    """Everybody at both times in two cases of four scenes; who is odd gains more."""
    dice = np.random.default_rng(seed)
    rows = []
    for p in range(people):
        skill = dice.normal(0.4, 0.15)
        for t, time in enumerate(times):
            for s in range(8):
                fit = float(np.clip(round((skill + t * (0.1 + 0.15 * (p % 2)) + dice.normal(0, 0.2)) * 4) / 4, 0, 1))
                when = f"{5 + 14 * t:02}.03.2024 {9 + p % 9:02}:{s:02}:00"
                rows.append(
                    (when, f"Имя {p}", "АБ"[p % 2], time, f"Кейс {s // 4}", f"Сцена {s}", "абвгд"[int(fit * 4)], fit)
                )
    return rows


def written(folder, rows, heads=HEADS, name="form.csv"):
    with (folder / name).open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([heads, *rows])
    return folder / name


def shuffled(rows, seed=7):
    rows = list(rows)
    random.Random(seed).shuffle(rows)
    return rows


@pytest.mark.parametrize(
    "names",
    [
        ("до", "после"), ("До обучения", "После обучения"), ("before", "AFTER"), ("pre", "post"), ("pre-test", "post-test"),
        ("1", "2"), ("2", "10"), ("I", "II"), ("T0", "T1"), ("1-й замер", "2-й замер"), ("замер 1", "замер 2"),
        ("первый", "второй"), ("05.03.2024", "01.04.2024"), ("2024-03-05", "2024-04-01"), ("31.12.2023", "02.01.2024 10:00"),
        ("входной", "итоговый"), ("Before", "After", "Follow-up"), ("before 2nd workshop", "after 1st workshop"),
    ],
)  # fmt: skip
def test_the_order_of_times_is_what_they_are_called(names):
    for rows in (names, names[::-1]):
        assert in_order(pd.DataFrame({"_wave": rows}), "Когда") == (list(names), BY_WORDS)


@pytest.mark.parametrize(
    "names", [("осень", "весна"), ("А", "Б"), ("до", "1"), ("1", "01"), ("до", "pre"), ("1 a", "2 b")]
)
def test_where_nothing_tells_it_is_asked_for(names):
    frame = pd.DataFrame({"_wave": names})
    with pytest.raises(TrainkitError, match="Their names don’t tell") as told:
        in_order(frame, "Когда")
    assert all(f"“{name}”" in str(told.value) for name in names) and "--order" in str(told.value)
    assert in_order(frame, "Когда", names[::-1])[0] == list(names[::-1])
    with pytest.raises(UnknownName, match="unknown time"):
        in_order(frame, "Когда", ["никогда", names[0]])
    with pytest.raises(TrainkitError, match="two times or more"):
        in_order(frame, "Когда", [names[0]])


def test_when_answers_were_given_goes_before_names_and_is_of_the_same_people():
    """The many that came in spring only don't make spring the earlier time of those who came in both."""
    at = pd.to_datetime(["2024-03-01", "2024-10-01", *["2023-01-01"] * 5], utc=True)
    frame = pd.DataFrame({"_wave": ["2", "1", *["1"] * 5], "person": ["a", "a", *"bcdef"], "at": at})
    assert in_order(frame, "Когда") == (["2", "1"], BY_AT)


@pytest.mark.slow
@pytest.mark.parametrize("times", [("до", "после"), ("осень", "весна")])
@pytest.mark.parametrize("dated", [False, True])
def test_shuffled_rows_give_the_same_page(tmp_path, times, dated):
    names = NAMES | ({"Отметка": "at"} if dated else {})
    order = times if times[0] == "осень" and not dated else None
    pages = []
    for rows in (made(times=times), made(times=times)[::-1], shuffled(made(times=times))):
        source = load(written(tmp_path, rows), names, group="Группа", time="Когда", order=order)
        assert source.waves == [*times] and source.read.set_aside == [] and source.again == 0
        pages.append(page(source, "ru"))
    assert pages[0] == pages[1] == pages[2]
    assert "считается его первый ответ" in pages[0]


def test_scenes_are_of_the_first_time(tmp_path):
    """As the page says: of a scene met twice the first answer counts."""
    rows = made()
    source = load(written(tmp_path, shuffled(rows)), NAMES, time="Когда")
    first = pd.DataFrame([row for row in rows if row[3] == "до"], columns=HEADS)
    (picture,) = [one for one in findings(source, "en").pictures if "best" in one.table and "item_rest" in one.table]
    best = first["Балл"].eq(
        pd.DataFrame(rows, columns=HEADS).groupby("Сцена")["Балл"].max().reindex(first["Сцена"]).values
    )
    wanted = best.groupby(first["Сцена"]).mean().sort_values()
    assert picture.table["best"].tolist() == pytest.approx(wanted.tolist())


def test_changes_of_groups_are_compared(tmp_path):
    rows = pd.DataFrame(made(), columns=HEADS)
    means = rows.groupby(["Имя", "Группа", "Когда"])["Балл"].mean().mul(100).unstack().reset_index()
    gain = means["после"] - means["до"]
    test = stats.ttest_ind(gain[means["Группа"] == "Б"], gain[means["Группа"] == "А"], equal_var=False)
    low, high = test.confidence_interval()
    said = [line.said for line in findings(load(written(tmp_path, made()), NAMES, "Группа", "Когда"), "en").lines]
    (line,) = [one for one in said if "changes compared" in one]
    assert f"{low:.1f} to {high:.1f}" in line.replace("\N{MINUS SIGN}", "-")


@pytest.mark.slow
def test_more_set_aside_than_left_is_refused(tmp_path, capsys):
    """Two times and nobody said so: a page would be of what little isn't there twice."""
    file, out = written(tmp_path, made()), tmp_path / "r.html"
    mapped = [part for pair in NAMES.items() for part in ("--column", "=".join(pair))]
    assert main(["report", str(file), *mapped, "-o", str(out)]) == 2 and not out.exists()
    said = capsys.readouterr().err
    assert "отложено строк" in said and "--time" in said and not re.search(r"[a-z]{4,} [a-z]{4,} [a-z]{4,}", said)
    assert main(["report", str(file), *mapped, "--time", "Когда", "-o", str(out)]) == 0


def test_the_shortest_way_prints_no_answers(tmp_path):
    """Name, scene, score: nobody chose “”."""
    rows = [(name, scene, fit) for *_, name, _, _, _, scene, _, fit in made(times=("до",))]
    file = written(tmp_path, rows, ("Имя", "Сцена", "Балл"))
    source = load(file, {"Имя": "person", "Сцена": "scene", "Балл": "fit"})
    html = page(source, "ru")
    assert (
        "«»" not in html
        and "Чаще всего" not in html
        and not any("option" in one.table for one in findings(source, "ru").pictures)
    )


@pytest.mark.slow
def test_names_of_groups_and_times_are_joined_and_told(tmp_path):
    rows = [list(row) for row in made()]
    for row in rows:
        row[2] = {"Имя 1": "Б ", "Имя 3": "б"}.get(row[1], row[2])
        row[3] = "\N{NO-BREAK SPACE}После" if row[1] == "Имя 4" and row[3] == "после" else row[3]
        if row[1] == "Имя 6" and row[3] == "после":
            row[2] = "Б"  # was in А
        if row[1] == "Имя 7" and row[3] == "после":
            row[1] = "имя\N{NO-BREAK SPACE}7"
    source = load(written(tmp_path, rows), NAMES, "Группа", "Когда")
    assert source.groups == ["А", "Б"] and source.waves == ["до", "после"]
    told = " ".join(findings(source, "en").counts)
    assert "“б” is taken for “Б”" in told and "“После” is taken for “после”" in told
    assert "in more than one group, left out of comparisons: 1." in told
    assert "People: 41, of whom 2 differ" in told
    clean = [row for row in rows if row[1] not in ("Имя 6", "Имя 7", "имя\N{NO-BREAK SPACE}7")]
    lines = findings(load(written(tmp_path, clean), NAMES, "Группа", "Когда"), "en").lines
    assert {one.said for one in lines if "changes compared" in one.said} <= {
        one.said for one in findings(source, "en").lines
    }


def test_which_of_three_times_are_compared_is_told(tmp_path):
    rows = made(times=("до", "после", "через год"))
    source = load(written(tmp_path, rows), NAMES, time="Когда")
    assert source.waves == ["до", "после", "через год"]
    assert "Compared are “до” and “через год”; what is of all times together has “после”" in source.told[0]
    source = load(written(tmp_path, rows), NAMES, time="Когда", order=["ДО", "после"])
    assert source.waves == ["до", "после"] and "has “через год” as well" in source.told[0]
    page(source, "ru")


def test_ways_are_drawn_only_where_places_are_known(tmp_path):
    """Where a row is missing everybody would seem to have jumped."""
    rows = made()[: 8 * 60]
    file = written(tmp_path, [*rows[:20], *rows[21:]])
    assert not any("step" in one.table for one in findings(load(file, NAMES, time="Когда"), "ru").pictures)


@pytest.mark.slow
@pytest.mark.parametrize("where", ["both", "one"])
def test_where_nobody_came_again_is_told_in_words(tmp_path, where):
    rows = [
        row
        for row in made()
        if row[3] == ("до" if int(row[1][4:]) < 20 else "после") or (where == "one" and row[2] == "А")
    ]
    said = " ".join(line.said for line in findings(load(written(tmp_path, rows), NAMES, "Группа", "Когда"), "ru").lines)
    assert {"both": "ни в одной из групп никто не отвечал и до, и после", "one": "О группе «Б» сказать нельзя"}[
        where
    ] in said
    assert "got" not in said and "has two groups" not in said


def test_an_interval_never_leaves_the_scale():
    wide = mean([0, 0, 100])
    assert wide.interval[0] < 0 and "too few for an interval" in of_fit(wide, "en") and "95" not in of_fit(wide, "en")
    said = of_position(mean([-100, 90, 100]), "ru", 10).replace("\N{NO-BREAK SPACE}", " ")
    assert "вышел бы за шкалу" in said and "просят в среднем +10,0" in said
    assert "интервал 95 %" in of_position(mean([-10, 10, 0, 3, 4]), "ru").replace("\N{NO-BREAK SPACE}", " ")


def test_who_always_gave_the_same_answer_is_counted(tmp_path):
    rows = [(*row[:6], "б" if row[1] == "Имя 9" else row[6], row[7]) for row in made()]
    found = always_the_same(load(written(tmp_path, rows), NAMES, time="Когда").decisions)
    assert found.loc[found["always"], "person"].tolist() == ["Имя 9"]
    said = [line.said for line in findings(load(written(tmp_path, rows), NAMES, time="Когда"), "en").lines]
    assert any(one.startswith("1 of 40 people") and "the same answer" in one for one in said)


def test_what_may_be_all_or_nothing_is_no_finding_to_begin_with(tmp_path):
    """Two cases tell nothing of cases where scenes within them differ much: 0 % (0 %–100 %) stays further down."""
    dice = np.random.default_rng(5)
    hard = [[s % 3 / 4 + s // 3 * 0.5 for s in range(6)]] * 20 + dice.normal(0, 0.05, (20, 6))
    rows = [
        ("", f"Имя {p}", "", "до", f"Кейс {s // 3}", f"Сцена {s}", "а", round(float(np.clip(hard[p][s], 0, 1)), 2))
        for p in range(20)
        for s in range(6)
    ]
    found = findings(load(written(tmp_path, rows), NAMES), "en")
    assert "100%" in found.reliability[0].said.replace("\N{NO-BREAK SPACE}", "")
    assert not any("Of all that differs" in line.said for line in found.lines)


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["ru", "en"])
def test_all_that_is_printed_is_in_one_language(tmp_path, capsys, lang):
    rows = [list(map(str, row)) for row in made()]
    rows[3][7], rows[9][7], rows[12][1] = "1.7", "н/д", ""
    mapped = [part for pair in NAMES.items() for part in ("--column", "=".join(pair))]
    out = tmp_path / "r.html"
    assert (
        main(["report", str(written(tmp_path, rows)), *mapped, "--time", "Когда", "--lang", lang, "-o", str(out)]) == 0
    )
    said = capsys.readouterr().err
    wanted = {"ru": "строка 5, Балл = «1.7»: это не от 0 до 1", "en": 'row 5, Балл = "1.7": it is not from 0 to 1'}[
        lang
    ]
    assert wanted in said and wanted in out.read_text("utf-8").replace("&#34;", '"').replace("\N{NO-BREAK SPACE}", " ")
    assert lang == "en" or not re.search(r"\b(?:rows?|not in|it is)\b", said)
