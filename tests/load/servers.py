"""How is a server under test started, watched and stopped? Each on 127.0.0.1, in a group of its own, in a new folder."""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from support.ports import free_port

HERE = Path(__file__).parent
OTREE = "otree>=6,<7"
WAIT = 120.0  # seconds for a server to answer; the machine may be busy


class CannotRun(Exception):
    """A sentence: why a server can't be measured here."""


@dataclass(frozen=True)
class Server:
    """A running server: its process (it leads its group), address, what it printed, and what it told at the start."""

    process: subprocess.Popen
    base: str
    log: Path
    told: dict[str, str]


@dataclass(frozen=True)
class Usage:
    """Memory of a process and its children, MB, now and at most, and their CPU seconds; NaN where there is no /proc."""

    rss: float
    peak: float
    cpu: float
    processes: int


def cache_folder() -> Path:
    """Where oTree's environment and the runs' databases are: outside the repository, on a disk."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "trainkit-load"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def filesystem(folder: Path) -> str:
    """The kind of file system a folder is on (``ext4``, ``tmpfs`` …); ``unknown`` where the system doesn't say."""
    try:
        mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    except OSError:
        return "unknown"
    holding = [(Path(m[1]), m[2]) for m in mounts if folder.resolve().is_relative_to(m[1])]
    return max(holding, key=lambda mount: len(mount[0].parts))[1] if holding else "unknown"


# ---- watching ----------------------------------------------------------------------------------------------------


def usage(pid: int) -> Usage:
    """What a process and all its children use.

    The memory of children is added up, so pages they share are counted more than once. CPU seconds of children that have
    ended are in their parent's.
    """
    seen, waiting = [], [pid]
    rss = peak = cpu = 0.0
    tick = os.sysconf("SC_CLK_TCK")
    while waiting:
        one = waiting.pop()
        try:
            status = Path(f"/proc/{one}/status").read_text()
            stat = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            children = [task.read_text() for task in Path(f"/proc/{one}/task").glob("*/children")]
        except OSError:
            continue
        waiting += [int(child) for line in children for child in line.split()]
        seen.append(one)
        cpu += sum(int(ticks) for ticks in stat[11:15]) / tick
        rss += _megabytes(status, "VmRSS")
        peak += _megabytes(status, "VmHWM")
    return Usage(rss, peak, cpu, len(seen)) if seen else Usage(math.nan, math.nan, math.nan, 0)


def _megabytes(status: str, name: str) -> float:
    found = re.search(rf"^{name}:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) * 1024 / 1e6 if found else 0.0


def first_byte(port: int, process: subprocess.Popen) -> float:
    """Wait for the first byte of ``GET /``; the time it came at.

    Raises
    ------
    CannotRun
        If the process ends before, or nothing has come after so long.
    """
    end = time.perf_counter() + WAIT
    while time.perf_counter() < end:
        if process.poll() is not None:
            raise CannotRun(f"{' '.join(map(str, process.args))} ended with {process.returncode} before it answered")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=WAIT) as line:
            line.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
            if line.recv(1):
                return time.perf_counter()
        time.sleep(0.002)
    raise CannotRun(f"{' '.join(map(str, process.args))} did not answer within {WAIT:.0f} s")


@contextlib.contextmanager
def _running(command: Sequence[str | Path], port: int, folder: Path, env: dict[str, str]) -> Iterator[Server]:
    log = folder / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=folder,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **env},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        began = time.perf_counter()
        try:
            try:
                took = first_byte(port, process) - began
            except CannotRun as error:
                said = log.read_text(errors="replace").strip().splitlines()
                raise CannotRun(f"{error}. Its last words: {said[-1] if said else 'none'}") from None
            yield Server(process, f"http://127.0.0.1:{port}", log, {"first byte": f"{took:.3f}"})
        finally:
            for kind in (signal.SIGTERM, signal.SIGKILL):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, kind)  # its own group: start_new_session
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(10)
                    break


# ---- the three servers -------------------------------------------------------------------------------------------


@contextlib.contextmanager
def bare(folder: Path, fault: str = "") -> Iterator[Server]:
    """The least server that has an exercise's shape, for the client's own limit."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "--app-dir", HERE, "bare:app", "--port", str(port), "--no-access-log"]
    with _running(command, port, folder, {"LOAD_FAULT": fault}) as server:
        yield server


@contextlib.contextmanager
def trainkit(folder: Path, case: Path | Sequence[str], places: int, files: int | None = None) -> Iterator[Server]:
    """``trainkit class`` for so many people over a new SQLite file; ``told`` has ``address``, ``code`` and ``remote``.

    It may have so many ``files`` open, if a number is given.
    """
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "trainkit",
        "class",
        *([case] if isinstance(case, Path) else case),
        "--no-lobby",
        "--story",
        "own",
        "--json",
        "--host",
        "127.0.0.1",
    ]
    command += ["--port", str(port), "--places", str(places), "--database", folder / "class.sqlite3"]
    if files is not None:
        limited = (
            f"import os, resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, ({files}, {files})); "
            "os.execv(sys.argv[1], sys.argv[1:])"
        )
        command = [sys.executable, "-c", limited, *command]
    with _running(command, port, folder, {"TRAINKIT_DATABASE": str(folder / "class.sqlite3")}) as server:
        end = time.perf_counter() + WAIT
        while not {"code", "remote"} <= server.told.keys():
            for line in server.log.read_text(errors="replace").splitlines(keepends=True):
                if line.startswith("{") and line.endswith("}\n"):
                    server.told.update(json.loads(line))
            if time.perf_counter() > end:
                raise CannotRun("`trainkit class` printed no line of JSON with `code` and `remote`")
            time.sleep(0.01)
        yield server


def otree_environment(say=print) -> Path:
    """The ``bin`` folder of oTree's own virtual environment; made at the first call, with pip.

    Raises
    ------
    CannotRun
        If it can't be installed.
    """
    venv = cache_folder() / "otree-venv"
    programs = venv / "bin"
    if not (programs / "otree").exists():
        say(f"installing {OTREE} into {venv} …")
        for command in (
            [sys.executable, "-m", "venv", "--clear", venv],
            [programs / "python", "-m", "pip", "install", "--quiet", OTREE],
        ):
            done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
            if done.returncode:
                raise CannotRun(f"oTree could not be installed: {(done.stderr or done.stdout).strip()[-300:]}")
    return programs


@contextlib.contextmanager
def otree(folder: Path, participants: int, say=print) -> Iterator[Server]:
    """``otree prodserver``, as its documentation has it for studies, over its default SQLite file; ``told`` has ``join``.

    The project is made by ``otree startproject``, our app is put into it; the session by its REST interface.
    """
    programs = otree_environment(say)
    key = secrets.token_hex(8)
    env = {
        "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}",  # prodserver starts a second `otree` of its own
        "OTREE_PRODUCTION": "1",
        "OTREE_REST_KEY": key,
        "OTREE_SECRET_KEY": key,
    }
    for command, where in ((["startproject", "--noinput", "project"], folder), (["resetdb", "--noinput"], None)):
        project = folder / "project"
        done = subprocess.run(
            [str(programs / "otree"), *command],
            cwd=where or project,
            env={**os.environ, **env},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise CannotRun(f"`otree {command[0]}` failed: {done.stderr.strip()[-300:]}")
        if where:
            shutil.copytree(
                HERE / "otree_app", project, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
            )
    port = free_port()
    with _running([programs / "otree", "prodserver", f"127.0.0.1:{port}"], port, project, env) as server:
        asked = urllib.request.Request(
            f"{server.base}/api/sessions",
            json.dumps({"session_config_name": "parcel", "num_participants": participants}).encode(),
            {"otree-rest-key": key, "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(asked, timeout=300) as answer:
            server.told["join"] = json.load(answer)["session_wide_url"].removeprefix(server.base)
        yield server


def otree_version() -> str:
    """What `otree --version` says, with the Starlette and uvicorn it brings."""
    listed = subprocess.run(
        [str(otree_environment() / "python"), "-m", "pip", "list", "--format", "json"], capture_output=True, text=True
    )
    found = {entry["name"].lower(): entry["version"] for entry in json.loads(listed.stdout or "[]")}
    return ", ".join(
        f"{name} {found[name]}" for name in ("otree", "starlette", "uvicorn", "sqlalchemy") if name in found
    )
