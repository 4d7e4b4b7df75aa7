"""``trainkit words``: what people wrote, without names."""

from __future__ import annotations

from pathlib import Path

import click

from trainkit.cli import options
from trainkit.i18n import catalog


@options.command("words", "trainkit words -o texts", "trainkit words --workshop 471926 -o friday_texts", private=True)
@options.output_option("folder to write; it must not be there yet, or be empty", metavar="DIR", required=True)
@click.option("--workshop", "code", metavar="CODE", help="only this workshop, by its join code")
@click.option("--synthetic/--no-synthetic", default=False, help="simulated trainees, too (default: people only)")
@click.option("--redact/--as-written", default=True, help="names, mail addresses, phones and links taken out (default)")
@options.said_in_option()
@options.database_option()
def words_command(
    output: str, code: str | None, synthetic: bool, redact: bool, lang: str, database: str | None
) -> None:
    """Write what people wrote as tables: texts without names, what was taken out, codes."""
    from trainkit.exchange.log_tables import Reading, Wanted
    from trainkit.exchange.own_words import export_words
    from trainkit.exchange.redaction import NOT_PERFECT
    from trainkit.log.store import Log
    from trainkit.room.workshops import by_code

    log = Log(database)
    workshop = by_code(log, code) if code else None
    done = export_words(Reading(log, Wanted(workshop, synthetic, names=False)), Path(output), redact)
    said = catalog(lang)
    print(done.folder)
    print(said.ngettext("{n} text", "{n} texts", done.texts).format(n=done.texts))
    print(said.ngettext("{n} code", "{n} codes", done.codes).format(n=done.codes))
    for kind, count in done.taken.items():
        print(f"  [{kind}] {count:>8,}")
    print(said.gettext(NOT_PERFECT if redact else "Nothing was taken out: these texts may name people."))
