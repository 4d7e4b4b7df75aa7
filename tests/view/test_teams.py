"""Teams side by side: nothing of too few in a team, and nothing that the rest would give away."""

import pytest
from support.rooms import Page, play

from trainkit.room.records import Stage
from trainkit.room.run_summary import summarise_run
from trainkit.room.tally import tally
from trainkit.room.team_figures import team_figures
from trainkit.view.split import split_view
from trainkit.view.teams import compared
from trainkit.view.wall import Door, order, wall_html


def of_sizes(case, sizes, open_room=False):
    """A room whose teams have these sizes."""
    sessions, members = play(case, sum(sizes), seed=4)
    team = {
        one.member: n for one, n in zip(members, [n for n, size in enumerate(sizes) for _ in range(size)], strict=True)
    }
    stage = Stage(open=open_room, teams=tuple("ABCDEF"[: len(sizes)]), team=team)
    runs = [summarise_run(session) for session in sessions]
    rooms = {case.id: tally(runs, case, few=stage.few, stage=stage)}
    return stage, rooms, team_figures(runs, rooms, stage, members, stage.few)


def side_by_side(case, sizes, open_room=False):
    stage, rooms, figures = of_sizes(case, sizes, open_room)
    split = rooms[case.id].split(next(iter(case.scenes)))
    return compared(figures[case.id], split.scene, split.options, stage.few), split


@pytest.mark.parametrize(
    ("sizes", "open_room", "told"),
    [
        ((6, 6, 6), False, [True, True, True]),
        ((6, 7, 4), False, [False, True, False]),  # the four would be what is left of the room's figures
        ((6, 4, 4), False, [True, False, False]),  # eight together give nobody away
        ((1, 3, 4), True, [False, False, True]),
        ((3, 3), True, [True, True]),
        ((2, 2), True, [False, False]),
    ],
)
def test_nothing_of_too_few(racket, sizes, open_room, told):
    rows, split = side_by_side(racket, sizes, open_room)
    assert [row.counts is not None for row in rows] == told
    assert [row.people for row in rows] == list(sizes)
    shown = [row for row in rows if row.counts is not None]
    assert all(sum(row.counts) == row.answered for row in shown)
    if all(told):
        assert tuple(map(sum, zip(*(row.counts for row in rows), strict=True))) == split.counts
    assert all(bool(row.position) <= (row.counts is not None) for row in rows)


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_the_wall_compares_when_it_is_told_to(racket, lang):
    from dataclasses import replace

    stage, rooms, figures = of_sizes(racket, (6, 6))
    door = Door("10.0.0.1", "1", "")
    for compares in (False, True):
        page = Page(wall_html(rooms, 12, replace(stage, compare=compares), lang, door, by_team=figures))
        assert ("by-teams" in page.html) == compares == ("is-teams" in page.html)
    key = order(rooms)[0].partition("/")[2]
    replies = split_view(rooms[racket.id], rooms[racket.id].split(key), lang).bars
    assert all(bar.text in page.text for bar in replies)
    hidden = Page(wall_html(rooms, 12, replace(stage, compare=True, votes=False), lang, door, by_team=figures))
    assert "by-teams" not in hidden.html
