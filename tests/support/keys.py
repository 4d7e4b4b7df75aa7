"""Choices by chance, and the key that they were scored by."""

import numpy as np
import pandas as pd

POSITIONS = {"serve": -1.0, "ask": 0.5, "find": 1.0, "shout": np.nan}
FITS = {"serve": 0.2, "ask": 1.0, "find": 0.6, "shout": 0.0}


def choices(people=30, scenes=6, seed=0, options=tuple(POSITIONS)):
    """Everybody decides in every scene, by chance."""
    dice = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        for scene in range(scenes):
            option = options[dice.integers(len(options))]
            rows.append({
                "person": f"p{person:02}", "attempt": f"p{person:02}", "case_id": "c", "scene": f"s{scene}", "option": option,
                "condition": None, "weight": 1.0 + scene % 2, "target": 0.3, "position": POSITIONS[option],
                "position_min": -1.0, "position_max": 1.0, "aim": 0.3, "fit": FITS[option], "fit_min": 0.0, "fit_max": 1.0,
                "fit_mean": 0.45, "on_axis": scene != 5,
            })  # fmt: skip
    frame = pd.DataFrame(rows)
    off = ~frame["on_axis"]
    frame.loc[off, ["position", "position_min", "position_max", "aim"]] = np.nan
    return frame


def own_key(scenes=6):
    """The key that those choices were made with."""
    return pd.DataFrame(
        [("c", f"s{scene}", name, "", POSITIONS[name], FITS[name]) for scene in range(scenes) for name in POSITIONS],
        columns=["case", "scene", "option", "condition", "position", "fit"],
    )
