"""A case is written in whatever language its author has; only where a translation is begun is one asked for."""

import re

import pytest

import trainkit
from trainkit import load_case
from trainkit.checks.report import check
from trainkit.cli.main import main
from trainkit.files import casebook, yaml_reader
from trainkit.files.scaffold import PATTERNS, new_case, skeleton

CYRILLIC = re.compile("[А-Яа-яЁё]")


@pytest.fixture
def english(tmp_path):
    return new_case("brakes", tmp_path, lang="en")


@pytest.mark.parametrize("like", PATTERNS)
def test_each_pattern_is_there_in_both_languages(tmp_path, like):
    """The same case: what differs are the words, and those are the words of the translation."""
    russian, english = (new_case("mine", tmp_path / lang, like, lang) for lang in ("ru", "en"))
    one, other = load_case(russian), load_case(english)
    assert dict(other.texts) == {key: one.text(key, "en") for key in one.texts}
    assert other.languages == ("en",) and one.languages == ("ru", "en")
    for name in ("case.yml", "walks.yml"):
        assert not CYRILLIC.search((english / name).read_text("utf-8")), name
        shapes = [
            re.sub(r'(?m)#.*|"[^"\n]*"|^lang: .*\n', "", skeleton("x", name, like, lang)) for lang in ("ru", "en")
        ]
        assert len(re.findall(r"^ *\w+:", shapes[0], re.M)) == len(re.findall(r"^ *\w+:", shapes[1], re.M))
    data = [yaml_reader.parse(skeleton("x", "walks.yml", like, lang), "")[0] for lang in ("ru", "en")]
    assert data[0] == data[1]


def test_an_english_case_is_a_fine_case(english, capsys):
    report = check(english)
    assert not report.errors and not report.warnings and report.languages == ("en",)
    assert main(["check", str(english)]) == 0
    said = capsys.readouterr().out
    assert "0 errors, 0 warnings" in said and not CYRILLIC.search(said), "told in its own language"


def test_it_is_played_drawn_printed_and_simulated_without_naming_a_language(english, tmp_path, capsys):
    for command in (
        ["play", str(english), "--answers", "take", "--seed", "1"],
        ["draw", str(english), "-o", str(tmp_path / "map.svg")],
        ["print", str(english), "-o", str(tmp_path / "sheets.html")],
        ["simulate", str(english), "-n", "2"],
    ):
        assert main(command) in (0, None), command
    printed = capsys.readouterr().out
    for text in (printed, (tmp_path / "map.svg").read_text("utf-8"), (tmp_path / "sheets.html").read_text("utf-8")):
        assert not CYRILLIC.search(text)
    assert main(["play", str(english), "--lang", "ru"]) == 2 and "There are: en." in capsys.readouterr().err


def test_what_is_wrong_with_it_is_told_in_its_language(english, capsys):
    file = english / "case.yml"
    file.write_text(file.read_text("utf-8").replace("start: counter", "start: countr"), "utf-8")
    assert main(["check", str(english)]) == 1
    said = capsys.readouterr().out
    assert "must name a scene" in said and not CYRILLIC.search(said)


def test_a_translation_into_russian_is_like_any_other(english, capsys):
    assert main(["translate", str(english), "--to", "en"]) == 2 and "source language" in capsys.readouterr().err
    assert main(["translate", str(english), "--to", "ru"]) == 0
    assert (english / "text.ru.yml").exists() and "texts to translate" in capsys.readouterr().out
    (english / "text.ru.yml").write_text("title: Тормоза скрипят\n", "utf-8")
    assert load_case(english).text("title", "ru") == "Тормоза скрипят"
    assert load_case(english).text("role", "ru") == load_case(english).texts["role"]
    assert [one for one in check(english).errors if "text.ru.yml" in str(one)]
    (english / "text.en.yml").write_text("title: Squeaky\n", "utf-8")
    assert "the source, in en, is case.yml" in "".join(map(str, check(english).errors))


def test_cases_of_which_nobody_has_said_a_language(english, tmp_path):
    own = new_case("own", tmp_path)
    assert casebook.usual_language([english]) == "en" and casebook.usual_language([own]) == "ru"
    assert casebook.usual_language([own, english]) == "en", "the one that both have"
    (own / "text.en.yml").unlink()
    assert casebook.usual_language([own, english]) is None and casebook.usual_language(["nothing"]) is None


def test_twine_and_back(english, tmp_path):
    story, back = tmp_path / "story.twee", tmp_path / "back" / "brakes"
    assert main(["twee", str(english), "-o", str(story)]) == 0
    assert main(["from-twee", str(story), "-o", str(back)]) == 0
    assert load_case(back).hash == load_case(english).hash and load_case(back).lang == "en"
    story.write_text(story.read_text("utf-8").replace("lang: en", "lang: en\ntext.en: {role: Twice}"), "utf-8")
    assert main(["from-twee", str(story), "-o", str(tmp_path / "again" / "brakes")]) == 2


def test_exercise_and_form_speak_it(english, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert trainkit.exercise(english, participant="a").lang == "en"
    form = trainkit.edit(english)
    assert form.lang == "en" and not form.draft.problems
    form.draft.leave()
    fresh = trainkit.edit(tmp_path / "fresh", "en")
    answers = {"title": "A", "role": "B", "client": "Ann", "request": "C", "orientation": "D", "centricity": "E"}
    fresh._on_message(None, {"ui": {"begin": answers}}, None)
    assert fresh.draft.document["case"]["lang"] == "en"
    fresh.draft.leave()
