"""Run the research notebooks and keep their outputs for nbval to compare: ``python tests/research_notebooks.py [NAME…]``.

A notebook is edited without outputs or with old ones, run here, and read again before it is committed: what it says is
computed, but whether it says it well is for a person to see.
"""

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def run(file: Path) -> None:
    """Execute a notebook in its folder, and write it back with nothing in it but its cells and what they gave."""
    notebook = nbformat.read(file, 4)
    NotebookClient(
        notebook, kernel_name="python3", timeout=600, resources={"metadata": {"path": file.parent}}
    ).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata = {name: notebook.metadata[name] for name in ("kernelspec", "language_info")}
    notebook.metadata.language_info = {"name": "python"}
    nbformat.write(notebook, file)


if __name__ == "__main__":
    os.environ["TRAINKIT_DATABASE"] = str(Path(tempfile.mkdtemp(prefix="trainkit-nb-")) / "log.sqlite3")
    for file in sorted(NOTEBOOKS.glob("*/2*.ipynb")):
        if not sys.argv[1:] or any(name in str(file) for name in sys.argv[1:]):
            print(file)
            run(file)
