"""``trainkit site``: cases for who has nothing but a browser."""

from __future__ import annotations

import base64
import shutil
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from trainkit.cli import options
from trainkit.errors import N_, TrainkitError, shown
from trainkit.i18n import catalog

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trainkit.case.model import Case
    from trainkit.site.visit import Store

LAB = "lab"  # folder of the notebooks in a site


@options.command(
    "site",
    "trainkit site -o site",
    "trainkit site racket_refund boundaries -o site --lang en --feedback end --own-words",
    "trainkit site racket_refund --single -o racket.html",
    "trainkit site --scorm 1.2 -o course.zip",
    "trainkit site -o site --send http://192.168.1.5:8000/runs/SECRET",
    "trainkit site -o site --send-xapi https://lrs.example.org/xapi --xapi-auth NAME:SECRET",
    "trainkit site -o site --lab",
    told=True,
)
@options.cases_argument("case ids or folders, in order (default: all)")
@options.output_option("folder to write; a .html file with --single, a .zip with --scorm", "PATH", required=True)
@options.lang_option("language it opens in, and of what is printed; everyone may change it (default ru)")
@options.held_options()
@click.option("--single", is_flag=True, help="one HTML file that opens by a double click")
@click.option("--scorm", type=click.Choice(["1.2", "2004"]), help="a zip for a course system (LMS)")
@click.option("--score", is_flag=True, help="tell the course system a score, too: the mean Play of the cases")
@click.option("--lab", is_flag=True, help="notebooks beside the pages, for authors: JupyterLab without a server")
@click.option("--send", metavar="URL", default="", help="where answers can be sent by a button: see `trainkit inbox`")
@click.option(
    "--send-xapi", metavar="URL", default="", help="or a learning record store (LRS) that they can be sent to"
)
@click.option(
    "--xapi-auth",
    metavar="NAME:SECRET",
    default="",
    help="its key, for everybody to read who opens the site: one that may only write statements",
)
@click.option(
    "--xapi-home", metavar="ADDRESS", default="", help="your own address, under which its statements are known"
)
@click.option(
    "--pyodide", type=click.Path(path_type=Path), metavar="PATH",
    help="folder or tarball of Pyodide, Python for browsers; else npm is asked for it, once",
)  # fmt: skip
def site_command(
    cases: tuple[str, ...], output: str, lang: str, feedback: str, back: bool, own_words: bool, ask_why: bool,
    single: bool, scorm: str | None, score: bool, lab: bool, send: str, send_xapi: str, xapi_auth: str, xapi_home: str,
    pyodide: Path | None,
) -> None:  # fmt: skip
    """Make a site, a single file or a course: played in a browser alone, without a server."""
    from trainkit.i18n import languages
    from trainkit.log.records import Settings
    from trainkit.site.folder import parts, room_for_site, site_files, write_site
    from trainkit.site.runtime import find_runtime
    from trainkit.site.visit import Plan

    target = Path(output).expanduser()
    _refuse_wrong(target, single, scorm, score, lab, send, send_xapi)
    if not (single or scorm):
        room_for_site(target)  # before half a minute of work
    store = _store(send_xapi, xapi_auth, xapi_home)
    loaded = options.load_cases(cases or tuple(options.case_names()), lang)
    names = [case.id for case in loaded]
    if doubled := next((name for name in names if names.count(name) > 1), None):
        raise TrainkitError(N_('"{name}" is named twice'), name=doubled)
    settings = Settings(feedback, back, own_words, ask_why)
    plan = Plan(tuple(names), lang, _spoken(loaded, lang, languages()), settings, send, store)
    gettext = catalog(lang).gettext
    runtime = find_runtime(pyodide, lambda text: click.echo(text, err=True))
    made = parts(plan, loaded, runtime)
    if single:
        from trainkit.site.single import single_page

        options.write_text(target, single_page(plan, loaded, made), quiet=True)
    elif scorm:
        from trainkit.files.reading import writing
        from trainkit.site.scorm import course_zip

        content = course_zip(plan, loaded, made, scorm, score)
        with writing(f'"{target}"'):
            target.write_bytes(content)
    else:
        write_site(site_files(plan, loaded, made), target)
        if lab:
            _add_lab(target / LAB, cases, runtime, lang, pyodide)
    if send:
        _make_known(loaded)
    print(target)
    if not made.compiled:
        said = gettext("Made without Node: it takes about {n} seconds longer to open. Install Node, and make it again.")
        click.echo(said.format(n=2), err=True)
    if store and store.authorization:
        said = gettext(
            "Whoever opens this can read the key of the record store: let it only write statements, and end it afterwards."
        )
        click.echo(said, err=True)
    if not (single or scorm):
        click.echo(
            gettext("Put this folder on any web server with https. Opened from a folder it does not run."), err=True
        )


def _add_lab(target: Path, cases: Sequence[str], runtime: Mapping[str, bytes], lang: str, pyodide: Path | None) -> None:
    """Put notebooks beside the pages: those of the kit, its data, and cases that are not of its casebook."""
    from trainkit.cli.working_folder import RECORD, lay_out
    from trainkit.files.casebook import case_folder, casebook_folder
    from trainkit.site.lab import write_lab

    with tempfile.TemporaryDirectory() as folder:
        contents = Path(folder)
        lay_out(contents)
        (contents / RECORD).unlink()
        for name in cases:
            place = case_folder(name)
            if place.parent != casebook_folder():
                shutil.copytree(place, contents / "my_cases" / place.name, ignore=shutil.ignore_patterns(".*"))
        laid = write_lab(
            target, contents, casebook_folder(), runtime, lang, pyodide, lambda text: click.echo(text, err=True)
        )
    gettext = catalog(lang).gettext
    if laid.research:
        said = gettext("The notebooks are in {folder}/. They have for research: {names}.")
    else:
        said = gettext(
            "The notebooks are in {folder}/. Those for research (20–25) need pandas, scipy, statsmodels, pyarrow and "
            "matplotlib, which only a whole Pyodide has: name its folder with --pyodide."
        )
    click.echo(said.format(folder=LAB, names=", ".join(laid.research)), err=True)


def _refuse_wrong(
    target: Path, single: bool, scorm: str | None, score: bool, lab: bool, send: str, send_xapi: str
) -> None:  # fmt: skip
    """Raise for what doesn't go together, before anything is fetched."""
    if single and scorm:
        raise TrainkitError(N_("--single and --scorm make different things: name one of them"))
    if score and not scorm:
        raise TrainkitError(N_("--score is told to a course system: it goes with --scorm"))
    if lab and (single or scorm):
        raise TrainkitError(N_("--lab makes notebooks beside a site’s pages: it goes with a folder alone"))
    wanted = ".html" if single else ".zip" if scorm else ""
    if wanted and target.suffix != wanted:
        raise TrainkitError(N_('-o wants a file that ends in {wanted} (got "{got}")'), wanted=wanted, got=target.name)
    if wanted and not target.parent.is_dir():
        raise TrainkitError(N_('"{folder}" isn’t there'), folder=str(target.parent))
    if send and not _sendable(send):
        said = N_("--send wants an address like http://192.168.1.5:8000/runs/… (got {got})")
        raise TrainkitError(said, got=shown(send))
    if send and send_xapi:
        raise TrainkitError(N_("--send and --send-xapi are two places to send to: name one of them"))


def _store(send_xapi: str, auth: str, home: str) -> Store | None:
    """The record store that was named; raises where that can be none."""
    from trainkit.exchange.statements import HOME, home_address
    from trainkit.site.visit import Store

    if not send_xapi and (auth or home):
        raise TrainkitError(N_("--xapi-auth and --xapi-home go with --send-xapi"))
    if not send_xapi:
        return None
    if not _sendable(send_xapi) or set(send_xapi) & set("?#"):
        said = N_("--send-xapi wants the address of a record store, like https://lrs.example.org/xapi (got {got})")
        raise TrainkitError(said, got=shown(send_xapi))
    if auth and (":" not in auth or not auth.isprintable()):
        raise TrainkitError(N_("--xapi-auth wants the name and the secret of a key, like NAME:SECRET"))
    key = "Basic " + base64.b64encode(auth.encode()).decode() if auth else ""
    return Store(send_xapi.rstrip("/").removesuffix("/statements") + "/statements", key, home_address(home or HOME))


def _sendable(address: str) -> bool:
    """Whether a page may name it in its policy and send there: no browser does with a name and a password in it."""
    parts = urlsplit(address)
    named = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    return named and address.isprintable() and not set(address) & set(" ;,'\"<>")


def _make_known(cases: Sequence[Case]) -> None:
    """Keep these versions in this machine's log, whose inbox then takes their runs, however the cases are changed later."""
    from trainkit.log.store import Log

    with closing(Log()) as log, suppress(TrainkitError):  # the inbox may be another machine's
        for case in cases if log.exists else ():
            log.keep_case(case)


def _spoken(cases: Sequence[Case], lang: str, interface: Sequence[str]) -> tuple[str, ...]:
    """Languages that all cases have, and the interface; the one it opens in first."""
    return tuple(code for code in dict.fromkeys((lang, *interface)) if all(code in case.languages for case in cases))
