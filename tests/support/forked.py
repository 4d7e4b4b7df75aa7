"""How does a test begin ``trainkit`` a hundred times? Each is a process of its own, forked where the libraries are loaded.

Two thirds of the time in which a server begins is spent on loading what it stands on (SQLAlchemy, Pydantic, Starlette…),
always with the same result. :func:`begin` asks a process that has loaded that, and nothing of trainkit, to fork itself: the
fork gets the line, folder, environment and files, and runs ``python -m trainkit`` from its first import on. Not so where
something is in the environment that a Python reads when it begins, and outside Linux: there a new Python begins.

All forks of a parent have one seed of hashes. Where it matters that two servers agree, one of them is a new Python.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]
LIBRARIES = """
    asyncio click jinja2 pydantic sqlalchemy sqlalchemy.dialects.sqlite sqlite3 yaml
    starlette.applications starlette.formparsers starlette.middleware starlette.requests starlette.responses
    starlette.routing uvicorn uvicorn.protocols.http.httptools_impl uvloop
"""
READ_AT_THE_BEGINNING = ("PYTHON", "LD_", "LC_", "LANG", "FAKETIME", "TZ")
MESSAGE = 1 << 20


# ---- in a test ------------------------------------------------------------------------------------------------------


class Forked:
    """What a test needs of :class:`subprocess.Popen`."""

    def __init__(self, pid: int, ended: socket.socket, stdout: int):
        self.pid, self._ended, self.returncode = pid, ended, None
        self.stdout = os.fdopen(stdout, "rb")

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code; of a signal the negative number."""
        if self.returncode is None:
            if not select.select([self._ended], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("trainkit", timeout)
            self.returncode = int(self._ended.recv(64) or -signal.SIGKILL)
            self._ended.close()
        return self.returncode

    def poll(self) -> int | None:
        """Its exit code if it has ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.wait(0)

    def send_signal(self, how: int) -> None:
        """Send it a signal unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, how)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


def command(*arguments: object) -> list[str]:
    """``trainkit`` with these arguments, as a new Python."""
    return [sys.executable, "-m", "trainkit", *map(str, arguments)]


def begin(
    arguments: Sequence[object], environment: dict[str, str], errors: IO[bytes], new: bool = False
) -> Forked | subprocess.Popen:
    """``python -m trainkit`` with a pipe as its output; ``new``: a new Python."""
    line = [*map(str, arguments)]
    if new or sys.platform != "linux" or _at_the_beginning(environment) != _at_the_beginning(_ENVIRONMENT):
        return subprocess.Popen(command(*line), cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=errors)
    read, write = os.pipe()
    mine, its = socket.socketpair()
    with its:
        asked = json.dumps({"line": line, "environment": environment}).encode()
        socket.send_fds(_parent(), [asked], [write, errors.fileno(), its.fileno()])
    os.close(write)
    return Forked(int(mine.recv(64)), mine, read)


_ENVIRONMENT = dict(os.environ)  # as the parent of all forks has it


def _at_the_beginning(environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(READ_AT_THE_BEGINNING)}


_PARENT: list[socket.socket] = []
_ONE_PARENT = threading.Lock()


def _parent() -> socket.socket:
    with _ONE_PARENT:
        if not _PARENT:
            mine, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with its:
                line = [sys.executable, __file__, str(its.fileno())]
                nothing = subprocess.DEVNULL
                process = subprocess.Popen(
                    line, pass_fds=[its.fileno()], stdin=nothing, stdout=nothing, env=_ENVIRONMENT, cwd=ROOT
                )
            _PARENT.append(mine)
            atexit.register(_end, mine, process)
        return _PARENT[0]


def _end(parent: socket.socket, process: subprocess.Popen) -> None:
    parent.close()  # it ends when nobody can ask it any more
    process.wait(10)


# ---- in the process that forks ----------------------------------------------------------------------------------------


def serve(asking: socket.socket) -> None:
    """Fork for each message; tell each one's asker its number, and later how it ended."""
    sys.path[:] = [str(Path.cwd()), *sys.path[1:]]  # as of `python -m`
    for library in LIBRARIES.split():
        with contextlib.suppress(ImportError):
            __import__(library)
    running: dict[int, socket.socket] = {}
    woken, wake = socket.socketpair()
    wake.setblocking(False)
    signal.set_wakeup_fd(wake.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for pytest
    while True:
        if asking in select.select([asking, woken], [], [])[0]:
            message, files, _, _ = socket.recv_fds(asking, MESSAGE, 3)
            if not message:
                return
            if not (pid := os.fork()):
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                signal.signal(signal.SIGINT, signal.default_int_handler)
                for one in (asking, woken, wake, *running.values()):
                    one.close()
                os._exit(_run(json.loads(message), *files))
            output, errors, asker = files
            os.close(output)
            os.close(errors)
            running[pid] = socket.socket(fileno=asker)
            running[pid].send(str(pid).encode())
        else:
            woken.recv(4096)
        while running:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            with running.pop(pid) as asker, contextlib.suppress(OSError):
                asker.send(str(os.waitstatus_to_exitcode(status)).encode())


def _run(asked: dict, output: int, errors: int, asker: int) -> int:
    """``python -m trainkit``, to the end of a Python."""
    import runpy

    os.close(asker)
    for number, name, file, buffered in ((1, "stdout", output, -1), (2, "stderr", errors, 1)):
        os.dup2(file, number)
        os.close(file)
        how = getattr(sys, name)
        stream = open(number, "w", buffered, encoding=how.encoding, errors=how.errors, closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = ["trainkit", *asked["line"]]
    code = 0
    try:
        runpy.run_module("trainkit", run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return code


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
