"""Which port is free for a server under test?"""

import random
import socket

HOST = "127.0.0.1"
BELOW = range(
    20_000, 32_000
)  # under those from which systems give clients theirs: a test's own clients may have taken one


def free_port() -> int:
    """A port nobody listens on now."""
    while True:
        port = random.SystemRandom().choice(BELOW)
        with socket.socket() as asked:
            try:
                asked.bind((HOST, port))
            except OSError:
                continue
            return port
