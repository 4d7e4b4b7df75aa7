"""Named edits: each does one thing everywhere it has to, translations go along, and what makes no sense is refused."""

import pytest
from support.places import EACH_CASE, TEST_CASES

from trainkit.editor.case_files import read_files
from trainkit.editor.edits import edit
from trainkit.editor.problems import problems
from trainkit.editor.text_ids import text_places
from trainkit.editor.tree import at
from trainkit.engine.attempt import replay
from trainkit.errors import Refused, TrainkitError
from trainkit.files import casebook
from trainkit.files.case_errors import case_from_data

PARCEL = TEST_CASES / "late_parcel"


@pytest.fixture(scope="module")
def doc():
    return read_files(PARCEL).document


def after(doc, *wanted):
    for one in wanted:
        doc = edit(doc, one)
    return doc


def english(doc):
    """Russian text → its translation, wherever both stand now."""
    places = text_places(doc["case"])
    return {at(doc["case"], places[key]): text for key, text in doc["texts"]["en"].items()}


@EACH_CASE
def test_texts_have_the_ids_of_the_case(folder):
    doc, case = read_files(folder).document, casebook.load_case(folder)
    found = {key: at(doc["case"], path) for key, path in text_places(doc["case"]).items()}
    assert found == case.texts and list(found) == list(case.texts)
    assert doc["texts"]["en"] == dict(case.translations["en"])


def test_a_new_key_stands_where_the_format_has_it(doc):
    new = after(doc, {"do": "set", "path": ["scenes", "solve", "options", "refund", "costs"], "value": 1})
    keys = list(at(new["case"], ("scenes", "solve", "options", "refund")))
    assert keys.index("because") < keys.index("costs") < keys.index("position")
    assert "costs" not in at(doc["case"], ("scenes", "solve", "options", "refund"))  # the old one is as it was


def test_lines_take_their_translations_along(doc):
    before = english(doc)
    path = ["scenes", "call", "lines"]
    for wanted in (
        {"do": "add_line", "path": path, "number": 0},
        {"do": "move", "path": [*path, 0], "by": 2},
        {"do": "delete", "path": [*path, 0]},
        {"do": "move", "path": ["scenes", "call", "options", "offer"], "by": -1},
        {"do": "move_option", "scene": "solve", "option": "refund", "to": "call"},
        {"do": "rename", "path": ["scenes", "solve"], "name": "resolve"},
        {"do": "rename", "path": ["speakers", "irina"], "name": "ira"},
        {"do": "add_rule", "path": ["scenes", "solve", "options", "refund", "because"], "when": {"need": "today"}},
    ):
        new = edit(doc, wanted)
        assert {key: text for key, text in english(new).items() if key}.items() <= before.items(), wanted
        assert len(before) - len(english(new)) == (wanted["do"] == "delete"), wanted


def test_a_reply_moved_between_scenes(doc):
    new = after(doc, {"do": "move_option", "scene": "solve", "option": "refund", "to": "call"})
    assert list(new["case"]["scenes"]["call"]["options"])[-1] == "refund"
    assert "refund" not in new["case"]["scenes"]["solve"]["options"]
    case, found = problems(new["case"], "late_parcel")
    assert not found and case.scenes["call"].options["refund"].position[0].value == -0.9
    again = after(new, {"do": "copy_option", "scene": "call", "option": "refund"})
    clash = after(doc, {"do": "copy_option", "scene": "solve", "option": "refund"})
    name = next(name for name in clash["case"]["scenes"]["solve"]["options"] if name.startswith("reply"))
    both = after(again, {"do": "move_option", "scene": "call", "option": "reply_1", "to": "solve"})
    assert name == "reply_1" and "reply_1" in both["case"]["scenes"]["solve"]["options"]


def test_a_scene_deleted_that_others_lead_to_is_told_at_each_of_them(doc):
    new = after(doc, {"do": "delete", "path": ["scenes", "solve"]})
    case, found = problems(new["case"], "late_parcel")
    assert case is None
    assert {(one.path[:4], one.kind) for one in found} == {(("scenes", "call", "options", "offer"), "no_place")}
    assert '(got "solve")' in found[0].rule
    assert edit(doc, {"do": "delete", "path": ["scenes", "call", "options", "offer"]})["case"] != doc["case"]


@EACH_CASE
def test_every_name_can_be_another_everywhere(folder):
    """Each scene, ending, reply, fact, value and speaker in turn: the case reads, and its walks lead where they led."""
    doc = read_files(folder).document
    case, english = case_from_data(doc["case"]), list(doc["texts"]["en"].values())
    paths = [
        (kind, name) for kind in ("scenes", "endings", "facts", "speakers", "memory") for name in getattr(case, kind)
    ]
    paths += [("facts", name, "values", value) for name, fact in case.facts.items() for value in fact.values]
    paths += [("scenes", name, "options", key) for name, scene in case.scenes.items() for key in scene.options]
    for path in paths:
        doc = edit(doc, {"do": "rename", "path": list(_now(path)), "name": f"{path[-1]}_x"})
    renamed, found = problems(doc["case"])
    assert not found and all(
        name.endswith("_x") for name in (*renamed.scenes, *renamed.facts, renamed.client, renamed.start)
    )
    assert list(renamed.texts.values()) == list(case.texts.values())
    assert list(doc["texts"]["en"].values()) == english
    for walk in (doc["walks"] or {}).values():
        fixed = {
            name: str(value).lower() if isinstance(value, bool) else str(value)
            for name, value in (walk.get("set") or {}).items()
        }
        answers = [None if answer == "back" else answer for answer in walk["answers"]]
        assert replay(renamed, walk.get("seed", 0), fixed, answers).ending == walk["ending"]
    for entry in doc["accepted"] or ():
        assert (
            entry["at"] in ("case", "") or "_x" in entry["at"] or entry["at"].split(".")[0] not in ("scenes", "facts")
        )


def _now(path):
    """Where a part is once those before it have been renamed."""
    return (path[0], f"{path[1]}_x", *path[2:]) if len(path) > 2 else path


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"do": "rename", "path": ["scenes", "solve"], "name": "call"}, "taken"),
        ({"do": "rename", "path": ["scenes", "solve"], "name": "content"}, "taken"),
        ({"do": "rename", "path": ["scenes", "solve"], "name": "Решение"}, "a–z"),
        ({"do": "rename", "path": ["scenes", "solve", "options", "refund"], "name": "back"}, "taken"),
        ({"do": "rename", "path": ["title"], "name": "x"}, "no name"),
        ({"do": "set", "path": ["scenes", "nowhere", "title"], "value": "x"}, "no such part"),
        ({"do": "set", "path": [], "value": {}}, "must be named"),
        ({"do": "set", "path": ["title"], "value": "x" * 50_000}, "at most"),
        ({"do": "set", "path": ["title"], "value": float("nan")}, "can't be a value"),
        ({"do": "set", "path": "title", "value": "x"}, "list of keys"),
        ({"do": "set", "path": [["title"]], "value": "x"}, "list of keys"),
        ({"do": "delete", "path": ["scenes"]}, "can't be deleted"),
        ({"do": "delete", "path": ["scenes", "call", "lines", 99]}, "no such part"),
        ({"do": "move", "path": ["scenes", "call"], "by": "far"}, "can't be made"),
        ({"do": "add_line", "path": ["title"]}, "list"),
        ({"do": "no_such", "path": []}, "no such edit"),
        ({"do": ["set"]}, "no such edit"),
        ("set", "no such edit"),
        ({"do": "set"}, "can't be made"),
        ({"do": "several", "edits": "x"}, "a list"),
    ],
)
def test_what_makes_no_sense_is_refused(doc, wanted, said):
    with pytest.raises(TrainkitError, match=said):
        edit(doc, wanted)


def test_texts_lose_what_a_file_cant_hold(doc):
    new = after(doc, {"do": "set", "path": ["title"], "value": "Да\x00\u200b\ud800 нет\nи\x07"})
    assert new["case"]["title"] == "Да нет\nи"


def test_rules_come_and_go_with_their_translations(doc):
    path = ["scenes", "solve", "options", "refund", "text"]
    new = after(doc, {"do": "add_rule", "path": path, "when": {"need": "today"}, "value": "Сейчас же."})
    assert new["case"]["scenes"]["solve"]["options"]["refund"]["text"][0] == {
        "when": {"need": "today"},
        "value": "Сейчас же.",
    }
    key = "scenes.solve.options.refund.text"
    assert new["texts"]["en"][f"{key}.2"] == doc["texts"]["en"][key]
    back = after(new, {"do": "delete", "path": [*path, 0]})
    assert back["case"] == doc["case"] and back["texts"] == doc["texts"]
    assert isinstance(Refused("x"), TrainkitError)


def test_a_memory_is_added_set_and_read(doc):
    new = after(doc, {"do": "add_memory"}, {"do": "set_memory", "name": "memory_1", "values": "calm, Cross , ,calm"})
    assert new["case"]["memory"]["memory_1"] == ["calm", "cross"]
    path = ["scenes", "call", "options", "offer", "remember"]
    new = after(new, {"do": "set", "path": path, "value": {"memory_1": "cross"}})
    new = after(new, {"do": "rename", "path": ["memory", "memory_1"], "name": "mood"})
    case, found = problems(new["case"], "late_parcel")
    assert not found and case.scenes["call"].options["offer"].remember == {"mood": "cross"}
    with pytest.raises(TrainkitError, match="a–z"):
        edit(new, {"do": "set_memory", "name": "mood", "values": "да, нет"})
