"""Profiles: elevation, scatter, shape, and where they are shown."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from trainkit import load_case
from trainkit.checks.expected_paths import walks
from trainkit.log.history import attempts_beside
from trainkit.scoring.decisions import decisions
from trainkit.scoring.profile import of_decisions, profile
from trainkit.session.resume import begin
from trainkit.view.debrief import debrief

POINTS = st.floats(-100, 100)


@given(st.lists(st.tuples(POINTS, POINTS), min_size=4, max_size=12))
def test_the_parts_add_up_to_the_distance(pairs):
    """D²/n = Δmean² + Δsd² + 2·s₁·s₂·(1 − r), and the parts are those numpy gives."""
    positions, targets = (list(values) for values in zip(*pairs, strict=True))
    found = profile(positions, targets)
    spread, aim = np.std(positions), np.std(targets)
    if found is None:
        assert aim < 20
        return
    assert found.elevation == pytest.approx(np.mean(positions) - np.mean(targets), abs=1e-9)
    assert found.scatter == pytest.approx(spread / aim, abs=1e-9)
    if found.shape is not None and spread > 1e-6:
        assert found.shape == pytest.approx(np.corrcoef(positions, targets)[0, 1], abs=1e-6)
        parts = found.elevation**2 + (spread - aim) ** 2 + 2 * spread * aim * (1 - found.shape)
        assert found.distance == pytest.approx(parts, rel=1e-6, abs=1e-6)


def test_too_few_or_all_alike_is_no_profile():
    assert profile([1, 2, 3], [-80, 0, 80]) is None
    assert profile([1, 2, 3, 4], [50, 50, 50, 55]) is None
    assert profile([30, 30, 30, 30], [-80, 0, 80, 60]).shape is None


@pytest.fixture
def counters():
    return load_case("advice_or_service")


def run(store, case, walk_name, lang="ru"):
    from support.places import CASEBOOK

    (walk,) = [walk for walk in walks(CASEBOOK / case.id) if walk.name == walk_name]
    session = begin(store, case, "ann", seed=1, fixed=walk.fixed)
    session.play(list(walk.answers), lang)
    return session


def test_ten_counters_score_shape(store, counters):
    """Who adapts has shape near 1; who keeps to one pole has not, whichever it is."""
    adapts = of_decisions(decisions(run(store, counters, "best").attempt))
    assert adapts.n == 9 and adapts.slope > 0.9 and abs(adapts.elevation) < 15  # the chemist holds a line: off the axis
    for walk, side in (("oriented", -1), ("centric", 1)):
        stays = of_decisions(decisions(run(store, counters, walk).attempt))
        assert stays.elevation * side > 40
        assert stays.slope < 0.4


def test_the_debrief_of_ten_counters_speaks_of_adapting(store, counters):
    shown = debrief(run(store, counters, "best"), "en")
    assert shown.adapting and not shown.adapting.over_cases and len(shown.adapting.rows) == 9
    assert shown.one.verdict == "You adapted to what was asked each time"
    assert debrief(run(store, counters, "centric"), "en").one.verdict.startswith("You kept to your own course")


def test_over_cases_from_the_fourth_on(store):
    """Over all scenes of a trainee's own finished cases, newest run of each; other people's don't count."""
    seen = []
    for name in ("boundaries", "racket_refund", "second_place", "appendicitis"):
        session = run(store, load_case(name), "best")
        seen.append(debrief(session, "en", attempts_beside(store, session.record)).adapting)
    assert [one is not None and one.over_cases for one in seen] == [False, False, False, True]
    ann = store.attempts("ann")[-1]
    attempts = attempts_beside(store, ann)
    placed = [row for attempt in attempts for row in decisions(attempt) if row.position is not None]
    titles = [row["title"].split(" · ") for row in seen[-1].rows]
    assert [title for title, _ in titles] == [
        "Where the request was to be served as it was",
        "Where both were wanted",
        "Where the task behind it was to be found first",
    ]
    assert sum(int(count) for _, count in titles) == len(placed) >= 16
    assert f"by {len(placed)} choices" in seen[-1].lines[-1]
    assert seen[-1].verdict == "You adapted to what was asked each time"
    assert len(attempts) == 4 and attempts_beside(store, replace(ann, participant="bob")) == []
    assert attempts_beside(store, replace(ann, member="0" * 32)) == []  # a namesake in a workshop is someone else


def test_the_interval_of_shape_is_that_of_a_correlation():
    """Against ``scipy.stats.pearsonr``; a perfect correlation has no room."""
    positions, targets = [-80, 10, 60, -20, 90, 30], [-60, 40, 50, -70, 80, -10]
    found = profile(positions, targets)
    expected = scipy.stats.pearsonr(positions, targets).confidence_interval(0.9)
    assert found.shape_interval == pytest.approx(expected, abs=1e-9)
    assert profile(targets, targets).shape_interval == (1.0, 1.0)
    assert profile([30, 30, 30, 30], [-80, 0, 80, 60]).shape_interval is None


def test_the_interval_of_elevation_is_that_of_position():
    """Position of n equal choices by Beta(½ + n·y, ½ + n·(1 − y)), moved by what was asked."""
    positions, targets = [-50, 0, 50, 100], [-80, 0, 80, 60]
    found = profile(positions, targets)
    y, n = (25 + 100) / 200, 4
    low, high = scipy.stats.beta.ppf([0.05, 0.95], 0.5 + n * y, 0.5 + n * (1 - y))
    assert found.elevation_interval == pytest.approx((200 * low - 100 - 15, 200 * high - 100 - 15), abs=1e-4)
    assert found.elevation_interval[0] < found.elevation < found.elevation_interval[1]
