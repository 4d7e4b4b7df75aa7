"""What breaks under a class, and what does somebody do about it? Servers, logs and databases, each in its own way."""

from __future__ import annotations

import asyncio
import os
import random
import re
import shutil
import signal
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from support.class_server import environment
from support.faults import Hall, Server, Trainee
from support.forked import begin
from support.postgres import Cluster
from support.programs import PROGRAMS

from trainkit.log.store import Log

PARCEL = Path(__file__).parents[1] / "casebook" / "late_parcel"
THINK = (0.5, 2.0)  # seconds
JUMPS = ("-1d", "+1d", "+13h", "-13h", "+400d")
PATIENCE = 300.0  # seconds: the machine may be busy, and an answer that is late isn't lost


class Room:
    """A class under test: its server, its log, and what it takes to break them."""

    def __init__(self, folder: Path, cluster: Cluster | None, dice: random.Random, people: int, other_clock: bool):
        self.folder, self.cluster, self.dice = folder, cluster, dice
        self.clock = folder / "clock"
        self.clock.write_text("+0\n", "ascii")
        self.url = cluster.create() if cluster else str(folder / "log.sqlite3")
        self.number = self.rescues = 0
        clock = {}
        if other_clock and (library := PROGRAMS["faketime"].find()):
            clock = {
                "LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(self.clock), "FAKETIME_CACHE_DURATION": "1",
                "NO_FAKE_STAT": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            }  # fmt: skip
        how = ("--database", self.url, "--lang", "en", "--own-words", "--ask-why", "--places", str(people * 3))
        self.server = Server(folder, *how, environment=clock, cases=(str(PARCEL),))
        self.server.patience = PATIENCE
        self.server.start()
        self.hall = Hall([self.server], Log(self.url), THINK)
        self.hall.patience = PATIENCE

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

    async def asleep(self) -> None:
        """The lid is closed for a while: nothing answers, nobody hangs up, and then what was sent is dealt with after all."""
        self.hall.wait = 2.0  # phones have given up when it is opened
        self.server.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(self.dice.uniform(2.5, 5.0))
        self.server.process.send_signal(signal.SIGCONT)
        self.hall.wait = Hall.wait

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
        await asyncio.to_thread(self.server.start, *self.more, new=False)  # a new process, forked: half the waiting

    async def _on_from(self, rescue: Path, url: str) -> None:
        """What the trainer does: stop the class, take the rescue file into another log, go on with the room there."""
        await asyncio.to_thread(self.server.stop)
        await asyncio.to_thread(self._take_in, rescue, url)
        self.hall.store.close()
        self.url, self.hall.store = url, Log(url)
        self.more = ("--workshop", self.hall.workshop.code, "--database", url)
        await self._again()

    def _take_in(self, rescue: Path, url: str) -> None:
        complaints = self.folder / "import.txt"
        with complaints.open("wb") as errors:
            process = begin(("import", rescue, "--rescue", "--database", url), environment(), errors)
        with process.stdout as told:
            said = told.read().decode("utf-8", "replace")
        if process.wait(PATIENCE):
            raise RuntimeError(f"trainkit import failed: {said[-1000:]}{complaints.read_text('utf-8')[-1000:]}")

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
    "kill -9": Room.kill, "SIGTERM": Room.term, "asleep": Room.asleep, "full disk": Room.full, "log removed": Room.removed,
    "clock jump": Room.jump,
}  # fmt: skip
POSTGRES: dict[str, Fault] = {
    "kill -9": Room.kill, "SIGTERM": Room.term, "asleep": Room.asleep, "database stopped": Room.stopped,
    "connections cut": Room.cut, "database dropped": Room.dropped, "clock jump": Room.jump,
}  # fmt: skip
FAULTS = {"sqlite": SQLITE, "postgres": POSTGRES}
