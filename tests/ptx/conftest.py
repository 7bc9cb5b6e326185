"""The PTX that nvcc makes of a source, compiled once a session; without a toolkit what needs it is skipped."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from backend import PtxOf
from gpu.toolkit import compile_ptx, find_tool


@pytest.fixture(scope="session")
def ptx_of(tmp_path_factory: pytest.TempPathFactory) -> PtxOf:
    nvcc = find_tool("nvcc")
    if nvcc is None:
        pytest.skip("no CUDA toolkit here: nvcc was not found")
    folder = tmp_path_factory.mktemp("ptx")
    known: dict[tuple[Path, int], str] = {}

    def compiled(source: Path, architecture: int) -> str:
        key = (source, architecture)
        if key not in known:
            known[key] = compile_ptx(nvcc, source, architecture, folder / f"{source.stem}_{architecture}.ptx")
        return known[key]

    return compiled
