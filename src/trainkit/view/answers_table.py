"""What did everybody answer, as a table for a spreadsheet? One row a decision, unlinked in an anonymous room.

A spreadsheet takes the separators of its language and would run what begins like a formula.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable

from trainkit.exchange.cells import as_text
from trainkit.i18n import catalog
from trainkit.room.records import Answer, Stage, Workshop
from trainkit.room.steps import step
from trainkit.view.letters import letters
from trainkit.view.screen import reply_words
from trainkit.view.split import condition_words, title

BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as an old code page
Row = tuple[str, ...]


def answers_csv(answers: Iterable[Answer], workshop: Workshop, stage: Stage, lang: str) -> str:
    """The answers of a room as CSV, with a byte order mark; names only in an open room.

    In an anonymous room there are no people, no times and no runs after the first: only decisions, sorted by scene and
    reply, of the first few in each scene as :mod:`trainkit.room.steps` counts them. Rows that are alike are given if there
    are five of them, and then as many as a step has, so that neither their order nor their number tells a person; a vote
    again, once it is over.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if lang == "ru" else ",", lineterminator="\r\n")
    names = _names(lang)
    if stage.open:
        writer.writerow(names)
        writer.writerows(_row(answer, workshop.lang, lang) for answer in answers)
    else:
        writer.writerow(names[ABOUT_A_PERSON:])
        writer.writerows(_unlinked(answers, workshop, stage, lang))
    return BYTE_ORDER_MARK + out.getvalue()


ABOUT_A_PERSON = 3  # columns


def _names(lang: str) -> Row:
    gettext = catalog(lang).gettext
    return (
        gettext("person"),
        gettext("two at one phone"),
        gettext("run"),
        gettext("case"),
        gettext("story drawn for"),
        gettext("condition"),
        gettext("scene"),
        gettext("title of the scene"),
        gettext("letter"),
        gettext("reply"),
        gettext("words of the reply"),
        gettext("position (−1 … +1)"),
        gettext("fit by the key (0 … 1)"),
        gettext("vote again (0: first answer)"),
    )


def _row(answer: Answer, room: str, lang: str) -> Row:
    gettext, case = catalog(lang).gettext, answer.case
    drawn = {"one": gettext("the room"), "half": gettext("a half"), "own": gettext("each")}
    return (
        as_text(answer.person),
        gettext("yes") if answer.pair else gettext("no"),
        str(answer.run),
        as_text(case.id),
        drawn.get(answer.drawn, answer.drawn),
        as_text(condition_words(case, answer.condition, lang)),
        as_text(answer.scene),
        as_text(title(case, answer.scene, lang)),
        letters(case, answer.scene, room)[answer.option],
        as_text(answer.option),
        as_text(reply_words(case, answer.scene, answer.option, "text", answer.knew, lang)),
        _number(answer.position, lang),
        _number(answer.fit, lang),
        str(answer.vote),
    )


def _unlinked(answers: Iterable[Answer], workshop: Workshop, stage: Stage, lang: str) -> list[Row]:
    parts = [part.case for part in workshop.parts]
    places = {(case.id, scene): (n, m) for n, case in enumerate(parts) for m, scene in enumerate(case.scenes)}
    by_place: dict[tuple[tuple[int, int], int], list[Answer]] = {}
    for answer in answers:
        voting = answer.vote and answer.vote == stage.counting(answer.case.id)
        if answer.first and not voting and answer.when is not None:
            place = places.get((answer.case.id, answer.scene), (len(parts), 0))
            by_place.setdefault((place, answer.vote), []).append(answer)
    alike: Counter[tuple[tuple[int, int], Row]] = Counter()
    for (place, _), given in by_place.items():
        for answer in sorted(given, key=lambda one: one.when)[: step(len(given))]:
            alike[place, _row(answer, workshop.lang, lang)[ABOUT_A_PERSON:]] += 1
    in_order = sorted(alike.items(), key=lambda one: (one[0][0], one[0][1][5], one[0][1]))
    return [row for (_, row), people in in_order for _ in range(step(people))]


def _number(value: float | None, lang: str) -> str:
    """A number that a spreadsheet of this language takes for one; its minus is a hyphen."""
    if value is None:
        return ""
    return f"{value:.4g}".replace(".", catalog(lang).gettext("0.5")[1])
