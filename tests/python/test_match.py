from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import libmatch
import numpy as np
import pytest


@pytest.fixture
def known(folder: Path) -> libmatch.Index:
    """An index of picture.png, id 70, and of the bytes of notes.txt, id 71."""
    index = libmatch.Index(profile=libmatch.hash_profile())
    index.add(libmatch.hash_files([folder / "picture.png"]).codes, [70], ["the picture"])
    index.add_digests("sha256", libmatch.digest_files([folder / "notes.txt"]).codes, [71], ["the notes"])
    return index


def test_verdicts(known: libmatch.Index, folder: Path) -> None:
    names = ["grey.png", "other.png", "flat.png", "broken.png", "notes.txt", "missing.png", "picture.png"]
    found = libmatch.match_files(known, [folder / name for name in names])
    assert found.verdicts == [
        "match",
        "no_match",
        "low_quality",
        "not_scanned",
        "match",
        "not_scanned",
        "match",
    ]
    assert found.scans == ["ok", "ok", "ok", "damaged", "unknown_format", "unreadable", "ok"]
    assert [reason != "" for reason in found.reasons] == [False, False, True, True, True, True, False]
    assert (found.quality.dtype, found.quality.tolist()) == (np.dtype(np.uint8), [100, 100, 0, 0, 0, 0, 100])
    assert (found.offsets.dtype, found.offsets.tolist()) == (np.dtype(np.int64), [0, 1, 1, 1, 1, 2, 2, 3])
    assert (found.ids.dtype, found.ids.tolist()) == (np.dtype(np.int64), [70, 71, 70])
    assert found.hashes == ["pdq256", "sha256", "pdq256"]
    assert found.labels == ["the picture", "the notes", "the picture"]
    assert found.distances.dtype == np.uint32
    assert found.distances[1:].tolist() == [0, 0]
    assert found.distances[0] <= 31
    assert not any(array.flags.writeable for array in (found.quality, found.offsets, found.ids, found.distances))


def test_buffers_are_matched_as_files_are(known: libmatch.Index, folder: Path) -> None:
    paths = sorted(folder.iterdir())
    by_path = libmatch.match_files(known, paths)
    by_bytes = libmatch.match_buffers(known, [path.read_bytes() for path in paths])
    for name in by_path._fields:
        assert np.array_equal(getattr(by_path, name), getattr(by_bytes, name)), name


def test_nothing_to_match(known: libmatch.Index) -> None:
    found = libmatch.match_files(known, [])
    assert found.verdicts == found.scans == found.reasons == found.labels == []
    assert found.offsets.tolist() == [0]
    assert len(libmatch.match_buffers(known, []).quality) == 0


def test_the_distance_and_the_quality_are_the_callers(known: libmatch.Index, folder: Path) -> None:
    other = [folder / "other.png"]
    far = libmatch.match_files(known, other, max_distance=256, effort="fast")
    assert (far.verdicts, far.ids.tolist()) == (["match"], [70])
    expected = libmatch.distances(libmatch.hash_files(other).codes, libmatch.hash_files([folder / "picture.png"]).codes)
    assert far.distances.tolist() == expected[0].tolist()
    near = int(far.distances[0])
    assert libmatch.match_files(known, other, max_distance=near).verdicts == ["match"]
    assert libmatch.match_files(known, other, max_distance=near - 1, effort="fast").verdicts == ["no_match"]
    reviewed = libmatch.match_files(known, other, max_distance=near - 1, review_distance=near, effort="fast")
    assert (reviewed.verdicts, reviewed.details.verdicts) == (["review"], ["review"])
    assert libmatch.match_files(known, [folder / "flat.png"], min_quality=0).verdicts == ["no_match"]


def test_limits_make_an_upload_not_scanned(known: libmatch.Index, folder: Path) -> None:
    found = libmatch.match_files(known, [folder / "picture.png"], max_pixels=10)
    assert (found.verdicts, found.scans) == (["not_scanned"], ["limit"])


def test_digests_alone(folder: Path) -> None:
    index = libmatch.Index()
    index.add_digests("md5", np.frombuffer(hashlib.md5(b"no image at all").digest(), np.uint8)[None, :])
    found = libmatch.match_files(index, [folder / "notes.txt", folder / "picture.png"])
    assert (found.verdicts, found.hashes, found.ids.tolist()) == (["match", "no_match"], ["md5"], [0])


def test_codes_of_another_hash_or_profile_are_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match="hash"):
        libmatch.match_files(libmatch.Index(256, hash="code"), [folder / "picture.png"])
    with pytest.raises(ValueError, match="profile"):
        libmatch.match_files(libmatch.Index(profile="another"), [folder / "picture.png"])


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"min_quality": 101}, ValueError, "min_quality is 101: expected 0 to 100"),
        ({"max_distance": -1}, ValueError, "max_distance is -1"),
        ({"review_distance": -1}, ValueError, "review_distance is -1"),
        ({"effort": "some"}, ValueError, "effort is 'some': expected 'fast', 'standard' or 'thorough'"),
        ({"context": 1}, TypeError, "context is int"),
        ({"progress": 1}, TypeError, "progress must be a callable"),
    ],
)
def test_wrong_arguments_are_named(known: libmatch.Index, options: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        libmatch.match_files(known, [], **options)
    with pytest.raises(error, match=text):
        libmatch.match_buffers(known, [], **options)
