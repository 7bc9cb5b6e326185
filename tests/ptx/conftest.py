"""The PTX that nvcc makes of a source, compiled once a session; without a toolkit what needs it is skipped."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import numpy as np
import numpy.typing as npt
import pytest

from gpu.toolkit import compile_ptx, find_tool

Words = npt.NDArray[np.uint32]
Source = Callable[[Path, int], str]


@pytest.fixture(scope="session")
def ptx_of(tmp_path_factory: pytest.TempPathFactory) -> Source:
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
