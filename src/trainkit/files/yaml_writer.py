"""A case as files: case.yml and its translations, as a person would have written them.

The order of keys is that of ``casebook/README.md``; loading what is written gives the same hash and translations.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trainkit.case.model import Case
from trainkit.errors import N_, CaseError, TrainkitError, shown
from trainkit.files import casebook, text_tree, yaml_reader
from trainkit.files.case_errors import case_from_data
from trainkit.files.reading import read_text, shown_path, writing
from trainkit.files.yaml_dump import Block, as_yaml
from trainkit.files.yaml_edit import edited

_LIKE_README = (
    "text", "because", "ask", "costs", "reveals", "position", "fit", "facets", "remember", "effect", "when", "reply", "goto",
)  # fmt: skip


def write_case(case: Case, folder: Path, replace: bool = False) -> None:
    """Write a case as ``case.yml`` and ``text.<lang>.yml`` into a folder that has its id for a name, made if need be.

    With ``replace`` a case that is there already may change; comments and lines in its files that still hold stay.

    Raises
    ------
    TrainkitError
        If the folder has another name or a case already, or can't be written.
    """
    folder = Path(folder)
    place = shown_path(folder)
    if folder.resolve().name != case.id:
        rule = N_("a case's folder has the case's id for a name (got {got}, case {case})")
        raise TrainkitError(rule, got=shown(folder.name), case=shown(case.id))
    files = {f"text.{lang}.yml": spaced(translated(case, lang)) for lang in case.translations}
    files["case.yml"] = spaced(source(case))
    here = {file.name for pattern in ("case.yml", "text.*.yml") for file in folder.glob(pattern)}
    if here and not replace:
        rule = N_("{place} holds a case already; name another folder, or let it be replaced (`--replace`)")
        raise TrainkitError(rule, place=place)
    if stray := sorted(here - set(files)):
        raise TrainkitError(N_("{file} is no translation of this case; remove it first"), file=f"{place}/{stray[0]}")
    if here:
        case = _with_stale(case, folder)
        files |= {f"text.{lang}.yml": spaced(translated(case, lang)) for lang in case.translations}
        files |= _revised(case, folder)
    with writing(place):
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, "utf-8", newline="\n")


def _with_stale(case: Case, folder: Path) -> Case:
    """The case with what stands in the folder's translations for a source that has changed: it isn't shown, nor lost."""
    try:
        stale = {one.lang: one.aligned.stale for one in casebook.translations(folder)}
    except CaseError:
        return case
    kept = {lang: {key: text for key, text in stale.get(lang, {}).items() if key in case.texts} for lang in stale}
    return case.with_translations({lang: kept.get(lang, {}) | dict(texts) for lang, texts in case.translations.items()})


def _revised(case: Case, folder: Path) -> dict[str, str]:
    """The files that an author has written, with what has changed; those that can't be read or revised left out."""
    try:
        old = _with_stale(casebook.load_case(folder), folder)
    except CaseError:
        return {}
    revised = {"case.yml": (source(old), source(case))} | {
        f"text.{lang}.yml": (translated(old, lang), translated(case, lang))
        for lang in case.translations
        if lang in old.translations
    }
    texts = {}
    for name, (before, after) in revised.items():
        text = edited(read_text(folder / name, name, "a file of a case", yaml_reader.MAX_BYTES), before, after)
        if text is not None and _says(text, name, case):
            texts[name] = text
    return texts


def _says(text: str, name: str, case: Case) -> bool:
    """Whether a file's text is the case, or its translation."""
    try:
        data, _ = yaml_reader.parse(text, name)
        if name == "case.yml":
            return case_from_data(data, name).hash == case.hash
    except CaseError:
        return False
    texts = {text_tree.dotted(path): value for path, value in text_tree.leaves(data)}
    return {key: value for key, value in texts.items() if value} == case.translations[name.split(".")[1]]


def source(case: Case) -> dict[str, Any]:
    """What an author would write in ``case.yml``, in the order of casebook/README.md."""
    data = _authored(json.loads(case.source_json))
    if "memory" in data:
        data["memory"] = Block(data["memory"])
    for scene in data["scenes"].values():
        for option in scene.get("options", {}).values():
            if scene.get("axis") is False:
                del option["position"]
            for key in (key for key in _LIKE_README if key in option):
                option[key] = option.pop(key)
    return data


def _authored(data: Any) -> Any:
    """Lines as ``speaker: text``, a list with the default rule only as its value, a list with one name as that name."""
    if isinstance(data, dict):
        return {key: _condition(part) if _is_condition(key, part) else _authored(part) for key, part in data.items()}
    if not (isinstance(data, list) and data and isinstance(data[0], dict)):
        return data
    items = [_authored(item) for item in data]
    if "speaker" in items[0]:
        return [short_line(item) for item in items]
    return items[0]["value"] if len(items) == 1 else items


def _is_condition(key: str, value: Any) -> bool:
    """Whether it is a ``when``: a scene or an option may be called so, too."""
    return (key == "when" and isinstance(value, dict)) and all(
        isinstance(names, list) and isinstance(names[0], str) for names in value.values()
    )


def _condition(when: Mapping[str, list[str]]) -> dict[str, Any]:
    return {name: values[0] if len(values) == 1 else values for name, values in when.items()}


def short_line(line: dict[str, Any]) -> dict[str, Any]:
    """A line as an author writes it: `speaker: text`, and `when` beside it."""
    if line["speaker"] == "when":  # as a key it would be read as a condition
        return line
    return {**({"when": line["when"]} if "when" in line else {}), line["speaker"]: line["text"]}


def translated(case: Case, lang: str) -> dict[str, Any]:
    """A translation in the shape of ``text.<lang>.yml``."""
    known = case.translations[lang]
    return text_tree.listed(text_tree.tree({key: known[key] for key in case.texts if key in known}))


def spaced(data: Mapping[str, Any]) -> str:
    """A file's YAML with a blank line before each block, scene and ending."""
    blocks: list[str] = []
    for key, value in data.items():
        if key in ("scenes", "endings"):
            block = f"{key}:\n" + "\n".join(as_yaml({name: part}, indent=2) for name, part in value.items())
        else:
            block = as_yaml({key: value})
        blocks.append(("\n" if blocks and isinstance(value, dict) else "") + block)
    return "".join(blocks) or "{}\n"
