"""The ``trainkit`` command."""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from trainkit import __version__
from trainkit.errors import TrainkitError, UnknownName
from trainkit.files import casebook, explain, translation
from trainkit.room.workshops import by_code
from trainkit.simulation import runner

OK, FOUND_ERRORS, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; 0 fine, 1 errors found in a case, 2 bad input."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    parser = _parser()
    arguments = parser.parse_args(argv)
    try:
        return arguments.run(arguments)
    except TrainkitError as error:
        print(f"trainkit: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return INTERRUPTED
    except OSError as error:
        if not isinstance(error, BrokenPipeError):
            print(f"trainkit: {error.strerror or error}", file=sys.stderr)
            return BAD_INPUT
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK


class _Parser(argparse.ArgumentParser):
    """An argparse that says what was wrong in one sentence, with the nearest right name."""

    def error(self, message: str) -> None:
        print(f"{self.prog}: {message}. See `{self.prog} --help`.", file=sys.stderr)
        raise SystemExit(BAD_INPUT)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="trainkit",
        description="Role-play exercises on customer orientation and customer centricity.",
        epilog=_examples("trainkit lab", "trainkit play racket_refund --lang en", "trainkit check"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"trainkit {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)

    def command(name: str, run, summary: str, *examples: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name,
            help=summary,
            description=summary[0].upper() + summary[1:] + ".",
            epilog=_examples(*examples),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.set_defaults(run=run)
        return sub

    lab = command(
        "lab",
        _lab,
        "open the exercises in JupyterLab",
        "trainkit lab",
        "trainkit lab --lang en --no-browser --port 8899",
    )
    lab.add_argument("--no-browser", action="store_true", help="don't open a browser; the address is printed")
    lab.add_argument(
        "--port", type=int, default=8888, help="port to listen on (default 8888; a free one if it is taken)"
    )
    lab.add_argument("--lang", default="ru", help="language of the start notebook: ru (default) or en")

    play = command(
        "play",
        _play,
        "play a case in the terminal",
        "trainkit play racket_refund",
        "trainkit play power_upgrade --lang en --seed 7 --set load=30",
        "trainkit play racket_refund --answers pay,as_said --json",
    )
    play.add_argument("case", metavar="CASE", help="case id, or the path of a case's folder")
    play.add_argument("--lang", default="ru", help="ru (default), en, or another language the case has")
    play.add_argument("--seed", type=int, help="fixes what is true of the client; drawn if left out")
    play.add_argument("--answers", help="option ids, separated by commas (`back` for a step back); nothing is logged")
    play.add_argument("--set", action="append", default=[], metavar="FACT=VALUE", help="fix a fact; may be repeated")
    play.add_argument("--json", action="store_true", help="with --answers: print the run and its score as JSON")
    play.add_argument("--participant", default="trainee", help="pseudonym in the log (default: trainee)")
    play.add_argument("--new", action="store_true", help="begin anew, even where an unfinished run could go on")
    play.add_argument("--database", help="log to this SQLite file (also with --answers)")

    room = command(
        "class",
        _class,
        "hold a workshop: phones join by QR code, the board fills, the debrief writes itself",
        "trainkit class --cases racket_refund power_upgrade",
        "trainkit class --cases racket_refund --set item=watch --feedback end --no-back --lang en",
        "trainkit class --workshop 471926 --database postgresql+psycopg://trainer@db/trainkit --port 8001",
    )
    room.add_argument(
        "--cases", nargs="+", metavar="CASE", help="case ids or folders, in order (default racket_refund)"
    )
    room.add_argument(
        "--host", default="0.0.0.0", help="address to listen on (default 0.0.0.0: everyone in this network)"
    )
    room.add_argument("--port", type=int, default=8000, help="port to listen on (default 8000)")
    room.add_argument("--database", metavar="URL", help="log: a file (SQLite) or postgresql+psycopg://user@host/name")
    room.add_argument("--feedback", default="now", help="when trainees learn what their words did: now, end, none")
    room.add_argument(
        "--back",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="whether one may go back a step (default: yes)",
    )
    room.add_argument("--own-words", action="store_true", help="ask “what would you say?” before the replies appear")
    room.add_argument("--ask-why", action="store_true", help="ask “why did you choose this?” before any feedback")
    room.add_argument("--set", action="append", default=[], metavar="FACT=VALUE", help="fix a fact; may be repeated")
    room.add_argument("--lang", default="ru", help="language the room begins in; everyone may change it (default ru)")
    room.add_argument("--consent", metavar="FILE", help="text that everyone agrees to, instead of the kit's")
    room.add_argument("--places", type=int, default=200, help="how many may join (default 200)")
    room.add_argument("--new", action="store_true", help="make a new room, even where the same one could go on")
    room.add_argument("--workshop", metavar="CODE", help="go on with the room that has this join code")

    debrief = command(
        "debrief",
        _debrief,
        "write the debrief of a workshop: a guide to print, with what the room did",
        "trainkit debrief --workshop 471926 -o debrief.html",
        "trainkit debrief --workshop 471926 --lang en --names -o debrief.html",
    )
    debrief.add_argument("--workshop", required=True, metavar="CODE", help="join code of the workshop")
    debrief.add_argument("-o", "--output", required=True, metavar="FILE", help="file to write; open it and print")
    debrief.add_argument("--lang", help="language (default: the room's)")
    debrief.add_argument("--names", action="store_true", help="add who was there, for the trainer alone")
    debrief.add_argument(
        "--database", metavar="URL", help="log: a file (SQLite) or postgresql+psycopg://user@host/name"
    )

    check = command(
        "check",
        _check,
        "check cases",
        "trainkit check",
        "trainkit check racket_refund --json",
        "trainkit check --separation",
        "trainkit check ./my_case",
    )
    check.add_argument(
        "case", metavar="CASE", nargs="*", help="case ids or folders; the whole casebook if none is named"
    )
    check.add_argument("--json", action="store_true", help="print the report as JSON")
    check.add_argument(
        "--separation", action="store_true", help="print how well position, fit and play part simulated trainees"
    )

    simulate = command(
        "simulate",
        _simulate,
        "let simulated trainees play cases",
        "trainkit simulate racket_refund --persona all -n 200",
        "trainkit simulate racket_refund power_upgrade --persona centric -n 1000 --seed 7 -o centric.parquet",
    )
    simulate.add_argument("case", metavar="CASE", nargs="+", help="case ids or folders")
    simulate.add_argument(
        "--persona",
        action="append",
        metavar="NAME",
        help="who plays (may be repeated); all (default) for every persona",
    )
    simulate.add_argument("-n", type=int, default=100, metavar="N", help="trainees of each persona (default 100)")
    simulate.add_argument("--seed", type=int, default=0, help="the same seed gives the same file (default 0)")
    simulate.add_argument(
        "--set", action="append", default=[], metavar="FACT=VALUE", help="fix a fact; may be repeated"
    )
    simulate.add_argument("--lang", default="ru", help="language they read: ru (default), en, …")
    simulate.add_argument(
        "-o", "--output", metavar="FILE", help="write the log's rows, marked synthetic: .csv, .parquet, .sqlite3"
    )

    new = command("new", _new, "begin a case of your own", "trainkit new my_case", "trainkit new my_case --in ./cases")
    new.add_argument("case", metavar="CASE", help="id of the new case: a–z, 0–9, _")
    new.add_argument(
        "--in", dest="folder", metavar="FOLDER", help="where (default: casebook/ if there is one here, else here)"
    )

    picture = command(
        "draw",
        _draw,
        "draw a case: scenes, where replies lead, what they cost, the best way",
        "trainkit draw racket_refund -o racket.svg",
        "trainkit draw ./my_case -o my_case.html --lang en",
    )
    picture.add_argument("case", metavar="CASE", help="case id, or the path of a case's folder")
    picture.add_argument("-o", "--output", required=True, metavar="FILE", help="file to write: .svg, .png or .html")
    picture.add_argument("--lang", default="ru", help="language of the texts: ru (default), en, …")

    sheets = command(
        "print",
        _print,
        "make a handout of a case for paper: play it without a computer",
        "trainkit print racket_refund -o racket.html",
        "trainkit print appendicitis --lang en --sheet client --sheet trainee -o sheets.html",
    )
    sheets.add_argument("case", metavar="CASE", help="case id, or the path of a case's folder")
    sheets.add_argument(
        "--sheet", action="append", metavar="NAME",
        help="only this sheet (may be repeated): client, trainee, observer, key, tomorrow, own",
    )  # fmt: skip
    sheets.add_argument("--lang", default="ru", help="language of the texts: ru (default), en, …")
    sheets.add_argument("--set", action="append", default=[], metavar="FACT=VALUE", help="fix a fact; may be repeated")
    sheets.add_argument("-o", "--output", metavar="FILE", help="file to write (default CASE.html); open it and print")

    twine = command(
        "twee", _twee, "write a case as a Twine story (Twee 3)", "trainkit twee racket_refund -o story.twee"
    )
    twine.add_argument("case", metavar="CASE", help="case id, or the path of a case's folder")
    twine.add_argument("-o", "--output", required=True, metavar="FILE", help="file to write")

    back = command(
        "from-twee",
        _from_twee,
        "read a Twine story that was written by `trainkit twee` back into a case",
        "trainkit from-twee story.twee",
        "trainkit from-twee story.twee -o casebook/racket_refund --replace",
    )
    back.add_argument("file", metavar="FILE", help="a Twee 3 file")
    back.add_argument("-o", "--output", metavar="FOLDER", help="the case's folder (default: its id, here)")
    back.add_argument("--replace", action="store_true", help="replace the case in that folder")

    command("schema", _schema, "print the JSON Schema of case.yml, for editors", "trainkit schema > case.schema.json")

    translate = command(
        "translate",
        _translate,
        "begin a translation of a case, list what is missing or stale, or accept it",
        "trainkit translate racket_refund --to en",
        "trainkit translate ./my_case --to kk",
        "trainkit translate racket_refund --to en --accept",
    )
    translate.add_argument("case", metavar="CASE", help="case id, or the path of a case's folder")
    translate.add_argument("--to", default="en", metavar="LANG", help="language (default en)")
    translate.add_argument(
        "--accept", action="store_true", help="record that the translation fits the present Russian text"
    )
    return parser


def _examples(*lines: str) -> str:
    return "examples:\n" + "\n".join(f"  {line}" for line in lines)


# ---- class ---------------------------------------------------------------------------------------------------


def _class(arguments: argparse.Namespace) -> int:
    with gc_paused():
        from trainkit.log.records import Settings
        from trainkit.log.store import Log
        from trainkit.web import server

        cases = [casebook.load(name) for name in arguments.cases or ["racket_refund"]]
        for case in cases:
            casebook.language(arguments.lang, case)
        consent = _read(Path(arguments.consent)) if arguments.consent else None
        store = Log(arguments.database)
        sock = server.listening(arguments.host, arguments.port)
        workshop, goes_on = server.room(
            store,
            cases,
            code=arguments.workshop,
            new=arguments.new,
            lang=arguments.lang,
            settings=Settings(arguments.feedback, arguments.back, arguments.own_words, arguments.ask_why),
            fixed=_fixed(arguments.set),
            consent=consent,
            places=arguments.places,
        )
        server.announce(store, workshop, server.address(arguments.host, sock.getsockname()[1]), goes_on)
    server.serve(store, workshop, sock)
    return OK


@contextlib.contextmanager
def gc_paused() -> Iterator[None]:
    """Nothing of what is loaded is garbage, and looking for it takes a seventh of the start."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TrainkitError(
            f"{file} can't be read: {getattr(error, 'strerror', None) or 'it is no UTF-8 text'}"
        ) from error


def _debrief(arguments: argparse.Namespace) -> int:
    from trainkit.log.store import Log
    from trainkit.paper.debrief_pack import debrief_pack
    from trainkit.room.run_cache import RunCache
    from trainkit.room.tally import rooms_of

    store = Log(arguments.database)
    workshop = by_code(store, arguments.workshop)
    lang = arguments.lang or workshop.lang
    for part in workshop.parts:
        casebook.language(lang, part.case)
    page = debrief_pack(workshop, rooms_of(RunCache(store, workshop)), lang, arguments.names)
    _write(Path(arguments.output), page)
    return OK


# ---- lab ----------------------------------------------------------------------------------------------------


def _lab(arguments: argparse.Namespace) -> int:
    import importlib.util
    import subprocess

    if importlib.util.find_spec("jupyterlab") is None:
        raise TrainkitError("JupyterLab is not installed here: pip install jupyterlab")
    if not 0 < arguments.port < 65536:
        raise TrainkitError(f"a port is a number from 1 to 65535 (got {arguments.port})")
    root = _notebooks_root()
    known = sorted(place.name for place in (root / "notebooks").iterdir() if (place / "00_start_here.ipynb").exists())
    if arguments.lang not in known:
        raise UnknownName("language", arguments.lang, known)
    command = [
        sys.executable, "-m", "jupyterlab",
        f"--ServerApp.root_dir={root}",
        f"--LabApp.default_url=/lab/tree/notebooks/{arguments.lang}/00_start_here.ipynb",
        f"--LabApp.app_settings_dir={Path(__file__).parents[1] / 'notebook' / 'lab'}",
        "--ServerApp.kernel_websocket_connection_class=trainkit.notebook.lab_server.PromptConnection",
        f"--ServerApp.port={arguments.port}",
        *(["--no-browser"] if arguments.no_browser else []),
        *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
    ]  # fmt: skip
    if os.name == "posix":
        os.execv(sys.executable, command)  # one process: what ends the command ends the server
    return subprocess.run(command, check=False).returncode


def _notebooks_root() -> Path:
    """The folder that has ``notebooks/``: a checkout's, or a copy of those that came with the program."""
    for place in (Path.cwd(), *Path.cwd().parents, Path(__file__).parents[3]):
        if (place / "notebooks" / "ru" / "00_start_here.ipynb").exists():
            return place
    packaged = Path(__file__).parents[1] / "_notebooks"
    if not packaged.exists():
        raise TrainkitError("no notebooks found: go to the folder that has notebooks/")
    import shutil

    import platformdirs

    # The installed ones may be read-only and are replaced by an update; what is opened is a copy.
    root = Path(platformdirs.user_data_dir("trainkit", appauthor=False))
    shutil.copytree(packaged, root / "notebooks", dirs_exist_ok=True)
    return root


# ---- play ---------------------------------------------------------------------------------------------------


def _play(arguments: argparse.Namespace) -> int:
    from trainkit.cli import terminal
    from trainkit.log.store import Log
    from trainkit.session.resume import begin, resume

    case = casebook.load(arguments.case)
    casebook.language(arguments.lang, case)
    fixed = _fixed(arguments.set)
    if arguments.answers is None:
        if arguments.json:
            raise TrainkitError("--json goes with --answers")
        log = Log(arguments.database)
        go = begin if arguments.new else partial(resume, finished=False)
        session = go(log, case, arguments.participant, seed=arguments.seed, fixed=fixed)
        terminal.play_by_hand(session, arguments.lang)
        return OK
    log = Log("sqlite://" if arguments.database is None else arguments.database)
    session = begin(log, case, arguments.participant, seed=arguments.seed, fixed=fixed, origin="scripted")
    session.play([answer.strip() for answer in arguments.answers.split(",") if answer.strip()], arguments.lang)
    if arguments.json:
        print(json.dumps(terminal.as_json(session.attempt), ensure_ascii=False, indent=1))
    else:
        terminal.print_run(session, arguments.lang)
    return OK


def _fixed(pairs: Sequence[str]) -> dict[str, str]:
    """The facts of ``--set``."""
    fixed: dict[str, str] = {}
    for pair in pairs:
        fact, sign, value = pair.partition("=")
        if not sign:
            raise TrainkitError(f'--set wants FACT=VALUE (got "{pair}")')
        if fact in fixed:
            raise TrainkitError(f'--set names "{fact}" twice')
        fixed[fact] = value
    return fixed


# ---- simulate -------------------------------------------------------------------------------------------------


def _simulate(arguments: argparse.Namespace) -> int:
    from contextlib import ExitStack

    from tqdm import tqdm

    from trainkit.engine.attempt import start
    from trainkit.simulation import export as synthetic
    from trainkit.simulation import personas

    fixed = _fixed(arguments.set)
    cases = list({case.hash: case for case in map(casebook.load, arguments.case)}.values())
    for case in cases:
        casebook.language(arguments.lang, case)
        start(case, 0, fixed)  # refuses a bad fact before anything is written
    kinds = list(dict.fromkeys(personas.personas(arguments.persona or "all")))
    if arguments.n < 1:
        raise TrainkitError(f"-n is a whole number from 1 (got {arguments.n})")
    with ExitStack() as stack:
        bar = stack.enter_context(
            tqdm(total=len(cases) * len(kinds) * arguments.n, unit=" runs", delay=1, disable=None, leave=False)
        )
        write = stack.enter_context(synthetic.writing(Path(arguments.output))) if arguments.output is not None else None
        for case in cases:
            ground = runner.CaseRunner(case, arguments.lang)
            for persona in kinds:
                bar.set_description(f"{case.id}: {persona.name}")
                tally = runner.RunMeans()
                runs = (ground.run(persona, number, arguments.seed, fixed) for number in range(1, arguments.n + 1))
                counted = (tally.take(run) for run in runs if bar.update() or True)
                if write:
                    write(case, synthetic.event_rows(case, counted, arguments.lang))
                else:
                    for _ in counted:
                        pass
                tqdm.write(f"{case.id:<22}{persona.name:<18}{tally}")
    return OK


# ---- for authors ----------------------------------------------------------------------------------------------


def _new(arguments: argparse.Namespace) -> int:
    from trainkit.files.scaffold import new_case

    here = Path.cwd()
    near = next((place / "casebook" for place in (here, *here.parents) if (place / "casebook").is_dir()), here)
    place = new_case(arguments.case, Path(arguments.folder) if arguments.folder else near)
    shown = explain.shown_path(place)
    print(f"{shown}: case.yml, text.en.yml, walks.yml\nNext: trainkit check {shown}   trainkit play {shown}")
    return OK


def _draw(arguments: argparse.Namespace) -> int:
    from trainkit.figures.case_map import draw_case_map

    case = casebook.load(arguments.case)
    casebook.language(arguments.lang, case)
    draw_case_map(case, Path(arguments.output), arguments.lang)
    print(arguments.output)
    return OK


def _print(arguments: argparse.Namespace) -> int:
    from trainkit.paper.handout import SHEETS, handout

    case = casebook.load(arguments.case)
    casebook.language(arguments.lang, case)
    page = handout(case, arguments.lang, tuple(arguments.sheet or SHEETS), _fixed(arguments.set) or None)
    _write(Path(arguments.output or f"{case.id}.html"), page)
    return OK


def _twee(arguments: argparse.Namespace) -> int:
    from trainkit.files.twee import export

    _write(Path(arguments.output), export(casebook.load(arguments.case)))
    return OK


def _from_twee(arguments: argparse.Namespace) -> int:
    from trainkit.files.twee import read_twee
    from trainkit.files.yaml_writer import write_case

    case = read_twee(Path(arguments.file))
    place = Path(arguments.output or case.id)
    write_case(case, place, replace=arguments.replace)
    shown = explain.shown_path(place)
    shown = shown if len(Path(shown).parts) > 1 else f"./{shown}"  # not the casebook's case of this name
    print(f"{shown}: {', '.join(['case.yml', *(f'text.{lang}.yml' for lang in case.translations)])}")
    print(f"Next: trainkit check {shown}")
    return OK


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, "utf-8", newline="\n")
    except OSError as error:
        raise TrainkitError(f'"{file}" can\'t be written: {error.strerror or error}') from error
    print(file)


# ---- check, schema, translate ---------------------------------------------------------------------------------


def _places(cases: Sequence[str]) -> list[Path]:
    root = None if cases else casebook.folder()
    return [casebook.place(name) for name in cases or casebook.names(root)]


def _check(arguments: argparse.Namespace) -> int:
    from tqdm import tqdm

    from trainkit.checks.report import check, to_json

    places = _places(arguments.case)
    reports = []
    for place in tqdm(places, unit=" cases", delay=2, disable=True if arguments.json else None, leave=False):
        reports.append(report := check(place))
        if not arguments.json:
            tqdm.write(_reported(report, arguments.separation))
    if arguments.json:
        print(to_json(reports))
    elif arguments.separation and len(places) > 1 and not any(report.errors for report in reports):
        from trainkit.checks.separation import tracking

        found = tracking([casebook.load(place) for place in places])
        shown = "not measured" if found is None else f"{found:.3f}"
        print(f"Position follows the lean of simulated trainees over {len(places)} cases: correlation {shown}")
    return FOUND_ERRORS if any(report.errors for report in reports) else OK


def _reported(report, separation: bool) -> str:
    """A report as lines of text."""
    lines = [f"error: {problem}" for problem in report.errors]
    lines += [f"warning: {problem}" for problem in report.warnings]
    lines += [f"accepted: {problem} Because: {reason}" for problem, reason in report.accepted]
    low, high = report.position_range or ("?", "?")
    lines.append(
        f"{report.id}: {report.scenes} scenes, {report.options} options, {report.endings} endings, at most "
        f"{report.decisions_longest_path or '?'} decisions, {report.paths or '?'} paths, Position {low} … {high}, "
        f"{'+'.join(report.languages) or '?'}; {len(report.errors)} errors, {len(report.warnings)} warnings"
    )
    if report.values:
        worth = {name: f"{value:.2f}" for name, value in report.values.items()}
        fit = "not measured" if report.best_fit is None else f"{report.best_fit:.0f}"
        lines.append(
            f"  value of best play {worth['best']} (its fit {fit}), without questions {worth['unasked']}, "
            f"random {worth['random']}, worst {worth['worst']}"
        )
    if separation and report.means:
        lines.append(f"  {'simulated trainee':<20}{'position':>9}{'fit':>6}{'play':>6}")
        for name, means in report.means.items():
            cells = [f"{value:.0f}" if value is not None else "–" for value in means.values()]
            lines.append(f"  {name:<20}{cells[0]:>9}{cells[1]:>6}{cells[2]:>6}")
        lines += [
            f"  {one.score}: {one.high} over {one.low}: AUC {one.auc:.2f}, Hedges' g {one.g:.1f}"
            for one in report.separation
        ]
    return "\n".join(lines)


def _schema(_arguments: argparse.Namespace) -> int:
    from trainkit.case.model import Case

    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Case.model_json_schema()}
    print(json.dumps(schema, ensure_ascii=False, indent=2))
    return OK


def _translate(arguments: argparse.Namespace) -> int:
    place = casebook.place(arguments.case)
    case = casebook.load(place)
    if not arguments.to.isascii() or not arguments.to.replace("-", "").isalpha():
        raise TrainkitError(f'--to wants a language, e.g. en (got "{arguments.to}")')
    if arguments.to == case.languages[0]:
        raise TrainkitError(f'"{arguments.to}" is the source language')
    if arguments.to not in case.translations and not arguments.accept:
        from trainkit.files.translation import new_translation

        file = new_translation(case, place, arguments.to)
        print(f"{explain.shown_path(file)}: {len(case.texts)} texts to translate")
        return OK
    known = case.translations.get(arguments.to, {})
    if arguments.accept:
        if not known:
            raise TrainkitError(f"nothing is translated yet: text.{arguments.to}.yml has no texts to accept")
        translation.accept(place, arguments.to, case)
    prints = translation.accepted(place, arguments.to)
    for key, text in case.texts.items():
        if key not in known:
            print(f"missing  {key}: {text}")
        elif prints.get(key) != translation.fingerprint(text):
            print(f"stale    {key}: {text}")
    print(f"{case.id}: {len(known)} of {len(case.texts)} texts in {arguments.to}")
    return OK


if __name__ == "__main__":
    sys.exit(main())
