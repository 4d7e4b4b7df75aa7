"""What of the kit goes into a browser? What a visit imports, its templates and words, two libraries, and the cases."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

from trainkit.case.model import Case
from trainkit.errors import N_, TrainkitError
from trainkit.i18n import LOCALE
from trainkit.site.imports import closure, imports

ENTRY = "trainkit.site.visit"
PACKAGE = Path(__file__).parents[1]
LIBRARIES = ("jinja2", "markupsafe")
_NO_PHONES = ("remote", "wall", "room")  # templates begin so that no phone shows


def kit_files(languages: Sequence[str]) -> dict[str, bytes]:
    """The kit as a browser needs it: path → content."""
    files = {f"trainkit/{name}": (PACKAGE / name).read_bytes() for name in map(_path, kit_modules())}
    light = (PACKAGE / "site" / "light_pydantic.py").read_bytes()
    files |= {"pydantic/__init__.py": light, "pydantic/json_schema.py": b"from pydantic import GetJsonSchemaHandler\n"}
    view = PACKAGE / "view"
    for file in [*sorted(view.glob("*.css")), *sorted(view.glob("*.js"))]:
        files[f"trainkit/view/{file.name}"] = file.read_bytes()
    for file in sorted((view / "templates").glob("*.html")):
        if not file.name.startswith(_NO_PHONES):
            files[f"trainkit/view/templates/{file.name}"] = file.read_bytes()
    for lang in languages:
        file = LOCALE / lang / "LC_MESSAGES" / "trainkit.mo"
        if file.is_file():
            files[f"trainkit/{file.relative_to(PACKAGE).as_posix()}"] = file.read_bytes()
    for name in LIBRARIES:
        files |= dict(_library(name))
    return files


def kit_modules(entry: str = ENTRY) -> list[str]:
    """Every module of the kit that this one imports, whenever; by what stands in the files, so that none is run."""

    def imported(name: str) -> Iterator[str]:
        path = _path(name)
        return imports((PACKAGE / path).read_text("utf-8"), name, path.endswith("__init__.py"))

    return sorted(closure([entry], imported, _is_module))


def _is_module(name: str) -> bool:
    return name.partition(".")[0] == "trainkit" and (PACKAGE / _path(name)).is_file()


def _path(module: str) -> str:
    inside = "/".join(module.split(".")[1:])
    folder = PACKAGE / inside
    return f"{inside}/__init__.py".lstrip("/") if folder.is_dir() else f"{inside}.py"


def _library(name: str) -> Iterator[tuple[str, bytes]]:
    """The Python files of an installed library, without what is compiled for this machine."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise TrainkitError(N_("{name} is not installed here: install trainkit again"), name=name)
    folder = Path(spec.origin).parent
    for file in sorted(folder.rglob("*.py")):
        yield f"{name}/{file.relative_to(folder).as_posix()}", file.read_bytes()


def case_files(cases: Iterable[Case]) -> dict[str, bytes]:
    """The cases as the log keeps them, validated here: ``cases/<id>.json``."""
    return {
        f"cases/{case.id}.json": json.dumps([case.source_json, case.translations_json], ensure_ascii=False).encode()
        for case in cases
    }


def packed(files: Mapping[str, bytes]) -> bytes:
    """A zip that is the same whenever it is made."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, 9)
    return out.getvalue()


def unpacked(archive: bytes) -> dict[str, bytes]:
    """The files of a zip."""
    with zipfile.ZipFile(io.BytesIO(archive)) as content:
        return {name: content.read(name) for name in content.namelist() if not name.endswith("/")}


def licences() -> str:
    """The licences of all that a site holds, as one text."""
    from trainkit.site.runtime import VERSION

    own = {
        "trainkit": _licence_of("trainkit") or (PACKAGE.parents[1] / "LICENSE").read_text("utf-8"),
        "The cases' texts": N_("Creative Commons Attribution 4.0 (CC BY 4.0), unless a case says otherwise."),
        **{name: _licence_of(name) for name in LIBRARIES},
        f"Pyodide {VERSION} (source code: the Pyodide project's repository, under this version's tag)": _carried(
            "mpl-2.0"
        ),
        "Python": _carried("python"),
    }
    return "\n\n".join(f"{'=' * 32}\n{title}\n{'=' * 32}\n\n{text.strip()}" for title, text in own.items()) + "\n"


def _carried(name: str) -> str:
    return (Path(__file__).parent / "licences" / f"{name}.txt").read_text("utf-8")


def _licence_of(name: str) -> str:
    files = [file for file in distribution(name).files or () if "licen" in file.name.lower() and file.suffix != ".py"]
    return "\n\n".join(file.read_text() for file in files if file.locate().is_file())
