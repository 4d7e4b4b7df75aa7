"""``trainkit erase``: one person, out of the log for good."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING

import click

from trainkit.cli import options
from trainkit.errors import N_, TrainkitError
from trainkit.i18n import catalog

if TYPE_CHECKING:
    from collections.abc import Callable

    from trainkit.log.store import Log
    from trainkit.room.erasure import Traces
    from trainkit.room.records import Workshop

DISK = N_("what the disk, its snapshots or a backup program still hold (PostgreSQL: its own write-ahead log, replicas)")


@options.command(
    "erase", "trainkit erase Wren", "trainkit erase Wren --workshop 471926", "trainkit erase Wren --check",
    told=True,
)  # fmt: skip
@options.argument("participant", "the pseudonym, as the room saw it")
@click.option("--workshop", "code", metavar="CODE", help="only in the room that has this join code")
@click.option("--yes", is_flag=True, help="don't ask")
@click.option("--check", is_flag=True, help="erase nothing: say what of them is in the log, down to its bytes")
@options.said_in_option()
@options.database_option()
def erase_command(
    participant: str, code: str | None, yes: bool, check: bool, lang: str, database: str | None
) -> int | None:
    """Erase one person from the log for good, and show that nothing is left."""
    from trainkit.log.store import Log
    from trainkit.room import erasure
    from trainkit.room.workshops import by_code

    with closing(Log(database)) as log:
        if not log.exists:
            raise TrainkitError(N_("there is no log at {place}"), place=f'"{log.file}"')
        workshop = by_code(log, code) if code else None
        if check:
            return _say_traces(erasure.traces(log, participant, workshop), catalog(lang).gettext)
        return _erase(log, participant, workshop, yes, lang)


def _erase(log: Log, participant: str, workshop: Workshop | None, yes: bool, lang: str) -> int:
    """Show what would go, ask, erase, prove."""
    from trainkit.room import erasure

    gettext = catalog(lang).gettext
    before = erasure.traces(log, participant, workshop)
    if before.gone and not before.day:
        raise erasure.unknown(log, participant, workshop)
    _say_found(before, lang)
    _say_out_of_reach(log, gettext)
    if not yes:
        if not sys.stdin.isatty():
            raise TrainkitError(N_("nothing was erased: nobody can be asked here, so say --yes"))
        if not click.confirm(gettext("Erase this for good?")):
            print(gettext("Nothing was erased."))
            return 1
    erasure.erase(log, participant, before.found, everywhere=workshop is None)
    return _say_traces(erasure.traces(log, participant, workshop), gettext)


def _say_found(before: Traces, lang: str) -> None:
    """Print who was found where, and what would go."""
    gettext = catalog(lang).gettext
    for one in before.found:
        print(f"{_where(one.workshop, one.other_log, lang)}: {', '.join(one.names)}")
        rows = (
            (gettext("runs"), len(one.attempts)),
            (gettext("answers"), one.answers),
            (gettext("texts of their own"), one.texts),
            (gettext("codes given to these texts"), one.codes),
        )
        for label, count in rows:
            _say_count(count, label)
    coded = before.rows["codes"] - sum(one.codes for one in before.found)
    if coded:
        _say_count(coded, gettext("codes they gave to others’ texts: kept, of a coder without a name"))
    if not before.found and not coded:
        print(
            gettext("Erased on {day}; what may be left in unused parts of the log is swept up.").format(day=before.day)
        )


def _where(workshop: Workshop | None, other_log: str | None, lang: str) -> str:
    from trainkit.log.records import local_time
    from trainkit.room.secrets import format_code

    gettext = catalog(lang).gettext
    if workshop is not None:
        day = f"{local_time(workshop.started_at):%Y-%m-%d}"
        return gettext("Room {code} of {day}").format(code=format_code(workshop.code), day=day)
    return gettext("Imported from another log") if other_log else gettext("Alone, outside of rooms")


def _say_out_of_reach(log: Log, gettext: Callable[[str], str]) -> None:
    """Print what erasing doesn't reach, and which logs lie beside this one."""
    print(gettext("Not reached, so see to them yourself:"))
    for what in (
        gettext("exports, debrief packs, reports, copies of the log and notebooks that were saved already"),
        gettext("other logs; if runs came from one by import, erase there, too"),
        gettext("what others wrote about this person, and questions asked without a name"),
        gettext(DISK),
    ):
        print(f"  • {what}")
    if log.file is not None:
        for other in sorted(log.file.parent.glob("*.sqlite3")):
            if other.resolve() != log.file.resolve():
                print(f"  trainkit erase … --database {other}")


def _say_traces(left: Traces, gettext: Callable[[str], str]) -> int:
    """Print what is left of somebody; 0 where that is nothing."""
    if left.day:
        print(
            gettext("Erased on {day}; a mark without a name keeps their old runs out of imports.").format(day=left.day)
        )
    for table, count in left.rows.items():
        _say_count(count, table)
    if left.bytes_left is not None:
        _say_count(left.bytes_left, gettext("places in the file where the name lies outside of any row"))
    of_others = gettext("texts of others with this name in them")
    for place, count in left.of_others.items():
        _say_count(count, f"{of_others} ({place})")
    print(gettext("Nothing of theirs is in this log.") if left.gone else gettext("This is in the log."))
    return 0 if left.gone else 1


def _say_count(count: int, what: str) -> None:
    print(f"{count:>8,}  {what}")
