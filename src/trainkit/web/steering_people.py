"""What can the trainer do with people and teams? Names, places, removing and letting in again, joining two, teams."""

from collections.abc import Awaitable, Callable, Mapping

from trainkit.errors import N_, OutOfDate, Refused, UnknownName
from trainkit.log.records import pseudonym
from trainkit.room.controls import decide_control
from trainkit.room.members import MAX_NAME, runs_of
from trainkit.room.records import Stage
from trainkit.room.team_log import make_teams
from trainkit.room.teams import team_names
from trainkit.web.live_room import LiveRoom

MOST_PLACES = 10_000
Fields = Mapping[str, str]


class PeopleSteering:
    """The buttons under "People" of one room's remotes; ``record`` logs a control of a kind."""

    def __init__(self, room: LiveRoom, record: Callable[[str, str], Awaitable[None]]):
        self.room, self.seats, self._record = room, room.seats, record
        self.does: Mapping[str, Callable[[Fields], Awaitable[None]]] = {
            "name": self._name,
            "remove": self._remove,
            "restore": self._restore,
            "remove_crowd": self._remove_crowd,
            "restore_crowd": self._restore_crowd,
            "merge": self._merge,
            "part": self._part,
            "places": self._places,
            "teams": self._teams,
            "dissolve": self._dissolve,
            "team": self._team,
        }

    @property
    def _stage(self) -> Stage:
        return self.seats.stage

    async def _person(self, fields: Fields, field: str = "who") -> str:
        who = fields.get(field, "")
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

    async def _restore(self, fields: Fields) -> None:
        who = fields.get("who", "")
        if who not in self._stage.removed:
            return  # another trainer has let them in already
        places = self._stage.places or self.seats.workshop.places
        seated = sum(not one.by_file for one in await self.room.members())
        if who not in self._stage.by_file and seated >= places:
            raise Refused(N_("all {places} places are taken: there must be more of them first"), places=places)
        await self._record("restore", who)

    def _crowd(self, fields: Fields) -> list[str]:
        """The members of a series that came from one address."""
        asked = fields.get("who", "")
        people = self.room.arrivals.crowd(int(asked[:6])) if asked.isdecimal() else []
        if not people:
            raise UnknownName("series", asked, ())
        return people

    async def _remove_crowd(self, fields: Fields) -> None:
        """Those of a series who have begun nothing: who plays is more likely somebody than a program."""
        people = set(self._crowd(fields))
        begun = await self.seats.read(self._begun)

        def decide(stage: Stage) -> list[tuple[str, str]]:
            return [("remove", one) for one in sorted(people - begun - stage.removed - stage.merged.keys())]

        await self.seats.writer.call(decide_control, self.seats.log, self.seats.workshop, decide)
        self.room.arrivals.send_away(int(fields["who"]))

    async def _restore_crowd(self, fields: Fields) -> None:
        people = set(self._crowd(fields))
        here, workshop = len(await self.room.members()), self.seats.workshop

        def decide(stage: Stage) -> list[tuple[str, str]]:
            back, places = sorted(people & stage.removed), stage.places or workshop.places
            if here + len(back) > places:
                raise Refused(N_("all {places} places are taken: there must be more of them first"), places=places)
            return [("restore", one) for one in back]

        await self.seats.writer.call(decide_control, self.seats.log, workshop, decide)
        self.room.arrivals.send_away(int(fields["who"]), away=False)

    async def _merge(self, fields: Fields) -> None:
        """One person who came by two phones: ``who`` is from then on ``into``."""
        who, into, merged = fields.get("who", ""), fields.get("into", ""), self._stage.merged
        if merged.get(who) == into and into:
            return  # a double click
        if who == into:
            raise Refused(N_("nobody can be joined with themselves"))
        if into in self._stage.by_file:
            raise Refused(
                N_("whoever came by file is joined with a phone, not a phone with them: join the other way round")
            )
        if who in merged or into in merged:
            raise Refused(N_("one of them is another person’s second phone already: part these first"))
        if who in merged.values():
            raise Refused(
                N_("somebody was joined with this person already: part these first, or join the other way round")
            )
        await self._record("merge", f"{await self._person(fields)} {await self._person(fields, 'into')}")

    async def _part(self, fields: Fields) -> None:
        if fields.get("who", "") in self._stage.merged:
            await self._record("merge", f"{fields['who']} ")

    async def _places(self, fields: Fields) -> None:
        asked = fields.get("places", "")
        if not asked.isdecimal() or not 1 <= int(asked[:6]) <= MOST_PLACES:
            raise Refused(N_("a room has 1 to {most} places"), most=MOST_PLACES)
        await self._record("places", asked)

    # ---- teams ------------------------------------------------------------------------------------------------------

    async def _teams(self, fields: Fields) -> None:
        names = team_names(fields.get("teams", ""), self.seats.workshop.lang)
        await self._write_teams(names)

    async def _dissolve(self, fields: Fields) -> None:
        if self._stage.teams:
            self._stay_where_they_answered(await self.seats.read(self._begun))
            await self._write_teams(())

    def _begun(self) -> set[str | None]:
        """The members who have begun something."""
        return {record.member for record in runs_of(self.seats.log, self.seats.workshop)}

    def _stay_where_they_answered(self, moved: object) -> None:
        """Raise if an anonymous room's figures of teams would change by what only some have said."""
        if moved and not self._stage.open:
            raise Refused(
                N_("in an anonymous room who has begun stays in their team: its figures would tell what they have said")
            )

    async def _write_teams(self, names: tuple[str, ...]) -> None:
        if self._stage.ballot is not None and self._stage.ballot.team:
            raise OutOfDate(N_("the teams are voting: close the vote first"))
        await self.seats.writer.call(make_teams, self.seats.log, self.seats.workshop, names)

    async def _team(self, fields: Fields) -> None:
        who, asked, teams = await self._person(fields), fields.get("team", ""), len(self._stage.teams)
        if not asked.isdecimal() or not int(asked[:4]) < teams:
            raise UnknownName("team", asked, map(str, range(teams)))
        if self._stage.team.get(who) != int(asked):
            if who in self._stage.team:
                self._stay_where_they_answered(who in await self.seats.read(self._begun))
            await self._record("team", f"{who} {int(asked)}")
