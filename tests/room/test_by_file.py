"""Runs that came by file count in a room as those of who joined, are told apart, and take nobody's place or turn."""

import random
import re
from dataclasses import replace

import pytest
from support.places import ROOT

from trainkit.cli.main import main
from trainkit.errors import TrainkitError
from trainkit.exchange.answers_file import write_answers
from trainkit.exchange.incoming import import_runs
from trainkit.files import casebook
from trainkit.log.browser import BrowserLog
from trainkit.log.records import new_record
from trainkit.log.store import Log
from trainkit.room.answers import answers_of
from trainkit.room.by_file import everybody, take_in
from trainkit.room.controls import load_stage, record_control
from trainkit.room.erasure import erase, find, traces
from trainkit.room.members import add_member, places_taken
from trainkit.room.run_cache import RunCache, rooms_of
from trainkit.room.workshops import create, parts_of
from trainkit.session.resume import begin
from trainkit.session.session import Session
from trainkit.view.remote import Around, Asked, remote_html
from trainkit.view.wall import Door, wall_html

CASE = "racket_refund"


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Four people at one browser, one of whom played another case as well."""
    log, dice = BrowserLog(), random.Random(5)
    for name, case in (("Чиж", CASE), ("Ёж", CASE), ("Уж", CASE), ("Ёж", "boundaries"), ("Морж", CASE)):
        session = begin(log, casebook.load_case(case), name)
        while session.phase != "over":
            session.play([dice.choice(session.attempt.open)], "ru")
    path = tmp_path_factory.mktemp("file") / "answers.json"
    path.write_text(write_answers(log), "utf-8")
    return path


@pytest.fixture
def room(store):
    """An open room in which two sit, and one of them has begun."""
    case = casebook.load_case(CASE)
    workshop = create(store, parts_of([case]), places=2)
    record_control(store, workshop, "open", "1")
    for name in ("Ира", "Чиж"):
        member, _ = add_member(store, workshop, name, False, "ru")
    record = new_record(case, member.name, 1, {}, None, member=member.member, run=0)
    store.begin(record, case)
    session = Session(store, record, case, [])
    session.play([session.attempt.open[0]], "ru")
    return workshop


def taken(store, workshop, file):
    return take_in(store, workshop, import_runs(store, file).here)


def test_they_count_in_the_room_and_are_marked(store, room, file):
    runs = RunCache(store, room)
    assert len(rooms_of(runs)[CASE].people) == 1  # a cache that has looked before
    done = taken(store, room, file)
    assert done == (4, 4, 1, 0)
    summary = rooms_of(runs)[CASE]
    assert [person.by_file for person in summary.people] == [False, True, True, True, True]
    assert summary.finished == 4 and summary.splits[0].answers == 5 and summary.splits[0].counts
    assert summary.splits[0].voters == 1  # nobody in a file can vote again
    assert {one.person for one in answers_of(store, room, load_stage(store, room)[0])} >= {"Чиж", "Чиж (2)", "Морж"}
    assert places_taken(store, room) == 2 and load_stage(store, room)[0].gone == 0


def test_twice_is_as_once_and_what_was_here_already_can_be_taken_in_later(store, room, file):
    import_runs(store, file)  # by the inbox, say
    assert len(rooms_of(RunCache(store, room))[CASE].people) == 1
    for _ in range(2):
        assert taken(store, room, file).runs == 4
    assert len(rooms_of(RunCache(store, room))[CASE].people) == 5
    assert [one.name for one in everybody(store, room)] == ["Ира", "Чиж", "Чиж (2)", "Ёж", "Уж", "Морж"]


def test_in_an_anonymous_room_they_are_refused(store, file):
    workshop = create(store, parts_of([casebook.load_case(CASE)]))
    with pytest.raises(TrainkitError, match="is anonymous"):
        taken(store, workshop, file)
    assert not load_stage(store, workshop)[0].by_file and len(store.attempts()) == 5  # but they are in the log


def test_another_version_of_the_case_stays_out(store, file, tmp_path):
    folder = tmp_path / CASE
    folder.mkdir()
    text = (ROOT / "casebook" / CASE / "case.yml").read_text("utf-8")
    (folder / "case.yml").write_text(text.replace("target: ", "target: 0.9 # ", 1), "utf-8")
    for other in (ROOT / "casebook" / CASE).glob("text.*.yml"):
        (folder / other.name).write_text(other.read_text("utf-8"), "utf-8")
    changed = casebook.load_case(folder)
    workshop = create(store, parts_of([changed]))
    record_control(store, workshop, "open", "1")
    assert taken(store, workshop, file) == (0, 0, 1, 4)


def test_who_is_removed_renamed_joined_or_erased(store, room, file):
    taken(store, room, file)
    people = {one.name: one.member for one in everybody(store, room)}
    record_control(store, room, "remove", people["Уж"])
    record_control(store, room, "name", f"{people['Морж']} Кит")
    record_control(store, room, "merge", f"{people['Чиж (2)']} {people['Чиж']}")  # played at home, and came
    summary = rooms_of(RunCache(store, room))[CASE]
    assert {(person.name, person.by_file) for person in summary.people} == {
        ("Чиж", False), ("Ёж", True), ("Кит", True),
    }  # fmt: skip
    assert load_stage(store, room)[0].gone == 0  # none of them had a place
    found = find(store, "Кит", room)
    assert [len(one.attempts) for one in found] == [1]
    erase(store, "Кит", found)
    assert traces(store, "Кит").gone and people["Морж"] not in load_stage(store, room)[0].by_file
    assert len(rooms_of(RunCache(store, room))[CASE].people) == 2
    found = find(store, "Чиж")
    assert sum(len(one.attempts) for one in found) == 2 and len(found) == 2  # in the room and by file, each once


def test_wall_and_remote_say_so(store, room, file):
    taken(store, room, file)
    stage, runs = load_stage(store, room)[0], RunCache(store, room)
    rooms, members = rooms_of(runs), everybody(store, room)
    wall = wall_html(rooms, 2, stage, "ru", Door.of(room, stage, "http://127.0.0.1"))
    assert "прислали файлом: " in wall and re.search(r"</b>\s+из\s+6\b", wall)
    remote = remote_html(
        rooms, members, Around(stage, Door.of(room, stage, "http://127.0.0.1"), 1, 2), Asked("people"), "en"
    )
    assert "came by file" in remote and "2 of 2 places" in remote
    assert "is-lobby" in wall_html(
        rooms, 2, replace(stage, opened=0), "ru", Door.of(room, stage, "http://127.0.0.1")
    )  # it gives nothing away


def test_the_command(store, room, file, capsys):
    line = ["import", str(file), "--workshop", room.code, "--database", str(store.file), "--lang", "en"]
    assert main(line) == 0
    printed = capsys.readouterr().out
    assert f"4  count in room {room.code}, marked as come by file" in printed and "1  of cases that the room" in printed
    assert main([*line[:3], "000000" if room.code != "000000" else "000001", *line[4:]]) == 2
    assert "workshop" in capsys.readouterr().err


def test_they_count_in_postgresql_too(postgres_url, file):
    log = Log(postgres_url)
    workshop = create(log, parts_of([casebook.load_case(CASE)]))
    record_control(log, workshop, "open", "1")
    runs = RunCache(log, workshop)
    assert not rooms_of(runs)[CASE].people
    assert taken(log, workshop, file).people == 4
    assert len(rooms_of(runs)[CASE].people) == 4 and len(everybody(log, workshop)) == 4
    log.close()
