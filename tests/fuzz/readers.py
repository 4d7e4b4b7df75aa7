"""What reads files, and what must be true of whatever it accepts? Each takes a folder with a broken file, and dice."""

from __future__ import annotations

import io
import math
import random
import shutil
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tests.fuzz.mutations import broken, other_csv, other_json, other_yaml

ROOT = Path(__file__).parents[2]
CASES = [*sorted((ROOT / "casebook").glob("*/case.yml")), ROOT / "tests" / "casebook" / "late_parcel" / "case.yml"]


@dataclass(frozen=True)
class Reader:
    """One kind of file: ``make`` writes a broken one into a folder, ``read`` reads it and checks what it made of it."""

    name: str
    make: Callable[[Path, random.Random], None]
    read: Callable[[Path, random.Random], None]
    weight: int = 1


class Nonsense(AssertionError):
    """Something was accepted that can't be."""


def must(true: object, what: str) -> None:
    """Raise Nonsense unless it is so."""
    if not true:
        raise Nonsense(what)


def _said(raw: bytes, dice: random.Random, other: Callable[[bytes, random.Random], bytes]) -> bytes:
    return other(raw, dice) if dice.random() < 0.6 else broken(raw, [], dice)


# ---- cases ----------------------------------------------------------------------------------------------------------


def _a_case(folder: Path, dice: random.Random) -> None:
    source = dice.choice(CASES).parent
    place = folder / source.name
    shutil.copytree(source, place)
    file = dice.choice([place / "case.yml"] * 3 + sorted(place.glob("*.yml")) + sorted(place.glob("*.json")))
    file.write_bytes(_said(file.read_bytes(), dice, other_json if file.suffix == ".json" else other_yaml))


def _read_case(folder: Path, dice: random.Random) -> None:
    from trainkit.case.frozen import thaw
    from trainkit.checks.expected_paths import walks
    from trainkit.engine.attempt import start
    from trainkit.errors import TrainkitError
    from trainkit.files import casebook

    (place,) = folder.iterdir()
    with suppress(TrainkitError):
        walks(place)
    case = casebook.load_case(place)
    casebook.left_out(place)
    casebook.untranslated(place)
    must(thaw(case.source_json, case.translations_json).hash == case.hash, "a case is another after it was frozen")
    for seed in range(3):
        run = start(case, seed)
        for _ in range(60):
            if run.ending is not None:
                break
            must(run.open, "nothing can be said, and it isn't over")
            for lang in case.languages:
                must(all(isinstance(text, str) for text in run.options(lang).values()), "a reply has no words")
            run = run.choose(dice.choice(sorted(run.open)))
    for scene in case.scenes.values():
        for option in scene.options.values():
            for rule in option.position:
                must(rule.value is None or -1 <= rule.value <= 1, f"position {rule.value}")


# ---- stories, talks, plans ------------------------------------------------------------------------------------------


@lru_cache
def _stories() -> tuple[bytes, ...]:
    from trainkit.files import casebook
    from trainkit.files.twee import export

    ours = [export(casebook.load_case(file.parent)).encode() for file in CASES[:4]]
    theirs = [file.read_bytes() for file in sorted((ROOT / "tests").rglob("*.tw*"))[:30]]
    return (*ours, *theirs, FOREIGN)


FOREIGN = b""":: StoryTitle
Lost keys

:: StoryData
{"ifid": "D674C58C-DEFA-4F70-B7A2-27742230C0FC", "format": "SugarCube", "format-version": "2.36.1", "start": "Door"}

:: Door [start] {"position":"100,100","size":"100,100"}
<<set $n to 1>>"Have you lost a key?" asks the porter. (set: $a to 2)
[[I have|Desk]] [[No->Street]] [[Later<-Street]]
<<if $n gt 0>>[[Ask him|Desk]]<</if>>

:: Desk
He pulls out a drawer of keys. <<link "Which?" "Street">><</link>>
* [[The red one|Street]]

:: Street
It rains.
"""


def _a_story(folder: Path, dice: random.Random) -> None:
    stories = _stories()
    (folder / "story.twee").write_bytes(broken(dice.choice(stories), list(stories), dice))


def _read_story(folder: Path, _dice: random.Random) -> None:
    from trainkit.errors import CaseError
    from trainkit.files import casebook

    _command("from-twee", folder / "story.twee", "-o", folder / "taken")
    try:
        casebook.load_case(folder / "taken")
    except CaseError as error:  # a skeleton with gaps may not be a case yet; then it says where
        must(error.problems, "no case, and no reason why")


TALK = """клиент: Здравствуйте, посылка опоздала.
я: Когда она должна была прийти?
клиент: Вчера / я: Проверю.
[12:03] клиент: Спасибо
""".encode()
TALK_TABLE = b"client\tMy parcel is late.\nme\tWhen was it due?\nclient | Yesterday.\nme | I'll look.\n"


def _a_talk(folder: Path, dice: random.Random) -> None:
    (folder / "talk.txt").write_bytes(
        broken(dice.choice((TALK, TALK_TABLE)) * dice.choice((1, 1, 5)), [TALK, TALK_TABLE], dice)
    )


def _read_talk(folder: Path, _dice: random.Random) -> None:
    _command("from-chat", folder / "talk.txt", "-o", folder / "taken")
    must((folder / "taken" / "case.yml").read_text("utf-8").strip(), "an empty case")


AGENDA = b"""- case: racket_refund
  pace: scene
  story: one
  clock: 3
  minutes: 40
- break: Coffee
  minutes: 15
- case: power_upgrade
  pace: case
  set: {load: "30"}
"""


def _an_agenda(folder: Path, dice: random.Random) -> None:
    (folder / "friday.yml").write_bytes(_said(AGENDA, dice, other_yaml))


def _read_agenda(folder: Path, _dice: random.Random) -> None:
    from trainkit.room.agenda_file import read_agenda

    items, parts = read_agenda(folder / "friday.yml")
    must(parts, "an agenda without a case")
    for item in items:
        must(isinstance(item.minutes, int) and 0 <= item.minutes <= 1440, f"{item.minutes} minutes")


def _a_consent(folder: Path, dice: random.Random) -> None:
    (folder / "consent.txt").write_bytes(broken("Соглашаюсь: ответы увидит только тренер.\n".encode() * 5, [], dice))


def _read_consent(folder: Path, _dice: random.Random) -> None:
    from trainkit.cli.options import read_text
    from trainkit.log.store import Log
    from trainkit.room.workshops import create, parts_of

    text = _quiet(read_text, folder / "consent.txt")
    must("\ufeff" not in text[:1] and "\0" not in text and "\r" not in text, "a mark, a null or a carriage return")
    made = create(Log(folder / "log.sqlite3"), parts_of([_parcel()]), consent=text)
    must(made.consent is None or 0 < len(made.consent) <= 4000, "a consent of another length")


# ---- tables -----------------------------------------------------------------------------------------------------------

FORM = """Участник;Сцена;Балл;Ответ;Отметка времени
Анна;Первая;0,5;a;05.03.2024 12:12:00
Анна;Вторая;1;b;05.03.2024 12:14:00
Борис;Первая;0;a;05.03.2024 12:15:00
Борис;Вторая;0,25;c;05.03.2024 12:16:00
""".encode()
MAP = {"Участник": "person", "Сцена": "scene", "Балл": "fit", "Ответ": "option", "Отметка времени": "at"}


@lru_cache
def _parcel():
    from trainkit.files import casebook

    return casebook.load_case(ROOT / "tests" / "casebook" / "late_parcel")


@lru_cache
def _exported() -> Path:
    """A small log and its export, made once a process."""
    import atexit
    import tempfile

    from trainkit.exchange.folder import export_folder
    from trainkit.exchange.log_tables import Reading
    from trainkit.log.records import Settings
    from trainkit.log.store import Log
    from trainkit.session.resume import begin

    folder = Path(tempfile.mkdtemp(prefix="trainkit-fuzz-"))
    atexit.register(shutil.rmtree, folder, True)
    log, dice = Log(folder / "log.sqlite3"), random.Random(1)
    for n in range(8):
        run = begin(log, _parcel(), f"Имя {n}", seed=n, settings=Settings(own_words=n % 2 == 0))
        while run.phase != "over":
            if run.phase == "words":
                run.do("words", "ru", step=run.step, text="Ну, здравствуйте")
            else:
                run.do("choose", "ru", step=run.step, option=dice.choice(run.attempt.open))
    export_folder(Reading(log), folder / "out")
    log.close()
    return folder


def _a_table(folder: Path, dice: random.Random) -> None:
    raw = dice.choice((FORM, (_exported() / "out" / "decisions.csv").read_bytes()))
    (folder / "table.csv").write_bytes(_said(raw, dice, other_csv))


def _read_table(folder: Path, dice: random.Random) -> None:
    import trainkit as tk

    raw = (folder / "table.csv").read_bytes()
    columns = dict(MAP) if "Участник" in raw.decode("utf-8", "replace")[:3000] else {}
    if dice.random() < 0.1:
        columns[dice.choice(("Нет", "", "fit"))] = dice.choice(("fit", "person", "nothing", ""))
    found = tk.read(folder / "table.csv", columns=columns)
    found.report()
    for name, low, high in (("fit", 0, 1), ("position", -1, 1)):
        if name in found.rows:
            values = found.rows[name].dropna()
            must(all(math.isfinite(one) and low <= one <= high for one in values), f"{name} out of its range")
    if {"attempt", "fit", "position"} <= set(found.rows) and len(found.rows):
        scores = tk.scores(found.rows)
        for name in ("position", "fit"):
            must(all(math.isfinite(one) for one in scores[name].dropna()), f"a score of {name} that is no number")


def _read_report(folder: Path, _dice: random.Random) -> None:
    options = [part for theirs, ours in MAP.items() for part in ("--column", f"{theirs}={ours}")]
    _command("report", folder / "table.csv", *options, "-o", folder / "report.html")
    page = (folder / "report.html").read_text("utf-8")
    must("</html>" in page and ">nan<" not in page.lower() and "nan%" not in page.lower(), "nan on the page")


def _a_key(folder: Path, dice: random.Random) -> None:
    (folder / "key.csv").write_bytes(_said(_key_text(), dice, other_csv))


@lru_cache
def _key_text() -> bytes:
    from trainkit.bulk.keys import key_table

    return key_table([_parcel()]).encode()


def _read_key(folder: Path, _dice: random.Random) -> None:
    from trainkit.bulk.keys import Key

    case = Key(folder / "key.csv").applied(_parcel().source_json)
    for scene in case.scenes.values():
        for option in scene.options.values():
            for rule in option.position:
                must(
                    rule.value is None or (math.isfinite(rule.value) and -1 <= rule.value <= 1),
                    f"position {rule.value}",
                )


@lru_cache
def _sheet() -> tuple[bytes, bytes]:
    from trainkit.audit import reading

    text, key = reading.sheet([_parcel()], reading.SHEETS[0], "ru", 1)
    return text.encode(), key.encode()


def _a_sheet(folder: Path, dice: random.Random) -> None:
    _, key = _sheet()
    rows = [line.split(",")[:2] for line in key.decode().splitlines()[1:]]
    answers = "".join("{} {}\n".format(*dice.choice(rows)) for _ in range(4)).encode()
    which = dice.random() < 0.5
    (folder / "answers.txt").write_bytes(broken(answers, [key], dice) if which else answers)
    (folder / "sheet.csv").write_bytes(key if which else _said(key, dice, other_csv))


def _read_sheet(folder: Path, _dice: random.Random) -> None:
    from trainkit.audit import reading
    from trainkit.cli.options import read_text

    found = reading.found_in(_quiet(read_text, folder / "answers.txt"), _quiet(read_text, folder / "sheet.csv"))
    must(0 <= found.right <= found.n, f"{found.right} right of {found.n}")


def _a_frame(folder: Path, dice: random.Random) -> None:
    raw = (_exported() / "out" / "decisions.parquet").read_bytes()
    (folder / "decisions.parquet").write_bytes(_other_parquet(raw, dice))


def _other_parquet(raw: bytes, dice: random.Random) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if dice.random() < 0.5:
        return broken(raw, [], dice)
    table = pq.read_table(io.BytesIO(raw))
    number = dice.randrange(table.num_columns)
    name, column = table.column_names[number], table.column(number)
    values = column.to_pylist()
    how = dice.randrange(6)
    try:
        if how == 0:
            table = table.drop_columns([name])
        elif how == 1:
            table = pa.concat_tables([table, table.slice(0, 3)])
        elif how == 2:
            table = table.set_column(number, name, pa.array([str(one) for one in values]))
        elif how == 3:
            table = table.set_column(number, name, pa.array([[one] for one in values]))
        elif how == 4:
            table = table.append_column(name, column)
        else:
            odd = dice.choice((None, float("nan"), float("inf"), -1e300, "", "a\0b", 2**62, True))
            values[dice.randrange(len(values))] = odd
            table = table.set_column(number, name, pa.array(values))
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return broken(raw, [], dice)
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def _read_frame(folder: Path, _dice: random.Random) -> None:
    import pyarrow.parquet as pq

    _command("score", folder / "decisions.parquet", "-o", folder / "scores.parquet")
    for row in pq.read_table(folder / "scores.parquet").to_pylist():
        for name, low in (("position", -100), ("fit", 0)):
            value = row.get(name)
            must(value is None or (math.isfinite(value) and low - 1e-9 <= value <= 100 + 1e-9), f"{name} {value}")


# ---- logs and exports -------------------------------------------------------------------------------------------------


def _an_export(folder: Path, dice: random.Random) -> None:
    shutil.copytree(_exported() / "out", folder / "out")
    file = dice.choice(sorted((folder / "out").glob("*.parquet")))
    file.write_bytes(_other_parquet(file.read_bytes(), dice))


def _a_log(folder: Path, dice: random.Random) -> None:
    import sqlite3

    file = folder / "other.sqlite3"
    shutil.copy(_exported() / "log.sqlite3", file)
    if dice.random() < 0.5:
        file.write_bytes(broken(file.read_bytes(), [], dice))
        return
    with sqlite3.connect(file) as connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        table = dice.choice([name for name in tables if not name.startswith("sqlite")])
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        odd = dice.choice(
            (
                None,
                "",
                "x",
                -1,
                10**18,
                1.5,
                b"\xff\0",
                "{}",
                "[]",
                "null",
                "x" * 100_000,
                '{"a": 1',
                "2026-99-99T00:00:00Z",
            )
        )
        how = dice.randrange(5)
        try:
            if how == 0:
                connection.execute(f"DROP TABLE {table}")
            elif how == 1:
                connection.execute(f"DELETE FROM {table} WHERE rowid % 2 = 0")
            else:
                connection.execute(f"UPDATE {table} SET {dice.choice(columns)} = ? WHERE rowid % 2 = 0", (odd,))
        except sqlite3.Error:
            pass
    connection.close()


def _import(source: Path, folder: Path) -> None:
    from trainkit.exchange.incoming import import_runs
    from trainkit.exchange.log_tables import Reading
    from trainkit.log.store import Log

    log = Log(folder / "mine.sqlite3")
    try:
        import_runs(log, source)
        reading = Reading(log)
        for batch in reading.batches():  # what came in can be told
            must(batch.attempts >= 0, "no attempts")
        must(not reading.paths.unplayable, "a run came in that can't be replayed")
    finally:
        log.close()


def _read_export(folder: Path, _dice: random.Random) -> None:
    _import(folder / "out", folder)


def _read_log(folder: Path, dice: random.Random) -> None:
    if dice.random() < 0.3:
        words: tuple = dice.choice((
            ("export", "-o", folder / "tables"), ("words", "-o", folder / "texts"), ("erase", "Имя 1", "--check"),
            ("backup", folder / "copy.sqlite3"), ("debrief", "--workshop", "123456", "-o", folder / "pack.html"),
        ))  # fmt: skip
        _command(*words, "--database", folder / "other.sqlite3")
        return
    _import(folder / "other.sqlite3", folder)


def _a_draft(folder: Path, dice: random.Random) -> None:
    place = folder / CASES[-1].parent.name
    shutil.copytree(CASES[-1].parent, place)
    file = place / ".case.draft.json"
    from trainkit.editor.draft import Draft

    draft = Draft(place)
    draft.edit({"do": "set", "path": ["title"], "value": "Другое"})
    draft.leave()
    if file.exists():
        file.write_bytes(_said(file.read_bytes(), dice, other_json))
    if dice.random() < 0.4:
        case = place / "case.yml"
        case.write_bytes(_said(case.read_bytes(), dice, other_yaml))


def _read_draft(folder: Path, _dice: random.Random) -> None:
    from trainkit.editor.draft import Draft

    draft = Draft(folder / CASES[-1].parent.name)
    draft.problems  # noqa: B018  worked out here
    draft.undo()
    draft.redo()
    draft.leave()


def _command(*words: object) -> None:
    """Run a command; what it refuses, in one sentence, is raised as such."""
    from trainkit.cli.main import BAD_INPUT, main
    from trainkit.errors import TrainkitError

    told = io.StringIO()
    with redirect_stdout(io.StringIO()), redirect_stderr(told):
        status = main([str(word) for word in words])
    if status == BAD_INPUT:
        raise TrainkitError(told.getvalue())


def _quiet(call: Callable, *given: object) -> object:
    """What a function gives, without what it prints."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        return call(*given)


READERS = (
    Reader("case", _a_case, _read_case, 6),
    Reader("twee", _a_story, _read_story, 4),
    Reader("chat", _a_talk, _read_talk, 3),
    Reader("agenda", _an_agenda, _read_agenda, 2),
    Reader("consent", _a_consent, _read_consent),
    Reader("table and column map", _a_table, _read_table, 4),
    Reader("report of a form", _a_table, _read_report),
    Reader("key", _a_key, _read_key, 3),
    Reader("reading sheet", _a_sheet, _read_sheet, 2),
    Reader("frame", _a_frame, _read_frame, 2),
    Reader("import of a folder", _an_export, _read_export, 3),
    Reader("import of a log", _a_log, _read_log, 3),
    Reader("draft", _a_draft, _read_draft),
)
