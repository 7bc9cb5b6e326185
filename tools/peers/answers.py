"""Whether libmatch and its peers found the same. Nothing is timed before it was compared."""

from __future__ import annotations

from collections.abc import Sequence

import libmatch
import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
# Offsets, distances and ids, as FAISS returns them.
Ranges = tuple[Integers, Integers, Integers]


class AnswersDifferError(Exception):
    """Somebody is wrong, and no figure would mean anything."""


def _first(ours: libmatch.Matches, queries: int) -> tuple[Integers, Integers, Integers]:
    """The matches of the first queries, as rows of (query, distance, id)."""
    offsets = ours.offsets[: queries + 1]
    end = int(offsets[-1])
    counts: Integers = np.asarray(offsets[1:] - offsets[:-1], dtype=np.int64)
    return np.repeat(np.arange(queries), counts), ours.distances[:end].astype(np.int64), ours.ids[:end]


def _ordered(theirs: Ranges) -> tuple[Integers, Integers, Integers]:
    """The same of FAISS, which orders the matches of a query in its own way."""
    limits, distances, ids = theirs
    counts: Integers = np.asarray(limits[1:] - limits[:-1], dtype=np.int64)
    queries = np.repeat(np.arange(len(limits) - 1), counts)
    order = np.lexsort((ids, distances, queries))
    return queries[order], distances[order].astype(np.int64), ids[order]


def require_same_matches(answers: Sequence[libmatch.Matches]) -> None:
    for answer in answers[1:]:
        if not (
            np.array_equal(answer.offsets, answers[0].offsets)
            and np.array_equal(answer.ids, answers[0].ids)
            and np.array_equal(answer.distances, answers[0].distances)
        ):
            raise AnswersDifferError("range search: libmatch differs from itself")


def require_same_ranges(name: str, ours: libmatch.Matches, theirs: Ranges) -> None:
    """`theirs` may be of the first of the queries only."""
    expected = _first(ours, len(theirs[0]) - 1)
    if not all(np.array_equal(a, b) for a, b in zip(expected, _ordered(theirs))):
        raise AnswersDifferError(f"range search: {name} finds something else than libmatch")


def recall(ours: libmatch.Matches, theirs: Ranges) -> float:
    """The part of the exact matches that an index which is not exact finds."""
    queries, _, ids = _first(ours, len(theirs[0]) - 1)
    exact = set(zip(queries.tolist(), ids.tolist()))
    found, _, found_ids = _ordered(theirs)
    return len(exact & set(zip(found.tolist(), found_ids.tolist()))) / max(len(exact), 1)


def require_same_distances(name: str, ours: libmatch.Neighbours, theirs: npt.NDArray[np.generic]) -> None:
    """Of the nearest codes of the first queries; which of several at one distance comes last is anybody's choice."""
    if not np.array_equal(ours.distances[: len(theirs)], theirs.astype(np.uint32)):
        raise AnswersDifferError(f"k-NN search: {name} finds other distances than libmatch")
