"""What is on the wall? What is for the whole room: how to come in, a scene and how the room answered it, a pause, the end.

There is nothing to press on it and nothing secret in it: anybody may see it. Figures of fewer than five people don't show; in
an open room, of fewer than three.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from markupsafe import Markup

from trainkit.i18n import NBSP, catalog, typeset
from trainkit.room.records import Question, Stage, Workshop
from trainkit.room.room_summary import RoomSummary
from trainkit.room.secrets import entrance, format_code
from trainkit.room.team_figures import TeamFigures
from trainkit.room.teams import sizes
from trainkit.view.clock import ticking, until_words
from trainkit.view.no_one_yet import NoOneYet
from trainkit.view.qr_code import qr_svg
from trainkit.view.render import room_page, template
from trainkit.view.screen import case_text
from trainkit.view.split import SplitView, room_scales, split_view
from trainkit.view.teams import TeamRow, compared

MOST_DOTS = 40  # of a vote: beyond that a bar


class Door(NamedTuple):
    """How one comes in: what is typed, and the same as a picture."""

    address: str
    code: str
    qr: Markup

    @classmethod
    def of(cls, workshop: Workshop, stage: Stage, address: str) -> "Door":
        """The way into a workshop whose pages are at ``address``."""
        picture = Markup(qr_svg(entrance(address, workshop.code, stage.entrance)))
        return cls(address.split("://", 1)[-1], format_code(workshop.code, NBSP), picture)


class Shown(NamedTuple):
    """The scene on the wall."""

    room: RoomSummary
    view: SplitView
    voting: tuple[int, int] | None  # how many have voted again, and how many may, while a vote is open
    present: int | None = None  # how many are in this scene, where the room goes scene by scene
    elsewhere: int = 0  # and how many in another one


def order(rooms: Mapping[str, RoomSummary]) -> list[str]:
    """``case/scene`` of every decision somebody has made, the most divisive first, those with too few answers last."""
    met = [(room.case.id, split) for room in rooms.values() for split in room.splits if split.reached]
    met.sort(key=lambda pair: (pair[1].withheld, -(pair[1].diversity or 0.0), -pair[1].answers))
    return [f"{case_id}/{split.scene}" for case_id, split in met]


def ranking(rooms: Mapping[str, RoomSummary], stage: Stage) -> list[str]:
    """Of :func:`order` what is talked about now: where the trainer opens each case, the scenes of the one opened last."""
    scenes, item = order(rooms), stage.led("case", "scene")
    if item is None:
        return scenes
    return [key for key in scenes if key.startswith(f"{item.case_id}/")]  # never back to the case before


def scenes_of_the_round(rooms: Mapping[str, RoomSummary], stage: Stage) -> list[tuple[str, int]]:
    """``case/scene`` where the room is, and how many are in it, most first; empty unless it goes scene by scene.

    A choice may have split the room: each is counted where they make, or have made, the newest decision that is open.
    """
    item = stage.led("scene")
    if item is None or item.case_id not in rooms:
        return []
    room, number = rooms[item.case_id], stage.round_of(item.case_id)
    counted: Counter[str] = Counter()
    for person in room.people:
        if person.by_file:
            continue
        if len(person.choices) >= number:
            counted[person.choices[number - 1].scene] += 1
        elif len(person.choices) == number - 1 and person.runs == 1 and room.split(person.place) is not None:
            counted[person.place] += 1
    if not counted and number == 1 and room.split(room.case.start) is not None:
        counted[room.case.start] = 0
    scenes = [scene for scene in room.case.scenes if scene in counted]
    return [(f"{room.case.id}/{scene}", counted[scene]) for scene in sorted(scenes, key=lambda scene: -counted[scene])]


def on_the_wall(rooms: Mapping[str, RoomSummary], stage: Stage) -> str:
    """``case/scene`` that is voted on, that the trainer chose, where most are, or the most divisive; empty for none.

    ``rooms`` as the wall has them: which scene divides most hangs on which figures are withheld.
    """
    ballot = f"{stage.ballot.case_id}/{stage.ballot.scene}" if stage.ballot else ""
    most = [key for key, _ in scenes_of_the_round(rooms, stage)[:1]]
    divides = ranking(rooms, stage)[:1] if stage.opened != 0 else []  # before the start only what came by file could
    for wanted in (ballot, stage.scene, *most, *_opened(rooms, stage), *divides):
        case_id, _, scene = wanted.partition("/")
        if case_id in rooms and rooms[case_id].split(scene) is not None:
            return wanted
    return ""


def _opened(rooms: Mapping[str, RoomSummary], stage: Stage) -> list[str]:
    """The first scene of a case that the trainer has just opened and in which nobody has decided anything."""
    item = stage.led("case", "scene")
    if item is None or item.case_id not in rooms:
        return []
    case = rooms[item.case_id].case
    return [] if order({case.id: rooms[case.id]}) else [f"{case.id}/{case.start}"]


def following(rooms: Mapping[str, RoomSummary], stage: Stage) -> str:
    """The scene after the one on the wall, most divisive first, and round again; empty if there is no other."""
    ranked, here = ranking(rooms, stage), on_the_wall(rooms, stage)
    if not here or ranked in ([], [here]):
        return ""
    return ranked[(ranked.index(here) + 1) % len(ranked)] if here in ranked else ranked[0]


def shown(rooms: Mapping[str, RoomSummary], key: str, stage: Stage, lang: str, public: bool = False) -> Shown | None:
    """A scene by its ``key``, with the figures that ``rooms`` have; None for none. See ``split_view`` for ``public``."""
    if not key:
        return None
    case_id, _, scene = key.partition("/")
    room, split = rooms[case_id], rooms[case_id].split(scene)
    ballot = stage.ballot
    voting = None
    if ballot and (ballot.case_id, ballot.scene) == (case_id, scene):
        now = next((one for one in split.again if one.round == ballot.number), None)
        voting = now.answers if now else 0, (now.of if now else 0) if ballot.team else split.voters
    view = split_view(room, split, lang, stage.counting(case_id), public)
    together = stage.led("scene")
    if together is None or together.case_id != case_id:
        return Shown(room, view, voting)
    present = elsewhere = 0
    for person in room.people:
        going = person.runs == 1 and not person.finished
        if any(choice.scene == scene for choice in person.choices) or (going and person.place == scene):
            present += 1
        elif going:
            elsewhere += 1
    return Shown(room, view, voting, present, elsewhere)


def teams_in(by_team: Mapping[str, Sequence[TeamFigures]], scene: Shown | None, few: int) -> Sequence[TeamRow]:
    """The teams side by side in a scene; empty where there are none."""
    if scene is None or scene.room.case.id not in by_team:
        return ()
    options = [bar.option for bar in scene.view.bars]
    return compared(by_team[scene.room.case.id], scene.view.split.scene, options, few)


def wall_html(
    rooms: Mapping[str, RoomSummary],
    here: int,
    stage: Stage,
    lang: str,
    door: Door,
    nobody: NoOneYet | None = None,
    question: Question | None = None,
    by_team: Mapping[str, Sequence[TeamFigures]] = MappingProxyType({}),
    lost: str = "",
) -> str:
    """The wall's ``<main>``.

    ``rooms`` as :func:`trainkit.room.tally.tally` gives them, in the order in which the workshop plays the cases; ``here`` is
    how many have joined, ``nobody`` why nobody has, once a while has gone by, ``question`` what was asked and is
    shown instead of a scene; ``by_team`` what each team did, by case; ``lost`` what is said if the log is
    lost. HTML without inline styles, links or forms.
    """
    scene = shown(rooms, on_the_wall(rooms, stage), stage, lang, public=True)
    open_ = stage.entry and not stage.over
    if stage.over:
        kind = "over"
    elif stage.paused and scene is None and question is None:
        kind = "pause"
    elif stage.on_break:
        kind = "break"
    elif question is not None:
        kind = "question"
    elif scene is None:
        kind = "lobby"
    else:
        compares = stage.compare and stage.votes and scene.room.case.id in by_team
        kind = "vote" if scene.voting else "teams" if compares else "key" if stage.key else "scene"
    return template(
        "wall.html",
        lang,
        kind=kind,
        wall=scene.view if scene else None,
        voting=scene.voting if scene else None,
        by_team=stage.ballot is not None and stage.ballot.team,
        dots=scene is not None and scene.voting is not None and scene.voting[1] <= MOST_DOTS,
        head=_head(rooms, None if kind == "break" else scene, lang),
        not_begun=_not_begun(scene, stage, here),
        strips=room_scales(scene.room, lang, True)
        if scene and kind == "key" and stage.votes and not scene.view.key_waits
        else (),
        votes=stage.votes,
        door=door,
        open=open_,
        waiting=stage.opened == 0,
        late=open_ and stage.door and kind not in ("lobby", "over"),
        paused=stage.paused and kind not in ("pause", "over", "break", "vote"),
        pausing=(stage.on_break.name, until_words(stage.break_ends, lang)) if stage.on_break else None,
        clock=ticking(stage.clock, lang) if kind in ("scene", "vote", "key", "lobby") and not stage.paused else None,
        here=here,
        present=(here if scene is None or scene.present is None else scene.present) + (came := by_file(scene)),
        by_file=came,
        elsewhere=scene.elsewhere if scene else 0,
        telling=stage.open or (scene is not None and scene.elsewhere >= stage.few),
        nobody=nobody,
        question=question,
        asked_words=typeset(question.text, question.lang) if question else "",
        few=stage.few,
        compared=teams_in(by_team, scene, stage.few) if kind == "teams" else (),
        teams=[*zip(stage.teams, sizes(stage), strict=True)],
        lost=lost,
    )


def by_file(scene: Shown | None) -> int:
    """How many whose run of the case on the wall came by file."""
    return sum(person.by_file for person in scene.room.people) if scene else 0


def _not_begun(scene: Shown | None, stage: Stage, here: int) -> int:
    """How many are in the room and have not begun the conversation in whose first scene it is."""
    item = stage.led("case", "scene")
    if scene is None or item is None or item.case_id != scene.room.case.id or stage.round_of(item.case_id) > 1:
        return 0
    return max(0, here - sum(not person.by_file for person in scene.room.people))


def _head(rooms: Mapping[str, RoomSummary], scene: Shown | None, lang: str) -> str:
    """What is played: the cases, or the case and the scene."""
    if scene is None:
        return " · ".join(case_text(room.case, "title", lang) for room in rooms.values())
    return f"{case_text(scene.room.case, 'title', lang)} · {scene.view.title}"


def wall_page(body: str, lang: str) -> str:
    """The wall as a whole page; ``body`` is what changes on it."""
    lost = template("wall_lost.html", lang)
    return room_page(body + lost, catalog(lang).gettext("Screen for the room"), lang, "wall.js", refresh=5)
