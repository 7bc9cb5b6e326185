"""No kernel with assembly of ours ships that no test here runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend import PtxOf, assembly_of
from gpu.toolkit import ROOT
from test_range_kernels import CASES

# What the toolkit's own functions are made of: shuffles of 64 bits, and arithmetic of four bytes at once.
TOOLKIT = {"mov", "dp4a", "vabsdiff4"}
# Those that have kernels; Thrust's are not ours.
SOURCES = sorted(
    path.with_suffix(".cpp") for path in (ROOT / "cuda").glob("*.cuh") if path.with_suffix(".cpp").exists()
)


def kernels_with_our_assembly(ptx: str) -> set[str]:
    return {kernel for kernel, instructions in assembly_of(ptx).items() if instructions - TOOLKIT}


@pytest.mark.parametrize(
    "source", [path for path in SOURCES if "thrust/" not in path.read_text()], ids=lambda p: p.stem
)
def test_kernels_with_assembly_are_run(ptx_of: PtxOf, source: Path) -> None:
    for architecture in (75, 80, 90) if source == ROOT / "cuda" / "range.cpp" else (80,):
        run = {name for tested, name, *_ in CASES if tested == architecture or not name.startswith("multiply")}
        for kernel in kernels_with_our_assembly(ptx_of(source, architecture)):
            assert source == ROOT / "cuda" / "range.cpp", f"{kernel} is not run"
            assert any(name in kernel for name in run), f"{kernel} is not run for {architecture}"


def test_finds_assembly(ptx_of: PtxOf) -> None:
    found = assembly_of(ptx_of(ROOT / "tests" / "ptx" / "tile_kernels.cu", 80))
    assert found["near_by_xor_k256"] == {"mma", "cp"}
    assert found["near_by_csa96"] == {"lop3"}
