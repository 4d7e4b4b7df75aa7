"""How many examples does a property get? A fifth of its own number, and all where whole matrices are run (``tests.long``)."""

import os

THOROUGH = "TRAINKIT_THOROUGH"


def examples(number: int) -> int:
    """So many, or a fifth of them."""
    return number if os.environ.get(THOROUGH) else -(-number // 5)
