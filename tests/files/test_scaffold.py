"""What authors use: a new case, its map, a new language, the notebook's pages."""

import re
import shutil
import xml.etree.ElementTree as ET

import pytest
from support.places import CASEBOOK, ROOT, TEST_CASES, each_of_the_casebook

from trainkit import load_case
from trainkit.checks.expected_paths import walks
from trainkit.checks.report import check
from trainkit.cli import main as cli
from trainkit.errors import CaseError, TrainkitError
from trainkit.figures.case_map import draw_case_map, survey
from trainkit.files import casebook
from trainkit.files.scaffold import PATTERNS, new_case
from trainkit.files.translation import new_translation
from trainkit.notebook import author


def test_a_new_case_passes_the_check_and_plays(tmp_path, capsys):
    assert cli.main(["new", "my_case", "--in", str(tmp_path)]) == 0
    report = check(tmp_path / "my_case")
    assert not report.errors and not report.warnings
    assert report.id == "my_case" and report.languages == ("ru", "en") and report.best_fit == pytest.approx(100)
    assert (
        cli.main(
            ["play", str(tmp_path / "my_case"), "--lang", "en", "--answers", "together,wet,when_ride,enough,clean"]
        )
        == 0
    )
    assert "The brakes squeal" not in capsys.readouterr().err


@pytest.mark.parametrize("like", PATTERNS)
def test_every_pattern_passes_the_check_in_both_languages(tmp_path, like, capsys):
    """Without warnings, played by its own walks to every ending, each text translated and accepted."""
    assert cli.main(["new", "mine", "--like", like, "--in", str(tmp_path)]) == 0
    case, report = load_case(tmp_path / "mine"), check(tmp_path / "mine")
    assert not report.errors and not report.warnings and not report.accepted
    assert report.languages == ("ru", "en") and report.best_fit == pytest.approx(100) and len(case.endings) >= 4
    assert {walk.ending for walk in walks(tmp_path / "mine")} == set(case.endings) - {"rode_off"}
    assert set(case.translations["en"]) == set(case.texts)
    (tmp_path / "mine" / "text.en.yml").unlink()
    (tmp_path / "mine" / "translated.json").unlink()
    report = check(tmp_path / "mine")
    assert not report.errors and not report.warnings and report.languages == ("ru",)


def test_a_pattern_that_there_is_not(tmp_path, capsys):
    assert cli.main(["new", "mine", "--like", "ten-conters", "--in", str(tmp_path), "--lang", "en"]) == 2
    assert 'unknown pattern "ten-conters". Did you mean "ten-counters"?' in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_notebook_and_the_command_look_in_the_same_places(tmp_path, monkeypatch, capsys):
    """A case begun in a notebook is found by its id from the project's folder, and one begun by `new` in the notebook."""
    shutil.copytree(CASEBOOK / "racket_refund", tmp_path / "casebook" / "racket_refund")
    beside = tmp_path / "notebooks" / "ru"
    beside.mkdir(parents=True)
    monkeypatch.chdir(beside)
    author.begin("from_notebook", "ru")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["new", "from_shell"]) == 0
    for here in (tmp_path, beside):
        monkeypatch.chdir(here)
        assert casebook.case_folder("from_notebook") == beside / "my_cases" / "from_notebook"
        assert casebook.case_folder("from_shell") == author.place("from_shell") == tmp_path / "casebook" / "from_shell"
    assert author.place("from_notebook") == beside / "my_cases" / "from_notebook"
    other = tmp_path / "notebooks" / "en"
    other.mkdir()
    monkeypatch.chdir(other)
    assert author.place("from_notebook") == other / "my_cases" / "from_notebook", (
        "another notebook's case is another case"
    )
    author.begin("from_notebook", "en")
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()
    assert cli.main(["check", "from_notebook", "--lang", "en"]) == 2
    assert "is in more than one folder" in capsys.readouterr().err
    monkeypatch.chdir(beside)
    assert casebook.case_folder("from_notebook") == beside / "my_cases" / "from_notebook", "the one here"
    capsys.readouterr()
    assert cli.main(["check", "from_notebok", "--lang", "en"]) == 2
    assert 'Did you mean "from_notebook"?' in capsys.readouterr().err


@pytest.mark.parametrize("name", ["My", "1st", "a b", "../x", "", "a" * 61])
def test_a_bad_id_is_refused(tmp_path, name):
    with pytest.raises(TrainkitError, match="a case id has"):
        new_case(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path):
    place = new_case("mine", tmp_path)
    (place / "case.yml").write_text("# mine\n", "utf-8")
    with pytest.raises(TrainkitError, match="exists; choose another id"):
        new_case("mine", tmp_path)
    assert (place / "case.yml").read_text("utf-8") == "# mine\n"


def test_a_comma_in_braces_is_explained(tmp_path):
    place = new_case("mine", tmp_path)
    text = (place / "case.yml").read_text("utf-8")
    (place / "case.yml").write_text(
        text.replace("label: «Колодки стёрты до железа».", "label: Стёрты, до железа"), "utf-8"
    )
    with pytest.raises(CaseError, match="a comma ends a text: put the text in quotes"):
        load_case(place)


# ---- a new language -------------------------------------------------------------------------------------------


def test_a_skeleton_of_a_language(tmp_path, capsys):
    """It reads at once, names every text as missing, and takes what is filled in."""
    place = new_case("mine", tmp_path)
    assert cli.main(["translate", str(place), "--to", "kk", "--lang", "en"]) == 0
    case = load_case(place)
    assert case.translations["kk"] == {} and f"{len(case.texts)} texts to translate" in capsys.readouterr().out
    file = place / "text.kk.yml"
    text = file.read_text("utf-8")
    for russian in case.texts.values():
        assert f"# {' '.join(russian.split())}\n" in text
    file.write_text(text.replace("title:\n", "title: Тежегіш\n", 1), "utf-8")
    assert load_case(place).text("title", "kk") == "Тежегіш"
    assert cli.main(["translate", str(place), "--to", "kk", "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert (
        f"1 of {len(case.texts)} texts in kk" in said and "not accepted  title" in said and "missing       role" in said
    )
    report = check(place)
    assert not report.errors and any("text.kk.yml" in str(one) and "is missing" in str(one) for one in report.warnings)


def test_a_full_translation_of_a_real_case_through_the_skeleton(tmp_path):
    """Filling every place of the skeleton with the English gives the English case: the shape is whole."""
    place = tmp_path / "racket_refund"
    shutil.copytree(CASEBOOK / "racket_refund", place)
    case = load_case(place)
    lines, waiting = [], iter(case.texts)
    for line in new_translation(case, place, "de").read_text("utf-8").splitlines()[1:]:
        if line.lstrip().startswith("#"):
            key = next(waiting)
        elif lines and lines[-1].lstrip().startswith("#"):
            quoted = case.text(key, "en").replace("\\", "\\\\").replace('"', '\\"')
            line = f'{line} "{quoted}"'
        lines.append(line)
    (place / "text.de.yml").write_text("\n".join(lines) + "\n", "utf-8")
    again = load_case(place)
    assert again.translations["de"] == case.translations["en"]


@each_of_the_casebook()
def test_every_case_reads_with_a_fresh_skeleton(name, tmp_path):
    """Also where a fact's values are numbers."""
    place = tmp_path / name
    shutil.copytree(CASEBOOK / name, place)
    new_translation(load_case(place), place, "kk")
    assert load_case(place).translations["kk"] == {} and load_case(place).hash == load_case(name).hash


@pytest.mark.parametrize("lang", ["ru", "EN", "e", "../x", "english"])
def test_no_language(tmp_path, lang):
    place = new_case("mine", tmp_path)
    with pytest.raises(TrainkitError, match="into another language"):
        new_translation(load_case(place), place, lang)


# ---- the map --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", sorted(CASEBOOK.glob("*/case.yml")), ids=lambda f: f.parent.name)
def test_a_map_has_every_scene_ending_and_reply(folder, tmp_path):
    case = load_case(folder.parent)
    draw_case_map(case, tmp_path / "map.svg", "en")
    said = " ".join(ET.parse(tmp_path / "map.svg").getroot().itertext())
    squeezed = re.sub(r"\s+", "", said)
    for name, scene in case.scenes.items():
        title = case.text(f"scenes.{name}.title", "en") if scene.title else name
        assert re.sub(r"\s+", "", title) in squeezed, title
    for name in case.endings:
        assert re.sub(r"\s+", "", case.text(f"endings.{name}.title", "en")) in squeezed
    assert not re.search(r'(href|src)="http', (tmp_path / "map.svg").read_text("utf-8"))


def test_prices_on_the_map_are_regrets():
    """On the best way the chosen replies cost nothing, and each scene it meets has one."""
    found = survey(load_case("cancer_misdiagnosis"), "ru")
    for scene, replies in found.replies.items():
        talk = (
            found.case.scenes[scene].kind == "talk"
        )  # going on from questions is dear while there is one worth asking
        best = [reply for reply in replies if reply.best > 0.999 and talk]
        assert all(reply.price == pytest.approx(0, abs=1e-6) for reply in best)
        assert all(reply.price is None or reply.price >= 0 for reply in replies)
    opening = found.replies[found.case.start]
    assert sum(reply.best for reply in opening) == pytest.approx(1)


@pytest.mark.slow
def test_draw_command(tmp_path, capsys):
    assert cli.main(["draw", "racket_refund", "-o", str(tmp_path / "a.png")]) == 0
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert cli.main(["draw", str(TEST_CASES / "late_parcel"), "-o", str(tmp_path / "a.html"), "--lang", "en"]) == 0
    page = (tmp_path / "a.html").read_text("utf-8")
    assert "<svg" in page and '<html lang="en">' in page and "no need to raise your voice" in page
    assert cli.main(["draw", "racket_refund", "-o", str(tmp_path / "a.gif")]) == 2
    assert cli.main(["draw", "racket_refund", "-o", str(tmp_path / "no" / "a.svg")]) == 2
    assert cli.main(["draw", "racket_refund", "-o", str(tmp_path / "a.svg"), "--lang", "xx"]) == 2
    assert "unknown language" in capsys.readouterr().err


def test_what_an_author_writes_stays_text(tmp_path):
    place = new_case("mine", tmp_path)
    text = (place / "case.yml").read_text("utf-8").replace("title: Тормоза скрипят", "title: <script>alert(1)</script>")
    (place / "case.yml").write_text(text, "utf-8")
    draw_case_map(load_case(place), tmp_path / "a.html")
    assert "<script>alert" not in (tmp_path / "a.html").read_text("utf-8")


# ---- the notebook ---------------------------------------------------------------------------------------------


def test_pages_of_the_notebook(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = author.begin("mine", "ru")._repr_html_()
    assert 'href="my_cases/mine/case.yml"' in first and (tmp_path / "my_cases/mine/case.yml").exists()
    assert "Вот файлы" in author.begin("mine", "ru")._repr_html_()
    assert "всё в порядке" in author.report("mine", "ru")._repr_html_()
    assert "<svg" in author.picture("mine", "ru")._repr_html_()
    file = tmp_path / "my_cases/mine/case.yml"
    file.write_text(file.read_text("utf-8").replace("goto: offer", "goto: offr"), "utf-8")
    said = author.report("mine", "en")._repr_html_()
    assert "Errors" in said and "Did you mean &#34;offer&#34;" in said and "case.yml:" in said
    with pytest.raises(CaseError):
        author.picture("mine", "en")
    assert (
        author.place("racket_refund") == casebook.case_folder("racket_refund")
        and ROOT in author.place("racket_refund").parents
    )
