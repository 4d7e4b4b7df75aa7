"""Interface words: all are translated, with their plurals and holes, and set as the language wants it."""

import ast
import re

from support.places import ROOT


def messages():
    """Every interface word in the sources."""
    from babel.messages.extract import extract_from_dir

    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
    options = {"**/templates/**.html": {"newstyle_gettext": "true", "trimmed": "true"}}
    return {message for _, _, message, _, _ in extract_from_dir(str(ROOT / "src"), methods, options)}


def test_russian_has_every_interface_word_with_its_plurals():
    from babel.messages.pofile import read_po

    with (ROOT / "src/trainkit/locale/ru/LC_MESSAGES/trainkit.po").open("rb") as file:
        catalog = read_po(file, locale="ru")
    known = {message.id: message.string for message in catalog if message.id}
    assert set(known) == messages()
    for text, translated in known.items():
        forms = translated if isinstance(translated, tuple) else (translated,)
        assert all(forms) and len(forms) == (3 if isinstance(text, tuple) else 1), text
        source = text[0] if isinstance(text, tuple) else text
        holes = re.findall(r"%\(\w+\)s|\{\w+\}", source)
        for form in forms:
            assert sorted(re.findall(r"%\(\w+\)s|\{\w+\}", form)) == sorted(holes), text


def test_no_word_stands_inside_an_f_string():
    """Where Babel finds it from Python 3.12 on only, and whoever translates with 3.11 loses it."""
    for file in (ROOT / "src").rglob("*.py"):
        for string in ast.walk(ast.parse(file.read_text("utf-8"))):
            for part in ast.walk(string) if isinstance(string, ast.JoinedStr) else ():
                called = part.func if isinstance(part, ast.Call) else None
                name = getattr(called, "id", getattr(called, "attr", ""))
                assert name not in ("gettext", "ngettext", "_"), (file.name, string.lineno)


def test_russian_plurals():
    from trainkit.i18n import catalog

    count = catalog("ru").ngettext
    said = [count("%(n)s reply", "%(n)s replies", n) % {"n": n} for n in (1, 2, 5, 11, 21, 22, 112)]
    assert said == ["1 ответ", "2 ответа", "5 ответов", "11 ответов", "21 ответ", "22 ответа", "112 ответов"]


def test_typesetting():
    from trainkit.i18n import signed, typeset

    assert typeset("Сдавал машину — была и в ней", "ru") == "Сдавал машину\u00a0— была и\u00a0в\u00a0ней"
    assert typeset("so — it", "en") == "so — it"
    assert [signed(x) for x in (38.4, -15.2, 0.2, -0.4)] == ["+38", "−15", "0", "0"]
