"""What the tests of tables have in common."""

import pytest
from support.logs import filled

from trainkit.exchange.folder import export_folder
from trainkit.exchange.log_tables import Reading
from trainkit.log.codes import add_code, written
from trainkit.log.store import Log


def code_what_was_typed(log):
    """Two coders, who don't always agree, one of whom thinks better of it once and takes another code back."""
    for number, one in enumerate(written(log)):
        add_code(log, one, "listening", "Вера", "asks" if number % 2 else "tells")
        add_code(log, one, "listening", "=Олег", "asks" if number % 3 else "tells")
        if number == 0:
            add_code(log, one, "listening", "Вера", "asks")
        if number == 1:
            add_code(log, one, "listening", "Вера", None)
    return log


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    """A folder with a log, and beside it what was exported from it."""
    folder = tmp_path_factory.mktemp("there")
    log = filled(Log(folder / "log.sqlite3"))
    code_what_was_typed(log)
    export_folder(Reading(log), folder / "out")
    log.close()
    return folder
