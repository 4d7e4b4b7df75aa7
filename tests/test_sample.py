"""The sample of synthetic people: made to the byte by its script, an export like any other, and it says what it is."""

import json
import os
import subprocess
import sys

import frictionless
import pandas as pd
import pytest
from support.places import ROOT

import trainkit
from trainkit.case.frozen import thaw

DATA = ROOT / "data"
SAMPLE = DATA / "sample"


def table(name):
    return pd.read_csv(SAMPLE / f"{name}.csv", encoding="utf-8-sig")


@pytest.mark.slow
def test_the_script_makes_it_to_the_byte_without_any_casebook(tmp_path):
    environment = os.environ | {
        "TRAINKIT_CASEBOOK": str(tmp_path),
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONHASHSEED": "7",
    }
    script = [sys.executable, DATA / "make_responses.py", tmp_path / "made"]
    subprocess.run(script, check=True, env=environment, cwd=tmp_path)
    made = sorted((tmp_path / "made").iterdir())
    assert [file.name for file in made] == sorted(file.name for file in SAMPLE.iterdir())
    for file in made:
        assert file.read_bytes() == (SAMPLE / file.name).read_bytes(), f"{file.name}: run data/make_responses.py again"


@pytest.mark.slow
def test_it_is_small_and_a_data_package():
    assert sum(file.stat().st_size for file in SAMPLE.glob("*.csv")) <= 4_000_000
    report = frictionless.Package(SAMPLE / "datapackage.json").validate()
    assert report.valid, report.flatten(["title", "note"])


@pytest.mark.parametrize(("name", "rows"), [("decisions", 10_000), ("attempts", 1_100), ("people", 300)])
def test_it_is_read_without_a_row_set_aside(name, rows):
    found = trainkit.read(SAMPLE, name)
    assert not found.set_aside and len(found.rows) >= rows


def test_it_says_synthetic_in_every_file():
    for name in ("decisions", "attempts", "design", "truth", "experts", "criterion", "own_words", "codes"):
        assert (table(name)["origin"] == "synthetic").all(), name
    assert table("people")["participant"].str.fullmatch(r"synthetic \d{3}").all()
    for name in ("codebook.csv", "datapackage.json"):
        assert "SYNTHETIC" in (SAMPLE / name).read_text("utf-8-sig")
    assert "synthetic: nobody answered" in (DATA / "README.md").read_text("utf-8")


def test_its_cases_are_the_frozen_ones():
    played = dict(table("attempts")[["case_id", "case_hash"]].drop_duplicates().itertuples(index=False))
    for name, version in played.items():
        source = (DATA / "cases" / f"{name}.json").read_text("utf-8").strip()
        assert thaw(source).hash == version and json.loads(source)["id"] == name


def test_it_is_what_its_description_says():
    """Two groups, two forms in turn, two languages, drop-outs and careless people; the training is in skill alone."""
    people = (
        table("truth")
        .merge(table("design"), on=["attempt", "origin"])
        .merge(table("attempts"), on=["attempt", "person"])
    )
    assert people.groupby("group")["person"].nunique().tolist() == [150, 150]
    assert people.groupby(["wave", "person"]).size().max() == 2
    before = people[people["wave"] == "before"]
    assert abs(before.groupby("case_id").size() - 150).max() < 12
    came = people.groupby("person")["wave"].nunique()
    assert 10 <= (came == 1).sum() <= 40 and 0.01 < (~people["finished"]).mean() < 0.06
    assert 10 <= people[people["kind"] == "careless"]["person"].nunique() <= 30
    assert set(table("decisions")["lang"]) == {"ru", "en"}
    each = (
        people[people["kind"] == "ordinary"]
        .pivot_table(index=["person", "group"], columns="wave", values="skill")
        .dropna()
    )
    gain = (each["after"] - each["before"]).unstack("group")
    assert (gain["untrained"].dropna() == 0).all() and abs(gain["trained"].mean() - 1.2) < 0.12
    assert people.groupby("person")[["lean", "pull"]].nunique().max().max() == 1


def test_its_own_words_come_before_the_replies_they_stand_beside():
    """In one case of 25 people, in both languages; whoever types is marked so, and each text was coded by both."""
    words, codes, attempts = table("own_words"), table("codes"), table("attempts").set_index("attempt")
    assert set(words["attempt"]) == set(attempts.index[attempts["own_words"]]) and words["attempt"].nunique() == 25
    pairs = (
        words[words["kind"] == "words"].reset_index(drop=True),
        words[words["kind"] == "choose"].reset_index(drop=True),
    )
    assert (pairs[0]["scene"] == pairs[1]["scene"]).all() and (pairs[0]["step"] + 1 == pairs[1]["step"]).all()
    first = table("decisions").drop_duplicates(["attempt", "scene"]).set_index(["attempt", "scene"])["option"]
    assert all(first[row.attempt, row.scene] == row.option for row in pairs[1].itertuples())
    assert set(pairs[0]["lang"]) == {"ru", "en"} and len(codes) == 2 * len(pairs[0])


def test_its_experts_rate_every_reply_of_both_decks_and_its_criterion_goes_with_skill():
    experts, played = table("experts"), table("decisions")[["case_id", "scene", "option"]].drop_duplicates()
    assert (experts.groupby(["case", "scene", "option"])["expert"].nunique() == 6).all()
    rated = set(experts[["case", "scene", "option"]].itertuples(index=False, name=None))
    decks = played[played["case_id"].str.startswith("counters")]
    assert set(decks.itertuples(index=False, name=None)) <= rated
    truth = table("truth").merge(table("design"), on="attempt").query("wave == 'before'").drop_duplicates("person")
    both = table("criterion").merge(truth[["person", "skill"]], on="person").dropna()
    assert 0.25 < both["rating"].corr(both["skill"]) < 0.55
