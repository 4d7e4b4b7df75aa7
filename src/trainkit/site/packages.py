"""Which packages has the Python of the notebooks? Those of this machine; what is compiled comes from PyPI or Pyodide."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution, version
from pathlib import Path
from typing import Any, NamedTuple

from trainkit.errors import N_, TrainkitError, shown
from trainkit.site.bundle import PACKAGE, unpacked
from trainkit.site.runtime import read_files

# what notebooks need of the kernel, and the kit's own: it asks for more only where tables, pictures or a server are wanted
ROOTS = (
    "comm", "ipython", "ipywidgets", "jedi",
    "alembic", "anywidget", "jinja2", "narwhals", "platformdirs", "pydantic", "pyyaml", "segno", "sqlalchemy", "tqdm",
)  # fmt: skip
# from PyPI, for the browser: in the version that is installed here, or in this one
COMPILED = {"pydantic-core": "", "micropip": "0.11.1"}
PLATFORM = "pyemscripten_2026_0_wasm32"
MINUTES = 5  # for pip
KERNEL = ("ipykernel", "piplite", "pyodide-kernel", "widgetsnbextension")  # JupyterLite has its own
RESEARCH = ("matplotlib", "pandas", "pyarrow", "scipy", "statsmodels")  # of a whole Pyodide alone
_NOT_THERE = {"greenlet", "jupyterlab-widgets", "pexpect", "psutil", *COMPILED, *KERNEL}
BROWSER = {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "wasm32",
    "platform_python_implementation": "CPython",
    "platform_system": "Emscripten",
    "python_full_version": "3.14.2",
    "python_version": "3.14",
    "sys_platform": "emscripten",
    "extra": "",
}
_SKIPPED = {".so", ".pyd", ".pyc", ".dylib", ".c", ".pyx", ".pxd"}
_OF_THIS_PLACE = {"RECORD", "WHEEL", "INSTALLER", "REQUESTED", "direct_url.json"}
# what completion knows of other people's libraries: 5,000 files
_LEFT_OUT = (
    "jedi/third_party/django-stubs",
    "jedi/third_party/typeshed/stubs",
    "jedi/third_party/typeshed/third_party",
)
_WHEEL_NAME = re.compile(r"(.+?)-(.+?)(-\d[^-]*)?-([^-]+-[^-]+-[^-]+)\.whl")
_WHEEL = "Wheel-Version: 1.0\nGenerator: trainkit\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


class Package(NamedTuple):
    """A package for the browser: its files, and what Pyodide is told of it."""

    name: str
    version: str
    files: Mapping[str, bytes]
    needs: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    compiled_for: str = "py3-none-any"  # the end of a wheel's name: for which Pythons it is

    @property
    def file(self) -> str:
        """What the wheel is called."""
        return f"{self.name.replace('-', '_')}-{self.version}-{self.compiled_for}.whl"

    def told(self, wheel: bytes) -> dict[str, object]:
        """Its entry in Pyodide's list of packages."""
        return {
            "name": self.name,
            "version": self.version,
            "file_name": self.file,
            "install_dir": "site",
            "sha256": hashlib.sha256(wheel).hexdigest(),
            "package_type": "package",
            "imports": [*self.imports],
            "depends": [*self.needs],
            "unvendored_tests": False,
        }


def normal(name: str) -> str:
    """A package's name as indexes have it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed(roots: Iterable[str] = ROOTS) -> Iterator[Package]:
    """These packages and what they need, as wheels made of what is installed here: the versions a class has, too."""
    found: set[str] = set()
    waiting = [*map(normal, roots)]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        try:
            there = distribution(name)
        except PackageNotFoundError as error:
            raise TrainkitError(N_("{name} is not installed here: install trainkit again"), name=name) from error
        needs = [*_needs(there)]
        waiting += [one for one in needs if one not in _NOT_THERE]
        yield _unpacked(there, needs)


def _needs(there: Distribution) -> Iterator[str]:
    """What a package needs in a browser, by name."""
    from packaging.requirements import Requirement

    for text in there.requires or ():
        wanted = Requirement(text)
        name = normal(wanted.name)
        if (wanted.marker is None or wanted.marker.evaluate(BROWSER)) and (name not in _NOT_THERE or name in COMPILED):
            yield name


def _unpacked(there: Distribution, needs: Iterable[str]) -> Package:
    """An installed package without what was compiled for this machine: each of them does without."""
    files: dict[str, bytes] = {}
    for file in there.files or ():
        about_here = file.parts[0].endswith(".dist-info") and file.name in _OF_THIS_PLACE
        if (
            ".." in file.parts
            or file.is_absolute()
            or "__pycache__" in file.parts
            or file.suffix in _SKIPPED
            or about_here
        ):
            continue
        if not file.as_posix().startswith(_LEFT_OUT):
            files[file.as_posix()] = Path(file.locate()).read_bytes()
    info = next(name.partition("/")[0] for name in files if ".dist-info/" in name)
    return package(normal(there.metadata["Name"]), there.version, files, needs, info)


def package(
    name: str,
    version: str,
    files: Mapping[str, bytes],
    needs: Iterable[str] = (),
    info: str = "",
    also: Iterable[str] = (),
) -> Package:
    """These files as a package of pure Python; ``also``: modules for which it is taken besides those that it has."""
    info = info or f"{name.replace('-', '_')}-{version}.dist-info"
    about = {f"{info}/WHEEL": _WHEEL.encode()}
    if f"{info}/METADATA" not in files:
        about[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()
    return Package(name, version, {**files, **about}, tuple(sorted(needs)), tuple(sorted({*_modules(files), *also})))


def _modules(files: Iterable[str]) -> set[str]:
    """What is imported from a package's files."""
    tops = (path.partition("/")[0].removesuffix(".py") for path in files)
    return {top for top in tops if top.isidentifier()}


def kit(casebook: Path) -> Package:
    """The kit itself, with its casebook."""
    files = {
        f"trainkit/{file.relative_to(PACKAGE).as_posix()}": file.read_bytes()
        for file in sorted(PACKAGE.rglob("*"))
        if file.is_file() and _goes_along(file.relative_to(PACKAGE))
    }
    for file in sorted(casebook.rglob("*")):
        if file.is_file() and not any(part.startswith((".", "__")) for part in file.relative_to(casebook).parts):
            files[f"trainkit/_casebook/{file.relative_to(casebook).as_posix()}"] = file.read_bytes()
    return package("trainkit", version("trainkit"), files, map(normal, ROOTS))


def _goes_along(file: Path) -> bool:
    there = file.parts[0] not in ("_casebook", "_notebooks", "_sample") and "labextension" not in file.parts
    return there and "__pycache__" not in file.parts and file.suffix not in (".pyc", ".po")


def fetched(kept: Path, say: Callable[[str], object] = lambda text: None) -> Iterator[Package]:
    """The packages of :data:`COMPILED`, in the versions that go with those installed here: from PyPI, by pip.

    Parameters
    ----------
    kept : Path
        A folder: what is there already isn't fetched again.
    say : callable
        Is told what is fetched.

    Raises
    ------
    TrainkitError
        If pip is missing, or doesn't get them.
    """
    for name, pinned in COMPILED.items():
        wanted = f"{name}=={pinned or distribution(name).version}"
        yield _read(_kept(kept, wanted) or _fetch(kept, wanted, say))


def _kept(folder: Path, wanted: str) -> Path | None:
    name, _, version = wanted.partition("==")
    return next(iter(sorted(folder.glob(f"{name.replace('-', '_')}-{version}-*.whl"))), None)


def _fetch(folder: Path, wanted: str, say: Callable[[str], object]) -> Path:
    """Have pip fetch a wheel for the browser; pip compares it with the hash that the index tells."""
    say(f"pip download {wanted}")
    folder.mkdir(parents=True, exist_ok=True)
    target = ["--no-deps", "--only-binary", ":all:", "--python-version", "3.14", "--implementation", "cp"]
    target += [part for abi in ("cp314", "none") for part in ("--abi", abi)] + ["--platform", PLATFORM]
    command = [sys.executable, "-m", "pip", "download", "--quiet", *target, wanted]
    with tempfile.TemporaryDirectory(dir=folder) as place:
        try:
            done = subprocess.run(
                [*command, "--dest", place], capture_output=True, text=True, timeout=60 * MINUTES, check=False
            )
            why = (done.stderr or done.stdout).strip().splitlines()[-1:] if done.returncode else []
        except (OSError, subprocess.TimeoutExpired) as error:
            why = [str(error)]
        files = [*Path(place).glob("*.whl")]
        if why or not files:
            raise TrainkitError(
                N_(
                    "pip could not fetch {wanted} for the browser ({why}). With a network: pip download {options} {wanted}; "
                    "put the file into {folder}"
                ),
                wanted=wanted,
                why=" ".join(why) or "-",
                options=" ".join(target),
                folder=shown(str(folder)),
            )
        return files[0].replace(folder / files[0].name)


def _read(file: Path) -> Package:
    """A wheel that was fetched."""
    name, version, _, compiled_for = _WHEEL_NAME.match(file.name).groups()
    try:
        files = unpacked(file.read_bytes())
    except zipfile.BadZipFile as error:
        raise TrainkitError(N_("{place} is no package: remove it"), place=shown(str(file))) from error
    needs = ("typing-extensions",) if name == "pydantic_core" else ()
    return Package(normal(name), version, files, needs, tuple(sorted(_modules(files))), compiled_for)


def of_jupyterlite(folder: Path) -> Iterator[Package]:
    """The packages of :data:`KERNEL`, which came with JupyterLite's kernel in this folder."""
    for name in KERNEL:
        yield _read(max(folder.rglob(f"{name.replace('-', '_')}-*.whl")))


def of_pyodide(lock: Mapping[str, Mapping[str, Any]], source: Path | None) -> dict[str, Package]:
    """What of :data:`RESEARCH`, and of what those need, lies in a whole Pyodide, by name.

    Parameters
    ----------
    lock : mapping
        Pyodide's own list of its packages, each with its hash.
    source : Path, optional
        The folder or tarball of Pyodide.

    Raises
    ------
    TrainkitError
        If a file isn't the one in the list.
    """
    wanted: list[str] = [*RESEARCH]
    for name in wanted:
        wanted += [one for one in map(normal, lock.get(name, {}).get("depends", ())) if one not in wanted]
    entries = {name: lock[name] for name in wanted if name in lock}
    files = read_files(source, [entry["file_name"] for entry in entries.values()]) if source is not None else {}
    found = {}
    for name, entry in entries.items():
        if (wheel := files.get(entry["file_name"])) is None:
            continue
        if hashlib.sha256(wheel).hexdigest() != entry["sha256"]:
            raise TrainkitError(
                N_("{name} is not the file that Pyodide lists; its hash differs"), name=entry["file_name"]
            )
        needs = tuple(map(normal, entry["depends"]))
        compiled_for = entry["file_name"].removesuffix(".whl").split("-", 2)[2]
        found[name] = Package(name, entry["version"], unpacked(wheel), needs, tuple(entry["imports"]), compiled_for)
    while lacking := [name for name, one in found.items() if any(need not in found for need in one.needs)]:
        for name in lacking:
            del found[name]
    return found


def research(found: Collection[str]) -> Package:
    """An empty package, taken where tables and pictures are worked with: it brings what those need."""
    also = ("trainkit.analysis", "trainkit.figures", "trainkit.report")
    return package(
        "trainkit-research", version("trainkit"), {}, (name for name in RESEARCH if name in found), also=also
    )
