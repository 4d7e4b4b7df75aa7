"""How does the trainer's secret link get onto the page, and into nothing that is saved with the notebook?"""

from pathlib import Path
from typing import Any

import anywidget
import traitlets


class SecretLink(anywidget.AnyWidget):
    """A link whose address the page asks for when it is shown.

    What a widget keeps in its state, a notebook may save, and ``nbconvert --execute`` does; a message is gone once it was
    read. So ``words`` are state, and the address is a message.
    """

    _esm = Path(__file__).parent / "secret_link.js"
    words = traitlets.Unicode().tag(sync=True)

    def __init__(self, words: str):
        self._address = ""
        super().__init__(words=words)
        self.on_msg(self._on_message)

    def lead(self, address: str) -> None:
        """Lead to this address from now on; an empty one hides the link."""
        self._address = address
        self.send({"address": address})

    def _on_message(self, _widget: Any, content: Any, _buffers: Any) -> None:
        if content == {"asks": "address"}:
            self.send({"address": self._address})
