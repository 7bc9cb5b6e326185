"""Planes and buckets of an index file, read as docs/format.md has them and as nothing else in this project does."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, Callable

import libmatch
import numpy as np
import numpy.typing as npt
import pytest

Codes = npt.NDArray[np.uint8]
Bits = npt.NDArray[np.uint8]
MakeCodes = Callable[..., Codes]


def sections_of_codes(file: bytes) -> dict[int, bytes]:
    """The sections of table 0 by kind."""
    assert file[:8] == b"\x89LMI\r\n\x1a\n"
    assert struct.unpack_from("<I", file, 8) == (2,)
    (count,) = struct.unpack_from("<I", file, 28)
    entries = [struct.unpack_from("<IIQQ", file, 104 + 40 * i) for i in range(count)]
    return {kind: file[offset : offset + size] for kind, table, offset, size in entries if table == 0}


def bits_of_rows(section: bytes, n: int) -> Bits:
    """[n, bits]: bit k of a row is bit k % 64 of its word k / 64, read as a u64."""
    return np.unpackbits(np.frombuffer(section, np.uint8).reshape(n, -1), axis=1, bitorder="little")


def pdq_order() -> list[int]:
    """The PDQ bit at each place of a row."""
    return [
        k
        for set_ in range(16)
        for k in range(256)
        if (4 * (k // 16) + 3 * (k % 16) + 3 * (k // 64)) % 16 == set_
    ]


def saved(codes: Codes, path: Path, **layouts: Any) -> dict[int, bytes]:
    index = libmatch.Index(codes.shape[1] * 8)
    index.add(codes)
    index.set_layouts(**layouts)
    index.prepare()
    index.save(path)
    return sections_of_codes(path.read_bytes())


def test_rows_of_pdq_codes_are_in_an_order_of_their_own(random_codes: MakeCodes, tmp_path: Path) -> None:
    codes = random_codes(100)
    sections = saved(codes, tmp_path / "index", planes="never", buckets="never")
    assert set(sections) == {1, 2}
    rows = bits_of_rows(sections[1], 100)
    for place, k in enumerate(pdq_order()):
        assert np.array_equal(rows[:, place], codes[:, 31 - k // 8] >> (k % 8) & 1)


@pytest.mark.parametrize("bits", [64, 128, 256, 2048])
def test_planes(bits: int, random_codes: MakeCodes, tmp_path: Path) -> None:
    n = 1000
    sections = saved(random_codes(n, bits), tmp_path / "index", planes="always", buckets="never")
    assert set(sections) == {1, 2, 5}
    rows = np.zeros((1024, max(bits, 96)), np.uint8)
    rows[:n, :bits] = bits_of_rows(sections[1], n)
    planes = np.unpackbits(np.frombuffer(sections[5], np.uint8).reshape(2, 96, 64), axis=2, bitorder="little")
    assert np.array_equal(planes, rows[:, :96].reshape(2, 512, 96).transpose(0, 2, 1))


@pytest.mark.parametrize("bits", [64, 128, 256, 2048])
def test_buckets(bits: int, random_codes: MakeCodes, tmp_path: Path) -> None:
    n = 1000
    sections = saved(random_codes(n, bits), tmp_path / "index", planes="never", buckets="always")
    assert set(sections) == {1, 2, 6, 7, 8, 9}
    tables, width, inline, reserved = struct.unpack("<4I", sections[6])
    assert (tables, width, inline, reserved) == (min(16, bits // 16), 16, 2 if bits == 64 else 3, 0)
    rows = bits_of_rows(sections[1], n)
    words32 = np.frombuffer(sections[1], "<u4").reshape(n, bits // 32)
    starts = np.frombuffer(sections[7], "<u4").reshape(tables, 2**width + 1)
    held = np.frombuffer(sections[8], "<u4").reshape(tables, n)
    words = np.frombuffer(sections[9], "<u4").reshape(tables, 63, inline, 16)
    for t in range(tables):
        bucket_of = rows[:, t * width : (t + 1) * width].astype(np.int64) @ (1 << np.arange(width))
        assert np.array_equal(held[t], np.argsort(bucket_of, kind="stable"))
        assert np.array_equal(np.diff(starts[t].astype(np.int64)), np.bincount(bucket_of, minlength=2**width))
        assert starts[t, 0] == 0
        for w in range(inline):
            of_row = w if bits == 64 else (t * width // 32 + bits // 32 - 1 - w) % (bits // 32)
            expected = np.zeros(63 * 16, np.uint32)
            expected[:n] = words32[held[t], of_row]
            assert np.array_equal(words[t, :, w, :].reshape(-1), expected)
