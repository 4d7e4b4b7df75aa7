"""``trainkit simulate``: what it prints; what it writes is tested with the simulation."""

import re

import pytest
from support.command_line import PARCEL

from trainkit.cli.main import main


@pytest.mark.parametrize(
    ("lang", "n", "line"),
    [
        ("ru", 1, r"1 прогон: положение —, уместность \d+, игра \d+"),
        ("ru", 3, r"3 прогона: положение —, уместность \d+, игра \d+"),
        ("en", 1, r"1 run: position —, fit \d+, play \d+"),
        ("en", 3, r"3 runs: position —, fit \d+, play \d+"),
    ],
)
def test_means_are_said_in_the_language_asked_for(lang, n, line, capsys):
    chosen = ["--persona", "best-player", "--persona", "random", "--persona", "random"]
    assert main(["simulate", PARCEL, *chosen, "-n", str(n), "--lang", lang]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [re.split(r"\s{2,}", line)[:2] for line in lines] == [
        ["late_parcel", "best-player"], ["late_parcel", "random"],
    ]  # fmt: skip
    assert all(re.search(line + "$", printed) for printed in lines), lines
