from __future__ import annotations

import pickle
import subprocess
import sys
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


def brute_pairs(codes: Codes, ids: list[int], max_distance: int) -> list[tuple[int, int, int]]:
    """The definition: every two rows, as (first id, second id, distance)."""
    distances = hamming(codes, codes)
    rows, others = np.nonzero(np.triu(distances <= max_distance, k=1))
    return sorted(
        (min(ids[row], ids[other]), max(ids[row], ids[other]), int(distances[row, other]))
        for row, other in zip(rows.tolist(), others.tolist())
    )


def as_tuples(pairs: libmatch.Pairs) -> list[tuple[int, int, int]]:
    return list(zip(pairs.first_ids.tolist(), pairs.second_ids.tolist(), pairs.distances.tolist()))


def test_pairs() -> None:
    pairs = filled(CODES, [40, 30, 20, 10]).search_pairs(max_distance=16)
    first_ids, second_ids, distances = pairs
    assert [array.dtype.name for array in pairs] == ["int64", "int64", "uint32"]
    assert first_ids.tolist() == [20, 20, 30]
    assert second_ids.tolist() == [30, 40, 40]
    assert distances.tolist() == [16, 8, 8]
    assert not any(array.flags.writeable or array.flags.owndata for array in pairs)


@pytest.mark.parametrize("bits", [64, 256, 512])
@pytest.mark.parametrize("max_distance", [0, 31, 240, 512])
def test_pairs_are_the_definition(bits: int, max_distance: int, random_codes: MakeCodes) -> None:
    """Over several segments, of which the first has removed rows."""
    codes = np.vstack([random_codes(300, bits), random_codes(40, bits)])
    index = libmatch.Index(bits)
    for first, last in [(0, 250), (250, 330), (330, 340)]:
        index.add(codes[first:last], np.arange(first, last) % 200)
    index.remove([3, 64, 199])
    kept = [row for row in range(340) if row % 200 not in (3, 64, 199)]
    expected = brute_pairs(codes[kept], [row % 200 for row in kept], max_distance)
    assert as_tuples(index.search_pairs(max_distance=max_distance)) == expected
    assert len(expected) >= 30


def test_equal_codes_are_pairs_of_all() -> None:
    pairs = filled(np.zeros((300, 32), np.uint8)).search_pairs(max_distance=0)
    assert as_tuples(pairs) == [(first, second, 0) for first in range(300) for second in range(first + 1, 300)]
    assert len(pairs.distances) == 44850


def test_entries_of_one_id_are_a_pair() -> None:
    index = libmatch.Index(64)
    index.add(CODES[:2], [7, 7], labels=["nought", "low"])
    pairs = index.search_pairs(max_distance=8)
    assert (as_tuples(pairs), pairs.labels) == ([(7, 7, 8)], [("nought", "low")])


def test_no_pairs() -> None:
    assert as_tuples(libmatch.Index().search_pairs(max_distance=256)) == []
    pairs = filled(CODES[:1]).search_pairs(max_distance=64)
    assert [array.shape for array in pairs] == [(0,), (0,), (0,)]
    assert pairs.labels == []


def test_pairs_outlive_the_index_and_are_pickled() -> None:
    index = libmatch.Index(64)
    index.add(CODES, labels=["a", "b", "", "d"])
    pairs = index.search_pairs(max_distance=8)
    index.remove([0, 1, 2, 3])
    del index
    for kept in [pairs, pickle.loads(pickle.dumps(pairs))]:
        assert isinstance(kept, libmatch.Pairs)
        assert (as_tuples(kept), kept.labels) == ([(0, 1, 8), (0, 2, 8)], [("a", "b"), ("a", "")])


def test_wrong_arguments_of_pairs_are_named() -> None:
    with pytest.raises(ValueError, match="max_distance is -1"):
        filled(CODES).search_pairs(max_distance=-1)
    with pytest.raises(TypeError, match="max_distance"):
        filled(CODES).search_pairs()  # type: ignore[call-arg]


@pytest.mark.skipif(
    libmatch.Context().backend.startswith("cuda"), reason="CUDA itself takes more address space than is left"
)
def test_too_many_pairs_for_memory_are_an_error_and_none_is_cut() -> None:
    """100,000 equal codes have 5 billion pairs: more than the address space that is left to the program."""
    program = """
import resource
import libmatch, numpy
index = libmatch.Index(context=libmatch.Context(threads=1))
index.add(numpy.zeros((100_000, 32), numpy.uint8))
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
try:
    index.search_pairs(max_distance=0)
except MemoryError as error:
    print(error)
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert (result.stdout, result.stderr) == ("not enough memory\n", "")
