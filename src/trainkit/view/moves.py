"""What did each reply do, what did it cost, and which had been better? One view for each scored decision."""

from collections import namedtuple

from trainkit.engine.turn import Step
from trainkit.i18n import catalog, signed
from trainkit.scoring.best_reply import best_replies, best_reply
from trainkit.session.session import Session
from trainkit.value.regret import NOTHING, Review
from trainkit.view.profile import scale_mark
from trainkit.view.screen import case_text, option_words

# Something the trainee said: its price in points of Play (None: not measured), what was better there, and why.
ReplyView = namedtuple("ReplyView", "mine points unit better better_why")

# A scored decision: the first reply in its scene, what these words did, and what was said there after it: with a price
# (``then``) and without (``also``).
Move = namedtuple("Move", "number title reply why strip then also own reason disagreed")


def reply_view(session: Session, number: int, played: Review, points: tuple[int, ...] | None, lang: str) -> ReplyView:
    """A step with its price, and the best reply where another one was better."""
    case, step = session.case, session.attempt.steps[number]
    knew = dict(step.knew).__getitem__
    price = None if points is None or step.repeats_decision else points[number]
    improves = bool(price) if price is not None else _cost_something(session, number, played)
    unit = catalog(lang).ngettext("point of Play", "points of Play", price) if price else ""
    mine = option_words(case, step.scene, step.option, "text", knew, lang)
    if not improves:
        return ReplyView(mine, price, unit, "", "")
    better = best_reply(case, step)
    words, why = (option_words(case, step.scene, better, part, knew, lang) for part in ("text", "because"))
    return ReplyView(mine, price, unit, words, why)


def _cost_something(session: Session, number: int, played: Review) -> bool:
    """Whether another reply had been better, where Play has no points for it: unfinished, or too large for exact play."""
    if played.costs:
        return played.costs[number].regret > NOTHING
    step = session.attempt.steps[number]
    best = best_replies(session.case, step)
    return bool(best) and step.option not in best


def move_view(session: Session, step: Step, played: Review, points: tuple[int, ...] | None, lang: str) -> Move:
    """A scored decision of a session, with the later replies in its scene."""
    case, attempt = session.case, session.attempt
    number = attempt.steps.index(step)
    position = {name: k for name, k, _ in step.open}
    gettext = catalog(lang).gettext
    mine = position[step.option]
    description = gettext("Your reply {you} on the scale, the case asks {target}.").format(
        you=gettext("off the axis") if mine is None else signed(100 * mine), target=signed(100 * step.target)
    )
    later = [n for n in range(number + 1, len(attempt.steps)) if attempt.steps[n].scene == step.scene]
    replies = [reply_view(session, n, played, points, lang) for n in later]
    return Move(
        number=number,
        title=case_text(case, f"scenes.{step.scene}.title", lang),
        reply=reply_view(session, number, played, points, lang),
        why=case_text(case, step.because, lang),
        strip=scale_mark(mine, step.target, sorted({k for k in position.values() if k is not None}), description),
        then=tuple(reply for reply in replies if reply.points),
        also=tuple(reply.mine for reply in replies if not reply.points),
        own=session.own_words().get(number, ""),
        reason=session.reasons().get(number, ""),
        disagreed=session.disagreements().get((step.scene, step.option)),
    )
