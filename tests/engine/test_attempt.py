"""The engine: pure, immutable, the same everywhere."""

import doctest
import hashlib
import json
import random
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.places import CASEBOOK, EACH_CASE, TEST_CASES, case_folders

from trainkit import load_case
from trainkit.checks.expected_paths import walks
from trainkit.engine import attempt as play
from trainkit.engine import facts, rules
from trainkit.errors import CaseError, Refused, TrainkitError, UnknownName
from trainkit.files import case_errors, casebook
from trainkit.log import replay
from trainkit.log.records import new_record
from trainkit.log.store import Log
from trainkit.scoring import attempt
from trainkit.scoring.decisions import Decision
from trainkit.session.resume import begin
from trainkit.session.session import Session
from trainkit.value.solver import exact_play

WALKS = [
    pytest.param(folder, walk, number == 0, id=f"{folder.name}-{walk.name}")
    for folder in case_folders()
    for number, walk in enumerate(walks(folder))
]
read = cache(casebook.load_case)  # a case is frozen: all tests may have the same one


def random_run(case, seed):
    chance = random.Random(seed)
    attempt = play.start(case, seed)
    while not attempt.finished:
        attempt = play.choose(attempt, chance.choice(attempt.open))
    return attempt


FROM_A_LOG = {}  # case version → the first case of it that was read from a log, with what was worked out for it


def reopened(file):
    """The one attempt in a log, from nothing but its file; a case that is equal to an earlier one is not worked out again."""
    log = Log(file)
    (record,) = log.attempts()
    read_now = log.case(record)
    case = FROM_A_LOG.setdefault((record.case_hash, record.translations_hash), read_now)
    assert case == read_now
    return Session(log, record, case, log.events(record.attempt))


@pytest.mark.parametrize(("folder", "walk", "each_step"), WALKS)
def test_walk_straight_and_through_save_and_load(folder, walk, each_step, tmp_path):
    """The first walk of a case forgets everything but the file at each step, the others once, in the middle."""
    case = read(folder)
    straight = play.replay(case, walk.seed, walk.fixed, walk.answers)
    score = attempt.score(straight)
    assert straight.ending == walk.ending
    if walk.position is not None:
        assert score.position == pytest.approx(walk.position, abs=0.051)

    file, middle = tmp_path / "walk.sqlite3", len(walk.answers) // 2
    session = begin(Log(file), case, "walker", seed=walk.seed, fixed=walk.fixed)
    for number, answer in enumerate(walk.answers):
        if number == middle or each_step:
            session.log.close()
            session = reopened(file)
        if answer is None:
            session.do("back", "ru", step=session.step)
        else:
            session.do("choose", "ru", step=session.step, option=answer)
    session.log.close()
    for loaded in (session.attempt, reopened(file).attempt):
        assert (loaded.state, loaded.steps, loaded.said, loaded.truth) == (
            straight.state,
            straight.steps,
            straight.said,
            straight.truth,
        )
        assert attempt.score(loaded) == score


@EACH_CASE
def test_walks_visit_every_ending(folder):
    case = read(folder)
    reached = {walk.ending for walk in walks(folder)}
    assert reached == set(case.endings)


@EACH_CASE
def test_random_runs_end_and_are_repeatable(folder):
    case = read(folder)
    for seed in range(60):
        one = random_run(case, seed)
        again = play.replay(case, seed, {}, [step.option for step in one.steps])
        assert one.state == again.state and one.said == again.said
        assert 0 <= attempt.score(one).off_axis <= 1
        for said in one.said:
            for lang in case.languages:
                assert case.text(said.text, lang)


def test_draws_never_change(parcel):
    """Pinned: a change here makes recorded seeds mean something else."""
    assert [facts.draw_facts(parcel, seed) for seed in range(5)] == PINNED


PINNED = [
    ("high", "whenever", "depot"),
    ("low", "whenever", "depot"),
    ("high", "whenever", "depot"),
    ("high", "today", "van"),
    ("high", "whenever", "depot"),
]


def test_a_draw_by_hand(parcel):
    """SHA-256("0:where") / 2**64 = 0.636… > 0.5, so at need = whenever it is the depot."""
    u = int(hashlib.sha256(b"0:where").hexdigest()[:16], 16) / 2**64
    assert 0.636 < u < 0.637
    assert facts.draw_facts(parcel, 0, {"need": "whenever"})[2] == "depot"
    assert facts.draw_facts(parcel, 0, {"need": "today"})[2] == "van"  # 0.636 < 0.75


def test_draw_follows_the_probabilities(parcel):
    n = 4000
    found = [facts.draw_facts(parcel, seed) for seed in range(n)]
    for world, p in zip(parcel.worlds, parcel.probabilities, strict=True):
        share = sum(one == world for one in found) / n
        assert abs(share - p) < 4 * (p * (1 - p) / n) ** 0.5


def test_fixed_facts(parcel):
    attempt = play.start(parcel, 3, {"need": "today", "price": "high"})
    assert attempt.facts["need"] == "today"
    assert attempt.known == {"price": "high", "need": "unknown", "where": "unknown"}
    with pytest.raises(UnknownName, match='Did you mean "today"'):
        play.start(parcel, 3, {"need": "toda"})
    with pytest.raises(UnknownName, match="unknown fact"):
        play.start(parcel, 3, {"nope": "x"})
    with pytest.raises(TrainkitError, match="seed"):
        play.start(parcel, -1)


def test_a_question_reveals_and_costs_and_is_asked_once(parcel):
    attempt = play.start(parcel, 0, {"need": "today"})
    assert "send" not in play.choose(attempt, "offer").open  # it reads what nobody has asked
    asked = play.choose(attempt, "when_needed")
    assert asked.known["need"] == "today" and asked.state.patience == 2
    assert asked.open == ("what_is_it", "offer")
    with pytest.raises(Refused, match="asked already"):
        play.choose(asked, "when_needed")
    assert "send" in play.choose(asked, "offer").open
    assert attempt.known["need"] == "unknown"  # the old attempt is what it was


def test_patience_at_zero_ends_after_the_answer(parcel):
    attempt = play.replay(parcel, 0, {"need": "today"}, ["when_needed", "what_is_it"])
    assert attempt.ending == "hung_up" and attempt.state.patience == 0
    assert [said.text for said in attempt.said][-2:] == [
        "scenes.call.options.what_is_it.reply.1",
        "endings.hung_up.lines.1",
    ]


def test_what_happens_tells_what_was_true(parcel):
    found = play.replay(parcel, 0, {"where": "van", "need": "whenever"}, ["offer", "look"])
    assert found.ending == "found" and found.known["where"] == "van"
    paid = play.replay(parcel, 0, {"where": "van"}, ["offer", "refund"])
    assert paid.ending == "content" and paid.known["where"] == "unknown"


def test_hidden_truth_never_leaks_into_a_line(parcel):
    attempt = play.start(parcel, 0, {"need": "today"})
    assert attempt.said[-1].text.startswith("scenes.call.lines.2")
    offered = play.choose(attempt, "offer")
    assert "scenes.solve.lines.1" in [said.text for said in offered.said]  # `need: unknown` holds


def test_back_restores_the_scene_only(parcel):
    attempt = play.replay(parcel, 0, {"need": "today"}, ["when_needed", "offer"])
    returned = play.back(attempt)
    assert returned.state.place == "call" and returned.went_back
    assert returned.known["need"] == "today" and returned.state.patience == 2
    assert "when_needed" not in returned.open
    on = play.replay(parcel, 0, {"need": "today"}, ["when_needed", "offer", None, "offer", "look"])
    assert [step.option for step in on.decisions] == ["when_needed", "look"]  # first choices count


def test_back_takes_back_what_was_remembered(parcel):
    fixed = {"price": "low", "need": "whenever", "where": "depot"}
    attempt = play.replay(parcel, 0, fixed, ["offer", "rules", None, "look"])
    assert attempt.ending == "lost"
    with pytest.raises(Refused, match="ending"):
        play.back(attempt)
    with pytest.raises(Refused, match="began"):
        play.back(play.start(parcel, 0))


def test_refused_choices(parcel):
    attempt = play.start(parcel, 0)
    with pytest.raises(UnknownName, match='Did you mean "offer"'):
        play.choose(attempt, "ofer")
    over = play.replay(parcel, 0, {}, ["offer", "refund"])
    with pytest.raises(Refused, match="over"):
        play.choose(over, "offer")


def test_value_of_a_run(parcel):
    fixed = {"need": "whenever", "where": "van"}
    run = play.replay(parcel, 0, fixed, ["when_needed", "offer", "refund"])
    assert play.value(run) == pytest.approx(0.9 - 0.05 - 0.01)
    assert play.value(play.start(parcel, 0)) is None


@given(st.integers(0, play.MAX_SEED))
def test_worlds_are_a_partition(seed):
    """After any move, the truth is among the worlds left, and outcomes part them."""
    case = casebook.load_case(case_folders()[0])
    chance = random.Random(seed)
    attempt = play.start(case, seed)
    while not attempt.finished:
        bit = 1 << case.worlds.index(attempt.truth)
        assert attempt.state.worlds & bit
        for option in attempt.open:
            parts = [state.worlds for _, state in rules.outcomes(case, attempt.state, option)]
            assert sum(parts) == attempt.state.worlds
            assert all(a & b == 0 for n, a in enumerate(parts) for b in parts[:n])
        attempt = play.choose(attempt, chance.choice(attempt.open))


def test_the_methods_are_the_functions(parcel):
    run = play.start(parcel, 3)
    later = run.choose(run.open[0])
    assert later == play.choose(run, run.open[0]) and run.steps == ()
    with pytest.raises(UnknownName):
        run.choose("nothing_like_it")


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_lines_and_options_are_read_in_a_language(lang):
    case = load_case("racket_refund")
    run = play.start(case, 7)
    options = run.options(lang)
    assert tuple(options) == run.open and all(options.values())
    later = run.choose(run.open[0])
    lines = later.lines(lang)
    assert len(lines) == len(later.said)
    mine = next(line for line, said in zip(lines, later.said, strict=True) if said.step == 0)
    assert mine.text == options[run.open[0]] and mine.speaker == {"ru": "Вы", "en": "You"}[lang]
    assert str(mine) == f"{mine.speaker}: {mine.text}"
    while not later.finished:
        later = later.choose(later.open[-1])
    assert later.options(lang) == {}
    assert later.lines("en") != later.lines("ru")


def test_a_step_back_is_a_line_of_nobody():
    run = play.start(load_case("racket_refund"), 7)
    back = play.back(run.choose(run.open[0]))
    line = next(line for line, said in zip(back.lines("en"), back.said, strict=True) if said.speaker == "back")
    assert line.speaker == "" and str(line).startswith("You went back one step")


def test_a_case_begins_once_for_each_experimental_condition():
    case = load_case("racket_refund")
    begun = rules.starts(case)
    assert len(begun) == len({case.design_of(world) for world in case.worlds}) == len(set(begun))
    for seed in range(20):
        run = play.start(case, seed)
        assert run.state in begun
        assert run.state == rules.begin_state(case, dict(case.design_of(run.truth)))


def test_the_examples_of_the_docstrings_run():
    tried = doctest.testmod(play)
    assert tried.attempted and not tried.failed


def small(facts, options, **more):
    """A case of one scene over these facts, whose options lead to the endings a and b, or to the scene next."""
    made = {
        name: {"text": name, "because": "…", "position": 0, "fit": 1.0, **option} for name, option in options.items()
    }
    ending = {"title": "…", "lines": [{"narrator": "…"}], "mood": "…", "value": 0.5}
    last = {"title": "…", "lines": [{"narrator": "…"}], "options": {}}
    for name in ("x", "y", "z"):
        last["options"][name] = {"text": name, "because": "…", "position": 0, "fit": 1.0, "goto": "a"}
    data = json.loads(casebook.load_case("late_parcel", TEST_CASES).source_json)
    data |= {
        "id": "small",
        "facts": facts,
        "memory": {},
        "start": "first",
        "scenes": {"first": {"title": "…", "lines": [{"narrator": "…"}], "options": made, **more}, "next": last},
        "endings": {"a": ending, "b": {**ending, "value": 0.1}},
    }
    del data["patience"]
    data["debrief"]["tomorrow"] = "…"
    data["context"]["target"] = [{"value": 0.0}]
    return case_errors.case_from_data(data, "small")


COIN = {"label": "…", "values": {"heads": {"p": 0.5, "label": "…"}, "tails": {"p": 0.5, "label": "…"}}}


def test_equal_destinations_tell_nothing():
    """Which of two rules led to the same scene is no news; where they lead apart, or it is revealed, it is."""
    same = [{"when": {"coin": "heads"}, "value": "next"}, {"value": "next"}]
    apart = [{"when": {"coin": "heads"}, "value": "next"}, {"value": "b"}]
    case = small(
        {"coin": COIN},
        {"same": {"goto": same}, "apart": {"goto": apart}, "told": {"goto": same, "reveals": ["coin"]}},
    )
    begun = play.start(case, 0, {"coin": "heads"})
    assert begun.choose("same").known["coin"] == "unknown"
    assert begun.choose("apart").known["coin"] == begun.choose("told").known["coin"] == "heads"
    assert len(rules.outcomes(case, begun.state, "same")) == 1
    # exact play believes the same: what is right next is not known, either
    assert exact_play(case).worth(begun.choose("same").state).best == pytest.approx(0.5)


def test_a_fixed_fact_conditions_those_before_it():
    """Bayes, against counting: alarm is given by illness; with the alarm fixed, how often is the illness there?"""
    illness = {"label": "…", "values": {"tumour": {"p": 0.1, "label": "…"}, "none": {"p": 0.9, "label": "…"}}}
    shares = {"alarm": {"p": {"tumour": 0.8, "none": 0.2}}, "quiet": {"p": {"tumour": 0.2, "none": 0.8}}}
    signs = {"label": "…", "given": "illness", "values": {name: {**p, "label": "…"} for name, p in shares.items()}}
    case = small({"illness": illness, "signs": signs}, {name: {"goto": "a"} for name in ("x", "y", "z")})
    n = 4000
    for fixed, wanted in (({"signs": "alarm"}, 0.08 / 0.26), ({"signs": "quiet"}, 0.02 / 0.74), ({}, 0.1)):
        drawn = sum(facts.draw_facts(case, seed, fixed)[0] == "tumour" for seed in range(n)) / n
        assert abs(drawn - wanted) < 4 * (wanted * (1 - wanted) / n) ** 0.5
    state = play.start(case, 0, {"signs": "alarm"}).state
    within = state._replace(worlds=state.worlds & case.masks["signs", "alarm"])
    exact = exact_play(case)
    believed = exact.mass(within.worlds & case.masks["illness", "tumour"]) / exact.mass(within.worlds)
    assert believed == pytest.approx(0.08 / 0.26)


def test_what_was_drawn_by_the_first_rules_is_replayed_by_them(tmp_path):
    """A log from before keeps its story: the draw of a run with a fixed fact doesn't change under it."""
    case = read(CASEBOOK / "cancer_misdiagnosis")
    fixed = {"signs": "alarm"}
    other = next(
        seed
        for seed in range(500)
        if replay.begun(case, new_record(case, "a", seed, fixed)).truth
        != replay.begun(case, replace(new_record(case, "a", seed, fixed), draw_version=1)).truth
    )
    log = Log(tmp_path / "log.sqlite3")
    old = replace(new_record(case, "old", other, fixed), draw_version=1)
    log.begin(old, case)
    log.begin(new_record(case, "new", other, fixed), case)
    found = {record.participant: replay.replay(log, record) for record in log.attempts()}
    assert found["old"].truth != found["new"].truth
    assert found["new"].truth == play.start(case, other, fixed).truth


def test_a_step_back_undoes_what_it_went_back_over_and_no_more():
    """A talk that comes round again is another talk, also after a step back that had nothing to do with it."""
    case = small({}, {"on": {"goto": "next"}, "off": {"goto": "b"}, "x": {"goto": "a"}})
    data = json.loads(case.source_json)
    options = data["scenes"]["next"]["options"]
    options["x"]["goto"], options["x"]["costs"] = "first", 1
    data["patience"] = {"budget": 9, "label": "…", "last": "…", "leaves": "b"}
    case = case_errors.case_from_data(data, "small")
    around = play.replay(case, 0, {}, ["on", "x", "on", None, "on", "x", "off"])
    assert around.went_back
    # the third "on" says again what was gone back over; the later "off" stands in a visit that nobody took back
    assert [step.repeats_decision for step in around.steps] == [False, False, False, True, False, False]


def test_a_scene_outside_the_axis_counts_in_no_position():
    """No position, no off-axis rate; fit as anywhere."""
    case = small({}, {name: {"goto": "next"} for name in ("good", "bad", "worse")})
    data = json.loads(case.source_json)
    first, fit = data["scenes"]["first"], {"good": 1.0, "bad": 0.4, "worse": 0.0}
    first["axis"] = False
    for name, option in first["options"].items():
        del option["position"]
        option["fit"] = fit[name]
    beside = case_errors.case_from_data(data, "small")
    assert case_errors.case_from_data(json.loads(beside.source_json), "small").hash == beside.hash != case.hash
    run = play.replay(beside, 0, {}, ["bad", "x"])
    assert [row.on_axis for row in attempt.decisions(run)] == [False, True]
    assert attempt.score(run).off_axis == 0 and attempt.score(run).fit == pytest.approx(100 * 0.4 / 1.0)
    rows = [
        Decision("s", "o", 1, 0, k, -1, 1, 0, 1, 0, 1, 0.5, on) for on, k in [(False, None)] * 9 + [(True, 0.5)] * 3
    ]
    assert attempt.score_decisions(rows).position == 50  # nine talks with the staff don't make it unmeasured
    for wrong, said in (("position", 0.5), ("fit", None)):
        broken = json.loads(beside.source_json)
        option = broken["scenes"]["first"]["options"]["bad"]
        option[wrong] = said
        if said is None:
            del option[wrong]
        with pytest.raises(CaseError, match="outside the axis"):
            case_errors.case_from_data(broken, "small")
