"""What it takes to install and begin: README's commands, the pins, conda's environment, and what the docs promise."""

import hashlib
import json
import re
import subprocess
import sys
import tomllib
import zipfile

import pytest
from packaging.requirements import Requirement
from support.places import CASEBOOK, ROOT

from trainkit.files import casebook

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CONDA_NAMES = {"matplotlib": "matplotlib-base"}
PIP_ONLY = {"graphlay", "uvloop"}


def test_environment_yml_equals_pyproject():
    import rattler
    import yaml

    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    listed = {}
    for entry in environment["dependencies"]:
        if isinstance(entry, str):
            spec = rattler.MatchSpec(entry)
            listed[spec.name.normalized if hasattr(spec.name, "normalized") else str(spec.name)] = str(
                spec.version or ""
            )
    wanted = {"python": PROJECT["project"]["requires-python"], "pip": ""}
    for line in PROJECT["project"]["dependencies"]:
        requirement = Requirement(line)
        wanted[CONDA_NAMES.get(requirement.name, requirement.name)] = str(requirement.specifier)
    assert {*wanted} - {*listed} == PIP_ONLY, "the environment ends with `pip install -e .`, which brings these"
    assert listed == {name: spec for name, spec in wanted.items() if name not in PIP_ONLY}


def test_constraints_pin_every_dependency_without_addresses():
    text = (ROOT / "constraints.txt").read_text("utf-8")
    assert not re.search(r"https?:|@ |--index|--extra-index|file:", text)
    pinned = {re.split(r"[=<>]", line)[0].strip().lower() for line in text.splitlines() if "==" in line}
    extras = PROJECT["project"]["optional-dependencies"]
    for line in [*PROJECT["project"]["dependencies"], *(line for lines in extras.values() for line in lines)]:
        assert Requirement(line).name.lower() in pinned, line


EXTENSION = ROOT / "src" / "trainkit" / "notebook" / "labextension"


def test_the_extensions_script_has_a_new_address_with_each_change():
    """A browser keeps it for a year."""
    load = json.loads((EXTENSION / "package.json").read_text("utf-8"))["jupyterlab"]["_build"]["load"]
    name, version = load.split("?v=")
    assert version == hashlib.sha256((EXTENSION / name).read_bytes()).hexdigest()[:12]


@pytest.mark.parametrize("version", ["standard", "editable"])
def test_what_is_installed_has_the_extension_where_jupyterlab_looks(version, tmp_path):
    """What ``pip install`` makes of the checkout, and ``pip install -e``."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", f"wheel:{version}", "-d", tmp_path]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (file,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(file) as wheel:
        place = next(name for name in wheel.namelist() if name.endswith("labextensions/trainkit/package.json"))
        assert re.fullmatch(r"trainkit-[\d.]+\.data/data/share/jupyter/labextensions/trainkit/package\.json", place)
        for part in EXTENSION.rglob("*.*"):
            assert (
                wheel.read(place.replace("package.json", part.relative_to(EXTENSION).as_posix())) == part.read_bytes()
            )
        assert not any(name.startswith("trainkit/notebook/labextension") for name in wheel.namelist())
        if version == "standard":  # `trainkit lab` lays notebooks beside the data that they read
            assert wheel.read("trainkit/_notebooks/ru/20_responses.ipynb")
            for part in ("sample/decisions.csv", "sample/design.csv", "cases/counters_a.json"):
                assert wheel.read(f"trainkit/_sample/{part}") == (ROOT / "data" / part).read_bytes()


def test_readme_has_exactly_the_two_commands_first():
    text = (ROOT / "README.md").read_text("utf-8")
    screen = text.split("## ")[0]
    assert re.findall(r"^- (\w+): `(.+)`$", screen, re.M) == [
        ("run", "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt -e . && .venv/bin/trainkit lab"),
        ("test", "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt -e '.[test]' && .venv/bin/pytest"),
    ]


def test_readme_names_every_command_and_case():
    from trainkit.cli.main import COMMANDS

    text = (ROOT / "README.md").read_text("utf-8")
    for command in COMMANDS:
        assert f"trainkit {command}" in text
    for name in casebook.case_ids(CASEBOOK):
        assert f"`{name}`" in text
    for target in re.findall(r"\]\(((?!http)[^)#]+)\)", text):
        assert (ROOT / target).exists(), target


def test_the_example_in_the_casebook_readme_is_the_format():
    """Every key the annotated example uses is a key of the format, and the other way round."""
    from trainkit.case import model as case

    text = (CASEBOOK / "README.md").read_text("utf-8")
    parts = (case.Case, case.Context, case.Patience, case.Fact, case.Scene, case.Option, case.Ending, case.Debrief)
    for part in parts:
        for key in part.model_fields:
            assert re.search(rf"\b{key}:", text), f"{part.__name__}.{key} is not explained in casebook/README.md"


def test_readme_has_the_two_commands_as_powershell_takes_them():
    text = (ROOT / "README.md").read_text("utf-8")
    assert re.findall(r"^- Windows \(PowerShell\), (\w+): `(.+)`$", text, re.M) == [
        ("run", r"py -m venv .venv; .venv\Scripts\pip install -c constraints.txt -e .; .venv\Scripts\trainkit lab"),
        ("test", r'py -m venv .venv; .venv\Scripts\pip install -c constraints.txt -e ".[test]"; .venv\Scripts\pytest'),
    ]
