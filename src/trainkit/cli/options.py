"""What several commands share: arguments and options, completion with Tab, help with examples, files read and written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import reduce
from typing import TYPE_CHECKING, Any

import click

from trainkit.errors import CaseError, TrainkitError
from trainkit.typed import typed

if TYPE_CHECKING:
    from pathlib import Path

    from trainkit.case.model import Case

MAX_TEXT = 4_000_000  # bytes of a text file that is named on the command line
Completion = Callable[[click.Context, click.Parameter, str], list[Any]]


class Command(click.Command):
    """A command whose help ends with examples, and explains its arguments as it does its options."""

    def __init__(
        self, *args: Any, examples: Sequence[str] = (), told: bool = False, private: bool = False, **kwargs: Any
    ):
        super().__init__(*args, **kwargs)
        self.examples, self.told, self.private = tuple(examples), told, private

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what is wrong with a case is told in its ``--lang``, in an author's command all that is wrong."""
        _speak_as_the_case(ctx)
        try:
            with _private_files() if self.private else nullcontext():
                return super().invoke(ctx)
        except TrainkitError as error:
            if error.lang is None and (self.told or isinstance(error, CaseError)):
                error.lang = ctx.params.get("lang")
            raise

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the arguments before the options."""
        if rows := [(str(param.metavar), param.about) for param in self.params if isinstance(param, _Argument)]:
            with formatter.section("Arguments"):
                formatter.write_dl(rows)
        super().format_options(ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, each on a line of its own however long."""
        with formatter.section("Examples"):
            for line in self.examples:
                formatter.write(f"{'':{formatter.current_indent}}{line}\n")
        super().format_epilog(ctx, formatter)


def _speak_as_the_case(ctx: click.Context) -> None:
    """Where nobody has said which language, that of the cases that are named."""
    from click.core import ParameterSource

    if "lang" not in ctx.params or ctx.get_parameter_source("lang") is not ParameterSource.DEFAULT:
        return
    case = ctx.params.get("case")
    if names := [case] if isinstance(case, str) and ctx.command.name != "new" else list(ctx.params.get("cases") or ()):
        from trainkit.files import casebook

        ctx.params["lang"] = casebook.usual_language(names) or ctx.params["lang"]


def _private_files() -> AbstractContextManager[None]:
    from trainkit.files.private import private_files

    return private_files()


class _Argument(click.Argument):
    """An argument with a line of help; click itself has these only since 8.5."""

    def __init__(self, *args: Any, about: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.about = about


def command(
    name: str, *examples: str, told: bool = False, private: bool = False
) -> Callable[[Callable[..., Any]], click.Command]:
    """A command of this name; the function's docstring is its help.

    ``told``: every error is told in its ``--lang``. ``private``: what it writes is of people, for its owner alone to read.
    """
    return click.command(name, cls=Command, examples=examples, told=told, private=private)


def one_of(names: Callable[[], Sequence[str]]) -> Completion:
    """Complete one of these names; they are asked for when Tab is pressed."""
    return lambda _ctx, _param, begun: [name for name in names() if name.startswith(begun)]


def _cases(_ctx: click.Context, _param: click.Parameter, begun: str) -> list[Any]:
    """Complete the id of a case, or the path of a folder."""
    from click.shell_completion import CompletionItem

    ids = [name for name in case_names() if name.startswith(begun)]
    return ids or [CompletionItem(begun, type="dir")]


def case_names() -> Sequence[str]:
    """Ids of the casebook's cases; none where there is no casebook."""
    from trainkit.files import casebook

    try:
        return casebook.case_ids()
    except TrainkitError:
        return []


def _languages() -> Sequence[str]:
    from trainkit.i18n import languages

    return languages()


def argument(name: str, about: str, **how: Any) -> Callable:
    """An argument with a line of help."""
    return click.argument(name, cls=_Argument, metavar=name.upper(), about=about, **how)


def case_argument() -> Callable:
    """One case."""
    return argument("case", "case id, or the path of a case's folder", shell_complete=_cases)


def cases_argument(about: str, required: bool = False) -> Callable:
    """Any number of cases, as ``cases``."""
    how = {"nargs": -1, "required": required, "shell_complete": _cases}
    return click.argument("cases", cls=_Argument, metavar="CASE..." if required else "[CASE]...", about=about, **how)


def lang_option(
    about: str = "language of the texts: ru, en, … (default: the case's own)", default: str | None = "ru"
) -> Callable:
    """``--lang``."""
    return click.option("--lang", metavar="LANG", default=default, help=about, shell_complete=one_of(_languages))


def said_in_option() -> Callable:
    """``--lang`` of a command that prints no texts of a case."""
    return lang_option("language of what is printed: ru or en (default: the case's own, or ru)")


def set_option() -> Callable:
    """``--set FACT=VALUE``, as a dict ``fixed``."""
    about = "fix a fact; may be repeated"
    return click.option("--set", "fixed", multiple=True, metavar="FACT=VALUE", help=about, callback=_fixed)


def _fixed(_ctx: click.Context, _param: click.Parameter, pairs: Sequence[str]) -> dict[str, str]:
    fixed: dict[str, str] = {}
    for pair in pairs:
        fact, sign, value = typed(pair).partition("=")
        if not sign:
            raise TrainkitError(f'--set wants FACT=VALUE (got "{pair}")')
        if fact in fixed:
            raise TrainkitError(f'--set names "{fact}" twice')
        fixed[fact] = value
    return fixed


def held_options() -> Callable:
    """``--feedback``, ``--back``, ``--own-words`` and ``--ask-why``: how a case is held, whoever holds it."""
    options = (
        click.option(
            "--feedback", metavar="WHEN", default="now", shell_complete=one_of(lambda: ("now", "end", "none")),
            help="when trainees learn what their words did: now, end, none",
        ),
        click.option("--back/--no-back", default=True, help="whether one may go back a step (default: yes)"),
        click.option("--own-words", is_flag=True, help="ask “what would you say?” before the replies appear"),
        click.option("--ask-why", is_flag=True, help="ask “why did you choose this?” before any feedback"),
    )  # fmt: skip
    return lambda command: reduce(lambda held, option: option(held), reversed(options), command)


def database_option(about: str = "log: a file (SQLite) or postgresql+psycopg://user@host/name") -> Callable:
    """``--database``."""
    return click.option("--database", metavar="URL", help=about)


def output_option(about: str, metavar: str = "FILE", required: bool = False) -> Callable:
    """``-o``."""
    return click.option("-o", "--output", type=click.Path(), metavar=metavar, required=required, help=about)


def load_cases(names: Sequence[str], lang: str, quiet: bool = False) -> list[Case]:
    """Cases that were named on the command line, if they have the language; what is wrong with a translation is said.

    ``quiet`` says nothing of it: it names texts by their ids.
    """
    from trainkit.files import casebook

    cases = [casebook.load_case(name) for name in names]
    from trainkit.i18n import catalog

    gettext = catalog(lang).gettext
    for one in dict.fromkeys(one for name in names for one in casebook.left_out(name) if not quiet):
        click.echo(one.said(gettext), err=True)
    for case in cases:
        casebook.language(lang, case)
    return cases


def read_text(file: Path, lang: str | None = None) -> str:
    """A text file that was named on the command line, as whatever editor wrote it; a guess is told."""
    from trainkit.files.reading import read_any_text, shown_path
    from trainkit.i18n import catalog

    read = read_any_text(file, MAX_TEXT)
    if read.guessed:
        said = catalog(lang).gettext("{file} is no UTF-8: read as {called}")
        click.echo(said.format(file=shown_path(file), called=read.guessed), err=True)
    return read.text


def write_text(file: Path, text: str, quiet: bool = False) -> None:
    """Write a file that was named on the command line, and say so unless ``quiet``."""
    from trainkit.files.private import make_private
    from trainkit.files.reading import writing

    context = click.get_current_context(silent=True)
    with writing(f'"{file}"'):
        if context is not None and getattr(context.command, "private", False):
            make_private(file)  # also one that was there
        file.write_text(text, "utf-8", newline="\n")
    if not quiet:
        print(file)
