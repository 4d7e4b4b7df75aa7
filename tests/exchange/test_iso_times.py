"""Times as text: sign by sign what Arrow's own strftime gives, from the year 1 to 9999, whatever is missing."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from trainkit.exchange.iso_times import iso_times

FIRST, LAST = -62_135_596_800_000_000, 253_402_300_799_999_999  # microseconds from 1970 to the years 1 and 9999


@pytest.mark.parametrize("missing", [0.0, 0.3, 1.0])
def test_it_is_what_strftime_gives(missing):
    dice = np.random.default_rng(1)
    instants = np.append(dice.integers(FIRST, LAST, 5_000), [FIRST, LAST, -1, 0, 59_999_999, 951_782_399_999_999])
    mask = dice.random(len(instants)) < missing
    whole = pa.chunked_array([pa.array(instants, pa.timestamp("us", "UTC"), mask=mask)])
    for times in (whole, whole.slice(7), pa.chunked_array([whole.slice(0, 9).chunk(0), whole.slice(9).chunk(0)])):
        text = iso_times(times)
        assert text.equals(pc.strftime(times, "%Y-%m-%dT%H:%M:%SZ").combine_chunks())
        text.validate(full=True)


def test_no_rows():
    assert iso_times(pa.chunked_array([], pa.timestamp("us", "UTC"))).to_pylist() == []
