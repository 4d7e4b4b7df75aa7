"""How long starting takes: ``import trainkit`` and loading the whole casebook. Prints; asserts nothing.

    python tests/benchmarks/bench_start.py
    python tests/benchmarks/bench_start.py --against CHECKOUT [--python PYTHON]

``--against`` times ``import trainkit`` and ``trainkit --help`` here and in another checkout, a fresh process each, in turns.
"""

import os
import platform
import statistics
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

from checkouts import ROOT, in_turn, parser, sides
from figures import Figure, table

sys.path.insert(0, str(ROOT / "tests"))
from support.places import module_of

TITLE = "Starting"


def median(code: str, runs: int = 15) -> float:
    """Median seconds that ``code`` reports, each time in a fresh Python."""
    done = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
        for _ in range(runs)
    ]
    return statistics.median(float(one.stdout) for one in done)


def timed(setup: str, statement: str) -> str:
    """Code that prints the seconds of a statement."""
    return f"import time\n{setup}\nt = time.perf_counter()\n{statement}\nprint(time.perf_counter() - t)"


def seconds(checkout: Path, python: str, *arguments: str) -> float:
    """What a fresh Python prints, or takes if it prints no number, with a checkout's ``src`` on its path."""
    environment = os.environ | {"PYTHONPATH": str(checkout / "src")}
    start = time.perf_counter()
    done = subprocess.run([python, *arguments], capture_output=True, text=True, check=True, env=environment)
    took = time.perf_counter() - start
    return float(done.stdout) if arguments[0] == "-c" else took


def beside(places: dict[str, tuple[Path, str]], turns: int = 25) -> None:
    """Print medians and ratios of this checkout and another one."""
    print(f"{date.today()}, Python {platform.python_version()}, {platform.machine()}, medians of {turns}, seconds")
    print(f"{'':<24}{'here':>8}{'there':>8}{'ratio':>8}")
    for label in ("import trainkit", "trainkit --help"):
        times: dict[str, list[float]] = {name: [] for name in places}
        for turn in range(turns + 1):
            for name, (checkout, interpreter) in in_turn(places.items(), turn):
                importing = label.startswith("import")
                code = ("-c", timed("", label)) if importing else ("-m", module_of(checkout), "--help")
                times[name].append(seconds(checkout, interpreter, *code))
        here, there = (statistics.median(times[name][1:]) for name in places)  # the first one fills the disk's cache
        print(f"{label:<24}{here:8.4f}{there:8.4f}{here / there:8.2f}")


def figures(quick: bool = False) -> list[Figure]:
    """Seconds to import and to load, medians of fresh processes."""
    runs = 3 if quick else 15
    casebook = "from trainkit.files import casebook"
    load = "[casebook.load_case(name) for name in casebook.case_ids()]"
    engine = f"{casebook}; import trainkit.engine.attempt, trainkit.scoring.formulas"
    loader = "getattr(yaml, 'CSafeLoader', yaml.SafeLoader)"
    parse = f"for f in pathlib.Path('casebook').glob('*/*.yml'): yaml.load(f.read_text('utf-8'), {loader})"
    few, alone = median(timed("", "import json, argparse"), runs), median(timed("import yaml, pathlib", parse), runs)
    return [
        Figure("import trainkit", median(timed("", "import trainkit"), runs), "s", "import json, argparse", few, 0.1, False),
        Figure("import the engine (pydantic, PyYAML)", median(timed("", engine), runs), "s"),
        Figure("load the whole casebook, both languages", median(timed(casebook, load), runs), "s",
               "PyYAML C loader alone, same files", alone, 0.3, False),
    ]  # fmt: skip


def main() -> None:
    """Run it all and print a table."""
    options = parser(__doc__).parse_args()
    if options.against:
        beside(sides(options))
        return
    print(f"{date.today()}, Python {platform.python_version()}, {platform.machine()}, median of 15 fresh processes")
    print(table(figures()))


if __name__ == "__main__":
    main()
