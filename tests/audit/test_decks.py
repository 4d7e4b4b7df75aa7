"""Two decks as parallel forms: the plan of the casebook's decks, and decks that are none."""

import pytest
from support.toy_cases import BLUEPRINT, row_of_scenes

from trainkit.audit.decks import deck_figures, parallel_apart, refuse_decks
from trainkit.audit.figures import study, surfaces
from trainkit.audit.report import audit, lines
from trainkit.audit.verdicts import both_decks_verdicts, deck_verdicts
from trainkit.errors import TrainkitError

N = 15_000
# a little to and fro, so that one deck doesn't teach the other
SHIFTED = [[(k if k is None else round(k + (-0.1 if k > 0 else 0.1), 2), fit) for k, fit in row] for row in BLUEPRINT]


@pytest.fixture(scope="module")
def decks():
    studies = [
        study(row_of_scenes(rows, (0.05,), name), N) for rows, name in ((BLUEPRINT, "deck_a"), (SHIFTED, "deck_b"))
    ]
    return deck_figures(*studies, surfaces(studies))


def test_the_blueprint_measures_as_planned(decks):
    """The figures that the plan was chosen for."""
    a = decks["deck_a"]
    assert a["alpha_fit"] == pytest.approx(0.53, abs=0.02)
    assert a["alpha_fit_less_skilled"] == pytest.approx(0.60, abs=0.02)
    assert a["auc_skilled_preacher"] > 0.99 and a["auc_skilled_orderer"] > 0.95
    assert a["auc_equal_preacher"] == pytest.approx(0.98, abs=0.02)
    assert a["auc_equal_orderer"] == pytest.approx(0.88, abs=0.03)
    assert a["hits"]["most_centric"] <= 0.38 and a["hits"]["drop_null_and_most_orientated"] <= 0.38
    assert a["decisions_range"] == [12, 12] and a["null_share"] == pytest.approx(7 / 48)
    assert decks["r_fit"] == pytest.approx(0.55, abs=0.03) and decks["together"]["alpha_fit"] > 0.65


def test_parallel_decks_are_said_to_be(decks):
    assert decks["ids"] == ["deck_a", "deck_b"] and decks["apart"] == [] and decks["parallel"] is True
    assert abs(decks["means_difference"]) < 2
    assert {one.level for one in both_decks_verdicts(decks)} == {"good"}
    assert {one.figure for one in deck_verdicts(decks["deck_a"])} >= {"alpha_fit", "auc_equal_preacher"}


def test_decks_that_are_not_parallel_are_told_by_how_much():
    easy = [[(k, fit if fit == 1 else 0.0) for k, fit in row] for row in BLUEPRINT[:10]]
    cases = [row_of_scenes(BLUEPRINT, (0.05,), "deck_a"), row_of_scenes(easy, (0.05,), "deck_b")]
    done = audit([], cases, n=5_000)
    found = done.figures["decks"]
    assert found["parallel"] is False and done.figures["cases"] == [] and done.figures["set"] is None
    apart = {one["figure"]: one for one in found["apart"]}
    assert apart["decisions"] == {"figure": "decisions", "a": 12, "b": 10, "by": 2, "limit": 0}
    assert apart["mean_fit"]["by"] == pytest.approx(abs(found["means_difference"])) and apart["mean_fit"]["by"] > 2
    told = "\n".join(lines(done, "en"))
    assert "The two decks are not parallel forms:" in told
    assert "decisions in a run (a deck has twelve): 12.00 against 10.00, apart by 2.00; at most 0.00 may be" in told


def test_a_figure_that_only_one_deck_has_is_apart():
    figures = {
        "decisions": 12.0, "mean_fit": {"alike": 80.0}, "mean_position": 0.0, "sd_fit": 10.0, "alpha_fit": 0.5,
        "alpha_position": 0.5, "null_share": 0.1, "best": {"centric": 0.4, "orientated": 0.4, "middle": 0.2},
    }  # fmt: skip
    assert parallel_apart(figures, figures) == []
    (apart,) = parallel_apart(figures, figures | {"alpha_fit": None})
    assert apart.figure == "alpha_fit" and apart.by is None
    (short,) = parallel_apart(figures | {"decisions": 11.0}, figures | {"decisions": 11.0})  # alike, but no decks
    assert short.figure == "decisions" and short.by == 1


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["counters_a"], 'given twice (got one: "counters_a")'),
        (["a", "b", "c"], "given twice (got 3)"),
        (["a", "a"], 'both are "a"'),
    ],
)
def test_anything_but_two_decks_is_refused(names, said):
    with pytest.raises(TrainkitError) as error:
        refuse_decks(names)
    assert said in str(error.value)
