"""A log that is deleted, moved, replaced or cut off under a running program: refused, saved beside it, taken back."""

import os
import re
import shutil
import sqlite3
import stat
import time
from contextlib import closing
from pathlib import Path

import pytest

from trainkit.cli.main import main
from trainkit.errors import TrainkitError
from trainkit.exchange.incoming import import_runs
from trainkit.files import casebook
from trainkit.i18n import catalog
from trainkit.log import journal as journals
from trainkit.log.journal import Journal
from trainkit.log.lost import CUT, DROPPED, GONE, PARTED, REPLACED, LogLost
from trainkit.log.records import Event, new_record
from trainkit.log.rescue import MARK, is_rescue
from trainkit.log.schema import metadata
from trainkit.log.store import Log
from trainkit.log.whole_file import take_in
from trainkit.room.controls import LETS_IN, entrance_secret, load_stage, record_control, trainer_link
from trainkit.room.inbox import may_add
from trainkit.room.members import add_member
from trainkit.room.records import WorkshopCase
from trainkit.room.secrets import hashed
from trainkit.room.workshops import add_case, all_workshops, create
from trainkit.session.resume import begin, resume

if os.name == "nt":
    pytest.skip("Windows keeps an open file from being deleted", allow_module_level=True)

SOON = 10.0  # seconds; on a machine that nobody else uses it takes half a second


def deleted(file):
    for part in file.parent.glob(file.name + "*"):
        part.unlink()


def folder_deleted(file):
    shutil.rmtree(file.parent)


def moved(file):
    file.rename(file.with_name("elsewhere.sqlite3"))


def replaced(file):
    shutil.copy(file, file.with_name("other"))
    file.with_name("other").replace(file)


def emptied(file):
    os.truncate(file, 0)


def cut_off(file):
    os.truncate(file, file.stat().st_size // 3)


def written_over(file):
    other = Log(file.with_name("other.sqlite3"))
    other.prepare()
    other.add_rows(written_over.case, [], [])
    other.close()
    content = file.with_name("other.sqlite3").read_bytes()
    with file.open("r+b") as target:  # in place, and longer than it was
        target.write(content.ljust(file.stat().st_size + 4096, b"\0"))


def beside_deleted(file):
    file.with_name(file.name + "-wal").unlink()


def beside_cut_off(file):
    os.truncate(file.with_name(file.name + "-wal"), 3000)


WAYS = {
    deleted: GONE, folder_deleted: GONE, moved: GONE, replaced: REPLACED, emptied: CUT, cut_off: CUT,
    written_over: REPLACED, beside_deleted: PARTED, beside_cut_off: CUT,
}  # fmt: skip


def played(log, case, name, answers=1):
    """A run with so many answers."""
    session = begin(log, case, name)
    for _ in range(answers):
        session.do("choose", "ru", step=session.step, option=session.attempt.open[0])
    return session


def saved(log):
    """What became of the log, once that is known."""
    end = time.monotonic() + SOON
    while log.lost is None or not (log.lost.rescue or log.lost.reason):
        assert time.monotonic() < end, "nobody noticed"
        time.sleep(0.01)
    return log.lost


def said(file):
    """Attempt → its events, of a log that somebody opens."""
    log = Log(file)
    try:
        return {one.attempt: log.events(one.attempt) for one in log.attempts()}
    finally:
        log.close()


QUICK = (deleted, emptied, beside_deleted)


@pytest.mark.parametrize(
    "way", [pytest.param(way, marks=() if way in QUICK else pytest.mark.slow, id=way.__name__) for way in WAYS]
)
def test_what_was_confirmed_is_saved_and_comes_back(tmp_path, parcel, way):
    file = tmp_path / "data" / "log.sqlite3"
    file.parent.mkdir()
    written_over.case = parcel
    earlier = Log(file)
    old = played(earlier, parcel, "old")
    earlier.close()
    log = Log(file)
    log.keep_journal()
    sessions = [resume(log, parcel, "old"), *(played(log, parcel, f"Ирис {n}") for n in range(3))]
    sessions[0].do("choose", "ru", step=1, option=sessions[0].attempt.open[0])  # goes on where another program stopped
    take_in(str(file), block=False)  # some of it is in the file, some beside it
    time.sleep(0.6)
    sessions.append(played(log, parcel, "Клён", 2))
    confirmed = {one.record.attempt: len(one.events) for one in sessions}
    way(file)
    lost = saved(log)
    assert lost.how == WAYS[way]
    assert lost.now_at == (str(tmp_path / "data" / "elsewhere.sqlite3") if way is moved else "")
    with pytest.raises(LogLost, match="Nothing more is accepted") as refused:
        sessions[1].do("choose", "ru", step=sessions[1].step, option=sessions[1].attempt.open[0])
    assert lost.rescue in str(refused.value)
    rescue = Path(lost.rescue)
    assert rescue.parent == (tmp_path if way is folder_deleted else file.parent)
    assert stat.S_IMODE(rescue.stat().st_mode) == 0o600 and is_rescue(rescue)
    assert {attempt: len(events) for attempt, events in said(rescue).items()} == confirmed
    # what is read goes on from there
    assert len(log.attempts()) == len(confirmed) and old.record in log.attempts("old")
    log.close()
    assert way is replaced or way is written_over or way is moved or is_rescue(rescue)

    back = Log(tmp_path / "back.sqlite3")
    try:
        assert import_runs(back, rescue, rescue=True)[:5] == (len(confirmed), 0, 0, 0, 0)
        assert import_runs(back, rescue, rescue=True)[:5] == (
            0,
            0,
            len(confirmed),
            0,
            0,
        )  # doubles are told, and change nothing
        assert said(back.file) == said(rescue)
        assert [replay.participant for replay in back.attempts()] == [one.participant for one in Log(rescue).attempts()]
        going = resume(back, parcel, "Клён")  # and whoever played it goes on with it
        assert going.record.attempt == sessions[-1].record.attempt and going.step == 2
    finally:
        back.close()


def test_what_is_missing_is_named(tmp_path, parcel):
    """Of what an earlier program wrote into a file that is cut off, the journal has nothing."""
    file = tmp_path / "log.sqlite3"
    earlier = Log(file)
    for n in range(40):
        played(earlier, parcel, f"old {n}")
    earlier.close()
    log = Log(file)
    log.keep_journal()
    played(log, parcel, "new")
    time.sleep(1.2)  # it has been counted
    take_in(str(file))
    emptied(file)
    lost = saved(log)
    runs, answers = lost.missing
    assert runs > 0 and (lost.runs + runs, lost.answers + answers) == (41, 41)
    assert f"Missing there, of what was in the log before: runs: {runs}, answers: {answers}." in lost.kept
    log.close()


def test_other_programs_may_pack_the_log_and_take_in_what_stands_beside_it(tmp_path, parcel):
    file = tmp_path / "log.sqlite3"
    log = Log(file)
    log.keep_journal()
    for n in range(20):
        played(log, parcel, f"Ирис {n}")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("CREATE TABLE ballast AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 900) "
                      "SELECT x, randomblob(3000) FROM n")  # fmt: skip
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        played(log, parcel, "between")
        other.execute("DROP TABLE ballast")
        other.execute("VACUUM")
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    time.sleep(1.2)
    played(log, parcel, "after")
    assert log.lost is None
    log.close()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["log.sqlite3"]


def test_a_rescue_file_that_finds_no_place_is_said(tmp_path, parcel, monkeypatch):
    file = tmp_path / "log.sqlite3"
    log = Log(file)
    log.keep_journal()
    played(log, parcel, "Ирис")
    monkeypatch.setattr("trainkit.log.rescue._folders", lambda beside: iter([tmp_path / "no such folder"]))
    deleted(file)
    kept = saved(log).kept
    assert "there is no such folder" in kept and "такой папки нет" in kept.said(catalog("ru").gettext)
    log.close()


def test_a_forged_rescue_file_changes_no_room(tmp_path, parcel):
    """Rows that are here must be the same in it; who has no copy of the log doesn't know them."""
    log = Log(tmp_path / "log.sqlite3")
    room = create(log, [WorkshopCase(parcel, {})], lang="ru")
    trainer_link(log, room)
    log.copy_to(tmp_path / "copy.sqlite3")
    marked(tmp_path / "copy.sqlite3", "UPDATE controls SET setting = 'mine'")
    record_control(log, room, "paused", "1")
    with pytest.raises(TrainkitError, match="something else has been done in the same room"):
        import_runs(log, tmp_path / "copy.sqlite3", rescue=True)
    log.close()


# ---- a rescue file from somebody else -------------------------------------------------------------------------------

SECRET = "A" * 32


def marked(file, *statements):
    """Make of a log what only a rescue file should be, and change it."""
    with closing(sqlite3.connect(file, isolation_level=None)) as copy:
        copy.execute("PRAGMA foreign_keys=OFF")
        for (trigger,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            copy.execute(f'DROP TRIGGER "{trigger}"')
        for statement in statements:
            copy.execute(statement)
        copy.execute(f"PRAGMA application_id={MARK}")
    return file


def rows(log):
    """Everything in a log."""
    with closing(sqlite3.connect(log.file)) as connection:
        return {one.name: connection.execute(f"SELECT * FROM {one.name}").fetchall() for one in metadata.sorted_tables}


@pytest.fixture
def here(tmp_path, parcel):
    """A log with a room, and the room."""
    log = Log(tmp_path / "log.sqlite3")
    room = create(log, [WorkshopCase(parcel, {})], lang="ru")
    trainer_link(log, room)
    entrance_secret(log, room)
    yield log, room
    log.close()


def a_link(room, number, kind="trainer"):
    return (
        f"INSERT INTO controls VALUES ('{room.workshop}', {number}, '{kind}', '{hashed(SECRET)}', "
        "'2026-11-30T11:00:00.000000Z')"
    )


def gift(tmp_path, parcel, *statements):
    """A marked file with nothing in it but what the statements say."""
    other = Log(tmp_path / "gift.sqlite3")
    other.prepare()
    other.add_rows(parcel, [], [])
    other.close()
    return marked(tmp_path / "gift.sqlite3", *statements)


@pytest.mark.parametrize("number", [100_000, 2])
def test_a_link_in_a_marked_file_opens_no_room_that_is_here(tmp_path, parcel, here, number, capsys):
    """Its one row is a trainer's link to a room by its id, which stands in every export."""
    log, room = here
    file, before = gift(tmp_path, parcel, a_link(room, number)), rows(log)
    line = ["import", str(file), "--database", str(log.file), "--lang", "en"]
    assert main(line) == 2
    told = capsys.readouterr().err
    assert "--rescue" in told and "--as-other" in told and "Traceback" not in told and rows(log) == before
    assert main([*line, "--as-other"]) == 0 and hashed(SECRET) not in load_stage(log, room)[1]
    assert main([*line, "--as-other", "--rescue"]) == 2
    main([*line, "--rescue"])  # even then: the room is here already
    assert hashed(SECRET) not in load_stage(log, room)[1] and len(load_stage(log, room)[1]) == 1
    assert load_stage(log, room)[2] == load_stage(log, room, load_stage(log, room))[2]  # nothing is read twice


@pytest.mark.parametrize("kind", LETS_IN)
def test_a_secret_of_a_room_that_is_here_stays_out_and_it_can_be_taken_again(tmp_path, parcel, here, kind, capsys):
    """An honest file, of a class that went on elsewhere: what was done in the room comes, what lets somebody in doesn't."""
    log, room = here
    log.copy_to(tmp_path / "later.sqlite3")
    later = f"INSERT INTO controls VALUES ('{room.workshop}', 3, 'paused', '1', '2026-11-30T11:01:00.000000Z')"
    file = marked(tmp_path / "later.sqlite3", a_link(room, 2, kind), later)
    line = ["import", str(file), "--rescue", "--database", str(log.file), "--lang", "en"]
    entrance = load_stage(log, room)[0].entrance
    assert main(line) == 0
    assert re.search(r"1  links to rooms that are here: left out", capsys.readouterr().out)
    stage, links, number = load_stage(log, room)
    assert hashed(SECRET) not in links and not may_add(log, room, SECRET) and stage.entrance == entrance
    assert stage.paused and number == 4 and any(links) is (kind != "only_trainer")  # those of before count no longer
    before = rows(log)
    assert main(line) == 0 and rows(log) == before


def test_a_strangers_log_brings_no_room(tmp_path, parcel, here):
    """Marked as a rescue file it would: the trainer's next class would go on in the stranger's room."""
    log, room = here
    other = Log(tmp_path / "friday.sqlite3")
    theirs = create(other, [WorkshopCase(parcel, {})], lang="ru")
    trainer_link(other, theirs)
    played(other, parcel, "Ghost")
    other.close()
    file = marked(tmp_path / "friday.sqlite3")
    before = rows(log)
    with pytest.raises(TrainkitError, match="nothing was taken"):
        import_runs(log, file)
    assert rows(log) == before
    done = import_runs(log, file, rescue=False)
    assert (done.added, done.rooms) == (1, None) and [one.code for one in all_workshops(log)] == [room.code]
    with sqlite3.connect(log.file) as connection:
        assert connection.execute("SELECT count(*) FROM imported").fetchone() == (1,)


def test_what_is_not_marked_is_no_rescue_file(tmp_path, parcel, here):
    log, _ = here
    log.copy_to(tmp_path / "backup.sqlite3")
    with pytest.raises(TrainkitError, match="is no rescue file of this kit"):
        import_runs(log, tmp_path / "backup.sqlite3", rescue=True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE workshops SET cases = 'no JSON'", "names no case versions"),
        ("UPDATE workshops SET started_at = 'yesterday'", "started_at is no time"),
        ("UPDATE controls SET setting = x'00ff'", "setting is no text"),
        ("DELETE FROM cases", "is neither in this file nor here"),
    ],
)
def test_rooms_that_no_log_has_are_refused_whole(tmp_path, here, change, said):
    log, _ = here
    log.copy_to(tmp_path / "copy.sqlite3")
    new = Log(tmp_path / "new.sqlite3")
    with pytest.raises(TrainkitError, match=said):
        import_runs(new, marked(tmp_path / "copy.sqlite3", change), rescue=True)
    assert not any(found for name, found in rows(new).items())
    new.close()


def test_a_run_of_a_rescue_file_whose_times_are_none_is_set_aside(tmp_path, parcel):
    log = Log(tmp_path / "log.sqlite3")
    runs = [played(log, parcel, name) for name in ("Ирис", "Клён")]
    log.close()
    which = runs[0].record.attempt
    file = marked(log.file, f"UPDATE events SET at = 'x' WHERE attempt = '{which}'")
    new = Log(tmp_path / "new.sqlite3")
    done = import_runs(new, file, rescue=True)
    assert (done.added, done.refused) == (1, 1) and "at is no time" in done.told[0]
    new.close()


# ---- a room goes on that has cases nobody has begun -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "begun"),
    [
        ("copy", 1),
        ("journal", 0),
        *(pytest.param(*one, marks=pytest.mark.slow) for one in (("copy", 0), ("journal", 1))),
    ],
)
def test_a_room_comes_back_with_the_cases_that_nobody_has_begun(tmp_path, parcel, racket, by, begun, monkeypatch):
    """Also with one that came while it was held; the class goes on, is debriefed and exported."""
    file = tmp_path / "data" / "log.sqlite3"
    file.parent.mkdir()
    log = Log(file)
    power = casebook.load_case("power_upgrade")
    room = create(log, [WorkshopCase(parcel, {}), WorkshopCase(racket, {})], lang="ru")
    log.keep_journal(room.workshop)
    record_control(log, room, "case", add_case(log, power))
    people = [add_member(log, room, name, False, "ru")[0] for name in ("Сойка", "Клён")]
    for person in people * begun:
        record = new_record(parcel, person.name, 3, member=person.member, run=0)
        log.begin(record, parcel)
        log.append(
            record.attempt, 0, Event("choose", parcel.start, option=next(iter(parcel.scenes[parcel.start].options)))
        )
    if by == "journal":
        monkeypatch.setattr("trainkit.log.rescue._copied", lambda source, target: False)
        monkeypatch.setattr("trainkit.log.rescue._salvage", lambda source, file, copy: None)
    deleted(file)
    lost = saved(log)
    assert lost.missing == (0, 0)
    log.close()
    new = Log(tmp_path / "new.sqlite3")
    done = import_runs(new, Path(lost.rescue), rescue=True)
    assert (done.added, done.rooms) == (2 * begun, (1, 0))
    (back,) = all_workshops(new)
    assert [part.case.id for part in back.parts] == [parcel.id, racket.id, power.id]
    new.close()
    at = ["--workshop", room.code, "--database", str(new.file)]
    assert main(["debrief", *at, "-o", str(tmp_path / "debrief.html")]) == 0
    assert main(["export", *at, "-o", str(tmp_path / "out")]) == 0
    assert main(["debrief", "--workshop", room.code, "--database", lost.rescue, "-o", str(tmp_path / "d.html")]) == 0


# ---- the journal ----------------------------------------------------------------------------------------------------

ROWS = [("events", {"attempt": f"{n:032x}", "step": n, "text": "«да»" * (n % 7), "ending": None}) for n in range(1_000)]


def test_a_journal_gives_back_what_it_was_given():
    journal = Journal()
    for n in range(0, len(ROWS), 3):
        journal.add(ROWS[n : n + 3])
    assert [*journal] == ROWS and [*journal] == ROWS
    journal.close()
    assert [*journal] == []


def test_a_journal_without_room_for_a_file_is_in_memory_and_says_what_no_longer_fits(monkeypatch):
    def full(**_how):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(journals.tempfile, "TemporaryFile", full)
    journal = Journal()
    journal.add(ROWS)
    assert [*journal] == ROWS and journal.left_out == 0
    small = Journal(most_in_memory=10)
    small.add(ROWS)
    assert small.left_out == 768 and [*small] == ROWS[768:]


def test_a_journal_whose_disk_fills_up_goes_on_in_memory(monkeypatch):
    journal = Journal(most=6_000)
    journal.add(ROWS)
    assert journal._kept and journal._end and [*journal] == ROWS


# ---- a database server ----------------------------------------------------------------------------------------------


def test_a_database_that_was_dropped(postgres, postgres_url, tmp_path, monkeypatch, parcel):
    monkeypatch.chdir(tmp_path)
    log = Log(postgres_url)
    log.keep_journal()
    sessions = [played(log, parcel, f"Ирис {n}") for n in range(3)]
    postgres.drop(postgres_url)
    for _ in range(2):  # at first it is only a connection that was lost
        with pytest.raises(TrainkitError):
            played(log, parcel, "Клён")
    lost = saved(log)
    assert lost.how == DROPPED and Path(lost.rescue).parent == tmp_path
    assert {attempt: len(events) for attempt, events in said(lost.rescue).items()} == {
        one.record.attempt: 1 for one in sessions
    }
    assert len(log.attempts()) == 3  # it is read from there
    log.close()
