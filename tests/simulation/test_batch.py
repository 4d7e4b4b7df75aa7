"""Many simulated runs as one object, and its tables."""

import doctest

import pandas as pd
import pytest

from trainkit import load_case, scores
from trainkit.engine.attempt import replay
from trainkit.errors import TrainkitError
from trainkit.scoring.attempt import score
from trainkit.simulation import runner
from trainkit.simulation.personas import personas
from trainkit.simulation.runner import CaseRunner, Simulation, simulate


def test_it_iterates_over_the_same_runs_every_time():
    case = load_case("racket_refund")
    simulation = simulate(case, n=3, personas=["rusher", "random"], seed=4)
    runner = CaseRunner(case)
    plain = [runner.run(persona, n, 4) for persona in personas(["rusher", "random"]) for n in range(1, 4)]
    assert [run.answers for run in simulation] == [run.answers for run in simulation] == [run.answers for run in plain]
    assert len(simulation) == 6 and repr(simulation) == "<Simulation of racket_refund: 6 synthetic runs>"


def test_scores_are_those_of_the_runs():
    case = load_case("racket_refund")
    simulation = simulate(case, n=4, personas=["rusher", "centric"])
    table = simulation.scores()
    assert set(table["origin"]) == {"synthetic"} and table["attempt"].is_unique
    for row, run in zip(table.itertuples(), simulation, strict=True):
        own = score(replay(case, run.seed, run.fixed, run.answers))
        for name in ("position", "relative", "fit", "off_axis", "play"):
            assert getattr(row, name) == pytest.approx(getattr(own, name), nan_ok=True), name
        assert row.decisions == own.decisions and row.persona == run.persona.name


def test_decisions_score_like_any_others():
    simulation = simulate(load_case("racket_refund"), n=3, personas="order-taker")
    rows = simulation.decisions()
    assert {row["origin"] for row in rows} == {"synthetic"}
    table = scores(pd.DataFrame(rows)).set_index("attempt")
    by_run = simulation.scores().set_index("attempt").loc[table.index]
    assert table["position"].tolist() == pytest.approx(by_run["position"].tolist())


def test_no_runs_give_an_empty_table_with_types():
    case = load_case("racket_refund")
    empty = Simulation(case, 5, (), 0, {}, "ru").scores()
    full = simulate(case, n=2, personas="random").scores()
    assert len(empty) == 0 and empty.dtypes.to_dict() == full.dtypes.to_dict()
    assert empty["play"].dtype == "float64" and empty["decisions"].dtype == "int64"


def test_bad_wishes_are_refused_at_once():
    case = load_case("racket_refund")
    for wish in ({"n": 0}, {"n": True}, {"personas": "rushr"}, {"fixed": {"item": "hat"}}):
        with pytest.raises(TrainkitError):
            simulate(case, **wish)


def test_the_examples_of_the_docstrings_run():
    tried = doctest.testmod(runner)
    assert tried.attempted and not tried.failed
