"""What is rare in a case, by form: facets, chances by another fact, conditions of an experiment, ways, reasons."""

import html
import json
import re
import secrets
import shutil

import pytest
from support.places import CASEBOOK, TEST_CASES

from trainkit.checks.report import check
from trainkit.files import casebook
from trainkit.notebook.form import edit


@pytest.fixture
def form(tmp_path):
    folder = tmp_path / "late_parcel"
    shutil.copytree(TEST_CASES / "late_parcel", folder)
    (folder / "walks.yml").unlink(missing_ok=True)
    made = edit(folder)
    yield made
    made.draft.leave()


def send(form, **message):
    nonce = secrets.token_hex(8)
    form._on_message(None, {**message, "nonce": nonce}, None)
    assert form.said["ack"] == nonce and not form.said["error"]


def picked(form, label, nth=0):
    """Entries of a list by its label, as label → edit, and which is picked."""
    lists = re.findall(
        rf"<label for=\"([^\"]*)\"[^>]*>{label}</label>\s*<select id=\"\1\".*?</select>", form.form, re.S
    )
    at = form.form.index(f'<select id="{lists[nth]}"')
    entries = re.findall(
        r'<option value="([^"]*)"( selected)?>([^<]*)', form.form[at : form.form.index("</select>", at)]
    )
    chosen = next(said for _, on, said in entries if on)
    return {said: html.unescape(edit) for edit, _, said in entries}, chosen


def pick(form, label, entry, nth=0):
    send(form, edit=json.loads(picked(form, label, nth)[0][entry]))


def test_a_facet_is_shown_and_lacked_and_let_alone(form):
    send(form, ui={"reply": "offer"})
    before = (form.draft.folder / "case.yml").read_text("utf-8")
    pick(form, "говорит и неприятное", "видно")
    pick(form, "сначала выясняет, потом делает", "наоборот")
    send(form, save=True)
    case = casebook.load_case(form.draft.folder)
    assert case.scenes["call"].options["offer"].facets == ("diagnosis-", "candour+")
    after = (form.draft.folder / "case.yml").read_text("utf-8")
    assert len(after.splitlines()) == len(before.splitlines()) + 1
    assert "Что ещё видно в этих словах" in form.form and "говорит и неприятное: видно" in form.form
    pick(form, "говорит и неприятное", "не о том")
    pick(form, "сначала выясняет, потом делает", "не о том")
    send(form, save=True)
    assert (form.draft.folder / "case.yml").read_text("utf-8") == before


def test_chances_by_another_fact_in_words(form):
    for _ in range(2):
        send(form, edit={"do": "add_fact"})
    facts = list(form.draft.document["case"]["facts"])
    for number, name in enumerate(facts[-2:]):
        send(form, edit={"do": "set", "path": ["facts", name, "label"], "value": f"Факт {number}"})
        for value in ("value_1", "value_2"):
            send(
                form,
                edit={"do": "set", "path": ["facts", name, "values", value, "label"], "value": f"{number} {value}"},
            )
    send(form, ui={"page": "facts"})
    pick(form, "Вероятность", "70 %", -2)  # of two values the other has what is left
    one = form.draft.document["case"]["facts"][facts[-1]]["values"]
    assert (one["value_1"]["p"], one["value_2"]["p"]) == (0.7, 0.3)
    pick(form, "От чего зависят вероятности", "Факт 0", -1)
    assert form.draft.document["case"]["facts"][facts[-1]]["given"] == facts[-2]
    pick(form, "если «0 value_1»", "90 %", 0)
    one = form.draft.document["case"]["facts"][facts[-1]]["values"]
    assert one["value_1"]["p"] == {"value_1": 0.9, "value_2": 0.7} and one["value_2"]["p"]["value_1"] == 0.1
    send(form, edit={"do": "set", "path": ["facts", facts[-1], "values", "value_1", "p", "value_2"], "value": 0.5})
    assert "80 % («0 value_2»)" in form.form  # which of them doesn’t add up


def test_a_second_otherwise_begins_with_what_is_free(form):
    name = next(name for name, part in form.draft.document["case"]["facts"].items() if len(part["values"]) == 2)
    send(form, edit={"do": "add_fact"})
    base = ["scenes", "call", "options", "offer", "goto"]
    new = list(form.draft.document["case"]["facts"])[-1]
    send(form, edit={"do": "add_value", "fact": new})
    send(form, ui={"reply": "offer"})
    for when in ({new: "value_1"}, {new: "value_2"}):
        send(form, edit={"do": "set", "path": [*base[:-1], "reveals"], "value": [new]})
        rule = next(
            one
            for one in map(json.loads, map(html.unescape, re.findall(r'data-send="([^"]*add_rule[^"]*)"', form.form)))
            if one["path"] == base
        )
        assert rule["when"] == when
        send(form, edit=rule)
    third = next(
        one
        for one in map(json.loads, map(html.unescape, re.findall(r'data-send="([^"]*add_rule[^"]*)"', form.form)))
        if one["path"] == base
    )
    assert new not in third["when"] and name  # the third value is what “otherwise” is for


def test_ways_and_reasons_where_the_check_is(form):
    send(form, ui={"page": "yaml"})
    send(form, ui={"do": "check"})
    assert "нет walks.yml" in form.form and "по пути к каждой концовке" in form.form
    send(form, ui={"do": "ways"})
    assert "нет walks.yml" not in form.form  # the check is asked again by itself
    ways = form.draft.document["walks"]
    assert len(ways) > 2 and form.form.count("Убрать путь") == len(ways)
    assert not [one for one in check(form.draft.folder).errors if "walk" in str(one.where)]
    accept = next(
        json.loads(html.unescape(one)) for one in re.findall(r'data-edit="([^"]*&#34;accept&#34;[^"]*)"', form.form)
    )
    send(form, edit={**accept, "because": "Так задумано."})
    assert "Так задумано." in form.form and "Что вы решили оставить" in form.form
    assert check(form.draft.folder).accepted[0][1] == "Так задумано."
    name = next(iter(ways))
    scene = next(iter(form.draft.document["case"]["scenes"]))
    first = ways[name]["answers"][0]
    send(form, edit={"do": "delete", "path": ["scenes", scene, "options", first]})
    send(form, ui={"page": "yaml"})
    assert "Этим путём больше не пройти" in form.form or form.draft.case is None


def test_what_was_played_is_kept_as_a_way(form):
    start = form.draft.document["case"]["start"]
    send(form, ui={"go": start})
    for _ in range(12):
        said = re.findall(r'data-ui="([^"]*&#34;say&#34;[^"]*)"', form.side)
        if not said:
            break
        send(form, **json.loads(html.unescape(said[-1])))
    kept = re.search(r'data-send="([^"]*add_walk[^"]*)"', form.side)
    send(form, edit=json.loads(html.unescape(kept[1])), save=True)
    (way,) = form.draft.document["walks"].values()
    assert way["answers"] == list(form.opened.setting.answers) and "add_walk" not in form.side
    assert not [one for one in check(form.draft.folder).errors if "walk" in str(one.where)]


def test_what_others_choose_is_worked_out_in_a_pause(tmp_path):
    folder = tmp_path / "racket_refund"
    shutil.copytree(CASEBOOK / "racket_refund", folder)
    form = edit(folder)
    assert form.said["later"] and "Считаем…" in form.side
    send(form, ui={"count": True})
    assert not form.said["later"] and "кто всегда выясняет" in form.side
    scene = form.opened.place
    reply = next(iter(form.draft.document["case"]["scenes"][scene]["options"]))
    send(form, edit={"do": "set", "path": ["scenes", scene, "options", reply, "text"], "value": "Совсем другие слова."})
    assert form.said["later"] and "до последней правки" in form.side
    send(form, ui={"count": True})
    assert not form.said["later"] and "до последней правки" not in form.side
    form.draft.leave()
