"""What need the browser's Python not compile each time? Everything, where Node is there to run that very Python once."""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from trainkit.errors import N_, TrainkitError

STATIC = Path(__file__).parent / "static"
Tree = Mapping[str, bytes]


def compiled(runtime: Tree, trees: Mapping[str, Tree], level: int = 2) -> dict[str, dict[str, bytes]] | None:
    """Folders of files with bytecode in the place of Python's text; None without Node.

    ``level``: how much is optimised away, as ``python -O`` and ``-OO`` do.
    """
    node = shutil.which("node")
    if node is None:
        return None
    with tempfile.TemporaryDirectory() as place:
        folder, python = Path(place, "trees"), Path(place, "pyodide")
        python.mkdir()
        for name, content in runtime.items():
            (python / name).write_bytes(content)
        for tree, files in trees.items():
            for name, content in files.items():
                file = folder / tree / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
        command = [node, str(STATIC / "compile.mjs"), python.as_posix(), folder.as_posix(), str(level)]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
        if done.returncode:
            why = (done.stderr or done.stdout).strip().splitlines()[-1:]
            raise TrainkitError(N_("Node could not compile the kit for the browser: {why}"), why=" ".join(why))
        return {
            tree: {
                file.relative_to(folder / tree).as_posix(): file.read_bytes()
                for file in sorted((folder / tree).rglob("*"))
                if file.is_file()
            }
            for tree in trees
        }
