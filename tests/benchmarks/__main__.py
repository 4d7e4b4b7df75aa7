"""Every figure beside its peer, in one table: ``python -m tests.benchmarks [--quick] [--only NAME]… [--keep]``.

Each benchmark runs in a process of its own, one after the other. ``--quick`` shows that they work (its figures say little and
are never kept), ``--only`` takes those whose name has these letters, ``--keep`` writes what was seen to
``tests/benchmarks/RESULTS.md``, with machine and date. Goals that are missed don't change the exit code; a benchmark that
fails does.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from figures import Figure, kept, machine, table  # noqa: E402

NAMES = tuple(sorted(file.stem for file in HERE.glob("bench_*.py")))
RESULTS = HERE / "RESULTS.md"
PAGE = """# What the benchmarks have shown

Made by `python -m tests.benchmarks --keep`; a figure stands beside its peer of the same run.
"""


def measured(name: str, quick: bool) -> list[Figure]:
    """The figures of one benchmark, in a process of its own."""
    command = [sys.executable, "-W", "ignore", str(Path(__file__)), "--one", name, *(["--quick"] if quick else [])]
    done = subprocess.run(command, capture_output=True, text=True, cwd=HERE.parents[1])
    if done.returncode:
        raise RuntimeError(done.stderr.strip()[-2000:] or f"exit code {done.returncode}")
    return [Figure(**row) for row in json.loads(done.stdout.splitlines()[-1])]


def main() -> int:
    """Run what was asked for; print the table, and keep it if that was asked for."""
    line = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    line.add_argument("--quick", action="store_true")
    line.add_argument("--only", action="append", default=[], metavar="NAME")
    line.add_argument("--keep", action="store_true")
    line.add_argument("--one", help=argparse.SUPPRESS)
    given = line.parse_args()
    if given.one:
        print(json.dumps([asdict(one) for one in importlib.import_module(given.one).figures(given.quick)]))
        return 0
    if given.quick and given.keep:
        line.error("figures of --quick say little: they are not kept")
    names = [name for name in NAMES if not given.only or any(part in name for part in given.only)]
    if not names:
        line.error(f"no benchmark of that name; there are {', '.join(NAMES)}")
    seen, failed = [], 0
    print(machine())
    for name in names:
        begun, told = time.perf_counter(), machine()
        try:
            figures = measured(name, given.quick)
        except RuntimeError as error:
            failed += 1
            print(f"{name}: {error}", file=sys.stderr)
            continue
        print(f"{name}: {len(figures)} figures in {time.perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
        seen += figures
        if given.keep:
            page = RESULTS.read_text("utf-8") if RESULTS.exists() else PAGE
            title = importlib.import_module(name).TITLE
            RESULTS.write_text(kept(page, name, title, f"{told}\n\n{table(figures)}"), "utf-8")
    print(table(seen))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
