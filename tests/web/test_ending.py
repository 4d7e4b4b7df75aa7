"""A class that is stopped ends at once, whoever is in the middle of a request; and with whoever has begun it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from support.class_server import HOST, PARCEL, URLENCODED, Server, environment
from support.ports import free_port

QUICK = 4.0  # seconds on a busy machine; uvicorn's patience is 5


@pytest.mark.slow
@pytest.mark.parametrize("sent", ["half a body", "half a head", "an answer nobody takes", "a body after one answer"])
def test_who_is_in_the_middle_keeps_no_class_from_ending(tmp_path, sent):
    server = Server(tmp_path).start()
    browser = server.playing("Ирис")
    head = f"POST /play HTTP/1.1\r\nHost: a\r\nContent-Type: {URLENCODED}\r\nContent-Length: 5000\r\n\r\nstep=1"
    sent_bytes = {
        "half a body": head,
        "half a head": head[:60],
        "an answer nobody takes": "GET /tk.css HTTP/1.1\r\nHost: a\r\n\r\n" * 300,
        "a body after one answer": f"GET / HTTP/1.1\r\nHost: a\r\n\r\n{head}",
    }[sent].encode()
    with contextlib.ExitStack() as stack:
        for _ in range(10):
            one = socket.socket()
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            stack.enter_context(one).connect((HOST, server.port))
            one.sendall(sent_bytes)
        assert browser.get("/play").status == 200
        began = time.monotonic()
        server.stop()
        took = time.monotonic() - began
    assert took < QUICK, took
    assert "Traceback" not in server.complaints() and "Cancel" not in server.complaints(), server.complaints()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_class_ends_with_the_kernel_that_began_it(tmp_path):
    """The kernel is killed: nothing in it can end the server any more; its pipe is closed by the system."""
    port, database = free_port(), tmp_path / "log.sqlite3"
    kernel = subprocess.Popen(
        [sys.executable, "-c", KERNEL, PARCEL, str(port), str(database)],
        stdout=subprocess.PIPE, text=True, env=environment() | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    with kernel:
        server = int(kernel.stdout.readline())
        with socket.create_connection((HOST, port), timeout=5):
            pass
        kernel.send_signal(signal.SIGKILL)
    began = time.monotonic()
    while is_there(server):
        assert time.monotonic() - began < 10, "the server goes on without its kernel"
        time.sleep(0.05)
    with pytest.raises(OSError):
        socket.create_connection((HOST, port), timeout=1)
    assert not [one for one in tmp_path.glob("log.sqlite3-*") if one.stat().st_size], (
        "it has taken everything into the file"
    )


KERNEL = """
import sys, time
from trainkit.notebook.workshop import workshop
case, port, database = sys.argv[1:]
room = workshop([case], "ru", host="127.0.0.1", port=int(port), database=database)
room.start()
print(room._server.pid, flush=True)
time.sleep(600)
"""


def is_there(pid: int) -> bool:
    """Whether a process runs; one that has ended and whose parent is gone may still be listed."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/stat") as told:
        return told.read().rpartition(")")[2].split()[0] != "Z"
    return False
