"""Sheets for blind readers: everything to choose from and nothing of the key; and what answers come to, by hand."""

import csv
import io
import re

import pytest
import scipy.stats
from support.command_line import PARCEL
from support.toy_cases import BLUEPRINT, row_of_scenes

from trainkit import load_case
from trainkit.audit.reading import CLEAR, KEY, found_in, met_scenes, sheet, wilson
from trainkit.cli.main import main
from trainkit.errors import TrainkitError


@pytest.fixture(scope="module")
def racket():
    return load_case("racket_refund")


def key_rows(key):
    return list(csv.DictReader(io.StringIO(key)))


def test_every_scene_of_a_case_is_met(racket):
    decided = {name for name, scene in racket.scenes.items() if len(scene.options) > 1}
    assert {met.scene for met in met_scenes(racket, "ru")} == decided
    assert [met.scene for met in met_scenes(racket, "ru")] == [met.scene for met in met_scenes(racket, "ru")]


@pytest.mark.parametrize("kind", ["replies", "lines", "positions"])
@pytest.mark.parametrize("lang", ["ru", "en"])
def test_a_sheet_has_all_replies_and_nothing_of_the_key(racket, kind, lang):
    text, key = sheet([racket], kind, lang, seed=4)
    rows = key_rows(key)
    assert tuple(rows[0]) == KEY and len({(row["number"], row["letter"]) for row in rows}) == len(rows) > 40
    joined = " ".join(text.split())
    for row in rows:
        assert re.search(rf"\b{row['letter']}\) ", joined)
        assert "_" not in row["option"] or row["option"] not in joined  # ids that are no words
    because = [" ".join(racket.text(name, lang).split()) for name in racket.texts if ".because" in name]
    assert not any(reason in joined for reason in because)
    assert sheet([racket], kind, lang, seed=4) == (text, key) != sheet([racket], kind, lang, seed=5)
    by_scene = {}
    for row in rows:
        by_scene.setdefault(row["number"], []).append(row)
    best = [row["letter"] for scene in by_scene.values() for row in scene if row["best"] == "1"]
    assert len(set(best)) > 2  # shuffled: the best one has no place
    client = {"ru": "Виктор", "en": "Victor"}[lang]
    assert (f"{client}: " in text) == (kind != "replies")
    if kind == "positions":
        assert all(racket.scenes[row["scene"]].axis for row in rows)


def test_hits_by_hand():
    case = row_of_scenes(BLUEPRINT[:4], (0.05,), "deck")
    _, key = sheet([case], "replies", "ru")
    rows = key_rows(key)
    best = {row["number"]: row["letter"] for row in rows if row["best"] == "1"}
    wrong = {row["number"]: row["letter"] for row in rows if row["best"] == "0"}
    (first, second, third, fourth) = sorted(best)
    answers = (
        f"# what I chose\n{first} {best[first].upper()}, because\n{second}. {best[second]}\n- {third}: {wrong[third]}\n"
    )
    found = found_in(answers, key)
    assert (found.right, found.n, found.chance) == (2, 3, pytest.approx(1 / 4)) and found.share == pytest.approx(2 / 3)
    assert len(found.missed) == 1 and found.missed[0].startswith("deck/")
    assert found_in(f"{fourth} {wrong[fourth]}\n{fourth} {best[fourth]}", key).right == 1  # the last one said counts


def test_positions_by_hand():
    case = row_of_scenes(BLUEPRINT[:2], (0.05,), "deck")
    _, key = sheet([case], "positions", "en")
    rows = key_rows(key)
    clear = [row for row in rows if row["position"] and abs(float(row["position"])) >= CLEAR]
    answers = [f"{row['number']}{row['letter']} {float(row['position']):+.1f}" for row in rows if row["position"]]
    assert found_in("\n".join(answers), key)[:2] == (len(clear), len(clear))
    flipped = clear[0]
    told = [f"{flipped['number']}{flipped['letter']} {-float(flipped['position']):+.1f}".replace("-", "−")]
    told += [
        f"{clear[1]['number']}{clear[1]['letter']} none",
        f"{clear[2]['number']}{clear[2]['letter']} {clear[2]['position']}",
    ]
    found = found_in("\n".join(told), key)
    assert (found.right, found.n, len(found.missed)) == (1, 3, 2)


def test_the_interval_is_wilsons():
    for right, n in ((0, 5), (3, 5), (32, 36), (36, 36)):
        expected = scipy.stats.binomtest(right, n).proportion_ci(0.9, method="wilson")
        assert wilson(right, n) == pytest.approx((expected.low, expected.high), abs=1e-9)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ("", "no line is an answer"),
        ("first b", "no line is an answer"),
        ("99 a", "no reply 99a"),
        ("1 h", "no reply 1h"),
    ],
)
def test_answers_that_are_none(answers, said):
    _, key = sheet([row_of_scenes(BLUEPRINT[:2], (0.05,), "deck")], "replies", "ru")
    with pytest.raises(TrainkitError, match=said):
        found_in(answers, key)


def test_a_key_that_is_none():
    with pytest.raises(TrainkitError, match="the key has the columns number, letter"):
        found_in("1 a", "a,b\n1,2\n")


def test_the_command(tmp_path, capsys):
    out = tmp_path / "sheet.txt"
    assert main(["reading", PARCEL, "-o", str(out), "--lang", "en"]) == 0
    rows = key_rows((tmp_path / "sheet.key.csv").read_text("utf-8"))
    best = {row["number"]: row["letter"] for row in rows if row["best"] == "1"}
    (tmp_path / "answers.txt").write_text("\n".join(f"{n} {letter}" for n, letter in best.items()), "utf-8")
    capsys.readouterr()
    assert main(["reading", "--score", str(tmp_path / "answers.txt"), "--key", str(tmp_path / "sheet.key.csv")]) == 0
    assert f"{len(best)} of {len(best)}: 100%" in capsys.readouterr().out
    for wrong in (["--sheet", "smell", PARCEL, "-o", str(out)], [PARCEL], ["--score", str(out)], []):
        assert main(["reading", *wrong]) == 2
        assert capsys.readouterr().err.startswith("trainkit: ")
