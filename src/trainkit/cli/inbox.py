"""``trainkit inbox``: an address that answers from sites can be sent to."""

from __future__ import annotations

from contextlib import closing

import click

from trainkit.cli import options
from trainkit.errors import N_, EmptyLog, TrainkitError
from trainkit.i18n import catalog


@options.command(
    "inbox",
    "trainkit inbox",
    "trainkit inbox --workshop 471926 --address https://class.example.org",
    told=True,
)
@click.option("--workshop", "code", metavar="CODE", help="the room whose server takes them (default: the newest one)")
@click.option("--address", metavar="URL", help="where phones find that server (default: this machine, port 8000)")
@options.said_in_option()
@options.database_option()
def inbox_command(code: str | None, address: str | None, lang: str, database: str | None) -> None:
    """Make an address that answers from such sites can be sent to."""
    from trainkit.log.store import Log
    from trainkit.room.inbox import open_inbox
    from trainkit.room.workshops import all_workshops, by_code
    from trainkit.web import network

    with closing(Log(database)) as log:
        try:
            rooms = [by_code(log, code)] if code else all_workshops(log)[-1:]
        except EmptyLog:
            rooms = []
        if not rooms:
            raise TrainkitError(N_("there is no room yet: begin a class first (trainkit class), then make its inbox"))
        where = (address or network.urls("0.0.0.0", 8000)[0]).rstrip("/")
        print(f"{where}/runs/{open_inbox(log, rooms[0])}")
    gettext = catalog(lang).gettext
    said = gettext(
        "Whoever has this address can add runs while the class is running (room {code}), and nothing else. Make the site "
        "with it: trainkit site -o site --send ADDRESS"
    )
    click.echo(said.format(code=rooms[0].code), err=True)
