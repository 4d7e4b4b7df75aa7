"""Commands for those who write cases: begin, draw, print, translate, to Twine and back, the schema."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from trainkit.cli import options
from trainkit.errors import N_, CaseError, TrainkitError
from trainkit.files.reading import shown_path
from trainkit.i18n import catalog


def _patterns() -> Sequence[str]:
    from trainkit.files.scaffold import PATTERNS

    return [*PATTERNS]


@options.command("new", "trainkit new my_case", "trainkit new my_case --like one-decision --in ./cases", told=True)
@options.argument("case", "id of the new case: a–z, 0–9, _")
@click.option(
    "--in", "folder", metavar="FOLDER", type=click.Path(file_okay=False),
    help="where (default: casebook/ if there is one here, else here)",
)  # fmt: skip
@click.option(
    "--like", metavar="PATTERN", default="talk", shell_complete=options.one_of(_patterns),
    help="what to begin with: talk (default), one-decision or ten-counters",
)  # fmt: skip
@options.said_in_option()
def new_command(case: str, folder: str | None, like: str, lang: str) -> None:
    """Begin a case of your own."""
    from trainkit.files.scaffold import PATTERNS, new_case

    here = Path.cwd()
    near = next((place / "casebook" for place in (here, *here.parents) if (place / "casebook").is_dir()), here)
    place = shown_path(new_case(case, Path(folder) if folder else near, like))
    gettext = catalog(lang).gettext
    what = gettext(PATTERNS[like])
    print(f"{place}: case.yml, text.en.yml, walks.yml ({what})")
    print(gettext("Next:"), f"trainkit check {place}   trainkit play {place}")


@options.command(
    "draw", "trainkit draw racket_refund -o racket.svg", "trainkit draw ./my_case -o my_case.html --lang en"
)
@options.case_argument()
@options.output_option("file to write: .svg, .png or .html", required=True)
@options.lang_option()
def draw_command(case: str, output: str, lang: str) -> None:
    """Draw a case: scenes, where replies lead, what they cost, the best way."""
    from trainkit.figures.case_map import draw_case_map

    (loaded,) = options.load_cases([case], lang)
    draw_case_map(loaded, Path(output), lang)
    print(output)


def _sheets() -> Sequence[str]:
    from trainkit.paper.handout import SHEETS

    return SHEETS


@options.command(
    "print", "trainkit print racket_refund -o racket.html",
    "trainkit print appendicitis --lang en --sheet client --sheet trainee -o sheets.html",
)  # fmt: skip
@options.case_argument()
@click.option(
    "--sheet", "sheets", multiple=True, metavar="NAME", shell_complete=options.one_of(_sheets),
    help="only this sheet (may be repeated): client, trainee, observer, key, tomorrow, own",
)  # fmt: skip
@options.lang_option()
@options.set_option()
@options.output_option("file to write (default CASE.html); open it and print")
def print_command(case: str, sheets: tuple[str, ...], lang: str, fixed: dict[str, str], output: str | None) -> None:
    """Make a handout of a case for paper: play it without a computer."""
    from trainkit.paper.handout import handout

    (loaded,) = options.load_cases([case], lang)
    page = handout(loaded, lang, sheets or tuple(_sheets()), fixed or None)
    options.write_text(Path(output or f"{loaded.id}.html"), page)


@options.command(
    "translate", "trainkit translate racket_refund --to en", "trainkit translate ./my_case --to kk",
    "trainkit translate racket_refund --to en --accept", told=True,
)  # fmt: skip
@options.case_argument()
@click.option("--to", default="en", metavar="LANG", help="language to translate into (default en)")
@click.option("--accept", is_flag=True, help="record that the translation fits the present Russian text")
@options.said_in_option()
def translate_command(case: str, to: str, accept: bool, lang: str) -> None:
    """Begin a translation of a case, list what is missing or stale, or accept it."""
    from trainkit.files import casebook, translation

    gettext = catalog(lang).gettext
    place = casebook.case_folder(case)
    loaded = casebook.load_case(place)
    if not to.isascii() or not to.replace("-", "").isalpha():
        raise TrainkitError(N_('--to wants a language, e.g. en (got "{got}")'), got=to)
    if to == loaded.languages[0]:
        raise TrainkitError(N_('"{language}" is the source language'), language=to)
    found = next((one for one in casebook.translations(place) if one.lang == to), None)
    if found is None and not accept:
        file = translation.new_translation(loaded, place, to)
        count = gettext("{n} texts to translate").format(n=len(loaded.texts))
        print(f"{shown_path(file)}: {count}")
        return
    if found is None or (accept and not found.texts and not found.aligned.stale and not found.problems):
        raise TrainkitError(N_("nothing is translated yet: {file} has no texts to accept"), file=f"text.{to}.yml")
    if found.problems and not found.texts:
        raise CaseError(found.problems)
    words = {
        "missing": gettext("missing"),
        "stale": gettext("stale"),
        "moved": gettext("moved"),
        "unread": gettext("not accepted"),
    }
    width = max(map(len, words.values())) + 1
    if accept:
        translation.accept(loaded, found)
    else:
        for line in translation.put_in_order(loaded, found):
            print(f"{words['moved']:<{width}} {line}")
    found = next(one for one in casebook.translations(place) if one.lang == to)
    for key, text in loaded.texts.items():
        if key in found.aligned.stale or key in found.unread or key not in found.texts:
            state = "stale" if key in found.aligned.stale else "unread" if key in found.unread else "missing"
            print(f"{words[state]:<{width}} {key}: {text}")
    for problem in found.problems:
        print(problem.said(gettext))
    done = gettext("{n} of {all} texts in {language}")
    print(f"{loaded.id}: {done.format(n=len(found.texts), all=len(loaded.texts), language=to)}")


@options.command("twee", "trainkit twee racket_refund -o story.twee")
@options.case_argument()
@options.output_option("file to write", required=True)
def twee_command(case: str, output: str) -> None:
    """Write a case as a Twine story (Twee 3)."""
    from trainkit.files import casebook
    from trainkit.files.twee import export

    options.write_text(Path(output), export(casebook.load_case(case)))


@options.command(
    "from-twee",
    "trainkit from-twee story.twee",
    "trainkit from-twee story.twee -o casebook/racket_refund --replace",
    told=True,
)
@options.argument("file", "a Twee 3 file", type=click.Path())
@options.output_option("the case's folder (default: its id, here)", metavar="FOLDER")
@click.option("--replace", is_flag=True, help="replace the case in that folder")
@options.said_in_option()
def from_twee_command(file: str, output: str | None, replace: bool, lang: str) -> None:
    """Read a Twine story that was written by `trainkit twee` back into a case."""
    from trainkit.files.twee import read_twee
    from trainkit.files.yaml_writer import write_case

    case = read_twee(Path(file))
    place = Path(output or case.id)
    write_case(case, place, replace=replace)
    shown = shown_path(place)
    shown = shown if len(Path(shown).parts) > 1 else f"./{shown}"  # not the casebook's case of this name
    print(f"{shown}: {', '.join(['case.yml', *(f'text.{language}.yml' for language in case.translations)])}")
    print(catalog(lang).gettext("Next:"), f"trainkit check {shown}")


@options.command("schema", "trainkit schema > case.schema.json")
def schema_command() -> None:
    """Print the JSON Schema of case.yml, for editors."""
    from trainkit.case.model import Case

    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Case.model_json_schema()}
    print(json.dumps(schema, ensure_ascii=False, indent=2))
