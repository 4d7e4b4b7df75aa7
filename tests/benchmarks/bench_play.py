"""How long exact play and simulated trainees take, beside a plain search in the same run.

    python tests/benchmarks/bench_play.py [--quick]
    python tests/benchmarks/bench_play.py [--quick] --against CHECKOUT [--python PYTHON] [--times N]

Prints machine and date. ``--against`` times exact play, a room's runs and simulated runs here and in another checkout, in
turns, each time in a process of its own with that checkout's ``src`` on the path and its own ``.venv`` if it has one
(``--python`` names another interpreter), and prints medians and ratios in processor time.

The peer of exact play is expectimax with a memo over the engine's own states, as one would write it first; it is given ten
seconds. Goals: ten binary facts, twelve questions, budget eight in 0.3 s; the four cases together in 0.2 s; 100,000
simulated runs of one case, written to CSV, in 30 s.
"""

from __future__ import annotations

import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from checkouts import ROOT, in_turn, parser, sides
from figures import Figure, table

sys.path[:0] = [str(ROOT / "tests")]

from support.places import ASKED_FOR  # noqa: E402
from support.random_cases import LINE, small_case  # noqa: E402

from trainkit import load_case  # noqa: E402
from trainkit.case.conditions import first  # noqa: E402
from trainkit.engine.rules import (  # noqa: E402
    open_options,
    outcomes,
    remembered,
    starts,
    truth_of,
)
from trainkit.simulation import export as synthetic  # noqa: E402
from trainkit.simulation.personas import PERSONAS  # noqa: E402
from trainkit.simulation.runner import simulate  # noqa: E402
from trainkit.value.solver import ExactPlay  # noqa: E402

TITLE = "Exact play beside a plain search"
PATIENCE = 10.0  # seconds for the plain search


def large(facts: int = 10, questions: int = 12, budget: int = 8):
    """An inquiry of the size the goal names: questions about one fact each, the last two about two."""
    dice = random.Random(1)
    hidden = {}
    for n in range(facts):
        p = round(dice.uniform(0.2, 0.8), 2)
        hidden[f"f{n}"] = {
            "label": "…",
            "values": {"a": {"p": p, "label": "…"}, "b": {"p": round(1 - p, 2), "label": "…"}},
        }

    def option(goto, **more):
        return {"text": "…", "because": "…", "position": 0, "goto": goto, **more}

    asks = {}
    for n in range(questions):
        reveals = [f"f{n}"] if n < facts else [f"f{2 * (n - facts)}", f"f{2 * (n - facts) + 1}"]
        asks[f"q{n}"] = option("ask", ask=True, costs=1 if n < facts else 2, reveals=reveals)
    offers = {f"o{n}": option(f"e{n}") for n in range(4)}
    values = []
    for _ in range(4):
        rules = [
            {"when": {f: dice.choice("ab") for f in dice.sample(list(hidden), 3)}, "value": round(dice.random(), 2)}
            for _ in range(6)
        ]
        values.append([*rules, {"value": 0.5}])
    scenes = {
        "ask": {"title": "…", "kind": "inquiry", "lines": LINE, "options": {**asks, "go": option("offer")}},
        "offer": {"title": "…", "lines": LINE, "options": offers},
    }
    patience = {"budget": budget, "label": "…", "last": "…", "leaves": "e3"}
    return small_case(hidden, {}, patience, "ask", scenes, values)


def plain_search(case, until: float):
    """V* by expectimax over the engine's states; None if the time is over."""
    price = case.patience.price if case.patience else 0.0
    memo: dict = {}

    def mean(value_of, worlds):
        bits = [bit for bit in range(len(case.worlds)) if worlds >> bit & 1]
        whole = sum(case.probabilities[bit] for bit in bits)
        return sum(case.probabilities[bit] * value_of(case.worlds[bit]) for bit in bits) / whole, whole

    def best(state):
        if time.perf_counter() > until:
            raise TimeoutError
        if state not in memo:
            if state.place in case.endings:
                rules = case.endings[state.place].value
                memo[state] = mean(lambda world: first(rules, truth_of(case, state.memory, world)), state.worlds)[0]
            else:
                found = []
                for name in open_options(case, state):
                    option = case.scenes[state.place].options[name]
                    memory = remembered(case, state.memory, option)
                    q, whole = mean(lambda world: first(option.effect, truth_of(case, memory, world)), state.worlds)  # noqa: B023
                    q -= price * min(option.costs, state.patience)
                    for _, after in outcomes(case, state, name):
                        q += mean(lambda _: 1, after.worlds)[1] / whole * best(after)
                    found.append(q)
                memo[state] = max(found)
        return memo[state]

    try:
        return [best(state) for state in starts(case)], len(memo)
    except (TimeoutError, RecursionError):
        return None, len(memo)


def timed(work, repeat=1):
    """Best of some runs, in seconds, and the last result."""
    times = []
    for _ in range(repeat):
        begin = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - begin)
    return min(times), result


def exact(case):
    """Solve a case anew."""
    policy = ExactPlay(case)
    return [policy.worth(state) for state in starts(case)], policy.states


def against(places: dict[str, tuple[Path, str]], times: int, quick: bool) -> None:
    """Time this checkout and another in turns, and print medians and ratios."""
    command = [str(Path(__file__).with_name("play_timings.py")), *(["--quick"] if quick else [])]
    timings: dict[str, list[dict[str, float]]] = {side: [] for side in places}
    for turn in range(times):
        for side, (checkout, interpreter) in in_turn(places.items(), turn):
            # the other's cases for both: an older checkout may not read today's
            cases = {"TRAINKIT_CASEBOOK": str(places["there"][0] / "casebook")}
            environment = os.environ | cases | {"PYTHONPATH": str(checkout / "src")}
            done = subprocess.run([interpreter, *command], env=environment, capture_output=True, text=True, check=True)
            timings[side].append(json.loads(done.stdout))
    print(f"{'medians of ' + str(times) + ', processor seconds':<40}{'here':>9}{'there':>9}{'ratio':>8}")
    for name in timings["here"][0]:
        here, there = (statistics.median(one[name] for one in timings[side]) for side in places)
        print(f"{name:<40}{here:>9.3f}{there:>9.3f}{here / there:>8.2f}")


def figures(quick: bool = False) -> list[Figure]:
    """Seconds of exact play beside a plain search with a memo, as far as that gets, and of simulated runs."""
    import numpy  # noqa: F401  a notebook has it loaded; its import is not exact play

    patience, together, found = (2 if quick else PATIENCE), 0.0, []
    for case in [*map(load_case, ASKED_FOR), large()]:
        case.worlds, case.masks, case.probabilities  # noqa: B018  reading a case is measured elsewhere
        took, (worths, _) = timed(lambda: exact(case), 1 if quick else 3)  # noqa: B023
        slow, (values, _) = timed(lambda: plain_search(case, time.perf_counter() + patience))  # noqa: B023
        if values:
            assert all(abs(a - b.best) < 1e-9 for a, b in zip(values, worths, strict=True)), case.id
        asked = case.id in ASKED_FOR
        together += took if asked else 0
        name = case.id if asked else "10 facts × 12 questions × budget 8"
        peer = "plain search" if values else f"plain search, not done in {patience:.0f} s"
        goal = None if asked else 0.3
        found.append(Figure(f"exact play, {name}", took, "s", peer, slow if values else None, goal, of_ratio=False))
    found.append(Figure("exact play, the four cases together", together, "s", goal=0.2))
    n, took = simulated_csv(quick)
    return [*found, Figure(f"{n:,} simulated runs as CSV", took, "s", goal=None if quick else 30)]


def simulated_csv(quick: bool) -> tuple[int, float]:
    """How many runs of one case were simulated and written, and the seconds that took."""
    n, case = (1_000 if quick else 100_000), load_case("power_upgrade")
    with tempfile.TemporaryDirectory() as folder:

        def write():
            with synthetic.writing(Path(folder) / "runs.csv") as take:
                take(case, synthetic.event_rows(case, simulate(case, -(-n // len(PERSONAS)))))

        return n, timed(write)[0]


def main() -> None:
    """Measure and print."""
    line = parser(__doc__)
    line.add_argument("--quick", action="store_true", help="fewer cases and runs")
    line.add_argument("--times", type=int, default=5, metavar="N", help="turns of each (default 5)")
    asked = line.parse_args()
    quick = asked.quick
    print(
        f"{date.today()}, Python {platform.python_version()}, {platform.machine()}, {platform.processor() or 'unknown CPU'}"
    )
    if asked.against:
        against(sides(asked), asked.times, quick)
        return
    print(table(figures(quick)))


if __name__ == "__main__":
    main()
