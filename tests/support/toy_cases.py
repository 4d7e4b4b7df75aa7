"""Small cases for audits, whose figures can be worked out by hand: scenes in a row, replies as (position, fit)."""

import json

from support.random_cases import LINE, small_case

TOY = (  # position, fit
    ((-0.9, 1.0), (0.8, 0.4), (None, 0.0)),
    ((-0.5, 0.0), (0.5, 1.0), (0.9, 0.6)),
    ((-0.1, 1.0), (0.7, 1.0), (-0.8, 0.0)),  # two are best
)
EFFECTS = (0.30, 0.15, 0.05)  # what fit is worth in each scene: exact play agrees with the key

# the plan of a deck in the blueprint of the casebook's second edition: best first
BLUEPRINT = (
    ((-0.9, 1), (0.9, 0.4), (0.6, 0.2), (0, 0)),
    ((-0.9, 1), (0.8, 0.4), (None, 0.2), (0.5, 0)),
    ((-0.9, 1), (0.8, 0.4), (0.4, 0.2), (None, 0)),
    ((-0.9, 1), (None, 0.4), (0.6, 0.3), (0.9, 0)),
    ((-0.1, 1), (0.8, 0.4), (0.5, 0.3), (-0.4, 0)),
    ((-0.1, 1), (0.7, 0.7), (-0.4, 0), (-0.7, 0)),
    ((-0.1, 1), (0.7, 0.5), (0.4, 0.2), (-0.8, 0)),
    ((0.4, 1), (-0.7, 0.7), (None, 0.2), (0.1, 0)),
    ((0.9, 1), (-0.4, 0.7), (0.6, 0.2), (None, 0)),
    ((0.4, 1), (0.8, 0.6), (-0.5, 0.1), (0, 0)),
    ((None, 1), (-0.9, 0.4), (0.5, 0), (0.8, 0)),
    ((None, 1), (-0.9, 0.4), (0.8, 0), (0.5, 0)),
)


def row_of_scenes(rows=TOY, effects=EFFECTS, case_id="toy", words=None, english=True):
    """A case of these scenes, one after the other; the texts of replies are their names unless given by (scene, reply)."""
    words = words or {}
    scenes = {}
    for number, replies in enumerate(rows):
        goto = f"s{number + 1}" if number + 1 < len(rows) else "e0"
        options = {
            f"o{n}": {
                "text": words.get((number, n), f"Ответ {n}."),
                "because": "…",
                "position": position,
                "fit": fit,
                "effect": effects[number % len(effects)] * fit,
                "goto": goto,
            }
            for n, (position, fit) in enumerate(replies)
        }
        scenes[f"s{number}"] = {"title": f"Сцена {number}", "lines": LINE, "options": options}
    case = small_case({}, {}, None, "s0", scenes, [0.2])
    data = json.loads(case.source_json) | {"id": case_id}
    case = type(case).model_validate(data)
    return case.with_translations({"en": {name: f"{text} " for name, text in case.texts.items()}} if english else {})
