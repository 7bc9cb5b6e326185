"""One picture in many files: what the file is like must not move the code, or only by what decoding loses."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageChops

import libmatch

EXIF_ORIENTATION = 0x0112
# What turns an upright picture into the one that is stored under this EXIF orientation.
STORED_BY_ORIENTATION = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def picture(width: int = 320, height: int = 208) -> Image.Image:
    """Smooth blobs in 4 levels a channel: detail enough to hash, and 64 colours, so that a palette holds it."""
    generator = np.random.default_rng(20240917)
    channels = []
    for _ in range(3):
        coarse = Image.fromarray(generator.integers(0, 256, (9, 13), dtype=np.uint8))
        smooth = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC))
        channels.append(smooth // 64 * 85)
    return Image.fromarray(np.dstack(channels))


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png(image: np.ndarray, bits: int, *, interlaced: bool = False) -> bytes:
    """An RGB PNG of 8 or 16 bits a sample, by the standard's chunks; Pillow writes neither 16-bit RGB nor Adam7."""
    height, width, _ = image.shape
    samples = image.astype(">u2" if bits == 16 else np.uint8)
    passes = [(0, 0, 1, 1)]
    if interlaced:
        passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    rows = b"".join(
        b"\0" + np.ascontiguousarray(row).tobytes() for x, y, dx, dy in passes for row in samples[y::dy, x::dx]
    )

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, bits, 2, 0, 0, int(interlaced))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def code(encoded: bytes) -> tuple[bytes, int]:
    codes, quality = libmatch.hash_images([libmatch.decode(encoded)])
    return codes[0].tobytes(), int(quality[0])


def distance(one: bytes, other: bytes) -> int:
    return (int.from_bytes(code(one)[0], "big") ^ int.from_bytes(code(other)[0], "big")).bit_count()


SAME_PIXELS: dict[str, Callable[[], bytes]] = {
    "RGBA, opaque": lambda: saved(picture().convert("RGBA")),
    "palette": lambda: saved(picture().quantize(256, dither=Image.Dither.NONE)),
    "16 bit": lambda: png(np.asarray(picture(), dtype=np.uint32) * 257, 16),
    "16 bit, interlaced": lambda: png(np.asarray(picture(), dtype=np.uint32) * 257, 16, interlaced=True),
    "interlaced": lambda: png(np.asarray(picture()), 8, interlaced=True),
    "uncompressed": lambda: saved(picture(), compress_level=0),
    "WebP, lossless": lambda: saved(picture(), "WEBP", lossless=True),
    "GIF": lambda: saved(picture().quantize(256, dither=Image.Dither.NONE), "GIF"),
}


@pytest.mark.parametrize("name", SAME_PIXELS)
def test_lossless_files_of_one_picture_give_one_code(name: str) -> None:
    rgb = saved(picture())
    assert code(rgb)[1] >= 50
    other = SAME_PIXELS[name]()
    assert np.array_equal(libmatch.decode(other), np.asarray(picture()))
    assert code(other) == code(rgb)


def test_cmyk_jpeg_is_near_the_rgb_jpeg() -> None:
    rgb = picture()
    # Full under-colour removal: what is printed black is taken out of the three inks.
    inks = ImageChops.invert(rgb).split()
    key = ImageChops.darker(ImageChops.darker(inks[0], inks[1]), inks[2])
    values = [np.asarray(ink, dtype=np.float64) for ink in inks]
    black = np.asarray(key, dtype=np.float64)
    without_black = [np.rint(255 * (v - black) / np.maximum(255 - black, 1)).astype(np.uint8) for v in values]
    cmyk = Image.merge("CMYK", [*(Image.fromarray(v) for v in without_black), key])
    for separated in (cmyk, rgb.convert("CMYK")):  # the latter holds no black ink at all
        assert distance(saved(separated, "JPEG", quality=92), saved(rgb, "JPEG", quality=92)) <= 10


def exif(orientation: int) -> bytes:
    fields = Image.Exif()
    fields[EXIF_ORIENTATION] = orientation
    return fields.tobytes()


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize("orientation", STORED_BY_ORIENTATION)
def test_exif_orientation_is_undone_exactly_where_nothing_is_lost(kind: str, orientation: int) -> None:
    turn = STORED_BY_ORIENTATION[orientation]
    stored = picture() if turn is None else picture().transpose(turn)
    encoded = saved(stored, kind, exif=exif(orientation), **({"lossless": True} if kind == "WEBP" else {}))
    assert np.array_equal(libmatch.decode(encoded), np.asarray(picture()))
    assert code(encoded) == code(saved(picture()))


@pytest.mark.parametrize("orientation", STORED_BY_ORIENTATION)
def test_exif_orientation_of_a_jpeg_leaves_only_rounding(orientation: int) -> None:
    """The turned picture is compressed anew, so that a few samples round otherwise.

    Without chroma subsampling and with sides that are multiples of 8 the blocks are the same ones, turned: the codes
    stay within 4 bits.
    """
    turn = STORED_BY_ORIENTATION[orientation]
    stored = picture() if turn is None else picture().transpose(turn)
    encoded = saved(stored, "JPEG", quality=95, subsampling=0, exif=exif(orientation))
    assert libmatch.decode(encoded).shape == (208, 320, 3)
    assert distance(encoded, saved(picture())) <= 4
