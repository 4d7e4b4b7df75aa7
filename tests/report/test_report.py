"""A report of anything: the numbers are those of the functions, what is wrong is a sentence, what is missing is said."""

import csv
import json
import re
import shutil
import subprocess
from html import unescape

import pandas as pd
import pytest
from support.places import ROOT

import trainkit as tk
from trainkit.analysis import summary
from trainkit.analysis.groups import adjusted
from trainkit.cli.main import main
from trainkit.errors import TrainkitError, UnknownName
from trainkit.report.findings import findings, names
from trainkit.report.page import page
from trainkit.report.source import load

SAMPLE = ROOT / "data" / "sample"
NAMES = {"Имя": "person", "Сцена": "scene", "Ответ": "option", "Балл": "fit"}


def plain(html):
    """What a reader sees: text without tags and no-break spaces."""
    text = re.sub(r"<style>.*?</style>", "", html, flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text))).replace("\N{NO-BREAK SPACE}", " ")


def sane(html):
    """Whole in itself, and no number that is none before anybody."""
    assert "<script" not in html and not re.search(r"(?:src|href)=\"(?!data:)", html)
    assert not re.search(r"\b(?:nan|NaN|None|inf)\b", plain(html))
    alts = re.findall(r'<img [^>]*alt="([^"]*)"', html)
    assert all(len(alt) > 20 for alt in alts)
    return plain(html)


def written(folder, rows, heads=("Имя", "Сцена", "Ответ", "Балл")):
    file = folder / "form.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([heads, *rows])
    return file


def answers(people=12, scenes=4, fit=lambda person, scene: (person * 7 + scene * 3) % 5 / 4):
    return [(f"п{p}", f"с{s}", f"o{(p + s) % 3}", fit(p, s)) for p in range(people) for s in range(scenes)]


@pytest.fixture(scope="module")
def sample():
    return load(SAMPLE, group="group", time="wave")


@pytest.fixture(scope="module", params=["ru", pytest.param("en", marks=pytest.mark.slow)])
def told(sample, request):
    return request.param, page(sample, request.param)


# ---- the sample ---------------------------------------------------------------------------------------------------


def test_the_page_is_whole_and_says_that_it_is_synthetic(told):
    lang, html = told
    text = sane(html)
    label = {"ru": "СИНТЕТИЧЕСКИЕ ДАННЫЕ: никто не отвечал", "en": "SYNTHETIC DATA: nobody answered"}[lang]
    assert label in text and html.count("<figure>") >= 8 == html.count("<img ") - html.count("<figure>") + 8
    assert "@page { size: A4" in html and html.count("<h1>") == 1
    assert not re.search(r"synthetic \d{3}|[0-9a-f]{32}", text), "nobody is named, not even by a number"


def test_it_says_what_the_functions_say(sample, told):
    lang, html = told
    parts = summary.people(sample.decisions, by=["person", "_group", "_wave"])
    both = parts.pivot(index=["person", "_group"], columns="_wave", values="fit").reset_index()
    found = adjusted(both, "after", "_group", "before")
    numbers = [f"{abs(one):.1f}".replace(".", "," if lang == "ru" else ".") for one in (found.value, *found.interval)]
    value, low, high = numbers[0], *sorted(numbers[1:])
    sentence = {
        "ru": f"на {value} балла (интервал 95 %: от {low} до {high}; ",
        "en": f"is {value} points above “untrained” (95 % interval {low} to {high}; ",
    }
    assert sentence[lang] in plain(html)
    mean = summary.mean(summary.people(sample.decisions)["fit"]).value
    assert f"{mean:.1f}".replace(".", "," if lang == "ru" else ".") in plain(html)


@pytest.mark.slow
def test_what_the_training_did_is_found(sample):
    """Truth: it adds to the skill of the trained alone, so they gain, and the others needn't."""
    lines = [line.said for line in findings(sample, "en").lines]
    assert any("“trained”, the same people before and after" in line and "points more" in line for line in lines)
    assert any("“trained” is" in line and "above “untrained”" in line for line in lines)


@pytest.mark.slow
def test_who_was_there_once_and_what_was_broken_off_is_counted(sample):
    counts = " ".join(findings(sample, "en").counts)
    design = pd.read_csv(SAMPLE / "design.csv", encoding="utf-8-sig")
    once = (design.groupby("person")["wave"].nunique() == 1).sum()
    finished = tk.read(SAMPLE, "attempts").rows["finished"]
    assert f"left out of before and after: {once}." in counts
    assert (
        sample.unfinished <= (~finished).sum()
        and f"broken off, counted as far as they went: {sample.unfinished}." in counts
    )


def test_the_command_writes_it(tmp_path, capsys):
    file = tmp_path / "report.html"
    assert main(["report", str(SAMPLE), "-o", str(file), "--lang", "en"]) == 0
    assert "What the answers show" in file.read_text("utf-8") and str(file) in capsys.readouterr().out


# ---- somebody else's table ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_a_form_is_reported_on_by_a_column_map(tmp_path, capsys, lang):
    file, out = written(tmp_path, answers()), tmp_path / "r.html"
    mapped = [part for pair in NAMES.items() for part in ("--column", "=".join(pair))]
    assert main(["report", str(file), *mapped, "--lang", lang, "-o", str(out)]) == 0
    text = sane(out.read_text("utf-8"))
    mean = pd.DataFrame(answers(), columns=["p", "s", "o", "fit"]).groupby("p")["fit"].mean().mean() * 100
    assert f"{mean:.1f}".replace(".", "," if lang == "ru" else ".") in text
    assert {"ru": "Людей: 12, прохождений: 12", "en": "People: 12, attempts: 12"}[lang] in text
    assert "fit_max" in text  # what was taken for granted
    assert {"ru": "наугад", "en": "blindly"}[lang] not in text, "what chance gives isn't known"
    assert "case/" not in text and "с0" in text
    assert "SYNTHETIC" not in text and "СИНТЕТИЧ" not in text


def test_groups_come_from_a_list_of_ones_own(tmp_path):
    """By whoever answered, in any order, with somebody unknown and somebody missing."""
    file = written(tmp_path, answers(20))
    groups = tmp_path / "groups.csv"
    groups.write_text(
        "person;школа\n" + "".join(f"п{p};{'АБ'[p % 2]}\n" for p in reversed(range(1, 20))) + "чужой;А\n", "utf-8"
    )
    given = load(file, NAMES, group="школа", design=groups)
    assert given.groups == ["А", "Б"] and given.no_group == 1
    assert "“А”" in " ".join(line.said for line in findings(given, "en").lines)


def test_groups_come_by_pseudonym(tmp_path):
    folder = tmp_path / "export"
    folder.mkdir()
    for table in ("decisions", "people"):
        (folder / f"{table}.csv").write_bytes((SAMPLE / f"{table}.csv").read_bytes())
    people = pd.read_csv(SAMPLE / "people.csv", encoding="utf-8-sig")
    people.assign(half=people.index % 2)[["participant", "half"]].to_csv(tmp_path / "halves.csv", index=False)
    given = load(folder, group="half", design=tmp_path / "halves.csv")
    assert given.groups == ["0", "1"] and given.no_group == 0
    assert given.decisions.groupby("person")["_group"].nunique().max() == 1


def test_three_groups_are_told_and_shown(tmp_path):
    rows = [(*row, f"г{index // 4 % 3}") for index, row in enumerate(answers(15))]
    given = load(written(tmp_path, rows, (*NAMES, "Группа")), NAMES, group="Группа")
    assert len(given.groups) == 3 and "here there are 3" in " ".join(line.said for line in findings(given, "en").lines)
    sane(page(given, "ru"))


# ---- what is wrong with it ----------------------------------------------------------------------------------------

ODD = {
    "one person": answers(1),
    "two people": answers(2),
    "one scene": answers(12, 1),
    "one answer": answers(1, 1),
    "constant answers": answers(fit=lambda person, scene: 1),
    "constant people": answers(fit=lambda person, scene: scene / 4),
    "four people": answers(4),
    "half of it empty": [row for index, row in enumerate(answers(15)) if index % 2],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize(("how", "lang"), [("alone", "ru"), ("groups", "en"), ("times", "ru")])
def test_too_little_and_all_alike_are_sentences(tmp_path, name, lang, how):
    rows = [(*row, "АБ"[index % 2 if how == "times" else int(row[0][1:]) % 2]) for index, row in enumerate(ODD[name])]
    file = written(tmp_path, rows, (*NAMES, "Метка"))
    asked = {"alone": {}, "groups": {"group": "Метка"}, "times": {"time": "Метка", "order": ["А", "Б"]}}[how]
    if name in ("one answer",) and how == "times":
        asked = {"time": "Метка"}  # there is one
    text = sane(page(load(file, NAMES, **asked), lang))
    if how == "times" and name == "one scene":  # each was there once
        assert {"ru": "людей: 0, нужно не меньше 3", "en": "people: 0; needed: 3 or more"}[lang] in text
    if name in ("one person", "two people", "one answer"):
        n = 2 if name == "two people" else 1
        assert {"ru": f"людей: {n}, нужно не меньше 3", "en": f"people: {n}; needed: 3 or more"}[lang] in text
    if name == "constant answers":
        assert {"ru": "интервала нет", "en": "no interval"}[lang] in text


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "is empty"),
        ("Имя,Сцена,Ответ,Балл\n", "there is no answer in"),
        (
            "Имя,Сцена,Ответ,Балл\nа,с,о,7\nб,с,о,-1\n",
            "all 2 rows were set aside; most often: Балл: it is not from 0 to 1",
        ),
    ],
)
def test_an_empty_table_is_told(tmp_path, capsys, content, why):
    file = tmp_path / "form.csv"
    file.write_text(content, "utf-8")
    mapped = [part for pair in NAMES.items() for part in ("--column", "=".join(pair))]
    assert main(["report", str(file), *mapped, "--lang", "en", "-o", str(tmp_path / "r.html")]) == 2
    said = capsys.readouterr().err
    assert why in said and "Traceback" not in said and not (tmp_path / "r.html").exists()


def test_rows_set_aside_are_on_the_page(tmp_path):
    rows = [*answers(), ("п1", "с9", "о", "7"), ("", "с9", "о", "1")]
    text = sane(page(load(written(tmp_path, rows), NAMES), "en"))
    assert "Rows of the table set aside: 2." in text
    assert 'row 50, Балл = "7": it is not from 0 to 1' in text and "row 51, Имя: it must" in text


@pytest.mark.slow
def test_no_name_and_no_dot_of_few_is_on_the_page(tmp_path):
    """A row that stands there twice is told by its number; a group of four has a mean, but no picture of its people."""
    rows = [(*row, "А" if int(row[0][1:]) < 4 else "Б") for row in answers(14)]
    rows += [rows[0], ("Анна Каренина", "с0", "o", 1, "Б"), ("Анна Каренина", "с0", "o", 0, "Б")]
    file = written(tmp_path, [(*row, 0.2) for row in rows], (*NAMES, "Группа", "Место"))
    given = load(file, NAMES | {"Место": "position"}, group="Группа")
    found = findings(given, "en")
    assert {*found.pictures[0].table["group"]} == {"Б"} and "“А”" in " ".join(line.said for line in found.lines)
    text = sane(page(given, "ru"))
    assert "строка 58, Имя" in text and "Каренина" not in text and "п0" not in text


def test_names_that_are_none(tmp_path):
    file = written(tmp_path, answers())
    with pytest.raises(UnknownName, match="школа"):
        load(file, NAMES, group="школа")
    with pytest.raises(UnknownName, match='Did you mean "wave"'):
        load(SAMPLE, time="wawe")
    design = tmp_path / "d.csv"
    design.write_text("who,group\nп1,a\n", "utf-8")
    with pytest.raises(TrainkitError, match="none of the columns attempt, person, participant"):
        load(file, NAMES, group="group", design=design)
    design.write_text("person,group\nЧужой,a\n", "utf-8")
    with pytest.raises(TrainkitError, match="one of those who answered"):
        load(file, NAMES, group="group", design=design)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--column", "person"], 'wants THEIRS=OURS (got "person")'),
        (["--column", "a=person", "--column", "a=scene"], 'names "a" twice'),
        (["--lang", "fr"], "unknown language"),
        (["-o", "report.pdf"], "ends in .html"),
        (["--design", "nowhere.csv", "--group", "x"], "isn't there"),
    ],
)
def test_what_was_typed_wrong(tmp_path, capsys, arguments, why):
    assert main(["report", str(SAMPLE), "-o", str(tmp_path / "r.html"), "--lang", "en", *arguments]) == 2
    assert why in capsys.readouterr().err and not any(tmp_path.iterdir())


# ---- who isn't counted --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def raw():
    return pd.read_csv(SAMPLE / "decisions.csv", encoding="utf-8-sig", dtype=str, keep_default_na=False)


@pytest.mark.slow
def test_simulated_ones_never_mix_with_people(tmp_path, raw):
    people = raw["person"].unique()[:40]
    mixed = raw.assign(origin=["person" if one in set(people) else "synthetic" for one in raw["person"]])
    mixed.to_csv(tmp_path / "mixed.csv", index=False)
    given = load(tmp_path / "mixed.csv")
    assert given.decisions["person"].nunique() == 40 and not given.is_synthetic
    assert given.not_people == mixed.loc[mixed["origin"] == "synthetic", "attempt"].nunique()
    assert "SYNTHETIC" not in plain(page(given, "en"))


@pytest.mark.slow
def test_two_versions_of_a_case_are_told(tmp_path, raw):
    mine = raw[raw["case_id"] == "racket_refund"].copy()
    mine.loc[mine.index[:50], "case_hash"] = "a" * 64
    mine.to_csv(tmp_path / "two.csv", index=False)
    assert "racket_refund (2)" in sane(page(load(tmp_path / "two.csv"), "ru"))


@pytest.mark.slow
def test_a_second_attempt_at_a_case_is_left_out(tmp_path, raw):
    mine = raw[raw["case_id"] == "counters_a"]
    first = mine["attempt"].iloc[0]
    again = mine[mine["attempt"] == first].assign(attempt="f" * 32)
    pd.concat([mine, again]).to_csv(tmp_path / "again.csv", index=False)
    given = load(tmp_path / "again.csv")
    assert given.again == 1 and "f" * 32 not in set(given.decisions["attempt"])
    assert "Second attempts at the same case, left out: 1." in " ".join(findings(given, "en").counts)


@pytest.mark.slow
def test_half_finished_attempts_count_as_far_as_they_went(tmp_path, raw):
    mine = raw[(raw["case_id"] == "counters_a") & (raw["number"].astype(int) <= 4)].assign(finished="false")
    mine.to_csv(tmp_path / "half.csv", index=False)
    given = load(tmp_path / "half.csv")
    assert given.unfinished == given.attempts == mine["attempt"].nunique()
    sane(page(given, "en"))


def test_a_log_is_reported_on(tmp_path):
    log = tmp_path / "s.sqlite3"
    assert (
        main(["simulate", "racket_refund", "-n", "6", "--persona", "centric", "--persona", "preacher", "-o", str(log)])
        == 0
    )
    text = sane(page(load(log), "en"))
    assert "People: 12" in text and "SYNTHETIC" in text


def test_who_was_removed_from_the_room_is_left_out(tmp_path, raw):
    folder = tmp_path / "export"
    folder.mkdir()
    attempts = pd.read_csv(SAMPLE / "attempts.csv", encoding="utf-8-sig", dtype=str, keep_default_na=False)
    gone = attempts["person"].iloc[0]
    removed = ["true" if one == gone else "false" for one in attempts["person"]]
    attempts.assign(removed=removed).to_csv(folder / "attempts.csv", index=False)
    raw.to_csv(folder / "decisions.csv", index=False)
    given = load(folder)
    assert given.removed == (attempts["person"] == gone).sum() and gone not in set(given.decisions["person"])


@pytest.mark.slow
@pytest.mark.needs("poppler")
def test_its_findings_are_the_first_page_of_a4(told, chromium, tmp_path):
    from support.accessibility import accessible

    lang, html = told
    (tmp_path / "report.html").write_text(html, "utf-8")
    page = chromium.new_page(viewport={"width": 320, "height": 800})
    page.goto((tmp_path / "report.html").as_uri())
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    page.close()
    assert "A4" in subprocess.run(["pdfinfo", tmp_path / "report.pdf"], capture_output=True, text=True).stdout
    text = subprocess.run(["pdftotext", "-layout", tmp_path / "report.pdf", "-"], capture_output=True, text=True).stdout
    first, second, *others = text.split("\f")[:-1]
    talk, pictures = {"ru": ("О чём поговорить с группой", "Рисунки"), "en": ("To take up with the group", "Pictures")}[
        lang
    ]
    assert talk in first and pictures not in first and pictures in second and len(others) <= 12


def test_words_are_those_of_the_versions_that_were_played(tmp_path):
    """What lies frozen beside the table; a version that wasn't played doesn't count; without any those of today."""
    shutil.copytree(ROOT / "data", tmp_path / "data", ignore=shutil.ignore_patterns("*.sqlite3", "*.py"))
    frozen = json.loads((tmp_path / "data/cases/counters_a.texts.json").read_text("utf-8"))
    frozen["en"]["title"] = "A title of then"
    (tmp_path / "data/cases/counters_a.texts.json").write_text(json.dumps(frozen), "utf-8")
    (tmp_path / "data/cases/counters_b.json").write_text(
        (tmp_path / "data/cases/racket_refund.json").read_text("utf-8")
    )
    source = load(tmp_path / "data/sample")
    told = names(source, "en")
    assert told["counters_a"] == "A title of then"
    today = names(source._replace(cases=None), "en")
    assert today["counters_a"] != "A title of then" and told["counters_b"] == today["counters_b"]
