"""Classes for tests: one that a file's tests share, and those of a test's own."""

import pytest
from support.class_server import PARCEL, RACKET, TODAY, held


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """A class of two cases that tests share: each joins under names of its own and leaves the trainer's switches alone."""
    with held(tmp_path_factory.mktemp("room"), *TODAY, cases=(PARCEL, RACKET)) as server:
        yield server


@pytest.fixture
def hold(tmp_path):
    """Classes of a test's own."""
    return lambda *arguments, cases=(PARCEL,): held(tmp_path, *arguments, cases=cases)
