"""One run tells every mistake of a file, in Russian and in English, and nothing that only follows from another."""

import re
import shutil

import pytest
from support.places import TEST_CASES

from trainkit.checks.report import check
from trainkit.errors import CaseError, Told, suggest
from trainkit.files import casebook, yaml_reader
from trainkit.i18n import catalog

TEXT = (TEST_CASES / "late_parcel" / "case.yml").read_text("utf-8")
RUSSIAN = catalog("ru").gettext


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "late_parcel"
    shutil.copytree(TEST_CASES / "late_parcel", place)
    return place


def problems(folder, *edits, encoding="utf-8"):
    """What is told of the case after edits of its source: (line, English, Russian) of each problem."""
    text = TEXT
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    (folder / "case.yml").write_bytes(text.encode(encoding))
    with pytest.raises(CaseError) as caught:
        casebook.load_case(folder)
    found = caught.value.problems
    assert all(re.search("[а-яё]", one.said(RUSSIAN).split(": ", 1)[1]) for one in found), "a sentence without Russian"
    return [(int(one.place.rpartition(":")[2] or 0), str(one), one.said(RUSSIAN)) for one in found]


def line(mark):
    return TEXT[: TEXT.index(mark)].count("\n") + 1


def test_slips_of_every_kind_are_told_in_one_run(folder):
    edits = {
        "title: Посылка не пришла": ("title: Посылка: не пришла", "a second colon"),
        "  budget: 3": ("\tbudget: 3", "a tab"),
        "reveals: [need]": ("reveals: [ned]", 'Did you mean "need"?'),
        "        because: ": ("        becuase: ", 'Did you mean "because"?'),
        "goto: solve": ("goto: slove", 'Did you mean "solve"?'),
        "position: -0.9": ("position: far", "must be a number"),
    }
    found = problems(folder, *((old, new) for old, (new, _) in edits.items()))
    for old, (_, rule) in edits.items():
        assert any(at == line(old) and rule in english for at, english, _ in found), (old, found)
    assert len(found) == len(edits) + 1, "each once, and that `because` is missing"


@pytest.mark.parametrize(
    ("old", "new", "english", "russian"),
    [
        ("title: Посылка", "title: &x Посылка", "anchors (&)", "якоря (&)"),
        ("title: Посылка не пришла", "title: *x", "anchors (&)", "якоря (&)"),
        ("title: Посылка", "title: !!str Посылка", "tags are not allowed", "метки типов"),
        ("  budget: 3", "\tbudget: 3", "a tab stands at the beginning", "начинается с табуляции"),
        ("minutes: ", "minutes: 5\nminutes: ", 'the key "minutes" stands here twice', 'ключ "minutes" стоит здесь дважды'),
        ("title: Посылка", "title: Посы\x00лка", "an invisible character (U+0000)", "невидимый знак (U+0000)"),
        ("title: Посылка", "title: Посылка\x1b", "an invisible character (U+001B)", "невидимый знак (U+001B)"),
        ("title: Посылка не пришла", 'title: "Посылка не пришла', "in quotes begins here", "открыта кавычка"),
        ("title: Посылка не пришла", 'title: "Посылка" не пришла', "after the closing quote", "после закрывающей кавычки"),
        ("title: Посылка не пришла", "title: @посылка", "can't begin with @", "не может начинаться с @"),
        ("title: Посылка не пришла", "title: [Посылка", "a list in […] begins here", "здесь начинается список"),
        ("title: Посылка не пришла", "title: - Посылка", "a list begins on a line of its own", "начинают с новой строки"),
        ("title: Посылка не пришла", "title Посылка", "a key and a colon are wanted", "нужен ключ с двоеточием"),
        ("  budget: 3", "   budget: 3", "indented otherwise", "отступ у строки"),
    ],
)  # fmt: skip
def test_bad_input_is_a_sentence_in_both_languages(folder, old, new, english, russian):
    found = problems(folder, (old, new))
    assert any(english in one and russian in other for _, one, other in found), found
    assert len(found) == 1, found


def test_encodings(folder):
    """UTF-8 with and without a BOM and with Windows' line ends is read; what isn't is told with what it seems to be."""
    whole = casebook.read_case(folder / "case.yml").hash
    for text in (
        "\ufeff" + TEXT,
        TEXT.replace("\n", "\r\n"),
        "\ufeff" + TEXT.replace("\n", "\r\n"),
        TEXT.replace("\n", "\r"),
    ):
        (folder / "case.yml").write_bytes(text.encode())
        assert casebook.read_case(folder / "case.yml").hash == whole
    ((at, english, russian),) = problems(folder, encoding="cp1251")
    assert at == line("title:") and "UTF-8" in english and "looks like Windows-1251" in english and "похоже" in russian
    ((_, english, _),) = problems(folder, encoding="utf-16")
    assert "UTF-16" in english


def test_nothing_follows_from_what_was_told(folder):
    """What a slip hides isn't told as missing, and names it declares aren't told as unknown."""
    found = problems(folder, ("  solve:\n", "  solve\n"))
    assert len(found) == 1, found
    found = problems(folder, ("values:\n      today:", "values: {x: [\n      today:"))
    assert all("must name" not in english for _, english, _ in found), found
    found = problems(folder, ("client: irina", "client: [irina"), ("goto: solve", "goto: slove"))
    assert [at for at, *_ in found] == [line("client: irina"), line("goto: solve")]


def test_names_are_told_beside_mistakes_of_form(folder):
    found = problems(folder, ("goto: gone", "goto: gon"), ("budget: 3", "budget: 0.5"), ("p: 0.4", "p: 0.5"))
    assert any('must name a scene or ending (got "gon")' in english for _, english, _ in found), found
    assert any("must be a whole number" in english for _, english, _ in found), found
    assert any("probabilities must add up to 1" in english for _, english, _ in found), found
    assert len(found) == 3, found


def test_other_files_are_looked_at_although_the_case_cant_be_read(folder):
    (folder / "case.yml").write_text(TEXT.replace("minutes:", "minuts:"), "utf-8")
    (folder / "text.en.yml").write_text("title: a: b\n", "utf-8")
    (folder / "walks.yml").write_text("a: {answers: 5, ending: x}\n", "utf-8")
    said = "\n".join(map(str, check(folder).errors))
    assert "minuts" in said and "text.en.yml:1" in said and "walks.yml:1" in said


def test_a_sentence_knows_its_parts():
    told = Told("must name a scene (got {got}).", got='"boott"') + suggest("boott", ["boot"])
    assert told == 'must name a scene (got "boott"). Did you mean "boot"?'
    assert told.said(RUSSIAN) == 'здесь нужно имя сцены (написано "boott"). Может быть, "boot"?'
    assert (Told() + "{as it is}").said(RUSSIAN) == "{as it is}"
    assert (
        Told("{kind} has at most {most:,} bytes", kind=Told("a file of a case"), most=5)
        .said(RUSSIAN)
        .startswith("файл")
    )


def test_many_slips_are_bounded():
    found = yaml_reader.read_on("a: b: c\n" * 500, "f.yml")
    assert 0 < len(found.problems) <= 2 * yaml_reader.MAX_PROBLEMS
