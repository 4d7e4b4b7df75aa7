"""What is taken out of people's texts, and what isn't: by sentences as people write them."""

import pytest

from trainkit.exchange.redaction import Redactor, first_names

REDACT = Redactor(
    ["Соечка", "Катя Лис", "bob_77", "=cmd"], ["Марина смотрит на вас. Ракетка у Марины.", "The racket is Marina’s."]
)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        # mail, links, handles
        ("пишите на anna.k@mail.ru, отвечу", "пишите на [mail], отвечу"),
        ("anna (at) mail.ru или anna собака mail.ru", "[mail] или [mail]"),
        ("see https://vk.com/id12?x=1 and www.me.org", "see [link] and [link]"),
        ("мой сайт petrov-avto.рф есть", "мой сайт [link] есть"),
        ("в телеге @petrov_a", "в телеге [link]"),
        # phones: as people write them; numbers that are none stay
        ("звоните +7 (912) 345-67-89!", "звоните [phone]!"),
        ("8 912 345 67 89 после 18:00", "[phone] после 18:00"),
        ("call 020 7946 0958", "call [phone]"),
        ("это стоит 10 000 рублей, 15.03.2026 в 10:30", "это стоит 10 000 рублей, 15.03.2026 в 10:30"),
        ("заказ 123456 на 2026-11-30", "заказ 123456 на 2026-11-30"),
        # who is in the log, in all cases, small or large where it is the very word
        ("я бы дал соечка сказать", "я бы дал [name] сказать"),
        ("Соечке и Соечкой, с Кати", "[name] и [name], с [name]"),
        ("ask Bob_77 or cmd", "ask [name]_77 or [name]"),
        # first names with what follows; patronymics; titles
        ("как Иван Кузнецов говорил", "как [name] [name] говорил"),
        ("Ивану Петровичу скажу", "[name] [name] скажу"),
        ("Наталье я перезвоню, а Дмитрием займусь", "[name] я перезвоню, а [name] займусь"),
        ("г-н Орлов ждёт, доктор Ким тоже", "г-н [name] ждёт, доктор [name] тоже"),
        ("звонил — Петров, просил (Сидоров тоже)", "звонил — [name], просил ([name] тоже)"),
        ("— Да. «Хорошо», — и Скажу: Давайте", "— Да. «Хорошо», — и [name]: Давайте"),
        ("Орлов звонил", "Орлов звонил"),  # a surname that begins a sentence is not found: it is said so
        ("Mr. Blackwood and Susan Grey agreed", "Mr. [name] and [name] [name] agreed"),
        # any large word inside a sentence, but not its beginning, "Вы", shouting or the case's own people
        ("Как в Тинькофф, так и тут", "Как в [name], так и тут"),
        ("Вам виднее. Понимаю Вас! «Давайте» — сказал бы я", "Вам виднее. Понимаю Вас! «Давайте» — сказал бы я"),
        ("НЕТ, НЕ ПЛАТИТЬ", "НЕТ, НЕ ПЛАТИТЬ"),
        ("Верну Марине ракетку, Марина права", "Верну [name] ракетку, Марина права"),
        ("I’d say: I’m sorry, OK? On Monday.", "I’d say: I’m sorry, OK? On Monday."),
        ("Marina’s racket", "Marina’s racket"),
        ("", ""),
    ],
)  # fmt: skip
def test_sentences(text, left):
    found = REDACT(text)
    assert found.text == left
    assert found.taken == tuple(sorted(found.taken, key=lambda one: one.start))
    rebuilt, at = "", 0  # what is told leads from the text to what is left, and nothing else was touched
    for one in found.taken:
        rebuilt += text[at : one.start] + "["
        rebuilt += {"participant": "name", "capitalised": "name", "handle": "link"}.get(one.kind, one.kind) + "]"
        at = one.end
    assert rebuilt + text[at:] == left


def test_a_person_goes_before_the_story():
    """Somebody in the log is called as a client is: then nobody may be."""
    redact = Redactor(["Марина"], ["Марина смотрит"])
    assert redact("Марине отдам, марина").text == "[name] отдам, [name]"


def test_every_kind_is_told():
    text = "Катя, позвони Ивану: +7 912 345-67-89, i@x.ru, t.me/ivan, @ivan_, из Лукойла"
    assert [one.kind for one in REDACT(text).taken] == [
        "participant", "name", "phone", "mail", "link", "handle", "capitalised",
    ]  # fmt: skip


def test_names_are_in_small_letters_and_once_each():
    names = first_names()
    assert len(names) > 500 and all(name == name.casefold() and name.isalpha() for name in names)


def test_long_and_odd_texts_take_no_time():
    REDACT("А" * 2000)
    REDACT("1" * 2000)
    REDACT("a." * 1000)
    REDACT("@" * 2000)
    assert REDACT("\u202e\x00ё́" * 100).taken == ()


def test_texts_that_are_in_no_log():
    from trainkit.exchange.own_words import redacted

    texts, taken = redacted(
        ["Позвоните Сойке: +7 900 000-12-34", "Марина ждёт", "Ничего"], ["Сойка"], ["Марина вошла."]
    )
    assert texts == ["Позвоните [name]: [phone]", "Марина ждёт", "Ничего"] and taken == {"participant": 1, "phone": 1}
