"""What whoever carries on relies on: a citation that is valid, hooks that run as they stand, spelling."""

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile

import pytest
import yaml
from support.places import ROOT
from support.tree import copied

CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]


def test_the_citation_is_of_this_version_and_licence():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert CITATION["version"] == project["version"] and CITATION["license"] == project["license"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", str(CITATION["date-released"]))


@pytest.mark.slow
def test_the_citation_is_valid_by_the_published_schema(tmp_path):
    """By the schema that cffconvert brings; itself it wants a jsonschema of another time."""
    import jsonschema

    line = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", tmp_path, "cffconvert==2.0.0"]
    subprocess.run(line, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        schema = json.loads(archive.read(f"cffconvert/schemas/{CITATION['cff-version']}/schema.json"))
    said = CITATION | {"date-released": str(CITATION["date-released"])}
    jsonschema.validate(said, schema)
    for wrong in (said | {"license": "MTI"}, {**said, "authors": []}, said | {"versoin": "1"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)


def test_hooks_are_installed_programs():
    """Nothing is fetched from anywhere, and every tool is in an extra."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    brought = " ".join(extras["dev"] + extras["test"])
    hooks = [hook for repo in HOOKS for hook in repo["hooks"]]
    assert {repo["repo"] for repo in HOOKS} == {"local"} and {hook["language"] for hook in hooks} == {"system"}
    for hook in hooks:
        module = hook["entry"].split()[2].removesuffix("_lib")
        assert hook["entry"].startswith("python -m ") and module in brought, hook["id"]


@pytest.mark.slow
@pytest.mark.needs("git")
def test_hooks_pass_here_and_stop_what_is_wrong(tmp_path):
    """In a repository of its own: all files are fine; then one mistake for each hook, each stopped by its hook."""
    pytest.importorskip("pre_commit") if os.environ.get("CI") != "true" else None
    copied(tmp_path)
    python = os.path.dirname(sys.executable) + os.pathsep
    search = os.pathsep.join([str(tmp_path / "src"), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"PATH": python + os.environ["PATH"], "PRE_COMMIT_HOME": str(tmp_path / ".cache"),
                                "PYTHONPATH": search}  # fmt: skip
    for line in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *line], cwd=tmp_path, check=True)

    def hooks(*arguments):
        line = [sys.executable, "-m", "pre_commit", "run", *arguments]
        return subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, env=environment)

    done = hooks("--all-files")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    (tmp_path / "src/trainkit/wrong.py").write_text("import os\nx  =  1  # recieve\n", "utf-8")  # codespell:ignore
    start = tmp_path / "notebooks/ru/00_start_here.ipynb"
    notebook = json.loads(start.read_text("utf-8"))
    next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")["execution_count"] = 7
    start.write_text(json.dumps(notebook), "utf-8")
    subprocess.run(["git", "add", "-A"], cwd=tmp_path, check=True)
    done = hooks("--files", "src/trainkit/wrong.py", "notebooks/ru/00_start_here.ipynb")
    failed = re.findall(r"^- hook id: (\S+)$", done.stdout, re.M)
    assert done.returncode == 1 and set(failed) >= {hook["id"] for repo in HOOKS for hook in repo["hooks"]}, done.stdout
