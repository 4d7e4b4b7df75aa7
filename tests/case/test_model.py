"""The format: one definition gives validation, an editor's schema and errors with a place."""

import json

import jsonschema
import pytest
from support.places import TEST_CASES, case_folders

from trainkit.case.model import Case
from trainkit.errors import CaseError, UnknownName
from trainkit.files import case_errors, casebook, yaml_reader

SOURCE = (TEST_CASES / "late_parcel" / "case.yml").read_text("utf-8")


def broken(tmp_path, old, new, count=1):
    """The errors of the small case with one text replaced."""
    assert old in SOURCE
    folder = tmp_path / "late_parcel"
    folder.mkdir(exist_ok=True)
    (folder / "case.yml").write_text(SOURCE.replace(old, new, count), "utf-8")
    with pytest.raises(CaseError) as caught:
        casebook.read_case(folder / "case.yml")
    return caught.value.problems


def line_of(text):
    return SOURCE[: SOURCE.index(text)].count("\n") + 1


def test_schema_is_a_valid_schema_and_accepts_the_cases():
    schema = Case.model_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for folder in case_folders():
        data, _ = yaml_reader.read(folder / "case.yml")
        jsonschema.Draft202012Validator(schema).validate(data)


def test_schema_refuses_what_the_reader_refuses():
    data, _ = yaml_reader.parse(SOURCE, "case.yml")
    data["scenes"]["solve"]["options"]["refund"]["position"] = 3
    assert not jsonschema.Draft202012Validator(Case.model_json_schema()).is_valid(data)


@pytest.mark.parametrize(
    ("old", "new", "where", "rule"),
    [
        ("goto: solve", "goto: solv", 'scene "call", option "offer", goto', 'Did you mean "solve"?'),
        ("        position: -0.9", "        positon: -0.9", 'option "refund"', 'Did you mean "position"?'),
        ("position: -0.9", "position: -9", 'option "refund", position', "must be from -1"),
        ("position: -0.9", 'position: "-0.9"', 'option "refund", position', 'must be a number (got "-0.9")'),
        ("fit: 1.0", "fit: yes", 'option "when_needed", fit', "number"),
        ("ask: true", "ask: 1", 'option "when_needed", ask', "true or false"),
        ("reveals: [need]", "reveals: [ned]", 'option "when_needed", reveals', 'Did you mean "need"?'),
        ("facets: [diagnosis+]", "facets: [diagnosis]", "facets", "facet with + or −"),
        ("leaves: hung_up", "leaves: hungup", "patience, leaves", 'Did you mean "hung_up"?'),
        ('remember: {paid: "yes"}', "remember: {paid: maybe}", "remember, paid", 'value of "paid"'),
        ("        when: {need: today}", "        when: {ned: today}", 'option "send", when', 'Did you mean "need"?'),
        ("{when: {where: van}, value: found}", "{when: {where: unknown}, value: found}", "goto", "never unknown"),
        ("client: irina", "client: irene", "client", 'Did you mean "irina"?'),
        ("p: 0.4", "p: 0.5", 'fact "need"', "add up to 1"),
        ("          - value: Где моя посылка?\n", "", "lines", "last rule must be the default"),
        ("kind: inquiry", "kind: talk", 'scene "call"', "kind: inquiry"),
        ("costs: 1", "costs: 1.5", "costs", "whole number"),
        ("id: late_parcel", "id: lateparcel", "id", "folder's name"),
        ("- irina: И что вы предлагаете?", "- irena: И что вы предлагаете?", "lines", 'Did you mean "irina"?'),
        ("title: Звонок", "title: 12", 'scene "call", title', "must be text"),
        ("start: call", "start: week", "start", "scene that has options"),
        ("price: high", "prize: high", "target", 'Did you mean "price"?'),
    ],
)
def test_errors_name_place_rule_got_and_nearest(tmp_path, old, new, where, rule):
    problems = broken(tmp_path, old, new)
    text = "\n".join(map(str, problems))
    assert where in text and rule in text, text
    changed = SOURCE[: SOURCE.index(old)].count("\n") + 1
    lines = [int(problem.place.rsplit(":", 1)[1]) for problem in problems]
    assert any(abs(line - changed) <= 12 for line in lines), (lines, changed)


def test_error_line_is_exact_for_a_value(tmp_path):
    (problem,) = broken(tmp_path, "goto: gone", "goto: gon")
    assert problem.place.endswith(f":{line_of('goto: gone')}")


def test_unknown_case_names_the_nearest():
    with pytest.raises(UnknownName, match='Did you mean "racket_refund"'):
        casebook.load_case("racket_refnd")


def test_hash_names_the_source_and_not_the_translation(parcel):
    assert parcel.hash == parcel.with_translations({}).hash
    changed = case_errors.case_from_data({**json.loads(parcel.source_json), "title": "Другое"})
    assert changed.hash != parcel.hash
    again = case_errors.case_from_data(json.loads(parcel.source_json))
    assert again.hash == parcel.hash and again == parcel.with_translations({})


def test_worlds_and_their_probabilities(parcel):
    assert len(parcel.worlds) == 8
    assert sum(parcel.probabilities) == pytest.approx(1)
    index = parcel.worlds.index(("low", "today", "van"))
    assert parcel.probabilities[index] == pytest.approx(0.5 * 0.4 * 0.75)


def test_yaml_reads_the_same_everywhere():
    data, lines = yaml_reader.parse("a: yes\nb: 0.5\nc: '1'\nd: 1e3\ne: ~\nf: 12:30\ng: [true, x]\n", "f")
    assert data == {"a": "yes", "b": 0.5, "c": "1", "d": 1000.0, "e": None, "f": "12:30", "g": [True, "x"]}
    assert lines[("g", 1)] == 7


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("a: &x 1\nb: *x", "anchors"),
        ("a: !!python/object/apply:os.system [ls]", "tags"),
        ("a: 1\na: 2", "twice"),
        ("[" * 5000, "nested"),
        ("- " * 5000, "nested"),
        ("a: b: c", "double quotes"),
        ("a: 1\n--- \nb: 2", "second document"),
        ("? [a]\n: b", "key must be a word"),
        ("a: \x00", r"an invisible character \(U\+0000\)"),
        ("a: [1", "not YAML"),
    ],
)
def test_yaml_subset(text, rule):
    with pytest.raises(CaseError, match=rule) as caught:
        yaml_reader.parse(text, "f.yml")
    assert "f.yml:" in str(caught.value)


def test_alias_bomb_costs_nothing():
    bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(20)
    )
    with pytest.raises(CaseError, match="anchors"):
        yaml_reader.parse(bomb, "bomb.yml")


def test_huge_and_unreadable_files(tmp_path):
    file = tmp_path / "case.yml"
    file.write_bytes(b"a: " + b"x" * 2_000_000)
    with pytest.raises(CaseError, match="at most 1,000,000 bytes"):
        yaml_reader.read(file)
    file.write_bytes(b"a: 1\nb: \xff\xfe\xff")
    with pytest.raises(CaseError, match=":2: the file must be saved as UTF-8"):
        yaml_reader.read(file)
    with pytest.raises(CaseError, match="can't be read"):
        yaml_reader.read(tmp_path)
