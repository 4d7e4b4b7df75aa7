"""What draws the QR code of an address?"""

import io
from functools import lru_cache


@lru_cache(maxsize=256)
def qr_svg(address: str, scale: int | None = None) -> str:
    """An address as a QR code in SVG, so many pixels a square; without a scale as large as the page makes it."""
    import segno

    code = segno.make(address, error="m", micro=False)
    return code.svg_inline(border=3, light="#fff", scale=scale or 1, omitsize=scale is None)


def qr_text(address: str) -> str:
    """An address as a QR code made of half blocks, for a terminal."""
    import segno

    out = io.StringIO()
    segno.make(address, error="l", micro=False).terminal(out=out, compact=True, border=2)
    return out.getvalue()
