"""The one file is the whole log: after every ending, in quiet moments, and as a copy made while others write."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing

import pytest
from jupyter_client.manager import start_new_kernel
from support.class_server import KILL, PARCEL, PATIENCE, TODAY, Server
from support.command_line import run

from trainkit.errors import NotSaved, TrainkitError
from trainkit.log.store import Log
from trainkit.session.resume import begin

TABLES = ("cases", "attempts", "events", "members", "controls")


def rows(file):
    """How many rows each table has."""
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        count = "SELECT count(*) FROM {}"
        return {
            table: connection.execute(count.format(table)).fetchone()[0] if table in there else 0 for table in TABLES
        }


def alone(file):
    """The same of a copy of the file, as somebody takes it along."""
    copy = file.with_name("taken along.sqlite3")
    shutil.copyfile(file, copy)
    return rows(copy)


def answered(file, parcel, name="anna"):
    """A log with an attempt of one answer, left open."""
    log = Log(file)
    begin(log, parcel, name, fixed={"need": "today"}).do("choose", "ru", step=0, option="offer")
    return log


def eventually(whole):
    """Wait for a quiet moment; gives whether it came."""
    for _ in range(int(PATIENCE / 0.1)):
        if whole():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_class_that_was_stopped(tmp_path, how):
    server = Server(tmp_path, *TODAY).start()
    try:
        server.playing("Синица").press("option", "offer")
        server.stop(how)
        assert not server.complaints()
    finally:
        server.stop(KILL)
    assert alone(server.database) == {"cases": 1, "attempts": 1, "events": 1, "members": 1, "controls": 2}
    assert [file.name for file in tmp_path.glob(server.database.name + "-*")] == []


def test_a_class_that_was_killed_in_a_quiet_moment(tmp_path):
    server = Server(tmp_path, *TODAY).start()
    try:
        server.playing("Синица").press("option", "offer")
        assert eventually(lambda: alone(server.database)["events"] == 1)
    finally:
        server.stop(KILL)
    assert alone(server.database)["events"] == 1


PLAY = [sys.executable, "-m", "trainkit", "play", PARCEL, "--set", "need=today", "--database"]


@pytest.mark.slow
@pytest.mark.skipif(
    sys.platform == "win32", reason="Windows ends a program at once; the quiet moments keep its log whole"
)
@pytest.mark.parametrize("how", [None, signal.SIGINT, signal.SIGTERM])
def test_a_play_that_ended(tmp_path, how):
    file = tmp_path / "log.sqlite3"
    playing = subprocess.Popen([*PLAY, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    playing.stdin.write(b"1\n")
    playing.stdin.flush()
    assert eventually(lambda: [event for record in Log(file).attempts() for event in Log(file).events(record.attempt)])
    if how is None:
        playing.stdin.close()
    else:
        playing.send_signal(how)
    said = playing.stdout.read()
    assert b"Traceback" not in said, said.decode()
    assert playing.wait(PATIENCE) == {None: 0, signal.SIGINT: 130, signal.SIGTERM: 143}[how]
    assert alone(file)["events"] == 1


def test_a_notebook_that_was_closed(tmp_path, monkeypatch):
    file = tmp_path / "log.sqlite3"
    monkeypatch.setenv("TRAINKIT_DATABASE", str(file))
    manager, client = start_new_kernel()
    begun = f'trainkit.exercise({str(PARCEL)!r}, fixed={{"need": "today"}})'
    played = f'import trainkit; {begun}.session.do("choose", "ru", step=0, option="offer")'
    reply = client.execute(played, reply=True, timeout=PATIENCE)
    assert reply["content"]["status"] == "ok", reply["content"]
    client.stop_channels()
    manager.shutdown_kernel()  # as JupyterLab's "Shut Down Kernel" does
    assert alone(file)["events"] == 1


def test_a_quiet_moment_comes_while_the_log_stays_open(tmp_path, parcel):
    file = tmp_path / "log.sqlite3"
    log = answered(file, parcel)
    assert alone(file)["events"] == 0, "just now it is beside the file"
    assert eventually(lambda: alone(file)["events"] == 1)
    begin(log, parcel, "boris")
    log.close()
    assert alone(file)["attempts"] == 2
    begin(log, parcel, "clara")  # a log that was let go is opened again by writing
    log.close()
    assert alone(file)["attempts"] == 3


def test_a_log_that_is_let_go_leaves_no_thread(tmp_path, parcel):
    def waiting():
        return [thread for thread in threading.enumerate() if thread.name == "log checkpoints"]

    before = len(waiting())
    log = answered(tmp_path / "log.sqlite3", parcel)
    assert len(waiting()) == before + 1
    del log
    assert eventually(lambda: len(waiting()) == before)


# ---- copies -------------------------------------------------------------------------------------------------------


def test_a_copy_is_whole_while_others_write(tmp_path, parcel):
    log = answered(tmp_path / "log.sqlite3", parcel)
    session, stop = begin(log, parcel, "boris", fixed={"need": "today"}), threading.Event()

    def write():
        while not stop.is_set():
            begin(log, parcel, "clara")

    writer = threading.Thread(target=write)
    writer.start()
    told = []
    try:
        before = log.attempts()
        log.copy_to(tmp_path / "copy.sqlite3", lambda done, pages: told.append((done, pages)))
        after = log.attempts()
    finally:
        stop.set()
        writer.join()
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith((".copy", "copy"))] == ["copy.sqlite3"]
    assert told and told[-1][0] == told[-1][1] > 0
    copy = Log(tmp_path / "copy.sqlite3")
    kept = [record.attempt for record in copy.attempts()]
    assert [r.attempt for r in before] == kept[: len(before)] and kept == [r.attempt for r in after][: len(kept)]
    assert copy.events(before[0].attempt) == log.events(before[0].attempt) and not copy.events(session.record.attempt)
    begin(copy, parcel, "dora")  # it is a log like any other
    log.close()


def test_what_can_not_be_copied_is_said(tmp_path, parcel):
    log = answered(tmp_path / "log.sqlite3", parcel)
    here = tmp_path / "here.sqlite3"
    here.write_text("mine")
    for taken in (here, tmp_path):
        with pytest.raises(TrainkitError, match="is there already"):
            log.copy_to(taken)
    assert here.read_text() == "mine"
    with pytest.raises(NotSaved, match="can't be written"):
        log.copy_to(tmp_path / "nowhere" / "copy.sqlite3")
    with pytest.raises(TrainkitError, match="there is no log"):
        Log(tmp_path / "none.sqlite3").copy_to(tmp_path / "copy.sqlite3")
    here.write_bytes(os.urandom(5000))
    with pytest.raises(TrainkitError, match="the log can't be read"):
        Log(here).copy_to(tmp_path / "copy.sqlite3")
    with pytest.raises(TrainkitError, match="in memory"):
        Log("sqlite://").copy_to(tmp_path / "copy.sqlite3")
    told = "pg_dump --format=custom --file=copy.sqlite3.dump postgresql://anna@db.example/room"
    with pytest.raises(TrainkitError) as refused:
        Log("postgresql+psycopg://anna:secret@db.example/room").copy_to(tmp_path / "copy.sqlite3")
    assert told in str(refused.value) and "secret" not in str(refused.value)
    assert not (tmp_path / "copy.sqlite3").exists() and not [*tmp_path.glob(".*unfinished")]


@pytest.mark.slow
def test_backup_as_a_command(tmp_path, parcel):
    answered(tmp_path / "log.sqlite3", parcel)
    where = ["--database", str(tmp_path / "log.sqlite3")]
    done = run("backup", str(tmp_path / "friday.sqlite3"), *where)
    assert done.returncode == 0 and "friday.sqlite3: the whole log," in done.stdout and not done.stderr
    assert rows(tmp_path / "friday.sqlite3")["events"] == 1
    again = run("backup", str(tmp_path / "friday.sqlite3"), *where)
    assert again.returncode == 2 and "is there already" in again.stderr
    missing = run("backup", str(tmp_path / "x.sqlite3"), "--database", str(tmp_path / "nothing.sqlite3"))
    assert missing.returncode == 2 and "there is no log at" in missing.stderr
    assert not (tmp_path / "nothing.sqlite3").exists()
