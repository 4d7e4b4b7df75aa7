"""Commands for those who write cases: begin, draw, print, translate, to Twine and back, the schema."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trainkit.cli import options
from trainkit.errors import N_, CaseError, TrainkitError
from trainkit.files.reading import shown_path
from trainkit.i18n import catalog

if TYPE_CHECKING:
    from trainkit.files.outline import Outline


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


@options.command("twee", "trainkit twee racket_refund -o story.twee", told=True)
@options.case_argument()
@options.output_option("file to write", required=True)
@options.said_in_option()
def twee_command(case: str, output: str, lang: str) -> None:
    """Write a case as a Twine story (Twee 3)."""
    from trainkit.files import casebook
    from trainkit.files.outline import NOTES
    from trainkit.files.twee import export
    from trainkit.files.twee.foreign import foreign_passages

    place = casebook.case_folder(case)
    loaded = casebook.load_case(place)
    text = export(loaded)
    if (place / NOTES).is_file():
        names = foreign_passages(text)
        for name, passage in foreign_passages(options.read_text(place / NOTES)).items():
            if name in names:
                rule = catalog(lang).gettext("{file}: the passage {name} is left out: the case has one of this name")
                click.echo(rule.format(file=shown_path(place / NOTES), name=name), err=True)
            else:
                text += f"\n{passage.source}"
    options.write_text(Path(output), text)


@options.command(
    "from-twee", "trainkit from-twee story.twee", "trainkit from-twee story.twee -o casebook/racket_refund --replace",
    "trainkit from-twee their_story/ -o their_case", told=True,
)  # fmt: skip
@options.argument("file", "a Twee 3 file, or a folder of them", type=click.Path())
@options.output_option("the case's folder (default: its id, here)", metavar="FOLDER")
@click.option("--replace", is_flag=True, help="replace the case in that folder")
@click.option(
    "--from",
    "source",
    metavar="LANG",
    help="language a foreign story is written in (default: ru or en, by its letters)",
)
@options.said_in_option()
def from_twee_command(file: str, output: str | None, replace: bool, source: str | None, lang: str) -> None:
    """Read a Twine story: one of ours back into a case, any other as a skeleton with gaps."""
    from trainkit.files.twee import is_ours, load_story, twee_text
    from trainkit.files.yaml_writer import write_case

    gettext = catalog(lang).gettext
    text, name = twee_text(Path(file)), shown_path(Path(file))
    if not is_ours(text):
        _from_foreign(text, Path(file), output, source, lang)
        return
    story = load_story(text, name)
    place = Path(output or story.case.id)
    write_case(story.case, place, replace=replace)
    names = [
        "case.yml",
        *(f"text.{language}.yml" for language in story.case.translations),
        *_set_aside(place, story.aside),
    ]
    warning = gettext("warning")
    for problem in story.warnings:
        click.echo(f"{warning}: {problem.said(gettext)}", err=True)
    _say_next(place, ", ".join(names), lang)


def _from_foreign(text: str, file: Path, output: str | None, source: str | None, lang: str) -> None:
    """Make the skeleton of a case from a story for players, and say what was taken and left out."""
    from dataclasses import replace as changed

    from trainkit.files.outline import ids
    from trainkit.files.translation import is_translation
    from trainkit.files.twee import take

    gettext = catalog(lang).gettext
    if "<tw-storydata" in text or text.lstrip()[:9].lower().startswith(("<!doctype", "<html")):
        raise TrainkitError(
            N_("{file} is a published story; in Twine choose Build, Export As Twee"), file=shown_path(file)
        )
    taken = take(text, file.stem)
    if taken is None:
        raise TrainkitError(N_("{file} has no passage that could be a scene"), file=shown_path(file))
    outline = taken.outline
    if source is not None:
        if source != "ru" and not is_translation(source):
            raise TrainkitError(N_('--from wants a language, e.g. en (got "{got}")'), got=source)
        outline = changed(outline, lang=source)
    place = Path(output or ids([outline.title])[outline.title])
    _write_skeleton(outline, place, lang, [one.said(gettext) for one in taken.told])


def _write_skeleton(outline: Outline, place: Path, lang: str, told: Sequence[str]) -> None:
    """Write the case of an outline, and say how many gaps it has."""
    from trainkit.files.outline import write_outline

    gettext = catalog(lang).gettext
    count = write_outline(outline, place)
    for line in told:
        print(line)
    print(gettext("to be filled in: {n} lines, marked # ???; `trainkit check` lists them").format(n=count))
    _say_next(place, ", ".join(sorted(file.name for file in place.iterdir())), lang)


def _set_aside(place: Path, aside: str) -> list[str]:
    """Keep passages that are no part of the case beside it; what was kept there before is replaced."""
    from trainkit.files.outline import NOTES

    file = place / NOTES
    if not aside:
        file.unlink(missing_ok=True)
        return []
    options.write_text(file, aside, quiet=True)
    return [NOTES]


def _say_next(place: Path, names: str, lang: str) -> None:
    shown = shown_path(place)
    shown = shown if len(Path(shown).parts) > 1 else f"./{shown}"  # not the casebook's case of this name
    print(f"{shown}: {names}")
    print(catalog(lang).gettext("Next:"), f"trainkit check {shown}")


@options.command(
    "from-chat",
    "trainkit from-chat talk.txt",
    "trainkit from-chat talk.txt --me Anna -o casebook/late_parcel",
    told=True,
)
@options.argument("file", "a conversation as text: `client: …`, `me: …`, or two columns", type=click.Path())
@options.output_option("the case's folder (default: the file's name, here)", metavar="FOLDER")
@click.option("--me", metavar="NAME", help="whose lines are the player's (default: me, я, or whoever speaks second)")
@options.said_in_option()
def from_chat_command(file: str, output: str | None, me: str | None, lang: str) -> None:
    """Begin a case from a conversation that took place."""
    from trainkit.files.chat import read_chat
    from trainkit.files.outline import ids

    source = Path(file)
    text = options.read_text(source, lang)
    outline = read_chat(text, source.stem, me)
    gettext = catalog(lang).gettext
    replies = len(outline.places) - 1
    told = gettext("taken: {n} replies; what else could have been said is left to you").format(n=replies)
    _write_skeleton(outline, Path(output or ids([source.stem])[source.stem]), lang, [told])


@options.command("schema", "trainkit schema > case.schema.json")
def schema_command() -> None:
    """Print the JSON Schema of case.yml, for editors."""
    from trainkit.case.model import Case

    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Case.model_json_schema()}
    print(json.dumps(schema, ensure_ascii=False, indent=2))
