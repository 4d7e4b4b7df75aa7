"""The figures of a case: by hand, by brute force, and where there is nothing to measure."""

import math
import statistics
from collections import Counter
from itertools import product

import numpy as np
import pytest
from support.command_line import PARCEL
from support.toy_cases import BLUEPRINT, EFFECTS, TOY, row_of_scenes

from trainkit import load_case
from trainkit.audit.crowd import play, reached
from trainkit.audit.figures import case_figures, set_figures, study, surfaces
from trainkit.audit.people import ADAPTER, ALIKE, EQUAL_PREACHER, LEAN_ONLY, draw, grid
from trainkit.audit.state_table import StateTable
from trainkit.audit.statistics import alpha, auc, correlation, covariances, slope
from trainkit.audit.verdicts import case_verdicts
from trainkit.simulation.habits import FAR
from trainkit.simulation.personas import chooser
from trainkit.simulation.runner import CaseRunner

PERSON = chooser("one", (0.2, 0), (2, 0), (1.5, 0))  # everybody of this kind is the same
N = 20_000


def figures_of(case, n=N, seed=0):
    one = study(case, n, seed)
    return case_figures(one, surfaces([one]), alone=True)


@pytest.fixture(scope="module")
def toy():
    return figures_of(row_of_scenes())


def shares(replies, lean, skill, pull):
    """The choice model, written down once more."""
    gains = [skill * fit - pull * (FAR + abs(lean) if k is None else abs(k - lean)) for k, fit in replies]
    whole = sum(map(math.exp, gains))
    return [math.exp(gain) / whole for gain in gains]


def paths(lean, skill, pull, rows=TOY):
    """Every way through: probability, Fit, and what is lost in each scene in points of Play."""
    for way in product(*(range(len(replies)) for replies in rows)):
        p = math.prod(shares(replies, lean, skill, pull)[n] for replies, n in zip(rows, way, strict=True))
        fits = [replies[n][1] for replies, n in zip(rows, way, strict=True)]
        lost = [100 * effect * (1 - fit) / sum(EFFECTS) for effect, fit in zip(EFFECTS, fits, strict=True)]
        yield p, 100 * sum(fits) / len(fits), lost


# ---- by hand --------------------------------------------------------------------------------------------------


def test_hits_by_hand(toy):
    """Two of the third scene's three replies are best; strategies that leave several take one by chance."""
    hits = toy["hits"]
    assert hits["chance"] == pytest.approx((1 / 3 + 1 / 3 + 2 / 3) / 3)
    expected = {
        "most_centric": 1 / 3,
        "most_centric_under_85": 2 / 3,
        "drop_null_and_most_orientated": (0 + 1 / 2 + 1) / 3,
        "most_orientated": 1 / 3,
        "second_most_centric": (1 + 1 + 1) / 3,
        "second_most_orientated": (0 + 1 + 1) / 3,
        "drop_both_ends": (1 / 3 + 1 + 1) / 3,  # nothing lies between two: any
        "null_if_any": (0 + 1 / 3 + 2 / 3) / 3,
        "first": 2 / 3,
        "last": 0,
        "place_2": 2 / 3,
        "place_4": 4 / 9,  # there is none: any
        "ends_in_question_ru": 4 / 9,
    }
    assert {name: hits[name] for name in expected} == pytest.approx(expected)
    assert hits["best_strategy"] == pytest.approx(1) and hits["best_strategy_name"] == "second_most_centric"


def test_where_the_best_lies_and_r_by_hand(toy):
    assert toy["best"] == pytest.approx({"centric": 1 / 2, "orientated": 1 / 3, "middle": 1 / 6, "null": 0})
    assert toy["null_share"] == pytest.approx(1 / 9) and toy["null_fit"] == 0 and toy["nulls_right"] == 0
    assert toy["close_seconds"] == pytest.approx(1 / 3)  # the two that are both right
    placed = [(k, fit) for replies in TOY for k, fit in replies if k is not None]
    assert toy["r_position_fit"] == pytest.approx(statistics.correlation(*zip(*placed, strict=True)))
    assert toy["key_agrees"] == 1 and toy["key_apart"] == []


def test_what_people_score_is_what_all_ways_through_give():
    table, people = StateTable(row_of_scenes()), draw(PERSON, 120_000)
    played = play(table, people)
    ways = list(paths(0.2, 2, 1.5))
    assert sum(p for p, _, _ in ways) == pytest.approx(1)
    assert played.fit.mean() == pytest.approx(sum(p * fit for p, fit, _ in ways), abs=0.25)
    assert played.play.mean() == pytest.approx(100 - sum(p * sum(lost) for p, _, lost in ways), abs=0.25)
    for scene in range(3):
        mean = sum(p * lost[scene] for p, _, lost in ways)
        variance = sum(p * (lost[scene] - mean) ** 2 for p, _, lost in ways)
        assert played.lost[:, scene].var() == pytest.approx(variance, rel=0.02)


def test_auc_is_what_all_pairs_of_ways_give():
    table = StateTable(row_of_scenes())
    high, low = chooser("high", (0.2, 0), (4, 0), (0.3, 0)), chooser("low", (0.6, 0), (1, 0), (3, 0))
    above = 0.0
    for (p, x, _), (q, y, _) in product(paths(0.2, 4, 0.3), paths(0.6, 1, 3)):
        above += p * q * (x > y + 1e-9) + p * q / 2 * (abs(x - y) <= 1e-9)
    found = auc(play(table, draw(high, 120_000)).fit, play(table, draw(low, 120_000)).fit)
    assert found == pytest.approx(above, abs=0.004)


def test_alpha_by_hand():
    """Three items of variance 2 and covariance 1: 3/2 · (1 − 6/12); two pairs that were never seen together are said."""
    assert alpha(np.full((3, 3), 1.0) + np.eye(3)) == pytest.approx(3 / 2 * (1 - 6 / 12))
    items = np.array([[1, 2, np.nan], [3, 5, np.nan], [5, 5, np.nan], [2, np.nan, 1.0], [4, np.nan, 2.0]])
    found = covariances(items)
    assert found[0, 1] == pytest.approx(np.cov(items[:3, 0], items[:3, 1], ddof=0)[0, 1])
    assert found[0, 2] == found[2, 0] == pytest.approx(0.5)
    assert np.isnan(found[1, 2]) and alpha(found) is None
    assert alpha(found[:1, :1]) is None


def test_auc_r_and_slope_by_hand():
    assert auc(np.array([3.0, 1.0, np.nan]), np.array([2.0, 1.0])) == pytest.approx((1 + 1 + 0 + 0.5) / 4)
    assert auc(np.array([np.nan]), np.array([2.0])) is None
    x, y = np.array([1.0, 2.0, 4.0]), np.array([2.0, 3.0, 3.5])
    assert correlation(x, y) == pytest.approx(statistics.correlation(x, y))
    assert correlation(x, np.full(3, 1.0)) is None
    assert correlation(x, y, np.array([1.0, 1.0, 0.0])) == pytest.approx(1)
    assert slope(x, y) == pytest.approx(statistics.linear_regression(x, y).slope)


def test_the_slope_is_that_of_the_expected_fit():
    leans = np.linspace(-1, 1, 401)
    expected = [sum(p * fit for p, fit, _ in paths(lean, 0, 3)) for lean in leans]
    found = slope(draw(LEAN_ONLY, 120_000).lean, play(StateTable(row_of_scenes()), draw(LEAN_ONLY, 120_000)).fit)
    assert found == pytest.approx(slope(leans, np.array(expected)), abs=0.5)


# ---- against the one-by-one engine ------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", ["racket_refund", "toy"])
def test_a_crowd_scores_as_one_by_one(name):
    """The same kind of people, walked one by one and scored by the formulas of a run."""
    case = row_of_scenes() if name == "toy" else load_case(name)
    ground, many = CaseRunner(case), 20_000 if name == "toy" else 3_000
    runs = [ground.run(ALIKE, number, 0) for number in range(1, many + 1)]
    played = play(StateTable(case), draw(ALIKE, 60_000))
    for figure, wide in (("fit", 0.7), ("position", 1.5), ("play", 1.0)):
        one_by_one = [score for run in runs if (score := run.scores()[figure]) is not None]
        crowd = getattr(played, figure)
        assert np.nanmean(crowd) == pytest.approx(statistics.fmean(one_by_one), abs=wide), figure
        tails = 0.15 if figure == "play" else 0.06  # a few lose much
        assert np.nanstd(crowd) == pytest.approx(statistics.pstdev(one_by_one), rel=tails), figure
        assert np.isnan(crowd).mean() == pytest.approx(1 - len(one_by_one) / many, abs=0.02), figure


def test_exact_reach_is_how_often_people_come_there():
    """Every state of a small case with hidden facts, a condition and a budget, against 20,000 people one by one."""
    case = load_case(PARCEL)
    table, ground, people = StateTable(case), CaseRunner(case), 20_000
    firsts, visits = Counter(), Counter()
    for number in range(1, people + 1):
        met = set()
        for place, _ in ground.run(ALIKE, number, 1).choices:
            if len(place.open) > 1:
                visits[place.state] += 1
                firsts[place.state] += place.scene not in met
            met.add(place.scene)
    exact = {table.states[one.state]: one for one in reached(table, *grid())}
    assert set(visits) <= set(exact)
    for state, one in exact.items():
        for share, counted in ((one.first, firsts), (one.whole, visits)):
            assert counted[state] / people == pytest.approx(share / len(table.begins), abs=0.012), state


def test_two_runs_agree():
    """People drawn anew: every figure of people within .01 (points: within a tenth)."""
    first, second = (figures_of(row_of_scenes(BLUEPRINT[:9:2], (0.1,)), 60_000, seed) for seed in (0, 1))
    for name in ("auc_skilled_preacher", "auc_equal_preacher", "auc_equal_orderer", "alpha_fit", "alpha_position"):
        assert first[name] == pytest.approx(second[name], abs=0.01), name
    assert first["biggest_scene"] == pytest.approx(second["biggest_scene"], abs=0.01)
    assert first["lean_slope"] == pytest.approx(second["lean_slope"], abs=0.4)
    assert first["hits"] == second["hits"] and first["best"] == second["best"]


def test_the_same_seed_is_the_same_audit():
    assert figures_of(row_of_scenes(), 500) == figures_of(row_of_scenes(), 500)


# ---- nothing to measure -------------------------------------------------------------------------------------------


def test_all_replies_off_the_axis():
    rows = [[(None, fit) for _, fit in replies] for replies in TOY]
    found = figures_of(row_of_scenes(rows))
    assert found["r_position_fit"] is None and found["why_not"]["r_position_fit"] == "no_range"
    assert found["alpha_position"] is None and found["asked_minus_best_play"] is None
    assert found["best"] == {"centric": 0, "orientated": 0, "middle": 0, "null": 1} and found["null_share"] == 1
    assert found["hits"]["most_centric"] == pytest.approx(found["hits"]["chance"])  # nothing to go by
    assert {one.figure for one in case_verdicts(found)} >= {"null_share", "auc_equal_preacher"}


def test_all_scenes_outside_the_axis():
    case = row_of_scenes([[(None, fit) for _, fit in replies] for replies in TOY])
    scenes = {name: scene.model_copy(update={"axis": False}) for name, scene in case.scenes.items()}
    outside = case.model_copy(update={"scenes": scenes})
    for kept in ("source_json", "hash"):
        outside.__dict__.pop(kept, None)
    found = figures_of(outside)
    assert found["hits"]["chance"] is None and found["best"]["centric"] is None and found["null_share"] is None
    assert {"hits", "best", "null_share", "r_position_fit"} <= set(found["why_not"])
    assert found["auc_equal_preacher"] is not None  # fit is measured as anywhere


def test_a_case_without_english():
    found = figures_of(row_of_scenes(english=False))
    assert found["hits"]["surface_en"] is None and found["why_not"]["hits.surface_en"] == "not_translated"
    assert found["hits"]["surface_ru"] is not None and "longest_en" not in found["hits"]
    two = [study(row_of_scenes(case_id=name, english=name == "b"), 2_000) for name in "ab"]
    together = set_figures(two, surfaces(two))
    assert together["hits"]["surface_en"] is None and together["hits"]["surface_ru"] is not None


def test_one_scene_only():
    found = figures_of(row_of_scenes(TOY[:1]))
    assert found["alpha_fit"] is None and found["hits"]["surface_ru"] is None
    assert found["why_not"]["hits.surface_ru"] == "too_little"


def test_a_key_that_quarrels_with_play_is_told():
    rows = [((-0.9, 1.0), (0.8, 0.4), (None, 0.0)), *TOY[1:]]
    case = row_of_scenes(rows)
    data = case.model_dump(mode="json", exclude_defaults=True)
    data["scenes"]["s0"]["options"]["o1"]["effect"] = [{"value": 0.5}]
    quarrels = type(case).model_validate(data).with_translations(case.translations)
    found = figures_of(quarrels)
    assert found["key_agrees"] == pytest.approx(2 / 3)
    (apart,) = found["key_apart"]
    assert (apart["scene"], apart["keyed"], apart["best"]) == ("s0", "o0", "o1") and apart["reach"] == pytest.approx(1)


# ---- a set ----------------------------------------------------------------------------------------------------


def test_a_set_by_its_people():
    """Alpha over cases from the covariances of the same people; cases of one key are as reliable as long ones."""
    studies = [study(row_of_scenes(BLUEPRINT[n::3], (0.05,), f"part{n}"), N) for n in range(3)]
    found = set_figures(studies, surfaces(studies))
    scores = np.column_stack([one.played(ALIKE).fit for one in studies])
    covariance = np.cov(scores.T, ddof=0)
    assert found["alpha_fit"] == pytest.approx(3 / 2 * (1 - np.trace(covariance) / covariance.sum()), abs=1e-6)
    means = [np.mean([one.played(kind).fit for one in studies], axis=0) for kind in (ADAPTER, EQUAL_PREACHER)]
    assert found["auc_equal_preacher"] == pytest.approx(auc(*means))
    assert found["hits"]["chance"] == pytest.approx(0.25) and 0.3 < found["alpha_fit"] < 0.7
