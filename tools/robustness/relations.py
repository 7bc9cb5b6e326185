"""Pairs of unrelated images that are related after all, told without asking what is measured.

By construction: images of one template or watermark share what was drawn around or over them. By where they come from:
images of one series (Unrelated.series) are frames of one animation, tiles of one drawing, variants of one icon, and to
find a part of one in another is often right. Neither says that a pair shares anything, nor that an answer is right, so
they are counted, each alone.

By eye: of pairs that an answer named, those in shared_parts.tsv were looked at and show a part of the same picture, as
the file says of each. That depends on the answers, so these are counted alone, too.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from robustness.pairs import Integers
from robustness.unrelated import Unrelated

SHARED_PARTS = Path(__file__).with_name("shared_parts.tsv")
NONE, CLUSTER, SERIES = 0, 1, 2


class Relations:
    """Of images by their rows. before: so many rows stand before the unrelated ones and are related to nothing."""

    def __init__(self, images: Sequence[Unrelated], before: int = 0) -> None:
        self._cluster = _numbered([""] * before + [image.cluster for image in images])
        self._series = _numbered([""] * before + [image.series for image in images])

    def of(self, first: Integers, second: Integers) -> npt.NDArray[np.int8]:
        """NONE, CLUSTER or SERIES, the first that holds from the right of these but for NONE."""
        one_cluster = (self._cluster[first] == self._cluster[second]) & (self._cluster[first] >= 0)
        one_series = (self._series[first] == self._series[second]) & (self._series[first] >= 0)
        return np.where(one_cluster, CLUSTER, np.where(one_series, SERIES, NONE)).astype(np.int8)

    def partners(self, rows: Integers) -> dict[int, int]:
        """How many pairs these rows make with any other row, by relation."""
        every = np.arange(len(self._cluster))
        counts = np.zeros(3, dtype=np.int64)
        for row in rows.tolist():
            counts += np.bincount(self.of(np.full_like(every, row), every), minlength=3)
            counts[int(self.of(np.array([row]), np.array([row]))[0])] -= 1  # with itself
        return {relation: int(counts[relation]) for relation in (NONE, CLUSTER, SERIES)}


def _numbered(names: Sequence[str]) -> Integers:
    """Equal names have equal numbers, "" has -1."""
    distinct = {name: i for i, name in enumerate(sorted(set(names) - {""}))}
    return np.array([distinct.get(name, -1) for name in names], dtype=np.int64)


def shares_part(first: Path, second: Path) -> bool:
    """Whether the pair is among those that were looked at."""
    return frozenset((_named(first), _named(second))) in _looked_at()


def _named(path: Path) -> str:
    """As the file of pairs names an image: below the folder of what was fetched or made."""
    return path.as_posix().rpartition("/robustness/")[2]


@cache
def _looked_at() -> frozenset[frozenset[str]]:
    with SHARED_PARTS.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t")
        return frozenset(frozenset((row["first"], row["second"])) for row in rows)
