"""A log in a folder where nothing may be written can be read, by every command that reads; writing says what is wrong."""

import contextlib
import os
import sqlite3
import subprocess
import sys

import pytest
from support.logs import filled

from trainkit.cli.main import main
from trainkit.errors import NotSaved
from trainkit.log.store import Log
from trainkit.room.workshops import all_workshops
from trainkit.session.resume import begin

pytestmark = [pytest.mark.needs("mount"), pytest.mark.skipif(sys.platform != "linux", reason="mounts of Linux")]


@contextlib.contextmanager
def read_only(folder):
    """The folder at another place, where nothing may be written, not even by root."""
    place = folder.with_name(f"{folder.name}-read-only")
    place.mkdir()
    made = subprocess.run(["mount", "--bind", folder, place], capture_output=True, text=True)
    if made.returncode:
        pytest.skip(f"nothing can be mounted here ({made.stderr.strip()})")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", place], check=True)
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "disk").mkdir()
    return tmp_path / "disk"


@pytest.mark.slow
def test_every_command_that_reads_can(folder, tmp_path, capsys):
    log = filled(Log(folder / "log.sqlite3"))
    code = all_workshops(log)[0].code
    log.close()
    before = (folder / "log.sqlite3").read_bytes()
    with read_only(folder) as place:
        where = ["--database", str(place / "log.sqlite3")]
        for words in (
            ["export", "-o", str(tmp_path / "out")],
            ["words", "-o", str(tmp_path / "texts")],
            ["debrief", "--workshop", code, "-o", str(tmp_path / "debrief.html")],
            ["debrief", "--workshop", code, "-o", str(tmp_path / "answers.csv")],
            ["backup", str(tmp_path / "copy.sqlite3")],
        ):
            assert main([*words, *where]) == 0, capsys.readouterr().err
        assert main(["report", str(place / "log.sqlite3"), "-o", str(tmp_path / "report.html")]) == 0
        assert main(["import", str(place / "log.sqlite3"), "--database", str(tmp_path / "all.sqlite3")]) == 0
        assert main(["erase", "Анна", "--check", *where]) == 1
        assert main(["erase", "Анна", "--yes", *where]) == 2
    assert sorted(os.listdir(folder)) == ["log.sqlite3"] and (folder / "log.sqlite3").read_bytes() == before


def test_writing_says_that_it_may_not(folder, parcel):
    filled(Log(folder / "log.sqlite3")).close()
    with read_only(folder) as place:
        log = Log(place / "log.sqlite3")
        with pytest.raises(NotSaved, match=r"readonly|unable to open"):
            begin(log, parcel, "Анна", seed=1)
        assert len(log.attempts("Анна")) == 2
        log.close()


def test_what_is_written_meanwhile_by_others_is_seen(folder, parcel):
    filled(Log(folder / "log.sqlite3")).close()
    with read_only(folder) as place:
        reading = Log(place / "log.sqlite3")
        assert reading.attempts("Пустельга") == []
        writing = Log(folder / "log.sqlite3")
        begin(writing, parcel, "Пустельга", seed=1)
        assert len(reading.attempts("Пустельга")) == 1  # while it is open there
        writing.close()
        assert len(reading.attempts("Пустельга")) == 1
        reading.close()


@pytest.mark.parametrize("lost", ["", "-shm"])
def test_what_a_killed_program_left_beside_it_is_read(folder, lost):
    code = (
        "import os, sys; from trainkit.log.store import Log; from trainkit.files.casebook import load_case\n"
        "from trainkit.session.resume import begin\n"
        "log = Log(sys.argv[1])\n"
        "begin(log, load_case('tests/casebook/late_parcel'), 'Пустельга', seed=1); os._exit(0)"
    )
    filled(Log(folder / "log.sqlite3")).close()
    subprocess.run([sys.executable, "-c", code, folder / "log.sqlite3"], check=True)
    assert (folder / "log.sqlite3-wal").stat().st_size
    if lost:
        (folder / f"log.sqlite3{lost}").unlink()
    with read_only(folder) as place:
        log = Log(place / "log.sqlite3")
        assert len(log.attempts("Пустельга")) == 1
        log.close()


def test_one_of_an_older_version_is_read_by_a_copy(folder, tmp_path):
    log = filled(Log(folder / "log.sqlite3"))
    log.close()
    with sqlite3.connect(folder / "log.sqlite3") as connection:
        connection.execute("DROP TABLE erased")
        connection.execute("UPDATE alembic_version SET version_num = '0007'")
    connection.close()
    before = (folder / "log.sqlite3").read_bytes()
    with read_only(folder) as place:
        old = Log(place / "log.sqlite3")
        assert len(old.attempts("Анна")) == 2
        old.close()
    assert (folder / "log.sqlite3").read_bytes() == before
