"""``trainkit check``: what it finds, what it prints, and its exit code."""

import json

import pytest
from support.command_line import changed, run

from trainkit.cli.main import main
from trainkit.engine import attempt as play
from trainkit.files import casebook
from trainkit.scoring import decisions


def test_check_exits_1_on_errors(tmp_path):
    folder = tmp_path / "late_parcel"
    folder.mkdir()
    (folder / "case.yml").write_text("id: late_parcel\ntitle: 5\n", "utf-8")
    done = run("check", str(folder), "--lang", "en")
    assert done.returncode == 1 and 'case.yml:2, title: must be text (got "5")' in done.stdout


def test_a_casebook_without_cases_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv("TRAINKIT_CASEBOOK", str(tmp_path))
    done = run("check", "--lang", "en")
    assert done.returncode == 2 and "TRAINKIT_CASEBOOK has no cases" in done.stderr


PIT = """
  pit:
    title: Яма
    lines: [{narrator: Темно.}]
    options:
      left: {text: Налево., because: Темно., position: 0.1, goto: pit}
      right: {text: Направо., because: Темно., position: 0.2, goto: pit}
  solve:"""


@pytest.mark.parametrize(
    ("edits", "rule"),
    [
        (
            [("case.yml", "\n  solve:", PIT), ("case.yml", "goto: solve", "goto: pit")],
            "a circle without a question or a cost: pit → pit; let a reply",
        ),
        ([("case.yml", "goto: gone", "goto: week")], "no choice ever leads to this ending"),
        (
            [("case.yml", "when: {need: today}\n        position", "when: {where: van}\n        position")],
            "reads hidden truth",
        ),
        ([("case.yml", "- when: {need: unknown}", '- when: {need: unknown, paid: "yes"}')], "can never hold"),
        ([("text.en.yml", "title: The late parcel\n", "")], "title: the translation is missing"),
        (
            [("text.en.yml", "title: The late parcel\n", 'title: The late parcel\n"scenes.call.title": X\n')],
            "stands here twice",
        ),
        ([("walks.yml", "ending: lost", "ending: found")], 'must end in "found"'),
        ([("walks.yml", "ending: lost", "ending: lost\n  position: 5")], "must have position 5 (got not measured)"),
        ([("walks.yml", "ending: lost", "endin: lost")], 'Did you mean "ending"'),
        ([("case.yml", "      offer:", "      back:")], "kept for a step back"),
    ],
)
def test_check_finds(tmp_path, edits, rule, capsys):
    assert main(["check", str(changed(tmp_path, *edits)), "--lang", "en"]) == 1
    assert rule in capsys.readouterr().out


def test_a_case_may_do_without_a_translation_until_one_is_begun(tmp_path, capsys):
    folder = changed(tmp_path)
    (folder / "text.en.yml").unlink()
    main(["check", str(folder), "--lang", "en"])
    assert "translation" not in capsys.readouterr().out
    assert main(["translate", str(folder), "--to", "en"]) == 0
    capsys.readouterr()
    assert main(["check", str(folder), "--lang", "en"]) == 1
    said = capsys.readouterr().out
    assert "error: " in said and "the translation is missing" in said


def test_check_wants_plain_file_names(tmp_path, capsys):
    folder = changed(tmp_path)
    for name in ("text.ru.yml", "text.en.zz.yml", "text..yml"):
        (folder / name).write_text("title: X\n", "utf-8")
        assert main(["check", str(folder), "--lang", "en"]) == 1
        assert "text.<language>.yml" in capsys.readouterr().out
        (folder / name).unlink()


def test_check_figures_when_a_scene_can_be_met_again(tmp_path, capsys):
    """Against every run there is, by brute force: a scene counts by its first choice."""

    dither = (
        "      dither: {text: Дайте подумать ещё., because: Время., costs: 1, position: 1.0, goto: solve}\n      rules:"
    )
    folder = changed(tmp_path, ("case.yml", "      rules:", dither))
    english = (folder / "text.en.yml").read_text("utf-8")
    dithered = "      dither: {text: Let me think a little more., because: Time.}\n      rules:"
    (folder / "text.en.yml").write_text(english.replace("      rules:", dithered, 1), "utf-8")
    main(["translate", str(folder), "--accept"])
    capsys.readouterr()
    main(["check", str(folder), "--json"])
    (report,) = json.loads(capsys.readouterr().out)["cases"]
    case = casebook.load_case(folder)
    longest, ends = 0, []
    for price in ("low", "high"):
        for need in ("today", "whenever"):
            for where in ("van", "depot"):
                waiting = [play.start(case, 0, {"price": price, "need": need, "where": where})]
                while waiting:
                    attempt = waiting.pop()
                    if attempt.finished:
                        rows = decisions.decisions(attempt)
                        longest = max(longest, len(rows))
                        placed = [row for row in rows if row.position is not None]
                        if len(placed) >= 3:
                            ends.append(
                                100 * sum(r.weight * r.position for r in placed) / sum(r.weight for r in placed)
                            )
                    waiting += [play.choose(attempt, option) for option in attempt.open]
    assert report["decisions_longest_path"] == longest
    found = [round(min(ends), 1), round(max(ends), 1)] if ends else None
    assert report["position_range"] == found


def test_check_speaks_the_language_asked_for(tmp_path, capsys):
    folder = str(changed(tmp_path, ("text.en.yml", "title: The late parcel\n", "")))
    assert main(["check", folder, "--separation"]) == 1
    russian = capsys.readouterr().out
    assert "ошибка: " in russian and "title: нет перевода; всё перечислит `trainkit translate" in russian
    assert "late_parcel: сцен 4, реплик 9, концовок 5, решений не больше" in russian
    assert main(["check", folder, "--lang", "en", "--separation"]) == 1
    english = capsys.readouterr().out
    assert "error: " in english and "late_parcel: 4 scenes, 9 options, 5 endings, at most" in english


def test_check_shows_simulated_trainees_in_columns(capsys):
    from types import SimpleNamespace

    from trainkit.checks.separation import Contrast
    from trainkit.cli.check import report_lines
    from trainkit.errors import Problem

    means = {"centric": {"position": 41.2, "fit": None, "play": 7.0}}
    report = SimpleNamespace(
        id="x", scenes=1, options=2, endings=3, decisions_longest_path=4, paths=5, position_range=(-9.5, 9.5),
        languages=("ru", "en"), errors=(), warnings=(), gaps=0,
        accepted=((Problem("x.yml:1", "", "a rule"), "It is meant so."),),
        values={"best": 0.9, "unasked": 0.8, "random": 0.5, "worst": 0.123}, best_fit=None, means=means,
        separation=(Contrast("fit", "best-player", "random", 0.912, 1.55),),
    )  # fmt: skip
    assert report_lines(report, True, "en").splitlines() == [
        "accepted: x.yml:1: a rule Because: It is meant so.",
        "x: 1 scene, 2 options, 3 endings, at most 4 decisions, 5 paths, Position -9.5 … 9.5, ru+en; "
        "0 errors, 0 warnings",
        "  value of best play 0.90 (its fit not measured), without questions 0.80, random 0.50, worst 0.12",
        "  simulated trainee    position   fit  play",
        "  centric                    41     –     7",
        "  fit: best-player over random: AUC 0.91, Hedges' g 1.6",
    ]
    russian = report_lines(report, True, "ru").splitlines()
    assert len({len(line) for line in russian[3:5]}) == 1 and russian[3].split() == [
        "модель", "участника", "положение", "уместность", "игра",
    ]  # fmt: skip


@pytest.mark.slow
def test_scenes_tell_what_others_would_choose(capsys):
    assert main(["check", "counters_a", "--scenes", "--lang", "en"]) in (0, None)
    said = capsys.readouterr().out
    assert "of 100 assumed people" in said and "who always does as asked is right" in said
    assert all(f"  {scene}: " in said for scene in casebook.load_case("counters_a").scenes)
