"""Notebooks under test log to a file of their own, never to the one people's answers are in."""

import os
import tempfile
from pathlib import Path

from matplotlib import font_manager  # noqa: F401  makes its cache now: that it does would stand in an output nbval compares

os.environ["TRAINKIT_DATABASE"] = str(Path(tempfile.mkdtemp(prefix="trainkit-nb-")) / "log.sqlite3")
