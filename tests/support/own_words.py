"""A log in which people said in their own words what they would say."""

from trainkit.files import casebook
from trainkit.log.records import Settings
from trainkit.session.resume import begin

SAID = {
    "Анна": ("Сначала спрошу, для чего вам посылка.", "Верну деньги, Анне это важно"),
    "Борис": ("Позвоните Ивану Петрову: +7 912 345-67-89", "Нет, <b>по правилам</b> не положено"),
    "Клара": ("Sure, I’ll do that.", ""),
    "Дина": ("", "Уточню и перезвоню"),
}


def spoken(log, case="tests/casebook/late_parcel"):
    """Four people with two texts each (two of them skipped), of whom one objects to the key; and a scripted run."""
    parcel = casebook.load_case(case)
    for name, (first, second) in SAID.items():
        lang = "en" if name == "Клара" else "ru"
        run = begin(log, parcel, name, seed=4, fixed={"need": "today"}, settings=Settings(own_words=True))
        run.do("words", lang, step=run.step, text=first)
        run.do("choose", lang, step=run.step, option="offer")
        if name == "Анна":
            run.do("disagree", lang, number=0, text="Так не говорят, позвоните мне: anna@mail.ru")
        run.do("words", lang, step=run.step, text=second)
        run.do("choose", lang, step=run.step, option="refund")
    scripted = begin(log, parcel, "robot", seed=4, settings=Settings(own_words=True), origin="scripted")
    scripted.do("words", "ru", step=0, text="Не человек")
    return log
