"""Shared fixtures, and what may run where. Nothing here is a stand-in: cases, database and browser are real."""

import os
import runpy
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from support.examples import examples
from support.places import ROOT, TEST_CASES
from support.postgres import Cluster
from support.programs import PROGRAMS, WATCH, reason

from trainkit.files import casebook
from trainkit.log.store import Log

FOR_THE_SESSION: set[str] = set()  # outside programs that fixtures of the whole session have asked for
# files that take longest, begun first, so that in the end no worker has much left while the others have nothing
LONGEST = (
    "tests/browser/test_lab.py",
    "tests/browser/test_opening.py",
    "tests/browser/test_looks.py",
    "tests/browser/test_form.py",
    "tests/browser/test_site.py",
    "tests/browser/test_surfaces.py",
    "tests/checks/test_casebook.py",
    "tests/log/test_postgres.py",
    "tests/browser/test_class.py",
    "tests/paper/test_handout.py",
    "tests/view/test_wall_and_remote.py",
    "tests/web/test_class_trainer.py",
    "tests/web/test_faults.py",
    "tests/engine/test_attempt.py",
    "tests/value/test_solver.py",
    "tests/paper/test_debrief_pack.py",
    "tests/web/security/test_misshapen.py",
    "tests/test_notebooks.py",
    "tests/files/test_twee.py",
    "tests/load/test_load.py",
)

settings.register_profile(
    "trainkit",
    max_examples=examples(100),
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],  # a busy machine is no failure
)
settings.load_profile("trainkit")

LOCALE = ROOT / "src" / "trainkit" / "locale"
runpy.run_path(str(LOCALE / "compile.py"))["compile_catalogs"](LOCALE)  # words that were changed since the installation


@pytest.fixture(autouse=True)
def _own_log(tmp_path, monkeypatch):
    """No test writes where people's answers are."""
    monkeypatch.setenv("TRAINKIT_DATABASE", str(tmp_path / "default.sqlite3"))
    monkeypatch.delenv("TRAINKIT_CASEBOOK", raising=False)
    monkeypatch.chdir(ROOT)


@pytest.fixture(scope="session")
def racket():
    """A case that a room has discussed in ``played``."""
    return casebook.load_case(ROOT / "casebook" / "racket_refund")


@pytest.fixture(scope="session")
def other():
    """A case beside it."""
    return casebook.load_case(ROOT / "casebook" / "appendicitis")


@pytest.fixture(scope="session")
def played(racket):
    """A room of 24, and who was in it; see :func:`support.rooms.discussed`."""
    from support.rooms import discussed

    return discussed(racket)


@pytest.fixture(scope="session")
def parcel():
    """The small case that uses every part of the format."""
    return casebook.load_case(TEST_CASES / "late_parcel")


@pytest.fixture
def store(tmp_path):
    """A real SQLite file."""
    log = Log(tmp_path / "log.sqlite3")
    yield log
    log.close()


@pytest.fixture(scope="session")
def chromium_path():
    """Debian's Chromium, with all it takes; without it browser tests are skipped, but with CI=true they fail."""
    needed("fonts", session=True)
    if sys.platform == "linux":
        needed("libatomic", session=True)
    return str(needed("chromium", session=True))


@pytest.fixture(scope="module")
def chromium(chromium_path):
    """A browser for the tests of one file; each opens contexts of its own in it."""
    from support.jupyter_lab import browser

    with browser(chromium_path) as started:
        yield started


@pytest.fixture(scope="session")
def firefox_path():
    """Debian's Firefox; without it its tests are skipped, but with CI=true they fail."""
    needed("fonts", session=True)
    return needed("firefox", session=True)


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL of the tests' own; without its programs these tests are skipped, but with CI=true they fail."""
    cluster = Cluster(needed("postgresql", session=True))
    yield cluster
    cluster.remove()


@pytest.fixture
def postgres_url(postgres):
    """The URL of an empty database."""
    url = postgres.create()
    yield url
    postgres.drop(url)


@pytest.fixture(scope="session")
def npm():
    """Node and npm, which bring Python for browsers; without them tests are skipped, but with CI=true they fail."""
    return needed("npm", session=True)


@pytest.fixture(scope="session")
def faketime():
    """The library that gives a program another clock; without it such tests are skipped, but with CI=true they fail."""
    return needed("faketime", session=True)


@pytest.fixture(scope="session")
def spark_cluster(tmp_path_factory):
    """A standalone cluster with two workers; without Java these tests are skipped, but with CI=true they fail."""
    from support.spark_cluster import SparkCluster

    needed("java", session=True)
    cluster = SparkCluster(tmp_path_factory.mktemp("spark"))
    yield cluster
    cluster.stop()


# ---- outside programs: asked for, or refused --------------------------------------------------------------------


def needed(name: str, session: bool = False) -> Path:
    """A program of the list, which may be called from now on; where it is missing, skip (CI has everything: fail)."""
    place = PROGRAMS[name].find()
    if place is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason(name))
    (FOR_THE_SESSION if session else WATCH.asked).add(name)
    WATCH.asked |= FOR_THE_SESSION
    return place


def pytest_runtest_setup(item):
    WATCH.asked = set(FOR_THE_SESSION)
    for marker in item.iter_markers("needs"):
        for name in marker.args:
            needed(name)
    for marker in item.iter_markers("may_call"):
        WATCH.asked.update(marker.args)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    WATCH.refused.clear()
    outcome = yield
    assert not WATCH.refused, f"outside programs that the test may not call: {WATCH.refused}"
    return outcome


# ---- markers and workers ------------------------------------------------------------------------------------------


def pytest_sessionstart():
    WATCH.begin()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark tests by what they use, before ``-m`` chooses; the files that take longest come first."""
    for item in items:
        uses = set(getattr(item, "fixturenames", ()))
        if uses & {"chromium_path", "chromium", "firefox_path"}:
            item.add_marker("browser")
        if "spark_cluster" in uses:
            item.add_marker("spark")
        if "bucket" in uses:
            item.add_marker("storage")
        if uses & {"postgres", "postgres_url"}:
            item.add_marker("postgres")
        if item.path.is_relative_to(ROOT / "tests" / "load"):
            item.add_marker("load")
        if item.path.match("notebooks/en/2*.ipynb"):  # that they print what the Russian ones do is seen without running
            item.add_marker("slow")

    def turn(item):
        name = item.path.relative_to(ROOT).as_posix()
        return LONGEST.index(name) if name in LONGEST else len(LONGEST)

    items.sort(key=turn)


def pytest_xdist_auto_num_workers(config):
    """A worker for each core and one more, since many tests wait (for a timeout, a disk, a server); none for one file."""
    named = [Path(one.partition("::")[0]) for one in config.args]
    if len(named) == 1 and named[0].is_file():  # workers would take longer to begin than it takes to run
        return 0
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (cores or 1) + 1
