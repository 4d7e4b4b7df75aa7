"""A translation follows its Russian: what is put in, taken out or changed moves nothing else, and blocks nothing."""

import json
import shutil

import pytest

from trainkit import load_case
from trainkit.checks.report import check
from trainkit.cli.main import main
from trainkit.files import casebook
from trainkit.files.scaffold import new_case

LINE = "    lines:\n      - narrator: "


@pytest.fixture
def folder(tmp_path):
    """A case that an author has begun, with its English."""
    return new_case("brakes", tmp_path)


def source(folder):
    return (folder / "case.yml").read_text("utf-8")


def edit(folder, old, new, name="case.yml"):
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), "utf-8")


def english(folder):
    """Russian text → its English, of a case as it is played."""
    case = load_case(folder)
    return {text: case.text(key, "en") for key, text in case.texts.items()}


def put_in(folder, said="Звенит звонок."):
    """A line before the first line of the first scene."""
    edit(folder, LINE, f"{LINE}{said}\n      - narrator: ")


def test_an_inserted_line_moves_nothing(folder, capsys):
    before = english(folder)
    put_in(folder)
    after = english(folder)
    assert after.pop("Звенит звонок.") == "Звенит звонок.", "what is not translated is Russian"
    assert after == before
    # the tool puts the file in order, and then asks for the one line
    assert main(["translate", str(folder), "--lang", "en"]) == 0
    printed = capsys.readouterr().out
    assert "moved" in printed and printed.count("missing") == 1 and "stale" not in printed
    assert {**english(folder)} == {**before, "Звенит звонок.": "Звенит звонок."}
    assert main(["translate", str(folder), "--lang", "en"]) == 0
    assert "moved" not in capsys.readouterr().out


def test_an_author_who_mends_both_files_by_hand_is_understood(folder):
    before = english(folder)
    put_in(folder)
    edit(folder, "lines:\n      - ", "lines:\n      - A bell rings.\n      - ", "text.en.yml")
    assert english(folder) == {**before, "Звенит звонок.": "A bell rings."}
    (one,) = casebook.translations(folder)
    assert len(one.unread) == 1 and not one.aligned.moved and not one.aligned.stale


def test_a_removed_line_moves_nothing(folder):
    put_in(folder)
    edit(folder, "lines:\n      - ", "lines:\n      - A bell rings.\n      - ", "text.en.yml")
    assert main(["translate", str(folder), "--accept"]) == 0
    before = english(folder)
    edit(folder, "      - narrator: Звенит звонок.\n", "")
    after = english(folder)
    assert after == {key: text for key, text in before.items() if key != "Звенит звонок."}
    (one,) = casebook.translations(folder)
    assert list(one.aligned.gone.values()) == ["A bell rings."]
    assert main(["translate", str(folder)]) == 0
    assert "A bell rings." in (folder / "text.en.yml").read_text("utf-8"), "kept, as a comment"
    assert english(folder) == after and casebook.translations(folder)[0].aligned.gone == {}


def test_a_stale_text_is_shown_in_russian_and_said(folder, capsys):
    title = load_case(folder).text("title", "ru")
    edit(folder, f"title: {title}", f"title: {title} опять")
    case = load_case(folder)
    assert case.text("title", "en") == f"{title} опять"
    assert main(["play", str(folder), "--lang", "en", "--answers", "nonsense"]) == 2
    assert "title: the source text has changed" in capsys.readouterr().err
    assert any("has changed" in str(problem) for problem in check(folder).errors)
    assert main(["translate", str(folder), "--accept"]) == 0
    assert load_case(folder).text("title", "en") != f"{title} опять"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    {
        "an orphan": ("title:", "nothing_like_it: Left over\ntitle:", "case.yml has no such text"),
        "no text": ("title:", "title: [1, 2]\nrole_of:", "case.yml has no such text"),
        "a colon": ("title:", "title: {Late: parcel}\nrole_of:", "goes into double quotes"),
        "no YAML": ("title:", "title: [", "is not YAML"),
    }.values(),
    ids=["an orphan", "no text", "a colon", "no YAML"],
)
def test_a_translation_blocks_nothing(folder, capsys, old, new, said):
    """What is wrong with a translation is told by check and by its own tool; the Russian plays."""
    edit(folder, old, new, "text.en.yml")
    case = load_case(folder)
    assert case.text("title", "ru") == load_case(folder).texts["title"]
    assert any(said in str(problem) for problem in check(folder).errors)
    main(["translate", str(folder), "--lang", "en"])
    assert said in "".join(capsys.readouterr())


def test_an_option_removed_in_russian_blocks_nothing(folder, capsys):
    """Its English is left over: it is laid aside, nothing else is touched."""
    case = load_case(folder)
    scene, option = next(
        (scene, name)
        for scene, part in case.scenes.items()
        for name in part.options
        if f"scenes.{scene}.options.{name}.text" in case.texts and len(part.options) > 3
    )
    text = case.text(f"scenes.{scene}.options.{option}.text", "en")
    data = source(folder)
    start = data.index(f"      {option}:\n")
    rest = data[start:].split("\n")
    end = next(n for n, row in enumerate(rest[1:], 1) if row.strip() and len(row) - len(row.lstrip()) <= 6)
    (folder / "case.yml").write_text(data[:start] + "\n".join(rest[end:]), "utf-8")
    before = load_case(folder)
    assert option not in before.scenes[scene].options and "en" in before.languages
    assert main(["translate", str(folder), "--lang", "en"]) == 0
    capsys.readouterr()
    assert text in (folder / "text.en.yml").read_text("utf-8")
    assert {key: before.text(key, "en") for key in before.texts} == {
        key: load_case(folder).text(key, "en") for key in before.texts
    }


def test_a_draft_knows_which_russian_it_is_for(folder):
    """Also a translation that nobody has accepted yet follows: its beginning has noted the Russian."""
    assert main(["translate", str(folder), "--to", "kk"]) == 0
    texts = load_case(folder).texts
    keys = [key for key in texts if key.startswith("scenes.") and ".lines." in key]
    draft = {key: f"KK {texts[key]}" for key in keys}
    from trainkit.files import text_tree
    from trainkit.files.yaml_dump import as_yaml

    (folder / "text.kk.yml").write_text(as_yaml(text_tree.listed(text_tree.tree(draft))), "utf-8")
    put_in(folder)
    case = load_case(folder)
    wrong = [
        (case.text(key, "kk"), text)
        for key, text in case.texts.items()
        if case.text(key, "kk") not in (text, f"KK {text}")
    ]
    assert wrong == []
    (kk,) = [one for one in casebook.translations(folder) if one.lang == "kk"]
    assert kk.unread and not kk.aligned.stale


def test_a_log_of_prints_from_before_is_read(folder):
    """translated.json had only the Russian's print at first: it is enough to follow a line that has moved."""
    file = folder / "translated.json"
    prints = json.loads(file.read_text("utf-8"))
    early = {lang: {key: value.split()[0] for key, value in known.items()} for lang, known in prints.items()}
    file.write_text(json.dumps(early), "utf-8")
    before = english(folder)
    assert casebook.translations(folder)[0].unread == ()
    put_in(folder)
    assert {key: text for key, text in english(folder).items() if key in before} == before


def test_the_casebook_is_in_order():
    for name in casebook.case_ids():
        for one in casebook.translations(casebook.case_folder(name)):
            assert not one.told() and not one.unread and not one.aligned.moved, name


def test_a_copied_case_keeps_its_translation(folder, tmp_path):
    copy = tmp_path / "elsewhere" / "brakes"
    shutil.copytree(folder, copy)
    assert english(copy) == english(folder)
