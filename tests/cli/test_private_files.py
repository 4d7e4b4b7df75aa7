"""What people said is for the owner of a file alone, whatever the umask is: the log, copies of it, tables, pages."""

import contextlib
import io
import os
import stat
import sys
from pathlib import Path

import pytest
from support.class_server import PARCEL, held
from support.command_line import run

from trainkit.cli.workshop import say_who_reads_along
from trainkit.files.private import make_private, private_files
from trainkit.log.store import Log
from trainkit.notebook.workshop import workshop

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such bits")


@pytest.fixture(autouse=True)
def careless():
    """A system that lets everybody read and write everything."""
    before = os.umask(0)
    yield
    os.umask(before)


def open_to_others(place: Path) -> list[str]:
    """Files and folders of a place that others may read, write or enter by a path of their own."""
    files = [place] if place.is_file() else [place, *place.rglob("*")]
    private = [one for one in files if one.is_dir() and not stat.S_IMODE(one.stat().st_mode) & 0o077]
    return [
        str(one) for one in files
        if stat.S_IMODE(one.stat().st_mode) & 0o077 and not any(folder in one.parents for folder in private)
    ]  # fmt: skip


def test_a_log_and_what_is_beside_it(tmp_path):
    log = Log(str(tmp_path / "log.sqlite3"))
    log.prepare()
    found = sorted(one.name for one in tmp_path.iterdir())
    assert found == ["log.sqlite3", "log.sqlite3-shm", "log.sqlite3-wal"]
    assert [open_to_others(one) for one in tmp_path.iterdir()] == [[]] * 3
    log.copy_to(tmp_path / "copy.sqlite3")
    log.close()
    assert open_to_others(tmp_path / "copy.sqlite3") == []


def test_where_the_log_is_if_none_is_named(tmp_path, monkeypatch):
    from trainkit.log.store import default_database

    monkeypatch.delenv("TRAINKIT_DATABASE")
    monkeypatch.setenv("TRAINKIT_CASEBOOK", str(tmp_path / "nothing"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    folder = Path(default_database().removeprefix("sqlite:///")).parent
    assert folder.is_relative_to(tmp_path) and not stat.S_IMODE(folder.stat().st_mode) & 0o077


@pytest.mark.long
def test_whatever_a_command_writes_of_people(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    with held(tmp_path, "--open") as server:
        for name in ("Ирис", "Клён", "Рябина", "Осина", "Ольха", "Липа"):
            browser = server.playing(name)
            while options := browser.page.buttons("option"):
                browser.press("option", options[0])
        assert [open_to_others(one) for one in tmp_path.glob("log.sqlite3*")] == [[]] * 3
        trainer = server.trainer()
        assert trainer.get("/remote/backup").status == 200
    database = ("--database", server.database)
    (out / "debrief.html").write_text("an older one, for everybody")
    for command in (
        ("debrief", "--workshop", server.code, *database, "-o", out / "debrief.html", "--names"),
        ("debrief", "--workshop", server.code, *database, "-o", out / "answers.csv"),
        ("backup", out / "copy.sqlite3", *database),
        ("export", *database, "-o", out / "responses"),
        ("export", *database, "--no-names", "-o", out / "named"),
        ("score", out / "responses", "-o", out / "scores.csv"),
        ("score", out / "responses", "-o", out / "scores.parquet"),
        ("report", out / "responses", "-o", out / "report.html"),
        ("import", out / "responses", "--database", out / "all.sqlite3"),
        ("play", PARCEL, "--answers", "offer", "--database", out / "mine.sqlite3"),
    ):
        done = run(*map(str, command))
        assert not done.returncode, (command, done.stderr)
    assert len([*out.iterdir()]) >= 9
    assert [found for one in out.iterdir() if (found := open_to_others(one))] == []
    assert os.umask(0) == 0, "a command leaves it as it was"


def test_a_debrief_written_by_a_notebook(tmp_path, parcel):
    with held(tmp_path) as server:
        server.joined("Ирис")
    room = workshop([PARCEL], "ru", database=str(server.database))
    room.code = server.code
    room.debrief(str(tmp_path / "debrief.html"), names=True)
    assert open_to_others(tmp_path / "debrief.html") == []


def test_an_old_log_that_others_can_read_is_told(tmp_path):
    log = Log(str(tmp_path / "log.sqlite3"))
    log.prepare()
    log.close()
    (tmp_path / "log.sqlite3").chmod(0o644)
    for mode, told in ((0o644, True), (0o600, False)):
        log.file.chmod(mode)
        with contextlib.redirect_stdout(io.StringIO()) as said:
            say_who_reads_along(log, "ru")
        assert (f"chmod 600 {log.file}" in said.getvalue()) == told


def test_private_files(tmp_path):
    with private_files():
        (tmp_path / "a").write_text("a")
        (tmp_path / "b").mkdir()
    (tmp_path / "c").write_text("c")
    make_private(tmp_path / "d")
    make_private(tmp_path / "c")
    assert open_to_others(tmp_path / "a") == open_to_others(tmp_path / "b") == open_to_others(tmp_path / "d") == []
    assert open_to_others(tmp_path / "c") == [] and (tmp_path / "c").read_text() == "c"
