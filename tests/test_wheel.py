"""The wheel away from the checkout: what a person does with trainkit, by ``pip install`` of one file; how it is built."""

import contextlib
import csv
import json
import re
import subprocess
import sys
import tarfile
import time
import urllib.request

import pytest
from support.class_server import Browser
from support.places import CASEBOOK, each_of_the_casebook
from support.ports import HOST, free_port
from support.sites import answers, enter, play, runtime, served, visitors
from support.tree import copied
from support.wheel import built, contents, installed

from trainkit.checks.expected_paths import walks
from trainkit.site.runtime import _kept

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return built("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def alone(wheel, tmp_path_factory):
    return installed(wheel, tmp_path_factory.mktemp("alone"))


# ---- building -----------------------------------------------------------------------------------------------------


def test_two_builds_and_one_from_the_sdist_are_equal_to_the_byte(wheel, tmp_path):
    again = built("wheel", tmp_path / "again")
    assert again.read_bytes() == wheel.read_bytes()
    sdists = [built("sdist", tmp_path / name) for name in ("one", "other")]
    assert sdists[0].read_bytes() == sdists[1].read_bytes()
    with tarfile.open(sdists[0]) as archive:
        archive.extractall(tmp_path / "tree", filter="data")
    (tree,) = (tmp_path / "tree").iterdir()
    from_sdist = built("wheel", tmp_path / "from_sdist", tree)
    ours, theirs = contents(wheel), contents(from_sdist)
    assert ours.keys() == theirs.keys() and [name for name in ours if ours[name] != theirs[name]] == []
    assert from_sdist.read_bytes() == wheel.read_bytes()


@pytest.mark.needs("git")
def test_what_git_ignores_is_in_no_wheel(tmp_path):
    """A copy of the tree in which people have worked: drafts, cases of their own, answers, checkpoints."""
    copied(tmp_path)
    tidy = contents(built("wheel", tmp_path / "dist", tmp_path))
    assert "trainkit/locale/ru/LC_MESSAGES/trainkit.mo" in tidy
    private = (
        "notebooks/ru/my_cases/my_case/case.yml", "notebooks/ru/.ipynb_checkpoints/00.ipynb", "data/log.sqlite3",
        "casebook/racket_refund/.case.draft.json", "src/trainkit/__pycache__/x.pyc", "casebook/my_cases/x/case.yml",
    )  # fmt: skip
    for name in private:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("private", "utf-8")
    worked_in = contents(built("wheel", tmp_path / "dist", tmp_path))
    assert worked_in.keys() == tidy.keys() and b"private" not in worked_in.values()


@pytest.mark.needs("git")
def test_readmes_line_makes_the_file_that_it_names(wheel, tmp_path):
    """In a copy, as it stands; the packages that build it come from where pip takes them."""
    copied(tmp_path)
    text = (tmp_path / "README.md").read_text("utf-8")
    line, file = re.search(r"`pip (wheel [^`]+)` makes it; `pip install (\S+)`", text).groups()
    done = subprocess.run([sys.executable, "-m", "pip", *line.split()], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path / file).keys() == contents(wheel).keys()


# ---- alone --------------------------------------------------------------------------------------------------------


def test_nothing_of_it_is_the_checkouts(alone):
    code = "import trainkit.files.casebook as c, trainkit; print(trainkit.__file__); print(c.casebook_folder())"
    places = subprocess.run(
        [alone.python, "-c", code], cwd=alone.home, env=alone.environment, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert len(places) == 2 and all(place.startswith(str(alone.python.parents[1])) for place in places), places


@each_of_the_casebook(pytest.mark.long)
def test_it_plays_every_case(alone, name):
    """One walk of each, with the ending and the position that the walk states."""
    walk = walks(CASEBOOK / name)[0]
    facts = [word for fact, value in walk.fixed.items() for word in ("--set", f"{fact}={value}")]
    done = alone.run("trainkit", "play", name, *facts, "--answers", ",".join(walk.answers), "--json")
    told = json.loads(done.stdout)
    assert told["ending"] == walk.ending, told


def test_it_holds_a_class_and_gives_what_came_of_it(alone):
    """Two phones play to the end; debrief, export, import elsewhere, report, sheets and map are made of that."""
    log, errors = alone.home / "class.sqlite3", alone.home / "errors.txt"
    line = ["class", "racket_refund", "--json", "--no-lobby", "--host", HOST, "--port", 0, "--database", log]
    process = subprocess.Popen(
        [alone.python, "-m", "trainkit", *map(str, line)], cwd=alone.home, env=alone.environment,
        stdout=subprocess.PIPE, stderr=errors.open("w"), text=True,
    )  # fmt: skip
    try:
        printed = process.stdout.readline()
        assert printed.startswith("{"), errors.read_text("utf-8")
        told = json.loads(printed)
        port = int(told["address"].rpartition(":")[2])
        room = type("Room", (), {"port": port, "code": told["code"], "address": told["address"]})
        for person in ("Чиж", "Клён"):
            phone = Browser(room)
            phone.get("/")
            phone.join(person)
            phone.press("begin")
            while replies := phone.page.buttons("option"):
                phone.say(replies[0])
        remote = Browser(room)
        remote.get(told["remote"].removeprefix(told["address"]))
        assert "Чиж" in remote.get("/remote?tab=people").words
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()
    alone.run("trainkit", "debrief", "--workshop", told["code"], "-o", "debrief.html", "--database", log)
    assert "</html>" in (alone.home / "debrief.html").read_text("utf-8")
    alone.run("trainkit", "export", "-o", "responses", "--database", log)
    with (alone.home / "responses" / "people.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {row["participant"] for row in csv.DictReader(file)} == {"Чиж", "Клён"}
    alone.run("trainkit", "import", "responses", "--database", alone.home / "elsewhere.sqlite3")
    alone.run("trainkit", "report", "responses", "-o", "report.html")
    alone.run("trainkit", "print", "racket_refund", "-o", "sheets.html")
    alone.run("trainkit", "draw", "racket_refund", "-o", "map.svg")
    for name in ("report.html", "sheets.html", "map.svg"):
        assert (alone.home / name).stat().st_size > 5_000


@pytest.mark.long
def test_it_makes_a_site_that_plays_and_takes_its_answers_in(alone, chromium, npm, tmp_path):
    """A site, a single file and a course; Python for browsers is that which the tests have, so that it is fetched once."""
    runtime()
    site = ("trainkit", "site", "racket_refund", "--pyodide", _kept(), "--lang", "en")
    alone.run(*site, "-o", "site")
    alone.run(*site, "--single", "-o", "racket.html")
    alone.run(*site, "--scorm", "2004", "-o", "course.zip")
    assert "trainkit" in (alone.home / "site" / "licences.txt").read_text("utf-8")
    assert (alone.home / "course.zip").stat().st_size > 1_000_000
    with served(alone.home / "site") as address, visitors(chromium, address) as opened:
        page = opened()
        enter(page, "racket_refund")
        play(page, lambda turn, n: turn % n)
        file = answers(page, tmp_path)
    with visitors(chromium, (alone.home / "racket.html").as_uri()) as opened:
        enter(opened(), "racket_refund")
    done = alone.run("trainkit", "import", file, "--database", alone.home / "site.sqlite3", "--lang", "en")
    assert re.search(r"^\s+1  added$", done.stdout, re.M), done.stdout


def test_it_audits_checks_and_begins_a_case(alone):
    done = alone.run("trainkit", "check", "racket_refund", "--json")
    (told,) = json.loads(done.stdout)["cases"]
    assert told["id"] == "racket_refund" and not told["errors"]
    alone.run("trainkit", "audit", "racket_refund", "-o", "audit.html")
    assert "</html>" in (alone.home / "audit.html").read_text("utf-8")
    alone.run("trainkit", "new", "my_case", "--like", "one-decision")
    alone.run("trainkit", "check", "./my_case")


def test_lab_makes_a_working_folder_whose_notebooks_run(alone):
    port, folder = free_port(), alone.home / "work"
    lab = subprocess.Popen(
        [alone.python, "-m", "trainkit", "lab", "--no-browser", "--port", str(port), "--in", folder],
        cwd=alone.home, env=alone.environment | {"JUPYTER_TOKEN": "x"}, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        address = f"http://{HOST}:{port}/api/contents/notebooks/ru/00_start_here.ipynb?token=x&content=0"
        for _ in range(240):
            with contextlib.suppress(OSError), urllib.request.urlopen(address) as answer:
                assert json.load(answer)["type"] == "notebook"
                break
            time.sleep(0.25)
        else:
            raise AssertionError("JupyterLab doesn't answer")
        with urllib.request.urlopen(f"http://{HOST}:{port}/lab?token=x") as page:
            assert '"trainkit"' in page.read().decode()  # the extension that begins an exercise
    finally:
        lab.terminate()
        lab.wait(60)
    execute = ("jupyter", "nbconvert", "--to", "notebook", "--execute", "--output-dir", alone.home / "done")
    alone.run(*execute, folder / "notebooks/ru/20_responses.ipynb", folder / "notebooks/en/20_responses.ipynb")
    alone.run(*execute, folder / "notebooks/ru/03_racket_refund.ipynb", TRAINKIT_ANSWERS="pay")
