"""``trainkit class`` and ``trainkit debrief``: hold a workshop on phones, and write what the room did."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trainkit.cli import options
from trainkit.errors import TrainkitError
from trainkit.garbage import gc_paused
from trainkit.i18n import catalog

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trainkit.log.lost import Lost
    from trainkit.log.store import Log
    from trainkit.room.agenda import Agenda
    from trainkit.room.records import Workshop, WorkshopCase


@options.command(
    "class", "trainkit class racket_refund power_upgrade",
    "trainkit class racket_refund --set item=watch --feedback end --no-back --lang en",
    "trainkit class --agenda friday.yml",
    'trainkit class racket_refund --teams "Oak, Ash, Rowan"',
    "trainkit class --workshop 471926 --database postgresql+psycopg://trainer@db/trainkit --port 8001", private=True,
)  # fmt: skip
@options.cases_argument("case ids or folders, in order (default racket_refund)")
@click.option(
    "--agenda", type=click.Path(path_type=Path), metavar="FILE",
    help="cases and breaks in order, and how each is held, from a file (see trainkit class --agenda-example)",
)  # fmt: skip
@click.option("--agenda-example", is_flag=True, help="print an agenda to begin with, and nothing else")
@click.option(
    "--host", metavar="HOST", default="0.0.0.0",
    help="address to listen on (default 0.0.0.0: everyone in this network)",
)  # fmt: skip
@click.option("--port", type=int, default=8000, metavar="N", help="port to listen on (default 8000)")
@click.option(
    "--address", metavar="URL", default="", envvar="TRAINKIT_ADDRESS",
    help="address at which people find the class, https://host/path behind a proxy (default: this machine's own)",
)  # fmt: skip
@click.option(
    "--proxy", "proxies", multiple=True, metavar="ADDRESS",
    help="machine or network whose X-Forwarded-For is believed besides this one's, with --address; may be repeated",
)  # fmt: skip
@options.database_option()
@options.held_options()
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
    type=click.Choice(["free", "case", "scene"]),
    default="free",
    help="after the start: from case to case as they like (default), or you open each case, or each scene",
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
@click.option("--new-links", is_flag=True, help="trainers' links that were given before lead nowhere from now on")
@click.option(
    "--json", "as_json", is_flag=True, help="print address, code, wall and remote as one line of JSON, for programs"
)
@click.option("--with-stdin", is_flag=True, help="end when standard input does, for programs that hold it open")
def class_command(
    cases: tuple[str, ...], host: str, port: int, address: str, proxies: tuple[str, ...], database: str | None,
    feedback: str, back: bool, own_words: bool, ask_why: bool, fixed: dict[str, str], lang: str | None,
    consent: str | None, places: int, lobby: bool, pace: str, story: str, open_room: bool, teams: str, new: bool,
    code: str | None, new_links: bool, as_json: bool, with_stdin: bool, agenda: Path | None, agenda_example: bool,
) -> None:  # fmt: skip
    """Hold a workshop: phones join by QR code, the wall fills, the debrief writes itself."""
    if agenda_example:
        return print(EXAMPLES.get(lang or "ru", EXAMPLES["en"]), end="")
    with gc_paused():
        from trainkit.log.records import Settings
        from trainkit.log.store import Log
        from trainkit.room.controls import entrance_secret, trainer_link
        from trainkit.room.secrets import entrance
        from trainkit.room.teams import team_names
        from trainkit.web import network, server
        from trainkit.web.public_address import public_address

        try:
            public = public_address(address, proxies)
            items, parts = _planned(cases, agenda, fixed, lang or "ru")
            text = options.read_text(Path(consent), lang or "ru") if consent else None
            named = team_names(teams, lang or "ru") if teams.strip() else ()
            log = Log(database)
            sock = server.listening(host, port, lang or "ru")
            workshop, goes_on = server.room(
                log, parts, code=code, new=new, lang=lang or "ru", settings=Settings(feedback, back, own_words, ask_why),
                consent=text, places=places, lobby=lobby or pace != "free" or any(item.is_break for item in items), pace=pace,
                story=story, open_room=open_room, agenda=items, teams=named,
            )  # fmt: skip
        except TrainkitError as error:
            raise TrainkitError(error.said(catalog(lang or "ru").gettext)) from error
        found = partial(network.urls, host, sock.getsockname()[1])
        address, *others = (public.url,) if public.url else found()
        remote = f"{address}/t/{trainer_link(log, workshop, alone=new_links)}"
        joined_by = entrance(address, workshop.code, entrance_secret(log, workshop))
        if as_json:
            joining = {"address": address, "code": workshop.code, "wall": f"{address}/wall", "remote": remote}
            joining["entrance"] = joined_by
            print(json.dumps(joining | {"others": others}), flush=True)
            nobody = partial(say_why_nobody_comes, workshop, address, lang or workshop.lang, as_json=True)
        else:
            announce(workshop, address, joined_by, remote, goes_on, lang or workshop.lang)
            say_which_address(address, others, lang or workshop.lang)
            say_who_reads_along(log, lang or workshop.lang)
            if not goes_on and not new:
                say_what_was_before(log, workshop, lang or workshop.lang)
            nobody = partial(say_why_nobody_comes, workshop, address, lang or workshop.lang)
        lost = partial(say_that_the_log_is_lost, workshop, lang or workshop.lang, as_json, public.options)
    try:
        until = sys.stdin.fileno() if with_stdin else None
        server.serve(log, workshop, sock, server.Heard(nobody, lost), public, found, until)
    finally:
        log.close()
    if log.lost is not None:
        lost(log.lost)
    elif not as_json:
        gettext = catalog(lang or workshop.lang).gettext
        print(gettext("The class has stopped. Everything is saved; the same command goes on with it."), flush=True)


EXAMPLES = {
    "en": """\
# An agenda: trainkit class --agenda friday.yml
# Everything but `case` and `break` with its minutes may be left out.
- case: racket_refund
  pace: scene       # free: as they like; case: you open it; scene: you open each of its scenes
  story: one        # one: the same for all; half: two stories; own: everybody their own
  clock: 3          # minutes for each scene; it ends nothing by itself
  minutes: 40       # with the talk about it
- break: Coffee
  minutes: 15
- case: power_upgrade
  pace: case
  set: {load: "30"}  # facts that are fixed
""",
    "ru": """\
# План занятия: trainkit class --agenda friday.yml
# Обязательны только `case`, а у перерыва `break` и minutes.
- case: racket_refund
  pace: scene       # free: каждый сам; case: случай открываете вы; scene: вы открываете каждую сцену
  story: one        # one: одна история на всех; half: две, пополам; own: у каждого своя
  clock: 3          # минут на сцену; само ничего не закончится
  minutes: 40       # вместе с разговором
- break: Кофе
  minutes: 15
- case: power_upgrade
  pace: case
  set: {load: "30"}  # что закреплено
""",
}


def _planned(
    cases: Sequence[str], agenda: Path | None, fixed: Mapping[str, str], lang: str
) -> tuple[Agenda, Sequence[WorkshopCase]]:
    """What is played: the cases that were named, or those of a file, with what is between them."""
    from trainkit.files import casebook
    from trainkit.room.agenda_file import read_agenda
    from trainkit.room.workshops import parts_of

    if agenda is None:
        return (), parts_of(options.load_cases(cases or ["racket_refund"], lang), fixed)
    if cases or fixed:
        raise TrainkitError("an agenda names its cases and facts itself: leave out CASE and --set")
    items, parts = read_agenda(agenda)
    for part in parts:
        casebook.language(lang, part.case)
    return items, parts


def announce(workshop: Workshop, address: str, joined_by: str, remote: str, goes_on: bool, lang: str) -> None:
    """Print what the trainer needs: address, picture and code, the wall, and the secret link to the remote."""
    from trainkit.room.secrets import format_code
    from trainkit.view.qr_code import qr_text

    gettext = catalog(lang).gettext
    titles = ", ".join(part.case.text("title", workshop.lang) for part in workshop.parts)
    again = gettext("the class carries on where it was, and links given before work; --new makes another")
    secret = gettext("secret: for you alone")
    projector = gettext("for the projector")
    print(titles + (f" ({again})" if goes_on else ""))
    print(qr_text(joined_by))
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


def say_which_address(address: str, others: Sequence[str], lang: str) -> None:
    """Print what else the class may be found by, or that no phone can reach it, and what to do."""
    from trainkit.view.way_in import about_the_way_in

    for line in about_the_way_in(address, others, lang):
        print(line, flush=True)


def say_who_reads_along(log: Log, lang: str) -> None:
    """Print that others on this machine can read the log, and what to do: older versions made it so."""
    from trainkit.files.private import is_open_to_others

    if log.file is not None and is_open_to_others(log.file):
        said = catalog(lang).gettext(
            "Others on this machine can read the log with all answers. For you alone: {command}"
        )
        print(said.format(command=f"chmod 600 {log.file}"), flush=True)


def say_what_was_before(log: Log, workshop: Workshop, lang: str) -> None:
    """Print that an earlier class with the same cases was never closed, or was closed today, and how it goes on."""
    from trainkit.web import server

    gettext = catalog(lang).gettext
    if old := server.earlier(log, workshop, closed=True):
        told = gettext("Today’s class {code} was closed, so this is a new one. To open that again: {command}")
    elif old := server.earlier(log, workshop, closed=False):
        told = gettext("An earlier class with these cases ({code}) was never closed; it goes on with: {command}")
    else:
        return
    print(told.format(code=old.code, command=f"trainkit class --workshop {old.code}"), flush=True)


def say_why_nobody_comes(workshop: Workshop, address: str, lang: str, as_json: bool = False) -> None:
    """Print why phones usually don't get in, and what helps; for programs as another line of JSON."""
    from trainkit.view.no_one_yet import no_one_yet

    said = no_one_yet(address, workshop.parts[0].case.id, lang)
    if as_json:
        return print(json.dumps({"nobody_has_come": said._asdict()}, ensure_ascii=False), flush=True)
    print("\n" + said.heading, *(f"  • {cause}" for cause in said.causes), sep="\n")
    print(catalog(lang).gettext("Ways round:"), *(f"  • {way}" for way in said.ways), sep="\n", flush=True)


def say_that_the_log_is_lost(workshop: Workshop, lang: str, as_json: bool, where: str, lost: Lost) -> None:
    """Print what happened to the log and what to do now; for programs as another line of JSON."""
    from trainkit.view.log_lost import lost_words

    said = lost_words(lost, workshop.code, lang, where)
    if as_json:
        return print(json.dumps({"log_lost": said._asdict() | {"rescue": lost.rescue}}, ensure_ascii=False), flush=True)
    print(f"\n! {said.heading}.", *said.told, said.to_do, sep="\n  ")
    print(*([f"\n    {said.command}\n"] if said.command else []), flush=True)


@options.command(
    "debrief", "trainkit debrief --workshop 471926 -o debrief.html",
    "trainkit debrief --workshop 471926 --lang en --names -o debrief.html",
    "trainkit debrief --workshop 471926 -o answers.csv", private=True,
)  # fmt: skip
@click.option("--workshop", "code", required=True, metavar="CODE", help="join code of the workshop")
@options.output_option("file to write: .html to open and print, .csv with every answer", required=True)
@options.lang_option("language (default: the room's)", default=None)
@click.option("--names", is_flag=True, help="add who was there, for the trainer alone")
@options.database_option()
def debrief_command(code: str, output: str, lang: str | None, names: bool, database: str | None) -> None:
    """Write the debrief of a workshop: a guide to print, with what the room did."""
    from trainkit.files import casebook
    from trainkit.log.store import Log
    from trainkit.paper.debrief_pack import debrief_pack
    from trainkit.room.answers import answers_of
    from trainkit.room.controls import load_stage
    from trainkit.room.questions import all_questions
    from trainkit.room.run_cache import RunCache, rooms_of, teams_of
    from trainkit.room.workshops import by_code
    from trainkit.view.answers_table import answers_csv

    log = Log(database)
    workshop = by_code(log, code)
    lang = lang or workshop.lang
    for part in workshop.parts:
        casebook.language(lang, part.case)
    if Path(output).suffix.lower() == ".csv":
        stage = load_stage(log, workshop)[0]
        options.write_text(Path(output), answers_csv(answers_of(log, workshop, stage), workshop, stage, lang))
        return
    runs = RunCache(log, workshop)
    rooms, asked = rooms_of(runs), all_questions(log, workshop)
    options.write_text(Path(output), debrief_pack(workshop, rooms, lang, names, asked, teams_of(runs, rooms)))


@options.command(
    "backup",
    "trainkit backup friday.sqlite3",
    "trainkit backup /media/stick/friday.sqlite3 --database room.sqlite3",
    private=True,
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
