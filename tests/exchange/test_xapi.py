"""xAPI 1.0.3 statements: valid by the specification's rules, saying what the tables say and no more, twice the same.

The schema beside this file is written from the specification; the npm package @learninglocker/xapi-validation 3.0.0 found no
fault in 189,063 statements either.
"""

import json
import re
import uuid
from datetime import datetime
from pathlib import Path

import jsonschema
import pandas as pd
import pyarrow.parquet as pq
import pytest
from support.logs import filled

import trainkit as tk
from trainkit.cli.main import main
from trainkit.errors import TrainkitError
from trainkit.exchange.folder import export_folder
from trainkit.exchange.log_tables import Reading, Wanted
from trainkit.log.store import Log

HOME = "https://academy.example.org/kit"
SCHEMA = jsonschema.Draft202012Validator(json.loads((Path(__file__).parent / "xapi_1_0_3.json").read_text("utf-8")))


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A log, its tables and its statements."""
    folder = tmp_path_factory.mktemp("xapi")
    log = filled(Log(folder / "log.sqlite3"))
    export_folder(Reading(log), folder / "out", statements=HOME + "/")
    log.close()
    return folder


def statements_of(folder):
    lines = (folder / "statements.jsonl").read_text("utf-8").split("\n")
    assert lines.pop() == ""
    return [json.loads(line) for line in lines]


def extension(statement, name, of="result"):
    return statement[of]["extensions"].get(f"{HOME}/extensions/{name}")


def test_every_statement_is_valid(told):
    found = statements_of(told / "out")
    assert len(found) > 100
    for statement in found:
        SCHEMA.validate(statement)
    assert {statement["verb"]["id"].rsplit("/", 1)[1] for statement in found} == {
        "initialized", "answered", "interacted", "commented", "completed",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("result", "score", "scaled"), 1.01),
        (("actor", "mbox"), "mailto:anna@example.org"),
        (("actor", "account", "homePage"), "academy"),
        (("id",), "17e3834"),
        (("timestamp",), "2026-11-30T10:00:00"),
        (("verb", "id"), "answered"),
        (("object", "definition"), {"choices": []}),
        (("context", "colour"), "red"),
        (("context", "platform"), None),
        (("result", "duration"), "90 s"),
        (("result", "extensions"), {"kind": "choose"}),
    ],
)
def test_the_schema_refuses_what_the_specification_forbids(told, path, value):
    statement = next(one for one in statements_of(told / "out") if "score" in one.get("result", {}))
    part = statement
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    assert not SCHEMA.is_valid(statement)


def test_they_say_what_the_tables_say(told):
    found = statements_of(told / "out")
    tables = {name: pq.read_table(told / "out" / f"{name}.parquet").to_pandas() for name in
              ("events", "attempts", "decisions", "people")}  # fmt: skip
    by_verb = {}
    for statement in found:
        by_verb.setdefault(statement["verb"]["id"].rsplit("/", 1)[1], []).append(statement)
    attempts, events, decisions = tables["attempts"], tables["events"], tables["decisions"]
    assert len(by_verb["initialized"]) == len(attempts) and len(by_verb["completed"]) == attempts["finished"].sum()
    assert len(by_verb["answered"]) == (events["kind"] == "choose").sum()
    assert len(by_verb["interacted"]) == (events["kind"] == "back").sum()
    said = events[events["kind"].isin(["words", "why", "disagree"]) & (events["text"].fillna("") != "")]
    assert sorted(one["result"]["response"] for one in by_verb["commented"]) == sorted(said["text"])
    scored = [one for one in by_verb["answered"] if "score" in one["result"]]
    told_so = [(one["result"]["response"], one["result"]["score"]["scaled"]) for one in scored]
    assert told_so == [
        (row.option, pytest.approx(row.fit, abs=1e-6)) for row in decisions.itertuples() if pd.notna(row.fit)
    ]
    positions = [extension(one, "position") for one in scored]
    assert positions == [None if pd.isna(row.position) else row.position for row in decisions.itertuples()]
    assert len({one["context"]["registration"] for one in found}) == len(attempts)
    assert {one["actor"]["account"]["name"] for one in found} <= set(tables["people"]["person"])
    order = [one["context"]["registration"] for one in found]
    assert order == sorted(order, key=order.index)  # an attempt's statements stand together
    times = [datetime.fromisoformat(one["timestamp"]) for one in found[:20]]
    assert all(time.utcoffset().total_seconds() == 0 for time in times)


def test_the_score_of_a_whole_run_is_its_fit(told):
    found = [one for one in statements_of(told / "out") if one["verb"]["id"].endswith("/completed")]
    decisions = pq.read_table(told / "out" / "decisions.parquet").to_pandas()
    finished = decisions[decisions["finished"]]
    scores = tk.scores(finished).set_index("attempt").loc[list(dict.fromkeys(finished["attempt"]))]
    with_score = [one["result"]["score"]["scaled"] for one in found if "score" in one["result"]]
    assert with_score == pytest.approx((scores["fit"].dropna() / 100).tolist(), abs=1e-6) and len(with_score) > 3
    assert all(one["result"]["completion"] and "success" not in one["result"] for one in found)
    assert any(re.fullmatch(r"PT\d+\.\d\dS", one["result"].get("duration", "")) for one in found)


def test_a_second_export_is_the_same_to_the_byte(told, tmp_path):
    log = Log(told / "log.sqlite3")
    export_folder(Reading(log), tmp_path / "again", statements=HOME)
    log.close()
    mine = (tmp_path / "again" / "statements.jsonl").read_bytes()
    assert mine == (told / "out" / "statements.jsonl").read_bytes()
    ids = [uuid.UUID(one["id"]) for one in statements_of(told / "out")]
    assert len(set(ids)) == len(ids) and all(one.version == 5 for one in ids)


def test_a_scene_is_described_once(told):
    described = [one["object"] for one in statements_of(told / "out") if "definition" in one["object"]]
    ids = [one["id"] for one in described]
    assert len(ids) == len(set(ids)) and len(ids) > 10
    choices = next(one["definition"]["choices"] for one in described if one["id"].endswith("/scenes/counter"))
    assert re.search("[а-я]", choices[0]["description"]["ru"]) and re.search("[a-z]", choices[0]["description"]["en"])
    words = next(one for one in described if one["id"].endswith("/words"))
    assert words["definition"]["interactionType"] == "long-fill-in" and "choices" not in words["definition"]


def test_nobody_is_named_where_nobody_may_be(told, tmp_path):
    found = statements_of(told / "out")
    people = pq.read_table(told / "out" / "people.parquet").to_pandas().set_index("person")
    for one in found:
        person = people.loc[one["actor"]["account"]["name"]]
        assert one["actor"].get("name") == (None if pd.isna(person["participant"]) else person["participant"])
        if person["anonymous"]:
            assert one["timestamp"].endswith(":00.000000Z") and "duration" not in one.get("result", {})
    assert people["anonymous"].any() and "mbox" not in json.dumps(found)
    log = Log(told / "log.sqlite3")
    export_folder(Reading(log, Wanted(names=False)), tmp_path / "out", statements=HOME)
    log.close()
    assert not any("name" in one["actor"] for one in statements_of(tmp_path / "out"))


def test_simulated_people_are_said_to_be(tmp_path, capsys):
    url = str(tmp_path / "log.sqlite3")
    assert main(["simulate", "racket_refund", "-n", "3", "-o", url]) == 0
    args = ["export", "--database", url, "--synthetic", "--xapi", "-o", str(tmp_path / "out")]
    assert main(args) == 0 and "statements" in capsys.readouterr().out
    found = statements_of(tmp_path / "out")
    assert {one["context"]["extensions"]["https://trainkit.example/extensions/origin"] for one in found} == {
        "synthetic"
    }
    for one in found:
        SCHEMA.validate(one)
        assert "name" not in one["actor"]


@pytest.mark.parametrize("home", ["academy.example.org", "mailto:x@y.z", "https://a b", "", "https://a?x=1"])
def test_a_home_is_an_address(told, tmp_path, home):
    with pytest.raises(TrainkitError, match=r"an address like https://academy\.example\.org"):
        export_folder(Reading(Log(told / "log.sqlite3")), tmp_path / "out", statements=home)
    assert list(tmp_path.iterdir()) == []
