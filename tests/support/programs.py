"""Which programs outside Python may a test call, and where do they come from? The one list of them.

``.ci/run`` installs from it (``python3 tests/support/programs.py --apt`` prints the Debian packages that are missing), a
skip names the package from it, and a test that calls any other program, or one it has not asked for, fails. Only the
standard library is imported: it is read before anything is installed.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

CYRILLIC = ("NotoSans-Regular.ttf", "DejaVuSans.ttf")


@dataclass(frozen=True)
class Program:
    """Something a machine may lack: ``commands`` on the path or in a folder of ``places``, or files (globs) in ``places``.

    Attributes
    ----------
    packages
        Of Debian.
    purpose
        What a test needs it for, in a clause.
    commands
        All are needed, in one folder; of ``either`` the first that is there.
    places
        Globs: folders of commands that are not on the path, or, without commands, the files themselves.
    """

    packages: tuple[str, ...]
    purpose: str
    commands: tuple[str, ...] = ()
    either: tuple[str, ...] = ()
    places: tuple[str, ...] = ()

    def find(self) -> Path | None:
        """The program (of several commands, their folder; of files, the first), or None."""
        for name in self.either:
            if there := shutil.which(name):
                return Path(there)
        if not self.commands:
            files = (file for place in self.places for file in _matches(place))
            return next((file for file in files if file.stat().st_size), None)
        folders = [folder for place in self.places for folder in reversed(_matches(place))]
        if there := shutil.which(self.commands[0]):
            folders.append(Path(there).parent)
        return next((one for one in folders if all(shutil.which(name, path=str(one)) for name in self.commands)), None)


def _matches(place: str) -> list[Path]:
    """The paths a glob matches, by their numbers where they have some (…/9/bin before …/15/bin)."""
    root = Path(Path(place).anchor)

    def by_number(path: Path) -> list[tuple[float, str]]:
        return [(float(part), "") if part.replace(".", "", 1).isdigit() else (-1.0, part) for part in path.parts]

    return sorted(root.glob(str(Path(place).relative_to(root))), key=by_number)


PROGRAMS = {
    "libreoffice": Program(
        ("libreoffice-calc-nogui",), "what a spreadsheet makes of a workbook", either=("soffice", "libreoffice")
    ),
    "chromium": Program(
        ("chromium",), "what is on a screen", either=("chromium", "chromium-browser", "google-chrome", "chrome")
    ),
    "firefox": Program(("firefox-esr",), "a site in another browser than Chromium", either=("firefox-esr", "firefox")),
    "fonts": Program(
        ("fonts-dejavu-core", "fonts-noto-core"),
        "Russian on a screen and on paper",
        places=(
            *(f"/usr/share/fonts/**/{file}" for file in CYRILLIC),
            "/System/Library/Fonts/Helvetica.ttc",
            "C:/Windows/Fonts/arial.ttf",
        ),
    ),
    "libatomic": Program(
        ("libatomic1",), "the Node that Playwright brings for Linux", places=("/usr/lib*/**/libatomic.so.1",)
    ),
    "poppler": Program(("poppler-utils",), "what is on a printed page", commands=("pdfinfo", "pdftotext")),
    "postgresql": Program(
        ("postgresql",),
        "a log that several servers share",
        commands=("initdb", "pg_ctl", "postgres"),
        places=("/usr/lib/postgresql/*/bin",),
    ),
    "nginx": Program(
        ("nginx",), "a proxy before a class", commands=("nginx",), places=("/usr/sbin", "/usr/local/sbin")
    ),
    "openssl": Program(("openssl",), "a certificate made on the spot", commands=("openssl",)),
    "faketime": Program(
        ("faketime",), "another clock for a server", places=("/usr/lib*/**/faketime/libfaketimeMT.so.1",)
    ),
    "java": Program(("default-jre-headless",), "a Spark cluster of its own", commands=("java",)),
    "git": Program(("git",), "which files are the project's", commands=("git",)),
    "npm": Program(
        ("nodejs", "npm"), "what a browser needs to be Python, and a course system to play in", commands=("node", "npm")
    ),
    "mount": Program(("mount",), "a disk that fills up", commands=("mount", "umount")),
}

# what every machine has that can run the tests at all (Debian marks it essential)
ALWAYS = {"sh", "head"}
# what libraries look for by themselves and do without: matplotlib its fonts, ctypes a library, platform a processor
OPTIONAL = {"fc-list", "ldconfig", "gcc", "cc", "ld", "objdump", "uname", "lsb_release", "node"}


def missing_packages() -> list[str]:
    """The Debian packages of all that is not here."""
    return sorted({package for program in PROGRAMS.values() if not program.find() for package in program.packages})


def paths() -> list[Path]:
    """Every file of the list on this machine, to hide it: commands wherever the path finds them, fonts, libraries."""
    folders = [Path(folder) for folder in os.get_exec_path()]
    there = set()
    for program in PROGRAMS.values():
        for name in (*program.commands, *program.either):
            there |= {(folder / name).resolve() for folder in folders if (folder / name).is_file()}
        for place in program.places:
            there |= {path.resolve() for path in _matches(place)}
    return sorted(there)


def reason(name: str) -> str:
    """Why a test is skipped that needs this program."""
    program = PROGRAMS[name]
    return f"no {name} on this machine, for {program.purpose} (Debian: apt-get install {' '.join(program.packages)})"


# ---- the watch ------------------------------------------------------------------------------------------------------


class Watch:
    """Notes each program this process starts and refuses those that a test hasn't asked for.

    Attributes
    ----------
    asked
        Names of :data:`PROGRAMS` that may be called now.
    refused
        What was called nevertheless: a test may have caught the error.
    """

    def __init__(self):
        self.asked: set[str] = set()
        self.refused: list[str] = []

    def begin(self) -> None:
        """Watch from now on, where the list's programs are (Windows has others); there is no way to stop it."""
        if sys.platform != "win32":
            sys.addaudithook(self._heard)

    def _heard(self, event: str, arguments: tuple) -> None:
        if event == "subprocess.Popen":
            executable, line = arguments[:2]
            called = _first_words(line[2]) if _is_shell(executable, line) else [executable]
        elif event == "os.system":
            called = _first_words(arguments[0])
        elif event in ("os.exec", "os.posix_spawn"):
            called = [arguments[0]]
        elif event == "os.spawn":
            called = [arguments[1]]
        else:
            return
        for program in map(os.fsdecode, called):
            if not self.allows(program):
                self.refused.append(program)
                raise PermissionError(f"{program}: {said(program)}")

    def allows(self, program: str) -> bool:
        """Whether a test may call it now: Python and what is installed with it, what is always there, what was asked for."""
        name = Path(program).name
        if name in ALWAYS | OPTIONAL or program == sys.executable or _is_ours(program):
            return True
        return any(name in (*PROGRAMS[one].commands, *PROGRAMS[one].either) for one in self.asked)


WATCH = Watch()


def said(program: str) -> str:
    """What is wrong with calling a program."""
    name = Path(program).name
    for known, one in PROGRAMS.items():
        if name in (*one.commands, *one.either):
            return f'the test has not asked for it (`@pytest.mark.needs("{known}")`)'
    return "it is not in the list of outside programs, tests/support/programs.py"


def _is_shell(executable: object, line: object) -> bool:
    return Path(os.fsdecode(executable)).name == "sh" and len(line) > 2 and os.fsdecode(line[1]) == "-c"


def _first_words(command: str | bytes) -> list[str]:
    """The programs that a line of shell calls, as far as one sees without being a shell."""
    lexer = shlex.shlex(os.fsdecode(command), posix=True, punctuation_chars="|&;<>()")
    lexer.whitespace_split = True
    words, first = [], True
    for word in lexer:
        if set(word) <= set("|&;()"):
            first = True
        elif first and "=" not in word:
            words.append(word)
            first = False
    return words


def _is_ours(program: str) -> bool:
    """Whether it lies where this Python and its packages are."""
    there = shutil.which(program)
    if there is None:
        return False
    homes = {Path(home) for home in (sys.prefix, sys.base_prefix, *filter(None, sys.path))} - {Path("/usr")}
    path = Path(there).absolute()
    python = path.name.startswith("python") and path.resolve() == Path(sys.executable).resolve()
    return python or any(home in path.parents for home in homes)


def main() -> None:
    """Print the missing packages (``--apt``), where everything lies (``--paths``), or the list."""
    if sys.argv[1:] == ["--apt"]:
        print(" ".join(missing_packages()))
        return
    if sys.argv[1:] == ["--paths"]:
        print(*paths(), sep="\n")
        return
    for name, program in PROGRAMS.items():
        print(f"{name:11} {program.find() or 'missing'}: {program.purpose} (Debian: {' '.join(program.packages)})")


if __name__ == "__main__":
    main()
