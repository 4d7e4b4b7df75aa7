"""What of other people's libraries isn't there when the kit runs in a browser, and what is said of it?"""

import sys
from collections.abc import Sequence
from typing import Any

from trainkit.errors import N_, TrainkitError

# compiled for browsers by Pyodide, but not in its smallest part
IN_A_WHOLE_PYODIDE = ("matplotlib", "numpy", "pandas", "pyarrow", "scipy", "statsmodels")
# for servers, or compiled for computers alone
NOT_FOR_BROWSERS = (
    "babel",
    "click",
    "duckdb",
    "graphlay",
    "openpyxl",
    "polars",
    "psutil",
    "pyspark",
    "starlette",
    "uvicorn",
)


class NotHere(TrainkitError, ModuleNotFoundError):
    """A library that is missing in this browser; an ImportError, too, for who does without."""

    def __init__(self, name: str):
        if name in IN_A_WHOLE_PYODIDE:
            text = N_(
                "{name} is not in this site. Who makes the site adds it by naming the folder of a whole Pyodide: "
                "trainkit site … --lab --pyodide FOLDER"
            )
        else:
            text = N_("This does not run in a browser ({name} is missing): do it with trainkit on a computer.")
        TrainkitError.__init__(self, text, name=name)
        self.name = name


class _Last:
    """Asked last where a module is, after everybody who could know."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: Any = None) -> None:
        """Say what is missing."""
        if name in IN_A_WHOLE_PYODIDE or name in NOT_FOR_BROWSERS:
            raise NotHere(name)


def say_what_is_absent() -> None:
    """From now on have a sentence said in place of a missing library's traceback."""
    if not any(isinstance(finder, _Last) for finder in sys.meta_path):
        sys.meta_path.append(_Last())
