"""What do the trainer's buttons do? Each leads to rows of ``controls``; nothing that a form says is trusted."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from trainkit.errors import N_, OutOfDate, Refused, UnknownName
from trainkit.room.controls import record_control
from trainkit.room.questions import question_counts
from trainkit.room.records import QUESTION_STATES, SWITCHES, Stage
from trainkit.view.wall import following
from trainkit.web.live_room import LiveRoom
from trainkit.web.steering_agenda import AgendaSteering
from trainkit.web.steering_people import Fields, PeopleSteering

INSTEAD = {"key": "compare", "compare": "key"}  # they have one place on the wall: what was pressed last stands there


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
            "question": self._question,
            **AgendaSteering(room.seats).does,
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
            raise Refused(N_("a switch is 0 or 1"))
        if wanted != str(int(getattr(self._stage, name))):
            if wanted == "1" and name in INSTEAD and getattr(self._stage, INSTEAD[name]):
                await self._record(INSTEAD[name], "0")
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
        await self._take_off()
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
            await self._take_off()
            if self._stage.compare:
                await self._record("compare", "0")
            await self._record("ballot", f"{scene} team" if stage.team_vote and stage.teams else scene)
        elif f"{stage.ballot.case_id}/{stage.ballot.scene}" != scene:
            raise OutOfDate(N_("another vote is open"))
        if stage.scene != scene:  # what is voted on stays on the wall afterwards, to be compared
            await self._record("scene", scene)

    async def _end_ballot(self, fields: Fields) -> None:
        if self._stage.ballot is not None and not self._voted_since(fields):
            await self._record("ballot", "")

    # ---- questions without a name -------------------------------------------------------------------------------------

    async def _question(self, fields: Fields) -> None:
        """Show a question to the room, hide it, put it on the screen or take it off, or call it answered."""
        number, _, state = fields.get("question", "").partition(" ")
        asked, _ = await self.seats.read(question_counts, self.seats.log, self.seats.workshop)
        if not (number.isascii() and number.isdecimal() and 0 < int(number[:6]) <= asked):
            raise UnknownName("question", number, ())
        if state not in QUESTION_STATES:
            raise UnknownName("state of a question", state, QUESTION_STATES)
        if self._stage.question_state(int(number)) != state:
            await self._record("question", f"{int(number)} {state}")

    async def _take_off(self) -> None:
        """A question leaves the screen where something else comes onto it."""
        if self._stage.on_wall:
            await self._record("question", f"{self._stage.on_wall} shown")

    def _voted_since(self, fields: Fields) -> bool:
        """Whether there has been another vote since the button was drawn, which says how many there had been."""
        return fields.get("ballots", "") not in ("", str(self._stage.ballots))
