"""``trainkit play``: by hand, and with answers given beforehand."""

import json

import pytest
from support.command_line import PARCEL, changed, run
from support.places import TEST_CASES


def test_play_json():
    settings = ["--set", "price=low", "--set", "need=today", "--set", "where=van"]
    done = run("play", PARCEL, "--answers", "when_needed,offer,send", "--seed", "7", "--json", *settings)
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert list(found) == ["case", "hash", "seed", "facts", "path", "ending", "finished", "score"]
    assert found["seed"] == 7 and found["facts"] == {"price": "low", "need": "today", "where": "van"}
    assert found["path"][0] == {"scene": "call", "option": "when_needed", "position": 0.6, "fit": 1.0, "regret": 0.0}
    assert found["ending"] == "found" and found["finished"] is True
    assert list(found["score"]) == [
        "position", "offered", "relative", "fit", "play", "inquiry", "off_axis", "interval",
    ]  # fmt: skip
    assert found["score"]["position"] is None and found["score"]["off_axis"] == 0.0


@pytest.mark.slow
def test_what_was_pasted_with_marks_that_nobody_sees_is_what_was_meant(tmp_path):
    pasted = ["\ufeffracket_refund\u200b", "--set", "item\u00ad=watch\u200e", "--answers", "pay,\u200btomorrow"]
    found = json.loads(run("play", *pasted, "--json").stdout)
    assert found["case"] == "racket_refund" and found["facts"]["item"] == "watch"
    assert [step["option"] for step in found["path"]] == ["pay", "tomorrow"]
    file = str(tmp_path / "log.sqlite3")
    run("play", PARCEL, "--database", file, "--participant", "Йод", stdin="3\nq\n")
    again = run("play", PARCEL, "--database", file, "--participant", "И\u0306од", stdin="q\n")
    assert "предлагаете?" in again.stdout  # the scene where Йод stopped


def test_play_json_unfinished():
    found = json.loads(run("play", PARCEL, "--answers", "offer", "--seed", "7", "--json").stdout)
    assert found["ending"] is None and found["finished"] is False


@pytest.mark.slow
def test_the_same_seed_is_the_same_run():
    first, second = (run("play", PARCEL, "--answers", "offer", "--seed", "7", "--json").stdout for _ in range(2))
    assert first == second


def test_play_by_hand_stops_and_goes_on(tmp_path):
    file = str(tmp_path / "log.sqlite3")
    first = run("play", PARCEL, "--database", file, "--lang", "en", stdin="9\nx\n3\nq\n")
    assert first.returncode == 0 and "Nothing was chosen" in first.stdout and "And what do you suggest?" in first.stdout
    second = run("play", PARCEL, "--database", file, "--lang", "en", stdin="b\n3\n1\n")
    assert second.returncode == 0 and "Debrief" in second.stdout and "You went back one step" in second.stdout


def test_a_dead_end_is_said_and_does_not_hang(tmp_path):
    text = (TEST_CASES / "late_parcel" / "case.yml").read_text("utf-8")
    for option in ("refund", "look", "rules"):
        text = text.replace(f"      {option}:\n", f"      {option}:\n        when: {{need: today}}\n", 1)
    folder = tmp_path / "late_parcel"
    folder.mkdir()
    (folder / "case.yml").write_text(text, "utf-8")
    done = run("play", str(folder), "--set", "need=whenever", stdin="3\n")
    assert done.returncode == 2 and "solve" in done.stderr and "Traceback" not in done.stderr


def test_an_edited_case_is_said_and_new_begins_anew(tmp_path):
    folder, file = changed(tmp_path), str(tmp_path / "log.sqlite3")
    run("play", str(folder), "--database", file, "--lang", "en", stdin="3\nq\n")
    case = folder / "case.yml"
    case.write_text(case.read_text("utf-8").replace("minutes: 3", "minutes: 4"), "utf-8")
    again = run("play", str(folder), "--database", file, "--lang", "en", stdin="q\n")
    assert "has been edited" in again.stdout and "what do you suggest" in again.stdout
    new = run("play", str(folder), "--database", file, "--lang", "en", "--new", stdin="q\n")
    assert "has been edited" not in new.stdout and "what do you suggest" not in new.stdout
