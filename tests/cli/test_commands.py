"""The command as it is typed: exit codes, sentences, JSON."""

import json
import re
import subprocess
import sys

import jsonschema
import pytest
from support.places import ROOT, TEST_CASES

from trainkit.cli.main import _parser, main
from trainkit.engine import attempt as play
from trainkit.files import casebook
from trainkit.scoring import decisions

PARCEL = str(TEST_CASES / "late_parcel")


def run(*arguments, stdin=None):
    """The real command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "trainkit", *arguments],
        capture_output=True,
        text=True,
        input=stdin,
        cwd=ROOT,
        encoding="utf-8",
    )


def test_version():
    assert re.fullmatch(r"trainkit \d+\.\d+\.\d+\n", run("--version").stdout)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["play", "raket_refund"], 'unknown case "raket_refund". Did you mean "racket_refund"?'),
        (["play", PARCEL, "--lang", "e"], 'unknown language "e"'),
        (["play", PARCEL, "--answers", "ofer", "--json"], 'unknown option "ofer". Did you mean "offer"?'),
        (["play", PARCEL, "--answers", "offer,send", "--json"], '"send" is not open now'),
        (["play", PARCEL, "--answers", "offer", "--set", "need=toda"], 'Did you mean "today"?'),
        (["play", PARCEL, "--answers", "offer", "--set", "nead=today"], 'unknown fact "nead". Did you mean "need"?'),
        (["play", PARCEL, "--answers", "offer", "--set", "need"], "FACT=VALUE"),
        (["play", PARCEL, "--answers", "offer,refund,look"], "ended"),
        (["play", PARCEL, "--seed", "x"], "--seed"),
        (["play", PARCEL, "--answers", "offer", "--set", "need=today", "--set", "need=whenever"], "twice"),
        (["play", PARCEL, "--answers", "offer", "--database", ""], "empty"),
        (["play", "a" * 300], "unknown case"),
        (["check", "a" * 300 + "/b"], "unknown case"),
        (["play", "../../etc"], "unknown case"),
        (["translate", PARCEL, "--to", ""], "language"),
        (["play", PARCEL, "--seed", "-4", "--answers", "offer"], "seed"),
        (["play", PARCEL, "--json"], "--answers"),
        (["play"], "CASE"),
        (["check", "nope"], 'unknown case "nope"'),
        (["chek"], "chek"),
        (["lab", "--lang", "xx"], 'unknown language "xx"'),
        (["lab", "--port", "99999999"], "port"),
        (["translate", PARCEL, "--to", "ru"], "source language"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_2(arguments, sentence):
    done = run(*arguments)
    assert done.returncode == 2, done
    assert sentence in done.stderr and "Traceback" not in done.stderr and not done.stdout
    assert len(done.stderr.strip().splitlines()) == 1


def test_check_exits_1_on_errors(tmp_path):
    folder = tmp_path / "late_parcel"
    folder.mkdir()
    (folder / "case.yml").write_text("id: late_parcel\ntitle: 5\n", "utf-8")
    done = run("check", str(folder))
    assert done.returncode == 1 and 'case.yml:2, title: must be text (got "5")' in done.stdout


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


def test_play_json_unfinished():
    found = json.loads(run("play", PARCEL, "--answers", "offer", "--seed", "7", "--json").stdout)
    assert found["ending"] is None and found["finished"] is False


def test_the_same_seed_is_the_same_run():
    first, second = (run("play", PARCEL, "--answers", "offer", "--seed", "7", "--json").stdout for _ in range(2))
    assert first == second


def test_play_by_hand_stops_and_goes_on(tmp_path):
    file = str(tmp_path / "log.sqlite3")
    first = run("play", PARCEL, "--database", file, "--lang", "en", stdin="9\nx\n3\nq\n")
    assert first.returncode == 0 and "Nothing was chosen" in first.stdout and "And what do you suggest?" in first.stdout
    second = run("play", PARCEL, "--database", file, "--lang", "en", stdin="b\n3\n1\n")
    assert second.returncode == 0 and "Debrief" in second.stdout and "You went back one step" in second.stdout


def test_schema_is_a_json_schema():
    schema = json.loads(run("schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["title"] == "Case"


def test_translate_finds_what_is_missing_and_stale(tmp_path, capsys):
    import shutil

    folder = tmp_path / "late_parcel"
    shutil.copytree(TEST_CASES / "late_parcel", folder)
    text = (folder / "case.yml").read_text("utf-8")
    (folder / "case.yml").write_text(text.replace("Верну деньги сейчас же.", "Деньги верну сразу."), "utf-8")
    english = (folder / "text.en.yml").read_text("utf-8")
    (folder / "text.en.yml").write_text(english.replace("title: The late parcel\n", ""), "utf-8")
    assert main(["translate", str(folder)]) == 0
    printed = capsys.readouterr().out
    assert "missing  title" in printed and "stale    scenes.solve.options.refund.text" in printed
    assert main(["check", str(folder)]) == 1
    printed = capsys.readouterr().out
    assert "title: the translation is missing" in printed and "refund.text: the Russian has changed" in printed
    (folder / "text.en.yml").write_text(english, "utf-8")
    assert main(["translate", str(folder), "--accept"]) == 0
    capsys.readouterr()
    main(["check", str(folder)])  # the small case has keys to test formulas with, not to be played well
    assert not re.search("translation is missing|has changed|has accepted", capsys.readouterr().out)


def test_every_command_has_examples_that_parse():
    parser = _parser()
    commands = parser._subparsers._group_actions[0].choices
    for name, command in commands.items():
        text = command.format_help()
        examples = re.findall(r"^  trainkit (.+)$", text, re.M)
        assert examples, name
        for example in examples:
            parsed = parser.parse_args(example.split(" > ")[0].split())
            if name == "play":  # ... and are true of the case they name
                answers = (parsed.answers or "").split(",")
                facts = dict(pair.split("=") for pair in parsed.set)
                play.replay(casebook.load(parsed.case), 0, facts, filter(None, answers))


def test_broken_pipe_is_quiet():
    code = f"{sys.executable} -m trainkit.cli.main schema | head -1"
    done = subprocess.run(code, shell=True, capture_output=True, text=True, cwd=ROOT)
    assert "Traceback" not in done.stderr


def test_a_casebook_without_cases_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv("TRAINKIT_CASEBOOK", str(tmp_path))
    done = run("check")
    assert done.returncode == 2 and "TRAINKIT_CASEBOOK has no cases" in done.stderr


def changed(tmp_path, *edits):
    """A copy of the small case with texts of its files replaced: (file, old, new)."""
    import shutil

    folder = tmp_path / "late_parcel"
    shutil.copytree(TEST_CASES / "late_parcel", folder)
    for name, old, new in edits:
        text = (folder / name).read_text("utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), "utf-8")
    return folder


PIT = """
  pit:
    title: Яма
    lines: [{narrator: Темно.}]
    options:
      left: {text: Налево., because: Темно., position: 0.1, goto: pit}
      right: {text: Направо., because: Темно., position: 0.2, goto: pit}
  solve:"""


@pytest.mark.parametrize(
    ("edits", "rule"),
    [
        (
            [("case.yml", "\n  solve:", PIT), ("case.yml", "goto: solve", "goto: pit")],
            "a circle without a question or a cost: pit → pit",
        ),
        ([("case.yml", "goto: gone", "goto: week")], "no choice ever leads to this ending"),
        (
            [("case.yml", "when: {need: today}\n        position", "when: {where: van}\n        position")],
            "reads hidden truth",
        ),
        ([("case.yml", "- when: {need: unknown}", '- when: {need: unknown, paid: "yes"}')], "can never hold"),
        ([("text.en.yml", "title: The late parcel\n", "")], "title: the translation is missing"),
        (
            [("text.en.yml", "title: The late parcel\n", 'title: The late parcel\n"scenes.call.title": X\n')],
            "stands here twice",
        ),
        ([("walks.yml", "ending: lost", "ending: found")], 'must end in "found"'),
        ([("walks.yml", "ending: lost", "ending: lost\n  position: 5")], "must have position 5 (got not measured)"),
        ([("walks.yml", "ending: lost", "endin: lost")], 'Did you mean "ending"'),
        ([("case.yml", "      offer:", "      back:")], "kept for a step back"),
    ],
)
def test_check_finds(tmp_path, edits, rule, capsys):
    assert main(["check", str(changed(tmp_path, *edits))]) == 1
    assert rule in capsys.readouterr().out


def test_check_wants_english_and_plain_file_names(tmp_path, capsys):
    folder = changed(tmp_path)
    (folder / "text.en.yml").rename(folder / "english.yml")
    assert main(["check", str(folder)]) == 1 and "the translation is missing" in capsys.readouterr().out
    for name in ("text.ru.yml", "text.en.zz.yml", "text..yml"):
        (folder / name).write_text("title: X\n", "utf-8")
        assert main(["check", str(folder)]) == 1 and "text.<language>.yml" in capsys.readouterr().out
        (folder / name).unlink()


def test_check_figures_when_a_scene_can_be_met_again(tmp_path, capsys):
    """Against every run there is, by brute force: a scene counts by its first choice."""

    dither = (
        "      dither: {text: Дайте подумать ещё., because: Время., costs: 1, position: 1.0, goto: solve}\n      rules:"
    )
    folder = changed(tmp_path, ("case.yml", "      rules:", dither))
    english = (folder / "text.en.yml").read_text("utf-8")
    dithered = "      dither: {text: Let me think a little more., because: Time.}\n      rules:"
    (folder / "text.en.yml").write_text(english.replace("      rules:", dithered, 1), "utf-8")
    main(["translate", str(folder), "--accept"])
    capsys.readouterr()
    main(["check", str(folder), "--json"])
    (report,) = json.loads(capsys.readouterr().out)["cases"]
    case = casebook.load(folder)
    longest, ends = 0, []
    for price in ("low", "high"):
        for need in ("today", "whenever"):
            for where in ("van", "depot"):
                waiting = [play.start(case, 0, {"price": price, "need": need, "where": where})]
                while waiting:
                    attempt = waiting.pop()
                    if attempt.finished:
                        rows = decisions.decisions(attempt)
                        longest = max(longest, len(rows))
                        placed = [row for row in rows if row.position is not None]
                        if len(placed) >= 3:
                            ends.append(
                                100 * sum(r.weight * r.position for r in placed) / sum(r.weight for r in placed)
                            )
                    waiting += [play.choose(attempt, option) for option in attempt.open]
    assert report["decisions_longest_path"] == longest
    found = [round(min(ends), 1), round(max(ends), 1)] if ends else None
    assert report["position_range"] == found


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
