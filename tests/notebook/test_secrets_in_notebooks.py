"""No secret gets where a notebook keeps things: widgets' state, cells' outputs; nor into the list of processes."""

import json
import os
import sys
from pathlib import Path

import ipywidgets
import nbformat
import psutil
import pytest
from nbclient import NotebookClient
from support.command_line import PARCEL
from support.ports import HOST, free_port

from trainkit.notebook.secret_link import SecretLink
from trainkit.notebook.workshop import workshop


@pytest.fixture
def room(tmp_path):
    """A room held from here."""
    held = workshop([PARCEL], "ru", host=HOST, port=free_port(), database=str(tmp_path / "log.sqlite3"))
    held.start()
    yield held
    held.stop()


def everything(room) -> str:
    """All that these widgets keep, as a notebook would save it, and what a cell would show."""
    state = ipywidgets.Widget.get_manager_state()
    return json.dumps(state, default=str, ensure_ascii=False) + repr(room) + str(room._repr_mimebundle_())


def test_the_trainer_s_link_is_in_no_state_and_no_output(room):
    secret, kept = room.remote.rsplit("/", 1)[1], everything(room)
    assert len(secret) > 20 and room.address in kept, "the door is there"
    assert secret not in kept and "/t/" not in kept


def test_the_page_is_told_it_when_it_asks():
    link, sent = SecretLink("Открыть пульт"), []
    link.send = lambda content, buffers=None: sent.append(content)
    link._handle_custom_msg({"asks": "address"}, [])
    link.lead("http://a/t/xyzzy")
    link._handle_custom_msg({"asks": "address"}, [])
    link._handle_custom_msg({"asks": "anything else"}, [])
    link._handle_custom_msg("no message", [])
    link.lead("")
    assert [one["address"] for one in sent] == ["", "http://a/t/xyzzy", "http://a/t/xyzzy", ""]
    assert "xyzzy" not in json.dumps(link.get_state(), default=str)


def test_the_list_of_processes_has_no_secret(room, tmp_path):
    seen = [" ".join(one.cmdline()) for one in psutil.Process().children(recursive=True)]
    (server,) = [line for line in seen if "trainkit class" in line]
    secret = room.remote.rsplit("/", 1)[1]
    assert not [line for line in seen if secret in line or str(tmp_path) in line], server


@pytest.mark.slow
def test_a_notebook_that_was_run_and_saved_has_no_secret(tmp_path):
    """As ``nbconvert --execute`` does, with the widgets' state; the secret is printed by a cell that isn't kept."""
    port, told = free_port(), tmp_path / "secret"
    cells = [
        f"from trainkit.notebook.workshop import workshop\n"
        f"room = workshop([{PARCEL!r}], 'ru', host={HOST!r}, port={port}, database={str(tmp_path / 'log.sqlite3')!r})\nroom",
        "room.start()",
        f"_ = open({str(told)!r}, 'w').write(room.remote)",
        "room.debrief(names=True)",
        "room.stop()",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    NotebookClient(
        notebook, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}, timeout=120
    ).execute()
    file = tmp_path / "room.ipynb"
    nbformat.write(notebook, file)
    secret, kept = told.read_text().rsplit("/", 1)[1], file.read_text("utf-8")
    assert "application/vnd.jupyter.widget-state+json" in kept and f"http://{HOST}:{port}" not in secret
    assert len(secret) > 20 and secret not in kept
    assert Path(tmp_path / "debrief.html").exists()
