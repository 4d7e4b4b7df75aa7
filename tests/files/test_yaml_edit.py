"""Where an author's file is rewritten, only what has changed is: comments, order and all other lines stay."""

import copy
import difflib
import json
import re
import shutil

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from support.examples import examples
from support.places import EACH_CASE, TEST_CASES

from trainkit.files import case_errors, casebook, twee
from trainkit.files.yaml_edit import edited, same
from trainkit.files.yaml_writer import write_case

PARCEL = TEST_CASES / "late_parcel"


def changed_lines(before, after):
    """Lines taken out and put in."""
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in lines if line[0] in "+-"]


@EACH_CASE
def test_one_word_changed_through_twine_is_one_line(folder, tmp_path):
    place = tmp_path / folder.name
    shutil.copytree(folder, place)
    file, translation = place / "case.yml", place / "text.en.yml"
    commented = "# mine\n" + file.read_text("utf-8").replace("\nscenes:\n", "\n# the scenes\nscenes:  # here\n", 1)
    english = "# read twice\n" + translation.read_text("utf-8")
    file.write_text(commented, "utf-8")
    translation.write_text(english, "utf-8")
    case = casebook.load_case(place)
    word = case.texts["role"].split()[0]
    story = twee.export(case)
    assert word in story
    write_case(twee.load_twee(story), place, replace=True)
    assert (file.read_text("utf-8"), translation.read_text("utf-8")) == (commented, english)
    new = twee.load_twee(story.replace(f"role: {word}", "role: Слово").replace(f'role: "{word}', 'role: "Слово'))
    if new == case:  # folded: the word stands on the next line
        new = twee.load_twee(story.replace(f"role: >-\n  {word}", "role: >-\n  Слово"))
    write_case(new, place, replace=True)
    out, into = changed_lines(commented, file.read_text("utf-8"))
    assert out.startswith("- role: ") and into.replace("Слово", word, 1)[1:].replace('"', "") == out[1:].replace(
        '"', ""
    )
    assert translation.read_text("utf-8") == english
    assert casebook.load_case(place).hash == new.hash
    (beside,) = casebook.translations(place)
    assert list(beside.aligned.stale) == ["role"]  # its Russian has changed; nothing else has
    assert beside.texts | beside.aligned.stale == dict(new.translations["en"])


@EACH_CASE
def test_a_word_in_a_long_text_that_was_written_by_us_is_one_line(folder, tmp_path):
    case, place = casebook.load_case(folder), tmp_path / folder.name
    write_case(case, place)
    text = (place / "case.yml").read_text("utf-8")
    data = json.loads(case.source_json)
    spoken = [line["text"][0] for scene in data["scenes"].values() for line in scene["lines"]]
    longest = max(spoken, key=lambda variant: len(variant["value"]))
    word = max(re.findall(r"(?<= )\w+(?= )", longest["value"]), key=len)
    longest["value"] = longest["value"].replace(f" {word} ", f" {'ё' * len(word)} ", 1)
    write_case(case_errors.case_from_data(data).with_translations(case.translations), place, replace=True)
    out, into = changed_lines(text, (place / "case.yml").read_text("utf-8"))
    assert out[1:].replace(word, "ё" * len(word), 1) == into[1:]


def test_parts_that_come_and_go(tmp_path):
    """A scene's new option, one taken away, a line more, a rule more: the comments elsewhere stay."""
    place = tmp_path / "late_parcel"
    shutil.copytree(PARCEL, place)
    file = place / "case.yml"
    text = file.read_text("utf-8").replace("\nendings:\n", "\n# how it ends\nendings:\n", 1)
    text = text.replace("      rules:\n", "      # the rules\n      rules:\n", 1)
    file.write_text(text, "utf-8")
    data = json.loads(casebook.load_case(place).source_json)
    options = data["scenes"]["solve"]["options"]
    options["wait"] = copy.deepcopy(options["refund"]) | {"text": [{"value": "Подождём ещё."}]}
    del options["look"]
    data["scenes"]["solve"]["lines"].append({"speaker": "narrator", "text": [{"value": "Тихо."}]})
    data["endings"]["content"]["title"] = "Через неделю"
    case = case_errors.case_from_data(data).with_translations({})
    (place / "text.en.yml").unlink()
    write_case(case, place, replace=True)
    after = file.read_text("utf-8")
    assert casebook.load_case(place).hash == case.hash
    assert "# how it ends\nendings:\n" in after and "      # the rules\n      rules:\n" in after
    assert "  solve:\n" in after and after.index("      wait:\n") > after.index("      rules:\n")
    untouched = [line for line in text.splitlines() if line in set(after.splitlines())]
    assert len(untouched) > 0.8 * len(text.splitlines())


@pytest.mark.parametrize(
    ("text", "after", "expected"),
    [
        ("a: 1  # one\nb: x\n", {"a": 2, "b": "x"}, "a: 2  # one\nb: x\n"),
        ("a: 'it''s'\nb: x # y\n", {"a": "so", "b": "x"}, 'a: "so"\nb: x # y\n'),
        ("a: {b: c, d: e}  # z\n", {"a": {"b": "c, d", "d": "e"}}, 'a: {b: "c, d", d: e}  # z\n'),
        (
            "a:\n  c: >-\n    one two\n    three\n# z\nb: 1\n",
            {"a": {"c": "one two four " * 9 + "end"}, "b": 1},
            "a:\n  c: >-\n    " + "one two four " * 7 + "one two\n    four one two four end\n# z\nb: 1\n",
        ),
        ("a: 1\n# on b\nb: 2\nc: 3\n", {"a": 1, "c": 3}, "a: 1\n# on b\nc: 3\n"),
        ("a: 1\n# on c\nc: 3\n", {"a": 1, "b": 2, "c": 3}, "a: 1\nb: 2\n# on c\nc: 3\n"),
        ("# top\nb: 2\n", {"a": 1, "b": 2}, "# top\na: 1\nb: 2\n"),
        ("a:\n  - x\n  - y\n# z\nb: 1\n", {"a": ["x"], "b": 1}, "a:\n  - x\n# z\nb: 1\n"),
        ("a: null\nb: 1", {"a": "x y", "b": 1}, "a: x y\nb: 1"),
        ("a: 1\r\nb: 2\r\n", {"a": 3, "b": 2}, "a: 3\r\nb: 2\r\n"),
        ("b: 1\n# on a\na: 2\n", {"a": 2, "b": 1}, "# on a\na: 2\nb: 1\n"),
        ("a:  # x\n  b: 1\n", {"c": {"b": 1}}, "c:  # x\n  b: 1\n"),
        ("a:\n- x\n# on y\n- y: 1\n  z: 2\n", {"a": [{"y": 1, "z": 2}, "x"]}, "a:\n# on y\n- y: 1\n  z: 2\n- x\n"),
        ("a:\n  - x\n  - z  # z\n", {"a": ["x", "yy", "z"]}, "a:\n  - x\n  - yy\n  - z  # z\n"),
        ("a: {b: c}\n", {"a": {"b": "c", "d": ["e", "1"]}}, 'a: {b: c, d: [e, "1"]}\n'),
        ("- a\n", ["b"], None),
    ],
)
def test_edits(text, after, expected):
    assert edited(text, yaml.safe_load(text), after) == expected
    if expected:
        assert yaml.safe_load(expected) == after


LEAVES = st.sampled_from(
    ["x", "two words", "", "yes", "- a", "a: b", "#", "1", "ёж, ёж", "\n", "x" * 99, 1, 0.5, True, None]
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=examples(300))
@given(
    st.dictionaries(st.sampled_from("abcd"), TREES, min_size=1, max_size=4),
    st.dictionaries(st.sampled_from("abcd"), TREES, min_size=1, max_size=4),
    st.booleans(),
)
def test_any_change_says_what_it_should(before, after, flow):
    text = yaml.safe_dump(before, allow_unicode=True, sort_keys=False, default_flow_style=flow or None)
    result = edited(text, before, after)
    if result is not None:
        assert same(yaml.safe_load(result), after)
