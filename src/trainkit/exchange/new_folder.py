"""How does a folder come to be whole, or not at all? Written beside its place, then put there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trainkit.errors import N_, TrainkitError, shown
from trainkit.files.private import FOLDER


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A folder to write into, which stands in the place of ``folder`` once all went well.

    Raises
    ------
    TrainkitError
        If there is something in it already, or it can't be written; nothing is left then.
    """
    if folder.is_dir() and any(folder.iterdir()):
        said = N_("{folder} has something in it: name a folder that isn't there, or an empty one")
        raise TrainkitError(said, folder=shown(str(folder)))
    if folder.exists() and not folder.is_dir():
        raise TrainkitError(N_("{folder} is a file: an export is a folder"), folder=shown(str(folder)))
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            part.chmod(FOLDER)  # people's answers are in it
            yield part
            folder.exists() and folder.rmdir()
            part.rename(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    except OSError as error:
        why = error.strerror or error
        raise TrainkitError(N_("{folder} can't be written: {why}"), folder=shown(str(folder)), why=why) from error
