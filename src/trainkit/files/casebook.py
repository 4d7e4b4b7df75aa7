"""Files → Case: find the casebook, read a case with its translations, refuse what breaks a rule of the format."""

import os
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from trainkit.case.model import LANGUAGE, SOURCE_LANGUAGE, Case
from trainkit.errors import N_, CaseError, Problem, Told, TrainkitError, UnknownName, shown
from trainkit.files import yaml_reader
from trainkit.files.case_errors import case_from
from trainkit.files.reading import read_text, shown_path
from trainkit.files.translation import Translation, read_translation
from trainkit.typed import typed


def casebook_folder() -> Path:
    """``TRAINKIT_CASEBOOK`` if set; else ``casebook/`` here or in a folder above; else the one that came with the program."""
    if named := os.environ.get("TRAINKIT_CASEBOOK"):
        if not case_ids(Path(named)):
            raise TrainkitError(N_("TRAINKIT_CASEBOOK has no cases (got {got})"), got=shown(named))
        return Path(named)
    package = Path(__file__).parents[1]
    above = [place / "casebook" for place in (Path.cwd(), *Path.cwd().parents)]
    for candidate in (*above, package / "_casebook", package.parents[1] / "casebook"):
        if any(candidate.glob("*/case.yml")):
            return candidate
    raise TrainkitError(N_("no casebook found: go to a folder that has casebook/, or set TRAINKIT_CASEBOOK to one"))


def case_ids(casebook: Path | None = None) -> tuple[str, ...]:
    """Ids of the cases in a casebook, sorted."""
    return tuple(sorted(file.parent.name for file in (casebook or casebook_folder()).glob("*/case.yml")))


def cases(lang: str = SOURCE_LANGUAGE) -> Any:
    """The casebook as a data frame, one row a case, by id; titles in this language, in its own where not translated.

    Columns are ``id``, ``title``, ``minutes`` (a usual run), ``target_low`` and ``target_high``: the lowest and highest
    position the case asks for, −100 orientation … +100 centricity.

    Examples
    --------
    >>> import trainkit as tk
    >>> list(tk.cases("en").columns)
    ['id', 'title', 'minutes', 'target_low', 'target_high']
    """
    import pandas as pd

    rows = [(case.id, case.text("title", lang), case.minutes, *_targets(case)) for case in map(load_case, case_ids())]
    return pd.DataFrame(rows, columns=["id", "title", "minutes", "target_low", "target_high"])


def _targets(case: Case) -> tuple[float, float]:
    scenes = [scene for scene in case.scenes.values() if scene.options]
    asked = [100 * rule.value for scene in scenes for rule in scene.target or case.context.target]
    return min(asked), max(asked)


def own_cases() -> dict[str, list[Path]]:
    """Cases that were begun in a notebook, id → folders: ``my_cases/`` here, in a folder above, or beside its notebooks."""
    found: dict[str, list[Path]] = {}
    for place in (Path.cwd(), *Path.cwd().parents):
        for file in (*place.glob("my_cases/*/case.yml"), *sorted(place.glob("notebooks/*/my_cases/*/case.yml"))):
            if file.parent not in found.setdefault(file.parent.name, []):
                found[file.parent.name].append(file.parent)
    return found


def case_folder(name: str | os.PathLike, casebook: Path | None = None) -> Path:
    """The folder of a case: a case id, or the path of a folder with ``case.yml``; else :class:`UnknownName` is raised.

    An id is looked for in the casebook, here, and among the cases begun in notebooks (:func:`own_cases`).
    """
    if not isinstance(name, str | os.PathLike):
        raise TrainkitError(N_("a case is named by its id or its folder (got {got})"), got=shown(name))
    text = os.fspath(name)
    path = Path(text)
    here = os.path.isfile(path / "case.yml")  # unlike Path's, False also for a name too long or with a null character
    if here and (len(path.parts) != 1 or text != path.name):  # said as a path
        return path.resolve()
    root = casebook or casebook_folder()
    if typed(text) in case_ids(root):
        return root / typed(text)
    if here and casebook is None:
        return path.resolve()
    own = {} if casebook else own_cases()
    places = own.get(typed(text), [])
    if len(places) > 1 and places[0] != Path.cwd() / "my_cases" / typed(text):
        rule = N_("{case} is in more than one folder; name one of them: {places}")
        raise TrainkitError(rule, case=shown(text), places=", ".join(map(shown_path, places)))
    if places:
        return places[0].resolve()
    raise UnknownName("case", text, [*case_ids(root), *own])


def load_case(name: str | os.PathLike | Case, casebook: Path | None = None) -> Case:
    """Read a case by its id or its folder, in this casebook or the one in use; a case that is loaded already stays as it is.

    Raises
    ------
    UnknownName
        If there is no such case; names the nearest.
    CaseError
        If the case breaks a rule of the format; names every place.
    """
    if isinstance(name, Case):
        return name
    where_it_is = case_folder(name, casebook)
    return _read(_stamp(where_it_is))[0]


def translations(folder: Path) -> tuple[Translation, ...]:
    """The files of translations in a case's folder, read against its source; CaseError where that can't be read."""
    return _read(_stamp(folder))[1]


def left_out(name: str | os.PathLike | Case) -> list[Problem]:
    """What of the translations of a case is shown untranslated, since its source has changed or they can't be read."""
    return (
        [] if isinstance(name, Case) else [said for one in translations(case_folder(name)) for said in one.left_out()]
    )


def untranslated(name: str | os.PathLike | Case) -> list[str]:
    """The same as sentences."""
    return [str(one) for one in left_out(name)]


def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Everything a case and its translations are read from, with what changes when it is edited."""
    prints = folder / "translated.json"
    files = [folder / "case.yml", *sorted(folder.glob("text.*.yml")), *([prints] if prints.is_file() else [])]
    try:
        return tuple((str(file.resolve()), file.stat().st_mtime_ns, file.stat().st_size) for file in files)
    except OSError as error:
        raise CaseError(
            [Problem(str(error.filename), "", Told(N_("can't be read: {why}"), why=error.strerror))]
        ) from None


@lru_cache(maxsize=64)
def _read(stamp: tuple[tuple[str, int, int], ...]) -> tuple[Case, tuple[Translation, ...]]:
    source, *others = (Path(file) for file, _, _ in stamp)
    case = read_case(source)
    found = tuple(read_translation(file, case) for file in others if file.suffix == ".yml")
    texts = {one.lang: one.texts for one in found if one.texts or not one.problems}
    return case.with_translations(texts), found


def read_case(file: Path) -> Case:
    """Read ``case.yml`` alone; the source without translations."""
    name = shown_path(file)
    text = read_text(file, name, N_("a file of a case"), yaml_reader.MAX_BYTES)
    return case_from(yaml_reader.read_on(text, name), name, folder_name=file.parent.name)


def languages_in(folder: Path) -> tuple[str, ...]:
    """Languages that the files of a case's folder are in, its own first; told even of a case that can't be read."""
    try:
        text = (folder / "case.yml").read_text("utf-8", "replace")
    except OSError:
        text = ""
    own = re.search(rf"^lang:[ \t]*[\"']?({LANGUAGE})\b", text, re.M)
    others = sorted(file.name.removeprefix("text.").removesuffix(".yml") for file in folder.glob("text.*.yml"))
    return tuple(dict.fromkeys([own[1] if own else SOURCE_LANGUAGE, *others]))


def usual_language(names: Sequence[str | os.PathLike]) -> str | None:
    """The language for cases of which nobody has said one: their own, else the first that all have; None without one."""
    try:
        spoken = [languages_in(case_folder(name)) for name in names]
    except TrainkitError:
        return None
    own = {one[0] for one in spoken}
    common = [
        lang for lang in dict.fromkeys(lang for one in spoken for lang in one) if all(lang in one for one in spoken)
    ]
    return own.pop() if len(own) == 1 else next(iter(common), None)


def language(lang: str, case: Case) -> str:
    """``lang`` if the case has it; else :class:`UnknownName` is raised."""
    if lang not in case.languages:
        raise UnknownName("language", lang, case.languages)
    return lang
