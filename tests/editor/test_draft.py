"""A draft and its files: one changed word is one changed line, nothing is lost, nobody writes over anybody in silence."""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.places import EACH_CASE, TEST_CASES

from trainkit.editor import disk
from trainkit.editor import draft as drafts
from trainkit.editor.draft import DRAFT, Draft, draft_of
from trainkit.editor.text_ids import text_places
from trainkit.editor.tree import at
from trainkit.errors import CaseError, Refused
from trainkit.files import casebook
from trainkit.files.yaml_reader import parse

TITLE = {"do": "set", "path": ["title"], "value": "Новое"}


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "late_parcel"
    shutil.copytree(TEST_CASES / "late_parcel", folder)
    return folder


@pytest.fixture
def draft(place):
    opened = Draft(place)
    yield opened
    opened.leave()


def lines_apart(before: str, after: str) -> list[tuple[str, str]]:
    """Lines that are different, of as many."""
    one, other = before.split("\n"), after.split("\n")
    assert len(one) == len(other)
    return [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]


@EACH_CASE
def test_open_change_one_word_save_is_one_line(folder, tmp_path):
    changed_words(folder, tmp_path, every=25)


@pytest.mark.long
@EACH_CASE
def test_a_word_of_every_text_is_one_line(folder, tmp_path):
    changed_words(folder, tmp_path, every=1)


def changed_words(folder, tmp_path, every):
    """A word of texts of a case in turn, and the rest of the folder as it was; undone, the file is what it was."""
    place = tmp_path / folder.name
    shutil.copytree(folder, place)
    file = place / "case.yml"
    before = file.read_text("utf-8")
    draft = Draft(place)
    texts = text_places(draft.document["case"])
    for path in list(texts.values())[::every]:
        words = at(draft.document["case"], path).split(" ")
        words[len(words) // 2] = "слово"
        draft.edit({"do": "set", "path": list(path), "value": " ".join(words)})
        assert draft.write()
        assert len(lines_apart(before, file.read_text("utf-8"))) == 1, path
        draft.undo()
    assert draft.write() and file.read_text("utf-8") == before
    for other in folder.iterdir():
        assert (place / other.name).read_bytes() == other.read_bytes()
    draft.leave()


def test_what_does_not_read_is_not_written(draft, place):
    before = (place / "case.yml").read_bytes()
    draft.edit({"do": "add_scene", "after": "call"})
    assert not draft.write() and (place / "case.yml").read_bytes() == before
    assert {(one.path[-1], one.kind) for one in draft.problems} >= {
        ("goto", "no_goto"),
        ("title", "empty"),
        ("text", "empty"),
    }
    assert all(one.path[:2] == ("scenes", "scene_1") for one in draft.problems)
    name = ["scenes", "scene_1"]
    fill = [
        {"do": "set", "path": [*name, "title"], "value": "Ещё"},
        {"do": "set", "path": [*name, "lines", 0, "irina"], "value": "Да?"},
    ]
    for key in ("reply_1", "reply_2"):
        base = [*name, "options", key]
        fill += [{"do": "set", "path": [*base, what], "value": "Слова."} for what in ("text", "because")]
        fill += [{"do": "set", "path": [*base, "goto"], "value": "content"}]
    for one in fill:
        draft.edit(one)
    assert draft.problems == [] and draft.write()
    assert casebook.load_case(place).scenes["scene_1"].options["reply_1"].goto[0].value == "content"


def test_a_tab_closed_in_mid_word_and_a_kernel_that_dies(place):
    draft = Draft(place)
    for text in ("Н", "Но", "Нов"):
        draft.edit({**TITLE, "value": text}, step="typing")
    draft.edit({"do": "set", "path": ["role"], "value": ""})  # does not read: only the draft has it
    del draft  # nobody says goodbye
    drafts._OPEN.clear()
    again = Draft(place)
    assert again.document["case"]["title"] == "Нов" and again.document["case"]["role"] == ""
    assert casebook.load_case(place).title != "Нов"
    again.undo()
    again.undo()  # the three letters are one step
    assert again.document == again._files.document and not again.can_undo and not again.unsaved
    again.redo()
    assert again.document["case"]["title"] == "Нов" and again.write()
    assert casebook.load_case(place).title == "Нов"
    again.leave()


def test_comments_of_a_scene_come_back_with_it_even_after_a_restart(place):
    file = place / "case.yml"
    text = file.read_text("utf-8").replace("      refund:\n", "      # the refund\n      refund:  # here\n")
    file.write_text(text, "utf-8")
    draft = Draft(place)
    draft.edit({"do": "delete", "path": ["scenes", "solve", "options", "refund"]})
    assert draft.write() and "refund:  # here" not in file.read_text("utf-8")
    again = Draft(place)
    again.undo()
    assert again.write() and file.read_text("utf-8") == text
    again.leave()


# ---- files as one finds them --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"start: call", b"start: &five call", "anchors"),
        (b"start: call", b"start: call\n\tx: 1", "not YAML"),
        (b"start: call", b"start: call\nstart: x", "stands here twice"),
        (b"start: call", b"start: call\x00", r"U\+0000"),
        (b"start: call", "title: Привет".encode("cp1251"), "UTF-8"),
        (b"start: call", b"start: !!str call", "tags"),
    ],
)
def test_a_file_that_cant_be_read_is_told_with_its_line_and_left_alone(place, old, new, said):
    file = place / "case.yml"
    raw = file.read_bytes().replace(old, new, 1)
    assert raw != file.read_bytes()
    file.write_bytes(raw)
    with pytest.raises(CaseError, match=rf"case.yml:\d+.*{said}"):
        draft_of(place)
    assert file.read_bytes() == raw


@pytest.mark.parametrize("kind", ["crlf", "bom", "both"])
def test_line_ends_and_marks_of_a_file_stay(place, kind):
    file = place / "case.yml"
    raw = file.read_bytes()
    raw = raw.replace(b"\n", b"\r\n") if kind != "bom" else raw
    raw = b"\xef\xbb\xbf" + raw if kind != "crlf" else raw
    file.write_bytes(raw)
    draft = Draft(place)
    draft.edit(TITLE)
    assert draft.write()
    after = file.read_bytes()
    assert after[:3] == raw[:3] and after.count(b"\r\n") == raw.count(b"\r\n") == after.count(b"\n") * (kind != "bom")
    apart = [pair for pair in zip(raw.split(b"\n"), after.split(b"\n"), strict=True) if pair[0] != pair[1]]
    assert len(apart) == 1 and "Новое".encode() in apart[0][1]
    assert casebook.load_case(place).title == "Новое"
    draft.leave()


def test_a_case_with_errors_opens_with_them(place):
    file = place / "case.yml"
    file.write_text(file.read_text("utf-8").replace("goto: solve", "goto: slove"), "utf-8")
    draft = Draft(place)
    assert [one.kind for one in draft.problems] == ["no_place"]
    draft.edit({"do": "set", "path": list(draft.problems[0].path), "value": "solve"})
    assert not draft.problems and draft.write()
    draft.leave()


# ---- others ----------------------------------------------------------------------------------------------------


def test_an_edit_elsewhere_goes_together_with_mine(draft, place):
    file = place / "case.yml"
    draft.edit(TITLE)
    text = file.read_text("utf-8")
    role = parse(text, "")[0]["role"]
    file.write_text(text.replace(role, "Другая роль.") + "# theirs\n", "utf-8")
    assert draft.write() and not draft.clashes
    case = casebook.load_case(place)
    assert (case.title, case.role) == ("Новое", "Другая роль.") and file.read_text("utf-8").endswith("# theirs\n")


@pytest.mark.parametrize("theirs", [False, True])
def test_the_same_edited_elsewhere_is_asked_about(draft, place, theirs):
    file = place / "case.yml"
    draft.edit(TITLE)
    text = file.read_text("utf-8")
    title = parse(text, "")[0]["title"]
    file.write_text(text.replace(f"title: {title}", "title: Ихнее", 1), "utf-8")
    changed = file.read_bytes()
    assert not draft.write() and file.read_bytes() == changed
    assert [(clash.path, clash.mine, clash.theirs) for clash in draft.clashes] == [
        (("case", "title"), "Новое", "Ихнее")
    ]
    draft.settle(theirs)
    assert draft.write() and casebook.load_case(place).title == ("Ихнее" if theirs else "Новое")


def test_a_file_broken_elsewhere_is_not_written_over_unasked(draft, place):
    file = place / "case.yml"
    good = file.read_text("utf-8")
    draft.edit(TITLE)
    file.write_text(good + "title: again\n", "utf-8")
    assert not draft.write() and "stands here twice" in str(draft.unreadable[0])
    file.write_text(good + "# mended\n", "utf-8")
    assert draft.write() and draft.unreadable == () and file.read_text("utf-8").endswith("# mended\n")
    file.write_text(good + "title: again\n", "utf-8")
    draft.edit({**TITLE, "value": "Ещё новее"})
    assert not draft.write()
    draft.overwrite()
    assert casebook.load_case(place).title == "Ещё новее"


def test_never_two_on_one_file_in_silence(draft, place):
    held = "import sys, time; from pathlib import Path; from trainkit.editor.draft import Draft\n"
    held += f"d = Draft(Path({str(place)!r})); print(d.held_by is not None, flush=True)\n"
    held += (
        "d.take_over() if 'over' in sys.argv else None; print(d.held_by is None, flush=True); sys.stdin.readline()\n"
    )
    done = subprocess.run([sys.executable, "-c", held], capture_output=True, text=True, input="\n", timeout=60)
    assert done.stdout.split() == ["True", "False"], done.stderr
    other = subprocess.Popen(
        [sys.executable, "-c", held, "over"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert [other.stdout.readline().strip() for _ in range(2)] == ["True", "True"]
        assert draft.look_around() and draft.held_by.pid == other.pid
        with pytest.raises(Refused, match="another editor"):
            draft.edit(TITLE)
        assert not draft.write()
    finally:
        other.communicate("\n", timeout=30)
    assert draft.look_around() and draft.held_by is None  # it has ended
    draft.edit(TITLE)
    assert draft.write()


def test_what_somebody_has_not_saved_is_taken_over_with_the_folder(place):
    code = f"""
import sys
from pathlib import Path
from trainkit.editor.draft import Draft
from trainkit.errors import Refused
draft = Draft(Path({str(place)!r}))
draft.edit({{"do": "set", "path": ["role"], "value": ""}})  # does not read: in the draft only
print(1, flush=True)
sys.stdin.readline()
try:
    draft.edit({{"do": "set", "path": ["title"], "value": "Too late"}})
except Refused:
    print("refused", flush=True)
"""
    other = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdout.readline() == "1\n"
    draft = Draft(place)
    assert draft.held_by.pid == other.pid and draft.document["case"]["role"] == ""
    draft.take_over()
    draft.edit(TITLE)
    assert other.communicate("\n", timeout=30)[0] == "refused\n"
    again = Draft(place)
    assert (again.document["case"]["role"], again.document["case"]["title"]) == ("", "Новое")
    again.undo()
    again.undo()
    assert not again.unsaved
    again.leave()


def test_a_text_too_large_to_be_read_again_is_not_written(draft, place):
    before = (place / "case.yml").read_bytes()
    draft.edit({"do": "set", "path": ["debrief", "tomorrow"], "value": [{"text": "Да."}]})
    words = {"do": "add_item", "path": ["debrief", "tomorrow"], "value": {"text": "ё" * 3990}}
    for _ in range(7):
        draft.edit({"do": "several", "edits": [words] * 20})
    assert not draft.write() and "couldn’t be read" in str(draft.trouble)
    assert (place / "case.yml").read_bytes() == before


def test_one_draft_for_a_folder_in_a_process(place):
    one = draft_of(place)
    assert draft_of(place / ".." / place.name) is one
    one.leave()
    assert draft_of(place) is not one
    draft_of(place).leave()


# ---- disks ------------------------------------------------------------------------------------------------------


def test_a_full_disk_loses_nothing(draft, place, monkeypatch):
    before = (place / "case.yml").read_bytes()
    real = os.replace

    def full(file, *_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(disk.os, "fsync", full)
    monkeypatch.setattr(disk.os, "replace", full)
    draft.edit(TITLE)
    assert "No space left" in str(draft.trouble) and not draft.write()
    assert (place / "case.yml").read_bytes() == before and draft.document["case"]["title"] == "Новое"
    assert not list(place.glob("*.new")) and not list(place.glob(".*.new"))
    monkeypatch.undo()
    assert disk.os.replace is real
    assert draft.write() and draft.trouble is None and casebook.load_case(place).title == "Новое"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_a_folder_that_may_not_be_written_to(place):
    """In a process without the rights of root, to whom nothing is forbidden."""
    code = f"""
import os, sys
from pathlib import Path
place = Path({str(place)!r})
from trainkit.editor.draft import Draft
from trainkit.files import casebook
from trainkit.engine import attempt
if os.getuid() == 0:
    os.chmod(place, 0o555); os.setgid(65534); os.setuid(65534)
draft = Draft(place)
draft.edit({TITLE!r})
print(draft.write(), draft.document["case"]["title"] == "Новое", type(draft.trouble).__name__, "Новое" in draft.yaml())
"""
    place.chmod(0o555)
    try:
        for folder in (place, *place.parents):
            if os.getuid() == 0 and folder != place and folder.owner() == "root" and folder.stat().st_mode & 0o007 == 0:
                folder.chmod(folder.stat().st_mode | 0o005)
        done = subprocess.run(
            [sys.executable, "-X", "utf8", "-c", code], capture_output=True, text=True, encoding="utf-8", timeout=60
        )
    finally:
        place.chmod(0o755)
    assert done.stdout.split() == ["False", "True", "NotSaved", "True"], done.stderr
    assert casebook.load_case(place).title != "Новое"


def test_a_draft_that_is_no_draft_is_let_alone(place):
    for text in ("", "{", '{"format": 99}', '{"format": 1}', "[]", '{"format": 1, "base": {}, "disk": 1, "now": 2}'):
        (place / DRAFT).write_text(text)
        draft = Draft(place)
        assert draft.document == draft._files.document
        draft.leave()


def test_translations_are_written_beside_the_source(draft, place):
    key, path = "role", ["role"]
    before = (place / "text.en.yml").read_text("utf-8")
    draft.edit({"do": "set", "path": path, "value": "Вы сидите в окне выдачи."})
    draft.edit({"do": "translate", "lang": "en", "key": key, "text": "You sit at the window."})
    draft.edit({"do": "translate", "lang": "kk", "key": key, "text": "Сіз терезеде отырсыз."})
    assert draft.write()
    assert len(lines_apart(before, (place / "text.en.yml").read_text("utf-8"))) == 1
    case = casebook.load_case(place)
    assert case.text("role", "en") == "You sit at the window." and case.text("role", "kk").startswith("Сіз")
    (english,) = [one for one in casebook.translations(place) if one.lang == "en"]
    assert not english.aligned.stale and "role" not in english.unread
    assert json.loads((place / "translated.json").read_text("utf-8"))["en"]["role"]
    assert Path(place / DRAFT).exists()
