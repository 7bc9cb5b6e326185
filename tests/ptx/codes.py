"""Codes to compare, and the definition of what is near."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint32]


def ones(words: Words) -> npt.NDArray[np.int64]:
    """Of each code, [..., words]."""
    counted = np.unpackbits(np.ascontiguousarray(words).view(np.uint8), axis=-1).sum(axis=-1)
    return np.asarray(counted, np.int64)


def distances(rows: Words, queries: Words) -> npt.NDArray[np.int64]:
    """[row][query]"""
    return ones(rows[:, None, :] ^ queries[None, :, :])


def with_distance(code: Words, distance: int, generator: np.random.Generator) -> Words:
    """The code with so many of its bits flipped."""
    flipped = np.zeros(code.size * 32, np.uint8)
    flipped[generator.choice(flipped.size, distance, replace=False)] = 1
    return code ^ np.packbits(flipped, bitorder="little").view(np.uint32)


def rows_and_queries(n_rows: int, n_queries: int, max_distance: int, seed: int) -> tuple[Words, Words]:
    """Random codes of 256 bits. Of every seventh query there are rows exactly at the limit and just beyond; there are a
    code of zeros and one of ones on both sides."""
    generator = np.random.default_rng(seed)
    rows = generator.integers(0, 1 << 32, (n_rows, 8), dtype=np.uint32)
    queries = generator.integers(0, 1 << 32, (n_queries, 8), dtype=np.uint32)
    rows[n_rows // 2], queries[n_queries // 2] = 0, 0
    rows[n_rows // 3], queries[n_queries // 3] = 0xFFFFFFFF, 0xFFFFFFFF
    for place, query in enumerate(range(0, n_queries, 7)):
        for extra in range(3):
            row = (5 * place + 31 * extra) % n_rows
            rows[row] = with_distance(queries[query], max(0, max_distance + extra - 1), generator)
    return rows, queries
