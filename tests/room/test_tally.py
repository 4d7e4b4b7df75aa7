"""What a room did: the right people counted once, nothing told of fewer than five, and cheap enough to tally all the time."""

import asyncio
import random

import pytest
from support.places import ROOT

from trainkit.case.model import Case
from trainkit.files import casebook
from trainkit.log.records import new_record
from trainkit.log.store import Log
from trainkit.room import tally as rooms
from trainkit.room.members import add_member
from trainkit.room.room_summary import withheld
from trainkit.room.run_cache import RunCache, rooms_of
from trainkit.room.run_summary import summarise_run
from trainkit.room.tally import FEW, variation
from trainkit.room.workshops import create, parts_of
from trainkit.scoring.attempt import score
from trainkit.session.session import Session
from trainkit.value.regret import review, unasked
from trainkit.web.live_room import LiveRoom
from trainkit.web.seats import Seats
from trainkit.web.writer import LogWriter


@pytest.fixture(scope="module")
def power():
    return casebook.load_case(ROOT / "casebook" / "power_upgrade")


def tally(sessions, case, few=FEW):
    return rooms.tally(map(summarise_run, sessions), case, few=few)


def begin(case, member, name="", run=0, seed=3, fixed=None):
    return Session(
        Log("sqlite://"), new_record(case, name or member, seed, fixed or {}, None, member=member, run=run), case, []
    )


def go(session, *options):
    for option in options:
        session.apply(session.move("choose", "ru", step=session.step, option=option))
    return session


def wander(session, dice, most=100):
    while session.phase != "over" and session.step < most:
        go(session, dice.choice(session.attempt.open))
    return session


def room(case, n, seed=0, most=100):
    dice = random.Random(seed)
    return [wander(begin(case, f"m{k}", f"person {k}", seed=dice.randrange(10**6)), dice, most) for k in range(n)]


def first_scene(case):
    return begin(case, "x").attempt.state.place


def options(case):
    return list(begin(case, "x").attempt.open)


def test_variation_is_the_published_index():
    """Mueller & Schuessler's own properties: 0 in one category, 1 evenly over all, and their formula in between."""
    assert variation((7, 0, 0)) == 0
    assert variation((4, 4, 4)) == pytest.approx(1)
    assert variation((5, 3, 2)) == pytest.approx(3 / 2 * (1 - 0.25 - 0.09 - 0.04))
    assert variation(()) == variation((0, 0)) == variation((9,)) == 0


def test_first_choices_are_counted_in_the_order_of_the_case(power):
    scene, names = first_scene(power), options(power)
    plan = [names[0]] * 4 + [names[1]] * 2 + [names[2]]
    found = tally([go(begin(power, f"m{k}"), option) for k, option in enumerate(plan)], power).split(scene)
    assert found.options == tuple(names)
    assert dict(zip(found.options, found.counts, strict=True)) == {
        **dict.fromkeys(names, 0),
        names[0]: 4,
        names[1]: 2,
        names[2]: 1,
    }
    assert found.diversity == pytest.approx(variation(found.counts))
    assert [split.scene for split in tally([], power).splits] == [
        name for name, one in power.scenes.items() if len(one.options) > 1
    ]


@pytest.mark.parametrize("n", [FEW - 1, FEW])
def test_under_five_nothing_is_told_that_says_who_said_what(power, n):
    sessions = room(power, n)
    for session in sessions:
        session.apply(session.move("disagree", "ru", number=0, text=f"no, said {session.record.member}"))
        scene = session.attempt.decisions[0].scene
        session.apply(session.vote(scene, 1, session.attempt.decisions[0].open[0][0], "ru"))
    found = tally(sessions, power)
    split = found.split(first_scene(power))
    told = [
        split.counts,
        split.diversity,
        found.endings,
        found.disagreements,
        split.again[0].counts,
        split.again[0].changed,
    ]
    assert [one is not None for one in told] == [n >= FEW] * len(told)
    assert split.withheld == (n < FEW)
    assert (len(found.people), split.answers, found.finished, split.again[0].answers) == (n, n, n, n)


def test_each_part_has_a_threshold_of_its_own(power):
    """Twelve people, four of whom have got far: what is of those four stays withheld."""
    sessions = room(power, 4) + [go(begin(power, f"late{k}"), options(power)[k % 3]) for k in range(8)]
    found = tally(sessions, power)
    assert found.split(first_scene(power)).counts is not None
    assert found.endings is None
    assert found.positions is None or len(found.positions) >= FEW
    assert all(split.withheld for split in found.splits if split.answers < FEW)


def test_the_first_run_counts_and_the_newest_says_where_one_is(power):
    names = options(power)
    first = [go(begin(power, f"m{k}", run=0), names[0]) for k in range(6)]
    again = [go(begin(power, f"m{k}", run=1), names[1]) for k in range(6)]
    found = tally([one for pair in zip(first, again, strict=True) for one in pair], power)
    split = found.split(first_scene(power))
    assert dict(zip(split.options, split.counts, strict=True))[names[0]] == 6 == split.answers
    assert [person.runs for person in found.people] == [2] * 6
    assert {person.place for person in found.people} == {again[0].attempt.state.place}


def test_another_version_of_the_case_is_left_out_and_said(power):
    edited = Case.model_validate({**power.model_dump(), "minutes": power.minutes + 1})
    assert edited.hash != power.hash
    old = [go(begin(power, f"old{k}"), options(power)[0]) for k in range(3)]
    new = [go(begin(edited, f"new{k}"), options(power)[1]) for k in range(6)]
    for asked in (power, edited):
        found = tally(old + new, asked)
        assert (len(found.people), found.left_out, found.case.hash) == (9, 3, edited.hash)
        split = found.split(first_scene(power))
        assert (split.answers, dict(zip(split.options, split.counts, strict=True))[options(power)[0]]) == (6, 0)


def test_votes_again_stand_beside_the_first_choices(power):
    scene, names = first_scene(power), options(power)
    sessions = [go(begin(power, f"m{k}"), names[0]) for k in range(7)]
    for k, session in enumerate(sessions):
        session.apply(session.vote(scene, 1, names[1] if k < 5 else names[0], "ru"))
    for session in sessions[:3]:
        session.apply(session.vote(scene, 4, names[2], "ru"))
    split = tally(sessions, power).split(scene)
    assert dict(zip(split.options, split.counts, strict=True))[names[0]] == 7
    one, two = split.again
    assert (one.round, one.answers, one.changed) == (1, 7, 5)
    assert dict(zip(split.options, one.counts, strict=True)) == {**dict.fromkeys(names, 0), names[1]: 5, names[0]: 2}
    assert (two.round, two.answers, two.counts, two.changed) == (4, 3, None, None)


@pytest.mark.parametrize("people", [0, 1, 2, 3, 4, 7, 12])
def test_what_is_withheld_afterwards_is_what_would_have_been(power, people):
    """From a tally that withholds nothing, at every size of a group that occurs in it."""
    sessions = room(power, people, seed=people)
    for session in sessions[::2]:
        if session.first(first_scene(power)):
            session.apply(session.vote(first_scene(power), 1, options(power)[0], "ru"))
    whole = tally(sessions, power, few=1)
    for few in (1, 2, 3, 5, 8):
        assert withheld(whole, few) == tally(sessions, power, few=few)


def test_positions_are_those_of_the_score(power):
    sessions = room(power, 12, seed=4)
    found = tally(sessions, power)
    scores = [score(session.attempt) for session in sessions]
    expected = sorted(one.position for one in scores if one.position is not None)
    assert found.positions == pytest.approx(expected)
    targets = [one.target for one in scores if one.target is not None]
    assert found.target == pytest.approx((min(targets), sum(targets) / len(targets), max(targets)))


def test_inquiry_is_what_each_debrief_says(power):
    """Never asked, and whether it would have changed the best reply, agree with the debriefs of the same runs."""
    sessions = room(power, 40, seed=2)
    found = tally(sessions, power)
    asking = [s for s in sessions if any(power.scenes[step.scene].kind == "inquiry" for step in s.attempt.steps)]
    assert found.passed == len(asking) >= FEW
    assert {one.fact for one in found.inquiry} >= {"load", "seals", "heating"}
    for one in found.inquiry:
        told = [
            {fact for step in s.attempt.steps for fact in power.scenes[step.scene].options[step.option].reveals}
            for s in asking
        ]
        assert one.asked == sum(one.fact in facts for facts in told)
        assert one.never == len(asking) - one.asked
        missed = [
            (review(s.attempt).points(u.gain), u.gain > 0.005)
            for s, facts in zip(asking, told, strict=True)
            for u in unasked(s.attempt)
            if u.fact == one.fact and one.fact not in facts
        ]
        assert one.reviewed == len(missed)
        if len(missed) >= FEW:
            assert one.changed == sum(changed for _, changed in missed)
            assert one.points == pytest.approx(sum(points for points, _ in missed) / len(missed))


def test_words_and_key_are_those_of_what_most_knew():
    """The racket and the watch have other words and another best reply: the majority's are shown, together."""
    case = casebook.load_case(ROOT / "casebook" / "racket_refund")
    by_item = {}
    for item in ("racket", "watch"):
        majority = [go(begin(case, f"a{k}", fixed={"item": item}), "search") for k in range(5)]
        other = "watch" if item == "racket" else "racket"
        minority = [go(begin(case, f"b{k}", fixed={"item": other}), "search") for k in range(3)]
        split = tally(minority + majority, case).split("counter")
        assert dict(split.knew)["item"] == item
        by_item[item] = split.best
    assert by_item == {"racket": "pay", "watch": "search"}


def test_disagreements_are_in_the_order_of_the_case_without_the_order_of_people(power):
    sessions = [go(begin(power, f"m{k}"), options(power)[k % 2]) for k in range(6)]
    for k, session in enumerate(sessions):
        session.apply(session.move("disagree", "ru", number=0, text=f"reason {9 - k}"))
    found = tally(sessions, power).disagreements
    assert [one.option for one in found] == options(power)[:2]
    for one in found:
        assert [text for _, text in one.reasons] == sorted(text for _, text in one.reasons)


def test_rooms_of_a_workshop_are_read_from_the_log(store, parcel):
    workshop = create(store, parts_of([parcel]))
    for k in range(6):
        member, _ = add_member(store, workshop, f"person {k}", False, "ru")
        record = new_record(parcel, member.name, k, member=member.member, run=0)
        store.begin(record, parcel)
        session = Session(store, record, parcel, [])
        session.do("choose", "ru", step=0, option=session.attempt.open[k % 2])
    found = rooms_of(RunCache(store, workshop))
    assert list(found) == [parcel.id]
    assert len({person.member for person in found[parcel.id].people}) == 6
    split = found[parcel.id].split(first_scene(parcel))
    assert sorted(split.counts, reverse=True)[:2] == [3, 2], "of an anonymous room, whose figures move in steps"


def test_only_a_run_that_went_on_is_read_again(store, parcel, monkeypatch):
    """A room is tallied after every few answers: what was read before must not be opened again."""
    workshop = create(store, parts_of([parcel]))
    sessions = []
    for k in range(6):
        member, _ = add_member(store, workshop, f"person {k}", False, "ru")
        record = new_record(parcel, member.name, k, member=member.member, run=0)
        store.begin(record, parcel)
        sessions.append(Session(store, record, parcel, []))
    runs = RunCache(store, workshop)
    assert len(runs.outdated()) == 6 and len(runs.up_to_date()) == 6 and runs.outdated() == []
    sessions[4].do("choose", "ru", step=0, option=sessions[4].attempt.open[0])
    assert [(record.attempt, count) for record, count in runs.outdated()] == [(sessions[4].record.attempt, 1)]
    opened = []
    monkeypatch.setattr(
        "trainkit.room.run_cache.reopen",
        lambda store, record, case: opened.append(record) or Session(store, record, case, store.events(record.attempt)),
    )
    found = runs.up_to_date()
    assert [record.attempt for record in opened] == [sessions[4].record.attempt]
    assert [run.step for run in found] == [0, 0, 0, 0, 1, 0]
    assert [run.record for run in found] == [session.record for session in sessions]


def test_a_room_of_thousands_is_read_again_after_a_while(store, parcel):
    """The board then shows what it has; asked for the newest, it reads; a small room is always as the log is."""

    async def look():
        seats = Seats(store, workshop, LogWriter(store))
        board = LiveRoom(store, workshop, seats)
        try:
            before = await board.rooms()
            board._worked = 0.0  # however busy the machine
            session.do("choose", "ru", step=0, option="offer")
            small = await board.rooms()
            board._worked = 1.0  # as if it had taken a second to read
            session.do("choose", "ru", step=1, option="rules")
            return before, small, await board.rooms(), await board.rooms(now=True), board.pause
        finally:
            seats.writer.close()

    workshop = create(store, parts_of([parcel]))
    member, _ = add_member(store, workshop, "person", False, "ru")
    record = new_record(parcel, member.name, 1, member=member.member, run=0)
    store.begin(record, parcel)
    session = Session(store, record, parcel, [])
    before, small, large, newest, pause = asyncio.run(look())
    places = [found[parcel.id].people[0].place for found in (before, small, large, newest)]
    assert small is large and newest is not large
    assert places[0] != places[1] == places[2] != places[3]
    assert 1 <= pause <= 30
