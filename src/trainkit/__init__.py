"""trainkit: role-play exercises on customer orientation and customer centricity.

Importing it is cheap: names are loaded when they are used, and nothing here needs pandas, a browser or a database until
then.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# name → module; the whole public interface
_PUBLIC = {
    "CaseError": "errors",
    "Store": "store",
    "TrainkitError": "errors",
    "choose": "play",
    "exercise": "widgets.exercise",
    "load": "casebook",
    "names": "casebook",
    "replay": "play",
    "score": "scoring",
    "scores": "scoring",
    "start": "play",
    "workshop": "widgets.workshop",
}

__all__ = [*_PUBLIC]

if TYPE_CHECKING:
    from trainkit.casebook import load, names
    from trainkit.errors import CaseError, TrainkitError
    from trainkit.play import choose, replay, start
    from trainkit.scoring import score, scores
    from trainkit.store import Store
    from trainkit.widgets.exercise import exercise
    from trainkit.widgets.workshop import workshop


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(import_module(f"trainkit.{_PUBLIC[name]}"), name)
    raise AttributeError(f"module 'trainkit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
