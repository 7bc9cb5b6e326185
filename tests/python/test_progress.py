from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Callable

import libmatch
import numpy as np
import numpy.typing as npt
import pytest

from synthetic import synthetic_image

Codes = npt.NDArray[np.uint8]


class Recorder:
    """A progress callable that remembers what it was told."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, int]] = []

    def __call__(self, done: int, total: int) -> None:
        self.calls.append((done, total))


def calls_with_progress(folder: Path) -> dict[str, tuple[int, Callable[[Any], object]]]:
    """Each call that takes progress, with the units in all where they are known (else 0)."""
    paths = [folder / "picture.png"] * 6
    data = paths[0].read_bytes()
    images = [synthetic_image(1111, 65, 63)] * 6
    index = libmatch.Index(profile=libmatch.hash_profile())
    index.add(np.random.default_rng(1).integers(0, 256, (2000, 32), dtype=np.uint8))
    queries = np.zeros((50, 32), dtype=np.uint8)
    file = folder / "known.index"
    index.save(file)
    listed = folder / "list.csv"
    listed.write_text("".join(f"{code.tobytes().hex()}\n" for code in queries))
    return {
        "add_csv": (listed.stat().st_size, lambda progress: libmatch.Index().add_csv(listed, progress=progress)),
        "hash_images": (6, lambda progress: libmatch.hash_images(images, progress=progress)),
        "hash_files": (6, lambda progress: libmatch.hash_files(paths, progress=progress)),
        "hash_buffers": (6, lambda progress: libmatch.hash_buffers([data] * 6, progress=progress)),
        "digest_files": (6, lambda progress: libmatch.digest_files(paths, progress=progress)),
        "match_files": (6, lambda progress: libmatch.match_files(index, paths, progress=progress)),
        "match_buffers": (6, lambda progress: libmatch.match_buffers(index, [data] * 6, progress=progress)),
        "search_range": (100000, lambda progress: index.search_range(queries, max_distance=1, progress=progress)),
        "search_knn": (100000, lambda progress: index.search_knn(queries, k=1, progress=progress)),
        "search_pairs": (4000000, lambda progress: index.search_pairs(max_distance=1, progress=progress)),
        "prepare": (4000, lambda progress: index.prepare(progress)),
        "save": (0, lambda progress: index.save(folder / "copy.index", progress=progress)),
        "load": (0, lambda progress: libmatch.Index.load(file, progress=progress)),
        "verify": (0, lambda progress: libmatch.Index.verify(file, progress=progress)),
    }


NAMES = [
    "add_csv",
    "hash_images",
    "hash_files",
    "hash_buffers",
    "digest_files",
    "match_files",
    "match_buffers",
    "search_range",
    "search_knn",
    "search_pairs",
    "prepare",
    "save",
    "load",
    "verify",
]


@pytest.mark.parametrize("name", NAMES)
def test_progress_grows_up_to_the_total(name: str, folder: Path) -> None:
    units, call = calls_with_progress(folder)[name]
    recorder = Recorder()
    call(recorder)
    assert recorder.calls
    done = [done for done, _ in recorder.calls]
    totals = {total for _, total in recorder.calls}
    assert done == sorted(done)
    assert len(totals) == 1
    (total,) = totals
    assert total == units or (units == 0 and total > 2000 * 32)
    assert 0 < done[-1] <= total


class StopHereError(Exception):
    pass


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("error", [StopHereError, KeyboardInterrupt])
def test_an_exception_from_progress_ends_the_call(name: str, error: type[BaseException], folder: Path) -> None:
    _, call = calls_with_progress(folder)[name]
    raised = []

    def stop(done: int, total: int) -> None:
        raised.append(error("enough"))
        raise raised[-1]

    with pytest.raises(error, match="enough") as caught:
        call(stop)
    assert caught.value is raised[0]
    assert len(raised) == 1


def test_a_cancelled_save_leaves_the_old_file(folder: Path) -> None:
    path = folder / "known.index"
    index = libmatch.Index()
    index.add(np.zeros((3, 32), np.uint8))
    index.save(path)
    old = path.read_bytes()
    index.add(np.zeros((3000, 32), np.uint8))

    def stop(done: int, total: int) -> None:
        raise StopHereError

    before = sorted(os.listdir(folder))
    with pytest.raises(StopHereError):
        index.save(path, progress=stop)
    assert path.read_bytes() == old
    assert sorted(os.listdir(folder)) == before
    index.save(path)
    assert len(libmatch.Index.load(path)) == 3003


def test_progress_may_use_the_library(folder: Path) -> None:
    found = []

    def look(done: int, total: int) -> None:
        found.append(libmatch.distances(np.zeros((1, 8), np.uint8), np.full((1, 8), 255, np.uint8)).tolist())

    libmatch.hash_files([folder / "picture.png"] * 3, progress=look)
    assert found[0] == [[64]]


def test_progress_must_be_callable(folder: Path) -> None:
    with pytest.raises(TypeError, match="progress must be a callable"):
        libmatch.hash_files([folder / "picture.png"], progress="loud")  # type: ignore[arg-type]


def test_other_threads_run_during_a_call(folder: Path) -> None:
    """The call waits, in its progress, for another thread of Python: that can only run if the GIL is free."""
    reached, go_on = threading.Event(), threading.Event()

    def answer() -> None:
        reached.wait()
        go_on.set()

    other = threading.Thread(target=answer)
    other.start()

    def wait(done: int, total: int) -> None:
        reached.set()
        assert go_on.wait(timeout=60)

    libmatch.hash_files([folder / "picture.png"] * 3, progress=wait)
    other.join()


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_interrupt_ends_a_call_without_progress(folder: Path) -> None:
    """Ctrl-C during a call that would take minutes: the program interrupts itself."""
    program = """
import os, signal, sys, threading, time
import libmatch, numpy
index = libmatch.Index(2048)
index.add(numpy.zeros((20000, 256), numpy.uint8) + numpy.arange(256, dtype=numpy.uint8))
queries = numpy.random.default_rng(1).integers(0, 256, (2000000, 256), dtype=numpy.uint8)

def interrupt():
    time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=interrupt, daemon=True).start()
try:
    index.search_range(queries, max_distance=0)
except KeyboardInterrupt:
    print("interrupted")
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert result.stdout == "interrupted\n", result.stderr
    assert result.returncode == 0
