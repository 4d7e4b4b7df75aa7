"""``trainkit export``: responses as tables."""

from __future__ import annotations

from pathlib import Path

import click

from trainkit.cli import options
from trainkit.i18n import catalog


@options.command(
    "export", "trainkit export -o responses", "trainkit export --workshop 471926 --no-names -o friday",
    "trainkit export --database runs.sqlite3 --synthetic -o synthetic",
    "trainkit export --xapi-home https://academy.example.org -o statements", private=True,
)  # fmt: skip
@options.output_option("folder to write; it must not be there yet, or be empty", metavar="DIR", required=True)
@click.option("--workshop", "code", metavar="CODE", help="only this workshop, by its join code")
@click.option("--synthetic/--no-synthetic", default=False, help="simulated trainees, too (default: people only)")
@click.option("--names/--no-names", default=True, help="pseudonyms (default), or none")
@click.option("--xlsx", is_flag=True, help="the tables as responses.xlsx, too (needs openpyxl)")
@click.option("--xapi", is_flag=True, help="xAPI 1.0.3 statements for a learning record store, too: statements.jsonl")
@click.option(
    "--xapi-home", metavar="ADDRESS", help="your own address, under which they are known: https://academy.example.org"
)
@options.said_in_option()
@options.database_option()
def export_command(
    output: str, code: str | None, synthetic: bool, names: bool, xlsx: bool, xapi: bool, xapi_home: str | None, lang: str,
    database: str | None,
) -> None:  # fmt: skip
    """Write responses as tables: CSV and Parquet, with a codebook."""
    from tqdm import tqdm

    from trainkit.exchange.folder import export_folder
    from trainkit.exchange.log_tables import Reading, Wanted
    from trainkit.exchange.statements import HOME
    from trainkit.log.store import Log
    from trainkit.room.workshops import by_code

    log = Log(database)
    workshop = by_code(log, code) if code else None
    reading = Reading(log, Wanted(workshop, synthetic, names))
    attempts, left_out = reading.count()
    with tqdm(total=attempts, unit=" runs", delay=1, disable=None, leave=False) as bar:
        done = export_folder(reading, Path(output), bar.update, xlsx, xapi_home or (HOME if xapi else None))
    ngettext = catalog(lang).ngettext
    print(done.folder)
    for name, count in done.rows.items():
        print(f"  {name:<10} {count:>10,}")
    if left_out:
        said = ngettext(
            "{n} simulated run was left out (--synthetic adds it)",
            "{n} simulated runs were left out (--synthetic adds them)",
            left_out,
        )
        print(said.format(n=left_out))
    for why, count in done.unplayable.items():
        said = ngettext(
            "{n} run can’t be replayed and has no decisions: {why}",
            "{n} runs can’t be replayed and have no decisions: {why}",
            count,
        )
        print(said.format(n=count, why=why))
