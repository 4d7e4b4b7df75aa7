"""Classes under attack."""

import pytest
from support.class_server import held


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """A class that tests share; nothing a test does may change what another sees."""
    with held(tmp_path_factory.mktemp("room"), "--set", "price=low", "--set", "need=whenever") as server:
        yield server
