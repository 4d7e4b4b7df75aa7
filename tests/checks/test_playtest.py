"""The semantic check: each warning is raised by a case that deserves it, and the casebook is clean."""

import json
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.places import ASKED_FOR

from trainkit import CaseError, load_case
from trainkit.checks.playtest import playtest
from trainkit.checks.separation import auc, hedges_g, tracking
from trainkit.files import case_errors
from trainkit.files.scaffold import new_case


@pytest.fixture(scope="module")
def brakes(tmp_path_factory):
    """The case that `trainkit new` writes."""
    return json.loads(load_case(new_case("brakes", tmp_path_factory.mktemp("cases"))).source_json)


def found(data, runs=120):
    result = playtest(case_errors.case_from_data(data, "changed"), runs)
    return {code for code, _, _ in result.errors}, {
        (code, path[-1] if path else "") for code, path, _ in result.warnings
    }


def option(data, scene, name):
    return data["scenes"][scene]["options"][name]


def test_the_beginning_is_clean(brakes):
    assert found(json.loads(json.dumps(brakes))) == (set(), set())


def test_keys_that_quarrel_with_values(brakes):
    data = json.loads(json.dumps(brakes))
    for name, q in (("wet", 0.1), ("when_ride", 0.2), ("enough", 1.0)):
        option(data, "look", name)["fit"] = [{"value": q}]
    assert "best_play_unfit" in found(data)[0]


def test_an_early_bad_exit_that_pays(brakes):
    data = json.loads(json.dumps(brakes))
    data["scenes"]["counter"]["options"]["take"]["fit"] = [{"value": 0.1}]
    data["scenes"]["counter"]["options"]["together"]["fit"] = [{"value": 1.0}]
    option(data, "counter", "take")["effect"] = [{"value": 0.9}]
    assert "bad_exit" in found(data)[0]


def test_a_dead_question(brakes):
    data = json.loads(json.dumps(brakes))
    data["scenes"]["look"]["options"]["colour"] = option(data, "look", "wet") | {"reveals": []}
    assert ("dead_question", "colour") in found(data)[1]


def test_a_question_that_only_patience_makes_dead(brakes):
    """The client leaves with the answer, or nothing can follow from it any more: that is said, and what to raise."""
    data = json.loads(json.dumps(brakes))
    data["patience"]["budget"] = 1
    rules = [rule for code, _, rule in playtest(case_errors.case_from_data(data, "changed"), 60).warnings]
    dead = [rule for rule in rules if rule.startswith("a dead question")]
    assert len(dead) == 2 and all("for want of patience: the client leaves with the answer" in rule for rule in dead)
    assert "it costs 1, at most 1 is left here" in dead[0]
    data["scenes"]["look"]["options"]["colour"] = option(data, "look", "wet") | {"reveals": []}
    rules = {
        path[-1]: rule
        for code, path, rule in playtest(case_errors.case_from_data(data, "changed"), 60).warnings
        if code == "dead_question"
    }
    assert "in no state does its answer change" in rules["colour"], (
        "with all the patience of the world it tells nothing"
    )


def test_shown_only_under_a_condition_and_always_best(brakes):
    data = json.loads(json.dumps(brakes))
    option(data, "offer", "clean")["when"] = {"cause": ["oil"]}
    assert ("always_best", "clean") in found(data)[1]


def test_words_that_contradict_a_verdict_or_ask_for_what_was_asked(brakes):
    data = json.loads(load_case("boundaries").source_json)
    data["debrief"]["tomorrow"] = "А когда вам это понадобится?"  # some took the request as it was, others never let go
    assert ("tomorrow_for_all", "tomorrow") in found(data)[1]
    data["debrief"]["tomorrow"] = [{"text": "Сделаю, как просите.", "toward": "request"}]
    assert ("tomorrow_misfits", "tomorrow") in found(data)[1]
    data = json.loads(json.dumps(brakes))
    data["debrief"]["tomorrow"] = [{"text": "А когда?", "asks": "trip"}]
    assert ("tomorrow_misfits", "tomorrow") in found(data)[1]
    data["debrief"]["tomorrow"].append({"text": "Посмотрим вместе."})
    assert found(data) == (set(), set())
    data["debrief"]["tomorrow"].append({"text": "Давайте посмотрим."})  # after one for everybody it is never said
    assert found(data)[1] == {("tomorrow_for_all", "tomorrow")}
    data["debrief"]["tomorrow"].pop()
    data["debrief"]["tomorrow"][0]["asks"] = "trio"
    with pytest.raises(CaseError, match='Did you mean "trip"'):
        case_errors.case_from_data(data, "changed")


def test_a_debrief_that_asks_for_something_else_than_best_play(brakes):
    """Where it lies in the middle whatever was found out, told with the draw in which the two are furthest apart."""
    data = json.loads(json.dumps(brakes))
    data["scenes"]["offer"]["target"] = [{"value": 0.2}]
    result = playtest(case_errors.case_from_data(data, "changed"), 20)
    (rule,) = [rule for code, path, rule in result.errors if (code, path) == ("asked_apart", ("context", "target"))]
    assert "the debrief says +40 is asked for, best play stands at +67, over 10 points apart, where cause=oil" in rule


def test_nobody_picks_it(brakes):
    """Shown to those who asked everything, at the pole they are furthest from, curt, short and never best."""
    data = json.loads(json.dumps(brakes))
    for name in ("order", "clean", "pads_now"):
        option(data, "offer", name)["text"][0]["value"] += " Конечно."
    curt = {"text": [{"value": "Ну, нет."}], "position": [{"value": -1.0}], "goto": [{"value": "squeals"}]}
    known = {"when": {"cause": ["oil"], "trip": ["later"]}}
    data["scenes"]["offer"]["options"]["curt"] = option(data, "offer", "clean") | curt | known
    assert {("unpicked", "curt"), ("tempts_nobody", "curt")} & found(data, 600)[1]


def test_no_tension(brakes):
    data = json.loads(json.dumps(brakes))
    for name in ("order", "clean", "pads_now"):
        option(data, "offer", name)["position"] = [{"value": 0.2}]
    assert ("no_tension", "offer") in found(data)[1]


def test_a_key_one_can_guess():
    data = json.loads(load_case("second_place").source_json)
    for scene in data["scenes"].values():
        for one in scene.get("options", {}).values():
            fit = max(rule["value"] for rule in one["fit"])
            one["text"] = [{"value": "Ну " + "да " * (1 + round(20 * fit))}]
    assert ("cue_longest_ru", "scenes") in found(data)[1]


def test_one_guess_is_told_once():
    """Of two replies the second is the third, the fourth and the last as well."""
    data = json.loads(load_case("counters_a").source_json)
    for scene in data["scenes"].values():
        first, second = list(scene["options"])[:2]
        scene["options"] = {first: scene["options"][first], second: scene["options"][second]}
        for name, fit, value in ((first, 0.1, -0.02), (second, 1.0, 0.02)):
            scene["options"][name] |= {"fit": [{"value": fit}], "effect": [{"value": value}]}
    data["endings"] = {name: one | {"value": [{"value": 0.5}]} for name, one in data["endings"].items()}
    told = [code for code, _ in found(data)[1] if code.startswith("cue_place")]
    assert told == ["cue_place0"]


def test_too_large_says_so(brakes, monkeypatch):
    from trainkit.value import solver as policy

    monkeypatch.setattr(policy, "MAX_STATES", 2)
    assert found(json.loads(json.dumps(brakes)))[0] == {"too_large"}


# ---- the casebook ---------------------------------------------------------------------------------------------


def test_position_follows_the_lean_over_the_four_cases():
    assert tracking([load_case(name) for name in ASKED_FOR]) >= 0.95


@pytest.mark.slow
@pytest.mark.parametrize("name", ASKED_FOR)
def test_guessing_the_key_gains_nothing(name):
    """Longest and politest replies, in each language, are within 5 points of fit of random ones, or below."""
    from trainkit.simulation.personas import PERSONAS
    from trainkit.simulation.runner import CaseRunner, RunMeans

    case = load_case(name)

    def fit(persona, lang):
        ground, tally = CaseRunner(case, lang), RunMeans()
        for number in range(1, 301):
            tally.take(ground.run(PERSONAS[persona], number, 0))
        return tally.mean("fit")

    chance = fit("random", "ru")
    for lang in ("ru", "en"):
        for persona in ("longest-guesser", "politest-guesser"):
            assert fit(persona, lang) <= chance + 5, (persona, lang)


# ---- statistics -----------------------------------------------------------------------------------------------

VALUES = st.lists(st.integers(-5, 5).map(float), min_size=2, max_size=12)


@given(VALUES, VALUES)
def test_auc_is_the_share_of_pairs(xs, ys):
    pairs = [(x > y) + (x == y) / 2 for x in xs for y in ys]
    assert auc(xs, ys) == pytest.approx(sum(pairs) / len(pairs))


def test_auc_is_mann_whitney():
    from scipy.stats import mannwhitneyu

    xs, ys = [3.1, 2.2, 5.0, 4.4], [1.0, 2.2, 2.9]
    assert auc(xs, ys) == pytest.approx(mannwhitneyu(xs, ys).statistic / 12)


def test_hedges_g_by_hand():
    xs, ys = [2.0, 4.0, 6.0], [1.0, 3.0, 5.0, 7.0]
    pooled = ((2 * statistics.variance(xs) + 3 * statistics.variance(ys)) / 5) ** 0.5
    assert hedges_g(xs, ys) == pytest.approx((4 - 4) / pooled)
    assert hedges_g([5.0, 7.0, 9.0], ys) == pytest.approx(3 / pooled * (1 - 3 / 19))
    assert hedges_g([1.0, 1.0], [0.0, 0.0]) == float("inf") and hedges_g([1.0, 1.0], [1.0, 1.0]) == 0
