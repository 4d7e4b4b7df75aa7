"""Classes under attack."""

import pytest
from support.class_server import PARCEL, held


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """A class that tests share; nothing a test does may change what another sees."""
    with held(tmp_path_factory.mktemp("room"), "--set", "price=low", "--set", "need=whenever") as server:
        yield server


@pytest.fixture
def hold(tmp_path):
    """Classes of a test's own."""
    return lambda *arguments, cases=(PARCEL,): held(tmp_path, *arguments, cases=cases)
