"""The ``trainkit`` command: find the command that was typed, run it, and say in one sentence what went wrong."""

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from errno import EINVAL
from importlib import import_module
from types import FrameType
from typing import NoReturn

import click

from trainkit import __version__
from trainkit.cli.options import Command
from trainkit.errors import TrainkitError, UnknownName

OK, BAD_INPUT, INTERRUPTED = 0, 2, 130
COMPLETE = "_TRAINKIT_COMPLETE"

# section → command → (module that has it, what it does): `--help` and a typed name load no more than they need
SECTIONS = {
    "Play and learn": {
        "lab": ("lab", "open the exercises in JupyterLab"),
        "play": ("play", "play a case in the terminal"),
    },
    "Hold a workshop": {
        "class": ("workshop", "hold a workshop: phones join by QR code, the wall fills, the debrief writes itself"),
        "backup": ("workshop", "copy the log to a file of its own, whole, also while a workshop is running"),
        "erase": ("erase", "erase one person from the log for good, and show that nothing is left"),
        "debrief": ("workshop", "write the debrief of a workshop: a guide to print, with what the room did"),
        "print": ("author", "make a handout of a case for paper: play it without a computer"),
    },
    "Play anywhere": {
        "site": ("site", "make a site, a single file or a course: played in a browser alone, without a server"),
        "inbox": ("inbox", "make an address that answers from such sites can be sent to"),
    },
    "Write cases": {
        "new": ("author", "begin a case of your own"),
        "check": ("check", "check cases"),
        "audit": ("audit", "judge cases as an instrument: what gives the key away, whom the scores tell apart"),
        "reading": ("reading", "make sheets for blind readers of a case, and score what they chose"),
        "draw": ("author", "draw a case: scenes, where replies lead, what they cost, the best way"),
        "translate": ("author", "begin a translation of a case, list what is missing or stale, or accept it"),
        "twee": ("author", "write a case as a Twine story (Twee 3)"),
        "from-twee": ("author", "read a Twine story: one of ours back into a case, any other as a skeleton with gaps"),
        "from-chat": ("author", "begin a case from a conversation that took place"),
        "schema": ("author", "print the JSON Schema of case.yml, for editors"),
    },
    "Research": {
        "export": ("export", "write responses as tables: CSV and Parquet, with a codebook"),
        "words": ("words", "write what people wrote as tables: texts without names, what was taken out, codes"),
        "import": ("incoming", "take in runs from an export or another log, each replayed first"),
        "report": ("report", "write what answers show as a page to read and print: findings, pictures, how sure"),
        "key": ("key", "write the keys of cases as a table, to change and to score by"),
        "score": ("score", "score attempts, however many: position, fit, off-axis share, 90 % intervals"),
        "simulate": ("simulate", "let simulated trainees play cases"),
    },
}
COMMANDS = {name: entry for section in SECTIONS.values() for name, entry in section.items()}


class _Commands(Command, click.Group):
    """Commands that are imported when they are typed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _ = COMMANDS[cmd_name]
        return getattr(import_module(f"trainkit.cli.{module}"), f"{cmd_name.replace('-', '_')}_command")

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise UnknownName("command", args[0], COMMANDS)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, section in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, summary) for name, (_, summary) in section.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_epilog(ctx, formatter)
        with formatter.section("Completion with Tab (bash_source, zsh_source, fish_source)"):
            formatter.write(f'  eval "$({COMPLETE}=bash_source trainkit)"\n')


@click.group(
    "trainkit",
    cls=_Commands,
    no_args_is_help=False,
    examples=("trainkit lab", "trainkit play racket_refund --lang en", "trainkit check"),
    context_settings={"max_content_width": 110},
)
@click.version_option(__version__, message="trainkit %(version)s")
def trainkit() -> None:
    """Role-play exercises on customer orientation and customer centricity."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; 0 fine, 1 errors found in a case, 2 bad input, 130 interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    with suppress(ValueError):  # only the main thread may say what a signal does
        signal.signal(signal.SIGTERM, _end)
    try:
        if instruction := os.environ.get(COMPLETE):
            from click.shell_completion import shell_complete

            return shell_complete(trainkit, {}, "trainkit", COMPLETE, instruction)
        with trainkit.make_context("trainkit", [*(sys.argv[1:] if argv is None else argv)]) as context:
            status = trainkit.invoke(context) or OK
        print(end="", flush=True)  # not later, where a reader who has gone would be a traceback
        return status
    except click.exceptions.Exit as done:  # --help, --version
        return done.exit_code
    except (TrainkitError, click.ClickException) as error:
        print(f"trainkit: {_sentence(error)}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return INTERRUPTED
    except OSError as error:
        unread = isinstance(error, BrokenPipeError) or (
            os.name == "nt" and (error.errno, error.filename) == (EINVAL, None)
        )
        if not unread:  # nobody reads any more (`| head`): Windows calls that an invalid argument
            print(f"trainkit: {error.strerror or error}", file=sys.stderr)
            return BAD_INPUT
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    """End as by Ctrl+C: what is open is closed, and the log is whole."""
    raise SystemExit(128 + number)


def _sentence(error: TrainkitError | click.ClickException) -> str:
    """What was wrong, on one line where the command line was; with the nearest right name."""
    if isinstance(error, TrainkitError):
        if error.lang in (None, "en"):
            return str(error)
        from trainkit.i18n import catalog

        return error.said(catalog(error.lang).gettext)
    context = getattr(error, "ctx", None)
    if isinstance(error, click.NoSuchOption) and context:
        names = [name for param in context.command.get_params(context) for name in (*param.opts, *param.secondary_opts)]
        return str(UnknownName("option", error.option_name, [name for name in names if name.startswith("-")]))
    text = " ".join(error.format_message().split()).removesuffix(".")
    return f"{text[:1].lower()}{text[1:]}. See `{context.command_path if context else 'trainkit'} --help`."
