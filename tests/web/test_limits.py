"""Limits hit who asks too much: whoever has the right code, or is in already, isn't kept out by others."""

import asyncio
import random
import re
import time
from collections import Counter
from urllib.parse import urlencode

import pytest
from support.class_server import Browser, raw, request
from support.hostile import linux

from trainkit.web.connections import OF_A_SEAT, Connections, capacity
from trainkit.web.context import crowd
from trainkit.web.guesses import Guesses
from trainkit.web.incidents import Incidents
from trainkit.web.line import Line

# ---- who is next ---------------------------------------------------------------------------------------------------


def test_addresses_take_turns_and_who_has_asked_least_comes_first():
    async def evening():
        line, came = Line(burst=1, per_second=200, most=100), []

        async def ask(who, asked):
            assert await line.turn(who, asked)
            came.append((who, asked))

        await asyncio.gather(ask("quiet", 0), *(ask("school", n) for n in (9, 3, 7)), ask("home", 5), ask("home", 1))
        assert came == [("quiet", 0), ("school", 3), ("home", 1), ("school", 7), ("home", 5), ("school", 9)]

    asyncio.run(evening())


def test_too_many_wait_and_the_greediest_loses():
    async def evening():
        line = Line(burst=1, per_second=100, most=10)
        assert line.take()
        greedy = [asyncio.create_task(line.turn("greedy", n)) for n in range(50)]
        await asyncio.sleep(0)
        modest = asyncio.create_task(line.turn("modest", 99))
        assert await modest
        got = await asyncio.gather(*greedy)
        assert sum(got) == 9 and all(got[:9])  # those that had asked least
        assert len(line) == 0

    asyncio.run(evening())


def test_who_has_gone_costs_no_turn():
    async def evening():
        line = Line(burst=1, per_second=20, most=10)
        assert line.take()
        began = time.monotonic()
        gone = [asyncio.create_task(line.turn("x", 0, lambda: False)) for _ in range(9)]
        await asyncio.sleep(0)
        assert await line.turn("x", 1)
        assert time.monotonic() - began < 0.4 and not any(await asyncio.gather(*gone))

    asyncio.run(evening())


def test_what_costs_more_is_waited_for_longer():
    async def evening():
        line = Line(burst=5, per_second=20, most=10)
        assert line.take()
        line.charge(10)
        began = time.monotonic()
        assert not line.free and await line.turn("x")
        assert time.monotonic() - began > 0.2

    asyncio.run(evening())


# ---- guesses ---------------------------------------------------------------------------------------------------------


def submitted(guesses, address, browser, right):
    """What one submission comes to: "in", "wrong", "too fast" or "not judged"."""

    async def one():
        if not await guesses.may_be_judged(address, browser):
            return "not judged"
        if right:
            guesses.right(address)
            return "in"
        return "too fast" if guesses.wrong(address, browser) else "wrong"

    return one()


def test_ten_wrong_codes_then_the_right_one():
    async def evening():
        guesses = Guesses()
        met = [await submitted(guesses, "school", "Ира", False) for _ in range(10)]
        assert met == ["wrong"] * 10
        assert await submitted(guesses, "school", "Ира", True) == "in"

    asyncio.run(evening())


@pytest.mark.parametrize("seed", range(3))
def test_a_quarter_of_a_hundred_mistypes_once(seed):
    async def evening():
        guesses, began = Guesses(), time.monotonic()
        tries = [(n, right) for n in range(100) for right in ((False, True) if n < 25 else (True,))]
        random.Random(seed).shuffle(tries)
        tries.sort(key=lambda one: one[1] and one[0] < 25)  # whoever mistypes tries again later
        met = [await submitted(guesses, "school", f"browser {n}", right) for n, right in tries]
        assert Counter(met)["in"] == 100 and "not judged" not in met
        assert time.monotonic() - began < 5

    asyncio.run(evening())


def test_guesses_from_168_addresses_are_not_all_judged_and_keep_nobody_out():
    async def evening():
        guesses, met = Guesses(), Counter()

        async def guesser(n):
            for _ in range(30):
                met[await submitted(guesses, f"10.0.0.{n}", f"bot {n}", False)] += 1
                await asyncio.sleep(0.05)

        async def school():
            await asyncio.sleep(0.5)
            for n in range(30):
                began = time.monotonic()
                if n % 4 == 1:
                    assert await submitted(guesses, "school", f"pupil {n}", False) in ("wrong", "too fast")
                assert await submitted(guesses, "school", f"pupil {n}", True) == "in"
                assert time.monotonic() - began < 2
                await asyncio.sleep(0.03)
            return True

        bots = [asyncio.create_task(guesser(n)) for n in range(168)]
        assert await school()
        done = [bot.cancel() for bot in bots]
        assert done and sum(met.values()) > 1000
        assert (
            met["wrong"] + met["too fast"] < 300
        )  # one of each address, a hundred in the room, then one and a half a second

    asyncio.run(evening())


def test_of_ipv6_a_home_is_one():
    assert crowd("2001:db8:1:2:3::4") == crowd("2001:db8:1:2:ffff::1") != crowd("2001:db8:1:3::1")
    assert crowd("::ffff:192.0.2.1") == "192.0.2.1" == crowd("192.0.2.1") and crowd("no:address") == "no:address"


# ---- connections -------------------------------------------------------------------------------------------------


class Line_:
    """A connection that remembers whether it was ended."""

    def __init__(self, address, busy=False):
        self.address, self.busy, self.ended = address, busy, False

    def drop(self):
        self.ended = True


def test_silent_strangers_go_first_also_at_the_same_address():
    incidents = Incidents()
    kept = Connections(100, incidents)
    trainees = [Line_("school") for _ in range(30)]
    for number, one in enumerate(trainees):
        kept.come(one)
        kept.heard(one)
        kept.vouch(one, f"pupil {number}")
    waiting = Line_("home", busy=True)
    kept.come(waiting)
    idle = [Line_("school") for _ in range(1000)]
    for one in idle:
        kept.come(one)
        assert len(kept) <= 100
    newcomer = Line_("school")
    kept.come(newcomer)
    assert not any(one.ended for one in (*trainees, waiting, newcomer)) and sum(one.ended for one in idle) > 900
    assert idle[0].ended and not idle[-1].ended, "the longest silent first"
    assert "connections closed to make room" in incidents.told() and not incidents.told()


def test_where_all_wait_for_an_answer_strangers_go():
    kept = Connections(40, Incidents())
    trainees = [Line_("school", busy=True) for _ in range(15)]
    for number, one in enumerate(trainees):
        kept.come(one)
        kept.vouch(one, f"pupil {number}")
    for _ in range(500):
        kept.come(Line_("school", busy=True))
    assert not any(one.ended for one in trainees)
    assert len(kept) < 100


def test_one_person_has_so_many_connections():
    kept = Connections(10_000, Incidents())
    theirs = [Line_("school") for _ in range(300)]
    for one in theirs:
        kept.come(one)
        kept.vouch(one, "Ира")
    assert len(kept) == OF_A_SEAT and not theirs[-1].ended
    for one in theirs:
        kept.gone(one)
    assert len(kept) == 0


@linux
def test_capacity_fits_the_limit_of_open_files(caplog):
    import resource

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
        most, waiting = capacity(200)
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        assert soft > 256 and most + waiting < soft and most == 2000
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


# ---- over the wire -----------------------------------------------------------------------------------------------


def test_trailers_are_no_headers(room):
    browser = room.playing("Прицеп")
    body = urlencode(browser.page.sent("option", "offer")).encode()
    chunks = b"%x\r\n%b\r\n0\r\nCookie: trainkit=%b\r\nOrigin: http://evil.example\r\n\r\n"
    form = ("Content-Type: application/x-www-form-urlencoded", "Transfer-Encoding: chunked")
    key = browser.cookies["trainkit"]
    stranger = raw(room, request("POST", "/play", *form, body=chunks % (len(body), body, key.encode())))
    assert b" 303 " in stranger.split(b"\r\n")[0] and b"location: /\r\n" in stranger and not room.chosen("Прицеп")
    own = raw(room, request("POST", "/play", *form, f"Cookie: trainkit={key}", body=chunks % (len(body), body, b"x")))
    assert b" 303 " in own.split(b"\r\n")[0] and room.chosen("Прицеп") == ["offer"]


def test_a_head_in_one_packet_is_bounded(room):
    answer = raw(room, request("GET", "/", *[f"X-{n}: {'a' * 100}" for n in range(2000)]))
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")


def test_hundreds_of_requests_at_once_are_cut(room):
    answers = raw(room, b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n" * 3000 + request("GET", "/tk.css"))
    assert answers.count(b"HTTP/1.1 ") < 100 and Browser(room).get("/").status == 200


@pytest.mark.slow
def test_who_leaves_behind_other_requests_leaves_the_wall(room):
    """uvicorn tells only the last of several requests on a connection that nobody is there any more."""
    listen = b"GET /wall/live HTTP/1.1\r\nHost: x\r\n\r\n"
    for _ in range(8):
        assert b" 200 OK" in raw(room, listen + b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n", wait=0.7)
    deadline = time.monotonic() + 20
    while True:  # of one address six may listen
        if b" 200 OK" in raw(room, listen, wait=0.7):
            break
        assert time.monotonic() < deadline


def test_the_wall_by_made_up_addresses_draws_few_codes(room):
    shown = set()
    for n in range(40):
        asked = f"GET /wall?part HTTP/1.1\r\nHost: a{n}.local\r\nConnection: close\r\n\r\n"
        shown.update(re.findall(r"a\d+\.local", raw(room, asked.encode()).decode()))
    assert 0 < len(shown) <= 16


def test_one_person_floods_and_others_are_served(hold):
    """Whoever is in the class has no more turns than hands could use, and a stranger's; then they wait."""
    with hold("--places", "20") as server:
        key = server.playing("Поток").cookies["trainkit"]
        one = request("GET", "/pulse", f"Cookie: trainkit={key}")
        began, answers = time.monotonic(), 0
        while answers < 900:  # 400 and 200 at once, then two hundred a second
            answers += raw(server, one.replace(b"Connection: close\r\n", b"") * 29 + one).count(b" 200 OK")
        assert time.monotonic() - began > 1
        assert server.playing("Сосед по потоку").page.status == 200
