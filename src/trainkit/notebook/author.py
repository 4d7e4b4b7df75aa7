"""Writing a case in a notebook: begin it, check it, look at it. The text itself is edited in JupyterLab's editor."""

import os
from pathlib import Path
from typing import Any

from IPython.display import HTML

from trainkit.checks.report import check
from trainkit.errors import TrainkitError
from trainkit.figures.case_map import map_view, rendered, survey
from trainkit.files import casebook
from trainkit.files.scaffold import FILES, LANGUAGES, new_case
from trainkit.i18n import catalog
from trainkit.view.render import template

FOLDER = Path("my_cases")  # beside the notebook


def place(case: str) -> Path:
    """The folder of a case, where ``trainkit check`` looks for it, too; of a new one, ``my_cases/`` beside the notebook."""
    own = (FOLDER / case).resolve()
    try:
        found = own if own.exists() else casebook.case_folder(case)
    except TrainkitError:
        return own
    return own if found.parent.name == FOLDER.name else found  # what another notebook has begun is another case


def begin(case: str, lang: str = "ru") -> HTML:
    """Begin a case of one's own, or go on with it; shows links that open its files in JupyterLab's editor.

    Raises
    ------
    TrainkitError
        If the id is no id, or the files can't be written.
    """
    folder = place(case)
    begun = not folder.exists()
    if begun:
        new_case(case, FOLDER, lang=lang if lang in LANGUAGES else LANGUAGES[0])
    names = [name for name in FILES if (folder / name).exists()]
    there = Path(os.path.relpath(folder, Path.cwd())).as_posix()
    return _page("author_files.html", lang, begun=begun, folder=there, names=names)


def report(case: str, lang: str = "ru") -> HTML:
    """Check a case: what is wrong with it, with file and line, and how simulated trainees fare in it."""
    checked, gettext = check(place(case)), catalog(lang).gettext
    errors, warnings = ([one.said(gettext) for one in found] for found in (checked.errors, checked.warnings))
    return _page("author_report.html", lang, errors=errors, warnings=warnings, means=checked.means)


def picture(case: str, lang: str = "ru") -> HTML:
    """Draw a case: scenes, where replies lead, what they cost, the best way through.

    Raises
    ------
    CaseError
        If the case can't be read.
    """
    case_map = survey(casebook.load_case(place(case)), lang)
    return HTML(map_view(case_map, rendered(case_map, "svg").decode("utf-8")))


def _page(name: str, lang: str, **values: Any) -> HTML:
    return HTML(template(name, lang, package=__package__, **values))
