from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

import libmatch
import numpy as np
import numpy.typing as npt
import pytest

Codes = npt.NDArray[np.uint8]
MakeCodes = Callable[..., Codes]

SMALL = np.array([[0] * 8, [255] * 8, [1] + [0] * 7], dtype=np.uint8)


def test_a_new_index_is_empty() -> None:
    index = libmatch.Index()
    assert (index.hash, index.bits, index.profile, len(index)) == ("pdq256", 256, "", 0)
    assert index.digest_counts == {"md5": 0, "sha1": 0, "sha256": 0}
    assert index.library_version == libmatch.version
    assert index.mapped is False
    assert index.memory_bytes >= 0
    assert repr(index) == "<libmatch.Index hash='pdq256' bits=256 codes=0 digests=0>"


@pytest.mark.parametrize("bits", [64, 128, 1024, 2048])
def test_other_widths_hold_codes_of_other_hashes(bits: int) -> None:
    index = libmatch.Index(bits)
    assert (index.hash, index.bits) == ("code", bits)


def test_256_bits_of_another_hash() -> None:
    assert libmatch.Index(256, hash="code").hash == "code"


def test_the_profile_is_kept() -> None:
    assert libmatch.Index(profile=libmatch.hash_profile()).profile == libmatch.hash_profile()


@pytest.mark.parametrize("bits", [0, 32, 100, 2112, -64, 2**40])
def test_impossible_widths_are_refused(bits: int) -> None:
    with pytest.raises(ValueError, match="bits"):
        libmatch.Index(bits)


def test_wrong_hashes_are_refused() -> None:
    with pytest.raises(ValueError, match="bits"):
        libmatch.Index(64, hash="pdq256")
    with pytest.raises(ValueError, match="hash"):
        libmatch.Index(hash="md5")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        libmatch.Index(256, "code")  # type: ignore[call-arg]


def test_ids_count_on_from_the_largest() -> None:
    index = libmatch.Index(64)
    index.add(SMALL)
    index.add(SMALL[:1], [40])
    index.add(SMALL[:1])
    assert len(index) == 5
    assert index.search_range(SMALL[:1], max_distance=0).ids.tolist() == [0, 40, 41]


@pytest.mark.parametrize(
    "ids",
    [
        [7, 5, 6],
        (7, 5, 6),
        np.array([7, 5, 6]),
        np.array([7, 5, 6], dtype=np.int32),
        np.array([7, 5, 6], dtype=np.uint64),
        np.array([7, 0, 5, 0, 6])[::2],
    ],
)
def test_ids_of_any_integer_kind(ids: Any) -> None:
    index = libmatch.Index(64)
    index.add(SMALL, ids)
    assert index.search_knn(SMALL, k=1)[0].tolist() == [[7], [5], [6]]


@pytest.mark.parametrize(
    ("ids", "text"),
    [
        ([1, 2], "ids has 2 values for 3 codes"),
        ([1, 2, -3], "ids"),
        ([1.0, 2.0, 3.0], "ids is float64"),
        ([[1, 2, 3]], r"ids is int64 of shape \(1, 3\)"),
        (np.array([1, 2, 2**63], dtype=np.uint64), "ids holds a value over"),
        ([1, 2, 2**70], "ids is object"),
        (["1", "2", "3"], "ids is <U1"),
    ],
)
def test_wrong_ids_are_refused_and_nothing_is_added(ids: Any, text: str) -> None:
    index = libmatch.Index(64)
    with pytest.raises(ValueError, match=text):
        index.add(SMALL, ids)
    assert len(index) == 0


def test_labels() -> None:
    index = libmatch.Index(64)
    index.add(SMALL, labels=["nought", "Übermaß", None])
    index.add(SMALL[:1], labels=[""])
    index.add(SMALL[:1])
    matches = index.search_range(SMALL, max_distance=0)
    assert matches.ids.tolist() == [0, 3, 4, 1, 2]
    assert matches.labels == ["nought", "", "", "Übermaß", ""]


@pytest.mark.parametrize(
    ("labels", "error", "text"),
    [
        (["a", "b"], ValueError, "labels has 2 values for 3 codes"),
        ("abc", TypeError, "labels is a single str"),
        (["a", "b", 3], TypeError, r"labels\[2\] is int"),
        (["a", "b\0", "c"], ValueError, r"labels\[1\] holds a zero character"),
        (["a", "\udc80", "c"], ValueError, "surrogates"),
        (7, TypeError, "labels is int"),
    ],
)
def test_wrong_labels_are_refused_and_nothing_is_added(labels: Any, error: type[Exception], text: str) -> None:
    index = libmatch.Index(64)
    with pytest.raises(error, match=text):
        index.add(SMALL, labels=labels)
    assert len(index) == 0


@pytest.mark.parametrize(
    ("codes", "error", "text"),
    [
        (
            np.zeros((3, 9), np.uint8),
            ValueError,
            r"codes is uint8 of shape \(3, 9\): expected uint8 of shape \(n, 8\)",
        ),
        (np.zeros(8, np.uint8), ValueError, r"codes is uint8 of shape \(8,\)"),
        (np.zeros((1, 1, 8), np.uint8), ValueError, r"codes is uint8 of shape \(1, 1, 8\)"),
        (np.zeros((1, 8), np.int64), ValueError, "codes is int64"),
        (np.zeros((1, 8), np.bool_), ValueError, "codes is bool"),
        ([[0] * 8], TypeError, "codes is list: expected a numpy array"),
        (b"12345678", TypeError, "codes is bytes"),
    ],
)
def test_wrong_codes_are_named(codes: Any, error: type[Exception], text: str) -> None:
    index = libmatch.Index(64)
    with pytest.raises(error, match=text):
        index.add(codes)


@pytest.mark.parametrize(
    "layout",
    [
        np.asfortranarray,
        lambda codes: np.repeat(codes, 2, axis=0)[::2],
        lambda codes: np.repeat(codes, 2, axis=1)[:, ::2],
        lambda codes: np.ascontiguousarray(codes[::-1])[::-1],
    ],
)
def test_codes_of_any_layout(layout: Callable[[Codes], Codes]) -> None:
    index = libmatch.Index(64)
    index.add(layout(SMALL))
    assert index.search_knn(layout(SMALL), k=1)[1].tolist() == [[0], [0], [0]]
    assert index.search_knn(SMALL, k=1)[0].tolist() == [[0], [1], [2]]


def test_adding_nothing() -> None:
    index = libmatch.Index(64)
    index.add(SMALL[:0])
    index.add(SMALL[:0], [], [])
    index.add_digests("md5", np.zeros((0, 16), np.uint8))
    assert len(index) == 0


def test_remove() -> None:
    index = libmatch.Index(64)
    index.add(SMALL, [5, 5, 9])
    index.add_digests("md5", np.ones((1, 16), np.uint8), [5])
    assert index.remove([5, 77]) == 3
    assert index.remove([5]) == 0
    assert index.remove([]) == 0
    assert len(index) == 1
    assert index.digest_counts["md5"] == 0
    assert index.search_knn(SMALL, k=1)[0].tolist() == [[9], [9], [9]]
    with pytest.raises(ValueError, match="ids is float64"):
        index.remove([1.5])  # type: ignore[list-item]


def test_digests() -> None:
    index = libmatch.Index()
    digests = np.arange(60, dtype=np.uint8).reshape(3, 20)
    index.add_digests("sha1", digests, [8, 3, 3], ["eight", "three", "drei"])
    index.add_digests("sha1", digests[:1])
    assert index.digest_counts == {"md5": 0, "sha1": 4, "sha256": 0}
    assert len(index) == 0
    matches = index.find_digests("sha1", np.vstack([digests[2:], digests[:1] + 100, digests[:1]]))
    assert matches.offsets.tolist() == [0, 1, 1, 3]
    assert matches.ids.tolist() == [3, 8, 9]
    assert matches.distances.tolist() == [0, 0, 0]
    assert matches.labels == ["drei", "eight", ""]
    assert index.find_digests("md5", np.zeros((2, 16), np.uint8)).offsets.tolist() == [0, 0, 0]


def test_wrong_digests_are_named() -> None:
    index = libmatch.Index()
    with pytest.raises(ValueError, match=r"digests is uint8 of shape \(1, 20\): expected uint8 of shape \(n, 16\)"):
        index.add_digests("md5", np.zeros((1, 20), np.uint8))
    with pytest.raises(ValueError, match="hash is 'pdq256'"):
        index.find_digests("pdq256", np.zeros((1, 32), np.uint8))  # type: ignore[arg-type]


def test_csv(tmp_path: Path, random_codes: MakeCodes) -> None:
    codes = random_codes(2)
    path = tmp_path / "list.csv"
    path.write_text(f"kind,code,id,label\npdq256,{codes[0].tobytes().hex()},12,a b\nmd5,{'0a' * 16},13,\n")
    index = libmatch.Index()
    assert index.add_csv(path) == 2
    assert (len(index), index.digest_counts["md5"]) == (1, 1)
    matches = index.search_range(codes, max_distance=0)
    assert (matches.offsets.tolist(), matches.ids.tolist(), matches.labels) == ([0, 1, 1], [12], ["a b"])
    assert index.find_digests("md5", np.full((1, 16), 10, np.uint8)).ids.tolist() == [13]


def test_csv_of_a_given_kind(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"{'0a' * 32}\n")
    index = libmatch.Index()
    index.add_csv(path)
    index.add_csv(path, kind="sha256")
    assert (len(index), index.digest_counts["sha256"]) == (1, 1)
    with pytest.raises(ValueError, match="64 digits where md5 has 32"):
        index.add_csv(path, kind="md5")
    with pytest.raises(ValueError, match="crc"):
        index.add_csv(path, kind="crc")  # type: ignore[arg-type]


def test_a_wrong_csv_is_refused_whole(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"{'00' * 32},1\nxyz,2\n")
    index = libmatch.Index()
    with pytest.raises(ValueError, match="line 2"):
        index.add_csv(path)
    assert len(index) == 0
    with pytest.raises(OSError, match=r"missing\.csv"):
        index.add_csv(tmp_path / "missing.csv")
