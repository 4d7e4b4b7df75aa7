"""How does `trainkit class` hold up, and how does oTree beside it, on the same machine, by the same client, in one run?

    python tests/load/run.py                          all rows, about ten minutes; the first time oTree is installed
    python tests/load/run.py --quick                  some seconds, trainkit alone, to see that it works
    python tests/load/run.py --only 'trainkit-3000*'  the rows whose name fits (may be given again)
    python tests/load/run.py --save                   … and keep the result in tests/load/RESULTS.md

Exit code 1 if a trainee saw anything wrong (with oTree it is only printed); goals missed don't change it.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import fnmatch
import gc
import math
import multiprocessing
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests")]

from load import client, command, parts, report, servers, trainer  # noqa: E402
from load.client import Target  # noqa: E402
from load.tally import Plan, Tally, together  # noqa: E402

from trainkit.files import casebook  # noqa: E402
from trainkit.i18n import typeset  # noqa: E402

PARCEL = ROOT / "tests" / "casebook" / "late_parcel"
RACKET = ROOT / "casebook" / "racket_refund"
# the one way through late_parcel that takes four clicks: a question, the offer, the rules, the shouting
FOUR = tuple(map(frozenset, (("when_needed", "what_is_it"), ("offer",), ("rules",), ("sorry", "cold"))))
OTREE_FORM = re.compile(rb'<form class="otree-form".*?</form>', re.DOTALL)
THINK = (2.0, 6.0)
STARTS = 5
PLACES = 10_000  # nobody is turned away


@dataclass(frozen=True)
class Row:
    """One measurement: which server, what is played, and how.

    ``screens``: whether a wall and three remotes are open meanwhile; ``clients``: how many processes the trainees are in.
    """

    name: str
    server: str
    plan: Plan
    case: Path | None = None
    path: tuple[frozenset[str], ...] = ()
    screens: bool = False
    clients: int = 1


def rows() -> list[Row]:
    """The whole run, in its order."""
    # beside oTree only what both have: straight to the first scene, four clicks, and then somebody else
    once = Plan(200, THINK, ramp=5, runs=1, door=False, read=False)
    hold = replace(once, ramp=8, hold=30)
    found = [
        Row("client-alone", "bare", Plan(64, (0, 0), ramp=0.5, hold=8, read=False)),
        Row("bare-two-clients-64", "bare", Plan(64, (0, 0), ramp=1, hold=12, read=False), clients=2),
        Row("trainkit-two-clients-64", "trainkit", Plan(64, (0, 0), ramp=1, hold=12, read=False), RACKET, clients=2),
        Row("bare-3000", "bare", Plan(3000, THINK, ramp=20, hold=30, listen=False)),
        Row("otree-200-once", "otree", once, None, FOUR),
        Row("trainkit-200-once", "trainkit", once, PARCEL, FOUR, screens=True),
        Row("otree-200", "otree", hold, None, FOUR),
        Row("trainkit-200", "trainkit", hold, PARCEL, FOUR, screens=True),
    ]
    for people, name in ((1000, ""), (3000, ""), (3000, "-again"), (3000, "-no-script"), (5000, "")):
        plan = Plan(people, THINK, ramp=max(8, people / 150), hold=30, script=name != "-no-script")
        found.append(Row(f"trainkit-{people}{name}", "trainkit", plan, RACKET, screens=True))
    for people, name in ((32, ""), (64, ""), (128, ""), (128, "-no-script")):
        plan = Plan(people, (0, 0), ramp=1, hold=12, read=False, script=not name)
        found.append(Row(f"trainkit-saturated-{people}{name}", "trainkit", plan, RACKET))
    return found


def quick_rows() -> list[Row]:
    """The same, small: everything is checked, nothing is worth quoting."""
    plan = Plan(20, (0.05, 0.1), ramp=0.5, hold=1)
    return [
        Row("client-alone", "bare", replace(plan, think=(0, 0), read=False)),
        Row("trainkit-four-clicks", "trainkit", plan, PARCEL, FOUR),
        Row("trainkit-whole-case", "trainkit", plan, RACKET, screens=True),
    ]


@contextlib.contextmanager
def started(row: Row, folder: Path) -> Iterator[tuple[servers.Server, Target]]:
    """The server of a row, and what a trainee needs to know of it."""
    if row.server == "bare":
        with servers.bare(folder) as server:
            yield server, Target(server.base, "/?code={code}", "Голая страница", code="123456")
    elif row.server == "otree":
        # every sitting is a participant of the session; the fastest case takes four times the shortest thought
        sittings = 1 + math.ceil((row.plan.ramp + row.plan.hold) / (len(row.path) * row.plan.think[0] + 1))
        with servers.otree(folder, row.plan.trainees * sittings) as server:
            join = server.told["join"] + "?participant_label={name}"
            yield server, Target(server.base, join, _title(PARCEL), OTREE_FORM, row.path)
    else:
        with servers.trainkit(folder, row.case, PLACES) as server:
            code = re.sub(r"\D", "", server.told["code"])
            yield (
                server,
                Target(server.base, "/?code={code}", typeset(_title(row.case), "ru"), path=row.path, code=code),
            )


def _title(case_folder: Path) -> str:
    return casebook.load_case(case_folder).text("title", "ru")


async def _play(row: Row, target: Target, server: servers.Server) -> tuple[Tally, float]:
    """The room, and the CPU seconds a second of its server while everybody was there."""
    tally = Tally()
    began = time.perf_counter()
    seconds: list[tuple[float, float]] = []

    async def look_on() -> None:
        while True:
            now = time.perf_counter()
            seconds.append((now, servers.usage(server.process.pid).cpu))
            if sys.stdout.isatty() and len(seconds) % 10 == 1:
                print(f"\r  {now - began:4.0f} s, {len(tally.submits)} submits ", end="", flush=True)
            await asyncio.sleep(0.5)

    looking = [asyncio.create_task(look_on())]
    if row.screens:
        looking.append(asyncio.create_task(trainer.watch(target.base, server.told["remote"], tally)))
    await asyncio.sleep(0)
    try:
        if row.clients == 1:
            await client.room(target, row.plan, tally=tally)
        else:
            await _shared_out(row, target, tally)
    finally:
        for task in looking:
            task.cancel()
        for ended in await asyncio.gather(*looking, return_exceptions=True):
            if isinstance(ended, Exception):  # not a cancellation, which is no Exception
                raise ended
        if sys.stdout.isatty():
            print("\r" + " " * 40 + "\r", end="")
    start, end = tally.full if row.plan.hold else (tally.began, tally.began + tally.seconds)
    inside = [one for one in seconds if start <= one[0] <= end]
    busy = (inside[-1][1] - inside[0][1]) / (inside[-1][0] - inside[0][0]) if len(inside) > 1 else math.nan
    return tally, busy


async def _shared_out(row: Row, target: Target, tally: Tally) -> None:
    """Let several processes play the room, each its part of it, and add up what they saw."""
    mine = replace(row.plan, trainees=row.plan.trainees // row.clients)
    loop, context = asyncio.get_running_loop(), multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(row.clients, context) as processes:
        await asyncio.gather(
            *(loop.run_in_executor(processes, os.getpid) for _ in range(row.clients))
        )  # all have begun
        parts = [loop.run_in_executor(processes, _part, target, mine, part * 50_000) for part in range(row.clients)]
        together(await asyncio.gather(*parts), tally)


def _part(target: Target, plan: Plan, first: int) -> Tally:
    """What one of several client processes does."""
    return _event_loop().run(client.room(target, plan, first))


def measure(row: Row) -> report.Result:
    """Play one row against a server of its own, over a database of its own."""
    print(f"{row.name}: {row.plan.trainees} trainees …", flush=True)
    with tempfile.TemporaryDirectory(dir=servers.cache_folder()) as folder:
        with started(row, Path(folder)) as (server, target):
            tally, busy = _event_loop().run(_play(row, target, server))
            result = report.Result(row.name, row.server, row.plan, tally, servers.usage(server.process.pid), busy)
            alive = server.process.poll() is None
            log = server.log.read_text(errors="replace")
        if not alive:
            tally.wrong("server ended", log.strip()[-300:])
        for found in re.finditer(r"^Traceback .*\n(?:[ \t].*\n|\n)*.*", log, re.MULTILINE):
            tally.wrong("traceback in the server's log", " … " + found[0][-400:])
    gc.collect()
    print(report.line(result), flush=True)
    for kind, number in tally.errors.items():
        print(f"  WRONG {number} × {kind}: {tally.examples[kind]}", flush=True)
    return result


def _event_loop():
    """uvloop where it is installed: the client's own limit is higher with it."""
    try:
        import uvloop
    except ImportError:
        return asyncio
    return uvloop


def starts(times: int) -> list[float]:
    """Seconds from starting `trainkit class` to the first byte of its first page, over a new database each."""
    found = []
    for _ in range(times):
        with (
            tempfile.TemporaryDirectory(dir=servers.cache_folder()) as folder,
            servers.trainkit(Path(folder), RACKET, PLACES) as server,
        ):
            found.append(float(server.told["first byte"]))
    print("start to first byte, s: " + ", ".join(f"{took:.2f}" for took in found), flush=True)
    return found


def pieces(runs: int) -> parts.Parts:
    """What a submit consists of, each part alone."""
    print("parts of a submit …", flush=True)
    with tempfile.TemporaryDirectory(dir=servers.cache_folder()) as folder:
        return parts.measure(RACKET, Path(folder), runs)


def _more_files() -> None:
    """Each trainee is an open connection here and in the server, which inherits the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def main(words: Sequence[str] | None = None) -> int:
    """Run what is asked for; 0 if no trainee of ours saw anything wrong, 2 if something can't be run here."""
    parser = command.parser("python tests/load/run.py", __doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run of some seconds, without oTree")
    parser.add_argument("--only", action="append", metavar="NAME", help="only rows whose name fits (* and ? allowed)")
    parser.add_argument("--save", action="store_true", help="write the result to tests/load/RESULTS.md")
    asked = command.asked(parser, words)
    known = quick_rows() if asked.quick else rows()
    extra = ["start", "parts"]
    chosen = [r for r in known if not asked.only or any(fnmatch.fnmatch(r.name, one) for one in asked.only)]
    extra = [name for name in extra if not asked.only or any(fnmatch.fnmatch(name, one) for one in asked.only)]
    if not chosen and not extra:
        names = ", ".join([*(row.name for row in known), "start", "parts"])
        parser.error(f"--only must fit one of the rows {names} (got {', '.join(asked.only)})")
    _more_files()
    load = os.getloadavg()[0]
    kind = servers.filesystem(servers.cache_folder())
    if kind in ("tmpfs", "ramfs"):
        parser.error(
            f"{servers.cache_folder()} is {kind}, where a commit costs nothing: point XDG_CACHE_HOME to a disk"
        )
    try:
        results = [measure(row) for row in chosen]
        took = starts(1 if asked.quick else STARTS) if "start" in extra else []
        known_parts = pieces(3 if asked.quick else 30) if "parts" in extra else None
        versions = servers.otree_version() if any(row.server == "otree" for row in chosen) else ""
    except servers.CannotRun as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    text = report.markdown(results, took, known_parts, filesystem=kind, otree=versions, commit=_commit(), load=load)
    print("\n" + text)
    if asked.save:
        file = Path(__file__).parent / "RESULTS.md"
        file.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    return 1 if any(result.errors for result in results if result.server != "otree") else 0


def _commit() -> str:
    """Which commit of the repository this is; empty outside of one, or without git."""
    if not shutil.which("git"):
        return ""
    done = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
