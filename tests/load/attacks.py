"""Does a class go on while it is attacked, and is it what it was afterwards? Each attack from elsewhere and from inside.

    python -m tests.load.attacks                     all attacks, about eight minutes
    python -m tests.load.attacks --only pipelining   one of them (may be given again)
    python -m tests.load.attacks --save              … and keep the result in tests/load/ATTACKS.md

A room of trainees comes in and plays while each attack goes on; the same room before it, without one, is what it is compared
with. The attackers are a process of their own; so are the trainees. "Same" means that they have the trainees' address, as
behind a school's router. Exit code 1 if a trainee saw anything wrong, or a goal is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import concurrent.futures
import math
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests")]

from load import client, hostile_clients, report, servers  # noqa: E402
from load.client import Target  # noqa: E402
from load.tally import Plan, Tally, quantile  # noqa: E402

from trainkit.files import casebook  # noqa: E402
from trainkit.i18n import typeset  # noqa: E402

RACKET = ROOT / "casebook" / "racket_refund"
SAME, OTHER = "127.0.0.1", "127.0.0.66"
PLACES = 200
FILES = 1024  # open files that the server of the attack "idle" may have
MEMORY, SLOWER = 1.5, 5.0  # goals: memory ten seconds after, trainees' p95 during
AFTER = 10.0  # seconds


@dataclass(frozen=True)
class Result:
    """One attack: memory in MB before, at most seen and after, p95 in ms without it and during it, and what went wrong."""

    name: str
    source: str
    before: float
    most: float
    after: float
    quiet: float
    during: float
    joined: int
    submits: int
    errors: dict[str, int]
    examples: dict[str, str]
    met: dict[str, int]
    told: str

    @property
    def faults(self) -> list[str]:
        """Goals that were missed, in words."""
        missed = [f"{times} × {what} ({self.examples[what][:200]})" for what, times in self.errors.items()]
        if not self.after <= MEMORY * self.before:
            missed.append(f"memory {self.after / self.before:.1f} times")
        if not self.during <= SLOWER * self.quiet:
            missed.append(f"p95 {self.during / self.quiet:.1f} times")
        return missed


def plan(trainees: int, seconds: float) -> Plan:
    """People who come in while it goes on, and play."""
    return Plan(trainees, (0.3, 0.9), ramp=seconds / 3, hold=seconds * 2 / 3, runs=1000, read=False, listen=False)


def attacked(
    server: servers.Server,
    name: str,
    source: str,
    quiet: Tally,
    first: int,
    trainees: int,
    seconds: float,
    after: float = AFTER,
) -> Result:
    """Carry out one attack while a room plays; numbers of its trainees begin with ``first``."""
    pid, port = server.process.pid, int(server.base.rpartition(":")[2])
    before = most = servers.usage(pid).rss
    said = server.log.stat().st_size
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=spawn) as pool:
        hostile = pool.submit(hostile_clients.run, name, port, source, seconds + 3, server.told["code"])
        time.sleep(1)
        playing = pool.submit(_play, target(server), plan(trainees, seconds), first)
        while not (hostile.done() and playing.done()):
            most = max(most, servers.usage(pid).rss)
            time.sleep(0.05)
        tally, met = playing.result(), hostile.result()
    time.sleep(after)
    told = server.log.read_bytes()[said:].decode(errors="replace").splitlines()
    p95 = [1000 * quantile([took for _, took in one.submits], 0.95) for one in (quiet, tally)]
    return Result(
        name, source, before, most, servers.usage(pid).rss, p95[0], p95[1], len(tally.loads["join"]), len(tally.submits),
        dict(tally.errors), dict(tally.examples), dict(met), " | ".join(told),
    )  # fmt: skip


def target(server: servers.Server) -> Target:
    """What the trainees play."""
    title = typeset(casebook.load_case(RACKET).text("title", "ru"), "ru")
    return Target(server.base, "/?code={code}", title, code=server.told["code"])


def _play(where: Target, how: Plan, first: int) -> Tally:
    return asyncio.run(client.room(where, how, first))


def play_quietly(server: servers.Server, first: int, trainees: int, seconds: float) -> Tally:
    """The same room without anybody who attacks; in a process of its own, too."""
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_play, target(server), plan(trainees, seconds), first).result()


def carry_out(names: Sequence[str], trainees: int, seconds: float, say=print) -> list[Result]:
    """Every attack from both addresses, each against a server of its own; "idle" against one that may have few open files."""
    results = []
    for name in names:
        for source in (OTHER, SAME):
            with (
                tempfile.TemporaryDirectory(dir=servers.cache_folder()) as folder,
                servers.trainkit(Path(folder), RACKET, PLACES, FILES if name == "idle" else None) as server,
            ):
                play_quietly(server, 2000, trainees, seconds / 3)  # what is made once is made
                quiet = play_quietly(server, 0, trainees, seconds)  # just before: the machine has moods
                assert not quiet.errors, quiet.examples
                results.append(attacked(server, name, source, quiet, 1000, trainees, seconds))
            say(" | ".join(cells(results[-1])))
            say(f"    {results[-1].met}; {results[-1].told[-300:]}")
    return results


COLUMNS = (
    "attack", "address", "memory before, MB", "most", f"{AFTER:.0f} s after", "times", "p95 quiet, ms", "during", "times",
    "joined", "submits", "what was wrong",
)  # fmt: skip


def cells(result: Result) -> list[str]:
    """A row of the table."""
    return [
        result.name,
        "same" if result.source == SAME else "another",
        *[f"{one:.0f}" for one in (result.before, result.most, result.after)],
        f"{result.after / result.before:.2f}",
        *[f"{one:.1f}" for one in (result.quiet, result.during)],
        f"{result.during / result.quiet:.1f}" if not math.isnan(result.during) else "–",
        f"{result.joined:,}",
        f"{result.submits:,}",
        "; ".join(result.faults) or "nothing",
    ]


def page(results: Sequence[Result], load: tuple[float, float], trainees: int, seconds: float) -> str:
    """The page that is kept; ``load`` is the machine's load average before and after."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT
    ).stdout.strip()
    said = [
        "# A class under attack",
        "Made by `python -m tests.load.attacks --save`.",
        f"{date.today()}, commit {commit}. {report.machine(servers.filesystem(servers.cache_folder()))}, load average "
        f"{load[0]:.1f} before and {load[1]:.1f} after the run (attackers, trainees and server share the machine).",
        f"{trainees} trainees, {seconds:.0f} s each, {PLACES} places.",
        report.table(COLUMNS, [cells(result) for result in results]),
        "\n".join(f"- **{name}**: {one.__doc__.strip()}" for name, one in hostile_clients.ATTACKS.items()),
        f'In "idle" the server may have {FILES:,} files open (`ulimit -n`, hard). A submit is timed as in RESULTS.md. '
        f"Goals: memory {AFTER:.0f} s after the end at most {MEMORY} times that before, trainees' p95 at most {SLOWER:.0f} "
        "times the quiet room's, and no trainee meets anything that isn't the exercise.",
    ]
    return "\n\n".join(said) + "\n"


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.attacks", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", action="append", choices=list(hostile_clients.ATTACKS), help="one attack")
    parser.add_argument("--trainees", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=12.0, help="how long each attack takes")
    parser.add_argument("--save", action="store_true", help="keep the result in tests/load/ATTACKS.md")
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    results = carry_out(asked.only or list(hostile_clients.ATTACKS), asked.trainees, asked.seconds)
    if asked.save:
        (ROOT / "tests" / "load" / "ATTACKS.md").write_text(
            page(results, (load, os.getloadavg()[0]), asked.trainees, asked.seconds)
        )
    return int(any(result.faults for result in results))


if __name__ == "__main__":
    sys.exit(main())
