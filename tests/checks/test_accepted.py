"""Warnings an author stands by: a reason in `accepted.yml` moves a warning aside, a wrong one is refused."""

import re
import shutil

import pytest
from support.places import CASEBOOK

from trainkit.case.cache import Cache
from trainkit.checks import report
from trainkit.checks.playtest import playtest
from trainkit.checks.report import check


@pytest.fixture(scope="module", autouse=True)
def _played_once():
    """What playing the case shows doesn't change with its reasons: it is played through once, all tests read that."""
    play, known = report.playtest, {}

    def once(case):
        if case.hash not in known:
            known[case.hash] = play(case)
        return known[case.hash]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report, "playtest", once)
        yield


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "second_place"
    shutil.copytree(CASEBOOK / "second_place", place)
    return place


@pytest.mark.slow
def test_a_reason_moves_a_warning_aside(folder):
    kept = check(folder)
    assert not _told(kept) and len(kept.accepted) == 1
    (folder / "accepted.yml").unlink()
    bare = check(folder)
    (told,) = _told(bare)
    assert "[dead_question at scenes.ask.options.what_dish]" in told


def _told(kept):
    """The warnings, as sentences."""
    return [str(warning) for warning in kept.warnings]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {warning: dead_question, at: scenes.ask.options.what_dish}\n", "exactly `warning`, `at` and `because`"),
        ("- {warning: dead_question, at: scenes.ask.options.what_dishes, because: x}\n", "Did you mean"),
        ("warning: dead_question\n", "must be a list"),
        ("- {warning: dead_question, at: scenes.ask.options.what_dish, because: 5}\n", "must be text"),
    ],
)
def test_a_wrong_reason_is_refused(folder, text, said):
    (folder / "accepted.yml").write_text(text, "utf-8")
    assert any(said in str(problem) for problem in check(folder).errors)


def test_a_file_that_is_no_yaml_stops_nothing(folder):
    (folder / "accepted.yml").write_text("- {warning: [\n", "utf-8")
    report = check(folder)
    assert any("accepted.yml" in str(problem) for problem in report.errors) and report.scenes > 10


@pytest.mark.slow
def test_a_case_is_played_once_whatever_else_changes_in_its_folder(folder, monkeypatch):
    from trainkit.checks import report

    played = []
    monkeypatch.setattr(report, "_examined", Cache(2))
    monkeypatch.setattr(report, "playtest", lambda case: played.append(case) or playtest(case, 20))
    first = check(folder)
    (folder / "accepted.yml").unlink()
    (folder / "walks.yml").unlink()
    second = check(folder)
    assert len(played) == 1 and second.values == first.values and second.paths == first.paths
    assert any("no walks.yml" in str(warning) for warning in second.warnings)
    text = (folder / "case.yml").read_text("utf-8")
    (folder / "case.yml").write_text(text.replace("minutes: ", "minutes: 1", 1), "utf-8")
    check(folder)
    assert len(played) == 2
    for minutes in (21, 22, 23):
        (folder / "case.yml").write_text(re.sub(r"minutes: \d+", f"minutes: {minutes}", text, count=1), "utf-8")
        check(folder)
    assert len(played) == 5 and len(report._examined) == 2


def test_an_emptied_file_accepts_nothing_and_an_old_entry_is_to_be_deleted(folder):
    for text in ("", "# none any more\n", "[]\n"):
        (folder / "accepted.yml").write_text(text, "utf-8")
        assert not [one for one in check(folder).errors if "accepted" in one.place]
    (folder / "accepted.yml").write_text("# one\n- {warning: gap, at: role, because: it stays}\n", "utf-8")
    (wrong,) = [one for one in check(folder).errors if "accepted" in one.place]
    assert wrong.place.endswith("accepted.yml:2") and "no such warning; delete this entry" in str(wrong)
