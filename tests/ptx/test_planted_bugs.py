"""The kernels of tests/simt with one mistake each, as nvcc compiled them: the column `ptx` of the README's table there.

nvcc sees some mistakes away: two barriers in two branches become one. What is left of them is right.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from backend import PtxOf, kernel_named
from codes import Words, ones
from gpu.ptx import GlobalMemory, Kernel, Launch, PtxError, launch
from gpu.toolkit import ROOT

KERNELS = Path(__file__).parent / "planted_bugs.cu"
README = ROOT / "tests" / "simt" / "README.md"
PLANTED = ROOT / "tests" / "simt" / "planted_bugs.cuh"
SEEDS = 4
ROWS, QUERIES, BLOCK = 100, 76, 64
# Caught by their own tests, in the assembly.
IN_ASSEMBLY = {"swapped_mma_operands"}


def rows_of_table() -> dict[str, bool]:
    """Each mistake, and whether the table says that this interpreter catches it."""
    table = README.read_text(encoding="utf-8").split("| mistake |")[1]
    cells = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("| ")]
    return {row[0].strip(): row[-1].strip() == "yes" for row in cells}


def planted_numbers() -> dict[str, int]:
    """The enumerators' values, as they are in mangled names."""
    body = re.search(r"enum class planted \{(.*?)\}", PLANTED.read_text(encoding="utf-8"), re.DOTALL)
    assert body
    return {name: number for number, name in enumerate(re.findall(r"\w+", body.group(1)))}


def kernel_with(ptx: str, bug: str) -> Kernel:
    kernels = re.search(rf"LM_PLANTED\((\w+), {bug}\)", KERNELS.read_text(encoding="utf-8"))
    assert kernels, f"{bug} is in no kernel"
    return kernel_named(ptx, f"{len(kernels.group(1))}{kernels.group(1)}ILNS0_7plantedE{planted_numbers()[bug]}E")


def answers(kernel: str, rows: Words, queries: Words) -> list[int]:
    distances = ones((rows[:, None] ^ queries[None, :])[..., None])
    if "distance_sums" in kernel:
        return [int(value) for value in distances.sum(axis=1)]
    if "votes" in kernel:
        return [int(value) for value in (distances <= 14).sum(axis=0)]
    # A row without a neighbour in the warp meets zeros.
    whole = np.zeros(-(-len(rows) // BLOCK) * BLOCK, np.uint32)
    whole[: len(rows)] = rows
    return [int(value) for value in ones((whole ^ whole[np.arange(len(whole)) ^ 1])[:, None])[: len(rows)]]


def outcome(kernel: Kernel, seed: int) -> str:
    """ "right", "wrong", or what the interpreter says."""
    generator = np.random.default_rng(1)
    rows = generator.integers(0, 1 << 32, ROWS, dtype=np.uint32)
    queries = generator.integers(0, 1 << 32, QUERIES, dtype=np.uint32)
    expected = answers(kernel.name, rows, queries)
    memory = GlobalMemory()
    result = memory.upload(np.zeros(len(expected), np.uint32))
    arguments = [memory.upload(rows), ROWS, memory.upload(queries), QUERIES, result]
    shape = Launch((-(-ROWS // BLOCK), 1, 1), (BLOCK, 1, 1), 2 * 4 * 32, seed)
    try:
        launch(kernel, shape, arguments, memory)
    except PtxError as error:
        return str(error)
    return "right" if memory.download(result, len(expected), np.uint32).tolist() == expected else "wrong"


def outcomes(ptx: str, bug: str) -> list[str]:
    return [outcome(kernel_with(ptx, bug), seed) for seed in range(SEEDS)]


def test_kernels_without_mistakes_are_right(ptx_of: PtxOf) -> None:
    ptx = ptx_of(KERNELS, 80)
    for name in sorted(set(re.findall(r"LM_PLANTED\((\w+), nothing\)", KERNELS.read_text(encoding="utf-8")))):
        kernel = kernel_named(ptx, f"{len(name)}{name}ILNS0_7plantedE0E")
        assert [outcome(kernel, seed) for seed in range(SEEDS)] == ["right"] * SEEDS


@pytest.mark.parametrize("bug", sorted(set(rows_of_table()) - IN_ASSEMBLY))
def test_the_table_is_true(ptx_of: PtxOf, bug: str) -> None:
    found = outcomes(ptx_of(KERNELS, 80), bug)
    assert any(result != "right" for result in found) == rows_of_table()[bug], found
