"""What came out? Results → a line on the terminal and the page RESULTS.md, with the goals and what bounds the server."""

from __future__ import annotations

import importlib.metadata
import math
import os
import platform
import sqlite3
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from load.parts import Parts
from load.servers import Usage
from load.tally import SCREENS, Plan, Tally, quantile

PACKAGES = ("trainkit", "starlette", "uvicorn", "httptools", "uvloop", "aiohttp", "jinja2", "sqlalchemy")
PAGE = 15_000  # bytes
HOW = """\
The client is an asyncio program (aiohttp, one keep-alive connection a trainee, as a phone has) that behaves as a
browser: it reads each page, posts its form with all hidden fields, and checks status, the case's title, its own
pseudonym and nobody else's, that the step went up by exactly one, that the chosen reply is in the talk, and that the
end has a debrief. As `class.js` does, it asks for the next page as the answer to its post; in the rows "no-script",
as a browser without JavaScript, it follows the redirect to it, and that is all oTree has. A *submit* is timed from
sending the post to the last byte of the next page. The pages of the debrief are turned at the same pace, but not at
saturation, where only submits are counted. Joins are spread evenly over the ramp whether or not earlier ones are
done; then all play for {hold} s more, again and again, and finish the case they are in (after three cases somebody
else joins in one's place); submits are counted while everybody is there. "Once" means: each plays once, every submit
counts. Where a time stands for wall and remote, a wall and three remotes were open all the while: they listen for
changes and are fetched again at each. "Two clients" means that the trainees were shared out to two processes. Client
and server share the machine; "client late" is how late the client's own clock rang, which is in all times. Each row
has a server and a database of its own, on a disk. Memory is VmHWM of the server and its children. CPU is of one core.

Beside oTree both play the four clicks of `tests/casebook/late_parcel` (`when_needed` or `what_is_it`, `offer`,
`rules`, `sorry` or `cold`), without a pause at the door, and whoever is done gives his place to somebody new. oTree
runs in a virtual environment of its own with `otree prodserver`, `OTREE_PRODUCTION=1` and its default SQLite file;
the app is in `otree_app/`. The client opens no websocket on its pages, and its app computes no scores: both in
oTree's favour. 200 trainees are close to all it can do (see its CPU), so its tail varies from run to run. The other
rows play whole cases of `racket_refund` by chance (3 to 11 clicks, then the debrief).
"""


@dataclass(frozen=True)
class Result:
    """A row that has been measured; ``busy`` is the server's CPU seconds a second while everybody was there."""

    name: str
    server: str
    plan: Plan
    tally: Tally
    usage: Usage
    busy: float

    def ms(self, share: float) -> float:
        """A quantile of the submits, milliseconds."""
        return 1000 * quantile(self.tally.steady(), share)

    @property
    def errors(self) -> int:
        """How many deviations."""
        return sum(self.tally.errors.values())


COLUMNS = (
    "row", "trainees", "think, s", "submits/s", "pages/s", "p50, ms", "p95, ms", "p99, ms", "max, ms",
    "first page p95, ms", "wall p95, ms", "remote p95, ms", "cases", "submits", "errors",
    "server peak, MB", "server CPU", "client CPU", "client late p95, ms",
)  # fmt: skip


def cells(result: Result) -> list[str]:
    """A row of the table."""
    tally, plan = result.tally, result.plan
    first, *screens = ([took for _, took in tally.loads[kind]] for kind in ("first", *SCREENS))
    return [
        result.name,
        f"{plan.trainees:,}",
        f"{plan.think[0]:g}–{plan.think[1]:g}" if plan.think[1] else "0",
        f"{tally.rate():,.0f}",
        f"{tally.pages():,.0f}",
        *(f"{result.ms(share):.1f}" for share in (0.5, 0.95, 0.99, 1.0)),
        f"{1000 * quantile(first, 0.95):.1f}",
        *(f"{1000 * quantile(seen, 0.95):.1f}" if seen else "–" for seen in screens),
        f"{tally.played:,}",
        f"{len(tally.submits):,}",
        f"{result.errors:,}",
        f"{result.usage.peak:.0f}",
        f"{100 * result.busy:.0f} %",
        f"{100 * tally.cpu / tally.seconds:.0f} %",
        f"{1000 * quantile(tally.lag, 0.95):.1f}",
    ]


def line(result: Result) -> str:
    """A row for the terminal."""
    return "  " + "; ".join(f"{name} {cell}" for name, cell in zip(COLUMNS[3:], cells(result)[3:], strict=True))


def table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first to the right."""
    rule = ["---"] + ["---:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *body))


def machine(filesystem: str) -> str:
    """Cores, processor, memory, kernel, file system."""
    facts = []
    with_cpu = Path("/proc/cpuinfo")
    if with_cpu.exists():
        models = [
            row.partition(":")[2].strip() for row in with_cpu.read_text().splitlines() if row.startswith("model name")
        ]
        facts += models[:1]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return ", ".join(
        [
            f"{os.cpu_count()} cores",
            *facts,
            f"{memory:.0f} GiB",
            f"{platform.system()} {platform.release()}",
            filesystem,
        ]
    )


def versions(otree: str) -> str:
    """What was measured with what."""
    found = [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}"]
    for name in PACKAGES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"no {name}")
    return ", ".join(found) + (f". oTree's environment: {otree}" if otree else "")


def goals(results: Sequence[Result], starts: Sequence[float]) -> list[tuple[str, str, bool]]:
    """The goals this run can tell of: what was to be reached, what came out, whether it is met."""
    named = {result.name: result for result in results}
    found = []
    large = [result for name, result in named.items() if name.startswith("trainkit-3000")]
    small = named.get("trainkit-200")
    for plain, who in ((False, "the worse run"), (True, "without JavaScript")):
        times = [result.ms(0.95) for result in large if result.name.endswith("-no-script") is plain]
        if times and small:
            times_as_long = max(times) / small.ms(0.95)
            goal = f"3,000 trainees at 2–6 s: p95 ≤ 6 times that of 200, {who}"
            found.append((goal, f"{times_as_long:.1f} times", times_as_long <= 6))
    if large:
        peak = max(result.usage.peak for result in large)
        found.append(("3,000 trainees: ≤ 90 MB", f"{peak:.0f} MB", peak <= 90))
    if "trainkit-5000" in named:
        errors = named["trainkit-5000"].errors
        found.append(("5,000 trainees without an error", f"{errors} errors", errors == 0))
    ready, played = named.get("bare-two-clients-64"), named.get("trainkit-two-clients-64")
    if ready and played:
        share = played.tally.rate() / ready.tally.rate()
        found.append(("saturation, two clients: submits ≥ 0.9 of ready pages", f"{share:.2f}", share >= 0.9))
    for kind in ("-200-once", "-200"):
        if f"otree{kind}" in named and f"trainkit{kind}" in named:
            ratio = named[f"otree{kind}"].ms(0.95) / named[f"trainkit{kind}"].ms(0.95)
            found.append((f"beside oTree, {kind[1:]}: p95 ≤ 1/150 of its p95", f"1/{ratio:.0f}", ratio >= 150))
    if starts:
        took = statistics.median(starts)
        found.append(("start to first byte ≤ 0.8 s", f"{took:.2f} s (median of {len(starts)})", took <= 0.8))
    for kind, (middle, largest, _) in page_sizes(results).items():
        if kind in SCREENS:
            continue
        text = f"{largest:,} bytes, median {middle:,}"
        found.append((f"{kind} page ≤ 15 kB before compression, the largest", text, largest <= PAGE))
    return found


def page_sizes(results: Sequence[Result]) -> dict[str, tuple[int, int, int]]:
    """Kind of page of trainkit's → median and largest size in bytes, and the median as sent."""
    found = {}
    for kind in ("join", "lobby", "scene", "debrief", *SCREENS):
        ours = [result.tally for result in results if result.server == "trainkit"]
        sizes = [size for tally in ours for size in tally.sizes[kind]]
        sent = [size for tally in ours for size in tally.sent[kind]]
        if sizes:
            found[kind] = (round(statistics.median(sizes)), max(sizes), round(statistics.median(sent or sizes)))
    return found


def bounds(results: Sequence[Result], parts: Parts | None) -> str:
    """What bounds the server at saturation, and how far it is from the limit of each part."""
    said, http = [], math.nan
    saturated = [r for r in results if r.name.startswith("trainkit-saturated") and r.tally.rate()]
    best = max(saturated, key=lambda result: result.tally.rate(), default=None)
    alone = next((r for r in results if r.server == "bare" and r.tally.rate()), None)
    if best:
        cost = 1000 * best.busy / best.tally.rate()
        said.append(
            f"**What bounds it.** At saturation ({best.name}) the server takes {100 * best.busy:.0f} % of one core, "
            f"{cost:.2f} ms of it a submit ({best.tally.rate():,.0f} a second); the client "
            f"{100 * best.tally.cpu / best.tally.seconds:.0f} %."
        )
    if alone:
        http = 1000 * alone.busy / alone.tally.rate()
        said.append(
            f"HTTP alone (uvicorn, ready pages of the same shape, nothing stored) takes {http:.2f} ms a submit; the client "
            f"and that server together reach {alone.tally.rate():,.0f} a second, which is the limit of this measurement."
        )
    if parts:
        said.append(
            f"Each part alone: a scene's page {parts.scene:.2f} ms, the debrief's first {parts.debrief:.2f} ms; engine and a "
            f"commit of its own {parts.answer:.2f} ms ({parts.commits:,.0f} a second one after another); fsync of 4 KiB "
            f"on this disk {parts.fsync:.2f} ms, {1000 / parts.fsync:,.0f} a second (waiting answers are committed together)."
        )
    if best and alone and parts:
        debriefs = best.tally.played / len(best.tally.submits)
        pages = (1 - debriefs) * parts.scene + debriefs * parts.debrief
        said.append(
            f"So of {cost:.2f} ms a submit {http:.2f} are HTTP, {pages:.2f} its page (a case is over after "
            f"{1 / debriefs:.1f} submits), and {cost - http - pages:.2f} the rest: routing, session, engine, log."
        )
    return " ".join(said)


def markdown(
    results: Sequence[Result],
    starts: Sequence[float],
    parts: Parts | None,
    *,
    filesystem: str,
    otree: str,
    commit: str,
    load: float,
) -> str:
    """The page that is kept; ``load`` is the machine's load average before the run, which tells whether it was quiet."""
    said = [
        "# A class under load",
        "Made by `python tests/load/run.py --save`.",
        f"{date.today()}{f', commit {commit}' if commit else ''}. {machine(filesystem)}, "
        f"load average before the run {load:.2f}. {versions(otree)}.",
    ]
    if results:
        said.append(table(COLUMNS, [cells(result) for result in results]))
    met = goals(results, starts)
    if met:
        said.append(
            table(("goal", "measured", "met"), [(goal, got, "yes" if done else "**no**") for goal, got, done in met])
        )
    sizes = page_sizes(results)
    if sizes:
        body = [(kind, f"{mid:,}", f"{top:,}", f"{sent:,}") for kind, (mid, top, sent) in sizes.items()]
        said.append(table(("page of trainkit's, bytes", "median", "largest", "median as sent"), body))
    said += [text for text in (bounds(results, parts),) if text]
    errors = [(r.name, kind, str(n), r.tally.examples[kind]) for r in results for kind, n in r.tally.errors.items()]
    if errors:
        body = [(row, kind, n, example.replace("|", "\\|").replace("\n", " ")) for row, kind, n, example in errors]
        said.append(table(("row", "what went wrong", "times", "first example"), body))
    again = sum(result.tally.reconnected for result in results)
    hold = max((result.plan.hold for result in results if result.plan.think[1]), default=0)
    said.append(
        HOW.format(hold=f"{hold:g}")
        + (f"Sent again over a new connection, since the server had closed an idle one: {again}.\n" if again else "")
    )
    return "\n\n".join(said)
