"""The server a notebook starts: what it tells the notebook, and what is said when it can't start."""

import re
import socket

from support.command_line import PARCEL
from support.ports import HOST, free_port

from trainkit.notebook.workshop import workshop


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
