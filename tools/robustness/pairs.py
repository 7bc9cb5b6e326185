"""Near pairs of query and reference, found by libmatch's own exact search."""

from __future__ import annotations

from dataclasses import dataclass

import libmatch
import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
# Distances are kept up to here: far enough to see how the tail of unrelated pairs falls.
FARTHEST = 90


@dataclass(frozen=True)
class Pairs:
    """Row by row: images query[i] and reference[i] are at distance[i], the least over the query's codes."""

    query: Integers
    reference: Integers
    distance: Integers

    def __len__(self) -> int:
        return len(self.query)

    def __getitem__(self, rows: npt.NDArray[np.bool_] | Integers) -> Pairs:
        return Pairs(self.query[rows], self.reference[rows], self.distance[rows])


def near_pairs(
    queries: npt.NDArray[np.uint8],
    references: npt.NDArray[np.uint8],
    context: libmatch.Context,
    max_distance: int = FARTHEST,
) -> Pairs:
    """queries [n, codes an image, bytes] against references [m, bytes]."""
    index = libmatch.Index(hash="pdq256", context=context)
    index.add(np.ascontiguousarray(references), ids=np.arange(len(references), dtype=np.int64))
    n_codes = queries.shape[1]
    found = []
    for start in range(0, len(queries), 4096):
        batch = np.ascontiguousarray(queries[start : start + 4096]).reshape(-1, queries.shape[2])
        matches = index.search_range(batch, max_distance=max_distance)
        offsets = matches.offsets.astype(np.int64)
        counts = offsets[1:] - offsets[:-1]
        query = start + np.repeat(np.arange(len(batch)) // n_codes, counts)
        found.append(_least(query, matches.ids.astype(np.int64), matches.distances.astype(np.int64), len(references)))
    return Pairs(
        np.concatenate([pairs.query for pairs in found]),
        np.concatenate([pairs.reference for pairs in found]),
        np.concatenate([pairs.distance for pairs in found]),
    )


def unordered(pairs: Pairs, n: int) -> Pairs:
    """Pairs of n images with each other, whichever of the two was the query: the smaller number first, none with
    itself."""
    apart = pairs[pairs.query != pairs.reference]
    first, second = np.minimum(apart.query, apart.reference), np.maximum(apart.query, apart.reference)
    return _least(first, second, apart.distance, n)


def _least(query: Integers, reference: Integers, distance: Integers, n_references: int) -> Pairs:
    """One row a pair, whatever the number of codes that found it."""
    order = np.lexsort((distance, reference, query))
    key = (query * n_references + reference)[order]
    first = np.ones(len(key), dtype=bool)
    first[1:] = key[1:] != key[:-1]
    rows = order[first]
    return Pairs(query[rows], reference[rows], distance[rows])
