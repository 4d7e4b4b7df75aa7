"""Is an answer ever lost that somebody was told is kept? Servers, logs and databases break under a room that plays on.

    python -m tests.load.crashes                          every fault, ten random moments each, 200 people, both databases
    python -m tests.load.crashes --moments 1 --people 20  … a small part of it, as the tests have it
    python -m tests.load.crashes --only removed --seed 7  one fault, at other moments
    python -m tests.load.crashes --save                   … and keep the table in tests/load/CRASHES.md

Each trainee keeps a book of what was confirmed (:mod:`support.faults`); in the end the log must have all of it, once and in
order, and nothing else. Where the log is taken away, what ``trainkit import`` brings back from the rescue file counts. It
is removed in five ways, in turn: deleted, cut off, moved, replaced, without what stands beside it. A disk is full by a limit
on the size of the server's files; PostgreSQL's own isn't filled. Exit code 1 if anything was lost or a page didn't agree with
somebody's book.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [path for path in (str(ROOT / "tests"), str(ROOT / "src")) if path not in sys.path]

from support.faults import Hall, Said, Server, Trainee  # noqa: E402
from support.postgres import Cluster  # noqa: E402
from support.programs import PROGRAMS  # noqa: E402

from trainkit.log.store import Log  # noqa: E402
from trainkit.room.members import member_by_secret  # noqa: E402

PARCEL = ROOT / "tests" / "casebook" / "late_parcel"
THINK = (0.3, 1.2)  # seconds
APART = (0.3, 2.5)  # seconds of play before a fault, drawn anew for each
JUMPS = ("-1d", "+1d", "+13h", "-13h", "+400d")


@dataclass
class Outcome:
    """What one fault did, at so many moments."""

    fault: str
    database: str
    moments: int
    people: int
    confirmed: int = 0
    lost: int = 0
    wrong: int = 0  # pages that didn't agree with somebody's book, and rows in the log that nobody knows
    unanswered: int = 0  # requests that got no answer at all
    refused: int = 0  # told that it wasn't taken
    back: list[float] = field(default_factory=list)  # seconds from a fault until everybody had another answer confirmed
    example: str = ""


class Room:
    """A class under test: its server, its log, and what it takes to break them."""

    def __init__(self, folder: Path, cluster: Cluster | None, dice: random.Random, people: int, other_clock: bool):
        self.folder, self.cluster, self.dice = folder, cluster, dice
        self.clock = folder / "clock"
        self.clock.write_text("+0\n", "ascii")
        self.url = cluster.create() if cluster else str(folder / "log.sqlite3")
        self.number = self.rescues = 0
        environment = {}
        if other_clock and (library := PROGRAMS["faketime"].find()):
            environment = {
                "LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(self.clock), "FAKETIME_CACHE_DURATION": "1",
                "NO_FAKE_STAT": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            }  # fmt: skip
        how = ("--database", self.url, "--lang", "en", "--own-words", "--ask-why", "--places", str(people * 3))
        self.server = Server(folder, *how, environment=environment, cases=(str(PARCEL),))
        self.server.start(new=True)
        self.hall = Hall([self.server], Log(self.url), THINK)

    def close(self) -> None:
        """End it."""
        self.hall.store.close()
        self.server.stop()
        if self.cluster:
            self.cluster.drop(self.url)

    # ---- faults: what happens, and what somebody does about it -------------------------------------------------------

    async def kill(self) -> None:
        """The power goes."""
        await asyncio.to_thread(self.server.kill)
        await self._again()

    async def term(self) -> None:
        """The system ends it, in the middle of everything."""
        await asyncio.to_thread(self.server.stop, signal.SIGTERM)
        await self._again()

    async def full(self) -> None:
        """The disk is full: no file may grow. Later there is room again."""
        import resource

        pid, told = self.server.process.pid, self._told()
        _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        size = max(file.stat().st_size for file in self.folder.glob("log.sqlite3*"))
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size // 2, most))
        await self.hall.until("a full disk is noticed", lambda: self._told() > told + 3)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))

    async def removed(self) -> None:
        """The log is deleted, moved, replaced, cut off, or loses what stands beside it: in turn."""
        ways = (self._delete, self._cut_off, self._move, self._replace, self._part)
        ways[self.number % len(ways)](Path(self.url))
        self.number += 1
        await self._on_from(await self._rescued(), str(self.folder / f"again-{self.number}.sqlite3"))

    async def stopped(self) -> None:
        """The database server crashes, and comes back after a while."""
        told = self._told()
        await asyncio.to_thread(self.cluster.stop, "immediate")
        await self.hall.until("it is noticed", lambda: self._told() > told + 3)
        await asyncio.to_thread(self.cluster.start)

    async def cut(self) -> None:
        """Every connection to the database is cut."""
        query = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = '{}'"
        )
        await asyncio.to_thread(self.cluster._say, query.format(self.url.rpartition("/")[2]))

    async def dropped(self) -> None:
        """The database is dropped; what was confirmed goes into another."""
        await asyncio.to_thread(self.cluster.drop, self.url)
        await self._on_from(await self._rescued(), self.cluster.create())

    async def jump(self) -> None:
        """Somebody sets the clock."""
        changed = self.clock.with_suffix(".new")
        changed.write_text(self.dice.choice(JUMPS) + "\n", "ascii")
        changed.replace(self.clock)
        await asyncio.sleep(2.2)  # libfaketime looks again once more than a second is over

    async def _rescued(self) -> Path:
        """The rescue file, as the server names it on its terminal; put where it is thrown away."""

        def named() -> list[str]:
            return re.findall(r"is kept in (\S+\.sqlite3)", self.server.complaints())

        known = self.rescues
        await self.hall.until("a rescue file", lambda: len(named()) > known)
        self.rescues = len(named())
        return Path(shutil.move(named()[-1], self.folder / f"rescue-{self.rescues}.sqlite3"))

    def _told(self) -> int:
        return sum(len(one.refused) for one in self.trainees)

    async def _again(self) -> None:
        await asyncio.to_thread(self.server.start, *self.more, new=True)

    async def _on_from(self, rescue: Path, url: str) -> None:
        """What the trainer does: stop the class, take the rescue file into another log, go on with the room there."""
        await asyncio.to_thread(self.server.stop)
        command = [sys.executable, "-m", "trainkit", "import", str(rescue), "--database", url]
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"trainkit import failed: {done.stdout[-1000:]}{done.stderr[-1000:]}")
        self.hall.store.close()
        self.url, self.hall.store = url, Log(url)
        self.more = ("--workshop", self.hall.workshop.code, "--database", url)
        await self._again()

    trainees: Sequence[Trainee] = ()
    more: tuple[str, ...] = ()

    # ---- what becomes of a file --------------------------------------------------------------------------------------

    def _delete(self, file: Path) -> None:
        for part in self.folder.glob(file.name + "*"):
            part.unlink()

    def _cut_off(self, file: Path) -> None:
        os.truncate(file, self.dice.randrange(file.stat().st_size))

    def _move(self, file: Path) -> None:
        file.rename(file.with_name("elsewhere.sqlite3"))

    def _replace(self, file: Path) -> None:
        shutil.copy(file, file.with_name("other"))
        file.with_name("other").replace(file)

    def _part(self, file: Path) -> None:
        file.with_name(file.name + "-wal").unlink()


Fault = Callable[[Room], Awaitable[None]]
SQLITE: dict[str, Fault] = {
    "kill -9": Room.kill, "SIGTERM": Room.term, "full disk": Room.full, "log removed": Room.removed, "clock jump": Room.jump,
}  # fmt: skip
POSTGRES: dict[str, Fault] = {
    "kill -9": Room.kill, "SIGTERM": Room.term, "database stopped": Room.stopped, "connections cut": Room.cut,
    "database dropped": Room.dropped, "clock jump": Room.jump,
}  # fmt: skip
FAULTS = {"sqlite": SQLITE, "postgres": POSTGRES}


async def _play(room: Room, fault: Fault, outcome: Outcome) -> None:
    """A room that plays, the fault at each moment, and everybody going on after it."""
    hall = room.hall
    async with hall:
        room.trainees = trainees = [Trainee(hall, f"Ирис {n}") for n in range(outcome.people)]
        tasks = [asyncio.create_task(one.run()) for one in trainees]

        async def all_go_on(why: str) -> None:
            before = {one: one.taken for one in trainees}
            await hall.until(why, lambda: all(one.taken > before[one] for one in trainees))

        try:
            await all_go_on("the room begins")
            for _ in range(outcome.moments):
                await asyncio.sleep(room.dice.uniform(*APART))
                began = time.perf_counter()
                await fault(room)
                await all_go_on(f"goes on after: {outcome.fault}")
                outcome.back.append(time.perf_counter() - began)
        finally:
            hall.closing = True
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for error in ended:
            if isinstance(error, BaseException):
                outcome.wrong += 1
                outcome.example = outcome.example or f"{type(error).__name__}: {error}"
        await asyncio.gather(*(one.rest() for one in trainees))
    _count(hall, trainees, outcome)


def _count(hall: Hall, trainees: Sequence[Trainee], outcome: Outcome) -> None:
    """Compare everybody's book with the log."""
    for one in trainees:
        outcome.unanswered += one.lost
        outcome.refused += len(one.refused)
        outcome.wrong += len(one.wrong)
        outcome.example = outcome.example or "".join(one.wrong[:1])
        member = member_by_secret(hall.store, hall.workshop, one.key)
        records = hall.store.attempts(member=member.member) if member else []
        logged = {record.attempt: hall.store.events(record.attempt) for record in records}
        outcome.wrong += len(logged.keys() - one.runs.keys())
        for attempt, book in one.runs.items():
            events = logged.get(attempt, [])
            log = [Said(e.kind, *((e.option, None) if e.kind == "choose" else (None, e.text))) for e in events]
            lost, unknown = compared(book, log)
            outcome.confirmed += len(book)
            outcome.lost += lost
            outcome.wrong += unknown
            if lost or unknown:
                outcome.example = (
                    outcome.example or f"{one.name}: {len(book)} confirmed, {lost} lost, {unknown} unknown"
                )


def compared(book: Sequence[Said], log: Sequence[Said]) -> tuple[int, int]:
    """How many of a run's confirmed answers the log lacks at their place, and how many it has that nobody knows."""
    return len(book) - sum(a == b for a, b in zip(book, log, strict=False)), max(0, len(log) - len(book))


@contextmanager
def _cluster(wanted: bool) -> Iterator[Cluster | None]:
    place = PROGRAMS["postgresql"].find() if wanted else None
    if place is None:
        yield None
        return
    cluster = Cluster(place)
    try:
        yield cluster
    finally:
        cluster.remove()


def measure(name: str, database: str, moments: int, people: int, seed: int, cluster: Cluster | None) -> Outcome:
    """One fault on one database, in a new folder; the moments hang on the seed, the fault and the database."""
    outcome = Outcome(name, database, moments, people)
    with tempfile.TemporaryDirectory(prefix="trainkit-crashes-", ignore_cleanup_errors=True) as folder:
        room = Room(Path(folder), cluster, random.Random(f"{seed}/{name}/{database}"), people, name == "clock jump")
        try:
            asyncio.run(_play(room, FAULTS[database][name], outcome))
        except (AssertionError, RuntimeError) as error:
            outcome.wrong += 1
            outcome.example = f"{error}; the server said: {room.server.said()[-600:]}"
        finally:
            room.close()
        if "Traceback" in room.server.said():
            outcome.wrong += 1
            outcome.example = outcome.example or room.server.said()[-600:]
    return outcome


def line(one: Outcome) -> str:
    """A row of the table."""
    back = f"{statistics.median(one.back):.1f} / {max(one.back):.1f}" if one.back else "–"
    cells = (one.fault, one.database, one.moments, one.people, f"{one.confirmed:,}", one.lost, one.wrong, f"{one.refused:,}",
             f"{one.unanswered:,}", back)  # fmt: skip
    return "| " + " | ".join(map(str, cells)) + " |"


HEAD = """\
| fault | database | moments | people | confirmed | lost | wrong | refused | no answer | all go on, s (median / longest) |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"""


def main(words: Sequence[str] | None = None) -> int:
    """Break what is asked for; 0 if nothing was lost and every page agreed."""
    about, _, examples = __doc__.partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="python -m tests.load.crashes", description=about, epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--moments", type=int, default=10, help="how often each fault happens (default 10)")
    parser.add_argument("--people", type=int, default=200, help="how many play meanwhile (default 200)")
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--seed", type=int, default=1, help="other moments (default 1)")
    parser.add_argument("--only", action="append", metavar="WORD", help="faults with this word (may be given again)")
    parser.add_argument("--save", action="store_true", help="write the table to tests/load/CRASHES.md")
    asked = parser.parse_args(words)
    chosen = [
        (name, database)
        for database, faults in FAULTS.items() if asked.database in (database, "both")
        for name in faults if not asked.only or any(word in name for word in asked.only)
    ]  # fmt: skip
    if not chosen:
        parser.error(f"--only must fit one of {', '.join({**SQLITE, **POSTGRES})} (got {', '.join(asked.only)})")
    print(f"seed {asked.seed}\n{HEAD}", flush=True)
    outcomes = []
    with _cluster(any(database == "postgres" for _, database in chosen)) as cluster:
        for name, database in chosen:
            if database == "postgres" and cluster is None:
                print(f"| {name} | {database} | PostgreSQL isn't installed |", flush=True)
                continue
            if name == "clock jump" and PROGRAMS["faketime"].find() is None:
                print(f"| {name} | {database} | libfaketime isn't installed |", flush=True)
                continue
            one = measure(
                name, database, asked.moments, asked.people, asked.seed, cluster if database == "postgres" else None
            )
            outcomes.append(one)
            print(line(one), flush=True)
            if one.example:
                print(f"  WRONG {one.example}", flush=True)
    if asked.save:
        (Path(__file__).parent / "CRASHES.md").write_text(_page(outcomes, asked.seed), encoding="utf-8")
    return 1 if any(one.lost or one.wrong for one in outcomes) else 0


def _page(outcomes: Sequence[Outcome], seed: int) -> str:
    about = (
        __doc__.split("\n\n", 2)[2].strip().replace("\n", " ").replace(":mod:`support.faults`", "`support/faults.py`")
    )
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.release()}, Python {platform.python_version()}"
    made = f"Made by `python -m tests.load.crashes --save`, {date.today()}, {machine}, load average {os.getloadavg()[0]:.1f}"
    table = "\n".join([HEAD, *map(line, outcomes)])
    return f"# What breaks, and what is lost\n\n{made}, seed {seed}.\n\n{table}\n\n{about}\n"


if __name__ == "__main__":
    sys.exit(main())
