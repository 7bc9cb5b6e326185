"""Plug-in hashers: the example, and those that misbehave (tests/plugins)."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import libmatch
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from synthetic import synthetic_image


@pytest.fixture(scope="module")
def plugins() -> Path:
    folder = os.environ.get("LIBMATCH_PLUGINS")
    if folder is None:
        pytest.skip("LIBMATCH_PLUGINS names no folder of plug-ins: ./dev test sets it")
    return Path(folder)


@pytest.fixture(scope="module")
def average_colour(plugins: Path) -> libmatch.Hasher:
    return libmatch.Hasher(plugins / "average_colour.so")


@pytest.fixture(scope="module")
def picky(plugins: Path) -> libmatch.Hasher:
    return libmatch.Hasher(plugins / "picky.so")


def png(pixels: npt.NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def averages(pixels: npt.NDArray[np.uint8]) -> list[int]:
    """What the example computes, of sides that 4 divides."""
    height, width, _ = pixels.shape
    fields = pixels.reshape(4, height // 4, 4, width // 4, 3).sum(axis=(1, 3), dtype=np.int64)
    n = height * width // 16
    return [int(value) for value in ((fields + n // 2) // n).ravel()]


def test_what_a_hasher_is(average_colour: libmatch.Hasher, picky: libmatch.Hasher) -> None:
    assert (average_colour.name, average_colour.version, average_colour.hash) == ("average-colour", "1", "vector8")
    assert (average_colour.bits, average_colour.max_distance, average_colour.thread_safe) == (384, 500, True)
    assert (picky.hash, picky.bits, picky.max_distance, picky.thread_safe) == ("code", 64, 7, False)
    assert repr(picky) == "<libmatch.Hasher name='picky' version='2.1' hash='code' bits=64>"
    assert libmatch.hash_profile(hasher=picky) == "plugin:picky 2.1 libmatch-1"
    stored = libmatch.hash_profile(hasher=picky, ignore_exif_orientation=True)
    assert stored == "plugin:picky 2.1 libmatch-1-stored-orientation"


def test_pixels_and_files_get_its_codes(average_colour: libmatch.Hasher, tmp_path: Path) -> None:
    pixels = synthetic_image(1259, 200, 300)
    codes, quality = libmatch.hash_images([pixels], hasher=average_colour)
    assert codes.tolist() == [averages(pixels)]
    assert 0 < quality[0] <= 100
    (tmp_path / "picture.png").write_bytes(png(pixels))
    for hashes in (
        libmatch.hash_files([tmp_path / "picture.png"], hasher=average_colour),
        libmatch.hash_buffers([png(pixels)], hasher=average_colour),
    ):
        assert (hashes.scans, hashes.codes.tolist()) == (["ok"], codes.tolist())
        assert hashes.quality.tolist() == quality.tolist()


def test_grey_and_alpha(average_colour: libmatch.Hasher) -> None:
    grey = synthetic_image(1111, 64, 64)[:, :, 0]
    transparent = np.dstack([grey, grey, grey, np.zeros_like(grey)])
    codes, quality = libmatch.hash_images([grey, np.dstack([grey] * 3), transparent], hasher=average_colour)
    assert codes[0].tolist() == codes[1].tolist()
    assert codes[2].tolist() == [255] * 48
    assert quality[2] == 0


def test_uploads_are_matched_by_it(average_colour: libmatch.Hasher, picky: libmatch.Hasher) -> None:
    known = synthetic_image(1259, 200, 300)
    codes, _ = libmatch.hash_images([known], hasher=average_colour)
    index = libmatch.Index(
        average_colour.bits, hash=average_colour.hash, profile=libmatch.hash_profile(hasher=average_colour)
    )
    index.add(codes, [7], ["the picture"])
    smaller = np.asarray(Image.fromarray(known).resize((100, 150), Image.Resampling.BOX))
    tiny, flat, other = known[:3], np.full_like(known, 7), synthetic_image(1111, 65, 63)
    found = libmatch.match_buffers(
        index, [png(image) for image in (known, smaller, tiny, flat, other)], hasher=average_colour
    )
    assert found.verdicts == ["match", "match", "not_scanned", "low_quality", "no_match"]
    assert found.scans == ["ok", "ok", "not_hashed", "ok", "ok"]
    assert found.reasons[2] == "the hasher average-colour failed: 200 x 3 pixels are less than 4 a side"
    assert (found.ids.tolist(), found.hashes, found.labels) == ([7, 7], ["vector8"] * 2, ["the picture"] * 2)
    assert libmatch.match_buffers(index, [png(other)], hasher=average_colour, max_distance=10**7).verdicts == ["match"]

    with pytest.raises(ValueError, match="uploads are hashed to pdq256"):
        libmatch.match_buffers(index, [])
    with pytest.raises(ValueError, match="uploads are hashed to code of 64 bits"):
        libmatch.match_buffers(index, [], hasher=picky)
    older = libmatch.Index(384, hash="vector8", profile="plugin:average-colour 0 libmatch-1")
    with pytest.raises(ValueError, match="profile"):
        libmatch.match_buffers(older, [], hasher=average_colour)


def test_a_failure_is_one_files_outcome(picky: libmatch.Hasher) -> None:
    images = [np.full((1, width), 5, np.uint8) for width in (12, 13, 14, 15, 16)]
    hashes = libmatch.hash_buffers([png(image) for image in images], hasher=picky)
    assert hashes.scans == ["ok", "not_hashed", "not_hashed", "not_hashed", "ok"]
    assert hashes.reasons == [
        "",
        "the hasher picky failed: 13 is an unlucky width",
        "the hasher picky failed: no reason given",
        "the hasher picky gave the quality 101, which is over 100",
        "",
    ]
    assert hashes.codes.tolist() == [[5] * 8, [0] * 8, [0] * 8, [0] * 8, [5] * 8]
    assert hashes.quality.tolist() == [100, 0, 0, 0, 100]
    with pytest.raises(RuntimeError, match="13 is an unlucky width"):
        libmatch.hash_images(images[:2], hasher=picky)


@pytest.mark.parametrize(
    ("name", "error", "text"),
    [
        ("missing.so", OSError, "No such file"),
        ("no_table.so", ValueError, "exports no lm_hasher_table"),
        ("newer.so", NotImplementedError, "is of version 2 of the interface; this library takes 1"),
        ("nothing_for_host.so", NotImplementedError, "has no table for version 1"),
        ("refusing.so", RuntimeError, "cannot begin: no licence found"),
    ],
)
def test_what_cannot_be_used_is_refused(plugins: Path, name: str, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        libmatch.Hasher(plugins / name)


def test_what_is_no_shared_object_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.so").write_text("no shared object")
    with pytest.raises(ValueError, match="no shared object that can be loaded"):
        libmatch.Hasher(tmp_path / "text.so")
    with pytest.raises(OSError, match="Is a directory"):
        libmatch.Hasher(tmp_path)


def test_wrong_arguments_are_named(picky: libmatch.Hasher) -> None:
    wrong: Any = "picky.so"
    with pytest.raises(TypeError, match=r"hasher is str: expected libmatch\.Hasher or None"):
        libmatch.hash_images([], hasher=wrong)
    with pytest.raises(ValueError, match="orientations"):
        libmatch.hash_images([], hasher=picky, orientations="derived")


def test_a_hasher_may_go_while_its_index_stays(plugins: Path) -> None:
    hasher = libmatch.Hasher(plugins / "picky.so")
    index = libmatch.Index(64, hash="code", profile=libmatch.hash_profile(hasher=hasher))
    index.add(libmatch.hash_images([np.full((1, 1), 9, np.uint8)], hasher=hasher)[0])
    del hasher
    assert index.search_range(np.full((1, 8), 9, np.uint8), max_distance=0).ids.tolist() == [0]
