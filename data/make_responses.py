"""How were the sample's 300 people made? They are SYNTHETIC: simulated trainees, to the byte the same wherever this is run.

``python data/make_responses.py [FOLDER]`` writes ``data/sample``. The cases are the versions frozen in ``data/cases``, so
that a comma mended in the casebook changes nothing here; ``--freeze`` takes the casebook's versions of today instead (and
then there is another sample). Who they are, and what the training did to them, stands in the constants below and in
``truth.csv``.
"""

from __future__ import annotations

import csv
import io
import json
import random
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from trainkit.case.frozen import thaw
from trainkit.case.model import Case
from trainkit.exchange.columns import TABLES, codebook, frictionless_schema
from trainkit.exchange.folder import export_folder
from trainkit.exchange.log_tables import Reading, Wanted
from trainkit.log.store import Log
from trainkit.scoring.profile import third
from trainkit.simulation.export import ATTEMPT, COLUMNS, event_rows
from trainkit.simulation.personas import PERSONAS, Persona, chooser
from trainkit.simulation.runner import CaseRunner

HERE = Path(__file__).resolve().parent
FORMS = (
    ("counters_a", "racket_refund"),
    ("counters_b", "power_upgrade"),
)  # half play the first before, half the second
PEOPLE = 300  # every second one is trained
DAYS = {"before": datetime(2000, 1, 10, 6, tzinfo=UTC), "after": datetime(2000, 2, 14, 6, tzinfo=UTC)}
LEAN, SKILL, PULL = (0.2, 0.25), (3.0, 1.0), 1.5  # of the choice model: mean and SD between people
EFFECT = (1.2, 0.4)  # what the training adds to the skill of those who are trained, and to nothing else
CARELESS = 0.06  # share of people who press anything, faster than one can read
ABSENT = 0.08  # share of people who don't come again after
BROKEN_OFF = 0.03  # share of attempts that are never finished
RUSSIAN = 0.6  # share of people who read Russian; the others read English
OWN_WORDS = "counters_a"  # the case in which some type what they would say before they see the replies
TYPES = (0, 1)  # whose number over 24 leaves this
AS_CHOSEN = 0.55  # share of texts on the side of the reply chosen then; of the others …
ELSE = {"orientated": 0.45, "middle": 0.25, "centric": 0.2, "off": 0.1}  # … each side
UNTOLD, NAMED = 0.06, 0.12  # share of texts that say nothing, and that name somebody
CODERS = {"first": 0.9, "second": 0.85}  # how often each gives the code that a text was drawn as
MISTAKEN = {
    "orientated": ("middle", "off"), "middle": ("orientated", "centric", "unclear"), "centric": ("middle",),
    "off": ("orientated", "unclear"), "unclear": ("middle", "orientated"),
}  # fmt: skip
EXPERTS, SCHOOL, OWN = 6, 0.12, (0.25, 0.18)  # how many; SD of how far each leans, of each position and of each fit
CRITERION = (3.0, 0.35, 0.8)  # a supervisor's rating: mean, what a unit of skill adds, SD of the rest
SAID = "SYNTHETIC: simulated trainees; nobody answered"
DESIGN = {
    "attempt": ("32 hexadecimal digits", "Attempt id", "Идентификатор прохождения"),
    "person": ("32 hexadecimal digits", "Who played", "Кто играл"),
    "origin": ("synthetic", SAID, "СИНТЕТИЧЕСКИЕ ДАННЫЕ: модели участников; никто не отвечал"),
    "group": (
        "trained | untrained",
        "Whether a training lay between before and after",
        "Было ли между замерами обучение",
    ),
    "wave": ("before | after", "Before the training or after it", "До обучения или после"),
}
TRUTH = {
    "attempt": DESIGN["attempt"],
    "origin": DESIGN["origin"],
    "kind": ("ordinary | careless", "Whether this trainee reads before answering", "Читает ли модель прежде чем ответить"),
    "lean": ("-1 to 1 or empty", "Its lean from orientation to centricity", "Её наклон от ориентированности к центричности"),
    "skill": (
        "0 and up or empty",
        "How strongly fit draws it; training adds to this alone",
        "Насколько её тянет к уместному; обучение меняет только это",
    ),
    "pull": ("0 and up or empty", "How strongly its lean draws it", "Насколько её тянет собственный наклон"),
}  # fmt: skip

RATINGS = {
    "expert": ("expert 1 …", "Who rated", "Кто оценивал"),
    "case": ("a-z 0-9 _", "Case", "Случай"),
    "scene": ("a-z 0-9 _", "Scene", "Сцена"),
    "option": ("a-z 0-9 _", "Reply that was rated", "Оценённый ответ"),
    "position": ("-1 to 1 or empty", "Orientation to centricity; empty: off the axis", "От ориентированности к центричности"),
    "fit": ("0 to 1", "How well it suits the client", "Насколько ответ подходит клиенту"),
    "origin": DESIGN["origin"],
}  # fmt: skip
RATED = {
    "person": DESIGN["person"],
    "rating": ("1 to 5", "A supervisor's rating, made up from the skill", "Оценка руководителя, выдуманная по навыку"),
    "origin": DESIGN["origin"],
}  # fmt: skip
WORDS = {
    "attempt": DESIGN["attempt"],
    "step": ("0 and up", "Number of the event in the attempt", "Номер события в прохождении"),
    "kind": ("words | choose", "Typed before replies were seen; reply chosen", "Написано до показа ответов; выбранный"),
    "scene": ("a-z 0-9 _", "Scene", "Сцена"),
    "option": ("a-z 0-9 _ or empty", "Reply chosen", "Выбранный ответ"),
    "text": ("text or empty", "What was typed, drawn from data/own_words.json", "Что написано; взято из data/own_words.json"),
    "lang": ("ru | en", "Language", "Язык"),
    "origin": DESIGN["origin"],
}  # fmt: skip
CODES = {
    "attempt": DESIGN["attempt"],
    "step": WORDS["step"],
    "coder": ("first | second", "Simulated coder", "Модель кодировщика"),
    "code": ("orientated | middle | centric | off | unclear", "Code of the text", "Код текста"),
    "origin": DESIGN["origin"],
}  # fmt: skip
BESIDE = {"design": DESIGN, "truth": TRUTH, "experts": RATINGS, "criterion": RATED, "own_words": WORDS, "codes": CODES}
PRIMARY = {
    "experts": ["expert", "case", "scene", "option"], "criterion": ["person"], "own_words": ["attempt", "step"],
    "codes": ["attempt", "step", "coder"],
}  # fmt: skip
NUMBERS = ("lean", "skill", "pull", "position", "fit", "rating")


class Trainee(NamedTuple):
    """One who was made up: nothing of this is in the tables that a researcher would have."""

    number: int
    lang: str
    trained: bool
    first_form: int
    comes_again: bool
    before: Persona
    after: Persona


def trainees() -> Iterator[Trainee]:
    """The people, each with dice of their own."""
    for number in range(1, PEOPLE + 1):
        dice = random.Random(f"trainkit sample {number}")
        trained, first_form = number % 2 == 1, number // 2 % 2
        lean = max(-1.0, min(1.0, dice.gauss(*LEAN)))
        skill, effect = max(0.0, dice.gauss(*SKILL)), dice.gauss(*EFFECT)
        lang = "ru" if dice.random() < RUSSIAN else "en"
        comes_again = dice.random() >= ABSENT
        if dice.random() < CARELESS:
            before = after = PERSONAS["random"]
        else:
            learnt = max(0.0, skill + effect * trained)
            before, after = (chooser("sample", (lean, 0), (one, 0), (PULL, 0)) for one in (skill, learnt))
        yield Trainee(number, lang, trained, first_form, comes_again, before, after)


def load(name: str) -> Case:
    """A case as it was frozen."""
    source, texts = ((HERE / "cases" / f"{name}{end}.json").read_text("utf-8").strip() for end in ("", ".texts"))
    return thaw(source, texts, name)


def freeze() -> None:
    """Keep the casebook's versions of today."""
    import trainkit

    for name in (name for form in FORMS for name in form):
        case = trainkit.load_case(name)
        (HERE / "cases" / f"{name}.json").write_text(case.source_json + "\n", "utf-8")
        (HERE / "cases" / f"{name}.texts.json").write_text(case.translations_json + "\n", "utf-8")


class Played(NamedTuple):
    """An attempt: its row in the log and those of its events, and what belongs to it in the other two tables."""

    begun: dict[str, Any]
    events: list[dict[str, Any]]
    design: dict[str, Any]
    truth: dict[str, Any]


def attempts(one: Trainee, runners: dict[tuple[str, str], CaseRunner]) -> Iterator[Played]:
    """What a trainee plays, in order: two cases before, two after."""
    dice = random.Random(f"trainkit sample {one.number} plays")
    for wave, day in DAYS.items():
        persona = one.before if wave == "before" else one.after
        clock = day + timedelta(seconds=round(dice.uniform(0, 28_800), 3))
        comes = wave == "before" or one.comes_again
        for name in FORMS[(one.first_form + (wave == "after")) % 2]:
            runner = runners[name, one.lang]
            run = runner.run(persona, one.number, seed=2000)
            rows = [dict(zip(COLUMNS, row, strict=True)) for row in event_rows(runner.case, [run], one.lang)]
            times = [
                datetime.fromisoformat(row[at]) for at, row in [("started_at", rows[0]), *(("at", row) for row in rows)]
            ]
            stay = len(rows) if dice.random() >= BROKEN_OFF else dice.randrange(1, len(rows))
            hurry = dice.uniform(0.02, 0.06) if persona.name == "random" else 1.0
            begun = {column: rows[0][column] for column in ATTEMPT}
            begun |= {"participant": f"synthetic {one.number:03}", "feedback": "none", "started_at": _time(clock)}
            for row, before, at in zip(rows, times, times[1:], strict=False):
                clock += (at - before) * hurry
                row["at"] = _time(clock)
            clock += timedelta(seconds=round(dice.uniform(40, 200), 3))
            if comes:
                about = _about(one, wave, persona, rows[0])
                rows = rows[:stay]
                if name == OWN_WORDS and wave == "before" and one.number % 24 in TYPES:
                    begun["own_words"] = True
                    rows = _typed(one, runner.case, begun["started_at"], rows)
                yield Played(begun, rows, *about)


def _typed(one: Trainee, case: Case, start: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a trainee types before each choice: often on the side of what is chosen then, else rather orientated."""
    dice = random.Random(f"trainkit sample {one.number} types")
    texts, told, before = json.loads((HERE / "own_words.json").read_text("utf-8"))[one.lang], [], start
    for row in rows:
        position, _ = _keyed(case, row["scene"], row["option"])
        side = "off" if position is None else third(position)
        if dice.random() >= AS_CHOSEN:
            side = dice.choices(list(ELSE), list(ELSE.values()))[0]
        if dice.random() < UNTOLD or one.before.name == "random":
            side = "unclear"
        text = dice.choice(texts[side]) + (dice.choice(texts["named"]) if dice.random() < NAMED else "")
        typed = dict.fromkeys(row) | {name: row[name] for name in ("attempt", "scene", "lang")}
        at = _time(
            datetime.fromisoformat(before) + (datetime.fromisoformat(row["at"]) - datetime.fromisoformat(before)) / 2
        )
        told += [typed | {"kind": "words", "text": text, "at": at, "side": side}, row]
        before = row["at"]
    return [row | {"step": step} for step, row in enumerate(told)]


def _keyed(case: Case, scene: str, option: str) -> tuple[float | None, float]:
    """Position and fit of a reply by the key, where nothing that is known changes them."""
    found = case.scenes[scene].options[option]
    (position,), (fit,) = found.position, found.fit
    return position.value, fit.value


def ratings(cases: dict[str, Case]) -> Iterator[dict[str, Any]]:
    """What made-up experts say of the replies of both decks: the key, their school, and what is their own."""
    for number in range(1, EXPERTS + 1):
        dice = random.Random(f"trainkit sample expert {number}")
        school = dice.gauss(0, SCHOOL)
        for name in ("counters_a", "counters_b"):
            for scene, place in cases[name].scenes.items():
                for option in place.options:
                    position, fit = _keyed(cases[name], scene, option)
                    moved = (
                        None
                        if position is None
                        else round(max(-1.0, min(1.0, position + school + dice.gauss(0, OWN[0]))), 1)
                    )
                    own = round(max(0.0, min(1.0, fit + dice.gauss(0, OWN[1]))), 1)
                    where = {"expert": f"expert {number}", "case": name, "scene": scene, "option": option}
                    yield where | {"position": moved, "fit": own, "origin": "synthetic"}


def codes(played: list[Played]) -> Iterator[dict[str, Any]]:
    """What made-up coders say of the texts: mostly what each was drawn as."""
    for coder, right in CODERS.items():
        dice = random.Random(f"trainkit sample coder {coder}")
        for done in played:
            for row in done.events:
                if row["kind"] == "words":
                    code = row["side"] if dice.random() < right else dice.choice(MISTAKEN[row["side"]])
                    where = {"attempt": row["attempt"], "step": row["step"], "coder": coder}
                    yield where | {"code": code, "origin": "synthetic"}


def criterion() -> Iterator[dict[str, Any]]:
    """A supervisor's rating of each trainee before the training: a little of skill, much of everything else."""
    mean, slope, spread = CRITERION
    for one in trainees():
        dice = random.Random(f"trainkit sample {one.number} is rated")
        skill = one.before.skill if one.before.chooses else 0.0
        rating = mean + slope * (skill - SKILL[0]) + dice.gauss(0, spread)
        yield {
            "person": f"synthetic {one.number:03}",
            "rating": round(max(1.0, min(5.0, rating)), 1),
            "origin": "synthetic",
        }


def _about(one: Trainee, wave: str, persona: Persona, row: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    begun = {"attempt": row["attempt"], "origin": "synthetic"}
    own = {name: row[name] if persona.chooses else None for name in ("lean", "skill", "pull")}
    kind = "ordinary" if persona.chooses else "careless"
    return begun | {"group": "trained" if one.trained else "untrained", "wave": wave}, begun | {"kind": kind} | own


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def make(folder: Path) -> None:
    """Let them play, and export it as any log is exported; beside it who was trained, and who they truly are."""
    cases = {name: load(name) for form in FORMS for name in form}
    runners = {(name, lang): CaseRunner(case, lang) for name, case in cases.items() for lang in ("ru", "en")}
    played = sorted(
        (done for one in trainees() for done in attempts(one, runners)),
        key=lambda done: (done.begun["started_at"], done.begun["attempt"]),
    )
    with tempfile.TemporaryDirectory() as beside:
        log = Log(Path(beside) / "log.sqlite3")
        for case in cases.values():
            log.keep_case(case)
        events = [
            {name: value for name, value in row.items() if name != "side"} for done in played for row in done.events
        ]
        log.add_rows(case, [done.begun for done in played], events)
        export_folder(Reading(log, Wanted(synthetic=True)), Path(beside) / "out")
        log.close()
        folder.mkdir(parents=True, exist_ok=True)
        for table in ("decisions", "attempts", "people"):  # events would make it twice as large
            (folder / f"{table}.csv").write_bytes((Path(beside) / "out" / f"{table}.csv").read_bytes())
    whose = {row["attempt"]: row["person"] for row in csv.DictReader(_text(folder / "attempts.csv").splitlines())}
    design = [{**done.design, "person": whose[done.design["attempt"]]} for done in played]
    _write(folder / "design.csv", list(DESIGN), design)
    _write(folder / "truth.csv", list(TRUTH), [done.truth for done in played])
    people = {row["participant"]: row["person"] for row in csv.DictReader(_text(folder / "people.csv").splitlines())}
    _write(folder / "experts.csv", list(RATINGS), list(ratings(cases)))
    rated = [{**row, "person": people[row["person"]]} for row in criterion()]
    _write(folder / "criterion.csv", list(RATED), sorted(rated, key=lambda row: row["person"]))
    typed = [done for done in played if done.begun["own_words"]]
    words = [{name: row.get(name) for name in WORDS} | {"origin": "synthetic"} for done in typed for row in done.events]
    _write(folder / "own_words.csv", list(WORDS), words)
    _write(folder / "codes.csv", list(CODES), list(codes(typed)))
    (folder / "codebook.csv").write_text("\ufeff" + _codebook(), "utf-8", newline="")
    (folder / "datapackage.json").write_text(_package(), "utf-8", newline="")


def _text(file: Path) -> str:
    return file.read_text("utf-8-sig")


def _write(file: Path, names: list[str], rows: list[dict[str, Any]]) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.DictWriter(out, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _codebook() -> str:
    """That of an export without its events, and the two tables beside it."""
    rows = list(csv.reader(codebook().splitlines()))
    kept = [rows[0], ["(all)", "(all rows)", "text", "", "synthetic", SAID, DESIGN["origin"][2]]]
    kept += [row for row in rows[1:] if row[0] != "events"]
    for table, columns in BESIDE.items():
        for name, (values, english, russian) in columns.items():
            kind = "integer" if name == "step" else "number" if name in NUMBERS else "text"
            kept.append([table, name, kind, "", values, english, russian])
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(kept)
    return out.getvalue()


def _package() -> str:
    """A Frictionless data package, as exports have it; without the time at which it was made."""
    resources = []
    for name in [name for name in TABLES if name != "events"]:
        resources.append({"name": name, "schema": frictionless_schema(name)})
    for name, columns in BESIDE.items():
        kinds = dict.fromkeys(NUMBERS, "number") | {"step": "integer"}
        fields = [{"name": one, "type": kinds.get(one, "string"), "title": told[1]} for one, told in columns.items()]
        schema = {"fields": fields, "primaryKey": PRIMARY.get(name, ["attempt"]), "missingValues": [""]}
        if "attempt" in columns:
            keys = [{"fields": "attempt", "reference": {"resource": "attempts", "fields": "attempt"}}]
            schema["foreignKeys"] = keys
        resources.append({"name": name, "schema": schema})
    head = {"profile": "tabular-data-resource", "format": "csv", "mediatype": "text/csv", "encoding": "utf-8-sig"}
    package = {
        "profile": "tabular-data-package",
        "name": "trainkit-sample",
        "title": f"trainkit: a sample of {PEOPLE} synthetic people",
        "description": f"{SAID}. The keys behind position and fit are one author's and not validated.",
        "resources": [{**head, "path": f"{one['name']}.csv", **one} for one in resources],
    }
    return json.dumps(package, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    if sys.argv[1:] == ["--freeze"]:
        freeze()
    else:
        make(Path(sys.argv[1]) if sys.argv[1:] else HERE / "sample")
