"""Shared fixtures. Nothing here is a stand-in: cases, database and browser are real."""

import os
import shutil

import pytest
from hypothesis import settings
from places import ROOT, TEST_CASES

from trainkit import casebook
from trainkit.store import Store

settings.register_profile("trainkit", deadline=None, derandomize=bool(os.environ.get("CI")), print_blob=True)
settings.load_profile("trainkit")


@pytest.fixture(autouse=True)
def _own_log(tmp_path, monkeypatch):
    """No test writes where people's answers are."""
    monkeypatch.setenv("TRAINKIT_DATABASE", str(tmp_path / "default.sqlite3"))
    monkeypatch.delenv("TRAINKIT_CASEBOOK", raising=False)
    monkeypatch.chdir(ROOT)


@pytest.fixture(scope="session")
def parcel():
    """The small case that uses every part of the format."""
    return casebook.load(TEST_CASES / "late_parcel")


@pytest.fixture
def store(tmp_path):
    """A real SQLite file."""
    log = Store(tmp_path / "log.sqlite3")
    yield log
    log.close()


@pytest.fixture(scope="session")
def chromium_path():
    """Debian's Chromium; without it browser tests are skipped, but with CI=true they fail."""
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        if found := shutil.which(name):
            return found
    reason = "no Chromium on this machine (Debian: apt-get install chromium)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
