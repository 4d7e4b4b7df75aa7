"""Commands for authors: what they print; what they write is tested with the files."""

import json
import re

import jsonschema
from support.command_line import PARCEL, changed, run

from trainkit.cli.main import main


def test_schema_is_a_json_schema():
    schema = json.loads(run("schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["title"] == "Case"


def test_translate_finds_what_is_missing_and_stale(tmp_path, capsys):
    folder = changed(tmp_path)
    text = (folder / "case.yml").read_text("utf-8")
    (folder / "case.yml").write_text(text.replace("Верну деньги сейчас же.", "Деньги верну сразу."), "utf-8")
    english = (folder / "text.en.yml").read_text("utf-8")
    (folder / "text.en.yml").write_text(english.replace("title: The late parcel\n", ""), "utf-8")
    assert main(["translate", str(folder), "--lang", "en"]) == 0
    printed = capsys.readouterr().out
    assert "missing       title" in printed and "stale         scenes.solve.options.refund.text" in printed
    assert main(["check", str(folder), "--lang", "en"]) == 1
    printed = capsys.readouterr().out
    assert "title: the translation is missing" in printed and "refund.text: the source text has changed" in printed
    (folder / "text.en.yml").write_text(english, "utf-8")
    assert main(["translate", str(folder), "--accept"]) == 0
    capsys.readouterr()
    main(["check", str(folder), "--lang", "en"])  # the small case has keys to test formulas with, not to be played well
    assert not re.search("translation is missing|has changed|has accepted", capsys.readouterr().out)


def test_new_says_what_to_do_next_in_the_language_asked_for(tmp_path, capsys):
    assert main(["new", "mine", "--in", str(tmp_path)]) == 0
    assert f"Дальше: trainkit check {tmp_path / 'mine'}" in capsys.readouterr().out
    assert main(["new", "yours", "--in", str(tmp_path), "--lang", "en"]) == 0
    assert f"Next: trainkit check {tmp_path / 'yours'}" in capsys.readouterr().out


def test_translate_speaks_the_language_asked_for(tmp_path, capsys):
    folder = changed(tmp_path, ("text.en.yml", "title: The late parcel\n", ""))
    assert main(["translate", str(folder)]) == 0
    printed = capsys.readouterr().out
    assert re.search(r"^нет +title: ", printed, re.M)
    assert re.search(r"^late_parcel: переведено текстов: \d+ из \d+ \(en\)$", printed, re.M)
    assert main(["translate", str(folder), "--to", "kk"]) == 0
    assert "текстов для перевода: " in capsys.readouterr().out


def test_twee_and_back_say_what_they_wrote(tmp_path, capsys):
    story, folder = tmp_path / "story.twee", tmp_path / "late_parcel"
    assert main(["twee", PARCEL, "-o", str(story)]) == 0 and capsys.readouterr().out == f"{story}\n"
    assert main(["from-twee", str(story), "-o", str(folder)]) == 0
    assert capsys.readouterr().out == f"{folder}: case.yml, text.en.yml\nДальше: trainkit check {folder}\n"


def test_sheets_are_named_one_by_one(tmp_path, capsys):
    file = tmp_path / "sheets.html"
    whole, some = (
        main(["print", PARCEL, "-o", str(file), *sheets]) or len(file.read_text("utf-8"))
        for sheets in ([], ["--sheet", "client", "--sheet", "observer"])
    )
    assert 0 < some < whole
    assert main(["print", PARCEL, "-o", str(file), "--sheet", "clint"]) == 2
    assert 'Did you mean "client"?' in capsys.readouterr().err


def test_twine_says_which_translations_no_longer_fit(tmp_path, capsys):
    folder, story = changed(tmp_path), tmp_path / "story.twee"
    assert main(["translate", str(folder), "--accept"]) == 0
    assert main(["twee", str(folder), "-o", str(story)]) == 0
    capsys.readouterr()
    assert main(["from-twee", str(story), "-o", str(folder), "--replace", "--lang", "en"]) == 0
    assert "changed since" not in capsys.readouterr().err
    story.write_text(
        story.read_text("utf-8").replace("[[Верну деньги сейчас же.->", "[[Верну деньги сразу.->"), "utf-8"
    )
    assert main(["from-twee", str(story), "-o", str(folder), "--replace", "--lang", "en"]) == 0
    said = capsys.readouterr().err
    assert "text.en.yml: texts changed since somebody read both: 1." in said and "trainkit translate" in said


def test_new_in_english_is_in_english_alone(tmp_path, capsys):
    assert main(["new", "mine", "--in", str(tmp_path), "--lang", "en"]) == 0
    assert "mine: case.yml, walks.yml (a talk" in capsys.readouterr().out
    assert sorted(file.name for file in (tmp_path / "mine").iterdir()) == ["case.yml", "walks.yml"]
    assert main(["new", "yours", "--in", str(tmp_path), "--lang", "de"]) == 2
    assert "There are: ru, en." in capsys.readouterr().err
