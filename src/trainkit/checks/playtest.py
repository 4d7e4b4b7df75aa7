"""Does a case work when it is played? Exact play and a thousand simulated runs → problems, and how well personas part.

Problems that only playing shows: a bad exit that pays, keys that quarrel with values, questions nobody needs, options nobody
picks, a key one can guess from the length or the place of a reply. Thresholds are this kit's own.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from trainkit.case.conditions import UNKNOWN
from trainkit.case.model import Case, TomorrowLine
from trainkit.checks.best_play import NEAR, asked_apart, best_ways
from trainkit.checks.separation import contrasts, mean_of
from trainkit.engine.rules import knowledge, known_facts, outcomes, starts
from trainkit.errors import N_, KeyPath, Told
from trainkit.scoring.formulas import measure
from trainkit.scoring.tomorrow import fits_run, leaning, learnt
from trainkit.simulation.met_state import MetState
from trainkit.simulation.personas import CARICATURES, Persona
from trainkit.simulation.runner import CaseRunner, SimulatedRun
from trainkit.value.regret import NOTHING, PREMATURE, idle
from trainkit.value.solver import TooLarge, exact_play

RUNS = 200  # of each persona
BEST_FIT = 95.0  # a case whose best play has less is refused
CUE = 5.0  # points of fit that guessing the key may gain over random play
ENOUGH = 4.0  # decisions of a random run; with fewer, one scene makes a cue by chance
TENSION = 0.7  # between the lowest and the highest position of a scene
ENDLESS = 100  # patience that no case uses up
RARE = 0.01  # share of visits under which an option counts as picked by nobody

Finding = tuple[str, KeyPath, str]  # (code, path, rule)


class Playtest(NamedTuple):
    """What playing a case showed, wherever its files lie, with figures by their names in a report.

    ``values`` has the expected value of ``best``, ``unasked``, ``random`` and ``worst`` play, averaged over the conditions
    of the design; ``best_fit`` the mean Fit of exact best play, 0 … 100.
    """

    errors: Sequence[Finding] = ()
    warnings: Sequence[Finding] = ()
    figures: Mapping[str, Any] = {}


def playtest(case: Case, runs: int = RUNS) -> Playtest:
    """Play a case through, exactly and by simulation."""
    try:
        worths = [exact_play(case).worth(state) for state in starts(case)]
    except TooLarge as error:
        return Playtest([("too_large", ("facts",), error.rule)])
    values = {name: sum(getattr(worth, name) for worth in worths) / len(worths) for name in worths[0]._fields}
    ground = CaseRunner(case)
    ways = best_ways(ground)
    best_fit = _mean_fit(ways)
    played = {name: [ground.run(persona, n, 0) for n in range(1, runs + 1)] for name, persona in CARICATURES.items()}
    places = _places(played)
    errors = [*_low_fit(best_fit), *_bad_exits(ways), *_asked_apart(ways)]
    warnings = [
        *_no_tension(places), *_dull_questions(case, places), *_always_best(case, places), *_unpicked(played),
        *_cues(ground, played, runs), *_key_disagreements(places), *_tomorrow_misfits(case, played),
    ]  # fmt: skip
    scores = {name: [run.scores() for run in of_persona] for name, of_persona in played.items()}
    means = {
        name: {score: mean_of([one[score] for one in of_persona]) for score in ("position", "fit", "play")}
        for name, of_persona in scores.items()
    }
    figures = {"values": values, "best_fit": best_fit, "means": means, "separation": tuple(contrasts(scores))}
    return Playtest(errors, warnings, figures)


def _mean_fit(ways: Sequence[tuple[float, SimulatedRun]]) -> float | None:
    measured = [(p, fit) for p, run in ways if (fit := measure(run.decisions, ("fit",))[0]["fit"]) is not None]
    whole = math.fsum(p for p, _ in measured)
    return math.fsum(p * fit for p, fit in measured) / whole if whole else None


def _low_fit(best_fit: float | None) -> Iterator[Finding]:
    if best_fit is not None and best_fit < BEST_FIT:
        rule = N_("exact best play has fit {fit:.1f}, under {least:.0f}: `fit` and `value` or `effect` quarrel")
        yield "best_play_unfit", ("scenes",), Told(rule, fit=best_fit, least=BEST_FIT)


def _asked_apart(ways: Sequence[tuple[float, SimulatedRun]]) -> Iterator[Finding]:
    """A draw in which the debrief asks for something else than best play does."""
    worst = asked_apart(ways)
    if worst is not None and abs(worst.apart) > NEAR + 1e-9:
        where = ", ".join(f"{fact}={value}" for fact, value in worst.facts.items()) or Told(N_("nothing is drawn"))
        rule = N_(
            "the debrief says {target:+.0f} is asked for, best play stands at {position:+.0f}, over {near:.0f} points apart, "
            "where {where}: bring them together with a `context.target` near {wanted:+.1f}, or with a `target` in each scene "
            "that asks for something of its own"
        )
        wanted = worst.position / 100
        said = Told(rule, target=worst.target, position=worst.position, near=NEAR, where=where, wanted=wanted)
        yield "asked_apart", ("context", "target"), said


def _bad_exits(ways: Sequence[tuple[float, SimulatedRun]]) -> Iterator[Finding]:
    """On the best way, an ending one choice away that the key calls poor and that pays as much as going on."""
    seen: set[tuple[str, str]] = set()
    for _, run in ways:
        for place, _ in run.choices:
            endings = place.case.endings
            ends = {name: all(state.place in endings for state in place.reached(name)) for name in place.open}
            on = [q for name, q in zip(place.open, place.worth, strict=True) if not ends[name]]
            fits = place.fits
            for name, q in zip(place.open, place.worth, strict=True):
                poor = fits[name] is not None and fits[name] < max(fit or 0.0 for fit in fits.values()) - 0.3
                if on and ends[name] and poor and q > max(on) - 1e-9 and (place.scene, name) not in seen:
                    seen.add((place.scene, name))
                    rule = N_("an early bad exit that beats a longer path: worth {worth:.2f}, going on {on:.2f}")
                    yield "bad_exit", ("scenes", place.scene, "options", name), Told(rule, worth=q, on=max(on))


def _places(played: Mapping[str, Sequence[SimulatedRun]]) -> dict[str, list[MetState]]:
    """Scene → the states of it that were met, each once."""
    met: dict[str, dict[int, MetState]] = {}
    for runs in played.values():
        for run in runs:
            for place, _ in run.choices:
                met.setdefault(place.scene, {})[id(place)] = place
    return {scene: list(places.values()) for scene, places in met.items()}


def _no_tension(met: Mapping[str, Sequence[MetState]]) -> Iterator[Finding]:
    for scene, places in met.items():
        ranges = [max(on) - min(on) for place in places if len(on := [k for k in place.positions if k is not None]) > 1]
        if ranges and max(ranges) < TENSION - 1e-9:
            rule = N_("no real tension: positions lie within {within:.1f}; offer both poles (at least {least} apart)")
            yield "no_tension", ("scenes", scene), Told(rule, within=max(ranges), least=TENSION)


def _dull_questions(case: Case, met: Mapping[str, Sequence[MetState]]) -> Iterator[Finding]:
    exact = exact_play(case)
    for scene, places in met.items():
        for name, option in case.scenes[scene].options.items():
            asked = [place for place in places if option.ask and name in place.open]
            if asked and all(idle(exact, place.state, name, place.reached(name)) for place in asked):
                yield "dead_question", ("scenes", scene, "options", name), _why_dead(case, name, asked)


def _why_dead(case: Case, name: str, asked: Sequence[MetState]) -> Told:
    """Why a question changes nothing: nobody is there any more to hear what it leads to, or its answer tells nothing."""
    if case.patience is None or not case.scenes[asked[0].scene].options[name].costs:
        return Told(N_("a dead question: in no state does its answer change what is best later"))
    endless = case.model_copy(update={"patience": case.patience.model_copy(update={"budget": ENDLESS, "price": 0.0})})
    endless.__dict__.pop("kept", None)  # what has been worked out with less patience
    try:
        exact = exact_play(endless)
        heard = ((state := place.state._replace(patience=ENDLESS), outcomes(endless, state, name)) for place in asked)
        needed = any(not idle(exact, state, name, [after for _, after in ways]) for state, ways in heard)
    except TooLarge:
        needed = False
    if not needed:
        return Told(N_("a dead question: in no state does its answer change what is best later"))
    if all(after.place == case.patience.leaves for place in asked for after in place.reached(name)):
        rule = N_(
            "a dead question, but for want of patience: the client leaves with the answer (it costs {costs}, at most {left} "
            "is left here). Raise `patience: budget`, or let it cost less"
        )
    else:
        rule = N_(
            "a dead question, but for want of patience: with more of it the answer would change what is best later (it costs "
            "{costs}, at most {left} is left here). Raise `patience: budget`, or let something cost less"
        )
    costs = case.scenes[asked[0].scene].options[name].costs
    return Told(rule, costs=costs, left=max(place.state.patience for place in asked))


def _always_best(case: Case, met: Mapping[str, Sequence[MetState]]) -> Iterator[Finding]:
    rule = Told(N_("shown only under a condition and always best then: its appearing gives it away"))
    for scene, places in met.items():
        for name, option in case.scenes[scene].options.items():
            shown = [place for place in places if option.when and name in place.open and len(place.open) > 1]
            if shown and all(place.worth[place.open.index(name)] >= max(place.worth) - 1e-9 for place in shown):
                yield "always_best", ("scenes", scene, "options", name), rule


def _unpicked(played: Mapping[str, Sequence[SimulatedRun]]) -> Iterator[Finding]:
    visits: Counter[tuple[str, str]] = Counter()
    picks: Counter[tuple[str, str]] = Counter()
    dominated: dict[tuple[str, str], bool] = {}
    for name, runs in played.items():
        for run in runs if name not in ("random", "best-player") else ():
            for place, option in run.choices:
                for other, q in zip(place.open, place.worth, strict=True):
                    key = (place.scene, other)
                    visits[key] += 1
                    dominated[key] = dominated.get(key, True) and q < max(place.worth) - PREMATURE
                picks[place.scene, option] += 1
    for (scene, name), seen in visits.items():
        share = picks[scene, name] / seen
        path = ("scenes", scene, "options", name)
        if seen >= 100 and not share:
            yield "unpicked", path, Told(N_("no simulated trainee picks it in {visits} visits"), visits=seen)
        elif seen >= 100 and share < RARE and dominated[scene, name]:
            rule = N_("never best, and only {share:.1f} % of the simulated trainees that see it pick it")
            yield "tempts_nobody", path, Told(rule, share=100 * share)


def _cues(ground: CaseRunner, played: Mapping[str, Sequence[SimulatedRun]], runs: int) -> Iterator[Finding]:
    """Whether the key can be guessed from the length, the warmth or the place of a reply."""
    case = ground.case
    chance = _fit_of(played["random"])
    usual = mean_of([len(run.decisions) for run in played["random"]])
    if chance is None or usual < ENOUGH:
        return
    runners = {lang: CaseRunner(case, lang) for lang in case.languages}
    runners[case.lang] = ground  # has worked out much
    by_words = [(habit, lang) for habit in ("longest", "politest") for lang in case.languages]
    words = {"longest": N_("the longest reply ({lang})"), "politest": N_("the politest reply ({lang})")}
    guesses = [(Told(words[habit], lang=lang), habit, lang) for habit, lang in by_words]
    guesses.append((Told(N_("the last reply")), "place0", case.lang))
    nth = N_("reply {n} of the list")
    guesses += [(Told(nth, n=n), f"place{n}", case.lang) for n in range(1, 5)]
    said: set[tuple] = set()  # what was told already: where there are few replies, the fourth is the last
    for what, habit, lang in guesses:
        persona = Persona(habit, 0.0, 0.0, 1e-6, habit, str(what))
        made = [runners[lang].run(persona, n, 0) for n in range(1, runs + 1)]
        fit = _fit_of(made)
        taken = tuple(sorted({(place.scene, option) for run in made for place, option in run.choices}))
        if fit is not None and fit > chance + CUE and taken not in said:
            said.add(taken)
            code = f"cue_{habit}_{lang}" if habit in ("longest", "politest") else f"cue_{habit}"
            rule = N_("the key can be guessed: who always takes {what} has fit {fit:.0f}, random replies {chance:.0f}")
            yield code, ("scenes",), Told(rule, what=what, fit=fit, chance=chance)


def _fit_of(runs: Sequence[SimulatedRun]) -> float | None:
    return mean_of([measure(run.decisions, ("fit",))[0]["fit"] for run in runs])


def _key_disagreements(met: Mapping[str, Sequence[MetState]]) -> Iterator[Finding]:
    """Scenes where the most fitting reply is worth noticeably less than the best; described where most is lost."""
    for scene, states in met.items():
        losses = {state: _loss(state) for state in states if len(state.open) > 1}
        if max(losses.values(), default=0.0) <= NOTHING:
            continue
        worst = max(losses, key=losses.__getitem__)
        keyed, best = _keyed(worst)[0], worst.best_replies[0]
        several = sum(loss > NOTHING for loss in losses.values())
        rule = N_(
            'the key says "{keyed}" (fit {keyed_fit:.2g}), best play "{best}" (fit {best_fit:.2g}), worth {more:.2f} more, '
            "where {where}; so in {several} of {met} states met"
        )
        said = Told(
            rule, keyed=keyed, keyed_fit=worst.fits[keyed], best=best, best_fit=worst.fits[best], more=losses[worst],
            where=_described(worst), several=several, met=len(losses),
        )  # fmt: skip
        yield "key_disagrees", ("scenes", scene), said


def _tomorrow_misfits(case: Case, played: Mapping[str, Sequence[SimulatedRun]]) -> Iterator[Finding]:
    """Runs for which no words to take along are right: they'd contradict the verdict, or ask for what was asked."""
    lines, misfits, leans = case.debrief.lines, Counter[str](), set()
    for name, runs in played.items():
        for run in runs:
            last, option = run.choices[-1]
            knows = knowledge(case, last.reached(option)[0])
            asked = learnt(case, [(state.scene, chosen) for state, chosen in run.choices])
            lean = leaning(*measure(run.decisions, ("position", "target"))[0].values())
            leans.add(lean)
            misfits[name] += not any(fits_run(line, lean, asked, knows) for line in lines)
    anybody = [number for number, line in enumerate(lines, 1) if line == TomorrowLine(text=line.text)]
    if len(anybody) > 1:
        rule = N_(
            "lines {first} and {second} are both for everybody, and of these only the first is ever said: give the other one "
            "`when`, `asks` or `toward`"
        )
        yield "tomorrow_for_all", ("debrief", "tomorrow"), Told(rule, first=anybody[0], second=anybody[1])
    if len(lines) == 1 and anybody and {-1, 1} <= leans:
        rule = N_(
            "the same words for who stood too near the request and for who stood too near the task: give several lines"
        )
        yield "tomorrow_for_all", ("debrief", "tomorrow"), Told(rule)
    if whole := misfits.total():
        name, count = misfits.most_common(1)[0]
        rule = N_(
            "no line fits {misfits} of {runs} simulated runs ({name}: {n}), so they get the last one, against their verdict "
            "or asking for what they asked: add one without `asks` and `toward`"
        )
        runs = sum(map(len, played.values()))
        yield "tomorrow_misfits", ("debrief", "tomorrow"), Told(rule, misfits=whole, runs=runs, name=name, n=count)


def _keyed(state: MetState) -> list[str]:
    """The most fitting options by the key."""
    top = max(fit or 0.0 for fit in state.fits.values())
    return [name for name, fit in state.fits.items() if (fit or 0.0) >= top]


def _loss(state: MetState) -> float:
    """How much less the most fitting options are worth than the best."""
    if None in state.fits.values():
        return 0.0  # the key asks exact play itself
    return min(state.regret(name) for name in _keyed(state))


def _described(state: MetState) -> str | Told:
    """What is known and remembered there, and the patience left."""
    case, at = state.case, state.state
    known = [f"{fact}={value}" for fact, value in known_facts(case, at).items() if value != UNKNOWN]
    begun = [values[0] for values in case.memory.values()]
    kept = [f"{n}={value}" for n, value, first in zip(case.memory, at.memory, begun, strict=True) if value != first]
    patience = [f"patience={at.patience}"] if case.patience else []
    return ", ".join([*known, *kept, *patience]) or Told(N_("nothing is known"))
