"""Chances of a fact by themselves or by another fact, experimental conditions, ways and reasons beside the case."""

import shutil

import pytest
from support.places import CASEBOOK, TEST_CASES

from trainkit.checks.report import check
from trainkit.checks.ways_to_endings import ways_to_endings
from trainkit.editor.draft import Draft
from trainkit.engine.attempt import replay
from trainkit.errors import Refused
from trainkit.files import casebook


@pytest.fixture
def draft(tmp_path):
    folder = tmp_path / "late_parcel"
    shutil.copytree(TEST_CASES / "late_parcel", folder)
    for name in ("walks.yml", "accepted.yml"):
        (folder / name).unlink(missing_ok=True)
    made = Draft(folder)
    yield made
    made.leave()


def fact(draft, name):
    return draft.document["case"]["facts"][name]


def sums(draft, name):
    """What the chances of a fact come to, for each value of the fact it is given."""
    tables = [value["p"] for value in fact(draft, name)["values"].values()]
    return {key: pytest.approx(sum(table[key] for table in tables)) for key in tables[0]}


def own_facts(draft):
    """Two plain facts, of two values each."""
    for _ in range(2):
        draft.edit({"do": "add_fact"})
    return list(draft.document["case"]["facts"])[-2:]


def test_chances_by_another_fact_and_back(draft):
    first, second = own_facts(draft)
    draft.edit({"do": "set", "path": ["facts", second, "values", "value_1", "p"], "value": 0.25})
    draft.edit({"do": "depend", "fact": first, "on": second})
    assert list(draft.document["case"]["facts"])[-2:] == [second, first]  # what it hangs on stands before it
    assert fact(draft, first)["given"] == second and sums(draft, first) == {"value_1": 1, "value_2": 1}
    for value, p in (("value_1", 0.8), ("value_2", 0.2)):
        draft.edit({"do": "set", "path": ["facts", first, "values", value, "p", "value_1"], "value": p})
    draft.edit({"do": "add_value", "fact": second})
    assert set(sums(draft, first)) == {"value_1", "value_2", "value_3"} and sums(draft, first)["value_3"] == 1
    draft.edit({"do": "delete", "path": ["facts", second, "values", "value_3"]})
    assert set(sums(draft, first)) == {"value_1", "value_2"}
    with pytest.raises(Refused):
        draft.edit({"do": "depend", "fact": second, "on": first})  # each by the other: nobody could draw them
    draft.edit({"do": "depend", "fact": first, "on": ""})
    # 0.8 × ¼ + ½ × ½ (the shares of the other fact were made even by the value that came and went)
    weights = [value["p"] for value in fact(draft, second)["values"].values()]
    expected = (0.8 * weights[0] + 0.5 * weights[1]) / sum(weights)
    assert fact(draft, first)["values"]["value_1"]["p"] == pytest.approx(expected, abs=0.01)
    assert sum(value["p"] for value in fact(draft, first)["values"].values()) == pytest.approx(1)


def test_an_experimental_condition_and_back(draft):
    first, second = own_facts(draft)
    draft.edit({"do": "depend", "fact": second, "on": first})
    draft.edit({"do": "assign", "fact": second, "on": True})
    made = fact(draft, second)
    assert made["design"] is True and "given" not in made and all("p" not in one for one in made["values"].values())
    with pytest.raises(Refused):
        draft.edit({"do": "depend", "fact": second, "on": first})
    draft.edit({"do": "assign", "fact": second, "on": False})
    assert "design" not in fact(draft, second)
    assert [one["p"] for one in fact(draft, second)["values"].values()] == [0.5, 0.5]


@pytest.mark.parametrize("case", ["boundaries", "appendicitis"])
def test_a_dependence_undone_leaves_every_line(case, tmp_path):
    folder = tmp_path / case
    shutil.copytree(CASEBOOK / case, folder)
    before = (folder / "case.yml").read_bytes()
    draft = Draft(folder)
    name = next(one for one, part in draft.document["case"]["facts"].items() if part.get("given"))
    draft.edit({"do": "depend", "fact": name, "on": ""})
    assert draft.write() and casebook.load_case(folder).facts[name].given is None
    old, new = before.decode().splitlines(), (folder / "case.yml").read_text("utf-8").splitlines()
    assert len(set(old) - set(new)) <= 2 + len(fact(draft, name)["values"])  # ``given`` and the chances
    draft.undo()
    assert draft.write() and (folder / "case.yml").read_bytes() == before
    draft.leave()


def test_a_way_to_each_ending_is_gone_by_the_check(draft):
    case = draft.case
    assert any("no_walks" in str(one) for one in check(draft.folder).warnings)
    for ending, way in ways_to_endings(case).items():
        assert replay(case, 0, way.fixed, way.answers).ending == ending
        draft.edit({"do": "add_walk", "answers": list(way.answers), "ending": ending, "fixed": way.fixed})
        before = draft.document
        draft.edit({"do": "add_walk", "answers": list(way.answers), "ending": ending, "fixed": way.fixed})
        assert draft.document is before  # the same twice is one
    assert len(draft.document["walks"]) == len(ways_to_endings(case)) > 2
    assert draft.write() and (draft.folder / "walks.yml").exists()
    report = check(draft.folder)
    assert not any("no_walks" in str(one) for one in report.warnings)
    assert not any("walk" in str(one.where) for one in report.errors)
    name = next(iter(draft.document["walks"]))
    wrong = next(one for one in case.endings if one != draft.document["walks"][name]["ending"])
    text = (draft.folder / "walks.yml").read_text("utf-8")
    (draft.folder / "walks.yml").write_text(text.replace(f"ending: {name}\n", f"ending: {wrong}\n", 1), "utf-8")
    assert any("must end in" in str(one) for one in check(draft.folder).errors)
    for one in list(draft.document["walks"]):
        draft.edit({"do": "delete_walk", "name": one})
    draft.look_around()
    draft.settle(theirs=False)
    assert draft.write() and not (draft.folder / "walks.yml").exists()


def test_a_warning_one_stands_by(draft):
    """Also the one that has no place in the case."""
    code, place = "no_walks", "case"
    draft.edit({"do": "accept", "warning": code, "place": place, "because": "Пока рано."})
    assert draft.write()
    report = check(draft.folder)
    assert any(code in str(one) and reason == "Пока рано." for one, reason in report.accepted)
    assert not any(code in str(one) for one in (*report.warnings, *report.errors))
    with pytest.raises(Refused):
        draft.edit({"do": "accept", "warning": code, "place": place, "because": "  "})
    draft.edit({"do": "take_back", "warning": code, "place": place})
    assert draft.write() and not (draft.folder / "accepted.yml").exists()
