"""``trainkit import``: runs from other machines."""

from __future__ import annotations

from pathlib import Path

import click

from trainkit.cli import options
from trainkit.errors import N_, TrainkitError
from trainkit.i18n import catalog


@options.command(
    "import",
    "trainkit import responses",
    "trainkit import friday.sqlite3",
    "trainkit import responses --database all.sqlite3",
    "trainkit import log-rescued-2026-11-30-101500.sqlite3 --rescue --database new.sqlite3",
    "trainkit import trainkit-Wren-2026-11-30.json --workshop 471926",
    private=True,
)
@options.argument(
    "source",
    "a folder of trainkit export, a browser's file of answers, or another SQLite log",
    type=click.Path(path_type=Path),
)
@click.option(
    "--workshop", "code", metavar="CODE", help="they count in this room, too: on its screen and in its debrief"
)
@click.option(
    "--rescue",
    "own",
    is_flag=True,
    help="only for a file that this kit wrote on a computer of yours when a log was lost: its rooms come, too, with their "
    "people, links and secrets",
)
@click.option(
    "--as-other",
    is_flag=True,
    help="a file marked as a rescue file is taken as any other machine's log: its runs alone",
)
@options.said_in_option()
@options.database_option()
def import_command(source: Path, code: str | None, own: bool, as_other: bool, lang: str, database: str | None) -> int:
    """Take in runs from an export or another log, each replayed first."""
    from tqdm import tqdm

    from trainkit.exchange.incoming import import_runs
    from trainkit.log.store import Log
    from trainkit.room.by_file import take_in
    from trainkit.room.workshops import by_code

    if own and as_other:
        raise TrainkitError(N_("--rescue and --as-other exclude each other: a file is your own, or it isn't"))
    log = Log(database)
    workshop = by_code(log, code) if code else None
    with tqdm(unit=" runs", delay=1, disable=None, leave=False) as bar:
        done = import_runs(log, source, bar.update, rescue=True if own else False if as_other else None)
    gettext = catalog(lang).gettext
    rows = {
        gettext("added"): done.added,
        gettext("went on"): done.continued,
        gettext("here already"): done.known,
        gettext("refused"): done.refused,
        gettext("in conflict with what is here"): done.conflicts,
    }
    if done.rooms:
        rows[gettext("rooms, with their people, settings and links")] = done.rooms.added
        if done.rooms.secrets_left_out:
            rows[gettext("links to rooms that are here: left out, the class makes new ones")] = (
                done.rooms.secrets_left_out
            )
    if done.codes:
        rows[gettext("codes of own words added")] = done.codes
    if done.erased:
        rows[gettext("left out: of people who were erased here")] = done.erased
    if done.strange:
        rows[gettext("of those added: in a version of the case that was not known here")] = done.strange
    if workshop:
        room = take_in(log, workshop, done.here)
        rows[gettext("count in room {code}, marked as come by file").format(code=workshop.code)] = room.runs
        for label, count in (
            (gettext("of cases that the room doesn’t play: not in the room"), room.other_cases),
            (gettext("of another version of its cases: not in the room"), room.other_versions),
        ):
            rows |= {label: count} if count else {}
    for label, count in rows.items():
        print(f"{count:>10,}  {label}")
    print(*(f"  {one.said(gettext)}" for one in done.told), sep="\n")
    more = done.refused + done.conflicts - len(done.told)
    if more > 0:
        print(gettext("  … and {n} more").format(n=more))
    return 1 if done.refused or done.conflicts else 0
