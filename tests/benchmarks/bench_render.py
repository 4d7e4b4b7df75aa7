"""What it costs to make the pages of a class, and what keeping them (``render.filled``) saves beside plain Jinja.

    python tests/benchmarks/bench_render.py [--quick]

Prints machine and date. Both ways take turns page by page in one process; medians, in microseconds a page, and as a share of
a submit (tests/load: one core takes about a thousand a second). The pages are those that trainees of a real case meet, a
different trainee each time; what is kept is warm, as it is after the first minute of a class.
"""

from __future__ import annotations

import platform
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests")]

from figures import Figure  # noqa: E402
from support.places import CASEBOOK  # noqa: E402

from trainkit.files import casebook  # noqa: E402
from trainkit.log.records import new_record  # noqa: E402
from trainkit.log.store import Log  # noqa: E402
from trainkit.room.records import Member  # noqa: E402
from trainkit.session.session import Session  # noqa: E402
from trainkit.view import phone, render  # noqa: E402

TITLE = "Pages kept beside plain Jinja"
SUBMIT = 1000.0  # microseconds of one core that a submit takes altogether
CASES = ("racket_refund", "power_upgrade")
AT = "2026-11-22T10:00:00.000000Z"


def plain(name, lang, /, texts, **values):
    """The same page by Jinja alone."""
    return render.template(name, lang, **texts, **values)


@contextmanager
def without_filled() -> Iterator[None]:
    """Let every page be made by plain Jinja."""
    kept = render.filled
    render.filled = plain
    try:
        yield
    finally:
        render.filled = kept


def runs(case, count: int) -> Iterator[Session]:
    """Trainees who answer at random, each stopped somewhere in the talk or at its end."""
    dice, log = random.Random(7), Log("sqlite://")
    log.prepare()
    for number in range(count):
        session = Session(log, new_record(case, f"person {number}", dice.randrange(10**6)), case, [])
        yield session
        while session.phase != "over":
            session.apply(session.move("choose", "ru", step=session.step, option=dice.choice(session.attempt.open)))
            yield session


def pages(case, count: int) -> dict[str, list[Callable[[], str]]]:
    """Ways to make each kind of page, one for each time that a trainee meets it."""
    member, found = (
        Member("m", "Лис", False, "ru", AT),
        {"scene": [], "end, debrief 1": [], "decisions": [], "last": []},
    )
    for session in runs(case, count):
        frame = phone.framed(None, None, "ru", f"{session.step}.{session.record.attempt}")
        session = Session(session.log, session.record, case, list(session.events))
        make = lambda s=session, f=frame: phone.scene(f, s, member)  # noqa: E731
        if session.phase != "over":
            found["scene"].append(make)
            continue
        found["end, debrief 1"].append(make)
        parts = phone._debrief_parts(phone._debriefed(session, "ru", ()))
        for number, (part, _) in enumerate(parts, 1):
            kind = {"moves": "decisions", "rest": "last"}.get(part)
            if kind:
                found[kind].append(lambda s=session, f=frame, n=number: phone.debrief_page(f, s, n))
    return found


def timed(make: Callable[[], str]) -> float:
    """Microseconds."""
    begin = time.perf_counter()
    make()
    return 1e6 * (time.perf_counter() - begin)


def compare(makers: list[Callable[[], str]], rounds: int) -> tuple[float, float]:
    """Medians, kept and plain, by turns."""
    kept, by_jinja = [], []
    for turn in range(rounds + 1):
        for make in makers:
            took = timed(make)
            with without_filled():
                slow = timed(make)
            if turn:  # the first is warming up
                kept.append(took)
                by_jinja.append(slow)
    return statistics.median(kept), statistics.median(by_jinja)


def figures(quick: bool = False) -> list[Figure]:
    """Microseconds of a page of each kind, kept and by plain Jinja."""
    found = []
    for name in CASES:
        for kind, makers in pages(casebook.load_case(CASEBOOK / name), 3 if quick else 40).items():
            kept, by_jinja = compare(makers, 1 if quick else 15)
            found.append(Figure(f"{name}: {kind}", kept, "µs", "plain Jinja", by_jinja, 1))
    return found


def main() -> None:
    """Measure and print."""
    quick = "--quick" in sys.argv
    print(
        f"{date.today()}, Python {platform.python_version()}, {platform.machine()}, {platform.processor() or 'unknown CPU'}"
    )
    print(f"{'page':<34}{'kept':>8}{'Jinja':>8}{'saved':>8}  µs a page; saved as a share of a submit")
    for one in figures(quick):
        saved = one.beside - one.value
        print(f"{one.name:<34}{one.value:>8.0f}{one.beside:>8.0f}{saved:>8.0f}  {100 * saved / SUBMIT:.1f} %")


if __name__ == "__main__":
    main()
