"""Which Python runs in the browser, and is it the one we know? Pyodide, from a folder, a tarball or npm, by its hashes."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from trainkit.errors import N_, Told, TrainkitError, shown

VERSION = "314.0.7"
PACKAGE = f"pyodide@{VERSION}"
HASHES: Mapping[str, str] = {  # SHA-256 of the files that a site holds
    "pyodide.mjs": "6f1d60f7bf529beb300f0f47983c921d3982363640ba20af0e38efdddbc66109",
    "pyodide.asm.mjs": "f7cdc8ece80678ceb712f8e65ebe6d3a83203a180c399865f49612a051693635",
    "pyodide.asm.wasm": "cc36e3cab04fdfc9a63ff13eb52eae2b911bf46c025cc7b281f394bd3de1d5e6",
    "python_stdlib.zip": "fa1957e5777068fc4f7437f96d860ae2fbe9c19732ba06c84e004ec16dd7dd7a",
    "pyodide-lock.json": "5dc2fc119108bc148c7457dc86e7675b5c87e1cafd420b9c34c1eaef7b36c010",
}
MINUTES = 5  # for npm
_HOW = N_("On a machine with a network, `npm pack {package}` gives a file; bring it here and name it: --pyodide {file}")


def find_runtime(source: Path | None = None, say: Callable[[str], object] = lambda text: None) -> Mapping[str, bytes]:
    """The files of :data:`HASHES`, by name.

    Parameters
    ----------
    source : Path, optional
        A folder or a tarball that holds them, wherever in it. Left out: what was fetched before, else npm's own client is
        asked for the package, where it is there.
    say : callable
        Is told that something is fetched.

    Raises
    ------
    TrainkitError
        If there is none, or one whose files are not those of the version that is known.
    """
    if source is not None:
        return _checked(read_files(source.expanduser(), HASHES), shown(str(source)))
    kept = _kept()
    if not kept.is_file():
        say(f"npm pack {PACKAGE}")
        _fetch(kept)
    return _checked(read_files(kept, HASHES), shown(str(kept)))


def kept_folder() -> Path:
    """Where what was fetched once is kept."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("trainkit", appauthor=False))


def _kept() -> Path:
    return kept_folder() / f"pyodide-{VERSION}.tgz"


def _fetch(target: Path) -> None:
    how = {"package": PACKAGE, "file": target.name}
    npm = shutil.which("npm")
    if npm is None:
        raise TrainkitError(Told(N_("there is no npm here to fetch Python for the browser.")) + " " + Told(_HOW, **how))
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        command = [npm, "pack", PACKAGE, "--silent", "--pack-destination", folder]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=60 * MINUTES, check=False)
            why = (done.stderr or done.stdout).strip().splitlines()[-1:] if done.returncode else []
        except (OSError, subprocess.TimeoutExpired) as error:
            why = [str(error)]
        files = list(Path(folder).glob("*.tgz"))
        if why or not files:
            said = Told(
                N_("npm could not fetch {package} ({why})."), package=PACKAGE, why=" ".join(why) or "no file came"
            )
            raise TrainkitError(said + " " + Told(_HOW, **how))
        files[0].replace(target)


def read_files(source: Path, names: Collection[str]) -> Mapping[str, bytes]:
    """Those of these files that are in a folder or a tarball, wherever in it, by name.

    Raises
    ------
    TrainkitError
        If it is neither, or can't be read.
    """
    try:
        if source.is_dir():
            found = {name: next(iter(sorted(source.rglob(name))), None) for name in names}
            return {name: file.read_bytes() for name, file in found.items() if file}
        content: dict[str, bytes] = {}
        with tarfile.open(source) as archive:  # nothing is unpacked: members are read by name
            for member in archive:
                name = member.name.rpartition("/")[2]
                if member.isfile() and name in names and name not in content:
                    content[name] = archive.extractfile(member).read()  # type: ignore[union-attr]
        return content
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise TrainkitError(N_("{place} is no folder and no tarball of Pyodide"), place=shown(str(source))) from error
    except OSError as error:
        why = error.strerror or str(error)
        raise TrainkitError(N_("{place} can't be read: {why}"), place=shown(str(source)), why=why) from error


def _checked(content: Mapping[str, bytes], place: str) -> Mapping[str, bytes]:
    about = {"place": place, "version": VERSION}
    for name, known in HASHES.items():
        if name not in content:
            raise TrainkitError(N_("{place} has no {name}: it is not Pyodide {version}"), name=name, **about)
        if hashlib.sha256(content[name]).hexdigest() != known:
            said = N_(
                "{place}: {name} is not that of Pyodide {version}, the version this program knows; its hash differs"
            )
            raise TrainkitError(said, name=name, **about)
    return content
