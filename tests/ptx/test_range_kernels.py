"""The kernels of range search that ship, as nvcc compiled them, against the definition: with removed rows, limits of
each query and the zeros that fill up tiles."""

from __future__ import annotations

import numpy as np
import pytest

from backend import HitSink, PtxOf, kernel_named, query_part, segment_part
from codes import distances, rows_and_queries
from gpu.ptx import GlobalMemory, Launch, launch
from gpu.toolkit import ROOT

RANGE = ROOT / "cuda" / "range.cpp"
SEGMENT, FIRST_QUERY = 3, 1000

# Architecture, kernel, threads a block, blocks by rows and by queries, rows, queries.
CASES = [
    (75, "stream_planes", 64, (2, 1), 700, 7),
    (80, "stream_planes", 64, (1, 1), 300, 8),
    (75, "compare_prefixes", 32, (1, 1), 200, 70),
    (80, "compare_prefixes", 64, (2, 2), 700, 66),
    # The PTX that ships, for architectures to come.
    (100, "compare_prefixes", 32, (1, 1), 200, 30),
    (80, "compare_wordsILi6E", 64, (5, 1), 300, 40),
    (75, "multiply_bitsILNS0_11bit_productE0E", 64, (2, 1), 200, 290),
    (80, "multiply_bitsILNS0_11bit_productE1E", 64, (2, 1), 200, 290),
    (80, "multiply_bitsILNS0_11bit_productE1E", 64, (1, 3), 100, 600),
    # The first tile holds a code of zeros, the last has none: products by xor and by `and`.
    (90, "multiply_bitsILNS0_11bit_productE2E", 64, (2, 1), 200, 290),
    (90, "multiply_bitsILNS0_11bit_productE2E", 64, (1, 3), 100, 600),
]


@pytest.mark.parametrize(("architecture", "name", "threads", "blocks", "n_rows", "n_queries"), CASES)
def test_finds_what_is_near(
    ptx_of: PtxOf, architecture: int, name: str, threads: int, blocks: tuple[int, int], n_rows: int, n_queries: int
) -> None:
    kernel = kernel_named(ptx_of(RANGE, architecture), name)
    rows, queries = rows_and_queries(n_rows, n_queries, 31, n_queries)
    limits = np.full(n_queries, 31, np.int32)
    limits[3::5], limits[4::11] = 30, -1
    removed = np.arange(n_rows) % 13 == 5
    memory = GlobalMemory()
    sink = HitSink(memory, 4096)
    arguments = [
        segment_part(memory, rows, removed, SEGMENT),
        query_part(memory, queries, limits, FIRST_QUERY),
        sink.bytes(),
    ]
    launch(kernel, Launch((*blocks, 1), (threads, 1, 1), seed=n_rows), arguments, memory)

    distance = distances(rows, queries)
    near = (distance <= limits[None, :]) & ~removed[:, None]
    expected = {
        (FIRST_QUERY + int(query), SEGMENT, int(row), int(distance[row, query])) for row, query in np.argwhere(near)
    }
    assert expected
    hits = sink.hits()
    assert len(hits) == len(set(hits))
    assert set(hits) == expected


def test_counts_hits_that_have_no_room(ptx_of: PtxOf) -> None:
    kernel = kernel_named(ptx_of(RANGE, 80), "compare_prefixes")
    rows, queries = rows_and_queries(64, 8, 31, 1)
    rows[:] = rows[0]
    queries[:] = rows[0]
    memory = GlobalMemory()
    sink = HitSink(memory, 100)
    kept = np.zeros(64, bool)
    arguments = [
        segment_part(memory, rows, kept, 0),
        query_part(memory, queries, np.full(8, 31, np.int32), 0),
        sink.bytes(),
    ]
    launch(kernel, Launch((1, 1, 1), (128, 1, 1)), arguments, memory)
    assert sink.count() == 64 * 8
    assert len(set(sink.hits())) == 100
