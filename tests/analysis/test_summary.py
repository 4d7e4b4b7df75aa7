"""Means, shares, agreement with the key, ways through a case: against published numbers and by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from trainkit.analysis import summary
from trainkit.analysis.flows import BROKEN_OFF, ENDED, flows
from trainkit.analysis.summary import by_scene, complete, complete_block, first_attempts, mean, people, share
from trainkit.analysis.tables import TooFew
from trainkit.errors import TrainkitError, UnknownName


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_shares_have_the_published_intervals(k, n, low, high):
    """Newcombe 1998, table I, method 3."""
    assert share(k, n).interval == pytest.approx((low, high), abs=5e-5)


def test_a_share_of_all_or_none_ends_where_shares_end():
    assert share(0, 7).interval[0] == 0 and share(7, 7).interval[1] == 1
    with pytest.raises(TrainkitError, match="got 3 of 2"):
        share(3, 2)


def test_a_mean_has_students_interval():
    values = [3.0, 5.5, 9.0, 4.0, math.nan]
    there = stats.t.interval(0.95, 3, loc=np.mean(values[:4]), scale=stats.sem(values[:4]))
    assert mean(values).interval == pytest.approx(there) and mean(values).n == 4
    assert mean([2, 2, 2]).interval is None
    with pytest.raises(TooFew) as error:
        mean([1, 2])
    assert (error.value.n, error.value.wanted) == (2, 3)


def form(rows):
    return pd.DataFrame(rows, columns=["person", "scene", "option", "fit"])


def test_agreement_with_the_key_by_hand():
    found = by_scene(
        form([("a", "x", "p", 1), ("b", "x", "q", 0.2), ("c", "x", "q", 0.2), ("a", "y", "r", 1), ("a", "y", "s", 0)])
    )
    assert found["item"].tolist() == ["case/x", "case/y"] and found["people"].tolist() == [
        3,
        1,
    ]  # the first answer counts
    x = found.iloc[0]
    assert x["best"] == pytest.approx(1 / 3) and (x["low"], x["high"]) == share(1, 3).interval
    assert (x["chosen"], x["chosen_share"], x["chosen_best"]) == ("q", pytest.approx(2 / 3), False)
    assert found.iloc[1]["chosen_best"]


def test_a_table_from_elsewhere_is_scored_by_its_mean():
    """Without ranges of what was on offer, fit is the plain mean of 100, and position isn't measured without positions."""
    found = people(form([("a", "x", "p", 1), ("a", "y", "q", 0.2), ("b", "x", "p", 0.5)])).set_index("person")
    assert found["fit"].to_dict() == pytest.approx({"a": 60, "b": 50}) and found["position"].isna().all()
    assert found[["fit_random", "fit_corrected", "target", "relative"]].isna().all(axis=None), (
        "nothing is known of these"
    )
    with pytest.raises(TrainkitError, match="no column person"):
        complete(pd.DataFrame({"scene": ["x"]}))


def test_the_best_is_the_best_that_anybody_took_where_no_more_is_known():
    rows = form([("a", "x", "p", 0.6), ("b", "x", "q", 0.2), ("c", "x", "p", 0.6)])
    assert by_scene(rows)["best"].tolist() == pytest.approx([2 / 3])
    assert by_scene(rows.assign(fit_max=1.0))["best"].tolist() == [0]


def test_what_is_asked_for_is_the_target_where_the_range_on_offer_is_unknown():
    rows = form([("a", scene, "p", 1) for scene in "xyz"]).assign(position=0.2, target=[0.5, -0.5, 0.3])
    assert people(rows)["target"].tolist() == pytest.approx([10])


def test_a_second_attempt_is_left_out():
    rows = form([("a", "x", "p", 1), ("a", "y", "q", 0.2), ("a", "x", "q", 0), ("b", "x", "p", 1)])
    frame = complete(rows.assign(attempt=["1", "1", "2", "3"]))
    assert first_attempts(frame)["attempt"].tolist() == ["1", "1", "3"]


def test_the_complete_block_is_the_one_of_brute_force():
    dice = np.random.default_rng(3)
    rows = [
        (f"p{person}", case, f"s{scene}", "o", float(dice.random()))
        for person in range(30) for case in "ab" for scene in range(4) if dice.random() < (0.97 if scene < 3 else 0.4)
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["person", "case_id", "scene", "option", "fit"])
    met = frame.groupby(["case_id", "scene"])["person"].agg(set)
    scenes = [place for place, whose in met.items() if len(whose) >= 0.8 * 30]
    whole = {person for person in frame["person"] if all(person in met[place] for place in scenes)}
    block = complete_block(frame)
    assert 0 < len(whole) < 30 and set(block["person"]) == whole and len(block) == len(whole) * len(scenes)


def test_ways_by_hand():
    rows = pd.DataFrame(
        [("1", "a"), ("1", "b"), ("2", "a"), ("2", "c"), ("2", "b"), ("3", "a")], columns=["attempt", "scene"]
    ).assign(case_id="k", finished=[True] * 5 + [False])
    found = flows(rows, "k")
    told = {(row.step, row.scene, row.to): row.attempts for row in found.itertuples()}
    assert told == {
        (1, "a", "b"): 1, (1, "a", "c"): 1, (1, "a", BROKEN_OFF): 1, (2, "b", ENDED): 1, (2, "c", "b"): 1, (3, "b", ENDED): 1,
    }  # fmt: skip
    with pytest.raises(UnknownName, match="There are: k"):
        flows(rows, "other")


def test_who_chose_blindly_stands_in_the_middle_of_what_was_offered():
    """Four scenes: two people show the replies −1 and +1, −1 and 0, 0 and +1, +1 alone; the mean of 0, −½, ½ and 1 is ¼."""
    places = [(-1, 1), (-1, 0), (0, 1), (1, 1)]
    rows = [(f"p{p}", f"s{s}", str(place[p]), float(place[p])) for s, place in enumerate(places) for p in (0, 1)]
    frame = pd.DataFrame(rows, columns=["person", "scene", "option", "position"])
    blind = summary.blind_positions(frame.assign(fit=0.5))
    assert blind.tolist() == pytest.approx([25.0, 25.0])
