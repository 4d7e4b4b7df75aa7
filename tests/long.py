"""The whole matrices that are too long for CI: every page, every case, every walk; CI has a part of each.

    python -m tests.long                  all of them, file after file
    python -m tests.long looks site       those whose path has one of these words
    python -m tests.long --save           … and keep what came out in tests/LONG.md, a row a file, at once after each
    python -m tests.long --save --rest    go on after an interruption: without the rows kept for this commit

What is long has the mark ``long`` (``pytest -m long`` runs it without keeping anything); with it go the properties, which get
a fifth of their examples elsewhere. Exit code 1 if anything failed.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests")]

from support.examples import THOROUGH  # noqa: E402

KEPT = Path(__file__).with_name("LONG.md")
HEAD = """\
| file | tests | failed | skipped | seconds | commit | day, machine |
| --- | ---: | ---: | ---: | ---: | --- | --- |"""
PYTEST = (sys.executable, "-m", "pytest", "-m", "long or hypothesis", "--numprocesses=0")


def files() -> list[str]:
    """The files that have long tests, by pytest's own collection."""
    asked = subprocess.run([*PYTEST, "--collect-only", "-q", "tests"], cwd=ROOT, capture_output=True, text=True)
    found = dict.fromkeys(line.partition("::")[0] for line in asked.stdout.splitlines() if "::" in line)
    if not found:
        raise SystemExit(asked.stdout[-2000:] + asked.stderr[-2000:] or "No test has the mark `long`.")
    return list(found)


def commit() -> str:
    """The commit that is checked out, without those that only kept what came out; with a plus if anything isn't committed."""

    def git(*words: str) -> str:
        said = subprocess.run(
            ["git", *words, "--", ".", f":!tests/{KEPT.name}"], cwd=ROOT, capture_output=True, text=True
        )
        return said.stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no")
    return (git("log", "-1", "--format=%h") or "unknown") + ("+" if changed else "")


def run(file: str) -> tuple[int, int, int, float]:
    """Tests, failures, skips and seconds of one file; pytest says on the terminal what it does."""
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        thorough = os.environ | {THOROUGH: "1"}
        code = subprocess.run([*PYTEST, f"--junitxml={report}", file], cwd=ROOT, env=thorough).returncode
        suites = list(ElementTree.parse(report).iter("testsuite")) if report.exists() else []
    tests, bad, errors, skipped = (
        sum(int(one.get(name, 0)) for one in suites) for name in ("tests", "failures", "errors", "skipped")
    )
    ended_early = not suites or (code not in (0, 1) and not errors)
    return tests, bad + errors + ended_early, skipped, time.perf_counter() - begun


def rows() -> dict[str, str]:
    """The rows that are kept, by file."""
    text = KEPT.read_text("utf-8") if KEPT.exists() else ""
    return {found[1]: found[0] for found in re.finditer(r"^\| (tests/\S+) \|.*$", text, re.M)}


def keep(kept: dict[str, str]) -> None:
    """Write the page."""
    about = __doc__.partition("\n\n")[0]
    table = "\n".join([HEAD, *(kept[file] for file in sorted(kept))])
    KEPT.write_text(f"# Whole matrices\n\n{about} Made by `python -m tests.long --save`.\n\n{table}\n", "utf-8")


def main(words: Sequence[str] | None = None) -> int:
    """Run what was asked for; 0 if all passed."""
    about, _, examples = __doc__.partition("\n\n")
    line = argparse.ArgumentParser(
        prog="python -m tests.long", description=about, epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    line.add_argument("word", nargs="*", help="files whose path has it")
    line.add_argument("--save", action="store_true", help="keep what came out in tests/LONG.md")
    line.add_argument("--rest", action="store_true", help="leave out what is kept for this commit")
    asked = line.parse_args(words)
    kept, now = rows(), commit()
    chosen = [file for file in files() if not asked.word or any(word in file for word in asked.word)]
    if not chosen:
        line.error(f"no file with long tests has {' or '.join(asked.word)} in its path; there are {', '.join(files())}")
    if asked.rest:
        chosen = [file for file in chosen if f"| {now} |" not in kept.get(file, "")]
    machine = f"{date.today()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    worst = 0
    print(f"{now}, {machine}: {len(chosen)} files", flush=True)
    for number, file in enumerate(chosen, 1):
        print(f"\n{number} of {len(chosen)}: {file}", flush=True)
        tests, failed, skipped, seconds = run(file)
        worst = worst or int(failed > 0)
        row = f"| {file} | {tests} | {failed} | {skipped} | {seconds:.0f} | {now} | {machine} |"
        print(f"{HEAD}\n{row}", flush=True)
        if asked.save:
            kept[file] = row
            keep(kept)
    return worst


if __name__ == "__main__":
    sys.exit(main())
