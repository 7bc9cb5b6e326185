"""Files decoded and hashed by worker processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import libmatch
import numpy as np


def test_a_context_says_whether_it_is_isolated() -> None:
    assert not libmatch.Context().isolated
    context = libmatch.Context("scalar", threads=2, isolate=True)
    assert context.isolated
    assert repr(context) == "<libmatch.Context backend='scalar' threads=2 isolated>"


def test_isolation_changes_no_answer(folder: Path) -> None:
    paths = [*sorted(folder.iterdir()), folder / "missing"]
    here = libmatch.hash_files(paths, orientations="true")
    isolated = libmatch.hash_files(paths, orientations="true", context=libmatch.Context(isolate=True))
    assert np.array_equal(isolated.codes, here.codes)
    assert np.array_equal(isolated.quality, here.quality)
    assert isolated.scans == here.scans
    assert isolated.reasons == here.reasons
    assert "damaged" in here.scans


def test_verdicts_come_from_isolation_too(folder: Path, png: bytes) -> None:
    context = libmatch.Context(isolate=True)
    index = libmatch.Index(context=context)
    index.add(libmatch.hash_buffers([png], context=context).codes)
    verdicts = libmatch.match_buffers(index, [png, png[:100]], context=context)
    assert verdicts.verdicts == ["match", "not_scanned"]


def test_a_missing_worker_is_an_error_and_named() -> None:
    code = "import libmatch; libmatch.Context(isolate=True)"
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "LM_WORKER": "/no/such/worker"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "NotImplementedError: isolation: /no/such/worker is no program that can be started" in result.stderr
