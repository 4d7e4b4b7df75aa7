"""When isn't garbage looked for? While much is made and nothing thrown away."""

import gc
from contextlib import ContextDecorator


class gc_paused(ContextDecorator):
    """The garbage collector is off inside; also a decorator.

    Loading the libraries and solving a case make ten thousands of objects and drop none of them; looking through them all
    again and again takes a seventh of a start.
    """

    def __enter__(self) -> None:
        self._was_on = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        if self._was_on:
            gc.enable()
