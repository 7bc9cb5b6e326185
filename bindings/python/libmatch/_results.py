"""What calls return. Arrays are read-only views of the library's memory: copy one to change it."""

from __future__ import annotations

from functools import cached_property
from typing import Callable, NamedTuple

import numpy as np
import numpy.typing as npt


class Hashes(NamedTuple):
    """The codes of n files, in the order given."""

    codes: npt.NDArray[np.uint8]
    """[n, size], or [n, 8, size] for eight orientations; zeros where a file was not scanned."""
    quality: npt.NDArray[np.uint8]
    """[n], 0 to 100; below 50 a code means nothing. 0 where not scanned, and for digests."""
    scans: list[str]
    """n of "ok", "unknown_format", "unsupported", "damaged", "limit", "unreadable", "not_hashed"."""
    reasons: list[str]
    """n texts: why a file was not scanned; "" where it was."""

    @property
    def ok(self) -> npt.NDArray[np.bool_]:
        """[n]: which files were scanned."""
        return np.array([scan == "ok" for scan in self.scans], dtype=np.bool_)


class _MatchesFields(NamedTuple):
    offsets: npt.NDArray[np.int64]
    """[n + 1]: query i owns entries offsets[i] to offsets[i + 1] - 1."""
    ids: npt.NDArray[np.int64]
    """[offsets[n]]"""
    distances: npt.NDArray[np.uint32]
    """[offsets[n]]: differing bits."""


class Matches(_MatchesFields):
    """The answer to n queries, ordered by (query, distance, id): (offsets, ids, distances)."""

    _read_labels: Callable[[], list[str]]

    @cached_property
    def labels(self) -> list[str]:
        """The label of each entry, "" for none; read from the index's snapshot when first asked for."""
        return self._read_labels()

    def __reduce__(self) -> tuple[object, ...]:
        return _restored, (type(self), tuple(self), self.labels)


class _NeighboursFields(NamedTuple):
    ids: npt.NDArray[np.int64]
    """[n, k], nearest first; -1 where the index holds fewer than k codes."""
    distances: npt.NDArray[np.uint32]
    """[n, k]: differing bits; 2**32 - 1 where the index holds fewer than k codes."""


class Neighbours(_NeighboursFields):
    """The k nearest codes of n queries: (ids, distances)."""

    _read_labels: Callable[[], list[str]]

    @cached_property
    def labels(self) -> list[list[str]]:
        """n lists of k labels, "" for none; read from the index's snapshot when first asked for."""
        labels = iter(self._read_labels())
        return [["" if entry < 0 else next(labels) for entry in row] for row in self.ids]

    def __reduce__(self) -> tuple[object, ...]:
        return _restored, (type(self), tuple(self), self.labels)


class _PairsFields(NamedTuple):
    first_ids: npt.NDArray[np.int64]
    """[m]: the smaller id of each pair, or the same where both entries have one id."""
    second_ids: npt.NDArray[np.int64]
    """[m]: the other."""
    distances: npt.NDArray[np.uint32]
    """[m]: differing bits."""


class Pairs(_PairsFields):
    """Pairs of near codes, ordered by (first id, second id, distance): (first_ids, second_ids, distances)."""

    _read_labels: Callable[[], list[tuple[str, str]]]

    @cached_property
    def labels(self) -> list[tuple[str, str]]:
        """The labels of each pair, "" for none; read from the index's snapshot when first asked for."""
        return self._read_labels()

    def __reduce__(self) -> tuple[object, ...]:
        return _restored, (type(self), tuple(self), self.labels)


def _restored(
    kind: type[Matches] | type[Neighbours] | type[Pairs], fields: tuple[object, ...], labels: list[object]
) -> Matches | Neighbours | Pairs:
    """Undoes pickling: the labels come along, the library's memory stays behind."""
    result = kind(*fields)  # type: ignore[arg-type]
    result.__dict__["labels"] = labels
    return result


class Plan(NamedTuple):
    """How a range search would be done now."""

    method: str
    """Of the largest part of the index: "rows" (whole codes), "planes", "lookups" (the queries in buckets, every code
    looks up its own), "probes" (buckets, query by query) or "visits" (buckets, all queries that ask for one at once);
    "none" for an empty index."""
    microseconds: float
    """Expected for all of it on one thread: to compare plans, not to promise."""
    codes: int
    """Held, removed ones counted."""
    planes_codes: int
    """Of which so many have planes."""
    buckets_codes: int
    """And so many buckets."""


class Verdicts(NamedTuple):
    """What n uploads are, in the order given."""

    verdicts: list[str]
    """n of "match", "no_match", "low_quality", "not_scanned"; the last is NOT the same as no match."""
    quality: npt.NDArray[np.uint8]
    """[n], 0 to 100; 0 where not scanned."""
    scans: list[str]
    """n of "ok", "unknown_format", "unsupported", "damaged", "limit", "unreadable", "not_hashed"."""
    reasons: list[str]
    """n texts: why an upload is low_quality or not_scanned; "" otherwise."""
    offsets: npt.NDArray[np.int64]
    """[n + 1]: upload i owns matches offsets[i] to offsets[i + 1] - 1, best first."""
    hashes: list[str]
    """Of each match what was equal or near: the index's hash, "md5", "sha1" or "sha256"."""
    ids: npt.NDArray[np.int64]
    """[offsets[n]]"""
    distances: npt.NDArray[np.uint32]
    """[offsets[n]]: differing bits, or squared Euclidean; 0 for digests."""
    labels: list[str]
    """Of each match; "" for none."""
