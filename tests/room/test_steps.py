"""An anonymous room's figures move in steps: no two snapshots differ by fewer than three people. Real SQLite."""

import random
from collections import Counter
from itertools import pairwise

import pytest
from support.places import ROOT

from trainkit.files import casebook
from trainkit.log.records import new_record
from trainkit.paper.debrief_pack import pack_html
from trainkit.room.members import add_member
from trainkit.room.records import Ballot, Stage, WorkshopCase
from trainkit.room.run_cache import RunCache
from trainkit.room.steps import STEPS, step
from trainkit.room.workshops import create
from trainkit.session.session import Session
from trainkit.view import remote, render
from trainkit.view.wall import Door, wall_html

PEOPLE = 17
DOOR = Door("10.0.0.1:8000", "471 926", render.Markup("<svg></svg>"))


def test_steps_are_three_apart():
    assert all(later - one >= 3 for one, later in pairwise(STEPS)) and STEPS[0] == 5
    assert step(4) == 0 and step(STEPS[-1] + 5) == STEPS[-1]


class Room:
    """People who join, begin and answer in any order, and what is seen of them."""

    def __init__(self, store, case):
        self.store, self.case = store, case
        self.workshop = create(store, [WorkshopCase(case, {})])
        self.runs, self.stage = RunCache(store, self.workshop), Stage()
        self.sessions = []

    def enter(self, seed):
        member, _ = add_member(self.store, self.workshop, f"Имя {len(self.sessions)}", False, "ru")
        record = new_record(self.case, member.name, seed, member=member.member, run=0)
        self.store.begin(record, self.case)
        self.sessions.append(Session(self.store, record, self.case, []))

    def seen(self, again=False):
        runs = RunCache(self.store, self.workshop) if again else self.runs
        runs.up_to_date()
        runs.read_order()
        return runs.rooms(self.stage)[self.case.id]


def figures(room):
    """Every figure of a room, with how many people it is of."""
    found = {
        "endings": (room.endings, sum((room.endings or {}).values())),
        "finished": (room.finished, room.finished),
        "positions": (room.positions, len(room.positions or ())),
        "target": (room.target, len(room.positions or ())),
        "passed": (room.passed, room.passed),
        "objections": (room.disagreements, len({n for one in room.disagreements or () for n, _ in one.reasons})),
    }
    for split in room.splits:
        shown = split.counts, split.diversity, split.answers, split.best if split.answers else None
        found[f"split {split.scene}"] = shown, split.answers
        for again in split.again:
            found[f"again {split.scene} {again.round}"] = (again.counts, again.changed), sum(again.counts or ())
    for one in room.inquiry or ():
        found[f"asked {one.fact}"] = (one.asked, one.never), one.asked + one.never
        found[f"changed {one.fact}"] = (one.changed, one.points, one.reply), one.reviewed
    return found


def pages_of(room, stage):
    """The wall, the remote and the pack."""
    around = remote.Around(stage, DOOR, 1, 200)
    rooms = {room.case.id: room}
    wall = wall_html(rooms, PEOPLE, stage, "ru", DOOR)
    near = remote.remote_html(rooms, [], around, remote.Asked(), "ru")
    paper = pack_html([room], "ru", date="2026-01-01", code="471926", names=True)
    return wall, near, paper


@pytest.mark.parametrize("name", ["racket_refund", "power_upgrade", "second_place"])
def test_two_snapshots_never_differ_by_fewer_than_three_people(store, name):
    case, dice = casebook.load_case(ROOT / "casebook" / name), random.Random(name)
    room, before, changes = Room(store, case), {}, Counter()
    waiting = list(range(PEOPLE))
    while waiting or any(session.phase != "over" for session in room.sessions):
        playing = [session for session in room.sessions if session.phase != "over"]
        if waiting and (not playing or dice.random() < 0.15):
            room.enter(dice.randrange(10**6))
            waiting.pop()
        else:
            session = dice.choice(playing)
            session.do("choose", "ru", step=session.step, option=dice.choice(session.attempt.open))
            if dice.random() < 0.2:
                number = dice.randrange(len(session.attempt.steps))
                session.do("disagree", "ru", number=number, text=f"нет, {session.step}")
        seen = room.seen()
        now = figures(seen)
        for what, (value, people) in now.items():
            old, of = before.get(what, (None, 0))
            if value != old:
                changes[what] += 1
                if people is not None:
                    assert people in (0, *STEPS), (what, people)
                    assert abs(people - of) >= 3 or not (people or of), (what, of, people, old, value)
        before = now
        if dice.random() < 0.02:
            assert figures(room.seen(again=True)) == now, "after a restart it is the same"
    assert before["finished"][1] == 16 and before[f"split {case.start}"][1] == 16, "of 17"
    assert before["objections"][1] >= 5


def test_pages_say_no_more_than_the_figures(store, parcel):
    """A wall, a remote and a pack change in what they tell of answers only with a step; nobody's place is told."""
    room, seen = Room(store, parcel), []
    scene = f"late_parcel/{parcel.start}"
    for number in range(9):
        room.enter(number)
        room.sessions[-1].do("choose", "ru", step=0, option=("offer", "when_needed")[number % 2])
        pages = pages_of(room.seen(), Stage(scene=scene))
        seen.append([page.replace(f"Имя {number}", "") for page in pages])
        wall, near, paper = pages
        told = ("меньше пяти", 'не меньше <b class="num">5<', 'не меньше <b class="num">8<')[
            (number >= 4) + (number >= 7)
        ]
        assert told in wall and told in near
        assert ('class="fill' in wall) == (number >= 4) and "Решение" not in near
        assert f"Имя {number}</b></li>" in paper, "who was there, and nothing more"
    assert len({page[0] for page in seen}) == 3
    for session in room.sessions[:4]:
        if session.attempt.state.place == "call":
            session.do("choose", "ru", step=1, option="offer")
        session.do("choose", "ru", step=session.step, option="rules")
    wall, near, paper = pages_of(room.seen(), Stage(scene=scene))
    assert "Решение" not in near and "Решение" not in paper and "Крик" not in near + paper, "reached by four"
    assert wall == pages_of(room.seen(), Stage(scene=scene))[0]


def test_a_vote_again_is_shown_once_when_it_is_over(store, parcel):
    room = Room(store, parcel)
    for number in range(9):
        room.enter(number)
        room.sessions[-1].do("choose", "ru", step=0, option="offer")
    room.stage = Stage(ballot=Ballot(1, "late_parcel", "call"), ballots=1)
    for number, session in enumerate(room.sessions):
        session.commit(session.vote("call", 1, ("when_needed", "offer")[number % 2], "ru"))
        (again,) = room.seen().split("call").again
        assert (again.answers, again.counts, again.changed) == (number + 1, None, None)
        assert "после обсуждения" not in pages_of(room.seen(), Stage())[2]
    room.stage = Stage(ballots=1)
    (again,) = room.seen().split("call").again
    assert again.answers == 8 and sum(again.counts) == 8 and again.changed == 4
