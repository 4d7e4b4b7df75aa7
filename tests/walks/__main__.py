"""Does every walk leave the same log, score and figures, wherever it is played? All cases on all surfaces, beside Python.

    python -m tests.walks                                    every case on every surface
    python -m tests.walks --surface phones --case boundaries  one case on one (both may be given again)
    python -m tests.walks --surface terminal --random 200     … and 200 walks by chance in each case
    python -m tests.walks --all --save                        every walk in browsers, too; the table in tests/walks/RESULTS.md

Played are the walks that a case's walks.yml names and a few more that together choose every option of every scene and come
to every ending, with one step back in every third of these; in browsers, which are slow, these few alone. Each run is held
against the same walk in a session in Python: case version, settings, what is true of the client, every event without its
time, score, and what the debrief shows (ending, Position with its interval, Play, Inquiry, the price of every reply). What
is done with this very code and case is kept and not played again, so that a run that was stopped goes on; `--anew` plays it
again. Exit code 1 if anything differs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
sys.path[:0] = [path for path in (str(ROOT / "tests"), str(ROOT / "src")) if path not in sys.path]

import platformdirs  # noqa: E402
from support.jupyter_lab import browser as chromium  # noqa: E402
from support.places import case_folders  # noqa: E402
from support.programs import PROGRAMS, reason  # noqa: E402
from support.surfaces import SURFACES, Plays, by_session  # noqa: E402
from support.walks import (  # noqa: E402
    Walk,
    covering_walks,
    differences,
    everything,
    meets,
    named_walks,
    random_walks,
    read,
)

from trainkit.checks.path_figures import path_figures  # noqa: E402

KEPT = Path(platformdirs.user_cache_dir("trainkit", appauthor=False)) / "walks.jsonl"
RESULTS = Path(__file__).parent / "RESULTS.md"
SITES = ("site", "single file")
CODE = ("*.py", "*.js", "*.mjs", "*.html", "*.po")


@dataclass(frozen=True)
class Outcome:
    """What the walks of one case came to on one surface; ``key`` says by which code and walks."""

    surface: str
    case: str
    key: str
    walks: int = 0
    replies: int = 0
    met: int = 0  # options and endings
    of: int = 0
    different: int = 0
    seconds: float = 0.0
    example: str = ""


def walks_of(folder: Path, surface: str, all_of_them: bool, by_chance: int) -> list[Walk]:
    """What is played of a case on a surface: in browsers, which are slow, only what it takes to meet everything."""
    if SURFACES[surface].browser and not all_of_them:
        return [*covering_walks(folder)]
    return [*named_walks(folder), *covering_walks(folder), *random_walks(folder, by_chance)]


def played(surface: str, folder: Path, key: str, walks: Sequence[Walk], plays: Plays) -> Outcome:
    """The walks of a case on a surface, held against Python."""
    began = time.perf_counter()
    there = plays(walks)
    took, here = time.perf_counter() - began, by_session(walks)
    wrong = [
        f"{walk}: {'; '.join(differences(mine, theirs))}"
        for walk, mine, theirs in zip(walks, here, there, strict=True)
        if mine != theirs
    ]
    wanted = everything(read(folder))
    return Outcome(
        surface=surface,
        case=folder.name,
        key=key,
        walks=len(walks),
        replies=sum(len(walk.answers) for walk in walks),
        met=len(set().union(*map(meets, walks)) & wanted),
        of=len(wanted),
        different=len(wrong),
        seconds=took,
        example=wrong[0] if wrong else "",
    )


def on_surface(surface: str, cases: Sequence[tuple[Path, str, Sequence[Walk]]], browser: object) -> Iterator[Outcome]:
    """One case after the other; where a surface breaks down, that is a difference, and it is opened again for the next."""
    waiting, folder, key, walks = list(cases), Path(), "", ()
    while waiting:
        try:
            with ExitStack() as stack:
                place = stack.enter_context(TemporaryDirectory(prefix="trainkit-walks-", ignore_cleanup_errors=True))
                plays = stack.enter_context(SURFACES[surface].opens(Path(place), browser))
                while waiting:
                    folder, key, walks = waiting.pop(0)
                    yield played(surface, folder, key, walks, plays)
        except Exception as error:  # whatever broke, the others are still to be played
            said = f"{type(error).__name__}: {error}"
            yield Outcome(surface, folder.name, "", len(walks), different=len(walks), example=said)


# ---- what was done before -------------------------------------------------------------------------------------------


def code(surface: str) -> str:
    """A hash of the code that is played on a surface: that of sites on sites alone."""
    digest, package = hashlib.sha256(), ROOT / "src" / "trainkit"
    for file in sorted(file for kind in CODE for file in package.rglob(kind)):
        if surface.startswith(SITES) or file.relative_to(package).parts[0] != "site":
            digest.update(file.read_bytes())
    return digest.hexdigest()


def key_of(code_hash: str, surface: str, folder: Path, walks: Sequence[Walk]) -> str:
    """What an outcome holds for."""
    case = read(folder)
    said = json.dumps([code_hash, surface, case.hash, case.translations_hash, [str(walk) for walk in walks]])
    return hashlib.sha256(said.encode()).hexdigest()


def done_before() -> dict[str, Outcome]:
    """Outcomes that were kept, by their keys; a line that was cut off is none."""
    found = {}
    for line in KEPT.read_text("utf-8").splitlines() if KEPT.is_file() else ():
        with suppress(ValueError, TypeError):
            one = Outcome(**json.loads(line))
            found[one.key] = one
    return found


def keep(one: Outcome) -> None:
    """Keep an outcome, unless anything differed: that is to be played again."""
    if one.different:
        return
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    with KEPT.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(one)) + "\n")


# ---- what is told ---------------------------------------------------------------------------------------------------

HEAD = """\
| surface | case | walks | replies | options and endings met | different | seconds |
| --- | --- | ---: | ---: | ---: | ---: | ---: |"""


def line(one: Outcome) -> str:
    """A row of the table."""
    cells = (one.surface, one.case, one.walks, f"{one.replies:,}", f"{one.met} of {one.of}", one.different)
    return "| " + " | ".join(map(str, cells)) + f" | {one.seconds:,.0f} |"


def _page(outcomes: Sequence[Outcome], by_chance: int) -> str:
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.release()}, Python {platform.python_version()}"
    made = f"Made by `python -m tests.walks --save`, {date.today()}, {machine}, load average {os.getloadavg()[0]:.1f}."
    about = " ".join(__doc__.split("\n\n", 2)[2].split())
    runs, replies = sum(one.walks for one in outcomes), sum(one.replies for one in outcomes)
    ways = [path_figures(read(folder))["paths"] for folder in case_folders()]
    told = [
        f"{runs:,} runs, {replies:,} replies, {sum(one.different for one in outcomes)} different",
        f"; on terminal and phones {by_chance} walks by chance in each case" if by_chance else "",
        f". A case has up to {max(ways):,} ways (the median is {median(ways):,.0f}), too many for any surface: what is ",
        "played chooses every option of every scene and comes to every ending, not in every order.",
    ]
    count = Counter(one.surface for one in outcomes)
    if missing := [f"{name} ({count[name]} of {len(ways)} cases)" for name in SURFACES if count[name] < len(ways)]:
        told.append(f" Not all cases were played on: {', '.join(missing)}.")
    table = "\n".join([HEAD, *map(line, outcomes)])
    return f"# The same walk on every surface\n\n{made}\n\n{''.join(told)}\n\n{table}\n\n{about}\n"


def main(words: Sequence[str] | None = None) -> int:
    """Play what is asked for; 0 if nothing differed."""
    about, _, rest = __doc__.partition("\n\n")
    names = [folder.name for folder in case_folders()]
    parser = argparse.ArgumentParser(
        prog="python -m tests.walks",
        description=about,
        epilog=rest,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--surface", action="append", choices=SURFACES, help="one of them (may be given again)")
    parser.add_argument("--case", action="append", choices=names, help="one case (may be given again)")
    parser.add_argument("--random", type=int, default=0, metavar="N", help="so many walks by chance in each case, too")
    parser.add_argument("--all", action="store_true", help="in browsers, too, every walk that is played elsewhere")
    parser.add_argument("--kept", action="store_true", help="play nothing: tell what was played before")
    parser.add_argument("--anew", action="store_true", help="play again what was played before")
    parser.add_argument("--save", action="store_true", help="write the table to tests/walks/RESULTS.md")
    asked = parser.parse_args(words)
    folders = [folder for folder in case_folders() if not asked.case or folder.name in asked.case]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # servers and browsers are closed, as after Ctrl+C
    known, outcomes = {} if asked.anew else done_before(), []
    print(HEAD, flush=True)
    for surface in asked.surface or SURFACES:
        needs = SURFACES[surface].browser
        program = PROGRAMS[needs].find() if needs else None
        if needs and program is None:
            print(f"| {surface} | {reason(needs)} |", flush=True)
            continue
        waiting, code_hash = [], code(surface)
        for folder in folders:
            walks = walks_of(folder, surface, asked.all, asked.random)
            key = key_of(code_hash, surface, folder, walks)
            if key in known:
                outcomes.append(known[key])
                print(line(known[key]) + " (kept)", flush=True)
            elif not asked.kept:
                waiting.append((folder, key, walks))
        if not waiting:
            continue
        with chromium(str(program)) if needs == "chromium" else nullcontext(program) as browser:
            for one in on_surface(surface, waiting, browser):
                outcomes.append(one)
                keep(one)
                print(line(one), flush=True)
                if one.example:
                    print(f"  DIFFERENT {one.example[:2000]}", flush=True)
    if asked.save:
        RESULTS.write_text(_page(outcomes, asked.random), "utf-8")
    return 1 if any(one.different for one in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
