"""Time exact play, a room's runs and simulated runs once, in whatever checkout is on the path; one line of JSON.

Run by ``bench_play.py --against``. It names things as this checkout and as the one before the folders do.
"""

from __future__ import annotations

import contextlib
import json
import random
import sys
import time

import numpy  # noqa: F401  a notebook has it loaded; its import is not exact play

PERSONAS = None
with contextlib.suppress(ImportError):  # the checkout before the folders
    from trainkit.casebook import load as load_case
    from trainkit.personas import PERSONAS
    from trainkit.personas import simulate as simulate_kinds
    from trainkit.play import choose, start, starts
    from trainkit.policy import Policy as ExactPlay
    from trainkit.regret import review
    from trainkit.synthetic import rows as event_rows

    from trainkit.scoring import score
with contextlib.suppress(ImportError):
    from trainkit.engine.attempt import choose, start
    from trainkit.engine.rules import starts
    from trainkit.files.casebook import load_case
    from trainkit.scoring.attempt import score
    from trainkit.simulation.export import event_rows
    from trainkit.simulation.runner import simulate
    from trainkit.value.regret import review
    from trainkit.value.solver import ExactPlay

CASES = ("appendicitis", "cancer_misdiagnosis", "racket_refund", "power_upgrade")


def exact(name: str, repeat: int) -> float:
    """Seconds to solve a case anew, the best of some times."""
    case, best = load_case(name), float("inf")
    case.worlds, case.masks, case.probabilities  # noqa: B018  reading a case is measured elsewhere
    for _ in range(repeat):
        begin = time.process_time()
        solver = ExactPlay(case)
        for state in starts(case):
            solver.worth(state)
        best = min(best, time.process_time() - begin)
    return best


def room(name: str, runs: int) -> float:
    """Seconds in which so many random runs are played, reviewed and scored, as a class server does."""
    case, dice = load_case(name), random.Random(1)
    begin = time.process_time()
    for seed in range(runs):
        run = start(case, seed)
        while not run.finished:
            run = choose(run, dice.choice(run.open))
        score(run, review(run))
    return time.process_time() - begin


def simulated(name: str, runs: int) -> float:
    """Seconds for the log's rows of so many runs of every persona."""
    case = load_case(name)
    begin = time.process_time()
    played = simulate_kinds(case, list(PERSONAS.values()), runs) if PERSONAS else simulate(case, runs)
    for _ in event_rows(case, played):
        pass
    return time.process_time() - begin


if __name__ == "__main__":
    few = "--quick" in sys.argv
    timings = {f"exact play, {name}": exact(name, 2 if few else 8) for name in CASES}
    timings["exact play, together"] = sum(timings.values())
    timings["3,000 runs of a room"] = room("racket_refund", 300 if few else 3_000)
    timings["18,000 simulated runs"] = simulated("power_upgrade", 100 if few else 2_000)
    print(json.dumps(timings))
