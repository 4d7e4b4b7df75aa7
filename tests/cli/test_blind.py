"""``trainkit play --blind``: what a player sees, by number, and nothing of ids, keys or feedback."""

import json
import re

import pytest
from support.command_line import PARCEL, changed
from support.places import each_of_the_casebook

from trainkit import load_case
from trainkit.cli.main import main
from trainkit.log.history import attempts_beside
from trainkit.log.store import Log
from trainkit.session.resume import begin


def blind(capsys, *arguments):
    status = main(["play", *map(str, arguments), "--blind"])
    seen = capsys.readouterr()
    return status, seen.out, seen.err


def test_it_goes_step_by_step(capsys):
    status, first, _ = blind(capsys, PARCEL, "--lang", "en")
    case = load_case(PARCEL)
    texts = [case.text(f"scenes.{case.start}.options.{name}.text", "en") for name in case.scenes[case.start].options]
    joined = " ".join(first.split())
    assert status == 0 and case.text("title", "en") in first and case.text("role", "en") in joined
    places = [joined.index(f"{number} {text}") for number, text in enumerate(texts, 1)]
    assert places == sorted(places)
    status, second, _ = blind(capsys, PARCEL, "--lang", "en", "--answers", "3")
    assert status == 0 and f"You: {texts[2]}" in " ".join(second.split()) and "And what do you suggest?" in second
    assert blind(capsys, PARCEL, "--lang", "en", "--answers", "3")[1] == second  # the same story at every step


def test_at_the_end_it_shows_the_ending_and_no_debrief(capsys):
    answers = "3,1"
    status, out, _ = blind(capsys, PARCEL, "--answers", answers)
    data = json.loads(blind(capsys, PARCEL, "--answers", answers, "--json")[1])
    assert status == 0 and data["finished"] is True and data["options"] == [] and data["prompt"] is None
    assert data["heard"][-1]["text"].split()[0] in out and "Разбор" not in out and "Положение" not in out


@each_of_the_casebook()
@pytest.mark.parametrize("as_json", [False, True])
def test_nothing_of_ids_keys_or_feedback(name, as_json, capsys):
    """Whatever is chosen: no id of a scene, an option or a fact, no reason and no figure of the key."""
    case = load_case(name)
    answers, feedback = [], {" ".join(text.split()) for key, text in case.texts.items() if ".because" in key}
    for _ in range(6):
        flags = ["--json"] if as_json else []
        status, out, err = blind(capsys, name, "--answers", ",".join(answers), *flags)
        assert status == 0 and not err
        if as_json:
            data = json.loads(out)
            assert set(data) == {"title", "role", "notice", "heard", "patience", "prompt", "options", "finished"}
            assert all(set(option) == {"number", "text", "cost", "open"} for option in data["options"])
            numbers = [str(option["number"]) for option in data["options"] if option["open"]]
        else:
            numbers = re.findall(r"^  (\d)  ", out, re.M)
        ids = {*case.scenes, *case.endings, *case.facts, *(o for scene in case.scenes.values() for o in scene.options)}
        ids -= {"number", "text", "cost", "open", "title", "role", "notice", "heard", "who", "prompt", "options"}
        words = set(re.findall(r"[A-Za-z0-9_]+", out)) - {"ok", "sms", "gps"}
        assert not words & {one for one in ids if not one.isdecimal()}, words & ids
        plain = " ".join(out.split())
        assert not [text for text in feedback if text in plain]
        if not numbers:
            break
        answers.append(numbers[0])


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ("offer", 'numbers as shown (answer 1 is "offer")'),
        ("9", "answer 1 is a number from 1 to"),
        ("0", "answer 1 is a number from 1 to"),
        ("3,1,1", "the case is over before answer 3"),
    ],
)
def test_answers_that_are_not_on_the_screen(answers, said, capsys):
    status, out, err = blind(capsys, PARCEL, "--answers", answers)
    assert status == 2 and not out and said in err


def test_its_log_is_marked(tmp_path, capsys):
    file = tmp_path / "log.sqlite3"
    assert blind(capsys, PARCEL, "--answers", "3,1", "--database", file, "--participant", "anna")[0] == 0
    log = Log(file)
    (record,) = log.attempts()
    assert record.origin == "blind" and record.settings.feedback == "none"
    of_a_person = begin(log, load_case(PARCEL), "anna")
    assert record not in attempts_beside(log, of_a_person.record)


def test_a_stale_translation_is_not_told_by_its_id(tmp_path, capsys):
    folder = changed(tmp_path, ("case.yml", "title: ", "title: Другое. "))
    status, out, err = blind(capsys, folder, "--lang", "en")
    assert status == 0 and not err and "Другое" in out
