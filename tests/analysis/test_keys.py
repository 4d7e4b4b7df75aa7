"""Keys: by hand, by brute force over people, scored as the log's own; what is missing or out of range is said."""

import numpy as np
import pandas as pd
import pytest
from support.keys import choices, own_key
from support.logs import filled

import trainkit as tk
from trainkit.analysis.distance import distances
from trainkit.analysis.keys import consensus_key, rekeyed, score_by
from trainkit.analysis.tables import TooFew
from trainkit.errors import TrainkitError, UnknownName
from trainkit.exchange.folder import export_folder
from trainkit.exchange.log_tables import Reading
from trainkit.exchange.read import read
from trainkit.log.store import Log


def test_the_own_key_gives_the_own_scores():
    decisions = choices()
    again = rekeyed(decisions, own_key())
    mine = ["fit", "fit_min", "fit_max", "fit_mean", "position", "position_min", "position_max", "aim"]
    pd.testing.assert_frame_equal(again[mine], decisions[mine], check_dtype=False)
    both = score_by(decisions, {"log": None, "file": own_key()})
    assert both["log"].tolist() == pytest.approx(both["file"].tolist()) and both["log"].std() > 1
    for measured in ("position", "fit"):
        scored = tk.scores(decisions, by=("person",)).set_index("person")[measured]
        pd.testing.assert_series_equal(score_by(decisions, {"k": own_key()}, measured)["k"], scored, check_names=False)


@pytest.mark.parametrize("kind", ["proportion", "mode", "distance"])
def test_a_consensus_by_brute_force(kind):
    """For each person: the key is made anew from everybody else's rows."""
    decisions = choices(12)
    rows = rekeyed(decisions, consensus_key(decisions, kind))
    for number, mine in decisions.iterrows():
        others = decisions[(decisions["person"] != mine["person"]) & (decisions["scene"] == mine["scene"])]
        votes = others["option"].value_counts()
        if kind == "proportion":
            expected = votes.get(mine["option"], 0) / len(others)
        elif kind == "mode":
            expected = float(votes.get(mine["option"], 0) == votes.max())
        else:
            there = decisions.loc[decisions["scene"] == mine["scene"], ["option", "position"]].drop_duplicates()
            away = (there["position"] - others["position"].mean()).abs()
            own = abs(mine["position"] - others["position"].mean())
            expected = 0.0 if np.isnan(mine["position"]) else 1 - own / away.max()
        assert rows.loc[number, "fit"] == pytest.approx(expected), mine


def test_what_nobody_chose_counts_where_it_is_offered():
    """Three of four chose ``ask``: shares without oneself 2/3 and 0; the unchosen have 0."""
    decisions = choices(4, 1)
    decisions["option"] = ["ask", "ask", "ask", "find"]
    key = consensus_key(decisions, offered=own_key(1)).set_index("option")
    assert key["fit"].to_dict() == pytest.approx({"ask": 2 / 3, "find": 0, "serve": 0, "shout": 0})
    assert key.loc["ask", ["fit_min", "fit_max"]].tolist() == pytest.approx([0, 2 / 3])
    assert key.loc["find", ["fit_min", "fit_max"]].tolist() == [0, 1]
    whole = consensus_key(decisions, without_self=False).set_index("option")["fit"].to_dict()
    assert whole == {"ask": 0.75, "find": 0.25}
    assert key.loc["serve", "position"] == -1


def test_one_person_has_no_consensus():
    key = consensus_key(choices(1))
    assert key["fit"].isna().all() and key["people"].tolist() == [1] * 6
    assert score_by(choices(1), {"consensus": key}).empty


def test_a_condition_goes_before_any():
    """Of two conditions one has a row of its own for one option; the others stand in for it with their bounds."""
    decisions = choices(2, 1).assign(option="ask", condition=["item=watch", "item=racket"])
    key = pd.concat([own_key(1), own_key(1).query("option == 'ask'").assign(condition="item=watch", fit=0.1)])
    found = rekeyed(decisions, key)
    assert found["fit"].tolist() == [0.1, 1.0]
    assert found["fit_max"].tolist() == [0.6, 1.0] and found["fit_min"].tolist() == [0.0, 0.0]
    assert "condition" in found.columns


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda k: k[k["option"] != "ask"], "the key has no c/s./ask, which somebody chose, and 5 more"),
        (lambda k: pd.concat([k, k[:1]]), r"the key has c/s0/serve twice \(row 25\)"),
        (lambda k: k.assign(fit=1.5), r"row 1 of the key \(c/s0/serve\): fit is between 0 and 1 \(got \"1.5\"\)"),
        (lambda k: k.assign(position=-3.0), "position is between -1 and 1"),
        (lambda k: k.assign(fit="good"), "fit of a key is a number or empty"),
        (lambda k: k.drop(columns="scene"), "no column scene"),
    ],
)
def test_a_key_that_will_not_do(change, said):
    with pytest.raises(TrainkitError, match=said):
        rekeyed(choices(), change(own_key()))
    with pytest.raises(UnknownName, match='Did you mean "mode"'):
        consensus_key(choices(), "mod")
    with pytest.raises(TooFew):
        consensus_key(choices()[:0])


def test_distance_and_its_parts():
    """D² = elevation² + (difference of SDs)² + 2·SD·SD·(1 − r) (Cronbach & Gleser 1953; Legree et al. 2010), by numpy."""
    decisions = choices(20, 8, options=("serve", "ask", "find"))
    decisions["aim"] = decisions["scene"].map({f"s{n}": value for n, value in enumerate(np.linspace(-1, 1, 8))})
    found = distances(decisions).set_index("person")
    for person, mine in decisions.dropna(subset=["position"]).groupby("person"):
        x, k = 100 * mine["position"].to_numpy(), 100 * mine["aim"].to_numpy()
        r = np.corrcoef(x, k)[0, 1]
        row = found.loc[person]
        assert row["distance"] == pytest.approx(((x - k) ** 2).mean())
        assert row["distance"] == pytest.approx(
            row["elevation"] ** 2 + (x.std() - k.std()) ** 2 + 2 * x.std() * k.std() * (1 - r)
        )
        z = (x - x.mean()) / x.std(), (k - k.mean()) / k.std()
        assert row["standardised"] == pytest.approx(((z[0] - z[1]) ** 2).mean())


def test_distance_from_the_others():
    decisions = choices(9, 8, options=("serve", "find"))
    decisions.loc[decisions["scene"].isin(["s0", "s1"]), "position"] = -1.0
    decisions.loc[decisions["scene"].isin(["s2", "s3"]), "position"] = 1.0
    found = distances(decisions, "consensus").set_index("person")
    person = found.index[0]
    mine = decisions[(decisions["person"] == person)].dropna(subset=["position"])
    others = decisions[decisions["person"] != person].groupby("scene")["position"].mean()
    assert found.loc[person, "distance"] == pytest.approx(
        (100 * (mine.set_index("scene")["position"] - others)).pow(2).mean()
    )
    with pytest.raises(TooFew, match="3 scenes with a position"):
        distances(choices(3, 3))
    with pytest.raises(UnknownName):
        distances(decisions, "aims")


def test_on_a_log(tmp_path):
    """What an export holds is enough: consensus keys of everybody's real choices, scored without a hole."""
    log = filled(Log(tmp_path / "log.sqlite3"))
    export_folder(Reading(log), tmp_path / "out")
    log.close()
    decisions = read(tmp_path / "out").rows
    keys = {kind: consensus_key(decisions, kind) for kind in ("proportion", "mode", "distance")}
    table = score_by(decisions, {"author": None, **keys})
    assert set(table.columns) == {"author", *keys} and table["proportion"].between(0, 100).sum() >= 5
