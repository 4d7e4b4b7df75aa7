"""``trainkit audit``: its JSON, what it prints, and what it refuses."""

import json

import pytest
from support.command_line import PARCEL, changed
from support.places import CASEBOOK

from trainkit.audit import figures, report
from trainkit.cli.main import main

STRATEGIES = ["most_centric", "most_centric_under_85", "drop_null_and_most_orientated", "most_orientated"]
STRATEGIES += ["second_most_centric", "second_most_orientated", "drop_both_ends", "null_if_any", "first", "last"]
STRATEGIES += ["place_1", "longest_ru", "shortest_en", "ends_in_question_ru", "ends_in_question_en"]


@pytest.fixture(autouse=True)
def _few_people(monkeypatch):
    """A thousand of each kind instead of 120,000."""
    few = lambda cases, decks=(), **how: report_audit(cases, decks, n=1_000, **how)  # noqa: E731
    report_audit = report.audit
    monkeypatch.setattr(report, "audit", few)


@pytest.mark.slow
def test_the_json_has_the_agreed_form(capsys):
    second = str(CASEBOOK / "racket_refund")
    assert main(["audit", PARCEL, second, "--deck", PARCEL, "--deck", second, "--json"]) == 0
    out = capsys.readouterr().out
    assert "NaN" not in out and "Infinity" not in out
    found = json.loads(out)
    assert [one["id"] for one in found["cases"]] == ["late_parcel", "racket_refund"]
    for one in found["cases"]:
        assert set(one["hits"]) >= {"chance", "best_strategy", "surface_ru", "surface_en", *STRATEGIES}
        assert set(one["best"]) == {"centric", "orientated", "middle", "null"}
        assert set(one) >= {
            "r_position_fit", "lean_slope", "null_share", "biggest_scene", "effective_decisions", "auc_skilled_preacher",
            "auc_skilled_orderer", "auc_equal_preacher", "auc_equal_orderer", "key_agrees", "asked_minus_best_play",
        }  # fmt: skip
        reasons = {name for name in one if one[name] is None} - {"asked", "best_play_position", "biggest_scene_name"}
        assert reasons <= set(one["why_not"])
    assert set(found["set"]) >= {
        "hits", "r_position_fit", "lean_slope", "alpha_position", "alpha_fit", "alpha_play", "auc_equal_preacher",
        "auc_equal_orderer",
    }  # fmt: skip
    assert found["decks"]["ids"] == ["late_parcel", "racket_refund"] and found["decks"]["parallel"] is False
    (condition, other) = found["cases"][1]["conditions"]
    assert condition["condition"] != other["condition"] and condition["lean_slope"] is not None


def test_what_is_not_good_is_said_in_a_sentence(capsys):
    assert main(["audit", PARCEL, "--lang", "en"]) == 0
    out = capsys.readouterr().out
    assert "The late parcel: " in out and "figures good" in out and "All cases together" in out
    assert "Someone who adapts beats an equally skilled preacher of the task in" in out
    assert main(["audit", PARCEL]) == 0
    assert "столь же умелого проповедника" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--deck", PARCEL], "--deck compares two decks, so it is given twice"),
        (["--deck", PARCEL, "--deck", PARCEL], "--deck compares two decks; both are"),
        (["racket_refunt"], 'Did you mean "racket_refund"?'),
        ([PARCEL, "-o", "report.pdf"], '-o wants a file that ends in .html (got "report.pdf")'),
        ([PARCEL, "--lang", "xx"], 'unknown language "xx"'),
    ],
)
def test_bad_input_is_told_before_anything_is_played(arguments, said, capsys, monkeypatch):
    monkeypatch.setattr(figures, "study", None)
    assert main(["audit", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_two_decks_of_one_id_are_refused(tmp_path, capsys):
    copy = str(changed(tmp_path))
    assert main(["audit", PARCEL, "--deck", PARCEL, "--deck", copy]) == 2
    assert 'both are "late_parcel"' in capsys.readouterr().err


def test_a_case_without_english_is_audited_in_russian(tmp_path, capsys):
    folder = changed(tmp_path)
    (folder / "text.en.yml").unlink()
    assert main(["audit", str(folder), "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)["cases"]
    assert one["hits"]["surface_en"] is None and one["why_not"]["hits.surface_en"] == "not_translated"


def test_a_page_beside_the_json_leaves_it_json(tmp_path, capsys):
    file = tmp_path / "report.html"
    assert main(["audit", PARCEL, "-o", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["cases"] and "<!doctype html>" in file.read_text("utf-8")
    assert main(["audit", PARCEL, "-o", str(file)]) == 0
    assert capsys.readouterr().out.splitlines()[0] == str(file)
