"""Is an answer ever lost that somebody was told is kept? Servers, logs and databases break under a room that plays on.

    python -m tests.load.crashes                          every fault, ten random moments each, 200 people, both databases
    python -m tests.load.crashes --moments 1 --people 20  … a small part of it, as the tests have it
    python -m tests.load.crashes --only removed --seed 7  one fault, at other moments
    python -m tests.load.crashes --save                   … and keep the table in tests/load/CRASHES.md

All of it takes an hour or more. A run that was cut off goes on where it stopped: the same command takes up what was done,
fault by fault, unless the code has changed since then (``--anew`` begins again).

Each trainee keeps a book of what was confirmed (:mod:`support.faults`); in the end the log must have all of it, once and in
order, and nothing else. Where the log is taken away, what ``trainkit import --rescue`` brings back from its file counts. It
is removed in five ways, in turn: deleted, cut off, moved, replaced, without what stands beside it. A disk is full by a limit
on the size of the server's files; PostgreSQL's own isn't filled. Exit code 1 if anything was lost or a page didn't agree with
somebody's book.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import math
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [path for path in (str(ROOT / "tests"), str(ROOT / "src")) if path not in sys.path]

from load import command, servers  # noqa: E402
from load.breaking import FAULTS, POSTGRES, SQLITE, Fault, Room  # noqa: E402
from support.faults import Hall, Said, Trainee, differences  # noqa: E402
from support.postgres import Cluster  # noqa: E402
from support.programs import PROGRAMS  # noqa: E402

from trainkit.room.members import member_by_secret  # noqa: E402

APART = (0.3, 2.5)  # seconds of play before a fault, drawn anew for each


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


# ---- one fault ----------------------------------------------------------------------------------------------------


async def _play(room: Room, fault: Fault, outcome: Outcome, say: Callable[[str], None]) -> None:
    """A room that plays, the fault at each moment, and everybody going on after it."""
    hall = room.hall
    async with hall:
        room.trainees = trainees = [Trainee(hall, f"Ирис {n}") for n in range(outcome.people)]
        tasks = [asyncio.create_task(one.run()) for one in trainees]

        async def all_go_on(why: str) -> None:
            hall.onward.clear()
            for one in trainees:
                one.enough = one.taken + 1
            try:
                await hall.until(why, lambda: all(one.taken >= one.enough for one in trainees))
            finally:
                for one in trainees:
                    one.enough = math.inf
                hall.onward.set()

        try:
            await all_go_on("the room begins")
            for _ in range(outcome.moments):
                await asyncio.sleep(room.dice.uniform(*APART))
                began = time.perf_counter()
                await fault(room)
                await all_go_on(f"goes on after: {outcome.fault}")
                outcome.back.append(time.perf_counter() - began)
                say(f"{len(outcome.back)} of {outcome.moments} moments, {outcome.back[-1]:.0f} s")
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
            outcome.confirmed += len(book)
            for number, known, found in differences(book, [Said.of(event) for event in events]):
                outcome.lost += known is not None
                outcome.wrong += known is None
                outcome.example = (
                    outcome.example or f"{one.name}, answer {number}: {known} in the book, {found} in the log"
                )


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


def measure(
    outcome: Outcome, seed: int, cluster: Cluster | None, say: Callable[[str], None] = lambda _: None
) -> Outcome:
    """One fault on one database, in a new folder; the moments hang on the seed, the fault and the database."""
    name, database = outcome.fault, outcome.database
    with tempfile.TemporaryDirectory(prefix="trainkit-crashes-", ignore_cleanup_errors=True) as folder:
        room = Room(
            Path(folder), cluster, random.Random(f"{seed}/{name}/{database}"), outcome.people, name == "clock jump"
        )
        try:
            asyncio.run(_play(room, FAULTS[database][name], outcome, say))
        except (AssertionError, RuntimeError) as error:
            outcome.wrong += 1
            outcome.example = f"{error}; the server said: {room.server.said()[-600:]}"
        finally:
            room.close()
        if "Traceback" in room.server.said():
            outcome.wrong += 1
            outcome.example = outcome.example or room.server.said()[-600:]
    return outcome


# ---- all of them --------------------------------------------------------------------------------------------------


def _kept(asked: object) -> Path:
    """Where a run puts what it has done; another command and other code have another file."""
    code = hashlib.sha256(repr(asked).encode())
    for folder in ("src/trainkit", "tests/support", "tests/load"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            code.update(file.read_bytes())
    return servers.cache_folder() / f"crashes-{code.hexdigest()[:16]}.jsonl"


def known(kept: Path) -> dict[tuple[str, str], Outcome]:
    """What was done before a run was cut off; a line that was cut off with it is done again."""
    found = {}
    for row in kept.read_text("utf-8").splitlines() if kept.exists() else ():
        with contextlib.suppress(json.JSONDecodeError):
            one = Outcome(**json.loads(row))
            found[one.fault, one.database] = one
    return found


def keep(kept: Path, one: Outcome) -> None:
    """A fault is done."""
    with kept.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(one)) + "\n")


def line(one: Outcome) -> str:
    """A row of the table."""
    back = f"{statistics.median(one.back):.1f} / {max(one.back):.1f}" if one.back else "–"
    cells = (one.fault, one.database, one.moments, one.people, f"{one.confirmed:,}", one.lost, one.wrong, f"{one.refused:,}",
             f"{one.unanswered:,}", back)  # fmt: skip
    return "| " + " | ".join(map(str, cells)) + " |"


HEAD = """\
| fault | database | moments | people | confirmed | lost | wrong | refused | no answer | all go on, s (median / longest) |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"""

KEPT = Path(__file__).with_name("CRASHES.md")


def main(words: Sequence[str] | None = None) -> int:
    """Break what is asked for; 0 if nothing was lost and every page agreed."""
    parser = command.parser("python -m tests.load.crashes", __doc__)
    parser.add_argument("--moments", type=int, default=10, help="how often each fault happens (default 10)")
    parser.add_argument("--people", type=int, default=200, help="how many play meanwhile (default 200)")
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--seed", type=int, default=1, help="other moments (default 1)")
    parser.add_argument("--only", action="append", metavar="WORD", help="faults with this word (may be given again)")
    parser.add_argument("--anew", action="store_true", help="forget what a run that was cut off had done")
    parser.add_argument("--save", action="store_true", help="write the table to tests/load/CRASHES.md")
    asked = command.asked(parser, words)
    chosen = [
        (name, database)
        for database, faults in FAULTS.items() if asked.database in (database, "both")
        for name in faults if not asked.only or any(word in name for word in asked.only)
    ]  # fmt: skip
    if not chosen:
        parser.error(f"--only must fit one of {', '.join({**SQLITE, **POSTGRES})} (got {', '.join(asked.only)})")
    kept = _kept((chosen, asked.moments, asked.people, asked.seed))
    if asked.anew:
        kept.unlink(missing_ok=True)
    before, done = known(kept), []
    print(f"seed {asked.seed}{f', {len(before)} of {len(chosen)} done before' if before else ''}\n{HEAD}", flush=True)
    with _cluster(any(one not in before for one in chosen if one[1] == "postgres")) as cluster:
        for name, database in chosen:
            if missing := _missing(name, database):
                print(f"| {name} | {database} | {missing} isn't installed |", flush=True)
                continue
            one = before.get((name, database))
            if one is None:
                one = Outcome(name, database, asked.moments, asked.people)
                measure(one, asked.seed, cluster if database == "postgres" else None, _teller(name, database))
                keep(kept, one)
            done.append(one)
            print(line(one), flush=True)
            if one.example:
                print(f"  WRONG {one.example}", flush=True)
    if asked.save:
        KEPT.write_text(_page(KEPT.read_text("utf-8") if KEPT.exists() else "", done, asked.seed), "utf-8")
    kept.unlink(missing_ok=True)
    return 1 if any(one.lost or one.wrong for one in done) else 0


def _missing(name: str, database: str) -> str:
    """Which program a fault needs that isn't here."""
    needed = {"postgresql": database == "postgres", "faketime": name == "clock jump"}
    return next((program for program, needs in needed.items() if needs and PROGRAMS[program].find() is None), "")


def _teller(name: str, database: str) -> Callable[[str], None]:
    return lambda what: print(f"  {name}, {database}: {what}", file=sys.stderr, flush=True)


def _page(before: str, done: Sequence[Outcome], seed: int) -> str:
    """The page with what was done put in the place of what it had of the same databases."""
    about = (
        __doc__.rsplit("\n\n", 1)[1].strip().replace("\n", " ").replace(":mod:`support.faults`", "`support/faults.py`")
    )
    parts = dict(re.findall(r"^## (\S+)\n\n(.+?)\n*(?=^## |^Each trainee|\Z)", before, re.DOTALL | re.MULTILINE))
    for database in dict.fromkeys(one.database for one in done):
        table = "\n".join([HEAD, *(line(one) for one in done if one.database == database)])
        parts[database] = f"{command.made('tests.load.crashes')}, seed {seed}.\n\n{table}"
    told = "\n\n".join(f"## {database}\n\n{parts[database]}" for database in sorted(parts, reverse=True))
    return f"# What breaks, and what is lost\n\n{told}\n\n{about}\n"


if __name__ == "__main__":
    sys.exit(main())
