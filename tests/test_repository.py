"""What is committed: tidy, without addresses or paths of anybody's machine; and which outside programs tests may call."""

import re
import subprocess
import sys

import pytest
from support import programs
from support.places import ROOT


def test_ruff_is_content():
    for arguments in (["check", "."], ["format", "--check", "."]):
        done = subprocess.run([sys.executable, "-m", "ruff", *arguments], capture_output=True, text=True, cwd=ROOT)
        assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def committed():
    """The files that are the project's."""
    if not (ROOT / ".git").exists():
        pytest.skip("an unpacked archive, no checkout: nothing says which files are the project's")
    names = subprocess.run(["git", "ls-files", "-z"], capture_output=True, text=True, cwd=ROOT).stdout.split("\0")
    assert "pyproject.toml" in names
    return [file for name in names if name and (file := ROOT / name).is_file()]


@pytest.mark.needs("git")
def test_no_binaries_but_small_pictures(committed):
    binary = [file for file in committed if b"\0" in file.read_bytes()]
    assert not [
        (file.name, size) for file in binary if (size := file.stat().st_size) > 400_000 or file.suffix != ".png"
    ]


@pytest.mark.needs("git")
def test_no_addresses_or_machine_paths_in_the_repo(committed):
    found = []
    for file in committed:
        if file.suffix == ".png":
            continue
        name = file.relative_to(ROOT).as_posix()
        text = file.read_text("utf-8", errors="replace")
        found += [(name, hit) for hit in re.findall(r"/(?:home|root|Users)/\w+|https?://[^\s\"]+/simple", text)]
    assert not [hit for hit in found if hit[0] != "tests/test_repository.py"], found


# ---- outside programs -------------------------------------------------------------------------------------------


WATCHED = pytest.mark.skipif(sys.platform == "win32", reason="the list is of Debian's programs; Windows has others")


@WATCHED
@pytest.mark.parametrize(
    ("program", "because"),
    [
        ("pdfinfo", 'has not asked for it (`@pytest.mark.needs("poppler")`)'),
        ("/usr/lib/postgresql/15/bin/initdb", '`@pytest.mark.needs("postgresql")`'),
        ("xeyes", "not in the list of outside programs"),
    ],
)
def test_a_program_that_was_not_asked_for_is_refused(program, because, monkeypatch):
    monkeypatch.setattr(programs.WATCH, "asked", set())  # a cluster of this worker may have asked before
    with pytest.raises(PermissionError, match=re.escape(because)):
        subprocess.run([program, "--version"])
    assert programs.WATCH.refused == [program]  # and the test would fail, whatever it catches
    programs.WATCH.refused.clear()


@WATCHED
@pytest.mark.parametrize(
    "line", ["xeyes", "head -1 README.md | xeyes", "A=1 xeyes; head", "head -1 README.md && xeyes"]
)
def test_a_line_of_shell_is_looked_through(line):
    with pytest.raises(PermissionError):
        subprocess.run(line, shell=True)
    assert programs.WATCH.refused == ["xeyes"]
    programs.WATCH.refused.clear()


@pytest.mark.needs("git")
def test_a_program_that_was_asked_for_runs():
    assert subprocess.run(["git", "--version"], capture_output=True).returncode == 0


def test_ci_installs_from_the_list():
    """By the list's own word; no package is named there a second time."""
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "tests/support/programs.py --apt" in script
    for program in programs.PROGRAMS.values():
        for package in program.packages:
            assert not re.search(rf"apt-get install[^\n]*\b{package}\b", script), package


def test_readme_names_every_outside_program():
    text = (ROOT / "README.md").read_text("utf-8")
    for program in programs.PROGRAMS.values():
        for package in program.packages:
            assert f"`{package}`" in text, package


def test_files_that_come_first_exist(request):
    """The order in which workers take files names files that are there."""
    for plugin in request.config.pluginmanager.get_plugins():
        for name in getattr(plugin, "LONGEST", ()):
            assert (ROOT / name).is_file(), name
