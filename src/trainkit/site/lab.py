"""What are the files of a JupyterLab without a server? JupyterLite, Python with its packages, and the kit's notebooks."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import NamedTuple

from trainkit.errors import N_, TrainkitError
from trainkit.site.bundle import PACKAGE, packed
from trainkit.site.compiled import compiled
from trainkit.site.packages import Package, fetched, installed, kit, of_jupyterlite, of_pyodide, research
from trainkit.site.runtime import kept_folder
from trainkit.view import render

APPS = ("lab", "notebooks")
PYTHON = "python"  # the folder of Python and its packages
START = "notebooks/{lang}/00_start_here.ipynb"
EXTENSIONS = ("jupyterlite-pyodide-kernel", "jupyterlab-widgets", "anywidget")
_KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
_PYC = re.compile(r"^(.*?)([^/]+)\.pyc$")
# of every page: nothing is asked of another place, whatever a notebook or a widget wants
_POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob: data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'"
)
_SQLITE = {"extensions": [".sqlite3"], "fileFormat": "base64", "mimeTypes": ["application/vnd.sqlite3"]}


class Laid(NamedTuple):
    """What was made: whether Python needn't compile it each time, and which packages for research it has."""

    compiled: bool
    research: tuple[str, ...]


def write_lab(
    target: Path,
    contents: Path,
    casebook: Path,
    runtime: Mapping[str, bytes],
    lang: str,
    pyodide: Path | None = None,
    say: Callable[[str], object] = lambda text: None,
) -> Laid:
    """Write a JupyterLite into a folder.

    Parameters
    ----------
    target : Path
        The folder.
    contents : Path
        What its file browser shows: notebooks and data.
    casebook : Path
        The cases that come with the kit.
    runtime : mapping
        The files of Pyodide, by name.
    lang : str
        Of the notebook that it begins with.
    pyodide : Path, optional
        Where packages for research may lie: a folder or tarball of the whole of Pyodide.
    say : callable
        Is told what is fetched.

    Raises
    ------
    TrainkitError
        If something is missing to make it, or it can't be made.
    """
    extensions = [_extension(name) for name in EXTENSIONS]
    lock = json.loads(runtime["pyodide-lock.json"])
    whole = of_pyodide(lock["packages"], pyodide)
    own = {one.name: one for one in installed()}
    own |= {one.name: one for one in (*fetched(kept_folder() / "wheels", say), *of_jupyterlite(extensions[0]))}
    own["trainkit"] = kit(casebook)
    if whole:
        own["trainkit-research"] = research(whole)
    others = [one for name, one in whole.items() if name not in own]
    ours = PACKAGE / "notebook" / "labextension"  # in a checkout; installed it is where JupyterLab looks
    _build(target, contents, [*extensions, ours if ours.is_dir() else _extension("trainkit")], [*own])
    wheels, is_compiled = _wheels([*own.values()], runtime)
    wheels += [(one, packed(one.files)) for one in others]
    python = target / PYTHON
    python.mkdir(exist_ok=True)
    for name, content in runtime.items():
        (python / name).write_bytes(content)
    for package, wheel in wheels:
        (python / package.file).write_bytes(wheel)
    entries = {package.name: package.told(wheel) for package, wheel in wheels}
    (python / "pyodide-lock.json").write_text(json.dumps({"info": lock["info"], "packages": entries}), "utf-8")
    _finish(target, lang)
    return Laid(is_compiled, own["trainkit-research"].needs if whole else ())


def _extension(name: str) -> Path:
    """The folder of what a package adds to JupyterLab."""
    try:
        files = distribution(name).files or ()
    except PackageNotFoundError as error:
        said = N_("{name} is not installed here; --lab wants: pip install 'trainkit[lab-site]'")
        raise TrainkitError(said, name=name) from error
    for file in files:
        if file.name == "package.json" and "labextensions" in file.parts and "static" not in file.parts:
            return Path(file.locate()).resolve().parent
    raise TrainkitError(N_("{name} is not installed here: install trainkit again"), name=name)


def _build(target: Path, contents: Path, extensions: Sequence[Path], packages: Sequence[str]) -> None:
    """Have JupyterLite lay out its own files, and list ours."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        config = {
            "apps": [*APPS],
            "contents": [str(contents)],
            "extra_file_types": {"sqlite": _SQLITE},
            "federated_extensions": [*map(str, extensions)],
            "ignore_sys_prefix": True,  # nothing of this machine's own JupyterLab
            "no_sourcemaps": True,
            "no_unused_shared_packages": True,
            "settings_overrides": [str(PACKAGE / "notebook" / "lab" / "overrides.json")],
            "output_dir": str(target.resolve()),
            "cache_dir": str(place / "cache"),
        }
        (place / "jupyter_lite_config.json").write_text(json.dumps({"LiteBuildConfig": config}), "utf-8")
        (place / "jupyter-lite.json").write_text(json.dumps(_settings(packages)), "utf-8")
        command = [sys.executable, "-m", "jupyterlite_core", "build", "--lite-dir", folder]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, cwd=place)
        if done.returncode:
            why = (done.stderr or done.stdout).strip().splitlines()[-1:]
            raise TrainkitError(N_("JupyterLite could not be made: {why}"), why=" ".join(why))


def _settings(packages: Sequence[str]) -> dict[str, object]:
    """What JupyterLite is told: where its Python is, what that begins with, and that there is no other place to ask."""
    begins_with = [name for name in packages if name != "trainkit-research"]
    options = {"lockFileURL": f"./{PYTHON}/pyodide-lock.json", "packages": begins_with}
    kernel = {"pyodideUrl": f"./{PYTHON}/pyodide.mjs", "disablePyPIFallback": True, "loadPyodideOptions": options}
    told = {"appName": "trainkit", "litePluginSettings": {_KERNEL: kernel}}
    return {"jupyter-lite-schema-version": 0, "jupyter-config-data": told}


def _wheels(packages: Sequence[Package], runtime: Mapping[str, bytes]) -> tuple[list[tuple[Package, bytes]], bool]:
    """Each package as a wheel, with bytecode where Node is there to make it; of the kit with its text, to be read."""
    done = compiled(runtime, {package.name: package.files for package in packages}, level=0)
    wheels = []
    for package in packages:
        files = (done or {}).get(package.name, package.files)
        if package.name == "trainkit" and done is not None:
            beside = {_PYC.sub(r"\1__pycache__/\2.cpython-314.pyc", name): text for name, text in files.items()}
            files = {**beside, **package.files}
        wheels.append((package, packed(files)))
    return wheels, done is not None


def _finish(target: Path, lang: str) -> None:
    """Have every page ask nothing of another place, and the first address lead to the start notebook."""
    start = f"lab/index.html?path={START.format(lang=lang)}"
    page = render.template("lab_start.html", lang, package="trainkit.site", lang=lang, policy=_POLICY, start=start)
    (target / "index.html").write_text(page, "utf-8")
    head = f'<head>\n    <meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    for app in APPS:
        file = target / app / "index.html"
        file.write_text(file.read_text("utf-8").replace("<head>", head, 1), "utf-8")
