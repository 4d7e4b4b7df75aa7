"""How does a column of times become text, fast? Digit by digit for all rows at once: 2024-03-05T12:12:00.000000Z."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

_DAY = 86_400_000_000  # microseconds
_FORM = np.frombuffer(b"0000-00-00T00:00:00.000000Z", np.uint8)
_DIGITS = {  # place of a digit → of how many microseconds it is, and how many there are of it
    11: (36_000_000_000, 10), 12: (3_600_000_000, 10), 14: (600_000_000, 6), 15: (60_000_000, 10), 17: (10_000_000, 6),
    18: (1_000_000, 10), 20: (100_000, 10), 21: (10_000, 10), 22: (1_000, 10), 23: (100, 10), 24: (10, 10), 25: (1, 10),
}  # fmt: skip


def iso_times(times: pa.ChunkedArray) -> pa.Array:
    """Times (UTC, microseconds, of the years 1 to 9999) as ISO 8601; nulls stay.

    The same as ``pyarrow.compute.strftime(times, "%Y-%m-%dT%H:%M:%SZ")``, in a fifth of its time.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    instants = times.cast(pa.int64()).fill_null(0).to_numpy()
    days, within = np.divmod(instants, _DAY)
    signs = np.empty((len(instants), len(_FORM)), np.uint8)
    signs[:] = _FORM
    known, which = np.unique(days, return_inverse=True)
    dates = np.datetime_as_string(known.astype("datetime64[D]")).astype("S10")
    signs[:, :10] = dates.view(np.uint8).reshape(-1, 10)[which]
    for place, (of, many) in _DIGITS.items():
        signs[:, place] += (within // of % many).astype(np.uint8)
    ends = np.arange(len(instants) + 1, dtype=np.int32) * len(_FORM)
    text = pa.Array.from_buffers(pa.string(), len(instants), [None, pa.py_buffer(ends), pa.py_buffer(signs)])
    return pc.if_else(pc.is_valid(times).combine_chunks(), text, None) if times.null_count else text
