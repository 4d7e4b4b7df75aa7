"""What do the words alone give away? Sheets for blind readers, and how often what they chose is what the key says.

Three sheets, all of the scenes of one or more cases in random order, replies shuffled and lettered:

- *replies*: the replies and nothing else. Who finds the best one here smells it;
- *lines*: what the client said last, and the replies, without the story before it;
- *positions*: the scene as it is read, with what the poles are; a coder places each reply.

``casebook/INSTRUMENT.md`` says what readers are told, and which figures are the goal.
"""

import csv
import io
import random
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from statistics import NormalDist
from typing import Any, NamedTuple

from trainkit.case.model import Case
from trainkit.engine.turn import Step
from trainkit.errors import TrainkitError
from trainkit.files.reading import csv_rows
from trainkit.i18n import catalog
from trainkit.log.memory import MemoryLog
from trainkit.log.records import Settings
from trainkit.scoring.decisions import fits
from trainkit.session.resume import begin
from trainkit.view.screen import Screen, screen

SHEETS = ("replies", "lines", "positions")
LETTERS = "abcdefgh"
RUNS = 300  # in which the scenes of a case are met
CLEAR = 0.4  # a reply whose position is at least so far from 0 has a side
KEY = ("number", "letter", "case", "scene", "option", "position", "fit", "best")
WIDTH = 88
SETTINGS = Settings(feedback="none", back=False)
_NOT_SAID = ("tell", "you", "own", "why", "back")


class Met(NamedTuple):
    """A scene as somebody met it first: what was on the screen, and the decision it is."""

    case: Case
    scene: str
    view: Screen
    step: Step
    fits: Mapping[str, float | None]


class Found(NamedTuple):
    """What a reader's answers come to: ``right`` of ``n``, its 90 % interval (Wilson), what chance gives, what was missed."""

    right: int
    n: int
    interval: tuple[float, float]
    chance: float | None
    missed: list[str]

    @property
    def share(self) -> float:
        """Share of right ones, 0 … 1."""
        return self.right / self.n


def met_scenes(case: Case, lang: str, seed: int = 0) -> list[Met]:
    """Every scene with a scored decision that is met in some runs at random, as it stood when first met."""
    dice, found = random.Random(f"{case.id} {seed}"), {}
    for run in range(RUNS):
        session = begin(MemoryLog(), case, "reader", seed=run, settings=SETTINGS, origin="blind")
        for _ in range(40):
            if session.attempt.finished:
                break
            view, deciding, scene = screen(session, lang), session.attempt.deciding, session.attempt.state.place
            session.play([dice.choice(session.attempt.open)], lang)
            if deciding and scene not in found:
                step = session.attempt.steps[-1]
                found[scene] = Met(case, scene, view, step, fits(case, step))
    return [found[scene] for scene in case.scenes if scene in found]


def sheet(cases: Sequence[Case], kind: str, lang: str, seed: int = 0) -> tuple[str, str]:
    """A sheet as text, and its key as CSV with the columns ``KEY``; the same seed gives the same sheet."""
    dice = random.Random(seed)
    scenes = [met for case in cases for met in met_scenes(case, lang, seed)]
    if kind == "positions":
        scenes = [met for met in scenes if met.case.scenes[met.scene].axis]
    dice.shuffle(scenes)
    text, rows = [_heading(kind, lang)], []
    for number, met in enumerate(scenes, 1):
        names = [name for name, _, _ in met.step.open]
        dice.shuffle(names)
        text += ["", f"{number}.", *_shown(met, kind, lang)]
        positions = {name: position for name, position, _ in met.step.open}
        said = {button.id: button.text for button in met.view.choice.buttons}
        best = max(fit or 0.0 for fit in met.fits.values())
        for letter, name in zip(LETTERS, names, strict=False):
            text.append(textwrap.fill(f"   {letter}) {said[name]}", WIDTH, subsequent_indent="      "))
            fit = met.fits[name] or 0.0
            rows.append((number, letter, met.case.id, met.scene, name, positions[name], fit, int(fit >= best - 1e-9)))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([KEY, *rows])
    return "\n".join(text) + "\n", out.getvalue()


def _heading(kind: str, lang: str) -> str:
    _ = catalog(lang).gettext
    told = (
        _("Choose in every scene the reply that you think the examiner wants to hear: “1 b”, a line each.")
        if kind != "positions"
        else _(
            "Give every reply a position from −1 (the request as asked) to +1 (the task behind it, found out together), or "
            "“none” if it serves neither: “1b +0.6”, a line each."
        )
    )
    return textwrap.fill(told, WIDTH)


def _shown(met: Met, kind: str, lang: str) -> Iterator[str]:
    """What a reader sees of a scene before its replies."""
    if kind == "replies":
        return
    if kind == "lines":
        heard = [bubble for bubble in met.view.bubbles if bubble.kind not in _NOT_SAID]
        yield from (_wrapped(f"{bubble.who}: {bubble.text}") for bubble in heard[-1:])
        return
    poles = "−1: {orientation}  +1: {centricity}".format(
        **{name: met.case.text(f"context.{name}", lang) for name in ("orientation", "centricity")}
    )
    yield _wrapped(f"[{met.view.head.role} {poles}]")
    spoken = [bubble for bubble in met.view.bubbles if bubble.kind not in ("own", "why", "back")]
    for bubble in spoken[-6:]:
        yield _wrapped(bubble.text if bubble.kind == "tell" else f"{bubble.who}: {bubble.text}")


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent="   ", subsequent_indent="   ")


# ---- what was found ---------------------------------------------------------------------------------------------

_CHOICE = re.compile(r"^\W*(\d+)\W*([a-h])\b", re.I)
_PLACE = re.compile(r"^\W*(\d+)\W*([a-h])\W*?\s*[:=]?\s*([+\-−]?\d*[.,]?\d+|none|нет)\b", re.I)


def found_in(answers: str, key: str) -> Found:
    """Compare a reader's answers with the key of their sheet.

    A hit is a reply with the highest fit there; a position counts where the key's is ±.4 or further out, and is right on the
    same side of 0.

    Raises
    ------
    TrainkitError
        If the key is none, no line is an answer, or one names a reply that the sheet doesn't have.
    """
    names, *cells = [row for _, row in csv_rows(key, ",", "the key") if row] or [[]]
    rows = [dict(zip(names, row, strict=False)) for row in cells]
    if not rows or set(names) != set(KEY):
        raise TrainkitError(f"the key has the columns {', '.join(KEY)} (got {', '.join(names) if rows else 'nothing'})")
    for line, (row, all_cells) in enumerate(zip(rows, cells, strict=True), 2):
        if len(all_cells) != len(names) or not row["number"].isdecimal():
            raise TrainkitError(f"the key, row {line}: a number, and as many cells as there are columns are wanted")
    there = {(int(row["number"][:9]), row["letter"]): row for row in rows}
    places = dict(_read(answers, _PLACE, there))
    return _positions(places, there) if places else _hits(dict(_read(answers, _CHOICE, there)), there)


def _read(
    answers: str, form: re.Pattern, there: Mapping[tuple[int, str], Any]
) -> Iterator[tuple[tuple[int, str], str]]:
    for line in answers.splitlines():
        if told := form.match(line):
            place = int(told[1][:9]), told[2].lower()
            if place not in there:
                raise TrainkitError(f'the sheet has no reply {place[0]}{place[1]} (in "{line.strip()}")')
            yield place, told[told.lastindex or 0]


def _hits(chosen: Mapping[tuple[int, str], str], there: Mapping[tuple[int, str], Mapping[str, str]]) -> Found:
    by_scene = dict(chosen.keys())  # the last one said counts
    if not by_scene:
        raise TrainkitError('no line is an answer: "1 b", or "1b +0.6" for positions')
    missed, chances = [], []
    for number, letter in by_scene.items():
        scene = [row for (n, _), row in there.items() if n == number]
        best = [row["option"] for row in scene if row["best"] == "1"]
        chances.append(len(best) / len(scene))
        row = there[number, letter]
        if row["best"] != "1":
            missed.append(f"{row['case']}/{row['scene']}: {row['option']}, not {' or '.join(best)}")
    n = len(by_scene)
    return Found(n - len(missed), n, wilson(n - len(missed), n), sum(chances) / n, missed)


def _positions(places: Mapping[tuple[int, str], str], there: Mapping[tuple[int, str], Mapping[str, str]]) -> Found:
    missed, n = [], 0
    for place, told in places.items():
        row = there[place]
        if not row["position"] or abs(float(row["position"])) < CLEAR:
            continue
        n += 1
        said = None if told[0].isalpha() else float(told.replace("−", "-").replace(",", "."))
        if said is None or said * float(row["position"]) <= 0:
            missed.append(
                f"{row['case']}/{row['scene']}/{row['option']}: {told}, the key says {float(row['position']):+.1f}"
            )
    if not n:
        raise TrainkitError("none of these replies has a position of ±0.4 or further out: there is nothing to compare")
    return Found(n - len(missed), n, wilson(n - len(missed), n), None, missed)


def wilson(right: int, n: int, level: float = 0.9) -> tuple[float, float]:
    """Wilson's score interval of a share (Wilson 1927), 0 … 1."""
    z, share = NormalDist().inv_cdf((1 + level) / 2), right / n
    middle, half = share + z * z / (2 * n), z * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)
