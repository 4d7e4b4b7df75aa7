"""``trainkit score``: scores of many attempts, however many."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from trainkit.cli import options
from trainkit.i18n import catalog

if TYPE_CHECKING:
    from trainkit.bulk.score_files import Scored

ENGINES = ("auto", "pandas", "polars", "duckdb", "spark")


@options.command(
    "score", "trainkit score responses -o scores.parquet", "trainkit score decisions.csv -o scores.csv",
    "trainkit score many/ -o scores.parquet --engine duckdb --memory 1GB",
    "trainkit score responses -o scores.parquet --play --key mine.csv",
    "trainkit score s3a://bucket/decisions -o scores.parquet --master sc://cluster:15002", told=True, private=True,
)  # fmt: skip
@options.argument(
    "source", "a folder of trainkit export, a Parquet file of decisions, a folder of them, a CSV, or s3://…"
)
@options.output_option("what to write: a row an attempt, .parquet or .csv", required=True)
@click.option(
    "--engine", default="auto", metavar="NAME", shell_complete=options.one_of(lambda: ENGINES),
    help="auto (default): polars where all fits into memory, else DuckDB; or pandas, polars, duckdb, spark",
)  # fmt: skip
@click.option("--memory", metavar="SIZE", help="how much memory DuckDB may take, as 1GB; the rest goes to the disk")
@click.option("--master", metavar="URL", help="a Spark cluster: sc://host:15002 (Connect) or spark://host:7077")
@click.option(
    "--key", metavar="FILE", help="score by another key, as `trainkit key` writes it: runs of an export are replayed"
)
@click.option("--play", is_flag=True, help="Play, Inquiry, finished and went_back, too: runs of an export are replayed")
@options.said_in_option()
def score_command(
    source: str, output: str, engine: str, memory: str | None, master: str | None, key: str | None, play: bool, lang: str
) -> None:  # fmt: skip
    """Score attempts, however many: position, fit, off-axis share, 90 % intervals."""
    from tqdm import tqdm

    from trainkit.bulk.engines import size_of
    from trainkit.bulk.score_files import score_files

    limit = None if memory is None else size_of(memory)
    with tqdm(unit=" ways", delay=1, disable=None, leave=False) as bar:
        done = score_files(
            source, Path(output), engine, limit, master, None if key is None else Path(key), play, bar.update
        )
    print(output)
    for line in _told(done, lang):
        print(f"  {line}")


def _told(done: Scored, lang: str) -> list[str]:
    """What was done, and what is worth knowing of it."""
    gettext, ngettext = catalog(lang).gettext, catalog(lang).ngettext
    said = ngettext("{n} attempt", "{n} attempts", done.attempts).format(n=f"{done.attempts:,}")
    said += ", " + ngettext("{n} decision", "{n} decisions", done.decisions).format(n=f"{done.decisions:,}")
    told = [f"{said} ({done.engine})"]
    if aside := sum(done.set_aside.values()):
        told.append(ngettext("{n} row set aside:", "{n} rows set aside:", aside).format(n=f"{aside:,}"))
        told += [f"  {count:,}  {why}" for why, count in sorted(done.set_aside.items(), key=lambda one: -one[1])]
        if done.set_aside_file:
            told.append("  " + gettext("each of them, with its reason, is in {file}").format(file=done.set_aside_file))
    cases: dict[str, list[str]] = {}
    for one in done.versions:
        cases.setdefault(one.case, []).append(f"{one.version[:8]} ({one.rows:,})")
    for case, versions in cases.items():
        if len(versions) > 1:
            said = gettext("{case} is there in {n} versions, which may have other keys: {versions}")
            told.append(said.format(case=case, n=len(versions), versions=", ".join(versions)))
    if done.ways:
        said = ngettext("{n} distinct way was replayed", "{n} distinct ways were replayed", done.ways)
        told.append(said.format(n=f"{done.ways:,}"))
    for why, count in done.unplayable.items():
        said = ngettext("{n} run can’t be replayed: {why}", "{n} runs can’t be replayed: {why}", count)
        told.append(said.format(n=f"{count:,}", why=why))
    if done.synthetic:
        told.append(gettext("SYNTHETIC: {n} rows are of simulated trainees").format(n=f"{done.synthetic:,}"))
    return told
