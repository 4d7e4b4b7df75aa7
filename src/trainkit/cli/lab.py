"""``trainkit lab``: JupyterLab with the start notebook open."""

import os
import sys
from pathlib import Path

import click

from trainkit.cli import options
from trainkit.errors import TrainkitError, UnknownName


@options.command("lab", "trainkit lab", "trainkit lab --lang en --no-browser --port 8899")
@click.option("--no-browser", is_flag=True, help="don't open a browser; the address is printed")
@click.option(
    "--port", type=int, default=8888, metavar="N", help="port to listen on (default 8888; a free one if it is taken)"
)
@options.lang_option("language of the start notebook: ru (default) or en")
def lab_command(no_browser: bool, port: int, lang: str) -> int:
    """Open the exercises in JupyterLab."""
    import importlib.util
    import subprocess

    if importlib.util.find_spec("jupyterlab") is None:
        raise TrainkitError("JupyterLab is not installed here: pip install jupyterlab")
    if not 0 < port < 65536:
        raise TrainkitError(f"a port is a number from 1 to 65535 (got {port})")
    root = _notebooks_root()
    known = sorted(place.name for place in (root / "notebooks").iterdir() if (place / "00_start_here.ipynb").exists())
    if lang not in known:
        raise UnknownName("language", lang, known)
    arguments = [
        sys.executable, "-m", "jupyterlab",
        f"--ServerApp.root_dir={root}",
        f"--LabApp.default_url=/lab/tree/notebooks/{lang}/00_start_here.ipynb",
        f"--LabApp.app_settings_dir={Path(__file__).parents[1] / 'notebook' / 'lab'}",
        "--ServerApp.kernel_websocket_connection_class=trainkit.notebook.lab_server.PromptConnection",
        f"--ServerApp.port={port}",
        *(["--no-browser"] if no_browser else []),
        *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
    ]  # fmt: skip
    if os.name == "posix":
        os.execv(sys.executable, arguments)  # one process: what ends the command ends the server
    return subprocess.run(arguments, check=False).returncode


def _notebooks_root() -> Path:
    """The folder that has ``notebooks/``: a checkout's, or a copy of those that came with the program."""
    for place in (Path.cwd(), *Path.cwd().parents, Path(__file__).parents[3]):
        if (place / "notebooks" / "ru" / "00_start_here.ipynb").exists():
            return place
    packaged = Path(__file__).parents[1] / "_notebooks"
    if not packaged.exists():
        raise TrainkitError("no notebooks found: go to the folder that has notebooks/")
    import shutil

    import platformdirs

    # The installed ones may be read-only and are replaced by an update; what is opened is a copy.
    root = Path(platformdirs.user_data_dir("trainkit", appauthor=False))
    shutil.copytree(packaged, root / "notebooks", dirs_exist_ok=True)
    shutil.copytree(packaged.with_name("_sample"), root / "data", dirs_exist_ok=True)
    return root
