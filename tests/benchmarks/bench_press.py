"""How long from a press on the remote until the screen and everybody's phone show it? Prints; asserts nothing.

    python tests/benchmarks/bench_press.py [--people 200] [--presses 40] [--walls 1] [--remotes 3]

A real `trainkit class` on this machine, and a client that does what class.js, wall.js and remote.js do: each phone waits at
`/pulse` and gets the next page as its answer, the screen and the remotes hear of the change and are fetched. The trainer
pauses and goes on. Beside it, in the same run: the same client fetching ready pages of that size over bare HTTP, all at once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import aiohttp

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests")]

from figures import Figure  # noqa: E402
from load import servers  # noqa: E402

TITLE = "From the remote to every screen"

STATE = re.compile(r'data-state="([^"]*)"')
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
NEXT_PAGE = {"prefer": "return=representation"}


class Seen:
    """When each kind of screen showed the newest press."""

    def __init__(self) -> None:
        self.pressed, self.wanted = 0.0, ""
        self.times: dict[str, list[float]] = {"phone": [], "screen": [], "remote": []}
        self.round: dict[str, int] = dict.fromkeys(self.times, 0)

    def shown(self, kind: str, page: str) -> None:
        """A page of this kind has come."""
        if self.wanted and (self.wanted in page) == (self.wanted == "is-pause"):
            self.times[kind].append(1000 * (time.perf_counter() - self.pressed))
            self.round[kind] += 1


def session() -> aiohttp.ClientSession:
    """A browser of its own."""
    timeout = aiohttp.ClientTimeout(total=None)
    return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=timeout)


async def phone(http: aiohttp.ClientSession, base: str, seen: Seen) -> None:
    """A phone that shows a scene and waits for the trainer."""
    async with http.get(base + "/play") as answer:
        state = STATE.search(await answer.text())[1]
    while True:
        async with http.get(f"{base}/pulse?state={state}", headers=NEXT_PAGE) as answer:
            page = await answer.text()
        if found := STATE.search(page):
            state = found[1]
            seen.shown("phone", "is-pause" if "cover is-pause" in page else "")


async def room_screen(http: aiohttp.ClientSession, base: str, kind: str, seen: Seen) -> None:
    """The screen for the room, or a remote."""
    path = "/wall" if kind == "screen" else "/remote"
    async with http.get(f"{base}{path}/live") as live:
        async for line in live.content:
            if line.startswith(b"data: "):
                async with http.get(f"{base}{path}?part") as answer:
                    page = await answer.text()
                paused = (
                    "is-pause" in page if kind == "screen" else 'aria-pressed="true"' in page.partition("knob-vote")[0]
                )
                seen.shown(kind, "is-pause" if paused else "")


async def come_in(base: str, code: str, number: int) -> aiohttp.ClientSession:
    """Join, and begin."""
    http = session()
    async with http.get(base + "/") as answer:
        fields = dict(HIDDEN.findall(await answer.text()))
    fields |= {"code": code, "name": f"Ирис-{number}", "consent": "1"}
    async with http.post(base + "/join", data=fields) as answer:
        page = await answer.text()
    begins = re.search(r'name="begin" value="([^"]*)"', page)[1]
    async with http.post(base + "/play", data={**dict(HIDDEN.findall(page)), "begin": begins}) as answer:
        assert answer.status == 200, answer.status
    return http


async def measure(base: str, code: str, remote: str, options: argparse.Namespace) -> Seen:
    """Press and wait until everybody has seen it, again and again."""
    seen, tasks, people = Seen(), [], []
    for number in range(options.people):
        people.append(await come_in(base, code, number))
    tasks += [asyncio.create_task(phone(http, base, seen)) for http in people]
    trainers = [session() for _ in range(options.remotes)]
    for http in trainers:
        async with http.get(base + remote) as answer:
            token = dict(HIDDEN.findall(await answer.text()))["token"]
        tasks.append(asyncio.create_task(room_screen(http, base, "remote", seen)))
    walls = [session() for _ in range(options.walls)]
    tasks += [asyncio.create_task(room_screen(http, base, "screen", seen)) for http in walls]
    await asyncio.sleep(3)
    expected = {"phone": options.people, "screen": options.walls, "remote": options.remotes}
    for press in range(options.presses):
        seen.wanted, seen.round = ("is-pause", "no pause")[press % 2], dict.fromkeys(expected, 0)
        seen.pressed = time.perf_counter()
        fields = {"token": token, "paused": str(1 - press % 2)}
        async with trainers[-1].post(base + "/remote", data=fields, allow_redirects=False) as answer:
            assert answer.status == 303, answer.status
        for _ in range(400):
            if all(seen.round[kind] >= n for kind, n in expected.items()):
                break
            await asyncio.sleep(0.025)
        else:
            print("not all have seen it:", {kind: f"{seen.round[kind]} of {n}" for kind, n in expected.items()})
        await asyncio.sleep(0.5)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for http in (*people, *trainers, *walls):
        await http.close()
    return seen


async def bare(base: str, people: int) -> list[float]:
    """So many ready pages over bare HTTP at once: milliseconds until each is there."""
    times: list[float] = []
    sessions = [session() for _ in range(people)]

    async def one(http: aiohttp.ClientSession, began: float) -> None:
        async with http.get(base + "/") as answer:
            await answer.read()
        times.append(1000 * (time.perf_counter() - began))

    for turn in range(6):
        began = time.perf_counter()
        await asyncio.gather(*(one(http, began) for http in sessions))
        if not turn:
            times.clear()  # connections were opened in the first
    for http in sessions:
        await http.close()
    return times


def told(name: str, times: list[float]) -> str:
    """A row of the table."""
    ranked = sorted(times)
    p50, p95 = statistics.median(ranked), ranked[min(int(0.95 * len(ranked)), len(ranked) - 1)]
    return f"{name:<28}{len(ranked):>8}{p50:>9.0f}{p95:>9.0f}{ranked[-1]:>9.0f}"


def pressed(options: argparse.Namespace) -> tuple[Seen, list[float]]:
    """What a room of so many saw of so many presses, and how long bare pages take."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable, "-m", "trainkit", "class", "racket_refund", "--json", "--no-lobby", "--host", "127.0.0.1",
            "--port", "0", "--places", "10000", "--database", str(Path(folder) / "log.sqlite3"),
        ]  # fmt: skip
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            said = json.loads(process.stdout.readline())
            remote = "/" + said["remote"].split("://")[1].partition("/")[2]
            seen = asyncio.run(measure(said["address"], said["code"], remote, options))
        finally:
            process.terminate()
            process.wait(20)
        with servers.bare(Path(folder)) as floor:
            pages = asyncio.run(bare(floor.base, options.people))
    return seen, pages


def figures(quick: bool = False) -> list[Figure]:
    """Milliseconds (95 % quantile) from the press until screens, remotes and phones have it, beside ready pages."""
    people = 10 if quick else 200
    seen, pages = pressed(argparse.Namespace(people=people, presses=4 if quick else 40, walls=1, remotes=3))
    return [
        Figure(
            f"press to {kind}, {people} people: p95", quantile(times), "ms", "ready pages, bare HTTP", quantile(pages)
        )
        for kind, times in seen.times.items()
    ]


def quantile(times: list[float]) -> float:
    """Of 95 %."""
    ranked = sorted(times)
    return ranked[min(int(0.95 * len(ranked)), len(ranked) - 1)]


def main() -> None:
    """Run it all and print a table."""
    line = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    line.add_argument("--people", type=int, default=200)
    line.add_argument("--presses", type=int, default=40)
    line.add_argument("--walls", type=int, default=1)
    line.add_argument("--remotes", type=int, default=3)
    options = line.parse_args()
    seen, pages = pressed(options)
    print(
        f"{date.today()}, Python {platform.python_version()}, {platform.machine()}, {options.people} people,",
        f"{options.presses} presses",
    )
    print(f"{'milliseconds from the press':<28}{'n':>8}{'p50':>9}{'p95':>9}{'max':>9}")
    for kind, times in seen.times.items():
        print(told(kind, times))
    print(told("ready pages, bare HTTP", pages))


if __name__ == "__main__":
    main()
