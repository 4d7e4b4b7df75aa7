"""The Python of the notebooks has what is installed here, in pure Python; what is compiled is the file that was published."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from support.places import CASEBOOK

from trainkit.absent import IN_A_WHOLE_PYODIDE, NOT_FOR_BROWSERS, NotHere
from trainkit.errors import TrainkitError
from trainkit.site import packages
from trainkit.site.bundle import packed
from trainkit.site.packages import COMPILED, KERNEL, fetched, installed, kit, of_pyodide, package, research


@pytest.fixture(scope="module")
def pure():
    return {one.name: one for one in installed()}


def test_all_that_they_need_is_there(pure):
    there = {*pure, *COMPILED, *KERNEL}
    assert {need for one in [*pure.values(), kit(CASEBOOK)] for need in one.needs} <= there
    assert {"ipython", "ipywidgets", "anywidget", "sqlalchemy", "pyyaml", "jedi"} <= {*pure}
    assert not {"jupyterlab", "pandas", "numpy", "matplotlib", "psutil", "greenlet"} & {*pure}


def test_nothing_that_was_compiled_for_this_machine_goes_along(pure):
    names = [name for one in pure.values() for name in one.files]
    assert not [name for name in names if name.endswith((".so", ".pyd", ".pyc", "RECORD", "direct_url.json"))]
    assert not [name for name in names if name.startswith(("/", ".."))]


def test_a_package_is_told_as_pyodide_wants_it(pure):
    one = pure["markupsafe"]
    told = one.told(b"wheel")
    assert told["file_name"] == one.file == f"markupsafe-{one.version}-py3-none-any.whl"
    assert told["sha256"] == hashlib.sha256(b"wheel").hexdigest() and told["imports"] == ["markupsafe"]


# in a Python of its own: what was packed is unpacked, and works without what was compiled
ALONE = """
import json, sys
sys.path[:] = [one for one in sys.path if "site-packages" not in one]
sys.path.insert(0, sys.argv[1])
import markupsafe, sqlalchemy, yaml, psygnal, jinja2
from importlib.metadata import version
class Evented:
    changed = psygnal.Signal(int)
found = []
one = Evented()
one.changed.connect(found.append)
one.changed.emit(7)
engine = sqlalchemy.create_engine("sqlite://")
with engine.connect() as connection:
    found.append(connection.execute(sqlalchemy.text("SELECT 1 + 1")).scalar())
found += [yaml.safe_load("a: [1, 2]"), str(jinja2.Template("{{ x|e }}").render(x="<")), version("sqlalchemy")]
files = [getattr(module, "__file__", "") or "" for module in sys.modules.values()]
print(json.dumps([found, [file for file in files if file.startswith(sys.argv[1]) and file.endswith(".so")]]))
"""


@pytest.mark.slow
def test_packages_work_without_what_was_compiled(pure, tmp_path):
    for name in ("markupsafe", "sqlalchemy", "pyyaml", "psygnal", "jinja2", "typing-extensions"):
        with zipfile.ZipFile(io.BytesIO(packed(pure[name].files))) as wheel:
            wheel.extractall(tmp_path)
    done = subprocess.run([sys.executable, "-I", "-c", ALONE, tmp_path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found, compiled = json.loads(done.stdout)
    assert found == [7, 2, {"a": [1, 2]}, "&lt;", pure["sqlalchemy"].version] and compiled == []


def test_the_kit_comes_with_its_casebook_and_is_the_same_whenever_it_is_made():
    one, other = kit(CASEBOOK), kit(CASEBOOK)
    assert packed(one.files) == packed(dict(reversed(other.files.items())))
    assert "trainkit/_casebook/racket_refund/case.yml" in one.files and "trainkit/notebook/exercise.js" in one.files
    assert "trainkit/locale/ru/LC_MESSAGES/trainkit.mo" in one.files
    assert not [name for name in one.files if "labextension" in name or name.endswith((".po", ".pyc"))]


# ---- what is compiled -----------------------------------------------------------------------------------------------


def test_without_pip_or_a_network_it_is_said_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(
        TrainkitError, match=r"pip could not fetch pydantic-core==\S+ .*pip download .*wasm32.*put the file"
    ):
        [*fetched(tmp_path / "wheels")]


def test_what_was_fetched_before_is_read_and_not_fetched_again(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(packages, "COMPILED", {"thing": "1.2"})
    file = tmp_path / "thing-1.2-cp314-cp314-pyemscripten_2026_0_wasm32.whl"
    file.write_bytes(packed({"thing/__init__.py": b"", "thing-1.2.dist-info/METADATA": b""}))
    (one,) = fetched(tmp_path)
    assert (one.name, one.version, one.imports, one.file) == ("thing", "1.2", ("thing",), file.name)
    file.write_bytes(b"not a zip")
    with pytest.raises(TrainkitError, match=r"is no package: remove it"):
        [*fetched(tmp_path)]


def listed(folder, name, needs=()):
    """A package in a folder as a whole Pyodide has it, and its entry in the list."""
    wheel = packed({f"{name}/__init__.py": b"", f"{name}-1.0.dist-info/METADATA": b""})
    file = f"{name}-1.0-cp314-cp314-pyemscripten_2026_0_wasm32.whl"
    (folder / file).write_bytes(wheel)
    about = {"version": "1.0", "depends": [*needs], "imports": [name]}
    return {"name": name, "file_name": file, "sha256": hashlib.sha256(wheel).hexdigest(), **about}


def test_of_a_whole_pyodide_what_research_needs_is_taken(tmp_path):
    lock = {
        "pandas": listed(tmp_path, "pandas", ["numpy", "python_dateutil"]),
        "numpy": listed(tmp_path, "numpy"),
        "python-dateutil": listed(tmp_path, "dateutil"),
        "scipy": listed(tmp_path, "scipy", ["numpy", "openblas"]),
        "openblas": listed(tmp_path, "openblas"),
        "tensor": listed(tmp_path, "tensor"),
    }
    found = of_pyodide(lock, tmp_path)
    assert {*found} == {"pandas", "numpy", "python-dateutil", "scipy", "openblas"}
    brought = research(found)
    assert brought.needs == ("pandas", "scipy") and "trainkit.analysis" in brought.imports
    next(tmp_path.glob("openblas*")).unlink()  # and what lacks something is left out
    assert {*of_pyodide(lock, tmp_path)} == {"pandas", "numpy", "python-dateutil"}
    assert of_pyodide(lock, None) == {}
    Path(next(tmp_path.glob("numpy*"))).write_bytes(b"other")
    with pytest.raises(TrainkitError, match=r"numpy-1\.0-.* is not the file that Pyodide lists; its hash differs"):
        of_pyodide(lock, tmp_path)


def test_a_package_without_files_brings_others():
    one = package("trainkit-research", "0.1.0", {}, ["pandas"])
    assert one.told(packed(one.files))["depends"] == ["pandas"] and one.imports == ()


# ---- what is absent -------------------------------------------------------------------------------------------------

ABSENT = """
import sys
sys.path[:] = [one for one in sys.path if "site-packages" not in one]
sys.path.insert(0, sys.argv[1])
sys.platform = "emscripten"
import trainkit
from trainkit.errors import TrainkitError
for name in sys.argv[2:]:
    try:
        __import__(name)
    except TrainkitError as error:
        print(name, isinstance(error, ModuleNotFoundError), error.name, error)
try:
    import nonsense
except ModuleNotFoundError as error:
    print(type(error).__name__)
"""


def test_what_is_absent_in_a_browser_is_said_in_a_sentence():
    source = str(Path(packages.__file__).parents[2])
    names = [*IN_A_WHOLE_PYODIDE, *NOT_FOR_BROWSERS]
    done = subprocess.run([sys.executable, "-I", "-c", ABSENT, source, *names], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    *lines, last = done.stdout.splitlines()
    assert last == "ModuleNotFoundError" and len(lines) == len(names)
    for name, line in zip(names, lines, strict=True):
        assert line.startswith(f"{name} True {name} ")
        assert ("--pyodide FOLDER" if name in IN_A_WHOLE_PYODIDE else "does not run in a browser") in line


def test_it_is_told_in_russian():
    from trainkit.i18n import catalog

    assert "полного Pyodide" in NotHere("pandas").said(catalog("ru").gettext)
    assert "В браузере это не работает (нет graphlay)" in NotHere("graphlay").said(catalog("ru").gettext)
