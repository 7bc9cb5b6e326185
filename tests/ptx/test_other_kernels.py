"""Kernels whose only assembly is that of the toolkit's functions: four bytes at once, shuffles of 64 bits."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from backend import HitSink, PtxOf, kernel_named, query_part, segment_part
from codes import distances, rows_and_queries
from gpu.ptx import GlobalMemory, Launch, launch
from gpu.ptx.machine import Argument
from gpu.toolkit import ROOT

CUDA = ROOT / "cuda"


def squared_distances(rows: np.ndarray, queries: np.ndarray) -> np.ndarray:
    left, right = (np.ascontiguousarray(words).view(np.uint8).astype(np.int64) for words in (rows, queries))
    return np.asarray(((left[:, None, :] - right[None, :, :]) ** 2).sum(axis=-1))


def test_near_vectors(ptx_of: PtxOf) -> None:
    generator = np.random.default_rng(1)
    rows = generator.integers(0, 1 << 32, (70, 36), dtype=np.uint32)
    queries = np.concatenate([rows[::7], generator.integers(0, 1 << 32, (3, 36), dtype=np.uint32)])
    queries.view(np.uint8)[:, 5] ^= 3
    limits = np.full(len(queries), 9, np.int32)
    limits[2], limits[4] = -1, 1 << 30
    removed = np.arange(70) % 14 == 7
    memory = GlobalMemory()
    sink = HitSink(memory, 1000)
    arguments: list[Argument] = [
        segment_part(memory, rows, removed, 2),
        query_part(memory, queries, limits, 50),
        sink.bytes(),
    ]
    kernel = kernel_named(ptx_of(CUDA / "vectors.cpp", 80), "compare_vectors")
    launch(kernel, Launch((2, 1, 1), (256, 1, 1), seed=2), arguments, memory)
    distance = squared_distances(rows, queries)
    near = (distance <= limits[None, :]) & ~removed[:, None]
    expected = {(50 + int(q), 2, int(r), int(distance[r, q])) for r, q in np.argwhere(near)}
    assert len(sink.hits()) == len(expected) > 60
    assert set(sink.hits()) == expected


@pytest.mark.parametrize(
    ("source", "name", "width"), [("knn.cpp", "hamming_bitsELi8", 8), ("vectors.cpp", "squared_differencesELi8", 36)]
)
def test_counts_of_distances(ptx_of: PtxOf, source: str, name: str, width: int) -> None:
    generator = np.random.default_rng(3)
    rows = generator.integers(0, 1 << 32, (90, width), dtype=np.uint32)
    queries = generator.integers(0, 1 << 32, (11, width), dtype=np.uint32)
    queries[0] = rows[6]
    removed = np.arange(90) % 9 == 0
    fine_bits, stride = 4, 3
    all_distances = (distances if width == 8 else squared_distances)(rows, queries)
    # Each below 32 on its own, then sixteen steps for every power of two.
    shift = np.maximum(0, np.frexp(all_distances)[1] - 1 - fine_bits)
    steps = (shift << fine_bits) + (all_distances >> shift)
    size = int(steps.max()) + 1
    expected = np.zeros((11, size), np.uint32)
    for row in range(0, 90, stride):
        if not removed[row]:
            expected[np.arange(11), steps[row]] += 1
    memory = GlobalMemory()
    counts = memory.upload(np.zeros((11, size), np.uint32))
    arguments: list[Argument] = [
        segment_part(memory, rows, removed, 0),
        query_part(memory, queries, np.zeros(11, np.int32), 0),
        stride,
        struct.pack("<II", fine_bits, size),
        counts,
    ]
    kernel = kernel_named(ptx_of(CUDA / source, 80), f"count_distancesINS0_{len(name.split('EL')[0])}{name}")
    launch(kernel, Launch((1, 2, 1), (64, 1, 1), 4 * 8 * (width + size), seed=1), arguments, memory)
    assert np.array_equal(memory.download(counts, 11 * size, np.uint32).reshape(11, size), expected)


def test_keeps_near_hits(ptx_of: PtxOf) -> None:
    generator = np.random.default_rng(4)
    hits = generator.integers(0, 40, (200, 4)).astype(np.uint32)
    hits[:, 0] = 30 + hits[:, 0] % 5
    limits = np.array([3, 20, -1, 39, 10], np.int32)
    memory = GlobalMemory()
    sink = HitSink(memory, 60)
    kernel = kernel_named(ptx_of(CUDA / "knn.cpp", 80), "keep_near")
    arguments: list[Argument] = [memory.upload(hits), 200, 30, memory.upload(limits), sink.bytes()]
    launch(kernel, Launch((2, 1, 1), (64, 1, 1), seed=3), arguments, memory)
    kept = [tuple(int(value) for value in hit) for hit in hits if int(hit[3]) <= limits[hit[0] - 30]]
    assert sink.count() == len(kept) > 60
    assert len(sink.hits()) == 60
    assert not set(sink.hits()) - set(kept)


@pytest.mark.parametrize("k", [1, 7, 40, 500])
def test_limits_of_the_nearest(ptx_of: PtxOf, k: int) -> None:
    counts = np.random.default_rng(k).integers(0, 9, (6, 70)).astype(np.uint32)
    counts[2] = 0
    memory = GlobalMemory()
    limits, largest = memory.allocate(24), memory.upload(np.array([-1], np.int32))
    unreached = memory.upload(np.zeros(1, np.uint32))
    found = struct.pack("<QQQixxxx", limits, largest, unreached, 64)
    kernel = kernel_named(ptx_of(CUDA / "knn.cpp", 80), "find_limits")
    arguments: list[Argument] = [memory.upload(counts), 6, struct.pack("<II", 8, 70), k, found]
    launch(kernel, Launch((3, 1, 1), (64, 1, 1), seed=k), arguments, memory)
    reached = counts.cumsum(axis=1) >= k
    expected = np.where(reached.any(axis=1), np.minimum(reached.argmax(axis=1), 64), 64)
    assert memory.download(limits, 6, np.int32).tolist() == expected.tolist()
    assert memory.download(largest, 1, np.int32)[0] == expected.max()
    assert memory.download(unreached, 1, np.uint32)[0] == (~reached.any(axis=1)).sum()


def test_each_pair_is_kept_once(ptx_of: PtxOf) -> None:
    rows, _ = rows_and_queries(40, 5, 31, 5)
    near = np.argwhere(distances(rows, rows) <= 128)
    hits = np.array([(query, 4, row, 7) for row, query in near], np.uint32)
    hits[::5, 1] = 1
    memory = GlobalMemory()
    count, pairs = memory.upload(np.zeros(1, np.uint64)), memory.allocate(20 * len(hits))
    kernel = kernel_named(ptx_of(CUDA / "pairs.cpp", 80), "keep_earlier")
    arguments: list[Argument] = [memory.upload(hits), len(hits), 4, struct.pack("<QQQ", pairs, count, len(hits))]
    launch(kernel, Launch((2, 1, 1), (96, 1, 1), seed=6), arguments, memory)
    n = int(memory.download(count, 1, np.uint64)[0])
    found = {tuple(int(value) for value in pair) for pair in memory.download(pairs, 5 * n, np.uint32).reshape(-1, 5)}
    expected = {(int(s), int(r), 4, int(q), int(d)) for q, s, r, d in hits if s < 4 or r < q}
    assert len(expected) == n
    assert found == expected
