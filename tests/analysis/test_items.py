"""What scenes tell, and who was careless: by hand on small tables, and on simulated people."""

import numpy as np
import pandas as pd
import pytest

from trainkit import load_case, simulate
from trainkit.analysis.careless import careless
from trainkit.analysis.items import endorsement, item_table, option_curves, weak
from trainkit.analysis.tables import Alike, TooFew
from trainkit.errors import TrainkitError

ROWS = pd.DataFrame(
    [
        ("a", "x", "s", "left", 1.0, -0.8), ("a", "x", "t", "go", 0.5, 0.4), ("a", "x", "s", "right", 0.0, 0.9),
        ("b", "x", "s", "left", 1.0, -0.8), ("b", "x", "t", "go", 1.0, 0.4),
        ("c", "x", "s", "right", 0.0, 0.9), ("c", "x", "t", "stay", 0.0, None),
    ],
    columns=["person", "case_id", "scene", "option", "fit", "position"],
)  # fmt: skip


def test_endorsement_by_hand():
    found = endorsement(ROWS).set_index(["item", "option"])
    assert found["people"].to_dict() == {("x/s", "left"): 2, ("x/s", "right"): 1, ("x/t", "go"): 2, ("x/t", "stay"): 1}
    assert found.loc[("x/s", "left"), "share"] == pytest.approx(2 / 3)
    assert found.groupby("item")["share"].sum().tolist() == pytest.approx([1, 1])


def test_item_rest_is_the_correlation_with_the_others():
    found = item_table(ROWS).set_index("item")
    assert found.loc["x/s", "item_rest"] == pytest.approx(np.corrcoef([1, 1, 0], [0.5, 1, 0])[0, 1])
    assert found.loc["x/s", "mean"] == pytest.approx(2 / 3) and found.loc["x/s", "people"] == 3
    assert np.isnan(item_table(ROWS[ROWS["scene"] == "s"])["item_rest"]).all()


@pytest.fixture(scope="module")
def simulated():
    runs = simulate(load_case("counters_a"), n=150, personas=["skilled-preacher", "adapter"], seed=3)
    frame = pd.DataFrame(runs.decisions())
    return frame.assign(person=frame["attempt"], case_id="counters_a")


def test_people_who_adapt_do_better_in_scenes_that_tell_them_apart(simulated):
    found = item_table(simulated)
    assert len(found) == 12 and found["item_rest"].median() > 0.1
    curves = option_curves(simulated, "counters_a/hair", bands=3)
    assert curves["rest"].is_monotonic_increasing and curves["people"].sum() == 300
    options = curves.drop(columns=["people", "rest"])
    assert options.sum(axis=1).tolist() == pytest.approx([1, 1, 1])
    assert options["above_elastic"].iloc[-1] > options["above_elastic"].iloc[0]
    with pytest.raises(TooFew, match="3 people in x/s who met other scenes are too few"):
        option_curves(ROWS, "x/s")
    alike = simulated.assign(fit=simulated["fit"].where(simulated["scene"] == "hair", 0.5))
    with pytest.raises(Alike, match="do alike elsewhere"):
        option_curves(alike, "counters_a/hair")


def test_careless_by_hand():
    rows = pd.DataFrame(
        {
            "attempt": ["p"] * 4 + ["q"] * 3 + ["r"] * 2,
            "person": ["p"] * 4 + ["q"] * 3 + ["r"] * 2,
            "number": [2, 1, 3, 4, 1, 2, 3, 1, 2],
            "position": [-0.8, -0.9, -0.5, 0.1, None, None, 0.6, 0.0, 0.9],
            "seconds": [1.0, 0.5, 1.9, 9.0, 12.0, 8.0, 1.0, None, None],
        }
    )
    found = careless(rows).set_index("attempt")
    assert found["longest_side"].to_dict() == {"p": 3, "q": 2, "r": 1}
    assert found["too_fast"].to_dict() == pytest.approx({"p": 0.75, "q": 1 / 3, "r": np.nan}, nan_ok=True)
    assert found["suspect"].to_dict() == {"p": True, "q": False, "r": False}
    with pytest.raises(TrainkitError, match="there are no times"):
        careless(rows.drop(columns="seconds"))


def test_a_scene_is_surely_weak_only_where_the_interval_is_under_the_limit():
    """Fisher's interval as scipy has it: its upper end for r .1 of 300 is .21, of 2 000 it is .14."""
    from scipy.stats import norm

    rows = pd.DataFrame({"item_rest": [0.1, 0.1, -0.5, 0.3, None], "people_rest": [300, 2000, 10, 300, 300]})
    assert np.tanh(np.arctanh(0.1) + norm.ppf(0.975) / np.sqrt(297)) > 0.2
    assert weak(rows) == (2, 1)  # −.5 is of ten people, and doesn't count
