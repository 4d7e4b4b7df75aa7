"""Where is the log, where none is named?"""

from __future__ import annotations

import os
from pathlib import Path

from trainkit.errors import TrainkitError
from trainkit.files import casebook


def default_database() -> str:
    """URL of the log where none is named.

    ``TRAINKIT_DATABASE`` if set; ``data/log.sqlite3`` beside the casebook in a checkout; else the user's data folder.
    """
    if named := os.environ.get("TRAINKIT_DATABASE"):
        return named if "://" in named else f"sqlite:///{Path(named).expanduser().resolve()}"
    try:
        data = casebook.casebook_folder().parent / "data"
    except TrainkitError:
        data = None
    # Windows calls every folder writable: one that is not shows when the log is made, in a sentence.
    if data is None or not data.is_dir() or not os.access(data, os.W_OK):
        import platformdirs

        data = Path(platformdirs.user_data_dir("trainkit", appauthor=False))
        data.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{data / 'log.sqlite3'}"
