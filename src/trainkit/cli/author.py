"""Commands for those who write cases: begin, draw, print, translate, to Twine and back, the schema."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trainkit.cli import options
from trainkit.errors import N_, CaseError, TrainkitError
from trainkit.files.reading import shown_path
from trainkit.i18n import catalog

if TYPE_CHECKING:
    from trainkit.editor.taking_again import TakenAgain
    from trainkit.files.outline import Outline


def _patterns() -> Sequence[str]:
    from trainkit.files.scaffold import PATTERNS

    return [*PATTERNS]


@options.command(
    "new", "trainkit new my_case", "trainkit new my_case --lang en --like one-decision --in ./cases", told=True
)
@options.argument("case", "id of the new case: a–z, 0–9, _")
@click.option(
    "--in", "folder", metavar="FOLDER", type=click.Path(file_okay=False),
    help="where (default: casebook/ if there is one here, else here)",
)  # fmt: skip
@click.option(
    "--like", metavar="PATTERN", default="talk", shell_complete=options.one_of(_patterns),
    help="what to begin with: talk (default), one-decision or ten-counters",
)  # fmt: skip
@options.lang_option("language the case is written in, and of what is printed: ru (default) or en")
def new_command(case: str, folder: str | None, like: str, lang: str) -> None:
    """Begin a case of your own."""
    from trainkit.files.scaffold import PATTERNS, files_of, new_case

    here = Path.cwd()
    near = next((place / "casebook" for place in (here, *here.parents) if (place / "casebook").is_dir()), here)
    place = shown_path(new_case(case, Path(folder) if folder else near, like, lang))
    gettext = catalog(lang).gettext
    what = gettext(PATTERNS[like])
    print(f"{place}: {', '.join(files_of(lang))} ({what})")
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
@click.option("--accept", is_flag=True, help="record that the translation fits the present source text")
@options.said_in_option()
def translate_command(case: str, to: str, accept: bool, lang: str) -> None:
    """Begin a translation of a case, list what is missing or stale, or accept it."""
    from trainkit.files import casebook, translation

    gettext = catalog(lang).gettext
    place = casebook.case_folder(case)
    loaded = casebook.load_case(place)
    if not to.isascii() or not to.replace("-", "").isalpha():
        raise TrainkitError(N_('--to wants a language, e.g. en (got "{got}")'), got=to)
    if to == loaded.lang:
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
    from trainkit.files.gaps import gaps_of
    from trainkit.files.outline import NOTES
    from trainkit.files.twee import export
    from trainkit.files.twee.foreign import foreign_passages

    place = casebook.case_folder(case)
    loaded = casebook.load_case(place)
    text = export(loaded, [(gap.path, gap.note) for gap in gaps_of(place / "case.yml") if gap.path])
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
    "trainkit from-twee their_story/ -o their_case", "trainkit from-twee their_story/ -o their_case --replace", told=True,
)  # fmt: skip
@options.argument("file", "a Twee 3 file, or a folder of them", type=click.Path())
@options.output_option("the case's folder (default: its id, here)", metavar="FOLDER")
@click.option(
    "--replace", is_flag=True,
    help="replace the case in that folder; of somebody else's story, bring in what has changed and keep what you filled in",
)  # fmt: skip
@click.option(
    "--from", "source", metavar="LANG", help="language somebody else's story is in (default: told by its letters)"
)
@options.lang_option("language of what is printed: ru or en (default: the story's)", default=None)
def from_twee_command(file: str, output: str | None, replace: bool, source: str | None, lang: str | None) -> None:
    """Read a Twine story: one of ours back into a case, any other as a skeleton with gaps."""
    from trainkit.files.gaps import mark_file
    from trainkit.files.outline import language_of
    from trainkit.files.twee import is_ours, load_story, twee_text
    from trainkit.files.yaml_writer import write_case

    text = ""
    try:
        text, name = twee_text(Path(file)), shown_path(Path(file))
        if not is_ours(text):
            _from_foreign(text, Path(file), output, replace, source, lang)
            return
        story = load_story(text, name)
    except TrainkitError as error:
        error.lang = error.lang or lang or _spoken(language_of([re.sub(r"<[^<>]*>", " ", text)]))
        raise
    lang = lang or _spoken(story.case.lang)
    gettext = catalog(lang).gettext
    place = Path(output or story.case.id)
    write_case(story.case, place, replace=replace)
    mark_file(place / "case.yml", story.gaps)
    names = [
        "case.yml",
        *(f"text.{language}.yml" for language in story.case.translations),
        *_set_aside(place, story.aside),
    ]
    warning = gettext("warning")
    for problem in story.warnings:
        click.echo(f"{warning}: {problem.said(gettext)}", err=True)
    _say_unread(place, lang)
    _say_next(place, ", ".join(names), lang)


def _say_unread(place: Path, lang: str) -> None:
    """Say which translations no longer belong to what was changed in Twine, and what to do."""
    from trainkit.files import casebook

    gettext = catalog(lang).gettext
    for one in casebook.translations(place) if (place / "translated.json").exists() else ():
        if n := len({*one.aligned.stale, *one.unread}):
            said = gettext(
                "{file}: texts changed since somebody read both: {n}. Where it is the source that has changed, the "
                "source is shown: `{command}`"
            )
            command = f"trainkit translate {shown_path(place)} --to {one.lang}"
            click.echo(said.format(file=shown_path(one.file), n=n, command=command), err=True)


_NAMES = {"ru": N_("Russian"), "en": N_("English")}


def _spoken(language: str) -> str:
    """The language itself if the program speaks it, else English."""
    from trainkit.i18n import languages

    return language if language in languages() else "en"


def _from_foreign(
    text: str, file: Path, output: str | None, replace: bool, source: str | None, lang: str | None
) -> None:
    """Make the skeleton of a case from a story for players, and say what was taken and left out."""
    from dataclasses import replace as changed

    from trainkit.files.outline import ids
    from trainkit.files.translation import is_language
    from trainkit.files.twee import take

    if "<tw-storydata" in text or text.lstrip()[:9].lower().startswith(("<!doctype", "<html")):
        raise TrainkitError(
            N_("{file} is a published story; in Twine choose Build, Export As Twee"), file=shown_path(file)
        )
    taken = take(text, file.stem)
    if taken is None:
        raise TrainkitError(N_("{file} has no passage that could be a scene"), file=shown_path(file))
    outline = taken.outline
    if source is not None:
        if not is_language(source):
            raise TrainkitError(N_('--from wants a language, e.g. en (got "{got}")'), got=source)
        outline = changed(outline, lang=source)
    lang = lang or _spoken(outline.lang)
    gettext = catalog(lang).gettext
    caution = gettext("warning")
    for warning in taken.warnings:
        click.echo(f"{caution}: {warning.said(gettext)}", err=True)
    told = [one.said(gettext) for one in taken.told]
    _write_skeleton(outline, Path(output or ids([outline.title])[outline.title]), lang, told, replace, source is None)


def _write_skeleton(
    outline: Outline, place: Path, lang: str, told: Sequence[str], replace: bool, guessed: bool
) -> None:
    """Write the case of an outline, or bring it into the one that is there, and say how many gaps it has."""
    from trainkit.editor.taking_again import take_again
    from trainkit.files.outline import write_outline

    gettext = catalog(lang).gettext
    try:
        if replace and (place / "case.yml").exists():
            again = take_again(outline, place)
            told = [*told, *_said_again(again, lang)]
            count = again.gaps
        else:
            count = write_outline(outline, place)
    except TrainkitError as error:
        error.lang = error.lang or lang
        raise
    for line in told:
        print(line)
    if guessed:
        said = gettext("the case is written in {language}, by its letters; --from names another language")
        print(said.format(language=gettext(_NAMES.get(outline.lang, outline.lang))))
    if count:
        print(gettext("to be filled in: {n} lines, which `trainkit check` lists").format(n=count))
    _say_next(place, ", ".join(sorted(file.name for file in place.iterdir() if file.name[0] != ".")), lang)


def _said_again(again: TakenAgain, lang: str) -> list[str]:
    """What became of a story that was taken again."""
    from trainkit.editor.tree import MISSING
    from trainkit.errors import shown
    from trainkit.files import case_errors

    gettext = catalog(lang).gettext
    if not again.changed:
        return [gettext("nothing in the story has changed that isn't in the case")]
    changed = gettext(
        "what has changed in the story is in the case now (scenes and endings: {scenes}, replies: {replies}); what you "
        "filled in stays"
    )
    said = [changed.format(scenes=again.scenes, replies=again.replies)]
    like = gettext("“{now}” looks like “{then}” renamed: it keeps its id and what you filled in")
    said += [like.format(now=now, then=then) for now, then in again.renamed]
    kept = gettext("kept as you have it, {at}: {mine}; in the story: {theirs}")
    for line, clash in again.kept:
        where = case_errors.where(clash.path).said(gettext)
        at = where if line is None else f"case.yml:{line}, {where}"
        both = [one.get("text", one.get("title", "…")) if isinstance(one, dict) else one for one in clash[1:]]
        mine, theirs = (gettext("nothing") if one is MISSING else shown(one) for one in both)
        said.append(kept.format(at=at, mine=mine, theirs=theirs))
    return said


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
@options.lang_option("language of what is printed: ru or en (default: the conversation's)", default=None)
def from_chat_command(file: str, output: str | None, me: str | None, lang: str | None) -> None:
    """Begin a case from a conversation that took place."""
    from trainkit.case.model import NARRATOR
    from trainkit.files.chat import read_chat
    from trainkit.files.outline import ids, language_of

    source = Path(file)
    try:
        text = options.read_text(source, lang or "en")
        lang = lang or _spoken(language_of([text]))
        outline = read_chat(text, source.stem, me)
    except TrainkitError as error:
        error.lang = error.lang or lang or "en"
        raise
    gettext = catalog(lang).gettext
    replies = sum(bool(place.replies) for place in outline.places.values())
    told = [gettext("taken: {n} replies; what else could have been said is left to you").format(n=replies)]
    others = list(outline.speakers.values())
    told.append(gettext("the player is {me}; the client is {client}").format(me=outline.me, client=others[0]))
    if n := sum(who == NARRATOR for place in outline.places.values() for who, _ in place.lines):
        told.append(gettext("the narrator’s, as nobody says it: {n}").format(n=n))
    if len(others) > 1:
        said = gettext("more voices: {names}; who of them is the client stands in case.yml, `client:`")
        told.append(said.format(names=", ".join(others[1:])))
    _write_skeleton(outline, Path(output or ids([source.stem])[source.stem]), lang, told, False, False)


@options.command("schema", "trainkit schema > case.schema.json")
def schema_command() -> None:
    """Print the JSON Schema of case.yml, for editors."""
    from trainkit.case.model import Case

    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Case.model_json_schema()}
    print(json.dumps(schema, ensure_ascii=False, indent=2))
