"""One reader of text files: as Notepad, a spreadsheet or an old program wrote them, every command that takes one reads it."""

import ast

import pytest
from support.places import ROOT

from trainkit.cli.options import read_text
from trainkit.errors import TrainkitError
from trainkit.files.reading import any_text

TEXT = "Соглашаюсь: ответы увидит только тренер.\nЁлка — «да»?\n"
# what this program wrote itself, and bytes of which it isn't known yet whether they are text
OWN = {
    "editor/disk.py",
    "editor/draft.py",
    "editor/taking_again.py",
    "report/words.py",
    "cli/working_folder.py",
    "site/bundle.py",
    "site/folder.py",
    "site/runtime.py",
    "files/casebook.py",
    "files/translation.py",
    "exchange/read.py",
    "log/carried.py",
    "site/compiled.py",
    "site/lab.py",
    "site/packages.py",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_as_whatever_editor_wrote_it(tmp_path, encoding, newline, capsys):
    file = tmp_path / "consent.txt"
    file.write_bytes(TEXT.replace("\n", newline).encode(encoding))
    assert read_text(file, "en") == TEXT
    guessed = {"utf-16": "UTF-16", "cp1251": "Windows-1251"}.get(encoding)
    assert (f"read as {guessed}" in capsys.readouterr().err) == bool(guessed)


@pytest.mark.parametrize("raw", [b"\xff\xfe\x00", b"\x89PNG\r\n\x1a\n\0\0", b"\x81\x82\x83", b"a\0b"])
def test_what_is_no_text_is_said(raw):
    with pytest.raises(TrainkitError, match="is no text in UTF-8, UTF-16 or Windows-1251"):
        any_text(raw, "consent.txt")


def test_no_command_reads_a_persons_text_by_itself():
    """Who adds a file to a command reads it by :mod:`trainkit.files.reading`, else its mark at the beginning is shown."""
    source = ROOT / "src" / "trainkit"
    for file in source.rglob("*.py"):
        name = file.relative_to(source).as_posix()
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            called = getattr(call.func, "attr", "") if isinstance(call, ast.Call) else ""
            whose = ast.unparse(call.func.value) if called in ("read_text", "read_bytes") else "options"
            comes_along = any(sign in whose for sign in ("files(", "__file__", "STATIC", "PACKAGE"))
            assert comes_along or whose == "options" or name in OWN, f"{name}:{call.lineno}"
