"""An agenda: what opens with what, changes that are refused, and every mistake in a file with its line."""

import math

import pytest
from support.class_server import PARCEL

from trainkit.errors import CaseError, Refused, TrainkitError, UnknownName
from trainkit.room.agenda import (
    added,
    break_item,
    case_item,
    changed,
    from_json,
    moved_up,
    onward,
    rounds_open,
    to_json,
    without,
)
from trainkit.room.agenda_file import read_agenda

ONE, TWO, THREE = case_item("one"), case_item("two"), case_item("three", pace="scene", clock=2)
COFFEE = break_item((), "Кофе", 15)
DAY = (ONE, TWO, COFFEE, THREE)


def test_what_opens_with_what():
    assert [onward(DAY, opened, "free") for opened in range(5)] == [2, 2, 3, 4, 0]
    assert [onward(DAY, opened, "case") for opened in range(5)] == [1, 2, 3, 4, 0]
    assert onward((ONE, case_item("two", pace="case"), THREE), 0, "free") == 1
    assert onward((), 0, "free") == 0


def test_what_has_begun_stays():
    assert moved_up(DAY, "three", 1) == (ONE, TWO, THREE, COFFEE)
    assert moved_up(DAY, "two", 1) == DAY, "before what has begun nothing comes"
    assert without(DAY, COFFEE.key, 2) == (ONE, TWO, THREE)
    for change in (moved_up, without):
        with pytest.raises(Refused, match="begun"):
            change(DAY, "two", 2)
        with pytest.raises(UnknownName, match='Did you mean "three"'):
            change(DAY, "thre", 0)
    with pytest.raises(Refused, match="already"):
        added(DAY, case_item("one"))
    with pytest.raises(Refused, match="has a case"):
        without((COFFEE, ONE), "one", 0)
    with pytest.raises(Refused, match="at most 40"):
        added(tuple(case_item(f"case_{n}") for n in range(40)), ONE)
    assert break_item(DAY, " Ещё  кофе\n", 5).key == "-2" and break_item(DAY, " Ещё  кофе\n", 5).name == "Ещё кофе"
    assert changed(DAY, "two", pace="case")[1].pace == "case"


@pytest.mark.parametrize(
    "how", [{"minutes": -1}, {"minutes": 601}, {"clock": 61}, {"clock": True}, {"pace": "fast"}, {"story": "none"}]
)
def test_what_is_out_of_range_is_refused(how):
    with pytest.raises(TrainkitError):
        case_item("one", **how)


def test_the_log_keeps_it():
    assert from_json(to_json(DAY)) == DAY


def test_how_many_scenes_are_open():
    assert rounds_open(DAY, "one", 1, "free", {}) == math.inf
    assert rounds_open(DAY, "one", 1, "scene", {}) == 1 and rounds_open(DAY, "one", 1, "scene", {"one": 4}) == 4
    assert rounds_open(DAY, "one", 3, "scene", {"one": 4}) == math.inf, "the room is further"
    assert rounds_open((ONE, COFFEE), "one", 2, "scene", {"one": 4}) == 4, "a break is no case"
    assert rounds_open(DAY, "gone", 3, "scene", {}) == math.inf


def test_a_file_is_read(tmp_path, pytestconfig):
    file = tmp_path / "friday.yml"
    text = f"""
agenda:
  - case: racket_refund
    pace: scene
    set: {{item: watch}}
  - break: Кофе
    minutes: 15
  - case: {pytestconfig.rootpath / PARCEL}
"""
    file.write_text(text, "utf-8")
    agenda, parts = read_agenda(file)
    assert [item.key for item in agenda] == ["racket_refund", "-1", "late_parcel"]
    assert [(part.case.id, dict(part.fixed)) for part in parts] == [
        ("racket_refund", {"item": "watch"}),
        ("late_parcel", {}),
    ]


def test_every_mistake_in_a_file_has_its_line(tmp_path):
    file = tmp_path / "friday.yml"
    text = """\
- case: rackett_refund
- break: Кофе
- case: power_upgrade
  pase: scene
- case: racket_refund
- case: racket_refund
- case: second_place
  pace: scenes
- case: boundaries
  set: {load: heavy}
- lunch
- case: appendicitis
  clock: soon
"""
    file.write_text(text, "utf-8")
    with pytest.raises(CaseError) as error:
        read_agenda(file)
    said = str(error.value).splitlines()
    assert [line.rsplit("friday.yml:", 1)[1].partition(":")[0] for line in said] == [
        "1, item 1", "2, item 2", "3, item 3", "6, item 5", "7, item 6", "9, item 7", "11, item 8", "12, item 9",
    ]  # fmt: skip
    for word in ("racket_refund", "has minutes", '"pace"', "already", "scene", "load", "lunch", "soon"):
        assert word in str(error.value), word
    for text, word in (("", "list"), ("- break: Кофе\n  minutes: 5\n", "has a case"), ("- [", "YAML")):
        file.write_text(text, "utf-8")
        with pytest.raises(CaseError, match=word):
            read_agenda(file)
