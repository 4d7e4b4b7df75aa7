"""``trainkit class`` and ``trainkit debrief``: hold a workshop on phones, and write what the room did."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trainkit.cli import options
from trainkit.garbage import gc_paused
from trainkit.i18n import catalog

if TYPE_CHECKING:
    from trainkit.room.records import Workshop


@options.command(
    "class", "trainkit class racket_refund power_upgrade",
    "trainkit class racket_refund --set item=watch --feedback end --no-back --lang en",
    'trainkit class racket_refund --teams "Oak, Ash, Rowan"',
    "trainkit class --workshop 471926 --database postgresql+psycopg://trainer@db/trainkit --port 8001",
)  # fmt: skip
@options.cases_argument("case ids or folders, in order (default racket_refund)")
@click.option(
    "--host", metavar="HOST", default="0.0.0.0",
    help="address to listen on (default 0.0.0.0: everyone in this network)",
)  # fmt: skip
@click.option("--port", type=int, default=8000, metavar="N", help="port to listen on (default 8000)")
@options.database_option()
@click.option(
    "--feedback", metavar="WHEN", default="now", shell_complete=options.one_of(lambda: ("now", "end", "none")),
    help="when trainees learn what their words did: now, end, none",
)  # fmt: skip
@click.option("--back/--no-back", default=True, help="whether one may go back a step (default: yes)")
@click.option("--own-words", is_flag=True, help="ask “what would you say?” before the replies appear")
@click.option("--ask-why", is_flag=True, help="ask “why did you choose this?” before any feedback")
@options.set_option()
@options.lang_option(
    "language the room begins in, and of what is printed; everyone may change it (default ru)", default=None
)
@click.option("--consent", metavar="FILE", help="text that everyone agrees to, instead of the kit's")
@click.option("--places", type=int, default=200, metavar="N", help="how many may join (default 200)")
@click.option(
    "--lobby/--no-lobby",
    default=True,
    help="everybody begins when you press “Next” on the remote (default), or as they come",
)
@click.option(
    "--pace",
    type=click.Choice(["free", "case"]),
    default="free",
    help="after the start: from case to case as they like (default), or you open each",
)
@click.option(
    "--story",
    type=click.Choice(["one", "half", "own"]),
    default="one",
    help="what is true of the client: the same for all (default), in each half another condition, or each their own",
)
@click.option(
    "--open/--anonymous",
    "open_room",
    default=True,
    help="you see who said what, the screen figures from three answers on (default); or nobody sees it, figures from five on",
)
@click.option(
    "--teams", metavar="NAMES", default="", help="teams to play in: how many, or their names with commas between them"
)
@click.option("--new", is_flag=True, help="make a new room, even where the same one could go on")
@click.option("--workshop", "code", metavar="CODE", help="go on with the room that has this join code")
@click.option(
    "--json", "as_json", is_flag=True, help="print address, code, wall and remote as one line of JSON, for programs"
)
def class_command(
    cases: tuple[str, ...], host: str, port: int, database: str | None, feedback: str, back: bool, own_words: bool,
    ask_why: bool, fixed: dict[str, str], lang: str | None, consent: str | None, places: int, lobby: bool, pace: str,
    story: str, open_room: bool, teams: str, new: bool, code: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Hold a workshop: phones join by QR code, the wall fills, the debrief writes itself."""
    with gc_paused():
        from trainkit.log.records import Settings
        from trainkit.log.store import Log
        from trainkit.room.controls import trainer_link
        from trainkit.room.teams import team_names
        from trainkit.web import server

        loaded = options.load_cases(cases or ["racket_refund"], lang or "ru")
        text = options.read_text(Path(consent)) if consent else None
        named = team_names(teams, lang or "ru") if teams.strip() else ()
        log = Log(database)
        sock = server.listening(host, port, lang or "ru")
        workshop, goes_on = server.room(
            log, loaded, code=code, new=new, lang=lang or "ru", settings=Settings(feedback, back, own_words, ask_why),
            fixed=fixed, consent=text, places=places, lobby=lobby or pace == "case", pace=pace,
            story=story, open_room=open_room, teams=named,
        )  # fmt: skip
        address = server.address(host, sock.getsockname()[1])
        remote = f"{address}/t/{trainer_link(log, workshop)}"
        if as_json:
            print(
                json.dumps({"address": address, "code": workshop.code, "wall": f"{address}/wall", "remote": remote}),
                flush=True,
            )
            nobody = None
        else:
            announce(workshop, address, remote, goes_on, lang or workshop.lang)
            if not goes_on and not new and (old := server.left_open(log, workshop)):
                gettext = catalog(lang or workshop.lang).gettext
                told = gettext(
                    "An earlier class with these cases was never closed; it goes on with: trainkit class --workshop {code}"
                )
                print(told.format(code=old.code), flush=True)
            nobody = partial(say_why_nobody_comes, workshop, address, lang or workshop.lang)
    try:
        server.serve(log, workshop, sock, nobody, address)
    finally:
        log.close()


def announce(workshop: Workshop, address: str, remote: str, goes_on: bool, lang: str) -> None:
    """Print what the trainer needs: address, picture and code, the wall, and the secret link to the remote."""
    from trainkit.room.secrets import format_code
    from trainkit.view.qr_code import qr_text

    gettext = catalog(lang).gettext
    titles = ", ".join(part.case.text("title", workshop.lang) for part in workshop.parts)
    again, secret = gettext("the class carries on where it was; --new makes another"), gettext("secret: for you alone")
    projector = gettext("for the projector")
    print(titles + (f" ({again})" if goes_on else ""))
    print(qr_text(f"{address}/?code={workshop.code}"))
    rows = {
        gettext("Address"): address,
        gettext("Code"): format_code(workshop.code),
        gettext("Screen"): f"{address}/wall   ({projector})",
        gettext("Remote"): f"{remote}   ({secret})",
        gettext("Debrief"): f"trainkit debrief --workshop {workshop.code} -o debrief.html",
    }
    width = max(map(len, rows)) + 1
    for label, value in rows.items():
        print(f"{label + ':':<{width}} {value}")
    print(gettext("Ctrl+C stops it; the same command carries on where it left off."), flush=True)


def say_why_nobody_comes(workshop: Workshop, address: str, lang: str) -> None:
    """Print why phones usually don't get in, and what helps."""
    from trainkit.view.no_one_yet import no_one_yet

    said = no_one_yet(address, workshop.parts[0].case.id, lang)
    print("\n" + said.heading, *(f"  • {cause}" for cause in said.causes), sep="\n")
    print(catalog(lang).gettext("Ways round:"), *(f"  • {way}" for way in said.ways), sep="\n", flush=True)


@options.command(
    "debrief", "trainkit debrief --workshop 471926 -o debrief.html",
    "trainkit debrief --workshop 471926 --lang en --names -o debrief.html",
)  # fmt: skip
@click.option("--workshop", "code", required=True, metavar="CODE", help="join code of the workshop")
@options.output_option("file to write; open it and print", required=True)
@options.lang_option("language (default: the room's)", default=None)
@click.option("--names", is_flag=True, help="add who was there, for the trainer alone")
@options.database_option()
def debrief_command(code: str, output: str, lang: str | None, names: bool, database: str | None) -> None:
    """Write the debrief of a workshop: a guide to print, with what the room did."""
    from trainkit.files import casebook
    from trainkit.log.store import Log
    from trainkit.paper.debrief_pack import debrief_pack
    from trainkit.room.run_cache import RunCache, rooms_of, teams_of
    from trainkit.room.workshops import by_code

    log = Log(database)
    workshop = by_code(log, code)
    lang = lang or workshop.lang
    for part in workshop.parts:
        casebook.language(lang, part.case)
    runs = RunCache(log, workshop)
    rooms = rooms_of(runs)
    options.write_text(Path(output), debrief_pack(workshop, rooms, lang, names, teams_of(runs, rooms)))


@options.command(
    "backup", "trainkit backup friday.sqlite3", "trainkit backup /media/stick/friday.sqlite3 --database room.sqlite3"
)
@options.argument("file", "file to write; it must not be there yet", type=click.Path(path_type=Path))
@options.database_option()
def backup_command(file: Path, database: str | None) -> None:
    """Copy the log to a file of its own, whole, also while a workshop is running."""
    from trainkit.log.store import Log

    with click.progressbar(length=0, label="pages", file=sys.stderr, hidden=not sys.stderr.isatty()) as shown_progress:

        def progress(done: int, pages: int) -> None:
            shown_progress.length = pages
            shown_progress.update(done - shown_progress.pos)

        Log(database).copy_to(file, progress)
    print(f"{file}: the whole log, {file.stat().st_size:,} bytes")
