"""Inside a class server: whoever waits for whatever, nobody is led astray and nobody waits in vain."""

import asyncio
import sqlite3
import time

import pytest
import sqlalchemy as sa

from trainkit.errors import NotSaved, UnknownName
from trainkit.files import casebook
from trainkit.log.history import newest_attempts
from trainkit.log.records import Event, new_record
from trainkit.room.controls import load_stage, record_control
from trainkit.room.members import add_member
from trainkit.room.questions import ask, upvote
from trainkit.room.workshops import create, parts_of
from trainkit.session.resume import begin
from trainkit.web import live_room as boards
from trainkit.web.live_room import LiveRoom
from trainkit.web.seats import REST, Seats
from trainkit.web.writer import LogWriter


@pytest.fixture
def room(store, parcel):
    return create(store, parts_of([parcel]))


@pytest.fixture
def inside(store, room):
    """Does something with the seats of a server."""

    def run(doing):
        async def server():
            seats = Seats(store, room, LogWriter(store))
            try:
                return await doing(seats)
            finally:
                seats.writer.close()

        return asyncio.run(server())

    return run


@pytest.fixture
def come(store, room, parcel):
    """Lets somebody in who begins the case."""

    def one(name):
        member, key = add_member(store, room, name, False, "ru")
        store.begin(new_record(parcel, member.name, 1, member=member.member, run=0), parcel)
        return key

    return one


async def soon(true):
    """Wait for something that must come; whether it did."""
    for _ in range(200):
        if true():
            return True
        await asyncio.sleep(0.05)
    return False


def test_what_nobody_can_write_is_tried_once_for_all(store, parcel):
    """A log that another program holds: else each would wait, five seconds at a time, after the others."""
    attempts = [begin(store, parcel, f"p{n}").record.attempt for n in range(6)]
    store.close()
    sa.event.listen(store._engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=50"))
    tried, append, event = [], store.append, Event("choose", "call", "offer", lang="ru")

    def counted(*row):
        tried.append(row)
        append(*row)

    store.append = counted

    async def all_of_them(writer):
        busy = asyncio.ensure_future(writer.call(time.sleep, 0.3))  # so that they come in one batch
        await asyncio.sleep(0.1)
        met = await asyncio.gather(*(writer.append(one, 0, event) for one in attempts), return_exceptions=True)
        await busy
        return met

    async def evening():
        writer = LogWriter(store)
        other = sqlite3.connect(store._engine.url.database, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        met = await all_of_them(writer)
        other.execute("ROLLBACK")
        other.close()
        once = len(tried)
        after = await all_of_them(writer)
        writer.close()
        return met, once, after

    met, once, after = asyncio.run(evening())
    assert all(isinstance(one, NotSaved) and "locked" in str(one) for one in met), met
    assert once == 0 and after == [None] * 6


@pytest.mark.parametrize("walls", [1, 3])
def test_the_wall_ends_with_the_newest(store, parcel, room, inside, come, monkeypatch, walls):
    """In a large room the board is made now and then: what came last must not wait until somebody does something."""
    monkeypatch.setattr(boards, "AT_ONCE", 0.05)  # even one in a room counts as a large one: a board a second

    async def evening(seats):
        board, shown, asking = LiveRoom(store, room, seats), [0] * walls, []
        tallied = board._tallied

        async def slowly():
            found = await tallied()
            await asyncio.sleep(0.1)  # others ask while it is made
            return found

        board._tallied = slowly

        async def ask(number):
            await asyncio.sleep(0.05)  # the way to the server and back
            shown[number] = len((await board.rooms())[parcel.id].people)

        async def wall(number):
            async for _ in board.changes(_never):
                asking.append(asyncio.create_task(ask(number)))

        watching = [asyncio.create_task(wall(number)) for number in range(walls)]
        for n in range(4):
            come(f"Ирис {n}")
            await asyncio.sleep(0.7)
        assert await soon(lambda: shown == [4] * walls), shown
        board.stop()
        await asyncio.gather(*watching, *asking)

    inside(evening)


def test_what_the_trainer_does_is_on_every_wall_at_once(store, room, inside, come, monkeypatch):
    """However rarely the board of a large room is made: they steer by their phone, and the projector follows."""
    monkeypatch.setattr(boards, "AT_ONCE", 0.05)

    def ask_one():
        ask(store, room, "a" * 32, "Почему?", "ru", moderated=True)

    def vote_one():
        upvote(store, "a" * 32, "v" * 64)

    async def evening(seats):
        board, events = LiveRoom(store, room, seats), []

        async def wall():
            async for event in board.changes(_never):
                if event.startswith("data: "):  # else a sign of life
                    events.append(event)
                await board.rooms()
                board._worked = 1.0  # as if it had taken so long: the next is due in half a minute

        watching = asyncio.create_task(wall())
        assert await soon(lambda: events)
        come("Ирис")
        await asyncio.sleep(0.5)
        quiet = len(events)
        record_control(store, room, "paused", "1")
        assert await soon(lambda: len(events) > quiet), events
        for number, write in enumerate((ask_one, vote_one)):
            known = len(events)
            write()
            assert await soon(lambda: len(events) > known), f"a question, a vote: {number}"  # noqa: B023
        board.stop()
        await watching
        return quiet

    assert inside(evening) <= 2


def test_what_was_read_before_does_not_undo_what_was_read_after(store, room, inside):
    async def evening(seats):
        read, late, slow = seats.read, asyncio.Event(), []

        async def one_is_slow(function, *arguments):
            found = await read(function, *arguments)
            if function is load_stage and not slow:
                slow.append(found)
                await late.wait()
            return found

        seats.read = one_is_slow
        record_control(store, room, "paused", "0")
        first = asyncio.create_task(seats.refresh())
        await soon(lambda: slow)
        record_control(store, room, "paused", "1")
        await seats.refresh()
        late.set()
        await first
        assert seats.stage.paused

    inside(evening)


def test_a_run_that_another_window_sees_first_is_one_run(store, parcel, room, inside):
    async def evening(seats):
        _, key = add_member(store, room, "Ирис", False, "ru")
        seat, began = await seats.seat(key), seats.writer.begin

        async def seen_meanwhile(record, case):
            await began(record, case)
            await seats.look(seat)

        seats.writer.begin = seen_meanwhile
        await seats.act(seat, {"begin": parcel.id, "run": "0"}, "ru")
        assert len(seat.records) == 1 and seat.session.record is seat.records[0]

    inside(evening)


def test_a_debrief_over_cases_is_read_from_the_fourth_case_on(store, monkeypatch):
    """The profile of who has played enough cases: read once, before the page is made, and not for anybody else."""
    cases = [casebook.load_case(name) for name in ("appendicitis", "racket_refund", "second_place", "boundaries")]
    room = create(store, parts_of(cases))
    _, key = add_member(store, room, "Ирис", False, "ru")
    reads = []

    def counted(log, records):
        reads.append(len(records))
        return newest_attempts(log, records)

    monkeypatch.setattr("trainkit.web.seats.newest_attempts", counted)

    async def evening():
        seats, shown = Seats(store, room, LogWriter(store)), []
        seat = await seats.seat(key)
        for run, case in enumerate(cases):
            assert seats.next_part(seat).case is case
            await seats.act(seat, {"begin": case.id, "run": str(run)}, "ru")
            assert await seats.newest_attempts(seat) == []
            while seat.session.phase != "over":
                seat.session.do("choose", "ru", step=seat.session.step, option=seat.session.attempt.open[-1])
            shown.append([len(await seats.newest_attempts(seat)) for _ in range(2)])
        assert seats.next_part(seat) is None
        seats.writer.close()
        return shown

    assert asyncio.run(evening()) == [[0, 0], [0, 0], [0, 0], [4, 4]]
    assert reads == [1, 2, 3, 4]


def test_what_no_log_can_keep_is_told_to_whoever_sent_it(store, parcel):
    """The others of the same batch are written, and the thread goes on."""
    attempts = [begin(store, parcel, f"p{n}").record.attempt for n in range(3)]

    async def evening():
        writer = LogWriter(store)
        busy = asyncio.ensure_future(writer.call(time.sleep, 0.3))  # so that they come in one batch
        await asyncio.sleep(0.1)
        kinds = ("choose", "chose", "choose")
        events = [Event(kind, "call", "offer") for kind in kinds]
        coming = [writer.append(one, 0, event) for one, event in zip(attempts, events, strict=True)]
        met = await asyncio.gather(*coming, return_exceptions=True)
        await busy
        again = await asyncio.wait_for(writer.append(attempts[1], 0, events[0]), 10)
        writer.close()
        return met, again

    met, again = asyncio.run(evening())
    assert met[0] is None and isinstance(met[1], UnknownName) and met[2] is None and again is None


async def _never():
    return False


def test_a_closed_phone_costs_no_memory_and_comes_back(inside, come):
    """Whoever hasn't asked for anything for a while is in the log alone; whose answer is being kept isn't let go."""

    async def evening(seats):
        wren, dove, finch = [await seats.come(key) for key in keys]
        record = wren.session.record
        assert seats.live(record) is wren.session
        for seat in (wren, dove):
            seat.seen -= REST + 1
        async with dove.lock:
            await seats.come(keys[2])
            assert seats.live(record) is None
            assert seats.live(dove.session.record) is dove.session
            again = await seats.come(keys[0])
        assert again is not wren and again.session.record == record and again.session.step == wren.session.step
        assert await seats.come(keys[1]) is dove and await seats.come(keys[2]) is finch

    keys = [come(name) for name in ("Сойка", "Клён", "Зяблик")]
    inside(evening)
