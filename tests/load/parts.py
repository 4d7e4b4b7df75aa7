"""What does a submit consist of? Each part alone: engine and commit, the page that follows, a write to this disk."""

from __future__ import annotations

import os
import random
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from trainkit.files import casebook
from trainkit.log.store import Log
from trainkit.room.records import Member
from trainkit.session.resume import begin
from trainkit.view import phone as pages


@dataclass(frozen=True)
class Parts:
    """Medians, milliseconds; ``commits`` a second one after another."""

    answer: float
    scene: float
    debrief: float
    fsync: float
    commits: float


def measure(case_folder: Path, folder: Path, runs: int = 30) -> Parts:
    """Play whole cases by chance in this process, over a SQLite file in a folder.

    Parameters
    ----------
    case_folder : Path
    folder : Path
        On the disk that is to be measured.
    runs : int
        Cases played.
    """
    case = casebook.load_case(case_folder)
    frame = pages.Frame("ru", case.languages, "Класс 471 926 · Ирис")
    member = Member("", "Ирис", False, "ru", "2026-11-22T10:00:00+00:00")
    answers, scenes, debriefs = [], [], []
    log = Log(folder / "parts.sqlite3")
    try:
        for seed in range(-3, runs):  # three to warm up
            dice = random.Random(seed)
            session = begin(log, case, f"parts {seed}", seed=seed + 3)
            while not session.attempt.finished:
                start = time.perf_counter()
                session.do("choose", "ru", step=session.step, option=dice.choice(session.attempt.open))
                middle = time.perf_counter()
                pages.scene(frame, session, member)
                end = time.perf_counter()
                if seed >= 0:
                    answers.append(1000 * (middle - start))
                    (debriefs if session.attempt.finished else scenes).append(1000 * (end - middle))
    finally:
        log.close()
    median = statistics.median
    fsync = _fsync(folder)
    return Parts(median(answers), median(scenes), median(debriefs), fsync, 1000 / statistics.fmean(answers))


def _fsync(folder: Path, times: int = 200) -> float:
    """Milliseconds of writing a page of 4 KiB to the end of a file and having it on the disk."""
    took = []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(times):
            start = time.perf_counter()
            file.write(b"\0" * 4096)
            os.fsync(file.fileno())
            took.append(1000 * (time.perf_counter() - start))
    return statistics.median(took)
