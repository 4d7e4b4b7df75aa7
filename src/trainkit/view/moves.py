"""What did each reply do, what did it cost, and which had been better? One view for each reply."""

from collections import namedtuple

from trainkit.scoring.best_reply import best_replies, best_reply
from trainkit.scoring.decisions import fits
from trainkit.session.session import Session
from trainkit.value.regret import NOTHING, Review
from trainkit.view.screen import case_text, option_words

# Something the trainee said: its price in points of Play (None: not measured), and what was better there.
ReplyView = namedtuple("ReplyView", "mine points better")

# One's own reply: what it did and what it cost; ``cost`` is "" where nothing was lost, None where that is not measured.
Move = namedtuple("Move", "number title reply cost why off_axis own reason disagreed")


def reply_view(session: Session, number: int, played: Review, points: tuple[int, ...] | None, lang: str) -> ReplyView:
    """A step with its price, and the best reply where another one was better."""
    case, step = session.case, session.attempt.steps[number]
    knew = dict(step.knew).__getitem__
    price = None if points is None or step.repeats_decision else points[number]
    improves = bool(price) if price is not None else _cost_something(session, number, played)
    mine = option_words(case, step.scene, step.option, "text", knew, lang)
    better = option_words(case, step.scene, best_reply(case, step), "text", knew, lang) if improves else ""
    return ReplyView(mine, price, better)


def step_costs(session: Session, played: Review) -> list[float]:
    """What each step cost, in points of Play; by the key, where a case is too large for exact play."""
    attempt = session.attempt
    if played.costs:
        points = played.prices or [played.points(cost.regret) for cost in played.costs]
        return [0 if step.repeats_decision else cost for step, cost in zip(attempt.steps, points, strict=True)]
    costs = []
    for step in attempt.steps:
        fit = fits(session.case, step) if step.decision and not step.repeats_decision else {}
        known = [value for value in fit.values() if value is not None]
        own = fit.get(step.option)
        costs.append(0 if own is None else 100 * (max(known) - own))
    return costs


def _cost_something(session: Session, number: int, played: Review) -> bool:
    """Whether another reply had been better, where Play has no points for it: unfinished, or too large for exact play."""
    if played.costs:
        return played.costs[number].regret > NOTHING
    step = session.attempt.steps[number]
    best = best_replies(session.case, step)
    return bool(best) and step.option not in best


def move_view(session: Session, number: int, played: Review, points: tuple[int, ...] | None, lang: str) -> Move:
    """A step of a session."""
    case, step = session.case, session.attempt.steps[number]
    reply = reply_view(session, number, played, points, lang)
    position = next(position for name, position, _ in step.open if name == step.option)
    return Move(
        number=number,
        title=case_text(case, f"scenes.{step.scene}.title", lang),
        reply=reply,
        cost=reply.points if reply.points is None else f"−{reply.points}" if reply.points else "",
        why=case_text(case, step.because, lang),
        off_axis=step.decision and case.scenes[step.scene].axis and position is None,
        own=session.own_words().get(number, ""),
        reason=session.reasons().get(number, ""),
        disagreed=session.disagreements().get((step.scene, step.option)),
    )
