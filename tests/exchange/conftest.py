"""What the tests of tables have in common."""

import pytest
from support.logs import filled

from trainkit.exchange.folder import export_folder
from trainkit.exchange.log_tables import Reading
from trainkit.log.store import Log


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    """A folder with a log, and beside it what was exported from it."""
    folder = tmp_path_factory.mktemp("there")
    log = filled(Log(folder / "log.sqlite3"))
    export_folder(Reading(log), folder / "out")
    log.close()
    return folder
