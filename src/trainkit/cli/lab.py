"""``trainkit lab``: JupyterLab with the start notebook open."""

import os
import sys
from pathlib import Path

import click

from trainkit.cli import options
from trainkit.errors import TrainkitError, UnknownName, shown

FEW = 5  # names in a sentence


@options.command("lab", "trainkit lab", "trainkit lab --lang en --no-browser --port 8899", "trainkit lab --in my_work")
@click.option("--no-browser", is_flag=True, help="don't open a browser; the address is printed")
@click.option(
    "--port", type=int, default=8888, metavar="N", help="port to listen on (default 8888; a free one if it is taken)"
)
@click.option(
    "--in", "folder", type=click.Path(path_type=Path), metavar="FOLDER",
    help="a working folder of your own: notebooks and sample data are laid out there; what you have changed stays",
)  # fmt: skip
@options.lang_option("language of the start notebook: ru (default) or en")
def lab_command(no_browser: bool, port: int, folder: Path | None, lang: str) -> int:
    """Open the exercises in JupyterLab."""
    import importlib.util
    import subprocess

    if importlib.util.find_spec("jupyterlab") is None:
        raise TrainkitError("JupyterLab is not installed here: pip install jupyterlab")
    if not 0 < port < 65536:
        raise TrainkitError(f"a port is a number from 1 to 65535 (got {port})")
    root = _notebooks_root(folder)
    known = sorted(place.name for place in (root / "notebooks").iterdir() if (place / "00_start_here.ipynb").exists())
    if lang not in known:
        raise UnknownName("language", lang, known)
    arguments = [
        sys.executable, "-m", "trainkit.notebook.lab_start",
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


def _notebooks_root(folder: Path | None) -> Path:
    """The folder that has ``notebooks/``: the one named, a checkout's, or the user's own, laid out anew."""
    if folder is None:
        for place in (Path.cwd(), *Path.cwd().parents, Path(__file__).parents[3]):
            if (place / "notebooks" / "ru" / "00_start_here.ipynb").exists():
                return place
        import platformdirs

        folder = Path(platformdirs.user_data_dir("trainkit", appauthor=False))
    from trainkit.cli.working_folder import lay_out

    # The installed ones may be read-only and are replaced by an update; what is opened is a copy.
    kept = lay_out(folder)
    print(f"Notebooks and sample data are in {folder.resolve()}")
    if kept:
        names = ", ".join(shown(file.relative_to(folder).as_posix()) for file in kept[:FEW])
        more = f" and {len(kept) - FEW} more" if len(kept) > FEW else ""
        print(f"Changed by you and left as it is: {names}{more}")
    return folder.resolve()
