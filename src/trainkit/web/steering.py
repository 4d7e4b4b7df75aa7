"""What do the trainer's buttons do? Each leads to rows of ``controls``; nothing that a form says is trusted."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from trainkit.errors import OutOfDate, Refused, UnknownName
from trainkit.room.controls import record_control
from trainkit.room.records import PACES, SWITCHES, Stage
from trainkit.view.wall import following
from trainkit.web.live_room import LiveRoom
from trainkit.web.steering_people import Fields, PeopleSteering


class Steering:
    """The buttons of one room's remotes."""

    def __init__(self, room: LiveRoom):
        self.room, self.seats = room, room.seats
        self._does: Mapping[str, Callable[[Fields], Awaitable[None]]] = {
            "show": self._show,
            "next": self._next,
            "auto": self._auto,
            "ballot": self._ballot,
            "ballot_end": self._end_ballot,
            "open": self._open,
            "pace": self._pace,
            **PeopleSteering(room, self._record).does,
        }

    @property
    def _stage(self) -> Stage:
        return self.seats.stage

    async def press(self, fields: Fields) -> None:
        """Do what a button says; Refused or UnknownName if nothing was done."""
        if pressed := next((name for name in SWITCHES if name in fields), None):
            return await self._switch(pressed, fields[pressed])
        do = fields.get("do", "")
        if do not in self._does:
            raise UnknownName("button", do, (*SWITCHES, *self._does))
        await self._does[do](fields)

    async def _record(self, kind: str, value: str) -> None:
        await self.seats.writer.call(record_control, self.seats.log, self.seats.workshop, kind, value)

    async def _switch(self, name: str, wanted: str) -> None:
        """The button says what it leads to, so that a double click doesn't undo itself."""
        if wanted not in ("0", "1"):
            raise Refused("a switch is 0 or 1")
        if wanted != str(int(getattr(self._stage, name))):
            await self._record(name, wanted)

    # ---- what the screen shows --------------------------------------------------------------------------------------

    def _gone_on(self, shown: str) -> bool:
        """Whether a trainer has put another scene on the wall since this button was drawn beside ``shown``."""
        return bool(shown and self._stage.scene) and self._stage.scene != shown

    async def _show(self, fields: Fields) -> None:
        if not self._gone_on(fields.get("shown", "")):
            await self._put(fields.get("scene", ""))

    async def _next(self, fields: Fields) -> None:
        """One step from the scene at which it was pressed: two who press at once go one step together."""
        shown, stage = fields.get("scene", ""), self._stage
        if self._gone_on(shown) or stage.ballot is not None:
            return
        if shown and not stage.scene:  # the most divisive may be another by now; the button named what comes after this
            self._known(shown)
            stage = replace(stage, scene=shown)
        await self._put(following(await self.room.rooms(), stage))

    async def _auto(self, fields: Fields) -> None:
        await self._put("")

    async def _put(self, scene: str) -> None:
        """Show a scene; an empty one: the most divisive."""
        if scene:
            self._known(scene)
        if self._stage.key:
            await self._record("key", "0")  # another scene begins without its key
        await self._record("scene", scene)

    def _known(self, value: str) -> None:
        case_id, _, scene = value.partition("/")
        scenes = self.seats.workshop.part(case_id).case.scenes
        if scene not in scenes:
            raise UnknownName("scene", scene, scenes)

    async def _ballot(self, fields: Fields) -> None:
        stage = self._stage
        scene = fields.get("scene", "") or stage.scene
        self._known(scene)
        if stage.ballot is None and self._voted_since(fields):
            return
        if stage.ballot is None:
            await self._record("ballot", f"{scene} team" if stage.team_vote and stage.teams else scene)
        elif f"{stage.ballot.case_id}/{stage.ballot.scene}" != scene:
            raise OutOfDate("another vote is open")
        if stage.scene != scene:  # what is voted on stays on the wall afterwards, to be compared
            await self._record("scene", scene)

    async def _end_ballot(self, fields: Fields) -> None:
        if self._stage.ballot is not None and not self._voted_since(fields):
            await self._record("ballot", "")

    def _voted_since(self, fields: Fields) -> bool:
        """Whether there has been another vote since the button was drawn, which says how many there had been."""
        return fields.get("ballots", "") not in ("", str(self._stage.ballots))

    # ---- how the room goes on ---------------------------------------------------------------------------------------

    async def _open(self, fields: Fields) -> None:
        """The button says how many there are then, so that a double click opens one."""
        asked, opened = fields.get("opened", ""), self._stage.opened
        if not asked.isdecimal() or not 0 < int(asked[:4]) <= len(self.seats.workshop.parts):
            raise Refused("there is no such case")
        if opened is not None and int(asked) > opened:
            await self._record("opened", asked)

    async def _pace(self, fields: Fields) -> None:
        pace = fields.get("pace", "")
        if pace not in PACES:
            raise UnknownName("pace", pace, PACES)
        await self._record("pace", pace)
        if pace == "free" and self._stage.opened:  # whoever waited goes on
            await self._record("opened", str(len(self.seats.workshop.parts)))
