"""How many submits a second a class server takes at most, beside another checkout's, in turns. Prints; asserts nothing.

    python tests/benchmarks/bench_class.py --against CHECKOUT [--python PYTHON] [--turns N]

Each turn is the row ``trainkit-saturated-64`` of ``tests/load/run.py`` of either checkout, with its own interpreter: 64
trainees who answer at once, for some seconds, against a real server. Run it on a machine that does nothing else.
"""

import argparse
import platform
import re
import statistics
import subprocess
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = "trainkit-saturated-64"


def submits_per_second(checkout: Path, python: str) -> float:
    """What the load client of a checkout measures at its own server."""
    command = [python, "tests/load/run.py", "--only", ROW]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True)
    said = re.search(r"submits/s ([\d,.]+)", done.stdout + done.stderr)
    if said is None:
        raise SystemExit(f"no figure from {checkout}:\n{done.stdout[-2000:]}")
    return float(said[1].replace(",", ""))


def main() -> None:
    """Run it all and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", required=True, help="the other checkout")
    parser.add_argument("--python", default=sys.executable, help="the interpreter of the other checkout")
    parser.add_argument("--turns", type=int, default=7, help="turns of each (default 7)")
    options = parser.parse_args()
    places = {"here": (ROOT, sys.executable), "there": (options.against.resolve(), options.python)}
    figures: dict[str, list[float]] = {name: [] for name in places}
    for turn in range(options.turns):
        for name, place in list(places.items())[:: 1 if turn % 2 else -1]:
            figures[name].append(submits_per_second(*place))
        print(f"turn {turn + 1}: here {figures['here'][-1]:,.0f}, there {figures['there'][-1]:,.0f}", flush=True)
    here, there = (statistics.median(figures[name]) for name in places)
    print(f"{date.today()}, Python {platform.python_version()}, {platform.machine()}, medians of {options.turns}")
    print(f"submits a second at saturation: here {here:,.0f}, there {there:,.0f}, ratio {here / there:.2f}")


if __name__ == "__main__":
    main()
