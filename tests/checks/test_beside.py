"""What others would choose beside a scene: the same as when such people play, and told where a scene gives itself away."""

from collections import Counter

import pytest
from support.places import CASEBOOK

from trainkit.checks.beside import PREACHER, beside
from trainkit.files import casebook
from trainkit.files.case_errors import case_from_data
from trainkit.files.yaml_reader import read
from trainkit.simulation.runner import simulate

RUNS = 1500


@pytest.mark.parametrize("name", ["counters_a", "racket_refund"])
def test_shares_are_those_of_people_who_play(name):
    case = casebook.load_case(CASEBOOK / name)
    first = beside(case)[case.start]
    begun = [run.choices[0] for run in simulate(case, RUNS, PREACHER.name)]
    said, offered = Counter(option for _, option in begun), Counter(name for place, _ in begun for name in place.open)
    for chosen in first.chosen:  # where it is open
        assert abs(said[chosen.option] / offered[chosen.option] - chosen.preacher) < 0.05, chosen
    if len(case.worlds) == 1:
        for share in ("preacher", "order_taker", "best"):
            assert sum(getattr(one, share) for one in first.chosen) == pytest.approx(1)


def test_best_is_what_pays_and_hits_are_its_shares(parcel):
    for here in beside(parcel).values():
        assert 0 < here.chance <= 1 and here.stake >= 0
        if not here.turns:
            best = [one for one in here.chosen if one.best > 0.5]
            assert here.preacher >= sum(one.preacher for one in best) - 1e-9


def with_values(first, second):
    """A case of one decision: the first reply takes them at their word, the second finds out."""
    data, _ = read(CASEBOOK.parent / "src/trainkit/files/skeleton/talk/case.yml")
    reply = {"text": "Да.", "because": "Так.", "fit": "auto"}
    options = {"a": {**reply, "position": -0.8, "goto": "one"}, "b": {**reply, "position": 0.8, "goto": "two"}}
    options |= {"c": {**reply, "position": 0.0, "goto": "three"}}
    ending = {"title": "Конец", "lines": [{"narrator": "Всё."}], "mood": "Так."}
    del data["patience"], data["facts"]
    data |= {"start": "only", "scenes": {"only": {"title": "Одна", "lines": [{"ilya": "Ну?"}], "options": options}}}
    data["endings"] = {
        "one": {**ending, "value": first},
        "two": {**ending, "value": second},
        "three": {**ending, "value": 0.3},
    }
    data["debrief"]["tomorrow"] = "Да."
    return case_from_data(data)


def test_a_scene_that_gives_itself_away_is_told():
    away = beside(with_values(0.2, 0.9))["only"]
    assert away.given_away_to == "preacher" and away.preacher > 0.9 > away.chance and not away.turns
    assert beside(with_values(0.9, 0.2))["only"].given_away_to == "order_taker"
    assert away.stake == pytest.approx(100)


def test_what_depends_on_what_is_known_is_no_given_answer(parcel):
    assert any(here.turns for here in beside(parcel).values())
