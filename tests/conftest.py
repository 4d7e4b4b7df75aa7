"""Shared fixtures. Nothing here is a stand-in: cases, database and browser are real."""

import os
import runpy
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from support.places import ROOT, TEST_CASES
from support.postgres import Cluster, programs

from trainkit.files import casebook
from trainkit.log.store import Log

settings.register_profile(
    "trainkit",
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
    """Debian's Chromium; without it browser tests are skipped, but with CI=true they fail."""
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        if found := shutil.which(name):
            return found
    missing("no Chromium on this machine (Debian: apt-get install chromium)")


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL of the tests' own; without its programs these tests are skipped, but with CI=true they fail."""
    place = programs()
    if place is None:
        missing("no PostgreSQL on this machine (Debian: apt-get install postgresql)")
    cluster = Cluster(place)
    yield cluster
    cluster.remove()


@pytest.fixture
def postgres_url(postgres):
    """The URL of an empty database."""
    url = postgres.create()
    yield url
    postgres.drop(url)


@pytest.fixture(scope="session")
def faketime():
    """The library that gives a program another clock; without it such tests are skipped, but with CI=true they fail."""
    for found in sorted(Path("/usr").glob("lib*/**/faketime/libfaketimeMT.so.1")):
        return found
    missing("no libfaketime on this machine (Debian: apt-get install faketime)")


def missing(reason):
    """Skip what can't be tested here; CI has everything."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
