"""The server a notebook starts: what it tells the notebook, and what is said when it can't start."""

import contextlib
import io
import re
import socket

from support.command_line import PARCEL
from support.ports import HOST, free_port

from trainkit.cli.workshop import say_why_nobody_comes
from trainkit.log.store import Log
from trainkit.notebook.workshop import workshop
from trainkit.room.members import add_member
from trainkit.room.workshops import create, parts_of


def test_the_notebook_learns_how_to_join(tmp_path):
    port = free_port()
    room = workshop([PARCEL], "ru", host=HOST, port=port, database=str(tmp_path / "log.sqlite3"))
    room.start()
    try:
        assert room.running and room.address == f"http://{HOST}:{port}"
        assert re.fullmatch(r"\d{3} \d{3}", room.code) and room.remote.startswith(f"{room.address}/t/")
    finally:
        room.stop()
    assert not room.running


def test_what_keeps_the_server_from_starting_is_said(tmp_path):
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        room = workshop([PARCEL], "ru", host=HOST, port=port, database=str(tmp_path / "log.sqlite3"))
        room.start()
    assert not room.running and not room.code
    assert f"порт {port} занят" in room._said.value


def test_that_nobody_has_come_is_said_until_somebody_has(tmp_path, parcel):
    database = str(tmp_path / "log.sqlite3")
    log = Log(database)
    log.prepare()
    held = create(log, parts_of([parcel]))
    room, line = workshop([PARCEL], "ru", database=database), io.StringIO()
    with contextlib.redirect_stdout(line):
        say_why_nobody_comes(held, "http://10.0.0.1:8000", "ru", as_json=True)
    room._read_on(["a warning\n", line.getvalue()])
    assert "Пока никто не вошёл" in room._said.value and "Wi-Fi" in room._said.value
    room.code = held.code
    room.refresh()
    assert room._said.value, "there is still nobody"
    add_member(log, held, "Ирис", False, "ru")
    room.refresh()
    assert not room._said.value
    log.close()
