"""Sheets for the table: everything that is needed, nothing that gives it away, and a person with a pencil can play it."""

import random
import re
from html.parser import HTMLParser

import pytest
from support.places import CASES

from trainkit.engine.attempt import afterwards, choose, start
from trainkit.engine.rules import known_facts
from trainkit.errors import TrainkitError, UnknownName
from trainkit.files import case_errors, casebook
from trainkit.i18n import catalog, typeset
from trainkit.paper.handout import DRAWS, SHEETS, _best, _draws, _openings, handout
from trainkit.paper.handout_book import book, sheet_scene
from trainkit.scoring.tomorrow import tomorrow_id, tomorrow_texts
from trainkit.simulation.met_state import MetState
from trainkit.value.solver import exact_play

EMPTY = {"meta", "br", "hr", "img", "input", "link"}


@pytest.fixture(scope="module", params=CASES)
def case(request):
    return casebook.load_case(request.param)


class Page(HTMLParser):
    """A page as a person reads it: the text of each section; refuses tags that don't balance."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.open, self.sections, self.tags, self.attributes = [], {}, [], []
        self.feed(html)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag in EMPTY:
            return
        self.open.append((tag, dict(attrs).get("id")))
        if tag in ("p", "h1", "h2", "h3") and any(t in ("p", "h1", "h2", "h3") for t, _ in self.open[:-1]):
            raise AssertionError(f"{tag} inside {self.open[:-1]}")

    def handle_endtag(self, tag):
        assert self.open and self.open[-1][0] == tag, f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data):
        for tag, name in self.open:
            if tag == "section":
                self.sections[name] = self.sections.get(name, "") + data


def flat(text):
    return re.sub(r"\s+", " ", text)


def read(case, lang, **settings):
    return Page(handout(case, lang, **settings))


# ---- what is on which sheet -----------------------------------------------------------------------------------


def test_every_sheet_is_there_in_every_language(case):
    for lang in case.languages:
        page = read(case, lang)
        assert tuple(page.sections) == SHEETS
        wanted = {
            "client": [f"scenes.{case.start}.title", f"speakers.{case.client}"],
            "trainee": ["role"],
            "observer": ["context.orientation", "context.centricity"],
            "key": ["debrief.argument.text", "debrief.counter.text", "debrief.questions.1", "context.why"],
            "tomorrow": [tomorrow_id(case, number) for number in range(min(4, len(case.debrief.lines)))],
            "own": [],
        }
        for sheet, keys in wanted.items():
            said = flat(page.sections[sheet])
            for key in [*keys, "title", *(["notice"] if case.notice else [])]:
                assert flat(typeset(case.text(key, lang), lang)) in said, (sheet, key)
        cards = flat(page.sections["tomorrow"])
        words = [flat(typeset(said, lang)) for said in tomorrow_texts(case, lambda key: case.text(key, lang))]  # noqa: B023
        assert sum(cards.count(said) for said in set(words)) == 4  # as many cards, whatever there is to say


def test_the_sheets_hold_every_word_that_may_be_needed(case):
    """Client: what he says, hears and ends with; key: every reply with its reason. Nothing falls through a condition."""
    for lang in case.languages:
        page = read(case, lang)
        for key, text in case.texts.items():
            words_ = flat(typeset(case.text(key, lang), lang))
            part = key.split(".")
            if part[0] in ("scenes", "endings") and "because" not in part and part[-1] not in ("title", "prompt"):
                assert words_ in flat(page.sections["client"]), key
            if part[0] == "facts":
                assert words_ in flat(page.sections["client"]), key
            if ".options." in key and ("because" in part or "text" in part):
                assert words_ in flat(page.sections["key"]), (key, text)


def test_the_trainee_learns_nothing_beforehand(case):
    for lang in case.languages:
        said = flat(read(case, lang).sections["trainee"])
        opening = {text for heard in _openings(book(case, lang, {})) for one in heard for _, text in one.texts}
        for text in [*opening, *(typeset(case.text(key, lang), lang) for key in ("title", "role"))]:
            assert flat(text) in said, text
        for text in sorted({*opening, typeset(case.text("role", lang), lang)}, key=len, reverse=True):
            said = said.replace(flat(text), "")  # what a trainee may know may use a word that an ending's title uses
        for key in case.texts:
            part = key.split(".")
            secret = part[0] in ("facts", "endings", "debrief", "context") or ".options." in key
            later = part[0] == "scenes" and part[1] != case.start
            text = flat(typeset(case.text(key, lang), lang))
            if (secret or later) and len(text) > 3:
                assert text not in said, key


def test_the_observer_sees_no_answers(case):
    for lang in case.languages:
        said = flat(read(case, lang).sections["observer"])
        for pole in ("context.orientation", "context.centricity"):
            said = said.replace(flat(typeset(case.text(pole, lang), lang)), "")
        for key in case.texts:
            if key.startswith(("facts.", "endings.", "debrief.")) and not key.endswith((".label", ".title")):
                assert flat(typeset(case.text(key, lang), lang)) not in said, key
            if ".options." in key:
                assert flat(typeset(case.text(key, lang), lang)) not in said or len(case.text(key, lang)) < 12, key
        for name, scene in case.scenes.items():
            if len(scene.options) > 1:
                assert flat(typeset(case.text(f"scenes.{name}.title", lang), lang)) in said, name


def test_sheets_can_be_chosen_and_unknown_names_are_refused(parcel):
    assert tuple(read(parcel, "ru", sheets=["own", "client"]).sections) == ("client", "own")
    assert tuple(read(parcel, "ru", sheets="trainee").sections) == ("trainee",)
    for settings, name in [
        ({"sheets": ["clent"]}, 'Did you mean "client"?'),
        ({"fixed": {"ned": "today"}}, 'Did you mean "need"?'),
        ({"fixed": {"need": "todai"}}, 'Did you mean "today"?'),
    ]:
        with pytest.raises(UnknownName) as caught:
            handout(parcel, "ru", **settings)
        assert name in str(caught.value)
    with pytest.raises(UnknownName):
        handout(parcel, "xx")
    with pytest.raises(TrainkitError):
        handout(parcel, "ru", fixed="need")


def test_what_is_fixed_leaves_the_rest_out(parcel):
    """A condition set by the trainer: one opening, no line of the other."""
    high, low = (read(parcel, "ru", fixed={"price": value}).sections for value in ("high", "low"))
    assert "Она дорогая" in high["client"] and "Она дорогая" in high["trainee"]
    assert "Она дорогая" not in low["client"] and "Она дорогая" not in low["trainee"]
    assert "Как чугунный мост" not in low["client"]
    both = flat(read(parcel, "ru").sections["trainee"])
    assert "Она дорогая" in both and both.count(flat(typeset(parcel.text("role", "ru"), "ru"))) == 2


# ---- safe and whole -------------------------------------------------------------------------------------------


def test_text_from_people_stays_text(parcel):
    evil = '</style><script>alert("1")</script>{{ 7*7 }}\\"'
    found = parcel.model_dump(exclude_defaults=True)
    found["title"] = evil
    found["scenes"]["call"]["options"]["offer"]["text"] = [{"value": evil}]
    found["facts"]["need"]["values"]["today"]["label"] = evil
    hostile = case_errors.case_from_data(found)
    for lang in ("ru",):
        html = handout(hostile, lang)
        assert "<script" not in html.lower() and html.lower().count("</style>") == 1
        page = Page(html)
        assert evil in page.sections["client"] and evil in page.sections["key"]
        style = html[html.index("<style>") : html.index("</style>")]
        assert '"1"' not in style and "alert" in style


def test_nothing_comes_from_outside(case):
    for lang in case.languages:
        html = handout(case, lang)
        page = Page(html)
        assert not {"script", "link", "img", "iframe", "base", "object"} & set(page.tags)
        assert all(value.startswith("#") for name, value in page.attributes if name in ("href", "src"))
        assert "url(" not in html and "@import" not in html and "http:" not in html
        assert html.startswith("<!DOCTYPE html>") and f'<html lang="{lang}">' in html
        ids = [value for name, value in page.attributes if name == "id"]
        assert len(ids) == len(set(ids))


# ---- it can be played -----------------------------------------------------------------------------------------


def test_two_dice_draw_what_may_be_true(case):
    """36 draws for each condition, each possible, each fact about as often as the case says."""
    b = book(case, "en", {})
    hidden = [name for name, fact in case.facts.items() if not fact.design]
    for table in _draws(b):
        cells = [dict(zip(hidden, cell.split(), strict=True)) for row in table.rows for cell in row]
        assert len(cells) == DRAWS
        under = [part for part in table.code.split(" / ") if part]
        design = {n: v for n, f in case.facts.items() if f.design for v in f.values if _circled(b, n, v) in under}
        worlds = [dict(zip(case.facts, world, strict=True)) for world in case.worlds]
        shares = [
            (world, p)
            for world, p in zip(worlds, case.probabilities, strict=True)
            if all(world[name] == value for name, value in design.items()) or len(under) > 1
        ]
        total = sum(p for _, p in shares)
        for cell in cells:
            drawn = {name: list(case.facts[name].values)[int(figure) - 1] for name, figure in cell.items()}
            assert any(drawn.items() <= world.items() for world, _ in shares)
        for name in hidden:
            for number, value in enumerate(case.facts[name].values, 1):
                expected = sum(p for world, p in shares if world[name] == value) / total
                got = sum(cell[name] == str(number) for cell in cells) / DRAWS
                assert abs(got - expected) < 0.06, (name, value, got, expected)


def _circled(b, name, value):
    return b.letters[name] + str(list(b.case.facts[name].values).index(value) + 1)


class Pencil:
    """A person with the client's sheet: circles, crosses out, ticks, and reads conditions off the paper alone."""

    def __init__(self, b, facts):
        self.b, self.ticks = b, set()
        self.circled = {b.letters[name]: list(b.case.facts[name].values).index(v) + 1 for name, v in facts.items()}
        self.circled |= {b.letters[name]: 1 for name in b.case.memory}
        self.patience = b.case.patience.budget if b.case.patience else 0

    def holds(self, code):
        gettext, parts = catalog(self.b.lang).gettext, code.split()
        while gettext("or") in parts:  # «А? or А2✓» is one condition
            at = parts.index(gettext("or"))
            parts[at - 1 : at + 2] = ["" if self.one(parts[at - 1]) or self.one(parts[at + 1]) else "never"]
        return all(part in ("", gettext("else")) or (part != "never" and self.one(part)) for part in parts)

    def one(self, part):
        if part in ("", "never"):
            return not part
        letter, figures, sign = re.fullmatch(r"(\D+?)([\d/]*)([✓?]?)", part).groups()
        true = not figures or str(self.circled[letter]) in figures.split("/")
        return true and (not sign or (sign == "✓") == (letter in self.ticks))

    def first(self, keyed):
        return next(value for code, value in keyed if self.holds(code))

    def hears(self, lines):
        return [self.first(line.texts) for line in lines if self.holds(line.code)]

    def writes(self, note):
        mark, _, under = note.partition(" (")
        if under and not self.holds(under.rstrip(")")):
            return
        if mark.endswith("✓"):
            self.ticks.add(mark[:-1])
        else:
            letter, figure = re.fullmatch(r"(\D+)(\d+)", mark).groups()
            self.circled[letter] = int(figure)


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_paper_leads_where_the_program_leads(case, lang):
    """The same draw and the same replies: the same words are heard, the same numbers come up, to the same end."""
    choice = random.Random(4)
    _walk(book(case, lang, {}), choice, 120)
    for world in choice.sample(case.worlds, min(4, len(case.worlds))):  # the same where the trainer has set the facts
        _walk(book(case, lang, dict(zip(case.facts, world, strict=True))), choice, 20)


def _walk(b, choice, times):
    case = b.case
    places = {number: sheet_scene(b, name) for name, number in b.numbers.items()}
    for seed in range(times):
        attempt = start(case, seed, b.fixed)
        pencil = Pencil(b, attempt.facts)
        heard = [b.text(said.text) for said in attempt.said]
        here, seen, paper = 1, {1}, pencil.hears(places[1].lines)
        for _ in range(60):
            assert b.numbers[attempt.state.place] == here
            if attempt.finished:
                break
            offered = {
                cue.name[1]: cue
                for cue in places[here].cues
                if pencil.holds(cue.code) and (here, cue.name[1]) not in seen
            }
            assert set(offered) == set(attempt.open), (seed, here)
            option = choice.choice(attempt.open)
            before = len(attempt.said)
            attempt = choose(attempt, option)
            heard += [b.text(said.text) for said in attempt.said[before:]]
            cue = offered[option]
            if cue.ask:
                seen.add((here, option))
            paper.append(pencil.first(cue.texts))
            paper += pencil.hears(cue.heard)
            pencil.patience -= cue.costs
            for note in cue.notes:
                pencil.writes(note)
            leaving = bool(case.patience and cue.costs and pencil.patience <= 0)
            here = _follow(pencil, cue.ways, places)
            if leaving and not places[here].ending:
                here = b.numbers[case.patience.leaves]
            while True:
                if here not in seen or not places[here].inquiry:
                    paper += pencil.hears(places[here].lines)
                seen.add(here)
                if not places[here].ways:
                    break
                here = _follow(pencil, places[here].ways, places)
        assert attempt.finished
        assert paper == heard, (seed, [s.option for s in attempt.steps])
        assert pencil.hears(places[here].after) == [b.text(said.text) for said in afterwards(attempt)]
        known = known_facts(case, attempt.state)
        for name in b.knowing:
            if not case.facts[name].design and b.letters[name] in pencil.ticks:
                assert known[name] != "unknown", (seed, name)


def _follow(pencil, ways, places):
    way = next(way for way in ways if pencil.holds(way.code))
    for tick in way.told:
        pencil.writes(tick)
    return way.to


def test_a_key_says_which_reply_exact_play_chooses(parcel):
    """At the start all runs say the best; shares are per cent of runs; not everything is best."""
    b = book(parcel, "en", {})
    best = _best(b)
    for design in ("low", "high"):
        state = start(parcel, 0, {"price": design}).state
        after = exact_play(parcel).after(state)
        option = max(after, key=lambda name: after[name].best)
        assert MetState(parcel, "en", state).best_replies[0] == option
        assert any(figure == "100" for _, figure in best["call", option])
    assert all(1 <= int(figure) <= 100 for keyed in best.values() for _, figure in keyed)
    assert set(best) < {(s, o) for s, scene in parcel.scenes.items() for o in scene.options}
    assert len(_openings(b)) == 2
