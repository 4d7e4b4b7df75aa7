"""What the tests of scoring at scale have in common."""

import pytest
from support.many_decisions import write_decisions


@pytest.fixture(scope="session")
def many(tmp_path_factory):
    """A folder of some thousand decisions of simulated people, in several files."""
    folder = tmp_path_factory.mktemp("many") / "decisions"
    write_decisions(folder, 60_000, a_file=25_000, block=1_500)
    return folder
