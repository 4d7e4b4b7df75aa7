"""Coded words: agreement as statsmodels has it, what was chosen beside it by hand, what is missing said."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import proportion_confint

from trainkit.analysis.own_words import (
    SIDES,
    Code,
    Scheme,
    against_options,
    agreement,
    by_person,
    by_scene,
    confusion,
    objections,
)
from trainkit.analysis.tables import TooFew
from trainkit.errors import TrainkitError, UnknownName

IDS = [one.id for one in SIDES.codes]


def two_coders(texts=60, seed=0, agree=0.7):
    """Attempts of two texts each; the second coder takes over a share of the first one's codes."""
    dice = np.random.default_rng(seed)
    first = dice.choice(IDS, texts)
    second = np.where(dice.random(texts) < agree, first, dice.choice(IDS, texts))
    rows = [
        (f"a{number // 2:03}", number % 2, coder, code)
        for number, pair in enumerate(zip(first, second, strict=True))
        for coder, code in zip(("one", "two"), pair, strict=True)
    ]
    return pd.DataFrame(rows, columns=["attempt", "step", "coder", "code"])


def test_agreement_is_kappa_and_alpha():
    codes = two_coders()
    found = agreement(codes, rounds=200).iloc[0]
    table = confusion(codes, "one", "two")
    assert table.index.tolist() == IDS and table.to_numpy().sum() == 60
    peer = cohens_kappa(table.to_numpy())
    assert found["kappa"] == pytest.approx(peer.kappa) and found["same"] == np.trace(table.to_numpy()) / 60
    assert found["low"] == pytest.approx(peer.kappa_low, abs=0.06) and found["high"] == pytest.approx(
        peer.kappa_upp, abs=0.06
    )
    wide = codes.pivot(index=["attempt", "step"], columns="coder", values="code")
    placed = wide.map(SIDES.position).astype(float).dropna()
    assert found["placed"] == len(placed) and found["alpha_low"] < found["alpha"] < found["alpha_high"]
    x, y = placed["one"].to_numpy(), placed["two"].to_numpy()
    pooled = np.concatenate([x, y])
    expected = ((pooled[:, None] - pooled[None]) ** 2).sum() / (len(pooled) * (len(pooled) - 1))
    assert found["alpha"] == pytest.approx(1 - ((x - y) ** 2).mean() / expected)  # Krippendorff 2011, two coders


def test_only_texts_that_both_have_coded_count():
    codes = two_coders()
    some = codes[~((codes["coder"] == "two") & (codes["attempt"] > "a009"))]
    assert agreement(some, rounds=20)["texts"].tolist() == [20]
    with pytest.raises(TooFew, match="1 coders"):
        agreement(codes[codes["coder"] == "one"])
    apart = codes[(codes["coder"] == "one") == (codes["attempt"] > "a014")]
    with pytest.raises(TooFew, match="0 texts that two have coded"):
        agreement(apart)


def test_one_code_for_all_has_no_kappa():
    found = agreement(two_coders().assign(code="middle"), rounds=20).iloc[0]
    assert found["same"] == 1 and np.isnan(found["kappa"]) and np.isnan(found["low"]) and np.isnan(found["alpha"])


def test_what_is_wrong_with_codes_is_said():
    codes = two_coders()
    with pytest.raises(UnknownName, match='Did you mean "centric"'):
        agreement(codes.assign(code=codes["code"].replace("centric", "centrik")))
    with pytest.raises(TrainkitError, match="one has coded step 0 of attempt a000 twice"):
        agreement(pd.concat([codes, codes[:1]]))
    with pytest.raises(UnknownName, match="unknown coder"):
        confusion(codes, "one", "three")


@pytest.fixture
def small():
    """Five people in one scene, their words, one more who chose nothing, and a scene off the axis."""
    chosen = {"a": -1.0, "b": -1.0, "c": 0.1, "d": np.nan, "e": 1.0}
    events, decisions = [], []
    for attempt, position in chosen.items():
        events += [(attempt, 0, "words", "call", None), (attempt, 1, "choose", "call", f"o{attempt}")]
        decisions.append((attempt, "c", "call", f"o{attempt}", position, 0.6, True))
    events += [("f", 0, "words", "call", None), ("a", 2, "disagree", "call", "oa"), ("b", 2, "disagree", "call", "ob")]
    events += [("a", 3, "words", "staff", None), ("a", 4, "choose", "staff", "x")]
    decisions.append(("a", "c", "staff", "x", np.nan, np.nan, False))
    codes = [("a", 0, "orientated"), ("b", 0, "middle"), ("c", 0, "centric"), ("d", 0, "off"), ("e", 0, "unclear"),
             ("f", 0, "centric"), ("a", 3, "centric")]  # fmt: skip
    return (
        pd.DataFrame([(*one, "coder") for one in codes], columns=["attempt", "step", "code", "coder"]),
        pd.DataFrame(events, columns=["attempt", "step", "kind", "scene", "option"]),
        pd.DataFrame(decisions, columns=["attempt", "case_id", "scene", "option", "position", "aim", "on_axis"]),
    )


def test_words_beside_replies_by_hand(small):
    found = against_options(*small).set_index("attempt")
    assert found.index.tolist() == list("abcde")  # f chose nothing; the scene with staff is off the axis
    assert found["same_side"].tolist()[:4] == [True, False, False, True] and pd.isna(found.loc["e", "same_side"])
    assert found["side"].tolist() == ["orientated", "orientated", "middle", "off", "centric"]
    assert found["coded"].tolist()[:3] == [-1, 0, 1] and found.loc["c", "aim_side"] == "centric"
    people = by_person(found.reset_index()).set_index("attempt")
    assert people.index.tolist() == list("abcd") and people["same_side"].tolist() == [100, 0, 0, 100]
    assert people["graded"].tolist()[:3] == pytest.approx([-100, -100, 10])
    assert people["chosen"].tolist()[:3] == [-100, -100, 0]  # coders have three classes, so replies are put into them
    scene = by_scene(found.reset_index()).iloc[0]
    assert (scene["texts"], scene["against_key"], scene["aim"]) == (4, 0.75, pytest.approx(0.6))
    assert scene["coded"] == 0 and scene["chosen"] == pytest.approx((-1 - 1 + 0.1) / 3)


def test_objections_by_scene(small):
    found = objections(*small[1:])
    assert found["scene"].tolist() == ["call"] and found["options"].tolist() == ["oa, ob"]
    row = found.iloc[0]
    assert (row["attempts"], row["disagreed"], row["share"]) == (5, 2, 0.4)
    assert (row["low"], row["high"]) == pytest.approx(proportion_confint(2, 5, method="wilson"))


def test_most_coders_decide(small):
    codes, events, decisions = small
    more = pd.concat([codes, codes.assign(coder="second", code="off"), codes.assign(coder="third")])
    assert against_options(more, events, decisions)["code"].tolist() == codes["code"].tolist()[:5]
    split = against_options(pd.concat([codes, codes.assign(coder="second", code="off")]), events, decisions)
    assert split["attempt"].tolist() == ["d"]
    assert (against_options(more, events, decisions, coder="second")["code"] == "off").all()
    with pytest.raises(UnknownName, match="coder"):
        against_options(more, events, decisions, coder="nobody")


def test_a_scheme_of_ones_own(small):
    codes, events, decisions = small
    mine = Scheme("two", (Code("serves", "Serves", -1.0), Code("asks", "Asks", 1.0)))
    found = against_options(codes.assign(code="asks"), events, decisions, mine)
    assert found["coded"].tolist() == [1.0] * 5 and found["same_side"].tolist() == [False] * 4 + [True]
