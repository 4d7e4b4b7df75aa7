"""How many decisions does a run of this case usually have?"""

import statistics

from trainkit.case.cache import Cache
from trainkit.case.model import Case
from trainkit.engine.attempt import choose, start
from trainkit.scoring.decisions import fits

_USUAL: Cache[str, int] = Cache(100)  # by the hash of the case, which may be read anew


def usual_decisions(case: Case) -> int:
    """How many decisions a careful run usually has: the median of 15 draws, played by the keys, the same every time."""
    if case.hash not in _USUAL:
        _USUAL.keep(case.hash, int(statistics.median(_careful_run(case, seed) for seed in range(15))))
    return _USUAL[case.hash]


def _careful_run(case: Case, seed: int) -> int:
    attempt = start(case, seed)
    for _ in range(100):  # a case that hasn't been checked may go round in circles or end nowhere
        if attempt.finished or not attempt.open:
            break
        fitting = fits(attempt.case, choose(attempt, attempt.open[0]).steps[-1])
        attempt = choose(attempt, max(attempt.open, key=lambda name: fitting[name] or 0))
    return len(attempt.decisions)
