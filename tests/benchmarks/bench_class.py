"""How many submits a second a class server takes at most, beside another checkout's, in turns. Prints; asserts nothing.

    python tests/benchmarks/bench_class.py --against CHECKOUT [--python PYTHON] [--turns N]

Each turn is the row ``trainkit-saturated-64`` of ``tests/load/run.py`` of either checkout, with its own interpreter: 64
trainees who answer at once, for some seconds, against a real server. Run it on a machine that does nothing else.
"""

import platform
import re
import statistics
import subprocess
import sys
from datetime import date
from pathlib import Path

from checkouts import ROOT, in_turn, parser, sides
from figures import Figure

TITLE = "A class server at saturation"
ROW = "trainkit-saturated-64"
OURS, READY = "trainkit-two-clients-64", "bare-two-clients-64"  # the one answers, the other has ready pages


def submits_per_second(checkout: Path, python: str, row: str = ROW) -> float:
    """What the load client of a checkout measures at its own server."""
    command = [python, "tests/load/run.py", "--only", row]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True)
    said = re.search(r"submits/s ([\d,.]+)", done.stdout + done.stderr)
    if said is None:
        raise SystemExit(f"no figure of {row} from {checkout}: {done.stderr.strip()[-1500:] or done.stdout[-1500:]}")
    return float(said[1].replace(",", ""))


def figures(quick: bool = False) -> list[Figure]:
    """Submits a second that the class takes, beside a server of ready pages by the same two clients; as long when quick."""
    ours, ready = (submits_per_second(ROOT, sys.executable, row) for row in (OURS, READY))
    return [Figure("submits at saturation, two clients", ours, "/s", "ready pages", ready, 0.9, more=True)]


def main() -> None:
    """Run it all and print a table."""
    line = parser(__doc__, required=True)
    line.add_argument("--turns", type=int, default=7, help="turns of each (default 7)")
    options = line.parse_args()
    places = sides(options)
    figures: dict[str, list[float]] = {name: [] for name in places}
    for turn in range(options.turns):
        for name, place in in_turn(places.items(), turn):
            figures[name].append(submits_per_second(*place))
        print(f"turn {turn + 1}: here {figures['here'][-1]:,.0f}, there {figures['there'][-1]:,.0f}", flush=True)
    here, there = (statistics.median(figures[name]) for name in places)
    print(f"{date.today()}, Python {platform.python_version()}, {platform.machine()}, medians of {options.turns}")
    print(f"submits a second at saturation: here {here:,.0f}, there {there:,.0f}, ratio {here / there:.2f}")


if __name__ == "__main__":
    main()
