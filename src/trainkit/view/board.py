"""What is on the trainer's board? The room's most divisive decision on the wall, and below it what is read from near by.

Whether votes, key and names show is the trainer's to set; figures of fewer than five people don't show at all.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from trainkit.case.model import Case
from trainkit.i18n import NBSP, catalog, quoted
from trainkit.room.records import Member, Stage
from trainkit.room.secrets import format_code
from trainkit.room.tally import FEW, Person, RoomSummary
from trainkit.view.render import template
from trainkit.view.screen import case_text, reply_words
from trainkit.view.split import room_scale, split_view, title
from trainkit.view.wall_size import last_sentences, type_size

PLACES = 4  # rows of the list of places: more can't be read at a glance


def order(rooms: Mapping[str, RoomSummary]) -> list[str]:
    """``case/scene`` of every decision somebody has made, the most divisive first, those with too few answers last."""
    met = [(room.case.id, split) for room in rooms.values() for split in room.splits if split.answers]
    met.sort(key=lambda pair: (pair[1].withheld, -(pair[1].diversity or 0.0), -pair[1].answers))
    return [f"{case_id}/{split.scene}" for case_id, split in met]


def board_html(
    rooms: Mapping[str, RoomSummary],
    members: Sequence[Member],
    stage: Stage,
    lang: str,
    *,
    address: str,
    code: str,
    qr_svg: str,
) -> str:
    """The inside of the board's ``<main class="stage">``.

    ``rooms`` as :func:`trainkit.room.tally.tally` gives them, in the order in which the workshop plays the cases;
    ``address`` and ``code`` are what is typed to join, ``qr_svg`` the same as a picture: trusted, it is not escaped.

    HTML without inline styles; each form begins with ``<!--token-->``, every control has an id of its own that stays
    the same.
    """
    ranking = order(rooms)
    shown = _shown(ranking, rooms, stage)
    newest = _newest(rooms)
    wall, room = None, None
    if shown:
        case_id, _, scene = shown.partition("/")
        room = rooms[case_id]
        wall = split_view(room, room.split(scene), lang, _counting(room, stage))
    on_scale = room_scale(room, lang, stage.key) if room and stage.votes and not stage.ballot else None
    return template(
        "board.html",
        lang,
        stage=stage,
        wall=wall,
        first=wall is not None and not wall.split.withheld and shown == ranking[0],
        follows=len(ranking) > 1,
        size=type_size(wall, stage, on_scale) if wall else 0,
        heading=(quoted(last_sentences(wall.line), lang) if wall.line else wall.title) if wall else "",
        strip=on_scale,
        voting=_voting(rooms, stage),
        case_title=case_text(room.case, "title", lang) if room else "",
        parts=[_part(one, stage, lang) for one in rooms.values()],
        places=_places(rooms, members, newest, lang),
        people=len(members),
        pairs=sum(member.pair for member in members),
        seated=[_seat(member, newest, rooms, lang) for member in members] if stage.names else (),
        address=address,
        code=format_code(code, NBSP),
        qr=Markup(qr_svg),
        few=FEW,
    )


def _shown(ranking: Sequence[str], rooms: Mapping[str, RoomSummary], stage: Stage) -> str:
    """The scene on the wall: the one that is voted on, the one the trainer chose, or the most divisive."""
    ballot = f"{stage.ballot.case_id}/{stage.ballot.scene}" if stage.ballot else ""
    for wanted in (ballot, stage.scene):
        case_id, _, scene = wanted.partition("/")
        if case_id in rooms and rooms[case_id].split(scene) is not None:
            return wanted
    return ranking[0] if ranking else ""


def _counting(room: RoomSummary, stage: Stage) -> int | None:
    """Number of the vote again that is open in this case: while it is, its numbers would sway those who still think."""
    return stage.ballot.number if stage.ballot and stage.ballot.case_id == room.case.id else None


def _voting(rooms: Mapping[str, RoomSummary], stage: Stage) -> tuple[int, int] | None:
    """How many have voted again in the open ballot, and how many may."""
    ballot = stage.ballot
    split = rooms[ballot.case_id].split(ballot.scene) if ballot and ballot.case_id in rooms else None
    if split is None:
        return None
    return next((one.answers for one in split.again if one.round == ballot.number), 0), split.answers


# ---- who is where ---------------------------------------------------------------------------------------------


def _newest(rooms: Mapping[str, RoomSummary]) -> dict[str, tuple[str, Person]]:
    """Member → case and whereabouts of the newest run."""
    newest: dict[str, tuple[str, Person]] = {}
    for case_id, room in rooms.items():
        for person in room.people:
            if person.member not in newest or newest[person.member][1].run < person.run:
                newest[person.member] = case_id, person
    return newest


def whereabouts(case: Case, person: Person, several: bool, lang: str) -> str:
    """Where someone is, in words; never which ending: that would tell what was chosen."""
    where = catalog(lang).gettext("debrief") if person.finished else title(case, person.place, lang)
    return f"{case_text(case, 'title', lang)}: {where}" if several else where


def _places(
    rooms: Mapping[str, RoomSummary], members: Sequence[Member], newest: Mapping[str, tuple[str, Person]], lang: str
) -> list[tuple[str, int]]:
    """Places and how many are there, in the order of the cases; in a small room only how far people are."""
    gettext = catalog(lang).gettext
    here = [newest[member.member] for member in members if member.member in newest]
    waiting = len(members) - len(here)
    rows = [(gettext("not begun yet"), waiting)] if waiting else []
    if len(members) < FEW:
        talking = sum(not person.finished for _, person in here)
        rows += [(gettext("in the conversation"), talking)] if talking else []
        rows += [(gettext("debrief"), len(here) - talking)] if len(here) > talking else []
        return rows
    counted = Counter((case_id, "" if person.finished else person.place) for case_id, person in here)
    talking = {key: n for key, n in counted.items() if key[1]}
    kept = set(sorted(talking, key=lambda key: -talking[key])[:PLACES])
    others = sum(n for key, n in talking.items() if key not in kept)
    for case_id, room in rooms.items():
        scenes = (scene for scene in room.case.scenes if (case_id, scene) in kept)
        rows += [(title(room.case, scene, lang), counted[case_id, scene]) for scene in scenes]
    rows += [(gettext("elsewhere"), others)] if others else []
    for case_id, room in rooms.items():
        if done := counted[case_id, ""]:
            words, of = gettext("debrief"), case_text(room.case, "title", lang)
            rows.append((f"{words}: {of}" if len(rooms) > 1 else words, done))
    return rows


def _seat(
    member: Member, newest: Mapping[str, tuple[str, Person]], rooms: Mapping[str, RoomSummary], lang: str
) -> dict:
    place = catalog(lang).gettext("not begun yet")
    if member.member in newest:
        case_id, person = newest[member.member]
        place = whereabouts(rooms[case_id].case, person, len(rooms) > 1, lang)
    return {"name": member.name, "pair": member.pair, "place": place}


# ---- below the wall -------------------------------------------------------------------------------------------


def _part(room: RoomSummary, stage: Stage, lang: str) -> dict[str, Any]:
    ranking = [key.partition("/")[2] for key in order({room.case.id: room})]
    return {
        "case_id": room.case.id,
        "title": case_text(room.case, "title", lang),
        "scenes": [split_view(room, room.split(scene), lang, _counting(room, stage)) for scene in ranking],
        "inquiry": None if room.inquiry is None else facts(room, lang, stage.key),
        "passed": room.passed,
        "disagreements": reasons(room, lang),
        "left_out": room.left_out,
    }


def facts(room: RoomSummary, lang: str, key: bool) -> list[dict[str, Any]]:
    """What could be asked about, what the room left out most first; with ``key``, what it would have changed."""
    gettext, case, rows = catalog(lang).gettext, room.case, []
    for one in room.inquiry or ():
        changed = reply = ""
        if key and one.changed is not None:
            text = gettext(
                "For {changed} of the {n} who finished without asking, a different reply would have been best"
            )
            changed = text.format(changed=one.changed, n=one.reviewed)
        if key and one.reply:
            scene, option, knew = one.reply
            reply = reply_words(case, scene, option, "text", knew, lang)
        label = case_text(case, f"facts.{one.fact}.label", lang)
        rows.append({"label": label, "asked": one.asked, "never": one.never, "changed": changed, "reply": reply})
    return rows


def reasons(room: RoomSummary, lang: str, names: bool = False) -> list[dict[str, Any]]:
    """What was said against the key, by reply; with ``names``, by whom."""
    known = {person.number: person.name for person in room.people}
    return [
        {
            "title": title(room.case, one.scene, lang),
            "text": reply_words(room.case, one.scene, one.option, "text", one.knew, lang),
            "words": [f"{known[number]}: {text}" if names else text for number, text in one.reasons],
        }
        for one in room.disagreements or ()
    ]
