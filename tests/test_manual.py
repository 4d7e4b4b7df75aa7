"""The manual for authors is the same in both languages, and what it shows works."""

import re

import pytest
import yaml
from support.places import CASEBOOK

from trainkit.checks.report import check
from trainkit.cli.main import COMMANDS, main
from trainkit.files import yaml_reader
from trainkit.files.chat import read_chat

ENGLISH, RUSSIAN = ((CASEBOOK / name).read_text("utf-8") for name in ("README.md", "README.ru.md"))


def blocks(text, kind=""):
    return [block for of, block in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S) if of == kind]


def prose(text):
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```\w*\n.*?^```$", "", text, flags=re.M | re.S))


def without_comments(block):
    return [re.sub(r"\s+#.*", "", line).rstrip() for line in block.splitlines() if not re.match(r"\s*#", line)]


def test_the_same_headings_lists_and_tables():
    shapes = []
    for text in (ENGLISH, RUSSIAN):
        plain = re.sub(r"^```\w*\n.*?^```$", "", text, flags=re.M | re.S)
        heads = re.finditer(r"^(#+|\d+\.|-|\|(?: (`[a-z_]+)[^|]*\|)?)(?= |$)", plain, re.M)
        shapes.append([found[2] or found[1] for found in heads])
    assert shapes[0] == shapes[1] and len(shapes[0]) > 30
    for heading in ("### text.en.yml", "### walks.yml"):
        assert heading in ENGLISH and heading in RUSSIAN


def test_the_same_examples():
    """Line for line, but for comments; what is typed is the same, what is said of it is in the reader's language."""
    english, russian = blocks(ENGLISH, "yaml"), blocks(RUSSIAN, "yaml")
    assert len(english) == len(russian) == 4
    for one, other in zip(english, russian, strict=True):
        if "accepted.yml" not in one:
            assert without_comments(one) == without_comments(other)
        assert len(re.findall("#", one)) == len(re.findall("#", other))
    commands = [set(re.findall(r"`?(trainkit [a-z-]+)", text)) for text in (ENGLISH, RUSSIAN)]
    assert commands[0] == commands[1] and {name.removeprefix("trainkit ") for name in commands[0]} <= set(COMMANDS)
    keys = [set(re.findall(r"`([a-z_]+\d?)`", text)) for text in (ENGLISH, RUSSIAN)]
    assert keys[0] <= keys[1]


def test_russian_is_set_as_russian():
    assert not re.search(r"[“”\"]|\w -\s", prose(RUSSIAN)) and "ё" in prose(RUSSIAN)


@pytest.mark.parametrize("text", [ENGLISH, RUSSIAN], ids=["en", "ru"])
def test_every_warning_is_in_the_table(text):
    source = "".join(file.read_text("utf-8") for file in (CASEBOOK.parent / "src/trainkit/checks").glob("*.py"))
    codes = set(re.findall(r'yield "([a-z_]+)"', source)) | {"not_counted"}
    errors = {"best_play_unfit", "asked_apart", "bad_exit"}
    assert not [code for code in codes - errors if f"`{code}`" not in text]


@pytest.mark.parametrize("text", [ENGLISH, RUSSIAN], ids=["en", "ru"])
def test_the_conversation_can_be_read(text):
    talk = blocks(text)[-1]
    assert len(read_chat(talk, "talk").places) == 3


def test_the_annotated_example_is_yaml():
    for text in (ENGLISH, RUSSIAN):
        for block in blocks(text, "yaml"):
            assert not yaml_reader.read_on(block, "example").problems and yaml.safe_load(block)


def test_the_order_of_work_works(tmp_path, monkeypatch, capsys):
    """The commands at the beginning, as they stand there."""
    monkeypatch.chdir(tmp_path)
    for line in blocks(RUSSIAN)[0].splitlines():
        command = re.match(r"trainkit (\S+(?: (?:--?[\w-]+|my_case(?:\.svg)?|one-decision|en\b))*)", line)[1]
        words = command.split()
        if words[0] == "new" and len(words) > 2:
            words[1] = f"case_{words[-1]}".replace("-", "_")
        if words[0] == "play":
            words += ["--answers", "take"]
        assert main(words) == 0, (line, capsys.readouterr().err)
    assert not check(tmp_path / "my_case").warnings and (tmp_path / "my_case.svg").exists()


def test_the_form_is_called_so_that_it_can_be_pasted():
    """Wherever a page calls it, the import stands before it, and where the case lands is said."""
    for page in (CASEBOOK.parent / "README.md", CASEBOOK / "README.md", CASEBOOK / "README.ru.md"):
        text = page.read_text("utf-8")
        first = text.index('trainkit.edit("my_case")')
        assert "import trainkit" in text[max(0, first - 200) : first], page
        assert "jupyter lab" in text[max(0, first - 400) : first] and "my_cases/my_case/" in text, page
