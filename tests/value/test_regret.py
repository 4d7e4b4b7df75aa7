"""What a person reads of exact play: prices that add up to Play, Inquiry in words, what was never asked."""

import random
import re

import pytest
from support.places import each_of_the_casebook

from trainkit import load_case
from trainkit.case.conditions import UNKNOWN
from trainkit.cli import main as cli
from trainkit.engine.attempt import replay
from trainkit.engine.rules import known_facts
from trainkit.session.resume import begin
from trainkit.value.regret import review, unasked
from trainkit.value.solver import exact_play
from trainkit.view import render
from trainkit.view.debrief import debrief

POWER = {"load": "30", "seals": "missing", "deadline": "two_weeks", "heating": "no", "style": "lead_me"}
HASTY = ["total_or_extra", "load", "simple", "enough", "fifteen", "scare", "on_paper", "pay_up"]

UNASKED = ["take_order", "send", "for_friends", "just_tap", "light_first"]


def session_of(store, name, answers=None, fixed=None, seed=1):
    session = begin(store, load_case(name), "ann", seed=seed, fixed=fixed)
    if answers is None:
        dice = random.Random(seed)
        while not session.attempt.finished:
            session.do("choose", "en", step=session.step, option=dice.choice(session.attempt.open))
    else:
        session.play(answers, "en")
    return session


@each_of_the_casebook()
def test_the_sum_a_person_reads_is_right(store, name):
    """100 − the prices shown beside the replies is the Play shown, whatever was said."""
    for seed in range(12):
        session = session_of(store, name, seed=seed)
        shown = debrief(session, "en")
        play = next(figure for figure in shown.figures if figure.name == "Play")
        prices = [move.reply.points or 0 for move in shown.moves]
        total = 100 - sum(prices)
        assert max(0, total) == play.value
        assert total == pytest.approx(review(session.attempt).play_unclipped, abs=0.51)
        assert [piece[0] for piece in play.pieces] == [f"−{price}" for price in prices if price]
        if play.pieces:  # the bar is full, without a gap
            ends = [float(play.left), *(float(piece[2]) + float(piece[3]) for piece in play.pieces)]
            assert ends == sorted(ends) and ends[-1] == pytest.approx(100, abs=0.2)


def test_a_dear_reply_has_a_better_one_and_a_free_one_is_the_best(store):
    for seed in range(12):
        for move in debrief(session_of(store, "cancer_misdiagnosis", seed=seed), "ru").moves:
            assert bool(move.reply.better) or not move.reply.points
            assert move.reply.better != move.reply.mine


def test_inquiry_in_words(store):
    hasty = next(
        f for f in debrief(session_of(store, "power_upgrade", HASTY, POWER), "en").figures if f.name == "Inquiry"
    )
    assert (
        "You learnt: " in hasty.text
        and "You never found out" in hasty.text
        and "without asking a question that was worth asking" in hasty.text
    )
    none = session_of(store, "power_upgrade", UNASKED, POWER | {"seals": "in_place"})
    assert "You asked nothing." in next(f for f in debrief(none, "en").figures if f.name == "Inquiry").text


def test_nobody_who_left_questions_behind_reads_that_they_would_have_changed_nothing(store):
    for seed in range(30):
        session = session_of(store, "power_upgrade", seed=seed)
        never = debrief(session, "en").one.never
        if never is not None and not never.title:
            assert not any(cost.premature for cost in review(session.attempt).costs)
    hasty = session_of(store, "power_upgrade", UNASKED, POWER | {"seals": "in_place"})
    assert debrief(hasty, "en").one.never is None or debrief(hasty, "en").one.never.title


def test_no_inquiry_where_questions_are_worth_nothing(store):
    racket = session_of(store, "racket_refund", fixed={"item": "racket"})
    assert [figure.name for figure in debrief(racket, "en").figures] == ["Play"]


def test_what_was_never_asked_by_brute_force():
    """Gain, shortfall and worth in advance against exact play of the state with each value of the fact, one by one."""

    case = load_case("power_upgrade")
    run = replay(case, 4, POWER, HASTY)
    found = {one.fact: one for one in unasked(run)}
    assert set(found) == {"seals", "deadline", "heating", "style"}, "load was asked"
    for one in found.values():
        step = run.steps[one.step]
        assert known_facts(case, step.state)[one.fact] == UNKNOWN
        q = {name: worth.best for name, worth in exact_play(case).after(step.state).items()}
        told = {}
        for value in case.facts[one.fact].values:
            worlds = step.state.worlds & case.masks[one.fact, value]
            told[value] = (
                exact_play(case).mass(worlds) / exact_play(case).mass(step.state.worlds),
                {n: w.best for n, w in exact_play(case).after(step.state._replace(worlds=worlds)).items()},
            )
        mine = told[POWER[one.fact]][1]
        assert one.gain == pytest.approx(max(mine.values()) - mine[one.without])
        assert one.own == pytest.approx(max(mine.values()) - mine[step.option])
        assert q[one.without] == pytest.approx(max(q.values())) and mine[one.knowing] == pytest.approx(
            max(mine.values())
        )
        assert one.ahead == pytest.approx(sum(p * max(qs.values()) for p, qs in told.values()) - max(q.values()))


def test_an_unfinished_run_has_no_play():
    run = replay(load_case("power_upgrade"), 1, {}, ["total_or_extra"])
    assert review(run).play is None and dict(review(run).why_not)["play"] == "unfinished"
    assert len(review(run).costs) == 1


def test_the_debrief_shows_it_in_both_languages(store):
    session = session_of(store, "power_upgrade", HASTY, POWER)
    for lang, words in (("ru", ("Игра", "Расспросы", "без потерь")), ("en", ("Play", "Inquiry", "nothing lost"))):
        page = render.debrief_html(session, lang)
        assert all(word in page for word in words)
        assert re.search(r'<b class="num">−\d+</b>', page)


def test_russian_plurals_of_points(store):
    """очко, очка, очков: by the last digits."""
    from trainkit.i18n import catalog

    said = {
        n: catalog("ru").ngettext("{n} point of Play", "{n} points of Play", n).format(n=n)
        for n in (1, 2, 5, 11, 21, 22)
    }
    assert [said[n].split()[1] for n in said] == ["очко", "очка", "очков", "очков", "очко", "очка"]


def test_the_terminal_prints_it(capsys, tmp_path):
    fixed = [part for pair in POWER.items() for part in ("--set", "=".join(pair))]
    assert cli.main(["play", "power_upgrade", "--lang", "ru", "--answers", ",".join(HASTY), *fixed]) == 0
    said = capsys.readouterr().out
    assert "Игра" in said and "из 100. Сто — лучшее" in said and "[−" in said and "о чём вы не спросили" in said.lower()
    for command, suffix in (("print", "html"), ("twee", "twee")):
        assert cli.main([command, "racket_refund", "-o", str(tmp_path / f"a.{suffix}")]) == 0
        assert cli.main([command, "racket_refund", "-o", str(tmp_path / "no" / "a")]) == 2
    assert cli.main(["from-twee", str(tmp_path / "a.twee"), "-o", str(tmp_path / "racket_refund")]) == 0
    assert load_case(tmp_path / "racket_refund").hash == load_case("racket_refund").hash
    assert cli.main(["from-twee", str(tmp_path / "a.twee"), "-o", str(tmp_path / "racket_refund")]) == 2
    assert "--replace" in capsys.readouterr().err
