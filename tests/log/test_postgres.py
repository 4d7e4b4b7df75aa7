"""The log on PostgreSQL: the guarantees it gives on SQLite, and a URL that is wrong."""

import asyncio
import contextlib
import subprocess
import sys
import time

import pytest
import sqlalchemy as sa
from log.test_contract import reopened
from support.class_server import at_once
from support.own_words import spoken
from support.places import ROOT, TEST_CASES
from support.ports import free_port
from support.postgres import PASSWORD

from trainkit.errors import Conflict, Held, NotSaved, Refused, TrainkitError
from trainkit.exchange.incoming import import_runs
from trainkit.log import schema as tables
from trainkit.log import upgrade
from trainkit.log.codes import add_code, written
from trainkit.log.erased import Marks, Place
from trainkit.log.records import Event, new_record
from trainkit.log.store import Log
from trainkit.room.controls import count_controls, load_stage, record_control
from trainkit.room.members import add_member, member_by_secret, members_of, places_taken
from trainkit.room.questions import ask, upvote
from trainkit.room.run_cache import RunCache, rooms_of
from trainkit.room.workshops import by_code, create, parts_of
from trainkit.session.resume import begin
from trainkit.session.session import Session
from trainkit.web.writer import LogWriter

ODD = "«𝕏🧵 ½ \u202e “a\\b%s%(x)s:name'--\n\ttab»"


@pytest.fixture
def store(postgres_url):
    log = Log(postgres_url)
    yield log
    log.close()


# ---- the store ------------------------------------------------------------------------------------------------------


def test_an_answer_is_committed_when_it_shows(store, parcel, postgres_url):
    session = begin(store, parcel, "anna", seed=1)
    session.do("choose", "ru", step=0, option="offer")
    session.do("choose", "en", step=1, option="refund")
    with sa.create_engine(postgres_url, poolclass=sa.NullPool).connect() as other:
        rows = other.exec_driver_sql("SELECT step, kind, scene, option, ending, lang FROM events ORDER BY step").all()
        assert other.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
    assert [tuple(row) for row in rows] == [
        (0, "choose", "call", "offer", None, "ru"),
        (1, "choose", "solve", "refund", "content", "en"),
    ]


def test_an_empty_database_is_an_empty_log(store):
    assert store.attempts() == [] == store.attempts("anna")
    store.prepare()
    assert set(sa.inspect(store._engine).get_table_names()) == {*tables.metadata.tables, "alembic_version"}


def test_what_was_answered_first_is_known(store, parcel):
    """An anonymous room's figures are of the first answers, whoever began first."""
    workshop = create(store, parts_of([parcel]))
    sessions = []
    for number in range(7):
        member, _ = add_member(store, workshop, f"person {number}", False, "ru")
        record = new_record(parcel, member.name, number, member=member.member, run=0)
        store.begin(record, parcel)
        sessions.append(Session(store, record, parcel, []))
    for number, session in enumerate(reversed(sessions)):
        session.do("choose", "ru", step=0, option="offer" if number < 5 else "when_needed")
    split = rooms_of(RunCache(store, workshop))[parcel.id].split("call")
    assert split.answers == 5 and max(split.counts) == 5, "the last two, who began first, said something else"


def test_every_table_refuses_changes(store, parcel, tmp_path):
    session = begin(store, parcel, "anna")
    session.do("choose", "ru", step=0, option="offer")
    room = create(store, parts_of([parcel]))
    record_control(store, room, "paused", "1")
    add_member(store, room, "Ирис", False, "ru")
    ask(store, room, "q" * 32, "Почему?", "ru", moderated=True)
    upvote(store, "q" * 32, "v" * 64)
    elsewhere = Log(tmp_path / "elsewhere.sqlite3")
    begin(elsewhere, parcel, "boris")
    elsewhere.close()
    import_runs(store, tmp_path / "elsewhere.sqlite3")
    spoken(store)
    add_code(store, written(store)[0], "sides", "coder", "off")
    with store.writing() as connection:
        Marks(connection).add(connection, [Place("Клён")], [])
    for table in tables.metadata.sorted_tables:
        column = next(iter(table.columns))
        with pytest.raises(sa.exc.IntegrityError, match="append-only"), store._engine.begin() as connection:
            assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar()  # else nothing is refused
            connection.execute(table.update().values({column: column}))


def test_the_log_refuses_gaps_and_replacements(store, parcel):
    session = begin(store, parcel, "anna")
    session.do("choose", "ru", step=0, option="offer")
    with pytest.raises(NotSaved, match="no place for step 7"):
        store.append(session.record.attempt, 7, Event("choose", "call", "offer"))
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), store._engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO events SELECT attempt, step, kind, scene, 'refund', text, ending, lang, at FROM events "
            "ON CONFLICT (attempt, step) DO UPDATE SET option = EXCLUDED.option"
        )
    with pytest.raises(sa.exc.IntegrityError), store._engine.begin() as connection:  # no event of an unknown attempt
        connection.execute(tables.events.insert().values(_row("0" * 32, 0)))
    assert [event.option for event in store.events(session.record.attempt)] == ["offer"]


def _row(attempt, step):
    return {"attempt": attempt, "step": step, "kind": "choose", "scene": "call", "lang": "ru", "at": "2026"}


def test_a_refused_batch_leaves_nothing(store, parcel):
    """What the writer commits together is there as a whole or not at all."""
    session = begin(store, parcel, "anna")
    attempt, new = session.record.attempt, new_record(parcel, "boris", 5)
    with pytest.raises(Conflict):
        store.append_all([(attempt, 0, Event("choose", "call", "offer")), (attempt, 2, Event("back", "call"))], [new])
    assert store.events(attempt) == [] and len(store.attempts()) == 1
    store.append_all([(attempt, 0, Event("choose", "call", "offer")), (attempt, 1, Event("back", "solve"))], [new])
    assert len(store.events(attempt)) == 2 and len(store.attempts()) == 2


def test_words_of_any_kind_come_back_as_they_were(store, parcel):
    session = begin(store, parcel, ODD)
    session.do("choose", "ru", step=0, option="offer")
    session.do("disagree", "ru", number=0, text=ODD + "\x00\ud800" + "🧵" * 3000)
    again = reopened(session)
    assert again.events[-1].text == session.events[-1].text
    assert again.events[-1].text.startswith("«𝕏🧵 ½") and len(again.events[-1].text) == 2000
    assert again.record.participant == session.record.participant
    room = create(store, parts_of([parcel]), consent=ODD)
    member, key = add_member(store, room, ODD, True, "ru")
    assert by_code(store, room.code) == room and member_by_secret(store, room, key) == member


def test_a_nul_that_reaches_the_log_is_refused_in_a_sentence(store, parcel):
    session = begin(store, parcel, "anna")
    with pytest.raises(NotSaved, match="NUL"):
        store.append(session.record.attempt, 0, Event("words", "call", text="a\x00b"))
    session.do("choose", "ru", step=0, option="offer")


def test_the_same_rows_in_another_order_are_no_deadlock(store, parcel, postgres_url):
    """Two people click twice, and each server hears of them in another order."""
    logs = [Log(postgres_url) for _ in range(2)]
    for turn in range(20):
        rows = [(begin(store, parcel, f"{turn}-{n}", seed=1).record.attempt, 0, ANSWER) for n in range(30)]
        orders = rows, rows[::-1]
        met = at_once(lambda n, orders=orders: logs[n].append_all(orders[n]), 2)
        assert all(one is None or type(one) is Conflict for one in met), met
        assert all(len(store.events(attempt)) == 1 for attempt, _, _ in rows)
    [log.close() for log in logs]


ANSWER = Event("choose", "call", "offer", lang="ru")


def test_a_server_that_hangs_holds_nobody_up_for_ever(store, parcel, postgres_url):
    """One that was suspended, or cut off, in the middle of letting somebody in or of writing their answer."""
    room = create(store, parts_of([parcel]))
    attempt = begin(store, parcel, "anna").record.attempt
    hung = sa.create_engine(postgres_url, poolclass=sa.NullPool)
    with hung.connect() as connection, connection.begin():
        connection.exec_driver_sql("SET idle_in_transaction_session_timeout = '60s'")  # should it hold us up for ever
        connection.exec_driver_sql("SELECT 1 FROM workshops FOR NO KEY UPDATE")
        row = {"attempt": attempt, "step": 0, "kind": "choose", "scene": "call", "option": "offer", "lang": "ru"}
        connection.execute(tables.events.insert(), row | {"at": "2026"})
        with pytest.raises(Held, match="lock timeout"):
            record_control(store, room, "paused", "1")
        with pytest.raises(Held, match="lock timeout"):
            add_member(store, room, "Ирис", False, "ru")
        with pytest.raises(Held, match="lock timeout"):
            store.append(attempt, 0, ANSWER)
        begin(store, parcel, "boris").do("choose", "ru", step=0, option="offer")  # others need not wait
        connection.rollback()
    record_control(store, room, "paused", "1")
    add_member(store, room, "Ирис", False, "ru")
    store.append(attempt, 0, ANSWER)
    assert places_taken(store, room) == count_controls(store, room) == 1


def test_who_waits_for_the_same_turn_is_told_together(store, parcel, postgres_url):
    """A dozen at the door of a room that another server holds: five seconds for all of them, and who plays goes on."""
    room = create(store, parts_of([parcel]))
    attempt = begin(store, parcel, "anna").record.attempt
    hung = sa.create_engine(postgres_url, poolclass=sa.NullPool)
    tried, join = [], add_member

    def counted(*who):
        tried.append(who)
        return join(*who)

    async def evening():
        writer = LogWriter(store)
        busy = asyncio.ensure_future(writer.call(time.sleep, 0.3))  # so that they come in one batch
        await asyncio.sleep(0.1)
        coming = (writer.call(counted, store, room, f"Ирис {n}", False, "ru") for n in range(6))
        met = await asyncio.gather(*coming, writer.append(attempt, 0, ANSWER), return_exceptions=True)
        await busy
        writer.close()
        return met

    with hung.connect() as connection, connection.begin():
        connection.exec_driver_sql("SET idle_in_transaction_session_timeout = '60s'")
        connection.exec_driver_sql("SELECT 1 FROM workshops FOR NO KEY UPDATE")
        *met, answered = asyncio.run(evening())
    assert all(isinstance(one, Held) for one in met) and answered is None, met
    assert len(tried) == 1 and len(store.events(attempt)) == 1


def test_the_databases_own_isolation_doesnt_matter(postgres_url, parcel):
    with sa.create_engine(postgres_url, poolclass=sa.NullPool).connect() as connection:
        name = connection.exec_driver_sql("SELECT current_database()").scalar()
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET default_transaction_isolation = 'repeatable read'")
        connection.commit()
    store = Log(postgres_url)
    room = create(store, parts_of([parcel]), places=5)

    def come(number):
        log = Log(postgres_url)
        record_control(log, room, "scene", f"late_parcel/{number}")
        with contextlib.suppress(Refused):
            add_member(log, room, "Ирис", False, "ru")
        log.close()

    assert at_once(come, 8) == [None] * 8
    assert (count_controls(store, room), places_taken(store, room)) == (8, 5)
    store.close()


def test_a_room_is_never_overfull(store, parcel, postgres_url):
    """Servers count and write at the same time: the number of places must hold all the same."""
    logs = [Log(postgres_url) for _ in range(6)]
    for _ in range(5):
        room, refused = create(store, parts_of([parcel]), places=6), []

        def come(log, room=room, refused=refused):
            for n in range(4):
                try:
                    add_member(log, room, f"п{n}", False, "ru")
                except Refused:
                    refused.append(n)

        assert at_once(lambda n, come=come: come(logs[n]), 6) == [None] * 6
        assert len(members_of(store, room)) == 6 and len(refused) == 18
    [log.close() for log in logs]


def test_a_change_is_seen_whichever_writer_is_done_first(store, parcel, postgres_url):
    """What began earlier may be committed later; the board must not go on with what it read in between."""
    room = create(store, parts_of([parcel]))
    slow = sa.create_engine(postgres_url, poolclass=sa.NullPool)
    with slow.connect() as connection, connection.begin():
        row = {"workshop": room.workshop, "number": 0, "kind": "paused", "setting": "1", "at": "2026"}
        connection.execute(tables.controls.insert(), row)
        begin(store, parcel, "anna")  # another one, done before
        between = store.change_token()
        assert not load_stage(store, room)[0].paused
    assert load_stage(store, room)[0].paused
    assert store.change_token() != between


OPENER = """
import sys
from trainkit.files import casebook
from trainkit.session.resume import begin
from trainkit.log.store import Log
log, case = Log({url!r}), casebook.load_case({folder!r})
print("ready", flush=True)
sys.stdin.readline()
begin(log, case, "p" + sys.argv[1])
"""


@pytest.mark.slow
def test_many_programs_may_make_the_log_at_once(postgres_url):
    code = OPENER.format(url=postgres_url, folder=str(TEST_CASES / "late_parcel"))
    begun = [
        subprocess.Popen([sys.executable, "-c", code, str(n)], text=True, stdin=-1, stdout=-1, stderr=-1)
        for n in range(6)
    ]
    assert [process.stdout.readline() for process in begun] == ["ready\n"] * 6
    for process in begun:  # all of them stand at the line
        process.stdin.write("go\n")
        process.stdin.flush()
    errors = [process.communicate()[1] for process in begun]
    assert [process.returncode for process in begun] == [0] * 6, errors
    log = Log(postgres_url)
    assert len(log.attempts()) == 6
    with log.reading() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all() == [upgrade.HEAD]
    log.close()


# ---- what is wrong with a URL ---------------------------------------------------------------------------------------

WRONG = {
    "password": ("postgresql+psycopg://trainer:S3CRET@127.0.0.1:{port}/postgres", "password authentication failed"),
    "user": ("postgresql+psycopg://nobody:S3CRET@127.0.0.1:{port}/postgres", "nobody"),
    "database": ("postgresql+psycopg://trainer:{good}@127.0.0.1:{port}/no_such_log", "no_such_log"),
    "host": ("postgresql+psycopg://trainer:S3CRET@no-such-host.invalid/log", "no-such-host.invalid"),
    "port": ("postgresql+psycopg://trainer:S3CRET@127.0.0.1:{closed}/log", "refused"),
    "port that is none": ("postgresql+psycopg://trainer:S3CRET@127.0.0.1:S3CRET/log", ""),
    "password with an @": ("postgresql+psycopg://trainer:S3CRET@S3CRET@127.0.0.1:{port}/postgres", "%40"),
    "no driver of ours": ("postgresql+psycopg_async://trainer:S3CRET@127.0.0.1:{port}/postgres", "PostgreSQL"),
    "driver": ("postgresql+psycopg7://trainer:S3CRET@127.0.0.1/log", "psycopg7"),
    "kind of database": ("nosuchdb://trainer:S3CRET@127.0.0.1/log", "nosuchdb"),
    "setting": ("postgresql+psycopg://trainer:S3CRET@127.0.0.1:{port}/postgres?no_such_setting=1", "no_such_setting"),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_url_is_said_in_a_sentence_without_the_password(postgres, what):
    url, said = WRONG[what]
    good = postgres.url().split(":")[2].split("@")[0]
    url = url.format(port=postgres.port, closed=free_port(), good=good)
    command = [sys.executable, "-m", "trainkit", "class", str(TEST_CASES / "late_parcel")]
    where = ["--host", "127.0.0.1", "--port", "0", "--database", url]
    done = subprocess.run([*command, *where], capture_output=True, text=True, cwd=ROOT, timeout=60)
    everything = done.stdout + done.stderr
    assert done.returncode == 2 and "Traceback" not in everything, everything
    assert len(done.stderr.strip().splitlines()) == 1 and done.stderr.startswith("trainkit: "), done.stderr
    assert said in done.stderr
    assert not any(secret in everything for secret in ("S3CRET", good, PASSWORD))
    with pytest.raises(TrainkitError) as caught:
        Log(url).prepare()
    assert not any(secret in str(caught.value) for secret in ("S3CRET", good, PASSWORD))
