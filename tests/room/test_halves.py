"""Half and half: what each half of a room did stands beside the other, each withheld by a rule of its own."""

import re

import pytest
from support.places import ROOT
from support.rooms import Page, begun

from trainkit.files import casebook
from trainkit.i18n import typeset
from trainkit.paper.debrief_pack import pack_html
from trainkit.room.records import Stage
from trainkit.room.run_summary import summarise_run
from trainkit.room.tally import tally, tally_halves
from trainkit.view import remote, render
from trainkit.view.split import room_scales
from trainkit.view.wall import Door, wall_html

DOOR = Door("10.0.0.1:8000", "471 926", render.Markup("<svg></svg>"))
COUNTER = "racket_refund/counter"


@pytest.fixture(scope="module")
def case():
    return casebook.load_case(ROOT / "casebook" / "racket_refund")


def room(case, **sizes):
    """So many in each half, who say the same two things in turn."""
    runs = []
    for item, number in sizes.items():
        for k in range(number):
            session = begun(case, f"{item}{k}", fixed={"item": item})
            session.play([("pay", "blame")[k % 2]], "ru")
            runs.append(summarise_run(session))
    return tally_halves(tally(runs, case), runs)


def numbers(html):
    return [int(n) for n in re.findall(r'<b class="num">(\d+)</b><svg', html)]


def test_each_half_has_its_own_counts_and_its_own_best_reply(case):
    whole = room(case, racket=6, watch=7)
    rooms, stage = {case.id: whole}, Stage(scene=COUNTER, story="half", key=True)
    assert [dict(condition) for condition, _ in whole.halves] == [{"item": "racket"}, {"item": "watch"}]
    wall = Page(wall_html(rooms, 13, stage, "ru", DOOR))
    around = remote.Around(stage, DOOR, 1, 200)
    near = Page(remote.remote_html(rooms, [], around, remote.Asked(), "ru"))
    offered = [[0, 0], [3, 4], [0, 0], [3, 3], [0], [0]]  # by letter: one of the last two is in each half
    assert numbers(wall.html) == [n for row in offered for n in row]
    moment = near.html.partition('class="moment-full"')[2].partition("</section>")[0]
    assert numbers(moment) == numbers(wall.html)
    assert wall.html.count('class="tag"') == moment.count('class="tag"') == 2, "the best of each half"
    assert "Отцовские часы" in wall.text and "Теннисная ракетка" in wall.text
    shut = Page(wall_html(rooms, 13, Stage(scene=COUNTER, story="half"), "ru", DOOR))
    words = [case.text(f"scenes.counter.options.pay.text.{n}", "ru") for n in (1, 2)]
    assert all(typeset(one, "ru") in shut.text for one in words), "the more frequent half's, and the other's beneath"
    assert shut.text.index(typeset(words[0], "ru")) < shut.text.index(typeset(words[1], "ru"))
    hidden = Page(wall_html(rooms, 13, Stage(scene=COUNTER, story="half", votes=False), "ru", DOOR))
    assert numbers(hidden.html) == [] and "<circle" not in hidden.html


def test_a_half_of_four_is_not_told_by_the_other_and_the_whole(case):
    whole = room(case, racket=8, watch=4)
    rooms, stage = {case.id: whole}, Stage(scene=COUNTER, story="half")
    around = remote.Around(stage, DOOR, 1, 200)
    for html in (
        wall_html(rooms, 12, stage, "ru", DOOR),
        remote.remote_html(rooms, [], around, remote.Asked(), "ru"),
        pack_html([whole], "ru", date="2026-01-01", code="471926"),
    ):
        told = numbers(html)
        assert 4 in told and 6 not in told, "four of eight said each; six of twelve in the whole room"
        assert not set(told) - {0, 4}
    assert len(room_scales(whole, "ru", True)) == 0


def test_a_half_without_an_answer_is_no_column(case):
    whole = room(case, racket=6)
    assert len(whole.halves) == 1
    assert numbers(wall_html({case.id: whole}, 6, Stage(scene=COUNTER), "ru", DOOR)).count(3) == 2
