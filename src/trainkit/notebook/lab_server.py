"""The Jupyter server of ``trainkit lab``: answers reach the browser at once.

Jupyter's websocket leaves Nagle's algorithm on. An answer that takes some milliseconds (ours is committed to disk first)
follows the kernel's "busy" in a packet of its own, and then waits up to 40 ms for the browser's delayed acknowledgement.
"""

from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """The usual connection without Nagle's algorithm."""

    def connect(self) -> Any:
        """Connect the kernel's channels to the browser."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
