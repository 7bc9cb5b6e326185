from __future__ import annotations

import pickle
from typing import Any, Callable

import libmatch
import numpy as np
import numpy.typing as npt
import pytest

Codes = npt.NDArray[np.uint8]
MakeCodes = Callable[..., Codes]

NO_DISTANCE = 2**32 - 1


def hamming(queries: Codes, codes: Codes) -> npt.NDArray[np.uint32]:
    """The definition: differing bits of each pair."""
    bits: npt.NDArray[np.uint32] = np.unpackbits(queries[:, None, :] ^ codes[None, :, :], axis=2).astype(np.uint32)
    distances: npt.NDArray[np.uint32] = np.add.reduce(bits, axis=2)
    return distances


def filled(codes: Codes, ids: Any = None, **options: Any) -> libmatch.Index:
    index = libmatch.Index(codes.shape[1] * 8, **options)
    index.add(codes, ids)
    return index


def nibbles(*rows: str) -> Codes:
    return np.array([list(bytes.fromhex(row)) for row in rows], dtype=np.uint8)


CODES = nibbles("0000000000000000", "00000000000000ff", "ff00000000000000", "ffffffffffffffff")


def test_distances() -> None:
    found = libmatch.distances(CODES[:2], CODES)
    assert found.dtype == np.uint32
    assert found.tolist() == [[0, 8, 8, 64], [8, 0, 16, 56]]
    assert not found.flags.writeable


@pytest.mark.parametrize("bits", [64, 192, 256, 512, 2048])
def test_distances_are_the_definition(bits: int, random_codes: MakeCodes) -> None:
    queries, codes = random_codes(7, bits), random_codes(101, bits, seed=2)
    assert np.array_equal(libmatch.distances(queries, codes), hamming(queries, codes))


def test_distances_of_nothing() -> None:
    assert libmatch.distances(CODES[:0], CODES).shape == (0, 4)
    assert libmatch.distances(CODES, CODES[:0]).shape == (4, 0)


def test_distances_of_unequal_widths_are_refused() -> None:
    with pytest.raises(ValueError, match=r"codes is uint8 of shape \(1, 16\): expected uint8 of shape \(n, 8\)"):
        libmatch.distances(CODES, np.zeros((1, 16), np.uint8))
    with pytest.raises(ValueError, match=r"queries is uint8 of shape \(1, 7\)"):
        libmatch.distances(np.zeros((1, 7), np.uint8), np.zeros((1, 7), np.uint8))


def test_range_search() -> None:
    index = filled(CODES, [40, 30, 20, 10])
    offsets, ids, distances = index.search_range(CODES[:2], max_distance=8)
    assert [array.dtype.name for array in (offsets, ids, distances)] == ["int64", "int64", "uint32"]
    assert offsets.tolist() == [0, 3, 5]
    assert ids.tolist() == [40, 20, 30, 30, 40]
    assert distances.tolist() == [0, 8, 8, 0, 8]
    assert not any(array.flags.writeable for array in (offsets, ids, distances))


def test_the_largest_distance_is_inclusive() -> None:
    index = filled(CODES)
    assert index.search_range(CODES[:1], max_distance=7).ids.tolist() == [0]
    assert index.search_range(CODES[:1], max_distance=8).ids.tolist() == [0, 1, 2]
    assert index.search_range(CODES[:1], max_distance=64).ids.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("max_distance", [0, 31, 112, 124, 256])
def test_range_search_is_the_definition(max_distance: int, random_codes: MakeCodes) -> None:
    queries, codes = random_codes(5), np.vstack([random_codes(1500, seed=2), random_codes(5)])
    ids = np.random.default_rng(3).permutation(len(codes))
    expected = []
    for query, row in enumerate(hamming(queries, codes)):
        hits = sorted((int(row[i]), int(ids[i])) for i in np.flatnonzero(row <= max_distance))
        expected += [(query, distance, id_) for distance, id_ in hits]
    matches = filled(codes, ids).search_range(queries, max_distance=max_distance)
    of_query = np.repeat(np.arange(5), np.diff(matches.offsets))
    assert list(zip(of_query.tolist(), matches.distances.tolist(), matches.ids.tolist())) == expected
    assert len(expected) >= 5


@pytest.mark.parametrize("k", [1, 2, 31, 400])
def test_knn_search_is_the_definition(k: int, random_codes: MakeCodes) -> None:
    queries, codes = random_codes(5, 128), random_codes(400, 128, seed=2)
    expected = [
        sorted((int(distance), id_) for id_, distance in enumerate(row))[:k] for row in hamming(queries, codes)
    ]
    ids, distances = filled(codes).search_knn(queries, k=k)
    assert [array.dtype.name for array in (ids, distances)] == ["int64", "uint32"]
    assert (ids.shape, distances.shape) == ((5, k), (5, k))
    found = [list(zip(row, near)) for row, near in zip(distances.tolist(), ids.tolist())]
    assert found == expected


def test_places_left_over() -> None:
    index = filled(CODES[:2])
    ids, distances = index.search_knn(CODES[:3], k=4)
    assert ids.tolist() == [[0, 1, -1, -1], [1, 0, -1, -1], [0, 1, -1, -1]]
    assert distances.tolist() == [
        [0, 8, NO_DISTANCE, NO_DISTANCE],
        [0, 8, NO_DISTANCE, NO_DISTANCE],
        [8, 16, NO_DISTANCE, NO_DISTANCE],
    ]
    assert not ids.flags.writeable
    assert not distances.flags.writeable


def test_labels_of_neighbours() -> None:
    index = libmatch.Index(64)
    index.add(CODES[:2], labels=["nought", "low"])
    assert index.search_knn(CODES[:2], k=1).labels == [["nought"], ["low"]]
    assert index.search_knn(CODES[:2], k=3).labels == [["nought", "low", ""], ["low", "nought", ""]]
    assert index.search_knn(CODES[:0], k=3).labels == []


def test_an_empty_index() -> None:
    index = libmatch.Index(64)
    matches = index.search_range(CODES, max_distance=64)
    assert matches.offsets.tolist() == [0, 0, 0, 0, 0]
    assert matches.ids.shape == matches.distances.shape == (0,)
    assert matches.labels == []
    ids, distances = index.search_knn(CODES, k=2)
    assert ids.tolist() == [[-1, -1]] * 4
    assert distances.tolist() == [[NO_DISTANCE] * 2] * 4


def test_no_queries() -> None:
    index = filled(CODES)
    matches = index.search_range(CODES[:0], max_distance=64)
    assert matches.offsets.tolist() == [0]
    assert len(matches.ids) == 0
    ids, distances = index.search_knn(CODES[:0], k=3)
    assert ids.shape == distances.shape == (0, 3)


@pytest.mark.parametrize("backend", libmatch.backends())
@pytest.mark.parametrize("threads", [1, 3])
def test_every_backend_gives_the_same_matches(backend: str, threads: int, random_codes: MakeCodes) -> None:
    queries, codes = random_codes(33), random_codes(3000, seed=2)
    context = libmatch.Context(backend, threads=threads)
    found = filled(codes, context=context).search_range(queries, max_distance=105)
    distances = hamming(queries, codes)
    assert found.offsets[-1] == np.count_nonzero(distances <= 105)
    assert np.array_equal(np.sort(found.distances), np.sort(distances[distances <= 105]))


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"max_distance": -1}, ValueError, "max_distance is -1"),
        ({"max_distance": 2**32}, ValueError, "max_distance is 4294967296"),
        ({"max_distance": 3.5}, TypeError, "max_distance is float"),
        ({"max_distance": None}, TypeError, "max_distance is NoneType"),
        ({}, TypeError, "max_distance"),
    ],
)
def test_wrong_distances_are_named(arguments: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        filled(CODES).search_range(CODES, **arguments)


def test_wrong_arguments_are_named() -> None:
    index = filled(CODES)
    with pytest.raises(ValueError, match="k is -1"):
        index.search_knn(CODES, k=-1)
    with pytest.raises(ValueError, match=r"queries is uint8 of shape \(4, 4\)"):
        index.search_knn(CODES[:, :4], k=1)
    with pytest.raises(TypeError):
        index.search_range(CODES, 3)  # type: ignore[call-arg]


def test_numpy_integers_are_numbers() -> None:
    index = filled(CODES)
    assert index.search_range(CODES[:1], max_distance=np.int64(8)).ids.tolist() == [0, 1, 2]
    assert index.search_knn(CODES[:1], k=np.uint8(2))[0].tolist() == [[0, 1]]


def test_results_outlive_the_index() -> None:
    index = filled(CODES)
    matches = index.search_range(CODES, max_distance=8)
    ids = matches.ids
    del index, matches
    assert ids.tolist() == [0, 1, 2, 1, 0, 2, 0, 3]
    assert not ids.flags.owndata


def test_labels_come_from_the_index_as_it_was_searched() -> None:
    index = libmatch.Index(64)
    index.add(CODES, labels=["a", "b", "c", "d"])
    matches = index.search_range(CODES, max_distance=0)
    index.remove([0, 1, 2, 3])
    index.add(CODES, labels=["e", "f", "g", "h"])
    assert matches.labels == ["a", "b", "c", "d"]


def test_results_are_pickled_with_their_labels() -> None:
    index = libmatch.Index(64)
    index.add(CODES, labels=["a", "b", "c", "d"])
    matches = pickle.loads(pickle.dumps(index.search_range(CODES, max_distance=0)))
    assert isinstance(matches, libmatch.Matches)
    assert (matches.ids.tolist(), matches.labels) == ([0, 1, 2, 3], ["a", "b", "c", "d"])
    neighbours = pickle.loads(pickle.dumps(index.search_knn(CODES[3:], k=1)))
    assert isinstance(neighbours, libmatch.Neighbours)
    assert (neighbours.ids.tolist(), neighbours.labels) == ([[3]], [["d"]])
