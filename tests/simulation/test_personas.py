"""Simulated trainees: they play by the rules, log what people log, and differ as they should."""

import csv
import hashlib
import statistics

import pytest
from support.places import ASKED_FOR, each_of_the_casebook

from trainkit import load_case
from trainkit.cli import main as cli
from trainkit.engine.attempt import replay, start
from trainkit.errors import TrainkitError
from trainkit.log.history import decision_rows
from trainkit.log.schema import attempts, events
from trainkit.log.store import Log
from trainkit.scoring.attempt import score
from trainkit.scoring.decisions import decisions
from trainkit.session.resume import reopen
from trainkit.simulation import export as synthetic
from trainkit.simulation.personas import PERSONAS, personas
from trainkit.simulation.runner import CaseRunner, RunMeans, simulate
from trainkit.value.regret import review


@each_of_the_casebook()
def test_a_simulated_run_replays_like_a_persons(name):
    """The same answers through the engine give the same facts, ending, decisions and Play."""
    case = load_case(name)
    for run in simulate(case, 6, seed=3):
        attempt = replay(case, run.seed, run.fixed, run.answers)
        assert attempt.ending == run.ending
        assert decisions(attempt) == run.decisions
        assert review(attempt).play == pytest.approx(run.play)


def test_the_same_seed_is_the_same_run():
    case = load_case("racket_refund")
    first, second = (CaseRunner(case).run(PERSONAS["random"], 5, 8) for _ in range(2))
    assert first.answers == second.answers and first.seed == second.seed
    assert [CaseRunner(case).run(PERSONAS["random"], n, 8).answers for n in (5, 6, 7)].count(first.answers) < 3


def test_fixed_facts_hold():
    case = load_case("racket_refund")
    for run in simulate(case, 20, "random", fixed={"item": "watch", "where": "mislaid"}):
        assert start(case, run.seed, run.fixed).facts == {"item": "watch", "where": "mislaid"} | {
            name: value for name, value in start(case, run.seed, run.fixed).facts.items() if name not in run.fixed
        }


def means(name, n=150):
    case, found = load_case(name), {}
    for persona in PERSONAS.values():
        tally = RunMeans()
        ground = CaseRunner(case)
        runs = [tally.take(ground.run(persona, number, 1)) for number in range(1, n + 1)]
        found[persona.name] = tally, runs
    return case, found


@pytest.mark.parametrize("name", ASKED_FOR)
def test_each_persona_does_what_it_says(name):
    case, found = means(name)
    tallies = {key: tally for key, (tally, _) in found.items()}
    asks = {key: (scene, key) for scene, part in case.scenes.items() for key, o in part.options.items() if o.ask}

    def asked(key):
        return statistics.mean(sum((p.scene, o) in asks.values() for p, o in run.choices) for run in found[key][1])

    assert asked("rusher") == 0
    assert asked("over-asker") >= asked("order-taker")
    assert tallies["best-player"].mean("play") > 97 and tallies["best-player"].mean("fit") > 92
    assert all(
        tallies["best-player"].mean("play") > tallies[key].mean("play") for key in PERSONAS if key != "best-player"
    )
    assert tallies["order-taker"].mean("position") < -50 and tallies["centric"].mean("position") > 20
    off = {
        key: statistics.mean(sum(d.on_axis and d.position is None for d in run.decisions) for run in runs)
        for key, (_, runs) in found.items()
    }
    assert off["careless"] > 1.5 * off["random"] > 5 * off["order-taker"]


def test_personas_by_name():
    assert [one.name for one in personas("all")] == list(PERSONAS)
    with pytest.raises(TrainkitError, match=r'unknown persona "centrick"\. Did you mean "centric"'):
        personas("centrick")
    with pytest.raises(TrainkitError, match="n is a whole number from 1"):
        simulate(load_case("racket_refund"), 0, "random")


# ---- files ----------------------------------------------------------------------------------------------------


def rows_of(name="racket_refund", n=8, lang="ru"):
    case = load_case(name)
    return case, list(synthetic.event_rows(case, simulate(case, n, lang=lang), lang))


def test_the_columns_are_those_of_the_log():
    log = [c.name for c in attempts.columns if c.name != "number"] + [
        c.name for c in events.columns if c.name != "attempt"
    ]
    assert list(synthetic.COLUMNS) == [*log, *synthetic.ADDED]
    _, rows = rows_of()
    for row in rows:
        values = dict(zip(synthetic.COLUMNS, row, strict=True))
        assert values["origin"] == "synthetic" and values["participant"].startswith("synthetic ")
        assert values["started_at"].startswith("2000-01-0") and values["at"] > values["started_at"]


def test_csv_and_parquet_hold_the_same_rows(tmp_path):
    import pyarrow.parquet as pq

    case, rows = rows_of()
    for suffix in ("csv", "parquet"):
        with synthetic.writing(tmp_path / f"runs.{suffix}") as write:
            write(case, rows)
    with (tmp_path / "runs.csv").open(encoding="utf-8", newline="") as file:
        read = list(csv.reader(file))
    assert tuple(read[0]) == synthetic.COLUMNS
    assert read[1:] == [["" if value is None else str(value) for value in row] for row in rows]
    table = pq.read_table(tmp_path / "runs.parquet").to_pylist()
    assert [tuple(row.values()) for row in table] == rows
    assert not list(tmp_path.glob("*.part"))


def test_a_synthetic_log_is_a_log(tmp_path, monkeypatch):
    """What is written to SQLite opens, replays and scores like anybody's; chunks may part an attempt."""
    monkeypatch.setattr(synthetic, "CHUNK", 7)
    case, rows = rows_of()
    with synthetic.writing(tmp_path / "runs.sqlite3") as write:
        write(case, rows)
    store = Log(tmp_path / "runs.sqlite3")
    records = store.attempts()
    assert len(records) == len({row[0] for row in rows}) and {r.origin for r in records} == {"synthetic"}
    for record in records[::5]:
        session = reopen(store, record, case)
        assert session.attempt.finished and score(session.attempt).decisions >= 1
    assert {row["origin"] for row in decision_rows(store)} == {"synthetic"}
    store.close()
    with pytest.raises(TrainkitError, match="exists"), synthetic.writing(tmp_path / "runs.sqlite3"):
        pass


def test_what_cannot_be_written_changes_nothing(tmp_path):
    refused = pytest.raises(TrainkitError, match=r'ends in \.csv, \.parquet, \.sqlite3 \(got "runs.xls"\)')
    with refused, synthetic.writing(tmp_path / "runs.xls"):
        pass
    (tmp_path / "runs.csv").write_text("mine")
    with pytest.raises(RuntimeError), synthetic.writing(tmp_path / "runs.csv"):
        raise RuntimeError
    assert (tmp_path / "runs.csv").read_text() == "mine" and len(list(tmp_path.iterdir())) == 1


def test_simulate_command(tmp_path, capsys):
    def run(*arguments):
        return cli.main(["simulate", *arguments])

    files = [tmp_path / name for name in ("a.csv", "b.csv", "c.csv")]
    for file, seed in zip(files, ("7", "7", "8"), strict=True):
        assert run("racket_refund", "--persona", "all", "-n", "5", "--seed", seed, "-o", str(file)) == 0
    first, second, third = (hashlib.sha256(file.read_bytes()).hexdigest() for file in files)
    assert first == second != third
    assert "best-player" in capsys.readouterr().out
    assert run("racket_refund", "--persona", "nobody") == 2
    assert run("racket_refund", "-n", "0") == 2
    assert run("racket_refund", "--set", "item=boat") == 2
    assert run("racket_refund", "--lang", "xx") == 2


def test_a_bad_fact_stops_simulate_before_anything_is_written(tmp_path, capsys):
    file = tmp_path / "a.csv"
    for bad in ("itme=watch", "item=boat"):
        assert cli.main(["simulate", "racket_refund", "--set", bad, "-n", "2", "-o", str(file)]) == 2
    said = capsys.readouterr().err
    assert 'unknown fact "itme"' in said and 'unknown value of "item"' in said and not file.exists()
    assert cli.main(["simulate", "racket_refund", "appendicitis", "--set", "item=watch", "-n", "2"]) == 2
    assert cli.main(["simulate", "racket_refund", "-n", "2", "-o", ""]) == 2


def test_attempts_of_two_conditions_have_ids_of_their_own(tmp_path):
    ids = []
    for item in ("watch", "racket"):
        file = tmp_path / f"{item}.csv"
        arguments = ["racket_refund", "racket_refund", "--persona", "random", "--persona", "random"]
        assert cli.main(["simulate", *arguments, "-n", "5", "--set", f"item={item}", "-o", str(file)]) == 0
        with file.open(encoding="utf-8", newline="") as read:
            ids.append({row["attempt"] for row in csv.DictReader(read)})
    assert [len(found) for found in ids] == [5, 5] and not ids[0] & ids[1]
