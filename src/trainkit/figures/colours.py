"""The colours of pictures: those of the screen's stylesheet (``view/tk.css``, by day), since they stand beside its text."""

INK = "#23211d"
MUTED = "#5f594f"
ACCENT = "#10615b"
ON_ACCENT = "#ffffff"
PAPER = "#fbfaf7"
LINE = "#dcd7cc"


def towards_accent(share: float) -> str:
    """The paper's colour at 0, the accent at 1, and what lies between."""
    low, high = (bytes.fromhex(colour[1:]) for colour in (PAPER, ACCENT))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(low, high, strict=True))
