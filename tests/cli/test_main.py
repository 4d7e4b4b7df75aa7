"""The command as it is typed: exit codes, sentences, help, completion."""

import os
import re
import subprocess
import sys

import click
import pytest
from support.command_line import PARCEL, run
from support.places import ROOT

from trainkit.cli import author
from trainkit.cli.main import COMMANDS, SECTIONS, main, trainkit
from trainkit.engine import attempt as play
from trainkit.errors import TrainkitError
from trainkit.files import casebook


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
        (["check", "a" * 300 + "/b", "--lang", "en"], "unknown case"),
        (["play", "../../etc"], "unknown case"),
        (["translate", PARCEL, "--to", "", "--lang", "en"], "language"),
        (["play", PARCEL, "--seed", "-4", "--answers", "offer"], "seed"),
        (["play", PARCEL, "--json"], "--answers"),
        (["play"], "CASE"),
        (["check", "nope", "--lang", "en"], 'unknown case "nope"'),
        (["chek"], "chek"),
        (["lab", "--lang", "xx"], 'unknown language "xx"'),
        (["lab", "--port", "99999999"], "port"),
        (["translate", PARCEL, "--to", "ru", "--lang", "en"], "source language"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_2(arguments, sentence, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    assert main(arguments) == 2
    done = capsys.readouterr()
    assert sentence in done.err and "Traceback" not in done.err and not done.out
    assert len(done.err.strip().splitlines()) == 1


def test_a_process_ends_with_the_code_that_main_gives():
    assert run("schema").returncode == 0 and run("--help").returncode == 0
    done = run("play", "raket_refund")
    assert done.returncode == 2 and not done.stdout
    assert done.stderr == 'trainkit: unknown case "raket_refund". Did you mean "racket_refund"?\n'


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("plya", 'unknown command "plya". Did you mean "play"?'),
        ("from_twee x", 'unknown command "from_twee". Did you mean "from-twee"?'),
        ("xyz", 'unknown command "xyz". There are: lab, play, class,'),
        ("--verson", 'unknown option "--verson". Did you mean "--version"?'),
        ("play racket_refund --langg ru", 'unknown option "--langg". Did you mean "--lang"?'),
        ("class --feed end", 'unknown option "--feed". Did you mean "--feedback"?'),
        ("class --no-bakc", 'unknown option "--no-bakc". Did you mean "--no-back"?'),
        ("", "missing command. See `trainkit --help`."),
        ("play", "missing argument 'CASE'. See `trainkit play --help`."),
        ("simulate", "missing argument 'CASE...'. See `trainkit simulate --help`."),
        ("draw racket_refund", "missing option '-o' / '--output'. See `trainkit draw --help`."),
        ("play a b", "got unexpected extra argument (b). See `trainkit play --help`."),
        ("simulate racket_refund -n few", "'few' is not a valid integer. See `trainkit simulate --help`."),
    ],
)
def test_what_cannot_be_parsed_is_a_sentence_with_the_nearest_name(arguments, sentence, capsys):
    assert main(arguments.split()) == 2
    said = capsys.readouterr()
    assert said.err.startswith("trainkit: ") and sentence in said.err and not said.out
    assert len(said.err.strip().splitlines()) == 1


# ---- help -----------------------------------------------------------------------------------------------------


def test_help_lists_every_command_in_a_section(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    sections = dict(re.findall(r"^([A-Z].*):\n((?:  .+\n)+)", text, re.M))
    for title, section in SECTIONS.items():
        assert re.findall(r"^  (\S+)  ", sections[title], re.M) == [*section]
    assert [*COMMANDS] == trainkit.list_commands(None) and "_TRAINKIT_COMPLETE=bash_source" in text


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_says_what_the_list_says(name):
    command = trainkit.get_command(None, name)
    assert command.name == name
    summary = COMMANDS[name][1]
    assert command.help == f"{summary[0].upper()}{summary[1:]}."
    assert all(param.help for param in command.params if isinstance(param, click.Option))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_examples_that_parse(name, capsys):
    command = trainkit.get_command(None, name)
    assert main([name, "--help"]) == 0
    text = capsys.readouterr().out
    examples = re.findall(r"^  trainkit (.+)$", text, re.M)
    assert examples, name
    for example in examples:
        typed, *words = example.split(" > ")[0].split()
        parsed = command.make_context(name, words).params
        assert typed == name
        if name == "play" and parsed["blind"]:
            assert main(example.split()) == 0
        elif name == "play":  # ... and are true of the case they name
            answers = (parsed["answers"] or "").split(",")
            play.replay(casebook.load_case(parsed["case"]), 0, parsed["fixed"], filter(None, answers))


def test_help_loads_nothing_heavy():
    heavy = "pydantic yaml sqlalchemy jinja2 babel numpy pandas tqdm uvicorn trainkit.files trainkit.case"
    code = "import sys; from trainkit.cli.main import main; main(['--help']); main(['class', '--help'])\n"
    code += f"print('LOADED', [name for name in {heavy.split()!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, encoding="utf-8")
    assert "LOADED []" in done.stdout, done.stdout + done.stderr


# ---- completion -----------------------------------------------------------------------------------------------


def completed(*words, **environment):
    """What Tab offers after these words."""
    typed = " ".join(["trainkit", *words])
    complete = {"_TRAINKIT_COMPLETE": "bash_complete", "COMP_WORDS": typed, "COMP_CWORD": str(len(words))}
    done = run(**complete, **environment)
    assert done.returncode == 0 and not done.stderr, done
    return [tuple(line.split(",", 1)) for line in done.stdout.splitlines()]


@pytest.mark.slow
def test_tab_completes_commands_options_and_cases():
    assert completed("deb") == [("plain", "debrief")]
    assert completed("play", "rack") == [("plain", "racket_refund")]
    assert completed("class", "racket_refund", "app") == [("plain", "appendicitis")]
    assert completed("check", "a") == [("plain", "advice_or_service"), ("plain", "appendicitis")]
    assert ("plain", "--no-back") in completed("class", "--")
    assert completed("class", "--feedback", "e") == [("plain", "end")]
    assert completed("play", "racket_refund", "--lang", "") == [("plain", "en"), ("plain", "ru")]
    assert completed("print", "racket_refund", "--sheet", "o") == [("plain", "observer"), ("plain", "own")]
    assert completed("simulate", "racket_refund", "--persona", "ce") == [("plain", "centric")]


def test_tab_completes_folders_and_files():
    assert completed("play", "./my") == [("dir", "./my")]
    assert completed("from-twee", "st") == [("file", "st")]
    assert completed("draw", "racket_refund", "-o", "a") == [("file", "a")]


def test_tab_without_a_casebook_is_quiet(tmp_path):
    assert completed("play", "x", TRAINKIT_CASEBOOK=str(tmp_path)) == [("dir", "x")]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_completion_has_a_script_for_each_shell(shell):
    assert "trainkit" in run(_TRAINKIT_COMPLETE=f"{shell}_source").stdout


# ---- how it ends ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "\n"),
        (OSError(28, "No space left on device"), 2, "trainkit: No space left on device\n"),
        (TrainkitError("There is no such thing."), 2, "trainkit: There is no such thing.\n"),
    ],
    ids=["interrupted", "disk", "mistake"],
)
def test_how_a_command_ends(raised, code, said, monkeypatch, capsys):
    def fail():
        raise raised

    monkeypatch.setattr(author.schema_command, "callback", fail)
    assert main(["schema"]) == code and capsys.readouterr().err == said


def test_broken_pipe_is_quiet():
    code = f"{sys.executable} -m trainkit schema | head -1"
    done = subprocess.run(code, shell=True, capture_output=True, text=True, cwd=ROOT)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [["schema"], ["translate", PARCEL], ["--help"]], ids=lambda words: words[0])
def test_a_reader_who_has_gone_is_no_mistake(arguments):
    """Whether there was much to print or little."""
    command = [sys.executable, "-m", "trainkit", *arguments]
    buffered = os.environ | {"PYTHONUNBUFFERED": ""}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=buffered) as process:
        process.stdout.close()
        assert process.stderr.read() == b"" and process.wait() == 0
