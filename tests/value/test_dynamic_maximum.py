"""The rule used elsewhere, points over the most the visited scenes offered, gives 100 % to a shallow path; Play does not.

README tells the first example in words.
"""

import pytest

from trainkit import load_case
from trainkit.engine.attempt import replay
from trainkit.scoring.decisions import decisions
from trainkit.value.regret import review

HUNG_UP = (
    "power_upgrade",
    {"load": "15", "seals": "missing", "heating": "no", "deadline": "autumn", "style": "lead_me"},
)
ALARM = (
    "cancer_misdiagnosis",
    {"brother": "lungs", "illness": "ulcer", "signs": "alarm", "tube": "fine", "rival": "cuts"},
)


def by_visited_scenes(run):
    """Σ fit of the choices over Σ of the most that was on offer, over the decisions met."""
    rows = decisions(run)
    return 100 * sum(row.fit for row in rows) / sum(row.fit_max for row in rows)


def test_one_question_too_many():
    name, facts = HUNG_UP
    answers = ["total_or_extra", "load", "seals", "seal_first", "heating"]
    run = replay(load_case(name), 0, facts, answers)
    assert run.ending == "hung_up"
    assert by_visited_scenes(run) == pytest.approx(100)
    assert round(review(run).play) == 51


def test_gone_on_too_early():
    name, facts = ALARM
    shallow = replay(
        load_case(name),
        35,
        facts,
        ["hands", "tube", "enough", "hold", "awake", "both", "together"],
    )
    found = review(shallow)
    assert shallow.finished and by_visited_scenes(shallow) == pytest.approx(100)
    assert found.play < 92 and found.inquiry < 30 and any(cost.premature for cost in found.costs)


def test_the_best_player_has_both():
    name, facts = HUNG_UP
    answers = ["total_or_extra", "load", "seals", "seal_first"]
    run = replay(load_case(name), 0, facts, answers)
    from trainkit.engine.attempt import choose
    from trainkit.value.solver import exact_play

    while not run.finished:
        q = {option: worth.best for option, worth in exact_play(run.case).after(run.state).items()}
        run = choose(run, max(q, key=q.__getitem__))
    assert by_visited_scenes(run) > 95 and review(run).play > 95
