"""Where do people work who have no checkout? A folder of notebooks and sample data, laid out anew without losing a change."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from trainkit.errors import TrainkitError, shown

RECORD = ".trainkit.json"  # what was laid out, by its hash: what differs now was changed by a person
# in the package → here
PARTS = {"_notebooks": "notebooks", "_sample/cases": "data/cases", "_sample/sample": "data/sample"}
NOT_FOR_PEOPLE = {"conftest.py", "my_cases"}  # in a checkout somebody's own cases lie beside the notebooks


def lay_out(folder: Path) -> list[Path]:
    """Lay out notebooks and sample data; what a person has changed stays as it is.

    Parameters
    ----------
    folder
        Made where it isn't there.

    Returns
    -------
    list of Path
        Files that differ from what the kit has now and were left, since somebody has changed them.

    Raises
    ------
    TrainkitError
        If the folder can't be written, or the kit came without notebooks.
    """
    kept = []
    try:
        laid = _laid(folder)
        for source, place in _files():
            target, data = folder / place, source.read_bytes()
            there = target.read_bytes() if target.exists() else None
            if there is not None and there != data and _hash(there) != laid.get(place):
                kept.append(target)
                continue
            if there != data:
                _write(target, data)
            laid[place] = _hash(data)
        _write(folder / RECORD, json.dumps(laid, indent=0, sort_keys=True).encode())
    except OSError as error:
        raise TrainkitError(f"{shown(str(folder))} can't be written: {error.strerror or error}") from error
    return kept


def _files() -> Iterator[tuple[Path, str]]:
    """Each file that came with the program (or lies in its checkout), and its place in a working folder."""
    package = Path(__file__).parents[1]
    for packaged, place in PARTS.items():
        root = package / packaged
        root = root if root.is_dir() else package.parents[1] / place
        if not root.is_dir():
            raise TrainkitError("trainkit was installed without its notebooks: go to a folder that has notebooks/")
        for file in sorted(root.rglob("*")):
            inside = file.relative_to(root)
            hidden = any(part.startswith((".", "__")) for part in inside.parts)
            if file.is_file() and not hidden and NOT_FOR_PEOPLE.isdisjoint(inside.parts):
                yield file, f"{place}/{inside.as_posix()}"


def _laid(folder: Path) -> dict[str, str]:
    """What was laid out before; nothing is known where the record is missing or was changed."""
    with suppress(FileNotFoundError, ValueError):
        laid = json.loads((folder / RECORD).read_bytes())
        return {**laid} if isinstance(laid, dict) else {}
    return {}


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _write(file: Path, data: bytes) -> None:
    """Whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        part.write_bytes(data)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
