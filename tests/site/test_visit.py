"""A visit says where one is and refuses what can't be done; a place in few characters leads back to it."""

import json
import random
from contextlib import suppress
from urllib.parse import urlencode

import pytest
from support.places import TEST_CASES

from trainkit.errors import Refused
from trainkit.files import casebook
from trainkit.log.browser import BrowserLog, Row
from trainkit.log.records import Settings
from trainkit.session.resume import begin
from trainkit.site.place import read_place, write_place
from trainkit.site.visit import Window

PLAN = {"cases": ["late_parcel"], "lang": "en", "languages": ["en", "ru"], "feedback": "now", "send": "", "store": None}
PLAN |= {"back": True, "own_words": False, "ask_why": False}


def window(rows=(), run="", **plan):
    case = casebook.load_case(TEST_CASES / "late_parcel")
    load = {case.id: (case.source_json, case.translations_json)}.__getitem__
    return Window(json.dumps(PLAN | plan), load, json.dumps(list(rows)), run, "")


def post(there, address="/play", rows=(), **form):
    return json.loads(there.post(address, urlencode(form), json.dumps(list(rows))))


def begun(name="Finch"):
    there = window()
    rows = post(there, "/door", begin="late_parcel", name=name)["rows"]
    return there, rows


def test_who_has_no_name_is_asked_for_one():
    there = window()
    asked = post(there, "/", begin="late_parcel")
    assert (asked["at"], asked["rows"]) == ("/door?case=late_parcel", []) and 'id="name"' in asked["html"]
    refused = post(there, "/door", begin="late_parcel", name="   ")
    assert "Please make up a name" in refused["html"] and refused["rows"] == []
    there, rows = begun("  Finch\n ")
    assert json.loads(rows[1][1])["participant"] == "Finch"


def test_a_case_that_is_not_there_is_refused():
    refused = post(window(), "/", begin="../../etc/passwd", name="x")
    assert refused["rows"] == [] and "Not accepted" in refused["html"]


def test_an_answer_of_an_old_page_does_not_count():
    there, _ = begun()
    run = there.visit.run
    assert len(post(there, attempt=run, step="0", option="offer")["rows"]) == 1
    for form in (
        {"attempt": run, "step": "0", "option": "what_is_it"},
        {"attempt": "x", "step": "1", "option": "refund"},
        {},
    ):
        refused = post(there, **form)
        assert refused["rows"] == [] and 'role="alert"' in refused["html"]


def test_what_could_not_be_committed_is_forgotten():
    there, rows = begun()
    form = {"attempt": there.visit.run, "step": "0", "option": "offer"}
    assert len(post(there, **form)["rows"]) == 1
    undone = json.loads(there.undo("/play", urlencode(form), json.dumps(rows), "full"))
    assert "NOT saved" in undone["html"] and "no room left" in undone["html"] and there.visit.session.step == 0
    assert len(post(there, **form)["rows"]) == 1  # and may be given again
    late = json.loads(there.undo("/play", urlencode(form), json.dumps(rows), "elsewhere"))
    assert "did not count" in late["html"]
    odd = json.loads(there.undo("/play", urlencode(form), json.dumps(rows), "<b>disk"))
    assert "could not write it down: &lt;b&gt;disk" in odd["html"]


def test_again_in_two_windows_is_one_run():
    first, rows = begun()
    for option in ("offer", "refund"):
        rows += post(first, attempt=first.visit.run, step=str(first.visit.session.step), option=option)["rows"]
    second = window(rows)
    again = post(first, attempt=first.visit.run, step="2", again="1")["rows"]
    assert [row[0] for row in again] == ["attempt 2"]
    late = post(second, rows=again, attempt=second.visit.run, step="2", again="1")
    assert late["rows"] == [] and "did not count" in late["html"]


def test_a_window_comes_back_to_the_run_it_was_in():
    there, rows = begun()
    first = there.visit.run
    rows += post(there, "/door", begin="late_parcel", name="Wren")["rows"]
    assert there.visit.run != first and window(rows).visit.run == there.visit.run
    assert window(rows, first).visit.run == first and window(rows, "gone").visit.run == there.visit.run


def test_without_feedback_nothing_is_told():
    there = window(feedback="none")
    post(there, "/door", begin="late_parcel", name="Finch")
    for option in ("offer", "refund"):
        last = post(there, attempt=there.visit.run, step=str(there.visit.session.step), option=option)
    assert "there is no feedback in this run" in last["html"]
    assert "debrief_file" not in json.loads(there.get("/debrief?page=2", "[]"))["html"]
    assert json.loads(there.file("/debrief/file"))["type"] == "application/json"  # the answers, and no debrief


# ---- a place ----------------------------------------------------------------------------------------------------------


def played(case, runs=3, words="words of my own"):
    log, dice = BrowserLog(), random.Random(2)
    for seed in range(runs):
        session = begin(log, case, "Чиж", seed=seed, settings=Settings(own_words=True, ask_why=True))
        while session.phase != "over":
            said = {"option": dice.choice(session.attempt.open)} if session.phase == "choose" else {"text": words}
            session.do(session.phase, "en", step=session.step, **said)
            if session.phase in ("choose", "words") and dice.random() < 0.2:
                with suppress(Refused):  # at the beginning
                    session.do("back", "en", step=session.step)
    session.do("disagree", "en", number=0, text="no")
    return log


def restored(place, case):
    settings = Settings(own_words=True, ask_why=True)
    return [*read_place(place, [case.id], lambda name: case, settings)]


def said(events):
    return [(e.kind, e.scene, e.option, e.text, e.ending) for e in events]


def test_a_place_leads_back_to_every_run(parcel):
    log = played(parcel)
    place = write_place(log, 4096)
    for (record, events), known in zip(restored(place, parcel), log.attempts(), strict=True):
        assert record == known and said(events) == said(log.events(known.attempt))


def test_if_it_is_too_little_words_go_first_then_the_oldest_runs(parcel):
    log = played(parcel, words="long " * 100)
    whole = write_place(log, 100_000)
    short = write_place(log, len(whole) - 1)
    assert "long" in whole and "long" not in short and len(restored(short, parcel)) == 3
    fewer = write_place(log, len(short) - 1)
    assert [one.attempt for one, _ in restored(fewer, parcel)] == [one.attempt for one in log.attempts()[1:]]
    assert write_place(log, 50) == ""


@pytest.mark.parametrize(
    "place", ["", "{", "null", "[]", "[9]", '[1,["a"]]', '[1,["a","late_parcel","0000",1,"b","c","en",[]]]', "[1,5]"]
)
def test_a_place_that_is_none_leads_nowhere(parcel, place):
    assert restored(place, parcel) == []


def test_a_place_of_another_version_or_with_an_impossible_answer_is_left(parcel):
    place = json.loads(write_place(played(parcel, runs=1), 4096))
    place[1][7].insert(0, "nonsense")
    assert restored(json.dumps(place), parcel) == []
    assert window().visit.carry_on("") is False and Row("a", "b").key == "a"
