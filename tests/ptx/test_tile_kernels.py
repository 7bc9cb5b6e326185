"""The tiles of cuda/, as nvcc compiled them, against the definition."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from backend import PtxOf
from codes import Words, distances, ones, rows_and_queries
from gpu.ptx import GlobalMemory, Kernel, Launch, launch, parse

KERNELS = Path(__file__).parent / "tile_kernels.cu"
ROWS, QUERIES = 128, 70
Pairs = set[tuple[int, int]]


def pairs_where(near: npt.NDArray[np.bool_]) -> Pairs:
    return {(int(row), int(query)) for row, query in np.argwhere(near)}


def near_by_kernel(kernel: Kernel, rows: Words, queries: Words, max_distance: int, seed: int) -> Pairs:
    """What the kernel reports; it must report no pair twice."""
    memory = GlobalMemory()
    if "csa96" in kernel.name:
        parity = queries[:, 0] ^ queries[:, 1] ^ queries[:, 2]
        prefixes = np.stack([queries[:, 0], queries[:, 1], parity, np.full(len(queries), max_distance)], axis=1)
        arguments = [memory.upload(rows[:, :3].T), len(rows), memory.upload(prefixes.astype(np.uint32)), len(queries)]
        shape = Launch((1, 1, 1), (len(rows) // 4, 1, 1), seed=seed)
    else:
        arguments = [memory.upload(rows), memory.upload(queries), len(queries), max_distance]
        if "and" in kernel.name:
            arguments.append(int(ones(queries).min()))
        shape = Launch((len(rows) // 64, 1, 1), (64, 1, 1), seed=seed)
    found = memory.allocate(8 * len(rows) * len(queries))
    count = memory.upload(np.zeros(1, np.uint32))
    launch(kernel, shape, [*arguments, found, count], memory)
    n = int(memory.download(count, 1, np.uint32)[0])
    reported = [(int(row), int(query)) for row, query in memory.download(found, 2 * n, np.uint32).reshape(-1, 2)]
    assert len(set(reported)) == n
    return set(reported)


CASES = [
    (75, "near_by_xor_k128", 31),
    (75, "near_by_csa96", 31),
    (80, "near_by_xor_k256", 31),
    (80, "near_by_xor_k256", 0),
    (80, "near_by_csa96", 34),
    (90, "near_by_xor_k256", 100),
    (90, "near_by_csa96", 0),
]


@pytest.mark.parametrize(("architecture", "name", "max_distance"), CASES)
@pytest.mark.parametrize("seed", [0, 1])
def test_reports_what_is_near(ptx_of: PtxOf, architecture: int, name: str, max_distance: int, seed: int) -> None:
    kernel = parse(ptx_of(KERNELS, architecture))[name]
    rows, queries = rows_and_queries(ROWS, QUERIES, max_distance, seed)
    words = 3 if name == "near_by_csa96" else 8
    near = distances(rows[:, :words], queries[:, :words]) <= max_distance
    assert near.any()
    assert near_by_kernel(kernel, rows, queries, max_distance, seed) == pairs_where(near)


@pytest.mark.parametrize("architecture", [80, 90])
@pytest.mark.parametrize("max_distance", [0, 31, 100])
def test_common_ones_miss_nothing(ptx_of: PtxOf, architecture: int, max_distance: int) -> None:
    """Codes of zeros and of ones are among the queries, so the fewest ones are none: what is reported is what is near
    if every query had none, which is more."""
    kernel = parse(ptx_of(KERNELS, architecture))["near_by_and_k256"]
    rows, queries = rows_and_queries(ROWS, QUERIES, max_distance, 4)
    common = ones(rows[:, None, :] & queries[None, :, :])
    expected = pairs_where(2 * common >= ones(rows)[:, None] - max_distance)
    assert expected >= pairs_where(distances(rows, queries) <= max_distance)
    assert near_by_kernel(kernel, rows, queries, max_distance, 1) == expected


@pytest.mark.parametrize("max_distance", [0, 1, 31, 90])
def test_common_ones_are_exact_for_queries_with_as_many(ptx_of: PtxOf, max_distance: int) -> None:
    kernel = parse(ptx_of(KERNELS, 80))["near_by_and_k256"]
    rows, queries = rows_and_queries(ROWS, QUERIES, max_distance, 5)
    generator = np.random.default_rng(6)
    half = np.arange(256) < 128
    bits = np.stack([generator.permutation(half) for _ in range(QUERIES)])
    queries = np.packbits(bits, axis=1, bitorder="little").view(np.uint32)
    rows[:QUERIES] = queries
    near = distances(rows, queries) <= max_distance
    assert near_by_kernel(kernel, rows, queries, max_distance, 1) == pairs_where(near)
