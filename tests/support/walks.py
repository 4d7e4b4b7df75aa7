"""Ways through a case, and what each leaves behind: the same on every surface, but for what tells one run from another."""

from __future__ import annotations

import html
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from trainkit.case.model import Case
from trainkit.checks.expected_paths import walks as expected_walks
from trainkit.engine import attempt as engine
from trainkit.engine.facts import draw_facts
from trainkit.files import casebook
from trainkit.i18n import catalog
from trainkit.log.history import attempts_beside
from trainkit.log.records import Settings
from trainkit.scoring.attempt import Score, score
from trainkit.session.session import Session
from trainkit.view.debrief import debrief
from trainkit.view.screen import case_text

LANG = "ru"
BACK = "back"
TRIES = 4_000  # rollouts in which something new is looked for
SEEDS = 1_000_000  # among which the facts of a walk are looked for


class Walk(NamedTuple):
    """What one does: which case, drawn by which seed, and the options chosen (``back`` for a step back)."""

    folder: Path
    name: str
    seed: int
    answers: tuple[str, ...]

    @property
    def case(self) -> Case:
        """The case."""
        return read(self.folder)

    @property
    def facts(self) -> dict[str, str]:
        """What is true of the client."""
        return dict(zip(self.case.facts, draw_facts(self.case, self.seed), strict=True))

    def __str__(self) -> str:
        return f"{self.folder.name}/{self.name} (seed {self.seed}): {','.join(self.answers)}"


@cache
def read(folder: Path) -> Case:
    """A case; it is frozen, so all may have the same one."""
    return casebook.load_case(folder)


# ---- which ways -----------------------------------------------------------------------------------------------------


def named_walks(folder: Path) -> tuple[Walk, ...]:
    """The walks that the case's ``walks.yml`` names."""
    case = read(folder)
    return tuple(
        Walk(folder, one.name, _seed_of(case, draw_facts(case, one.seed, one.fixed)), _answers(one.answers))
        for one in expected_walks(folder)
    )


def _answers(answers: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(BACK if answer is None else answer for answer in answers)


def _seed_of(case: Case, truth: tuple[str, ...]) -> int:
    """The first seed by which this is drawn: not every surface can be told a fact."""
    return next(seed for seed in range(SEEDS) if draw_facts(case, seed) == truth)


def covering_walks(folder: Path) -> tuple[Walk, ...]:
    """Few walks that together choose every option of every scene and come to every ending; one step back in every third.

    Each rollout goes on by what was met least so far, under facts as they are drawn; kept is what met anything new, then
    whatever the others meet as well is left out.
    """
    case, met, kept = read(folder), Counter(), []
    wanted = everything(case)
    for number in range(TRIES):
        if wanted <= met.keys():
            break
        answers, meets = _rollout(case, number, met, number % 3 == 1)
        if meets - met.keys():
            kept.append((number, answers, meets))
        met.update(meets)
    needed = Counter(part for _, _, meets in kept for part in meets)
    walks = []
    for number, answers, meets in reversed(kept):  # the last ones met what is rare
        if all(needed[part] > 1 for part in meets):
            needed.subtract(meets)
        else:
            walks.append(Walk(folder, f"cover-{number}", number, answers))
    return tuple(reversed(walks))


def random_walks(folder: Path, most: int) -> tuple[Walk, ...]:
    """So many walks by chance, each under facts of its own."""
    walks = []
    for seed in range(most):
        dice, run = random.Random(f"{folder.name}/{seed}"), engine.start(read(folder), seed)
        while not run.finished:
            run = engine.choose(run, dice.choice(run.open))
        walks.append(Walk(folder, f"chance-{seed}", seed, tuple(step.option for step in run.steps)))
    return tuple(walks)


def everything(case: Case) -> set[tuple[str, str]]:
    """(scene, option) of every option of every scene, and ("", ending) of every ending."""
    options = {(name, option) for name, scene in case.scenes.items() for option in scene.options}
    return options | {("", ending) for ending in case.endings}


def meets(walk: Walk) -> set[tuple[str, str]]:
    """What of :func:`everything` a walk meets."""
    run = engine.replay(walk.case, walk.seed, {}, [None if one == BACK else one for one in walk.answers])
    return {(step.scene, step.option) for step in run.steps} | {("", run.ending)}


def _rollout(case: Case, seed: int, met: Counter, steps_back: bool) -> tuple[tuple[str, ...], set[tuple[str, str]]]:
    """Play to an ending by what was met least; with one step back, if that is wanted, as soon as there is a way back."""
    dice, run, answers, found = random.Random(seed), engine.start(case, seed), [], set()
    while not run.finished:
        if steps_back and run.can_go_back:
            run, steps_back = engine.back(run), False
            answers.append(BACK)
        place = run.state.place
        option = min(run.open, key=lambda name: (met[place, name] + ((place, name) in found), dice.random()))
        found.add((place, option))
        answers.append(option)
        run = engine.choose(run, option)
    return tuple(answers), found | {("", run.ending)}


# ---- what is left behind --------------------------------------------------------------------------------------------


class Shown(NamedTuple):
    """What a debrief says in figures: the ending, Position with its interval, Play and Inquiry, the price of every reply."""

    ending: str
    position: str
    figures: tuple[tuple[str, str], ...]
    prices: tuple[str, ...]


class Run(NamedTuple):
    """A run as the log has it, with its score and what its debrief showed; no times, no ids."""

    case: tuple[str, str, str]
    settings: Settings
    origin: str
    truth: tuple[str, ...]
    events: tuple[tuple[str | None, ...], ...]
    score: Score
    shown: Shown


def run_of(session: Session, shown: Shown | None = None) -> Run:
    """What a session comes to; what was ``shown`` is read off a screen, else it is what the debrief's view says."""
    record = session.record
    return Run(
        case=(record.case_id, record.case_hash, record.translations_hash),
        settings=record.settings,
        origin=record.origin,
        truth=session.attempt.truth,
        events=tuple((e.kind, e.scene, e.option, e.text, e.ending, e.lang) for e in session.events),
        score=score(session.attempt),
        shown=shown or _worked_out(session),
    )


def differences(one: Run, other: Run) -> Iterator[str]:
    """What two runs don't agree in, in words."""
    for name, mine, theirs in zip(Run._fields, one, other, strict=True):
        if mine != theirs:
            yield f"{name}: {mine} != {theirs}"


def _worked_out(session: Session) -> Shown:
    gettext = catalog(LANG).gettext
    view = debrief(session, LANG, attempts_beside(session.log, session.record))
    costs = {None: gettext("not measured"), "": gettext("nothing lost")}
    return Shown(
        ending=words(view.one.ending),
        position="" if view.score.position is None else view.rest.numbers[0][1],
        figures=tuple((figure.name, str(figure.value)) for figure in view.figures),
        prices=tuple(costs.get(move.cost, move.cost) for move in view.moves),
    )


def words(text: str) -> str:
    """The words of a page or a screen, without markup, however its lines are broken."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def shown_on_pages(case: Case, pages: Sequence[str]) -> Shown:
    """What the HTML of a debrief says."""
    together = "".join(pages)
    prices = re.findall(r'class="pay">(.*?)</span>\s*</summary>', together, re.S)
    return _said(case, words(together), catalog(LANG).gettext("How it ended"), map(words, prices))


def shown_in_terminal(case: Case, screen: str) -> Shown:
    """What a debrief in a terminal says."""
    gettext = catalog(LANG).gettext
    heading = gettext("Debrief") + ":"
    said = words(screen.rpartition(f"--- {heading}")[2])
    prices = re.findall(r"(?<= )\d+\. [^][]+ \[([^];]+)\]", said)
    return _said(case, f"{heading} {said}", heading, prices)


def _said(case: Case, said: str, heading: str, prices: Iterable[str]) -> Shown:
    """The figures in the words of a debrief; the ending stands after its heading."""
    gettext = catalog(LANG).gettext
    endings = sorted((words(case_text(case, f"endings.{name}.title", LANG)) for name in case.endings), key=len)
    ended = re.search(f"{re.escape(heading)} ({'|'.join(map(re.escape, reversed(endings)))})", said)
    signed = r"[+−]?\d+"
    place = re.search(rf"{gettext('Position')} ({signed} \[{signed}; {signed}\])", said)
    of = gettext("of 100")
    figures = re.findall(rf"({gettext('Play')}|{gettext('Inquiry')}):? ({signed}) {of}", said)
    return Shown(ended[1] if ended else "", place[1] if place else "", tuple(figures), tuple(prices))
