"""What is on the trainer's remote? What the room does now, six buttons that never move, people, and what is needed rarely.

It is behind a secret link and shows names; the wall (:mod:`trainkit.view.wall`) shows neither. Figures of fewer than five
people don't show on either.
"""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import urlencode

from markupsafe import Markup

from trainkit.case.model import Case
from trainkit.i18n import catalog, languages
from trainkit.room.records import Member, Question, Stage
from trainkit.room.room_summary import Person, RoomSummary
from trainkit.room.team_figures import TeamFigures
from trainkit.room.teams import default_names, in_teams
from trainkit.typed import alike
from trainkit.view.agenda import item_name, plan
from trainkit.view.clock import ticking, until_words
from trainkit.view.letters import letters
from trainkit.view.log_lost import LostWords
from trainkit.view.no_one_yet import NoOneYet
from trainkit.view.pressed import pressed_words
from trainkit.view.qr_code import qr_svg
from trainkit.view.questions import box_view
from trainkit.view.render import room_page, template
from trainkit.view.screen import case_text, reply_words
from trainkit.view.split import split_view, title
from trainkit.view.wall import (
    Door,
    Shown,
    by_file,
    following,
    on_the_wall,
    order,
    ranking,
    scenes_of_the_round,
    shown,
    teams_in,
)

TABS = ("now", "people", "questions", "agenda", "more")
QUESTIONS = ("over", "remove", "dissolve", "with", "merge", "crowd")  # what is done only after it was asked for twice


class Asked(NamedTuple):
    """Which part of the remote is looked at: a tab, a person, something that is to be confirmed."""

    tab: str = "now"
    who: str = ""
    sure: str = ""
    into: str = ""  # who somebody is to be joined with

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Asked":
        """From an address, of which nothing is trusted."""
        tab, sure = query.get("tab", ""), query.get("sure", "")
        sure = sure if sure in QUESTIONS else ""
        return cls(tab if tab in TABS else TABS[0], query.get("who", "")[:32], sure, query.get("into", "")[:32])

    def leads(self, **to: str) -> str:
        """The address of another part."""
        parts = self._replace(**to)._asdict()
        return "?" + urlencode({name: value for name, value in parts.items() if value})


class Crowd(NamedTuple):
    """Many who came in from one address within minutes: members who are there still, and how many of it were removed."""

    number: int
    here: tuple[str, ...]
    removed: int


class Around(NamedTuple):
    """What the remote needs besides the room: what is set, the way in, how many trainers and places there are."""

    stage: Stage
    door: Door
    trainers: int
    places: int
    lost: LostWords | None = None  # what became of the log
    nobody: NoOneYet | None = None  # why nobody has come, once a while has gone by
    cases: tuple[tuple[str, str], ...] = ()  # that could be taken in: id and title
    questions: Sequence[Question] = ()  # asked without a name, in the order in which they came
    lang: str = ""  # the room's
    way_in: Sequence[str] = ()  # what is to be known of the address on the screen
    joined: Sequence[Member] = ()  # who is out, or somebody’s second phone
    crowds: Sequence[Crowd] = ()


class Onward(NamedTuple):
    """What "Next" does: the button's value, a field that goes with it (name and value), and what it says."""

    do: str
    name: str
    value: str
    says: str
    off: bool = False  # it can't be pressed yet


def remote_html(
    rooms: Mapping[str, RoomSummary],
    members: Sequence[Member],
    around: Around,
    asked: Asked,
    lang: str,
    near: Mapping[str, RoomSummary] | None = None,
    by_team: Mapping[str, Sequence[TeamFigures]] = MappingProxyType({}),
) -> str:
    """What changes on the remote.

    ``rooms`` as the wall has them, in the order in which the workshop plays the cases, and ``near`` with the figures that
    the trainer alone sees, if these are others; ``by_team`` what each team did, by case; ``members`` who is in the room,
    in the order in which they came. HTML without inline styles; each form begins with ``<!--token-->``, every control has an
    id of its own that stays the same.
    """
    stage, onward = around.stage, _onward(rooms, around.stage, lang)
    key, places, rooms = on_the_wall(rooms, stage), scenes_of_the_round(rooms, stage), near or rooms
    scene, newest = shown(rooms, key, stage, lang), _newest(rooms)
    folk = [_person(member, newest, rooms, stage.open, lang) for member in members]
    seated = [member for member in members if not member.by_file]
    twice = Counter(known_by for person in folk for known_by in alike(person["name"]))
    known = next((person for person in folk if person["id"] == asked.who), None)
    other = next((person for person in folk if person["id"] == asked.into and person != known), None)
    crowds = [_crowd(one, folk, newest) for one in around.crowds]
    crowd = next((one for one in crowds if asked.who == str(one.number)), None)
    sure = asked.sure if known or asked.sure not in ("remove", "with", "merge") else ""
    sure = "with" if sure == "merge" and not other else sure
    sure = "" if sure == "crowd" and not (crowd and crowd.idle) else sure
    picking, sure = sure == "with", "" if sure == "with" else sure
    return template(
        "remote.html",
        lang,
        stage=stage,
        around=around,
        asked=asked._replace(who=known["id"] if known else str(crowd.number) if crowd else "", sure=sure, into=""),
        tabs=_tabs(lang),
        box=(box := box_view(around.questions)),
        badges={"questions": len(box["new"]), "people": len(stage.knocked)},
        on_wall=next((one for one in box["shown"] if one.on), None),
        languages=languages(),
        wall=scene.view if scene else None,
        voting=scene.voting if scene else None,
        by_team=stage.ballot is not None and stage.ballot.team,
        pressed=pressed_words(stage.pressed, rooms, lang) if around.trainers > 1 else "",
        case=_counted(rooms, scene, lang) if scene else "",
        onward=onward,
        present=(len(seated) if scene is None or scene.present is None else scene.present) + (came := by_file(scene)),
        by_file=came,
        apart=[(other, _scene_title(other, rooms, lang), n) for other, n in places if n and other != key],
        clock=ticking(stage.clock, lang, short=True),
        minutes=_clock_minutes(stage),
        plan=plan(rooms, stage, around.cases, lang) if asked.tab == "agenda" else (),
        pausing=(stage.on_break, until_words(stage.break_ends, lang)) if stage.on_break else None,
        here=len(seated),
        waiting=[
            person["name"]
            for person in folk
            if not person["by_file"] and scene and stage.open and person["at"] == scene.view.key
        ],
        playing=[person["name"] for person in folk if person["playing"] and not person["by_file"]],
        parts=[_part(one, stage, lang) for one in rooms.values()],
        places=_places(rooms, seated, newest, stage.open, lang),
        compared=teams_in(by_team, scene, stage.few),
        groups=_groups(stage, members, folk, lang),
        offered=", ".join(default_names(around.lang or lang)[:4]),
        twice={person["name"] for person in folk if any(twice[one] > 1 for one in alike(person["name"]))},
        known=known,
        other=other,
        picking=picking,
        phones=_names_of(around.joined, [one for one, into in stage.merged.items() if known and into == known["id"]]),
        answered_twice=_twice(rooms, known["id"], lang) if known and stage.open else (),
        removed=_names_of(around.joined, stage.removed),
        knocking=[name for _, name in _names_of(around.joined, stage.knocked)],
        crowds=crowds,
        crowd=crowd,
        few=stage.few_for_trainer,
    )


def remote_page(body: str, lang: str) -> str:
    """The remote as a whole page; ``body`` is what changes on it."""
    written = any(field in body for field in ('type="text"', "<select", "<textarea"))  # it would be taken away
    return room_page(body, catalog(lang).gettext("Trainer’s remote"), lang, "remote.js", refresh=0 if written else 8)


def invitation(link: str, lang: str, alone: bool = False) -> str:
    """A page with a link for one's own phone or another trainer; ``alone``: the only one that leads here now."""
    gettext, picture = catalog(lang).gettext, Markup(qr_svg(link))
    heading = gettext("New link to the remote") if alone else gettext("Link to the remote")
    return room_page(
        template("remote_invitation.html", lang, link=link, qr=picture, title=heading, alone=alone), heading, lang
    )


def _tabs(lang: str) -> list[tuple[str, str]]:
    gettext = catalog(lang).gettext
    return [
        ("now", gettext("Now")),
        ("people", gettext("People")),
        ("questions", gettext("Questions")),
        ("agenda", gettext("Agenda")),
        ("more", gettext("More")),
    ]


def _counted(rooms: Mapping[str, RoomSummary], scene: Shown, lang: str) -> str:
    name = case_text(scene.room.case, "title", lang)
    if len(rooms) < 2:
        return name
    number = [*rooms].index(scene.room.case.id) + 1
    return catalog(lang).gettext("Case {n} of {all} · {title}").format(n=number, all=len(rooms), title=name)


def _onward(rooms: Mapping[str, RoomSummary], stage: Stage, lang: str) -> Onward | None:
    """What comes next: the next scene that everybody waits for, another one for the screen, or the next case or break."""
    item, another = stage.led("scene"), following(rooms, stage)
    opening = Onward("open", "opened", str(stage.onward), _opens(rooms, stage, lang)) if stage.onward else None
    if item is not None and item.case_id in rooms:
        number = stage.round_of(item.case_id)
        people = [person for person in rooms[item.case_id].people if not person.by_file]
        if any(len(person.choices) >= number and not person.finished for person in people):
            value = f"{item.case_id}/{number + 1}"
            return Onward("round", "round", value, catalog(lang).gettext("scene {n}").format(n=number + 1))
        if all(len(person.choices) < number for person in people):  # else the next case opens over everybody's heads
            return Onward("next", "", "", catalog(lang).gettext("after the first answer"), off=True)
        if opening and all(person.finished for person in people):  # its scenes have been talked about one by one
            return opening
    # after the last scene, and before the first one, "next" opens what comes
    if opening and (another in ("", *ranking(rooms, stage)[:1]) or stage.on_break):
        return opening
    if stage.on_break:
        return Onward("back", "key_of", stage.on_break.key, catalog(lang).gettext("the break is over"))
    return Onward("next", "", "", _scene_title(another, rooms, lang)) if another else None


def _opens(rooms: Mapping[str, RoomSummary], stage: Stage, lang: str) -> str:
    """What is opened next: the room itself, or an item of the agenda."""
    if not stage.opened:
        return catalog(lang).gettext("everybody starts")
    return item_name(stage.agenda[stage.opened], rooms, lang)


def _clock_minutes(stage: Stage) -> int:
    """Minutes that the clock is given by its button: those of the case, else those it had last."""
    item = stage.current
    return (item.clock if item else 0) or (stage.clock.minutes if stage.clock else 0) or stage.clock_minutes or 3


def _scene_title(key: str, rooms: Mapping[str, RoomSummary], lang: str) -> str:
    case_id, _, scene = key.partition("/")
    return key and title(rooms[case_id].case, scene, lang)


# ---- who is where ---------------------------------------------------------------------------------------------


def _newest(rooms: Mapping[str, RoomSummary]) -> dict[str, tuple[str, Person]]:
    """Member → case and whereabouts of the newest run."""
    newest: dict[str, tuple[str, Person]] = {}
    for case_id, room in rooms.items():
        for person in room.people:
            if person.member not in newest or newest[person.member][1].run < person.run:
                newest[person.member] = case_id, person
    return newest


def whereabouts(case: Case, person: Person, several: bool, lang: str, open_room: bool = True) -> str:
    """Where someone is, in words: never which ending, and which scene only in an open room; it would tell what was said."""
    gettext = catalog(lang).gettext
    talking = title(case, person.place, lang) if open_room else gettext("in the conversation")
    where = gettext("debrief") if person.finished else talking
    return f"{case_text(case, 'title', lang)}: {where}" if several else where


def _places(
    rooms: Mapping[str, RoomSummary],
    members: Sequence[Member],
    newest: Mapping[str, tuple[str, Person]],
    open_room: bool,
    lang: str,
) -> list[tuple[str, int]]:
    """Places and how many are there, in the order of the cases; unless the room is open only how far people are."""
    gettext = catalog(lang).gettext
    here = [newest[member.member] for member in members if member.member in newest]
    waiting = len(members) - len(here)
    rows = [(gettext("not begun yet"), waiting)] if waiting else []
    counted = Counter((case_id, "" if person.finished else person.place) for case_id, person in here)
    for case_id, room in rooms.items():
        there = [(title(room.case, scene, lang), counted[case_id, scene]) for scene in room.case.scenes]
        if not open_room:
            words = gettext("in the conversation")
            told = f"{case_text(room.case, 'title', lang)}: {words}" if len(rooms) > 1 else words
            there = [(told, sum(n for _, n in there))]
        rows += [row for row in there if row[1]]
        if done := counted[case_id, ""]:
            words, of = gettext("debrief"), case_text(room.case, "title", lang)
            rows.append((f"{words}: {of}" if len(rooms) > 1 else words, done))
    return rows


def _person(
    member: Member,
    newest: Mapping[str, tuple[str, Person]],
    rooms: Mapping[str, RoomSummary],
    open_room: bool,
    lang: str,
) -> dict[str, Any]:
    place, at, playing, said = catalog(lang).gettext("not begun yet"), "", False, []
    if member.member in newest:
        case_id, person = newest[member.member]
        place = whereabouts(rooms[case_id].case, person, len(rooms) > 1, lang, open_room)
        said = [_letter(rooms[case_id], one.scene, one.option) for one in person.choices] if open_room else []
        at, playing = f"{case_id}/{person.place}", not person.finished
    return {
        "id": member.member, "name": member.name, "pair": member.pair, "place": place, "at": at, "playing": playing,
        "said": [number for number in said if number], "by_file": member.by_file,
    }  # fmt: skip


def _letter(room: RoomSummary, scene: str, option: str) -> str:
    """The letter of a reply on the wall."""
    return letters(room.case, scene, room.lang).get(option, "")


class _CrowdTold(NamedTuple):
    """A series as the remote tells it: how many are there, who of them has begun nothing, how many were removed."""

    number: int
    here: int
    idle: list[str]
    removed: int


def _crowd(crowd: Crowd, folk: Sequence[dict[str, Any]], newest: Container[str]) -> _CrowdTold:
    idle = [one["name"] for one in folk if one["id"] in crowd.here and one["id"] not in newest]
    return _CrowdTold(crowd.number, len(crowd.here), idle, crowd.removed)


def _names_of(joined: Sequence[Member], who: Container[str]) -> list[tuple[str, str]]:
    """Members and their names, in the order in which they came."""
    return [(one.member, one.name) for one in joined if one.member in who]


def _twice(rooms: Mapping[str, RoomSummary], who: str, lang: str) -> list[tuple[str, str, str]]:
    """Scenes that somebody answered differently on two phones: title, what counts, the other."""
    told = [
        (title(room.case, scene, lang), _letter(room, scene, one), _letter(room, scene, other))
        for room in rooms.values()
        for person in room.people
        if person.member == who
        for scene, one, other in person.twice
    ]
    return [row for row in told if row[1] and row[2]]


def _groups(
    stage: Stage, members: Sequence[Member], folk: Sequence[dict[str, Any]], lang: str
) -> list[tuple[str, list[dict[str, Any]]]]:
    """People as the remote lists them: by team, or all under no name; then who came by file."""
    told = {person["id"]: person for person in folk}
    teams = in_teams(stage, [one for one in members if not one.by_file])
    groups = [(name, [told[one.member] for one in team]) for name, team in teams]
    came = [person for person in folk if person["by_file"]]
    return [*groups, (catalog(lang).gettext("came by file"), came)] if came else groups


# ---- what is read at leisure ----------------------------------------------------------------------------------


def _part(room: RoomSummary, stage: Stage, lang: str) -> dict[str, Any]:
    ranking = [key.partition("/")[2] for key in order({room.case.id: room})]
    return {
        "case_id": room.case.id,
        "title": case_text(room.case, "title", lang),
        "scenes": [split_view(room, room.split(scene), lang, stage.counting(room.case.id)) for scene in ranking],
        "inquiry": None if room.inquiry is None else facts(room, lang, stage.key),
        "passed": room.passed,
        "disagreements": reasons(room, lang),
        "left_out": room.left_out,
        "anonymous": room.anonymous,
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
