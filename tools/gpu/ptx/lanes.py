"""Sets of lanes. A set is a number with bit i for lane i where it is counted and compared, an array of 32 booleans
where it selects."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

LANES = 32
ALL = 0xFFFFFFFF
NUMBERS: npt.NDArray[np.int64] = np.arange(LANES)

# Of a type that an instruction's text decides.
Values = npt.NDArray[Any]
Selection = npt.NDArray[np.bool_]


@lru_cache(maxsize=4096)
def selected(lanes: int) -> Selection:
    chosen = ((lanes >> NUMBERS) & 1).astype(bool)
    chosen.setflags(write=False)
    return chosen


@lru_cache(maxsize=4096)
def numbers(lanes: int) -> npt.NDArray[np.int64]:
    return np.flatnonzero(selected(lanes))


def lanes_where(flags: Selection) -> int:
    return int(np.packbits(flags, bitorder="little").view(np.uint32)[0])
