"""What do the trainer's buttons do? Each leads to rows of ``controls``; nothing that a form says is trusted."""

from collections.abc import Awaitable, Callable, Mapping

from trainkit.errors import N_, OutOfDate, Refused, UnknownName
from trainkit.log.records import pseudonym
from trainkit.room.controls import record_control
from trainkit.room.members import MAX_NAME
from trainkit.room.questions import question_counts
from trainkit.room.records import QUESTION_STATES, SWITCHES, Stage
from trainkit.view.wall import following
from trainkit.web.agenda_buttons import AgendaButtons
from trainkit.web.live_room import LiveRoom

MOST_PLACES = 10_000
Fields = Mapping[str, str]


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
            "name": self._name,
            "remove": self._remove,
            "places": self._places,
            **AgendaButtons(room.seats).does,
            "question": self._question,
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
            await self._record(name, wanted)

    # ---- what the screen shows --------------------------------------------------------------------------------------

    async def _show(self, fields: Fields) -> None:
        await self._put(fields.get("scene", ""))

    async def _next(self, fields: Fields) -> None:
        await self._put(following(await self.room.rooms(), self._stage))

    async def _auto(self, fields: Fields) -> None:
        await self._put("")

    async def _put(self, scene: str) -> None:
        """Show a scene; an empty one: the most divisive."""
        if scene:
            self._known(scene)
        await self._take_off()
        await self._record("scene", scene)
        if self._stage.key:
            await self._record("key", "0")  # another scene begins without its key

    def _known(self, value: str) -> None:
        case_id, _, scene = value.partition("/")
        scenes = self.seats.workshop.part(case_id).case.scenes
        if scene not in scenes:
            raise UnknownName("scene", scene, scenes)

    async def _ballot(self, fields: Fields) -> None:
        stage = self._stage
        scene = fields.get("scene", "") or stage.scene
        self._known(scene)
        if stage.ballot is None:
            await self._take_off()
            await self._record("ballot", scene)
        elif f"{stage.ballot.case_id}/{stage.ballot.scene}" != scene:
            raise OutOfDate(N_("another vote is open"))
        if stage.scene != scene:  # what is voted on stays on the wall afterwards, to be compared
            await self._record("scene", scene)

    async def _end_ballot(self, fields: Fields) -> None:
        if self._stage.ballot is not None:
            await self._record("ballot", "")

    # ---- people -----------------------------------------------------------------------------------------------------

    async def _person(self, fields: Fields) -> str:
        who = fields.get("who", "")
        if who not in {member.member for member in await self.room.members()}:
            raise UnknownName("person", who, ())
        return who

    async def _name(self, fields: Fields) -> None:
        who, name = await self._person(fields), pseudonym(fields.get("name", ""))[:MAX_NAME].strip()
        if not any(c.isalnum() for c in name):
            raise Refused(N_("a name has letters or digits in it"))
        await self._record("name", f"{who} {name}")

    async def _remove(self, fields: Fields) -> None:
        await self._record("remove", await self._person(fields))

    async def _places(self, fields: Fields) -> None:
        asked = fields.get("places", "")
        if not asked.isdecimal() or not 1 <= int(asked[:6]) <= MOST_PLACES:
            raise Refused(N_("a room has 1 to {most} places"), most=MOST_PLACES)
        await self._record("places", asked)

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
