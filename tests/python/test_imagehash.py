"""aHash, dHash and pHash beside python imagehash, on the photographs of opencv-doc and on synthetic images.

Both make the same small grey image, with the rows narrowed before the columns are shortened. Pillow 13 takes the other
order for images about twice as tall as wide, and older versions do not; so imagehash is given the image in two steps.
From an equal small image every bit is equal.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Callable, Literal

import imagehash
import libmatch
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from synthetic import synthetic_image

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "tools"))

from demonstration.photographs import DemonstrationError, image_paths  # noqa: E402

Hash = Literal["ahash64", "dhash64", "phash64", "ahash256", "dhash256", "phash256"]

# The hash, the width and height of its small image, and imagehash's function.
HASHES: dict[Hash, tuple[int, int, Callable[[Image.Image], imagehash.ImageHash]]] = {
    "ahash64": (8, 8, lambda image: imagehash.average_hash(image, 8)),
    "dhash64": (9, 8, lambda image: imagehash.dhash(image, 8)),
    "phash64": (32, 32, lambda image: imagehash.phash(image, 8)),
    "ahash256": (16, 16, lambda image: imagehash.average_hash(image, 16)),
    "dhash256": (17, 16, lambda image: imagehash.dhash(image, 16)),
    "phash256": (64, 64, lambda image: imagehash.phash(image, 16)),
}
HASH = pytest.mark.parametrize("hash", HASHES)

# Bits of 64 in which the hashes of a photograph may differ where Pillow decodes a file to other pixels.
OTHER_DECODER_BITS = 2


def small(image: Image.Image, hash: Hash) -> Image.Image:
    width, height, _ = HASHES[hash]
    narrow = image.convert("L").resize((width, image.height), Image.Resampling.LANCZOS)
    return narrow.resize((width, height), Image.Resampling.LANCZOS)


def expected(image: Image.Image, hash: Hash) -> str:
    return str(HASHES[hash][2](small(image, hash)))


def hexadecimal(codes: npt.NDArray[np.uint8]) -> list[str]:
    return [row.tobytes().hex() for row in codes]


def png_of(pixels: npt.NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def random_images() -> list[npt.NDArray[np.uint8]]:
    generator = np.random.default_rng(11)
    images = []
    for i in range(120):
        width, height = (int(side) for side in np.exp(generator.uniform(0, 6, 2)))
        noise = generator.integers(0, 256, (height, width, 3), dtype=np.uint8)
        blobs = Image.fromarray(generator.integers(0, 256, (5, 6, 3), dtype=np.uint8)).resize((width, height))
        ramp = np.broadcast_to(np.arange(width) * 255 // max(width - 1, 1), (height, width)).astype(np.uint8)
        images.append([noise, np.asarray(blobs), ramp][i % 3])
    return images


@HASH
def test_synthetic_images(hash: Hash) -> None:
    sizes = [(5, 5), (7, 64), (65, 63), (200, 300), (320, 240), (17, 16), (1, 200), (300, 1), (1024, 768)]
    images = [synthetic_image(1000 + i, width, height) for i, (width, height) in enumerate(sizes)]
    codes, quality = libmatch.hash_images(images, hash)
    assert hexadecimal(codes) == [expected(Image.fromarray(image), hash) for image in images]
    assert quality.tolist() == libmatch.hash_images(images)[1].tolist()


@HASH
def test_random_images(hash: Hash) -> None:
    images = random_images()
    codes, _ = libmatch.hash_images(images, hash)
    assert hexadecimal(codes) == [expected(Image.fromarray(image), hash) for image in images]


@HASH
def test_imagehash_itself_where_the_small_image_is_equal(hash: Hash) -> None:
    width, height, function = HASHES[hash]
    equal = 0
    for pixels in random_images():
        image = Image.fromarray(pixels)
        direct = image.convert("L").resize((width, height), Image.Resampling.LANCZOS)
        if direct.tobytes() == small(image, hash).tobytes():
            equal += 1
            assert hexadecimal(libmatch.hash_images([pixels], hash)[0]) == [str(function(image))]
    assert equal > 60  # what is not more than about twice as tall as wide


@pytest.fixture(scope="module")
def photographs() -> list[Path]:
    try:
        return image_paths(PROJECT / ".cache")
    except DemonstrationError as error:
        pytest.skip(str(error))


@HASH
def test_photographs(hash: Hash, photographs: list[Path]) -> None:
    pixels = [libmatch.decode(path.read_bytes()) for path in photographs]
    codes, _ = libmatch.hash_images(pixels, hash)
    assert hexadecimal(codes) == [expected(Image.fromarray(image), hash) for image in pixels]
    assert np.array_equal(libmatch.hash_files(photographs, hash).codes, codes)


@HASH
def test_files_as_imagehash_opens_them(hash: Hash, photographs: list[Path]) -> None:
    """Decoders may differ, so a few bits may; those with alpha are each program's own choice."""
    plain = [path for path in photographs if Image.open(path).mode in ("RGB", "L")]
    assert len(plain) > 70
    codes = libmatch.hash_files(plain, hash, ignore_exif_orientation=True).codes
    distances = {
        path.name: bin(int(code.tobytes().hex(), 16) ^ int(str(HASHES[hash][2](Image.open(path))), 16)).count("1")
        for path, code in zip(plain, codes)
    }
    limit = OTHER_DECODER_BITS * codes.shape[1] // 8
    assert {name: bits for name, bits in distances.items() if bits > limit} == {}
    assert sum(bits == 0 for bits in distances.values()) >= 0.9 * len(plain)


@HASH
def test_an_index_of_it_knows_copies(hash: Hash) -> None:
    known = synthetic_image(1259, 200, 300)
    codes, _ = libmatch.hash_images([known, synthetic_image(1333, 320, 240)], hash)
    index = libmatch.Index(8 * codes.shape[1], hash=hash, profile=libmatch.hash_profile(hash))
    index.add(codes)
    assert (index.hash, index.profile) == (hash, "libmatch-1-lanczos")
    smaller = np.asarray(Image.fromarray(known).resize((100, 150)))
    uploads = [png_of(known), png_of(smaller), png_of(np.full_like(known, 9))]
    found = libmatch.match_buffers(index, uploads)
    assert found.verdicts == ["match", "match", "low_quality"]
    assert found.ids.tolist() == [0, 0]
    assert set(found.hashes) == {hash}
    assert libmatch.match_buffers(index, uploads[:1], max_distance=0).verdicts == ["match"]


@HASH
def test_only_the_plain_orientation(hash: Hash) -> None:
    with pytest.raises(ValueError, match="only LM_HASH_PDQ256 without a hasher knows more"):
        libmatch.hash_images([synthetic_image(1, 9, 9)], hash, orientations="derived")
    with pytest.raises(ValueError, match="only LM_HASH_PDQ256 without a hasher knows more"):
        libmatch.hash_profile(hash, orientations="true")


@HASH
def test_efforts_look_up_the_plain_code_of_every_image(hash: Hash) -> None:
    random = np.random.default_rng(4)
    other, known = (fields.repeat(25, 0).repeat(25, 1) for fields in random.integers(0, 256, (2, 8, 12, 3), np.uint8))
    codes, _ = libmatch.hash_images([known], hash)
    index = libmatch.Index(8 * codes.shape[1], hash=hash, profile=libmatch.hash_profile(hash))
    index.add(codes)
    index.add_keypoints([0], libmatch.extract_keypoints([known]))
    pages = [Image.fromarray(other), Image.fromarray(known)]
    file = io.BytesIO()
    pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:])
    mirrored = png_of(np.ascontiguousarray(known[:, ::-1]))
    for effort in ("fast", "standard", "thorough"):
        found = libmatch.match_buffers(index, [file.getvalue(), mirrored], effort=effort)
        assert found.verdicts == ["match", "no_match"]
        assert found.details.frames.tolist() == [1]
        assert found.details.orientations == ["plain"]
        hashes = libmatch.hash_buffers([file.getvalue()], hash, effort=effort)
        assert hashes.images.codes.shape == (2, codes.shape[1])
        assert np.array_equal(hashes.images.codes[1], codes[0])
        assert hashes.keypoints is None
    # How far is worth a look the caller has to say.
    far = libmatch.match_buffers(index, [mirrored], review_distance=8 * codes.shape[1])
    assert far.verdicts == ["review"]
    with pytest.raises(ValueError, match="options->keypoints: only LM_HASH_PDQ256"):
        libmatch.hash_buffers([], hash, keypoints=20)


def test_a_digest_has_no_effort() -> None:
    with pytest.raises(ValueError, match="effort is given, and hash is a digest"):
        libmatch.hash_buffers([], "sha256", effort="fast")


def test_a_side_over_the_limit_is_said() -> None:
    tall = np.zeros((65536, 1), np.uint8)
    with pytest.raises(ValueError, match="a side of 65536 pixels is over the 65535"):
        libmatch.hash_images([tall], "phash64")
    hashes = libmatch.hash_buffers([png_of(tall)], "phash64")
    assert (hashes.scans, hashes.codes.any()) == (["limit"], np.False_)
    assert "65536" in hashes.reasons[0]


@pytest.mark.parametrize("backend", libmatch.backends())
def test_every_backend_gives_the_same_codes(backend: str) -> None:
    images = [synthetic_image(1259, 200, 300), synthetic_image(1111, 65, 63)]
    for name in HASHES:
        codes, _ = libmatch.hash_images(images, name, context=libmatch.Context(backend))
        assert hexadecimal(codes) == [expected(Image.fromarray(image), name) for image in images]
