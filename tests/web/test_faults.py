"""What breaks in a room: the power, the disk, the database, the clock. What was confirmed stays; everybody goes on."""

import asyncio
import contextlib
import os
import random
import sqlite3
import subprocess
import sys
import time
from datetime import datetime

import aiohttp
import pytest
from support.faults import Hall, Server, Trainee, agree

from trainkit.log.store import Log
from trainkit.room.members import member_by_secret

LINUX = "signals, limits and mounts of Linux"
resource = pytest.importorskip("resource", reason=LINUX)
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason=LINUX)
HOW = ("--lang", "en", "--own-words", "--ask-why", "--places", "1000")
QUIETLY = (303, 503)  # what may become of an answer while the log can't be written


@contextlib.contextmanager
def held(folder, *arguments, environment=None, database=None):
    """A room and its log, which the test reads, too; at the end the server must have met no mistake of its own."""
    url = str(database or folder / "room" / "log.sqlite3")
    server = Server(folder / "room", "--database", url, *HOW, *arguments, environment=environment).start()
    log = Log(url)
    try:
        yield Hall([server], log)
    finally:
        log.close()
        server.stop()
    assert "Traceback" not in server.said() and "Exception" not in server.said(), server.said()[-3000:]


async def more(hall, trainees, answers=2, why="goes on"):
    """Everybody has so many answers more confirmed."""
    before = {one: one.taken for one in trainees}
    await hall.until(why, lambda: all(one.taken >= before[one] + answers for one in trainees))


async def told(hall, trainees):
    """Everybody has been told once more that something was not taken."""
    before = {one: len(one.refused) for one in trainees}
    await hall.until("it is noticed", lambda: all(len(one.refused) > before[one] for one in trainees))


@contextlib.asynccontextmanager
async def playing(hall, number):
    """Trainees at play; afterwards everyone has a look, and pages, books and log must agree."""
    async with hall:
        trainees = [Trainee(hall, f"Ирис {n}") for n in range(number)]
        tasks = [asyncio.create_task(one.run()) for one in trainees]
        await more(hall, trainees, 2, "begins")
        yield trainees
        await more(hall, trainees, 2)
        hall.closing = True
        await asyncio.gather(*tasks)
        await asyncio.gather(*(one.rest() for one in trainees))
        agree(hall, trainees)


# ---- the power ------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_kill_9_ten_times_under_two_hundred(tmp_path):
    async def evening(hall):
        dice, (server,), code = random.Random(9), hall.servers, hall.workshop.code
        async with playing(hall, 200) as trainees:
            for _ in range(10):
                await asyncio.sleep(dice.uniform(0.0, 0.4))
                await asyncio.to_thread(server.kill)
                await asyncio.to_thread(server.start)
                assert server.code == code  # the same command goes on with the same room
                await more(hall, trainees, 1, "goes on after a kill")
            assert sum(one.lost for one in trainees) >= 10 * 20  # they were in the middle of it
        assert not [page.alert for one in trainees for page in one.refused]
        assert len({run for one in trainees for run in one.runs}) > 200

    with held(tmp_path) as hall:
        asyncio.run(evening(hall))


# ---- the disk -------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def small_disk(folder):
    """A disk of 32 MB of its own, which nobody fills by playing; gives the folder."""
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", folder], capture_output=True, text=True)
    if made.returncode:
        pytest.skip(f"no disk can be mounted here ({made.stderr.strip()}); a limit stands in for it in the other test")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def full(trainees):
    """Everyone has been told that something was not saved."""
    return all(any("NOT saved" in page.alert and page.status == 503 for page in one.refused) for one in trainees)


def only(trainees, *words):
    """Whatever was refused was refused for one of these reasons, in a page with a sentence."""
    for page in (page for one in trainees for page in one.refused):
        assert page.status == 503 and "</html>" in page.text and any(w in page.alert for w in words), page
    assert any(one.refused for one in trainees)


@pytest.mark.slow
@pytest.mark.needs("mount")
def test_a_full_disk_is_said_and_forgotten_when_there_is_room(tmp_path):
    async def evening(hall, ballast):
        async with playing(hall, 20) as trainees:
            room = os.statvfs(ballast.parent)
            with contextlib.suppress(OSError):
                ballast.write_bytes(b"\0" * room.f_frsize * (room.f_bavail - 8))
                ballast.open("ab").write(b"\0" * 2**20)
            await hall.until("a full disk is noticed", lambda: full(trainees))
            async with hall.client.get(hall.servers[0].address) as door:  # nobody new can join, but is told so
                assert door.status == 200
            ballast.unlink()
        only(trainees, "disk")

    with small_disk(tmp_path / "disk") as disk, held(tmp_path, database=disk / "log.sqlite3") as hall:
        asyncio.run(evening(hall, disk / "ballast"))


def test_a_file_that_may_not_grow_is_a_full_disk(tmp_path):
    """The same by the system's limit on the size of files, which the test sets and lifts while the server runs."""

    async def evening(hall):
        process, file = hall.servers[0].process.pid, tmp_path / "room" / "log.sqlite3-wal"
        async with playing(hall, 20) as trainees:
            _, most = resource.prlimit(process, resource.RLIMIT_FSIZE)
            resource.prlimit(process, resource.RLIMIT_FSIZE, (file.stat().st_size // 2, most))
            await hall.until("the limit is noticed", lambda: full(trainees))
            resource.prlimit(process, resource.RLIMIT_FSIZE, (most, most))
        only(trainees, "disk")

    with held(tmp_path) as hall:
        asyncio.run(evening(hall))


# ---- the database ---------------------------------------------------------------------------------------------------


async def live(hall, seen):
    """A board that is open all the time: what its live connection says, until it ends."""
    server = hall.servers[0]
    page = await hall.ask(server, server.remote, {})
    cookie = {"cookie": f"trainkit_remote={page.cookies['trainkit_remote']}"}
    url = server.address + "/remote/live"
    async with hall.client.get(url, headers=cookie, timeout=aiohttp.ClientTimeout(total=None)) as stream:
        async for line in stream.content:
            seen.append(line)


@pytest.mark.slow
def test_postgresql_crashes_and_comes_back(postgres, postgres_url, tmp_path):
    """The server waits it out: no restart, a sentence meanwhile, and the board's live connection holds, too."""

    async def evening(hall):
        async with playing(hall, 30) as trainees:
            seen = []
            watching = asyncio.create_task(live(hall, seen))
            await hall.until("the board is live", lambda: seen)
            for _ in range(2):
                await asyncio.to_thread(postgres.stop, "immediate")
                await told(hall, trainees)
                assert not watching.done(), watching
                await asyncio.to_thread(postgres.start)
                seen.clear()
                await more(hall, trainees, 2, "goes on after a crash of the database")
                await hall.until("the board hears of it", lambda: seen)
            watching.cancel()
        only(trainees, "NOT saved", "The store of answers can’t be reached just now", "NOT in yet")

    try:
        with held(tmp_path, database=postgres_url) as hall:
            asyncio.run(evening(hall))
    finally:
        with contextlib.suppress(RuntimeError):
            postgres.start()  # the next test wants it, whatever happened here


def test_a_file_locked_by_another_program_is_waited_for(tmp_path):
    """A copying or repairing program holds the log for 8 s and longer than anybody is let wait."""

    async def evening(hall):
        async with playing(hall, 20) as trainees:
            other = sqlite3.connect(tmp_path / "room" / "log.sqlite3", isolation_level=None)
            other.execute("BEGIN EXCLUSIVE")
            await asyncio.sleep(8)
            await hall.until("somebody is told", lambda: any(one.refused for one in trainees))
            page = await trainees[0].get("/play")
            assert page.status == 200 and page.attempt  # reading goes on all the time
            other.execute("ROLLBACK")
            other.close()
        only(trainees, "locked")

    with held(tmp_path) as hall:
        asyncio.run(evening(hall))


# ---- the clock ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_clock_jumps_a_day_back_and_a_day_ahead(tmp_path, faketime):
    """A laptop asks a time server, or somebody sets the date: nothing depends on the clock but what is noted down."""
    clock = tmp_path / "clock"

    async def jump(to):
        clock.with_suffix(".new").write_text(to + "\n", "ascii")
        clock.with_suffix(".new").replace(clock)
        await asyncio.sleep(2.2)  # libfaketime counts whole seconds: it looks again once more than one of them is over

    async def wrong_codes(hall, number):
        """Statuses of so many guesses at the door."""
        guesser = Trainee(hall, "x")
        door = await guesser.get("/")
        form = {"token": door.token, "code": "000000" if hall.workshop.code != "000000" else "1", "name": "x"}
        return [(await guesser.post(form, path="/join")).status for _ in range(number)]

    async def evening(hall):
        async with playing(hall, 20) as trainees:
            began = time.monotonic()
            await wrong_codes(hall, 13)  # more than are free
            for to in ("-1d", "+1d", "+0"):
                await jump(to)
                before, began = began, time.monotonic()
                allowed = (await wrong_codes(hall, 13)).count(404)
                # one in three seconds that have really gone by; a day ahead is none
                assert allowed <= 1 + (time.monotonic() - before) / 3
                await more(hall, trainees, 4, f"goes on at {to}")
            await jump("-1d")
            await more(hall, trainees, 2)
            while 404 not in await wrong_codes(hall, 1):  # nor does a day back shut it for a day
                await asyncio.sleep(0.5)
                assert time.monotonic() < began + 60
            # whoever begins another run now has it before him, though the clock says it is the oldest
            runs = {one: len(one.runs) for one in trainees}
            await hall.until("many begin anew", lambda: sum(len(one.runs) > runs[one] for one in trainees) >= 10)
            server = hall.servers[0]
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.start, "--workshop", hall.workshop.code)
            await more(hall, trainees, 2, "goes on after a restart at another date")
        assert not [(page.status, page.alert) for one in trainees for page in one.refused]
        days = _days(hall, trainees)
        assert len(days) >= 3, days  # the clock did jump
        assert any(_unsorted(hall, one) for one in trainees)  # and in the middle of conversations

    clock.write_text("+0\n", "ascii")
    changed = {
        "LD_PRELOAD": str(faketime),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1",
        "NO_FAKE_STAT": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # setting the clock doesn't touch the monotonic one
    }
    with held(tmp_path, environment=changed) as hall:
        asyncio.run(evening(hall))


def _times(hall, one):
    member = member_by_secret(hall.store, hall.workshop, one.key)
    return [[event.at for event in hall.store.events(r.attempt)] for r in hall.store.attempts(member=member.member)]


def _days(hall, trainees):
    return {datetime.fromisoformat(at).date() for one in trainees for run in _times(hall, one) for at in run}


def _unsorted(hall, one):
    return any(run != sorted(run) for run in _times(hall, one))
