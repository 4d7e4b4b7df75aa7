"""The one table of all figures: each benchmark has some, goals are read the right way, prose is kept."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.figures import BEGIN, END, HEAD, Figure, kept, table
from support.places import ROOT

HERE = Path(__file__).parent
BENCHES = sorted(HERE.glob("bench_*.py"))


@pytest.mark.parametrize("file", BENCHES, ids=lambda file: file.stem)
def test_each_benchmark_gives_its_figures(file):
    """By its source: to import them all would load all there is."""
    body = ast.parse(file.read_text("utf-8")).body
    functions = {part.name: part for part in body if isinstance(part, ast.FunctionDef)}
    given = functions["figures"]
    assert [one.arg for one in given.args.args] == ["quick"] and ast.unparse(given.returns) == "list[Figure]"
    assert any(isinstance(part, ast.Assign) and ast.unparse(part.targets[0]) == "TITLE" for part in body)


def test_a_goal_is_of_the_ratio_or_of_the_value():
    assert Figure("a", 2, "s", "peer", 1, 3).met and not Figure("a", 4, "s", "peer", 1, 3).met
    assert Figure("a", 0.2, "s", "peer", 0.01, 0.3, of_ratio=False).met
    assert (
        Figure("a", 90, "/s", "peer", 100, 0.9, more=True).met
        and not Figure("a", 89, "/s", "peer", 100, 0.9, more=True).met
    )
    assert Figure("a", 4, "s", goal=5).met and not Figure("a", 6, "s", goal=5).met and Figure("a", 1, "s").met is None


def test_the_table_has_every_figure_and_tells_a_goal_that_is_missed():
    head, rule, first, second = table([
        Figure("one", 1234.5, "ms", "bare", 617.25, 1.5), Figure("two", 0.05, "s")
    ]).splitlines()  # fmt: skip
    assert [cell.strip() for cell in head.strip("|").split("|")] == [*HEAD] and set(rule) <= set("|- ")
    assert [cell.strip() for cell in first.strip("|").split("|")] == [
        "one", "1,234 ms", "bare", "617 ms", "2.00", "≤ 1.5 ×", "**no**"
    ]  # fmt: skip
    assert [cell.strip() for cell in second.strip("|").split("|")] == ["two", "0.05 s", "", "", "", "", ""]


def test_what_is_kept_leaves_prose_and_other_sections():
    page = "# Results\n\n## Export (`bench_export.py`)\n\nWhy it is so.\n\n## Other\n\nwords\n"
    once = kept(page, "bench_export", "ignored", "table 1")
    twice = kept(once, "bench_export", "ignored", "table 2")
    assert "table 1" in once and "table 1" not in twice and twice.count(BEGIN) == twice.count(END) == 1
    assert once.replace("table 1", "table 2") == twice and "Why it is so." in twice and "## Other\n\nwords\n" in twice
    new = kept(twice, "bench_start", "Starting", "table 3")
    assert new.startswith(twice.rstrip()) and new.endswith(
        f"## Starting (`bench_start.py`)\n\n{BEGIN}\ntable 3\n{END}\n"
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--quick", "--keep"], "they are not kept"),
        (["--only", "nonsense"], "no benchmark of that name; there are bench_class"),
    ],
)
def test_what_it_cannot_do_it_says(arguments, sentence):
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", *arguments], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 2 and sentence in " ".join(done.stderr.split()) and "Traceback" not in done.stderr


@pytest.mark.long
def test_the_front_door_opens():
    """Those that take some seconds, for real."""
    line = [
        sys.executable,
        "-m",
        "tests.benchmarks",
        "--quick",
        "--only",
        "render",
        "--only",
        "start",
        "--only",
        "export",
    ]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for name in ("import trainkit ", "power_upgrade: scene", "1 way(s): CPU", "bare copy", "plain Jinja"):
        assert f"| {name}" in done.stdout, done.stdout
