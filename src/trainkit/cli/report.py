"""``trainkit report``: what the answers show, for whoever opens no notebook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from trainkit.cli import options
from trainkit.errors import N_, TrainkitError


def _mapped(pairs: Sequence[str]) -> dict[str, str]:
    mapped: dict[str, str] = {}
    for pair in pairs:
        theirs, sign, ours = pair.rpartition("=")
        if not sign or not theirs or not ours:
            raise TrainkitError(N_('--column wants THEIRS=OURS (got "{got}")'), got=pair)
        if theirs in mapped:
            raise TrainkitError(N_('--column names "{name}" twice'), name=theirs)
        mapped[theirs] = ours
    return mapped


@options.command(
    "report",
    "trainkit report responses -o report.html",
    "trainkit report data/sample --group group --time wave --lang en -o sample.html",
    "trainkit report responses --design groups.csv --group training -o report.html",
    "trainkit report form.csv --column Имя=person --column Сцена=scene --column Балл=fit -o report.html",
    "trainkit report form.csv --column Имя=person --column Сцена=scene --time Замер --order осень,весна -o report.html",
    told=True,
    private=True,
)
@options.argument("source", "folder of `trainkit export`, a table (CSV, Parquet), a log or its URL")
@options.output_option("page to write", "FILE.html", required=True)
@options.said_in_option()
@click.option(
    "--column", "columns", multiple=True, metavar="THEIRS=OURS",
    help="a column of a table that isn't ours, and what it is (codebook: person, scene, option, fit, …); may be repeated",
)  # fmt: skip
@click.option("--group", metavar="COLUMN", help="compare the groups that this column names")
@click.option("--time", metavar="COLUMN", help="compare before and after, as this column names them")
@click.option(
    "--order", metavar="EARLIER,LATER",
    help="which time is before which; else by the column mapped as at, or by the names (до/после, pre/post, 1/2, dates)",
)  # fmt: skip
@click.option(
    "--design", type=click.Path(path_type=Path), metavar="FILE",
    help="table that has these columns, by attempt, person or participant (design.csv of the folder, if there is one)",
)  # fmt: skip
def report_command(
    source: str,
    output: str,
    lang: str,
    columns: Sequence[str],
    group: str | None,
    time: str | None,
    order: str | None,
    design: Path | None,
) -> None:
    """Write what answers show as a page to read and print: findings, pictures, how sure."""
    from trainkit.errors import UnknownName
    from trainkit.i18n import catalog, languages
    from trainkit.report.page import page
    from trainkit.report.source import load

    if lang not in languages():
        error = UnknownName("language", lang, languages())
        error.lang = "en"
        raise error
    if Path(output).suffix != ".html":
        raise TrainkitError(N_('-o wants a file that ends in .html (got "{got}")'), got=Path(output).name)
    if order is not None and time is None:
        raise TrainkitError(N_("--order is of the times of a column: name it with --time COLUMN"))
    times = None if order is None else [one.strip() for one in order.split(",") if one.strip()]
    given = load(source, _mapped(columns), group, time, design, times)
    if given.read.set_aside or given.read.notes:
        click.echo(given.read.report(lang=lang), err=True)
    for told in given.told:
        click.echo("  " + told.said(catalog(lang).gettext), err=True)
    options.write_text(Path(output), page(given, lang))
