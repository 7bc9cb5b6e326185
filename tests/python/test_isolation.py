"""Files decoded and hashed by worker processes."""

from __future__ import annotations

import gc
import io
import os
import subprocess
import sys
from pathlib import Path

import libmatch
import numpy as np
import pytest
from PIL import Image


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


@pytest.fixture
def plugins() -> Path:
    folder = os.environ.get("LIBMATCH_PLUGINS")
    if folder is None:
        pytest.skip("LIBMATCH_PLUGINS names no folder of plug-ins: ./dev test sets it")
    return Path(folder)


def image(width: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, 7), (200, 100, 50)).save(file, "PNG")
    return file.getvalue()


def test_a_plug_in_is_isolated_too(plugins: Path) -> None:
    picky = libmatch.Hasher(plugins / "picky.so")
    context = libmatch.Context("scalar", threads=2, isolate=True, hasher=picky)
    files = [image(width) for width in (12, 13, 15, 16)]
    here = libmatch.hash_buffers(files, hasher=picky)
    isolated = libmatch.hash_buffers(files, hasher=picky, context=context)
    assert isolated.codes.tolist() == here.codes.tolist() == [[200] * 8, [0] * 8, [0] * 8, [200] * 8]
    assert (isolated.scans, isolated.reasons) == (here.scans, here.reasons)
    index = libmatch.Index(64, hash="code", profile=libmatch.hash_profile(hasher=picky))
    index.add(isolated.codes[:1])
    verdicts = libmatch.match_buffers(index, files, hasher=picky, context=context)
    assert verdicts.verdicts == ["match", "not_scanned", "not_scanned", "match"]


def test_a_plug_in_that_ends_its_process_costs_one_file(plugins: Path) -> None:
    """Fatal.so crashes on an image 20 wide and hangs on one of 21."""
    fatal = libmatch.Hasher(plugins / "fatal.so")
    context = libmatch.Context(threads=1, isolate=True, hasher=fatal)
    files = [image(width) for width in (12, 20, 12, 21, 12)]
    hashes = libmatch.hash_buffers(files, hasher=fatal, context=context, max_milliseconds=1000)
    assert hashes.scans == ["ok", "crashed", "ok", "limit", "ok"]
    assert hashes.reasons[1].startswith("the decoder or the hasher fatal died (")
    assert hashes.reasons[3] == "took longer than 1000 ms"


def test_workers_hash_by_the_plug_in_that_they_have_loaded(plugins: Path) -> None:
    picky, again = (libmatch.Hasher(plugins / "picky.so") for _ in range(2))
    with pytest.raises(NotImplementedError, match="have not loaded the hasher picky"):
        libmatch.hash_buffers([], hasher=again, context=libmatch.Context(isolate=True, hasher=picky))
    with pytest.raises(NotImplementedError, match="have not loaded the hasher picky"):
        libmatch.hash_buffers([], hasher=picky, context=libmatch.Context(isolate=True))
    with pytest.raises(ValueError, match="hasher is for isolate=True"):
        libmatch.Context(hasher=picky)


def test_a_context_keeps_its_plug_in(plugins: Path) -> None:
    context = libmatch.Context(isolate=True, hasher=libmatch.Hasher(plugins / "picky.so"))
    gc.collect()
    assert libmatch.hash_buffers([image(12)] * 9, context=context).scans == ["ok"] * 9


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
