"""The casebook is clean: what `trainkit check --json` says of it. Playing all cases takes long, so it is asked once."""

import dataclasses
import json
import subprocess
import sys

import pytest
from support.places import ASKED_FOR, CASEBOOK, ROOT

from trainkit.checks.report import check
from trainkit.files import casebook


@pytest.fixture(scope="module")
def checked():
    """The command's process, and its report."""
    done = subprocess.run(
        [sys.executable, "-m", "trainkit", "check", "--json"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        encoding="utf-8",
    )
    return done, json.loads(done.stdout)


@pytest.mark.slow
def test_check_json_has_the_agreed_keys(checked):
    done, report = checked
    keys = [
        "id",
        "titles",
        "scenes",
        "options",
        "endings",
        "decisions_longest_path",
        "paths",
        "languages",
        "position_range",
    ]
    assert [list(case) for case in report["cases"]] == [
        [*keys, "errors", "warnings", "accepted", "gaps", "values", "best_fit", "means", "separation"]
    ] * len(report["cases"])
    assert {case["id"] for case in report["cases"]} >= set(ASKED_FOR)
    for case in report["cases"]:
        assert set(case["titles"]) == {"ru", "en"} and case["languages"] == ["ru", "en"]
        assert case["errors"] == [], case["errors"]
        low, high = case["position_range"]
        assert -100 <= low < high <= 100
    assert done.returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", casebook.case_ids(CASEBOOK))
def test_a_case_has_no_error_and_no_warning_without_a_reason(checked, name):
    (report,) = [case for case in checked[1]["cases"] if case["id"] == name]
    clean(report)


def test_one_of_them_at_once():
    clean(dataclasses.asdict(check(CASEBOOK / "racket_refund")))


def clean(report):
    assert not report["errors"], report["errors"]
    assert not report["warnings"], report["warnings"]
    assert report["best_fit"] >= 95
    assert report["values"]["worst"] < report["values"]["random"] < report["values"]["best"]
    assert report["separation"]
    for one in report["separation"]:
        assert one["auc"] > 0.9 and (one["g"] is None or one["g"] > 0.8), one  # None: no variance at all
