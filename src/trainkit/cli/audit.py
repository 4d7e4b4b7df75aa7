"""``trainkit audit``: is a set of cases a sound instrument?"""

from __future__ import annotations

import click

from trainkit.cli import options


@options.command(
    "audit",
    "trainkit audit",
    "trainkit audit racket_refund power_upgrade -o report.html",
    "trainkit audit ./my_case --lang en --json",
    "trainkit audit counters_a counters_b --deck counters_a --deck counters_b",
)
@options.cases_argument("case ids or folders, judged one by one and as a set; the whole casebook if none is named")
@click.option(
    "--deck", "decks", multiple=True, metavar="DECK", shell_complete=options.one_of(options.case_names),
    help="a case of twelve single scenes; given twice, both are compared as parallel forms",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="print all figures as JSON")
@options.output_option("write a page with verdicts, pictures and all figures", "FILE.html")
@options.said_in_option()
def audit_command(cases: tuple[str, ...], decks: tuple[str, ...], as_json: bool, output: str | None, lang: str) -> None:
    """Judge cases as an instrument: what gives the key away, whom the scores tell apart."""
    from pathlib import Path

    from tqdm import tqdm

    from trainkit.audit.decks import refuse_decks
    from trainkit.audit.report import TICKS, audit, lines
    from trainkit.errors import TrainkitError, UnknownName
    from trainkit.files import casebook
    from trainkit.i18n import languages

    refuse_decks(decks)
    if output is not None and Path(output).suffix != ".html":
        raise TrainkitError(f'-o wants a file that ends in .html (got "{Path(output).name}")')
    if lang not in languages():
        raise UnknownName("language", lang, languages())
    loaded = _once([casebook.load_case(name) for name in cases or casebook.case_ids()])
    compared = [casebook.load_case(name) for name in decks]
    refuse_decks([deck.id for deck in compared])
    total = TICKS * len(_once([*loaded, *compared]))
    with tqdm(total=total, unit="", delay=1, disable=None, leave=False) as bar:

        def tick(what: str) -> None:
            bar.set_description(what)
            bar.update()

        done = audit(loaded, compared, tick=tick)
    if output is not None:
        from trainkit.audit.page import page

        options.write_text(Path(output), page(done, lang), quiet=as_json)
    if as_json:
        print(done.as_json())
    else:
        print("\n".join(lines(done, lang)))


def _once(cases: list) -> list:
    """Each case once."""
    return list({(case.hash, case.translations_hash): case for case in cases}.values())
