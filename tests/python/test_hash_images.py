from __future__ import annotations

from typing import Any, Callable

import libmatch
import numpy as np
import pytest

from synthetic import GOLDEN, Golden, Image, hexadecimal, synthetic_image

FLAT = np.full((64, 64, 3), 7, dtype=np.uint8)


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: f"{golden.width}x{golden.height}")
def test_pdq_is_the_reference(golden: Golden) -> None:
    codes, quality = libmatch.hash_images([golden.image()])
    assert hexadecimal(codes) == [golden.codes[0]]
    assert quality.tolist() == [golden.quality]


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: f"{golden.width}x{golden.height}")
def test_derived_orientations_are_the_reference(golden: Golden) -> None:
    codes, quality = libmatch.hash_images([golden.image()], orientations="derived")
    assert codes.shape == (1, 8, 32)
    assert hexadecimal(codes[0]) == list(golden.codes)
    assert quality.tolist() == [golden.quality]


def test_true_orientations_are_those_of_the_image_really_turned() -> None:
    image = synthetic_image(1259, 200, 300)
    transposed = image.transpose(1, 0, 2)
    turned = [
        image,
        np.rot90(image, 1),
        np.rot90(image, 2),
        np.rot90(image, 3),
        image[::-1],
        image[:, ::-1],
        transposed,
        transposed[::-1, ::-1],
    ]
    codes, _ = libmatch.hash_images([image], orientations="true")
    assert hexadecimal(codes[0]) == hexadecimal(libmatch.hash_images(turned)[0])


def test_sampled_orientations_are_within_four_bits_of_the_true_ones() -> None:
    image = synthetic_image(1259, 200, 300)
    sampled, quality = libmatch.hash_images([image], orientations="sampled")
    exact, exact_quality = libmatch.hash_images([image], orientations="true")
    assert np.array_equal(sampled[0, 0], exact[0, 0])
    assert np.unpackbits(sampled ^ exact, axis=2).sum(axis=2).max() <= 4
    assert quality.tolist() == exact_quality.tolist()


def test_shapes_and_types() -> None:
    codes, quality = libmatch.hash_images([golden.image() for golden in GOLDEN])
    assert (codes.dtype, codes.shape) == (np.dtype(np.uint8), (len(GOLDEN), 32))
    assert (quality.dtype, quality.shape) == (np.dtype(np.uint8), (len(GOLDEN),))
    assert not codes.flags.writeable
    assert not quality.flags.writeable
    assert hexadecimal(codes) == [golden.codes[0] for golden in GOLDEN]


@pytest.mark.parametrize(
    ("orientations", "shape"),
    [("plain", (0, 32)), ("derived", (0, 8, 32)), ("sampled", (0, 8, 32)), ("true", (0, 8, 32))],
)
def test_no_images(orientations: Any, shape: tuple[int, ...]) -> None:
    codes, quality = libmatch.hash_images([], orientations=orientations)
    assert codes.shape == shape
    assert quality.shape == (0,)


def test_a_flat_image_has_no_quality() -> None:
    assert libmatch.hash_images([FLAT])[1].tolist() == [0]


def test_an_image_under_5_pixels_has_a_zero_code() -> None:
    codes, quality = libmatch.hash_images([synthetic_image(1000, 5, 5)[:4]])
    assert hexadecimal(codes) == ["0" * 64]
    assert quality.tolist() == [0]


def padded(image: Image) -> Image:
    height, width, channels = image.shape
    larger = np.zeros((height + 5, width + 7, channels), dtype=np.uint8)
    larger[2 : 2 + height, 3 : 3 + width] = image
    return larger[2 : 2 + height, 3 : 3 + width]


LAYOUTS: dict[str, Callable[[Image], Image]] = {
    "rows with padding": padded,
    "Fortran order": np.asfortranarray,
    "every second pixel of a larger image": lambda image: np.repeat(np.repeat(image, 2, axis=0), 2, axis=1)[::2, ::2],
    "rows backwards": lambda image: np.ascontiguousarray(image[::-1])[::-1],
    "columns backwards": lambda image: np.ascontiguousarray(image[:, ::-1])[:, ::-1],
    "channels backwards": lambda image: np.ascontiguousarray(image[:, :, ::-1])[:, :, ::-1],
    "planes": lambda image: np.ascontiguousarray(image.transpose(2, 0, 1)).transpose(1, 2, 0),
    "opaque alpha": lambda image: np.dstack([image, np.full(image.shape[:2], 255, dtype=np.uint8)]),
    "read-only": lambda image: np.frombuffer(image.tobytes(), dtype=np.uint8).reshape(image.shape),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_layout_gives_the_same_code(layout: str) -> None:
    golden = GOLDEN[2]
    codes, quality = libmatch.hash_images([LAYOUTS[layout](golden.image())])
    assert hexadecimal(codes) == [golden.codes[0]]
    assert quality.tolist() == [golden.quality]


def test_grey_is_rgb_of_equal_channels() -> None:
    grey = synthetic_image(1259, 200, 300)[:, :, 1]
    grey_codes, _ = libmatch.hash_images([grey, grey[:, ::-1]])
    rgb_codes, _ = libmatch.hash_images([np.dstack([grey] * 3), np.dstack([grey[:, ::-1]] * 3)])
    assert hexadecimal(grey_codes) == hexadecimal(rgb_codes)


def test_alpha_is_laid_over_white() -> None:
    image = synthetic_image(1259, 200, 300)
    alpha = np.full(image.shape[:2], 255, dtype=np.uint8)
    alpha[:100] = 0
    over_white = image.copy()
    over_white[:100] = 255
    codes, _ = libmatch.hash_images([np.dstack([image, alpha]), over_white])
    assert hexadecimal(codes[:1]) == hexadecimal(codes[1:])


def test_one_array_of_many_images() -> None:
    image = synthetic_image(1111, 65, 63)
    codes, _ = libmatch.hash_images(np.stack([image, FLAT[:63, :1].repeat(65, axis=1), image]))
    assert hexadecimal(codes[[0, 2]]) == [GOLDEN[2].codes[0]] * 2


def test_images_may_come_from_a_generator() -> None:
    codes, _ = libmatch.hash_images(golden.image() for golden in GOLDEN)
    assert hexadecimal(codes) == [golden.codes[0] for golden in GOLDEN]


@pytest.mark.parametrize("backend", libmatch.backends())
@pytest.mark.parametrize("threads", [1, 3])
def test_every_backend_gives_the_same_codes(backend: str, threads: int) -> None:
    context = libmatch.Context(backend, threads=threads)
    codes, quality = libmatch.hash_images([golden.image() for golden in GOLDEN], context=context)
    assert hexadecimal(codes) == [golden.codes[0] for golden in GOLDEN]
    assert quality.tolist() == [golden.quality for golden in GOLDEN]


@pytest.mark.parametrize(
    ("image", "text"),
    [
        (np.zeros((8, 8), dtype=np.float32), r"images\[1\] is float32 of shape \(8, 8\)"),
        (np.zeros((8, 8, 2), dtype=np.uint8), r"images\[1\] is uint8 of shape \(8, 8, 2\)"),
        (np.zeros(8, dtype=np.uint8), r"images\[1\] is uint8 of shape \(8,\)"),
        (np.zeros((0, 8), dtype=np.uint8), r"images\[1\] is uint8 of shape \(0, 8\)"),
        (np.zeros((8, 8), dtype=np.int8), r"images\[1\] is int8"),
    ],
)
def test_an_array_that_is_no_image_is_named(image: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        libmatch.hash_images([FLAT, image])


def test_what_is_no_array_is_named() -> None:
    with pytest.raises(TypeError, match=r"images\[0\] is list: expected a numpy array"):
        libmatch.hash_images([[[0, 0], [0, 0]]])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="images is int"):
        libmatch.hash_images(3)  # type: ignore[arg-type]


@pytest.mark.parametrize("image", [FLAT, FLAT[:, :, 0]])
def test_a_single_image_is_not_taken_for_many(image: Image) -> None:
    with pytest.raises(TypeError, match="images is a single array"):
        libmatch.hash_images(image)


@pytest.mark.parametrize("hash", ["md5", "sha256", "code", "phash"])
def test_only_perceptual_hashes_have_pixels(hash: Any) -> None:
    with pytest.raises(ValueError, match="hash"):
        libmatch.hash_images([FLAT], hash)


def test_unknown_orientations_are_named() -> None:
    with pytest.raises(ValueError, match="orientations is 'all'"):
        libmatch.hash_images([FLAT], orientations="all")  # type: ignore[arg-type]
