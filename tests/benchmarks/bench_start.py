"""How long starting takes: ``import trainkit`` and loading the whole casebook. Prints; asserts nothing."""

import platform
import statistics
import subprocess
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[2]


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


if __name__ == "__main__":
    load = "[casebook.load_case(name) for name in casebook.case_ids()]"
    casebook = "from trainkit.files import casebook"
    engine = f"{casebook}; import trainkit.engine.attempt, trainkit.scoring.formulas"
    print(
        f"{date.today()}, Python {platform.python_version()}, {platform.machine()}, median of 15 fresh processes, seconds"
    )
    print(f"import trainkit                          {median(timed('', 'import trainkit')):.4f}   (goal 0.10)")
    print(f"peer: import json, argparse              {median(timed('', 'import json, argparse')):.4f}")
    print(f"import the engine (pydantic, PyYAML)     {median(timed('', engine)):.4f}")
    print(f"load the whole casebook, both languages  {median(timed(casebook, load)):.4f}   (goal 0.30)")
    names = median("from trainkit.files import casebook; print(len(casebook.case_ids()))")
    size = sum(file.stat().st_size for file in (ROOT / "casebook").glob("*/*.yml")) / 1000
    print(f"                                         ({names:.0f} cases, {size:.0f} kB)")
    loader = "getattr(yaml, 'CSafeLoader', yaml.SafeLoader)"
    parse = f"for f in pathlib.Path('casebook').glob('*/*.yml'): yaml.load(f.read_text('utf-8'), {loader})"
    print(f"peer: PyYAML C loader alone, same files  {median(timed('import yaml, pathlib', parse)):.4f}")
