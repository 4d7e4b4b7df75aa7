"""What has a trainer pressed last? In a few words and with its time, for the others who hold a remote."""

from collections.abc import Mapping

from trainkit.i18n import catalog
from trainkit.log.records import local_time
from trainkit.room.records import Pressed
from trainkit.room.room_summary import RoomSummary
from trainkit.view.split import title


def pressed_words(pressed: Pressed | None, rooms: Mapping[str, RoomSummary], lang: str) -> str:
    """What was pressed last and when, by this machine's clock; empty where nobody has pressed anything that can be told."""
    words = _words(pressed, rooms, lang) if pressed else ""
    if not words:
        return ""
    return f"{words}, {local_time(pressed.at):%H:%M}"


def _words(pressed: Pressed, rooms: Mapping[str, RoomSummary], lang: str) -> str:
    gettext = catalog(lang).gettext
    case_id, _, scene = pressed.setting.partition("/")
    if pressed.kind == "scene" and case_id in rooms:
        return title(rooms[case_id].case, scene, lang)
    if pressed.kind in ("opened", "round"):
        return gettext("Next") if pressed.setting != "0" else ""
    on, off = {
        "paused": (gettext("Pause"), gettext("pause over")),
        "over": (gettext("the end"), gettext("reopened")),
        "votes": (gettext("bars shown"), gettext("bars hidden")),
        "clock": (gettext("Clock"), gettext("clock off")),
        "back": (gettext("The break is over"), ""),
        "agenda": (gettext("agenda changed"), ""),
        "pace": (gettext("pace changed"), ""),
        "question": (gettext("a question sorted"), ""),
        "box": (gettext("box of questions open"), gettext("box of questions closed")),
        "key": (gettext("Key"), gettext("key closed")),
        "door": (gettext("QR code"), gettext("QR code away")),
        "entry": (gettext("entrance open"), gettext("entrance closed")),
        "ballot": (gettext("Vote"), gettext("vote closed")),
        "scene": ("", gettext("Most divisive first")),
        "team_vote": (gettext("One vote a team"), gettext("Everybody votes alone")),
        "compare": (gettext("teams compared"), gettext("comparison off")),
        "teams": (gettext("Teams"), gettext("teams dissolved")),
        "name": (gettext("renamed"), ""),
        "remove": (gettext("Removed"), ""),
        "restore": (gettext("let back in"), ""),
        "merge": (gettext("two joined"), gettext("parted")),
    }.get(pressed.kind, ("", ""))
    return off if pressed.setting in ("", "0", "[]") or pressed.setting.endswith(" ") else on
