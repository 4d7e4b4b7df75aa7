"""What are the files of a site? Pages, Python, the kit with its cases, and what makes it open without a network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from trainkit.case.model import Case
from trainkit.errors import N_, TrainkitError
from trainkit.files.reading import writing
from trainkit.site.bundle import case_files, kit_files, licences, packed, unpacked
from trainkit.site.compiled import STATIC, compiled
from trainkit.site.library import needed
from trainkit.site.shell import first_page
from trainkit.site.visit import Plan
from trainkit.view import render

STYLES = ("tk.css", "site.css")
_AT = {"pyodide.mjs": "pyodide.js", "pyodide.asm.mjs": "pyodide.asm.js", "pyodide.asm.wasm": "python.wasm"}


class Parts(NamedTuple):
    """What a browser loads: Python and the kit, by the names they have in a site, and what Pyodide is told of itself."""

    files: Mapping[str, bytes]
    lock: Mapping[str, object]
    compiled: bool  # whether Python needn't compile the kit each time


def parts(plan: Plan, cases: Sequence[Case], runtime: Mapping[str, bytes]) -> Parts:
    """Python and the kit for these cases; compiled where Node is there to do it."""
    kit = kit_files(plan.languages)
    library = needed(unpacked(runtime["python_stdlib.zip"]), kit)
    found = compiled(runtime, {"kit": kit, "library": library})
    if found:
        kit, library = found["kit"], found["library"]
    files = {f"python/{name}": runtime[own] for own, name in _AT.items()}
    files |= {"python/stdlib.zip": packed(library), "app.zip": packed({**kit, **case_files(cases)})}
    about = json.loads(runtime["pyodide-lock.json"])["info"]
    return Parts(files, {"info": about, "packages": {}}, found is not None)


def asset(name: str) -> str:
    """A stylesheet or script of a site: of its own, or of the view."""
    own = STATIC / name
    return own.read_text("utf-8") if own.is_file() else render.asset(name)


def site_files(
    plan: Plan, cases: Sequence[Case], made: Parts, course: Mapping[str, object] | None = None
) -> dict[str, bytes]:
    """Every file of a site, by its path; ``course`` is what it is told of a course system that it runs in."""
    scripts = [*(["lms.js"] if course else []), *scripts_of(plan)]
    own = {name: asset(name).encode() for name in (*scripts, *STYLES, "engine.js")}
    own["licences.txt"] = licences().encode()
    site = identity(plan)
    stamps = {} if course else {name: _hash(content) for name, content in made.files.items()}
    about = {"id": site, "lock": made.lock, "course": course, "stamps": stamps}
    texts = [(name, own[name].decode()) for name in scripts]
    styles = [(name, own[name].decode()) for name in STYLES]
    size = sum(len(content) for content in made.files.values())
    own["index.html"] = first_page(plan, cases, about, size=size, scripts=texts, styles=styles).encode()
    files = {**made.files, **own}  # written in this order: the first page after what it asks for
    if not course:
        files["sw.js"] = _offline(site, files, stamps)
    return files


def scripts_of(plan: Plan) -> list[str]:
    """The scripts of the page itself, in order; the first is that of a class, too."""
    return ["page.js", *(["xapi.js"] if plan.store else []), "app.js"]


def identity(plan: Plan) -> str:
    """What tells the log of this site from those of others at the same place: its cases, whatever their versions."""
    return _hash(" ".join(sorted(plan.cases)).encode())


def _hash(*contents: bytes) -> str:
    return hashlib.sha256(b"".join(contents)).hexdigest()[:12]


def _offline(site: str, files: Mapping[str, bytes], stamps: Mapping[str, str]) -> bytes:
    """The service worker, which changes with every file."""
    version = _hash(*(name.encode() + content for name, content in sorted(files.items())))
    addresses = [f"{name}?{stamps[name]}" if name in stamps else name for name in sorted(files)]
    text = (STATIC / "sw.js").read_text("utf-8").replace("__SITE__", site).replace("__VERSION__", version)
    return text.replace("__FILES__", json.dumps(addresses)).encode()


def room_for_site(folder: Path) -> Path:
    """The folder for a site, if it may be written there: it is new, empty, or a site that was made before.

    Raises
    ------
    TrainkitError
        If there is something there that is no site.
    """
    folder = folder.expanduser()
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / "app.zip").is_file())):
        raise TrainkitError(N_('"{folder}" holds something else: name a new or an empty folder'), folder=str(folder))
    return folder


def write_site(files: Mapping[str, bytes], folder: Path) -> None:
    """Write a site; a folder that holds something else is left alone.

    Raises
    ------
    TrainkitError
        If there is something there that is no site, or it can't be written.
    """
    folder = room_for_site(folder)
    with writing(f'"{folder}"'):
        for name, content in files.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
