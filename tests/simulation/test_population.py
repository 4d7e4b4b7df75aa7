"""People who follow the choice model: their shares, the string that describes them, and what is logged of them."""

import csv
import math
import statistics
from dataclasses import replace

import pytest
from support.command_line import PARCEL

from trainkit import load_case
from trainkit.cli.main import main
from trainkit.engine.rules import starts
from trainkit.errors import TrainkitError
from trainkit.simulation.habits import FAR, choice_shares
from trainkit.simulation.personas import CHOOSERS
from trainkit.simulation.population import EXAMPLE, population
from trainkit.simulation.runner import CaseRunner


def test_the_shares_are_those_of_the_formula():
    case = load_case("advice_or_service")
    ground = CaseRunner(case)
    place = ground.place(starts(case)[0])
    gains = [
        4 * place.fits[name] - 1.5 * (FAR + 0.2 if k is None else abs(k - 0.2))
        for name, k in zip(place.open, place.positions, strict=True)
    ]
    whole = sum(math.exp(gain) for gain in gains)
    assert choice_shares(place, 0.2, 4, 1.5) == pytest.approx([math.exp(gain) / whole for gain in gains])
    persona = replace(population(EXAMPLE), spread=0.0, skill_spread=0.0)
    firsts = [ground.run(persona, number, 5).choices[0][1] for number in range(1, 3001)]
    for name, share in zip(place.open, choice_shares(place, 0.2, 4, 1.5), strict=True):
        assert firsts.count(name) / 3000 == pytest.approx(share, abs=0.03)


def test_outside_the_axis_only_skill_counts():
    case = load_case("advice_or_service")
    place = CaseRunner(case).place(starts(case)[0])
    outside = type(
        "Outside", (), {"on_axis": False, "fits": place.fits, "open": place.open, "positions": place.positions}
    )
    weights = [math.exp(4 * place.fits[name]) for name in place.open]
    assert choice_shares(outside, -1, 4, 9) == pytest.approx([weight / sum(weights) for weight in weights])


def test_everybody_has_a_lean_a_skill_and_a_pull_of_their_own():
    runs = [CaseRunner(load_case("racket_refund")).run(CHOOSERS["adapter"], number, 0) for number in range(1, 400)]
    assert statistics.fmean(run.lean for run in runs) == pytest.approx(0.2, abs=0.05)
    assert statistics.fmean(run.skill for run in runs) == pytest.approx(5, abs=0.15)
    assert statistics.stdev(run.skill for run in runs) == pytest.approx(0.7, abs=0.1)
    assert {run.pull for run in runs} == {0.3}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it has no lean and no skill and no pull"),
        ("everyone", '"everyone" is no NAME=VALUE'),
        ("lean=0 skill=1", "it has no pull"),
        ("laen=0 skill=1 pull=1", 'unknown name "laen". Did you mean "lean"?'),
        ("lean=N(.2) skill=1 pull=1", 'lean must be a number or N(mean, SD) (got "N(.2)")'),
        ("lean=N(.2,a) skill=1 pull=1", 'lean must be a number or N(mean, SD) (got "N(.2,a)")'),
        ("lean=1e999 skill=1 pull=1", 'lean must be a number or N(mean, SD) (got "1e999")'),
        ("lean=1.5 skill=1 pull=1", 'the mean of lean lies between -1 and 1 (got "1.5")'),
        ("lean=0 skill=N(4,-1) pull=1", 'the SD of skill is 0 or more (got "-1")'),
        ("lean=0 skill=1 pull=1 lean=1", '"lean" stands there twice'),
    ],
)
def test_a_string_that_is_no_population_is_told_with_an_example(text, said, capsys):
    with pytest.raises(TrainkitError) as error:
        population(text)
    assert said in str(error.value) and f'--population "{EXAMPLE}"' in str(error.value)
    assert main(["simulate", PARCEL, "--population", text]) == 2
    assert capsys.readouterr().err.startswith("trainkit: --population: ")


def test_a_population_may_be_typed_with_spaces_and_a_true_minus():
    one = population("lean = N( \N{MINUS SIGN}.2 , .25 )  skill=N(4, 1) pull=1.5")
    assert (one.lean, one.spread, one.skill, one.skill_spread, one.pull, one.pull_spread) == (-0.2, 0.25, 4, 1, 1.5, 0)


def test_their_rows_have_lean_skill_and_pull(tmp_path, capsys):
    file = tmp_path / "people.csv"
    assert main(["simulate", PARCEL, "--population", EXAMPLE, "-n", "3", "-o", str(file)]) == 0
    assert capsys.readouterr().out.count("population") == 1  # no persona beside it
    with file.open(encoding="utf-8", newline="") as rows:
        read = list(csv.DictReader(rows))
    assert {row["persona"] for row in read} == {"population"} and {row["origin"] for row in read} == {"synthetic"}
    assert len({row["attempt"] for row in read}) == len({(row["lean"], row["skill"]) for row in read}) == 3
    assert {row["pull"] for row in read} == {"1.5"}
