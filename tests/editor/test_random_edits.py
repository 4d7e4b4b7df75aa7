"""Any edits in any order: the file always reads, undo always returns."""

import random
import shutil

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.examples import examples
from support.places import CASEBOOK, TEST_CASES

from trainkit.editor.draft import Draft
from trainkit.editor.text_ids import speaker_of, text_places
from trainkit.errors import Refused, TrainkitError
from trainkit.files import casebook
from trainkit.files.yaml_edit import same
from trainkit.files.yaml_reader import parse

WORDS = [
    "Да",
    "нет: нет",
    "# не так",
    "«Как-нибудь»",
    "- раз",
    "yes",
    "1",
    "[a, b]",
    '"',
    "два  пробела",
    "",
    "так\nи так",
    "x" * 150,
]
NAMES = ["a", "b2", "no", "back", "unknown", "call", "Ё", "1", "true", "call_2"]


def parts(data, path=()):
    """Every part of plain data with its path."""
    yield path, data
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield from parts(value, (*path, key))


def random_edit(dice, doc):
    """An edit that an author might make, or one that makes no sense."""
    case = doc["case"]
    every = list(parts(case))
    path, value = dice.choice(every)
    texts = list(text_places(case).values()) or [("title",)]
    scenes = list(case.get("scenes") or {"x": {}})
    lists = [path for path, value in every if path and path[-1] in ("lines", "reply", "after")]
    lines = [
        path for path, value in every if len(path) > 1 and path[-2] in ("lines", "reply", "after") and speaker_of(value)
    ]
    goto = dice.choice([*scenes, *(case.get("endings") or {}), "nowhere", ""])
    gotos = [path for path, _ in every if path and path[-1] == "goto"] or [("start",)]
    options = [path for path, _ in every if len(path) == 4 and path[2] == "options"] or [
        ("scenes", "x", "options", "y")
    ]
    named = [
        path
        for path, _ in every
        if len(path) >= 2 and path[-2] in ("scenes", "endings", "options", "facts", "values", "speakers")
    ]
    option, other = dice.choice(options), dice.choice(options)
    facts = list(case.get("facts") or {"x": {}})
    return dice.choice([
        {"do": "set", "path": list(dice.choice(texts)), "value": dice.choice(WORDS)},
        {"do": "set", "path": list(dice.choice(gotos)), "value": goto},
        {"do": "set", "path": list(path), "value": dice.choice([*WORDS, 0.5, 1, True, None, [], {}, [{"value": 1}], value])},
        {"do": "set", "path": [*option, "position"], "value": round(dice.uniform(-1, 1), 1)},
        {"do": "add_rule", "path": [*option, dice.choice(["text", "fit", "goto", "because"])], "when": {facts[0]: "unknown"}},
        {"do": "clear", "path": [*option, dice.choice(["costs", "when", "reply", "fit", "facets"])]},
        {"do": "add_scene", "after": dice.choice(scenes)},
        {"do": "add_ending", "title": dice.choice(WORDS)},
        {"do": "add_option", "scene": dice.choice(scenes)},
        {"do": "add_line", "path": list(dice.choice(lists or [("x",)])), "number": dice.randrange(4)},
        {"do": "set_line", "path": list(dice.choice(lines or [("x",)])), "speaker": dice.choice(["narrator", "you", "new"])},
        {"do": "add_fact"},
        {"do": "add_value", "fact": dice.choice(facts)},
        {"do": "even", "fact": dice.choice(facts)},
        {"do": "depend", "fact": dice.choice(facts), "on": dice.choice([*facts, ""])},
        {"do": "assign", "fact": dice.choice(facts), "on": dice.choice([True, False])},
        {"do": "set", "path": [*option, "facets"], "value": dice.choice([["team+"], ["thrift-", "team+"]])},
        {"do": "add_walk", "answers": ["a", "b"], "ending": goto, "fixed": dice.choice([{}, {"a": "b"}])},
        {"do": "delete_walk", "name": dice.choice([*(doc["walks"] or {}), goto])},
        {"do": "accept", "warning": dice.choice(["gap", "no_walks"]), "place": "case", "because": dice.choice(WORDS)},
        {"do": "take_back", "warning": dice.choice(["gap", "no_walks"]), "place": "case"},
        {"do": "add_speaker", "name": dice.choice(WORDS)},
        {"do": "add_patience"},
        {"do": "add_memory"},
        {"do": "set_memory", "name": "memory_1", "values": dice.choice(["a, b", "да", "", "no"])},
        {"do": "delete", "path": list(path)},
        {"do": "move", "path": list(path), "by": dice.randrange(-3, 4)},
        {"do": "move_option", "scene": option[1], "option": option[3], "to": other[1]},
        {"do": "copy_option", "scene": option[1], "option": option[3]},
        {"do": "rename", "path": list(dice.choice(named or [("x", "y")])), "name": dice.choice(NAMES)},
        {"do": "translate", "lang": "en", "key": dice.choice([*text_places(case), "title"]), "text": dice.choice(WORDS)},
    ])  # fmt: skip


def played(place, seed, edits):
    draft = Draft(place)
    file = place / "case.yml"
    before = {one.name: one.read_bytes() for one in place.iterdir() if not one.name.startswith(".")}
    dice, states, written = random.Random(seed), [draft.document], 0
    for number in range(edits):
        wanted = random_edit(dice, draft.document)
        while draft.problems and draft.can_undo and dice.random() < 0.7:  # an author mends what is broken
            draft.undo()
            states.pop()
            assert same(draft.document, states[-1])
        try:
            was = draft.document
            draft.edit(wanted)
        except TrainkitError as error:
            assert isinstance(error, Refused) or wanted["do"] in ("rename", "set_memory"), wanted
            assert draft.document is was
            continue
        if draft.document is not was:
            states.append(draft.document)
        if number % 10 == 0 or not draft.problems:
            assert same(parse(draft.yaml(), "")[0], draft.document["case"]), wanted
            if draft.write():
                written += 1
                assert same(parse(file.read_text("utf-8"), "")[0], draft.document["case"])
            casebook.load_case(place)  # whatever the draft is, the file is a case
    last = draft.document
    again = Draft(place)  # another day
    assert same(again.document, last)
    for state in reversed(states[:-1]):
        again.undo()
        assert same(again.document, state)
    assert not again.can_undo and again.write()
    assert {one.name: one.read_bytes() for one in place.iterdir() if not one.name.startswith(".")} | before == before
    for state in states[1:]:
        again.redo()
        assert same(again.document, state)
    again.leave()
    return written


def copied(folder, tmp_path_factory):
    place = tmp_path_factory.mktemp("draft") / folder.name
    shutil.copytree(folder, place)
    return place


@pytest.mark.slow
@settings(max_examples=examples(12), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.integers(0, 2**32))
def test_some_edits(tmp_path_factory, seed):
    played(copied(TEST_CASES / "late_parcel", tmp_path_factory), seed, 40)


@pytest.mark.long
@settings(
    max_examples=1,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.integers(0, 2**32))
def test_a_thousand_edits(tmp_path_factory, seed):
    assert played(copied(TEST_CASES / "late_parcel", tmp_path_factory), seed, 1000)


@pytest.mark.long
@settings(
    max_examples=1,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.integers(0, 2**32))
def test_edits_of_a_large_case(tmp_path_factory, seed):
    assert played(copied(CASEBOOK / "racket_refund", tmp_path_factory), seed, 200)
