"""Writing a case in a notebook: begin it, check it, look at it. The text itself is edited in JupyterLab's editor."""

from __future__ import annotations

import html
import os
from pathlib import Path

from trainkit.case.model import Case
from trainkit.checks.report import Report, check
from trainkit.figures.case_map import rendered, survey
from trainkit.files import casebook
from trainkit.files.scaffold import FILES, new_case
from trainkit.i18n import catalog

FOLDER = Path("my_cases")  # beside the notebook


class Page:
    """HTML that a notebook shows."""

    def __init__(self, text: str):
        self.text = text

    def _repr_html_(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return "Page()"


def place(case: str) -> Path:
    """The folder of one's own case of this id, or of a case of the casebook."""
    own = FOLDER / case
    return own.resolve() if own.exists() or case not in casebook.names() else casebook.place(case)


def begin(case: str, lang: str = "ru") -> Page:
    """Begin a case of one's own, or go on with it; shows links that open its files in JupyterLab's editor.

    Raises
    ------
    TrainkitError
        If the id is no id, or the files can't be written.
    """
    gettext = catalog(lang).gettext
    folder = place(case)
    if not folder.exists():
        new_case(case, FOLDER)
        said = gettext(
            "A small case to begin with: it can be played as it is. Open the files and rewrite it bit by bit."
        )
    else:
        said = gettext("Here are the files of this case.")
    there = Path(os.path.relpath(folder, Path.cwd())).as_posix()
    links = [
        f'<li><a href="{html.escape(f"{there}/{name}")}">{html.escape(name)}</a></li>'
        for name in FILES
        if (folder / name).exists()
    ]
    return Page(f"<p>{html.escape(said)}</p><ul>{''.join(links)}</ul>")


def report(case: str, lang: str = "ru") -> Page:
    """Check a case: what is wrong with it, with file and line, and how simulated trainees fare in it."""
    gettext = catalog(lang).gettext
    found = check(place(case))
    parts = []
    for title, problems in ((gettext("Errors"), found.errors), (gettext("Warnings"), found.warnings)):
        if problems:
            items = "".join(f"<li>{html.escape(str(problem))}</li>" for problem in problems)
            parts.append(f"<p><b>{html.escape(title)}</b></p><ul>{items}</ul>")
    if not parts:
        fine = gettext("Nothing is wrong with this case.")
        parts.append(f"<p><b>{html.escape(fine)}</b></p>")
    if found.means:
        parts.append(_table(found, gettext))
    return Page("".join(parts))


def _table(found: Report, gettext) -> str:
    said = {
        "order-taker": gettext("order-taker"),
        "centric": gettext("centric"),
        "best-player": gettext("best player"),
        "rusher": gettext("rusher"),
        "over-asker": gettext("over-asker"),
        "longest-guesser": gettext("guesses the longest"),
        "politest-guesser": gettext("guesses the politest"),
        "careless": gettext("careless"),
        "random": gettext("random"),
    }
    heads = [gettext("Simulated trainee"), gettext("Position"), gettext("Fit"), gettext("Play")]
    head = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in heads)
    rows = []
    for name, means in found.means.items():
        cells = [gettext("not measured") if v is None else str(round(v)).replace("-", "−") for v in means.values()]
        rows.append(
            f'<tr><th scope="row">{html.escape(said.get(name, name))}</th>'
            + "".join(f"<td>{c}</td>" for c in cells)
            + "</tr>"
        )
    caption = html.escape(gettext("Means of simulated trainees (synthetic): they should differ."))
    return f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def picture(case: str, lang: str = "ru") -> Page:
    """Draw a case: scenes, where replies lead, what they cost, the best way through.

    Raises
    ------
    CaseError
        If the case can't be read.
    """
    loaded: Case = casebook.load(place(case))
    svg = rendered(survey(loaded, lang), "svg").decode("utf-8")
    label = html.escape(catalog(lang).gettext("Map of the case"))
    return Page(
        f'<div style="overflow:auto" tabindex="0" role="img" aria-label="{label}">{svg[svg.index("<svg") :]}</div>'
    )
