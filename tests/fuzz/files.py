"""Are broken files told in a sentence, all of them, in bounded time and memory? ``python -m tests.fuzz.files --count 5000``.

Each file is made from a seed and its number, so a finding is made again by ``--seed S --from N --count 1``. A finding is any
exception but TrainkitError (a traceback), something accepted that can't be (``Nonsense``), more than SECONDS, more
than MEGABYTES beyond what the program itself takes, a death of the process.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECONDS, MEGABYTES = 20, 1_500


class TooSlow(BaseException):
    """It took longer than SECONDS."""


def main() -> int:
    """Break so many files and tell what came of it; 1 if there is a finding."""
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz.files", description=__doc__)
    asked.add_argument("--count", type=int, default=5000)
    asked.add_argument("--from", dest="first", type=int, default=0)
    asked.add_argument("--seed", type=int, default=17)
    asked.add_argument("--only", default="", help="one kind of file")
    asked.add_argument("--keep", type=Path, help="a folder for the files that were findings")
    asked.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    how = asked.parse_args()
    if how.worker:
        return _work(how)
    began = time.monotonic()
    told, findings = _all(how)
    print(report(told, findings, how, time.monotonic() - began))
    return 1 if findings else 0


def report(told: dict[str, Counter], findings: list[dict], how: argparse.Namespace, took: float) -> str:
    """A table of what came of each kind of file, and every finding."""
    rows = [
        "| file | broken | refused in a sentence | accepted | findings | slowest | most memory |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, one in sorted(told.items()):
        total = one["refused"] + one["accepted"] + one["findings"]
        rows.append(
            f"| {name} | {total:,} | {one['refused']:,} | {one['accepted']:,} | {one['findings']:,} | "
            f"{one['slowest'] / 1000:.1f} s | {one['memory']:,} MB |"
        )
    everything = sum(one["refused"] + one["accepted"] + one["findings"] for one in told.values())
    rows += ["", f"{everything:,} files, seed {how.seed}, {took / 60:.1f} minutes: {len(findings)} findings."]
    for one in findings:
        rows += ["", f"- {one['name']} {one['number']}: {one['what']}"]
    return "\n".join(rows)


def _all(how: argparse.Namespace) -> tuple[dict[str, Counter], list[dict]]:
    told: dict[str, Counter] = {}
    findings: list[dict] = []
    at, end = how.first, how.first + how.count
    while at < end:
        command = [
            sys.executable,
            "-m",
            "tests.fuzz.files",
            "--worker",
            "--from",
            str(at),
            "--count",
            str(min(500, end - at)),
            "--seed",
            str(how.seed),
        ]
        command += ["--only", how.only] if how.only else []
        command += ["--keep", str(how.keep.resolve())] if how.keep else []
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, cwd=ROOT, stderr=subprocess.DEVNULL
        ) as worker:
            assert worker.stdout is not None
            current: dict = {}
            for line in worker.stdout:
                if not line.startswith("{"):
                    continue
                one = json.loads(line)
                if "began" in one:
                    current, at = one, one["began"] + 1
                    continue
                current = {}
                counts = told.setdefault(one["name"], Counter())
                counts[one["came"]] += 1
                counts["slowest"] = max(counts["slowest"], one["ms"])
                counts["memory"] = max(counts["memory"], one["mb"])
                if one["came"] == "findings":
                    findings.append(one)
                    print(f"{one['name']} {one['number']}: {one['what']}", file=sys.stderr, flush=True)
        if current:  # the process died with this one
            findings.append(
                {"name": current["name"], "number": current["began"], "what": f"the process died ({worker.returncode})"}
            )
            told.setdefault(current["name"], Counter())["findings"] += 1
        elif worker.returncode:
            raise SystemExit(f"the worker ended with {worker.returncode} before file {at}")
    return told, findings


# ---- in the process that reads --------------------------------------------------------------------------------------


def _work(how: argparse.Namespace) -> int:
    from tests.fuzz.readers import READERS

    os.environ["TRAINKIT_DATABASE"] = str(Path(tempfile.gettempdir()) / f"trainkit-fuzz-{os.getpid()}.sqlite3")
    signal.signal(signal.SIGALRM, _too_slow)
    readers = [one for one in READERS if how.only in ("", one.name)]
    weights = [one.weight for one in readers]
    _warm(readers)
    limit = _memory() + MEGABYTES
    resource.setrlimit(resource.RLIMIT_AS, (_address_space() + MEGABYTES * 2**20,) * 2)
    for number in range(how.first, how.first + how.count):
        dice = random.Random(f"{how.seed} {number}")
        reader = dice.choices(readers, weights)[0]
        print(json.dumps({"began": number, "name": reader.name}), flush=True)
        folder = Path(tempfile.mkdtemp(prefix="trainkit-fuzz-"))
        try:
            reader.make(folder, dice)
            began = time.monotonic()
            came, what = _read(reader, folder, dice)
            ms = round(1000 * (time.monotonic() - began))
            if _memory() > limit:
                came, what = "findings", f"{_memory()} MB"
            if came == "findings" and how.keep:
                shutil.copytree(folder, how.keep / f"{reader.name.replace(' ', '_')}-{number}", dirs_exist_ok=True)
            done = {"number": number, "name": reader.name, "came": came, "ms": ms, "mb": _memory(), "what": what}
            print(json.dumps(done), flush=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


def _read(reader: object, folder: Path, dice: random.Random) -> tuple[str, str]:
    from tests.fuzz.readers import Nonsense
    from trainkit.errors import TrainkitError

    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        reader.read(folder, dice)  # type: ignore[attr-defined]
        return "accepted", ""
    except TrainkitError as error:
        said = str(error)
        return ("refused", "") if said.strip() and "Traceback" not in said else ("findings", f"no sentence: {said!r}")
    except Nonsense as error:
        return "findings", f"accepted: {error}"
    except TooSlow:
        return "findings", f"over {SECONDS} s, in {_where()}"
    except BaseException as error:
        return "findings", f"{type(error).__name__}: {str(error)[:200]} ({_where()})"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _where() -> str:
    """The last place in our own code, and the very last."""
    places = [f"{Path(one.filename).name}:{one.lineno}" for one in traceback.extract_tb(sys.exc_info()[2])]
    ours = [
        f"{Path(one.filename).name}:{one.lineno}"
        for one in traceback.extract_tb(sys.exc_info()[2])
        if "trainkit" in one.filename
    ]
    return f"{' '.join(ours[-2:])}; {places[-1] if places else ''}"


def _too_slow(_number: int, _frame: object) -> None:
    raise TooSlow


def _warm(readers: list) -> None:
    """Import what is imported late, so that no file is blamed for it."""
    for one in readers:
        folder = Path(tempfile.mkdtemp(prefix="trainkit-fuzz-"))
        try:
            one.make(folder, random.Random(0))
            _read(one, folder, random.Random(0))
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _memory() -> int:
    """The most that this process has ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _address_space() -> int:
    return int(Path("/proc/self/statm").read_text("utf-8").split()[0]) * resource.getpagesize()


if __name__ == "__main__":
    sys.exit(main())
