"""Does a class stay as large as it is? People come, play every case, go, and others come; the server's memory is looked at.

    python -m tests.load.soak                          200 people for 30 minutes
    python -m tests.load.soak --think 8 20             … at the pace of a class that reads, not of fingers in a hurry
    python -m tests.load.soak --minutes 3 --people 50  shorter: the first third settles it
    python -m tests.load.soak --save                   … and keep the result in tests/load/SOAK.md, a section a pace

Memory settles in the first five minutes (a third, if it is shorter): code is loaded, cases are solved, pages are kept. From
then on it must stay within 5 %: the median of each later minute is compared with that of the first one. Exit code 1 if it
doesn't, or a trainee saw anything wrong. A room keeps what the wall says of each of its runs, so how far it grows hangs on
how many are played: what a run takes is told, too.
"""

from __future__ import annotations

import asyncio
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [path for path in (str(ROOT / "tests"), str(ROOT / "src")) if path not in sys.path]

from load import client, command, servers, trainer  # noqa: E402
from load.client import Target  # noqa: E402
from load.tally import Plan, Tally, quantile  # noqa: E402

CASES = ("racket_refund", "power_upgrade", "appendicitis", "cancer_misdiagnosis")
THINK = (2.0, 6.0)  # seconds before each reply; whoever reads what the client says takes some 8 to 20
EVERY = 2.0  # seconds between two looks
WITHIN = 0.05
KEPT = Path(__file__).parent / "SOAK.md"

Memory = list[tuple[float, float, float]]  # seconds, RSS and PSS in MB


def pss(pid: int) -> float:
    """A process's memory, shared pages counted in part, MB."""
    found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(found[1]) * 1024 / 1e6


async def _soak(target: Target, plan: Plan, pid: int, remote: str, tally: Tally) -> Memory:
    seen: Memory = []
    began = time.perf_counter()

    async def look_on() -> None:
        while True:
            seen.append((time.perf_counter() - began, servers.usage(pid).rss, pss(pid)))
            if seen[-1][0] // 60 > seen[-2:][0][0] // 60:
                print(f"  {seen[-1][0] / 60:.0f} min: {seen[-1][1]:.1f} MB", file=sys.stderr, flush=True)
            await asyncio.sleep(EVERY)

    looking = [asyncio.create_task(look_on()), asyncio.create_task(trainer.watch(target.base, remote, tally))]
    try:
        await client.room(target, plan, tally=tally)
    finally:
        for task in looking:
            task.cancel()
        await asyncio.gather(*looking, return_exceptions=True)
    return [one for one in seen if one[0] < plan.ramp + plan.hold]  # while everybody was there


def minutes(seen: Memory, settled: float) -> list[tuple[float, float]]:
    """Medians of RSS and PSS in each minute from when memory had settled."""
    last = seen[-1][0]
    found = []
    start = settled
    while start + 60 <= last + EVERY:
        part = [one for one in seen if start <= one[0] < start + 60]
        found.append((statistics.median(one[1] for one in part), statistics.median(one[2] for one in part)))
        start += 60
    return found


def main(words: Sequence[str] | None = None) -> int:
    """Let it soak; 0 if memory stayed as it was and nobody saw anything wrong."""
    parser = command.parser("python -m tests.load.soak", __doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument(
        "--think", type=float, nargs=2, default=THINK, metavar=("LOW", "HIGH"), help="seconds before each reply"
    )
    parser.add_argument("--save", action="store_true", help="write the result into tests/load/SOAK.md")
    asked = command.asked(parser, words)
    if asked.minutes < 2:
        parser.error(f"--minutes is 2 or more: memory must settle before it can be compared (got {asked.minutes:g})")
    if not 0 <= asked.think[0] <= asked.think[1]:
        parser.error(f"--think is two numbers from 0, the lower one first (got {asked.think[0]:g} {asked.think[1]:g})")
    settled = 60 * min(5.0, asked.minutes / 3)
    ramp = min(20.0, asked.people / 10)
    # somebody sits down, plays all cases and gives the place to somebody new
    plan = Plan(asked.people, tuple(asked.think), ramp=ramp, hold=60 * asked.minutes - ramp, runs=len(CASES))
    tally = Tally()
    with tempfile.TemporaryDirectory(dir=servers.cache_folder()) as folder:
        with servers.trainkit(Path(folder), CASES, 1_000_000) as server:
            code = re.sub(r"\D", "", server.told["code"])
            target = Target(server.base, "/?code={code}", "", code=code)  # a page of any case
            seen = asyncio.run(_soak(target, plan, server.process.pid, server.told["remote"], tally))
            log = server.log.read_text(errors="replace")
        size = sum(file.stat().st_size for file in Path(folder).glob("class.sqlite3*")) / 1e6
    if "Traceback" in log:
        tally.wrong("traceback in the server's log", log[-400:])
    each = minutes(seen, settled)
    first, worst = each[0], (max(rss for rss, _ in each), max(one for _, one in each))
    grown = [high / low - 1 for high, low in zip(worst, first, strict=True)]
    flat = max(grown) <= WITHIN
    p95 = 1000 * quantile(tally.steady(), 0.95)
    joined = len(tally.loads["join"])
    later = tally.played * (1 - settled / (60 * asked.minutes))
    each_took = 1000 * (worst[0] - first[0]) / max(later, 1)
    pace = f"{asked.think[0]:g}–{asked.think[1]:g} s before each reply"
    rows = [
        f"{asked.people} people for {asked.minutes:g} minutes, {', '.join(CASES)}: {joined:,} came, {tally.played:,} cases "
        f"were played, {len(tally.submits):,} answers, p95 {p95:.1f} ms, {sum(tally.errors.values())} errors; the log has "
        f"{size:.0f} MB.",
        "",
        "| | settled, MB | at most later, MB | grown | within 5 % |",
        "| --- | ---: | ---: | ---: | --- |",
        *(f"| {name} | {low:.1f} | {high:.1f} | {100 * more:+.1f} % | {'yes' if more <= WITHIN else '**no**'} |"
          for name, low, high, more in zip(("RSS", "PSS"), first, worst, grown, strict=True)),
        "",
        f"Since it had settled some {later:,.0f} cases were played: {each_took:.1f} kB each.",
        "",
        "RSS by the minute: " + ", ".join(f"{rss:.1f}" for rss, _ in each),
    ]  # fmt: skip
    print("\n".join(rows))
    for kind, number in tally.errors.items():
        print(f"  WRONG {number} × {kind}: {tally.examples[kind]}")
    if asked.save:
        before = KEPT.read_text("utf-8") if KEPT.exists() else "# A soak\n"
        KEPT.write_text(_page(before, pace, f"{command.made('tests.load.soak')}.\n\n" + "\n".join(rows)), "utf-8")
    return 0 if flat and not tally.errors else 1


def _page(before: str, pace: str, said: str) -> str:
    """The page with a section in the place of what it had of this pace."""
    heading, *others = re.split(r"^## ", before, flags=re.MULTILINE)
    sections = dict(one.split("\n\n", 1) for one in others)
    sections[pace] = said
    return heading.strip() + "".join(f"\n\n## {name}\n\n{text.strip()}" for name, text in sections.items()) + "\n"


if __name__ == "__main__":
    sys.exit(main())
