from __future__ import annotations

import os
from pathlib import Path
from typing import Callable

import libmatch
import numpy as np
import numpy.typing as npt
import pytest

Codes = npt.NDArray[np.uint8]


@pytest.fixture
def index(random_codes: Callable[..., Codes]) -> libmatch.Index:
    index = libmatch.Index(profile=libmatch.hash_profile())
    index.add(random_codes(300), np.arange(300) * 2, [f"entry {i}" if i % 3 else "" for i in range(300)])
    index.add_digests("sha256", random_codes(4, seed=2), [1, 3, 5, 7], ["one", "", "five", "seven"])
    index.remove([4, 7])
    return index


@pytest.mark.parametrize("map", [False, True])
def test_what_is_loaded_is_what_was_saved(
    map: bool, index: libmatch.Index, tmp_path: Path, random_codes: Callable[..., Codes]
) -> None:
    path = tmp_path / "known.index"
    index.save(path)
    loaded = libmatch.Index.load(path, map=map)
    assert (len(loaded), loaded.hash, loaded.bits, loaded.profile) == (299, "pdq256", 256, libmatch.hash_profile())
    assert loaded.digest_counts == {"md5": 0, "sha1": 0, "sha256": 3}
    assert loaded.library_version == libmatch.version
    assert loaded.mapped is map
    assert loaded.memory_bytes > 299 * 32
    queries = random_codes(300)[:20]
    before, after = (one.search_range(queries, max_distance=110) for one in (index, loaded))
    assert before.offsets.tolist() == after.offsets.tolist()
    assert before.ids.tolist() == after.ids.tolist()
    assert before.distances.tolist() == after.distances.tolist()
    assert before.labels == after.labels
    assert len(before.labels) > 20
    found = loaded.find_digests("sha256", random_codes(4, seed=2))
    assert (found.ids.tolist(), found.labels) == ([1, 3, 5], ["one", "", "five"])


@pytest.mark.parametrize("map", [False, True])
def test_what_is_loaded_can_be_changed(
    map: bool, index: libmatch.Index, tmp_path: Path, random_codes: Callable[..., Codes]
) -> None:
    path = tmp_path / "known.index"
    index.save(path)
    loaded = libmatch.Index.load(path, map=map)
    loaded.add(random_codes(1, seed=9), labels=["new"])
    assert loaded.remove([0]) == 1
    loaded.save(path)
    again = libmatch.Index.load(path)
    assert len(again) == 299
    found = again.search_range(random_codes(1, seed=9), max_distance=0)
    assert (found.ids.tolist(), found.labels) == ([599], ["new"])


def test_kinds_of_paths(index: libmatch.Index, tmp_path: Path) -> None:
    for path in (tmp_path / "a", str(tmp_path / "b"), os.fsencode(tmp_path / "c")):
        index.save(path)
        libmatch.Index.verify(path)
        assert len(libmatch.Index.load(path)) == 299
    assert sorted(os.listdir(tmp_path)) == ["a", "b", "c"]


def test_the_context_of_a_loaded_index(index: libmatch.Index, tmp_path: Path) -> None:
    index.save(tmp_path / "known.index")
    loaded = libmatch.Index.load(tmp_path / "known.index", context=libmatch.Context("scalar", threads=1))
    assert loaded.search_knn(np.zeros((1, 32), np.uint8), k=1).ids.shape == (1, 1)


def test_a_damaged_file_is_refused(index: libmatch.Index, tmp_path: Path) -> None:
    path = tmp_path / "known.index"
    index.save(path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"known\.index"):
        libmatch.Index.load(path)
    with pytest.raises(ValueError, match=r"known\.index"):
        libmatch.Index.verify(path)
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(ValueError, match=r"known\.index"):
        libmatch.Index.load(path, map=True)


def test_what_is_no_index_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no index at all")
    for attempt in (libmatch.Index.load, libmatch.Index.verify):
        with pytest.raises(ValueError, match=r"notes\.txt"):
            attempt(path)


def test_files_that_cannot_be_read_or_written(index: libmatch.Index, tmp_path: Path) -> None:
    for attempt in (libmatch.Index.load, libmatch.Index.verify, index.save):
        with pytest.raises(OSError, match="missing"):
            attempt(tmp_path / "missing" / "known.index")
    with pytest.raises(OSError, match=r"missing\.index"):
        libmatch.Index.load(tmp_path / "missing.index", map=True)
    with pytest.raises(TypeError, match="path is int"):
        index.save(3)  # type: ignore[arg-type]
