"""What are cases, scenes and replies called in words?"""

from __future__ import annotations

from collections.abc import Iterable

from trainkit.case.model import Case
from trainkit.view.screen import case_text


def scene_names(cases: Iterable[Case], lang: str) -> dict[str, str]:
    """The words of ``case``, ``case/scene`` and ``case/scene/option``; of a reply said in several ways the usual one."""
    names: dict[str, str] = {}
    for case in cases:
        spoken = lang if lang in case.languages else case.lang
        names[case.id] = case_text(case, "title", spoken)
        for scene_id, scene in case.scenes.items():
            here = f"{case.id}/{scene_id}"
            if f"scenes.{scene_id}.title" in case.texts:  # where nothing is decided none is needed
                names[here] = case_text(case, f"scenes.{scene_id}.title", spoken)
            for option_id, option in scene.options.items():
                key = f"scenes.{scene_id}.options.{option_id}.text"
                key += f".{len(option.text)}" if len(option.text) > 1 else ""
                names[f"{here}/{option_id}"] = case_text(case, key, spoken)
    return names
