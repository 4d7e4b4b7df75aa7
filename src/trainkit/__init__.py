"""trainkit: role-play exercises on customer orientation and customer centricity.

Importing it is cheap: names are loaded when they are used, and nothing here needs pandas, a browser or a database until
then.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from trainkit.garbage import gc_paused

__version__ = "0.1.0"

if sys.platform == "emscripten":
    from trainkit.absent import say_what_is_absent

    say_what_is_absent()

# name → module; the whole public interface
_PUBLIC = {
    "CaseError": "errors",
    "Log": "log.store",
    "TrainkitError": "errors",
    "UnknownName": "errors",
    "cases": "files.casebook",
    "edit": "notebook.form",
    "exercise": "notebook.exercise",
    "load_case": "files.casebook",
    "read": "exchange.read",
    "score": "scoring.attempt",
    "scores": "scoring.frames",
    "simulate": "simulation.runner",
    "start": "engine.attempt",
    "workshop": "notebook.workshop",
}

__all__ = [*_PUBLIC]

if TYPE_CHECKING:
    from trainkit.engine.attempt import start
    from trainkit.errors import CaseError, TrainkitError, UnknownName
    from trainkit.exchange.read import read
    from trainkit.files.casebook import cases, load_case
    from trainkit.log.store import Log
    from trainkit.notebook.exercise import exercise
    from trainkit.notebook.form import edit
    from trainkit.notebook.workshop import workshop
    from trainkit.scoring.attempt import score
    from trainkit.scoring.frames import scores
    from trainkit.simulation.runner import simulate


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        with gc_paused():
            return getattr(import_module(f"trainkit.{_PUBLIC[name]}"), name)
    raise AttributeError(f"module 'trainkit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
