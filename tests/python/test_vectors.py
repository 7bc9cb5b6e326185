"""Vectors of unsigned bytes, compared by squared Euclidean distance."""

from __future__ import annotations

from pathlib import Path

import libmatch
import numpy as np
import numpy.typing as npt
import pytest

Vectors = npt.NDArray[np.uint8]


def vectors(n: int, dimensions: int, seed: int) -> Vectors:
    return np.random.default_rng(seed).integers(0, 256, (n, dimensions), dtype=np.uint8)


def squared(queries: Vectors, rows: Vectors) -> npt.NDArray[np.int64]:
    """The definition."""
    difference = queries[:, None, :].astype(np.int64) - rows[None, :, :]
    distances: npt.NDArray[np.int64] = np.add.reduce(difference * difference, axis=2)
    return distances


def filled(rows: Vectors) -> libmatch.Index:
    index = libmatch.Index(rows.shape[1] * 8, hash="vector8")
    index.add(rows)
    return index


@pytest.mark.parametrize("dimensions", [16, 17, 144, 1023, 1024])
def test_distances_are_the_definition(dimensions: int) -> None:
    queries, rows = vectors(5, dimensions, 1), vectors(50, dimensions, 2)
    assert np.array_equal(libmatch.distances(queries, rows, hash="vector8"), squared(queries, rows))


@pytest.mark.parametrize("dimensions", [15, 1025])
def test_impossible_widths_are_refused(dimensions: int) -> None:
    rows = vectors(1, dimensions, 1)
    with pytest.raises(ValueError, match="size from 16 to 1024"):
        libmatch.distances(rows, rows, hash="vector8")
    with pytest.raises(ValueError, match=f"bits: {8 * dimensions} where vector8 has a multiple of 8 from 128 to 8192"):
        libmatch.Index(8 * dimensions, hash="vector8")


@pytest.mark.parametrize("n_queries", [1, 40])
def test_search_is_the_definition(n_queries: int) -> None:
    rows = vectors(300, 144, 3)
    queries = rows[:n_queries].copy()
    queries[:, 7] ^= 1
    index = filled(rows)
    assert index.hash == "vector8"
    expected = squared(queries, rows)

    limit = int(np.median(expected))
    found = index.search_range(queries, max_distance=limit)
    for q in range(n_queries):
        part = slice(found.offsets[q], found.offsets[q + 1])
        near = [(d, i) for i, d in enumerate(expected[q].tolist()) if d <= limit]
        assert list(zip(found.distances[part].tolist(), found.ids[part].tolist())) == sorted(near)

    nearest = index.search_knn(queries, k=5)
    assert nearest.distances.tolist() == np.sort(expected, axis=1)[:, :5].tolist()
    assert nearest.distances[:, 0].tolist() == [1] * n_queries


def test_removed_rows_are_not_found_and_ties_go_by_id() -> None:
    rows = np.zeros((4, 16), np.uint8)
    index = filled(rows)
    index.remove([1])
    assert index.search_knn(rows[:1], k=3).ids.tolist() == [[0, 2, 3]]


def test_a_saved_index_gives_the_same_answers(tmp_path: Path) -> None:
    rows = vectors(100, 21, 4)
    index = filled(rows)
    index.save(tmp_path / "index")
    for mapped in [False, True]:
        loaded = libmatch.Index.load(tmp_path / "index", map=mapped)
        assert (loaded.hash, loaded.bits) == ("vector8", 168)
        assert loaded.search_knn(rows, k=1).distances.tolist() == [[0]] * 100
    libmatch.Index.verify(tmp_path / "index")


def test_uploads_are_not_matched_by_vectors() -> None:
    with pytest.raises(ValueError, match="index: holds vector8 of 128 bits, uploads are hashed to pdq256"):
        libmatch.match_buffers(filled(np.zeros((1, 16), np.uint8)), [b""])


def test_queries_of_another_width_are_refused() -> None:
    with pytest.raises(ValueError, match=r"expected uint8 of shape \(n, 144\)"):
        filled(vectors(1, 144, 5)).search_knn(vectors(1, 143, 6), k=1)
