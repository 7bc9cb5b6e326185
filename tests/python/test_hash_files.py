from __future__ import annotations

import hashlib
import io
import os
import sys
from pathlib import Path
from typing import Any

import libmatch
import numpy as np
import pytest
from PIL import Image

from synthetic import GOLDEN, hexadecimal, synthetic_image

# Of synthetic_image(1259, 200, 300).
CODE = GOLDEN[3].codes[0]


def test_files(folder: Path) -> None:
    names = ["picture.png", "notes.txt", "other.png", "broken.png", "missing.png", "flat.png"]
    hashes = libmatch.hash_files([folder / name for name in names])
    assert hexadecimal(hashes.codes)[:4] == [CODE, "0" * 64, GOLDEN[2].codes[0], "0" * 64]
    assert (hashes.codes.dtype, hashes.codes.shape) == (np.dtype(np.uint8), (6, 32))
    assert (hashes.quality.dtype, hashes.quality.tolist()) == (np.dtype(np.uint8), [100, 0, 100, 0, 0, 0])
    assert hashes.scans == ["ok", "unknown_format", "ok", "damaged", "unreadable", "ok"]
    assert hashes.ok.tolist() == [True, False, True, False, False, True]
    assert [reason == "" for reason in hashes.reasons] == [True, False, True, False, False, True]


def test_arrays_are_read_only_views_that_outlive_the_rest(folder: Path) -> None:
    codes, quality, _, _ = libmatch.hash_files([folder / "picture.png"] * 3)
    del quality
    assert not codes.flags.writeable
    assert not codes.flags.owndata
    assert hexadecimal(codes) == [CODE] * 3
    with pytest.raises(ValueError, match="read-only"):
        codes[0, 0] = 1


def test_no_files() -> None:
    hashes = libmatch.hash_files([])
    assert hashes.codes.shape == (0, 32)
    assert hashes.quality.shape == (0,)
    assert (hashes.scans, hashes.reasons) == ([], [])
    assert libmatch.hash_files([], orientations="derived").codes.shape == (0, 8, 32)
    assert libmatch.hash_buffers([], "md5").codes.shape == (0, 16)


def test_kinds_of_paths(folder: Path) -> None:
    path = folder / "picture.png"
    hashes = libmatch.hash_files([path, str(path), os.fsencode(path)])
    assert hexadecimal(hashes.codes) == [CODE] * 3
    assert hexadecimal(libmatch.hash_files(folder.glob("picture.*")).codes) == [CODE]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_that_are_not_utf8(folder: Path) -> None:
    name = os.fsencode(folder) + b"/na\xefve.png"
    (folder / "picture.png").rename(os.fsdecode(name))
    assert hexadecimal(libmatch.hash_files([name, os.fsdecode(name)]).codes) == [CODE] * 2
    missing = libmatch.hash_files([os.fsencode(folder) + b"/\xff.png"])
    assert missing.scans == ["unreadable"]


def test_orientations(folder: Path) -> None:
    hashes = libmatch.hash_files([folder / "picture.png", folder / "notes.txt"], orientations="derived")
    assert hashes.codes.shape == (2, 8, 32)
    assert hexadecimal(hashes.codes[0]) == list(GOLDEN[3].codes)
    assert not hashes.codes[1].any()


def test_buffers_of_any_kind(png: bytes) -> None:
    kinds: list[Any] = [png, bytearray(png), memoryview(png), np.frombuffer(png, dtype=np.uint8)]
    hashes = libmatch.hash_buffers(kinds)
    assert hexadecimal(hashes.codes) == [CODE] * 4
    assert libmatch.hash_buffers([b"", b"text"]).scans == ["unknown_format", "unknown_format"]


def test_digests_of_files(folder: Path) -> None:
    path = folder / "notes.txt"
    md5 = libmatch.digest_files([path], "md5")
    assert hexadecimal(md5.codes) == [hashlib.md5(b"no image at all").hexdigest()]
    assert libmatch.digest_files([path], "sha1").codes.shape == (1, 20)
    sha256 = libmatch.digest_files([path, folder / "missing"])
    assert hexadecimal(sha256.codes) == [hashlib.sha256(b"no image at all").hexdigest(), "0" * 64]
    assert sha256.scans == ["ok", "unreadable"]
    assert sha256.quality.tolist() == [0, 0]
    assert hexadecimal(libmatch.hash_files([path], "md5").codes) == hexadecimal(md5.codes)


@pytest.mark.parametrize(
    ("hash", "digest"),
    [
        ("md5", "900150983cd24fb0d6963f7d28e17f72"),
        ("sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ],
)
def test_digests_of_buffers(hash: Any, digest: str) -> None:
    assert hexadecimal(libmatch.hash_buffers([b"abc"], hash).codes) == [digest]


@pytest.mark.parametrize("hash", ["pdq256", "code"])
def test_digest_files_takes_only_digests(hash: Any) -> None:
    with pytest.raises(ValueError, match=f"hash is '{hash}': expected 'md5', 'sha1' or 'sha256'"):
        libmatch.digest_files([], hash)


def test_unknown_hashes_are_refused_with_a_list() -> None:
    with pytest.raises(ValueError, match="pdq256"):
        libmatch.hash_files([], "phash")  # type: ignore[arg-type]


def test_limits(folder: Path, png: bytes) -> None:
    assert libmatch.hash_files([folder / "picture.png"], max_pixels=200 * 300).scans == ["ok"]
    hashes = libmatch.hash_files([folder / "picture.png"], max_pixels=200 * 300 - 1)
    assert hashes.scans == ["limit"]
    assert hashes.reasons[0]
    assert libmatch.hash_buffers([png], max_bytes=len(png) - 1).scans == ["limit"]
    with pytest.raises(ValueError, match=r"max_pixels is -1: expected 0 to 18446744073709551615"):
        libmatch.hash_files([], max_pixels=-1)


def test_decode(png: bytes) -> None:
    image = libmatch.decode(png)
    assert (image.dtype, image.shape) == (np.dtype(np.uint8), (300, 200, 3))
    assert np.array_equal(image, synthetic_image(1259, 200, 300))
    assert not image.flags.writeable


def test_decode_turns_upright_unless_told_otherwise() -> None:
    image = synthetic_image(1259, 200, 300)
    exif = Image.Exif()
    exif[0x0112] = 6  # stored turned by 90 degrees counter-clockwise
    file = io.BytesIO()
    Image.fromarray(np.rot90(image)).save(file, "PNG", exif=exif.tobytes())
    data = file.getvalue()
    assert np.array_equal(libmatch.decode(data), image)
    assert np.array_equal(libmatch.decode(data, ignore_exif_orientation=True), np.rot90(image))
    assert hexadecimal(libmatch.hash_buffers([data]).codes) == [CODE]
    assert hexadecimal(libmatch.hash_buffers([data], ignore_exif_orientation=True).codes) != [CODE]


@pytest.mark.parametrize("data", [b"", b"no image", b"\x89PNG\r\n\x1a\n"])
def test_decode_refuses_what_is_no_image(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        libmatch.decode(data)


def test_decode_keeps_limits(png: bytes) -> None:
    with pytest.raises(ValueError, match="pixels"):
        libmatch.decode(png, max_pixels=100)


def test_profiles_differ_where_codes_do() -> None:
    profile = libmatch.hash_profile()
    assert profile == libmatch.hash_profile("pdq256", orientations="plain")
    assert profile
    assert libmatch.hash_profile(ignore_exif_orientation=True) != profile


@pytest.mark.parametrize("paths", ["picture.png", b"picture.png", Path("picture.png"), 3])
def test_a_single_path_is_not_taken_for_many(paths: Any) -> None:
    with pytest.raises(TypeError, match="expected an iterable of paths"):
        libmatch.hash_files(paths)


@pytest.mark.parametrize("buffers", [b"bytes", "text", bytearray(3), memoryview(b"bytes"), np.zeros(3, np.uint8)])
def test_a_single_buffer_is_not_taken_for_many(buffers: Any) -> None:
    with pytest.raises(TypeError, match="buffers is a single"):
        libmatch.hash_buffers(buffers)


def test_wrong_paths_and_buffers_are_named() -> None:
    with pytest.raises(TypeError, match=r"paths\[1\] is int"):
        libmatch.hash_files(["a", 1])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="null"):
        libmatch.hash_files(["a\0b"])
    with pytest.raises(TypeError, match=r"buffers\[1\] is str"):
        libmatch.hash_buffers([b"", "text"])  # type: ignore[list-item]
    with pytest.raises(TypeError, match=r"buffers\[0\] is memoryview: expected contiguous bytes"):
        libmatch.hash_buffers([memoryview(b"abcd")[::2]])


def test_an_error_of_the_iterable_is_passed_on() -> None:
    def paths() -> Any:
        yield "a"
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        libmatch.hash_files(paths())
