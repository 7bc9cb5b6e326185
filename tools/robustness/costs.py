"""What a tier costs: time to hash a query, time to search, bytes a reference."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import libmatch
import numpy as np
import numpy.typing as npt

from robustness.measurement import MATCH, REVIEW, Tier

ROUNDS = 3


@dataclass(frozen=True)
class Cost:
    """Milliseconds a query on one thread (medians of rounds), and what the list takes in memory."""

    hash_ms: float  # reading, decoding and hashing a file
    search_ms: dict[int, float]  # by distance, all codes of the query in one batch with others
    reference_bytes: float


def cost_of(
    tier: Tier, files: Sequence[Path], queries: npt.NDArray[np.uint8], references: npt.NDArray[np.uint8]
) -> Cost:
    """files: some queries as files. queries [n, codes, bytes], references [m, bytes]."""
    context = libmatch.Context(threads=1)
    index = libmatch.Index(hash="pdq256", context=context)
    index.add(np.ascontiguousarray(references))
    index.prepare()
    batch = np.ascontiguousarray(queries[:, : tier.codes]).reshape(-1, queries.shape[2])
    hashing: list[float] = []
    searching: dict[int, list[float]] = {MATCH: [], REVIEW: []}
    for _ in range(ROUNDS):
        started = time.perf_counter()
        libmatch.hash_files(files, effort=tier.effort, context=context)
        hashing.append((time.perf_counter() - started) / len(files))
        for distance, taken in searching.items():
            started = time.perf_counter()
            index.search_range(batch, max_distance=distance)
            taken.append((time.perf_counter() - started) / len(queries))
    return Cost(
        1e3 * statistics.median(hashing),
        {distance: 1e3 * statistics.median(taken) for distance, taken in searching.items()},
        index.memory_bytes / len(references),
    )
