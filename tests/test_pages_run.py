"""README's commands, typed as they stand there, in its order, in one folder with one log: each does what it says."""

import csv
import io
import itertools
import re
import shlex
import shutil

import pytest
from support.places import CASEBOOK, ROOT

from trainkit.cli.main import COMMANDS, main
from trainkit.files import casebook
from trainkit.simulation.personas import PERSONAS

README = (ROOT / "README.md").read_text("utf-8")
USAGE = README[README.index("## Commands") : README.index("## What is standard")]  # patterns, not lines to type
# what stands for something of the reader's
MEANT = {
    "CASE": "racket_refund",
    "FACT=VALUE": "item=watch",
    "FILE": "copy.sqlite3",
    "A": "counters_a",
    "B": "counters_b",
}
# what needs more than a folder: (how the line begins, the test that does the same)
ELSEWHERE = {
    "trainkit lab": "tests/cli/test_lab.py",
    "trainkit score s3a:": "tests/bulk/test_spark.py",
    "trainkit score s3:": "tests/bulk/test_object_storage.py",
    "trainkit class racket_refund": "tests/web/test_class_command.py",
    "trainkit class --workshop CODE --database FILE": "tests/web/test_log_lost.py",
    "trainkit import FILE": "tests/log/test_lost.py",
    "trainkit import trainkit-": "tests/exchange/test_answers_file.py",
    "trainkit report data/log.sqlite3": "tests/report/test_report.py",
    "trainkit debrief": "tests/web/test_class_trainer.py",
    "trainkit site -o site --lab": "tests/browser/test_lite.py",
    "trainkit site": "tests/browser/test_site.py",
    "trainkit inbox": "tests/browser/test_site.py",
}


def lines():
    """Every command of the page that has arguments, as one would type it."""
    spans = re.findall(r"`(?:\.venv/bin/)?(trainkit [^`]+)`|^(trainkit [^\n]+)$", README.replace(USAGE, ""), re.M)
    return [" ".join((span or line).split()) for span, line in spans if (span or line).split()[1] in COMMANDS]


TYPED = [line for line in lines() if len(line.split()) > 2 and "…" not in line]


def elsewhere(line):
    return next((test for begin, test in ELSEWHERE.items() if line.startswith(begin)), None)


def test_what_is_done_elsewhere_is_in_the_page_and_in_a_test():
    assert len(TYPED) > 20, TYPED
    for begin, test in ELSEWHERE.items():
        if any(line.startswith(begin) for line in TYPED):
            command = begin.split()[1]
            assert command in (ROOT / test).read_text("utf-8"), (begin, test)


def test_what_the_page_counts_is_counted():
    """Kinds of simulated trainees, cases; and the codebook names each kind."""
    words = {9: "nine", 10: "ten", 11: "eleven", 12: "twelve", 13: "thirteen", 14: "fourteen", 15: "fifteen"}
    assert set(PERSONAS) <= _named(), set(PERSONAS) - _named()
    assert f"a log of {words[len(PERSONAS)]} kinds of simulated trainees" in README
    assert f"## The {words[len(casebook.case_ids(CASEBOOK))]} cases" in README


def _named():
    with (ROOT / "data" / "codebook.csv").open(encoding="utf-8", newline="") as file:
        (row,) = [row for row in csv.DictReader(file) if (row["table"], row["variable"]) == ("simulated", "persona")]
    return set(row["values"].replace("|", " ").split())


@pytest.mark.slow
def test_every_command_of_the_page_runs(tmp_path, monkeypatch, capsys):
    """In the order of the page: what one line writes the next one reads. The log begins with what the first line plays."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "data" / "sample", tmp_path / "data" / "sample")
    monkeypatch.setenv("TRAINKIT_DATABASE", str(tmp_path / "log.sqlite3"))
    ran, wrong = [], []
    for line in TYPED:
        if elsewhere(line):
            continue
        typed, _, file = line.partition(" > ")
        words = [MEANT.get(word, word) for word in shlex.split(typed)[1:]]
        if words[:2] == ["check", "my_cases/my_case"]:  # the page has just made it by form
            assert main(["new", "my_case", "--in", "my_cases"]) == 0
        if words[:2] == ["report", "responses"]:  # of one answer it would say that there is too little
            words[1] = "data/sample"
        monkeypatch.setattr("sys.stdin", io.StringIO("1\n" * 40))
        status = main(words)
        said = capsys.readouterr()
        missing = [
            name for option, name in itertools.pairwise(words) if option == "-o" and not (tmp_path / name).exists()
        ]
        if status or missing or "Traceback" in said.err + said.out:
            wrong.append((line, status, missing, said.err[-600:]))
        if file:
            (tmp_path / file).write_text(said.out, "utf-8")
        ran.append(words[0])
    assert wrong == []
    assert {
        "play",
        "new",
        "check",
        "simulate",
        "audit",
        "export",
        "words",
        "report",
        "score",
        "key",
        "import",
        "backup",
    } <= set(ran)
