"""The four clicks of tests/casebook/late_parcel as an oTree app: a question, the offer, the rules, the shouting; the result.

Written the way oTree's documentation has it: a field a page, buttons that submit, `vars_for_template`. It shows the talk so
far and, at the end, what each reply did; it computes no scores, which is in oTree's favour.
"""

from otree.api import BaseConstants, BaseGroup, BasePlayer, BaseSubsession, Page, models

doc = "Посылка не пришла"


class C(BaseConstants):
    NAME_IN_URL = "parcel"
    PLAYERS_PER_GROUP = None
    NUM_ROUNDS = 1


ASK = {
    "when_needed": ("К какому дню она вам нужна?", "Да не горит.", "Один вопрос, и ясно, спешить или нет."),
    "what_is_it": ("А что в ней, если не секрет?", "Какая разница!", "Любопытство за её счёт."),
    "offer": ("Понятно. Давайте решим.", "И что вы предлагаете?", "Вы перешли к делу."),
}
SOLVE = {
    "refund": ("Верну деньги сейчас же.", "Спасибо за деньги.", "Быстро и без расспросов."),
    "send": ("Отправлю курьера сегодня.", "Посылка была в машине.", "К празднику успеете."),
    "look": ("Поищу и перезвоню вам.", "Посылки нет.", "Честно, но ждать ей."),
    "rules": ("Срок по договору не вышел.", "Да как вы смеете!", "Правило бережёт вас, а не её."),
}
SHOUTING = {
    "sorry": ("Виноваты. Деньги верну.", "Спасибо за деньги.", "Уступили вовремя."),
    "cold": ("Повышать голос не надо.", "Ирина ушла к другим.", "Поставили на место, а посылки нет."),
}
SCENES = (("first", ASK), ("second", ASK), ("third", SOLVE), ("fourth", SHOUTING))


def _choice(replies):
    return models.StringField(choices=list(replies))


class Subsession(BaseSubsession):
    pass


class Group(BaseGroup):
    pass


class Player(BasePlayer):
    first = _choice(ASK)
    second = _choice(ASK)
    third = _choice(SOLVE)
    fourth = _choice(SHOUTING)


def _talk(player, until):
    """What has been said on the pages before: own words, the answer to them, and what they did."""
    said = []
    for field, replies in SCENES[:until]:
        text, answer, because = replies[player.field_maybe_none(field)]
        said.append({"mine": text, "answer": answer, "because": because})
    return said


class Scene(Page):
    """What the four pages share."""

    form_model = "player"
    template_name = "parcel/Scene.html"
    number = 0

    @classmethod
    def vars_for_template(cls, player):
        replies = SCENES[cls.number][1]
        return {
            "title": doc,
            "step": cls.number,
            "talk": _talk(player, cls.number),
            "options": [{"id": name, "text": text} for name, (text, _, _) in replies.items()],
            "field": SCENES[cls.number][0],
        }


class Call(Scene):
    form_fields = ("first",)
    number = 0


class Offer(Scene):
    form_fields = ("second",)
    number = 1


class Solve(Scene):
    form_fields = ("third",)
    number = 2


class Shouting(Scene):
    form_fields = ("fourth",)
    number = 3


class Results(Page):
    @staticmethod
    def vars_for_template(player):
        return {"title": doc, "step": len(SCENES), "talk": _talk(player, len(SCENES))}


page_sequence = [Call, Offer, Solve, Shouting, Results]
