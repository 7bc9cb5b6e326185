"""Efforts, verdicts as objects, images of a file, keypoints."""

from __future__ import annotations

import io
from typing import Any

import libmatch
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from synthetic import synthetic_image

Pixels = npt.NDArray[np.uint8]


def png(image: Pixels) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def animation(images: list[Pixels]) -> bytes:
    frames = [Image.fromarray(image) for image in images]
    file = io.BytesIO()
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    return file.getvalue()


def squares(seed: int, width: int = 640, height: int = 480) -> Pixels:
    """Corners of many sizes."""
    generator = np.random.default_rng(seed)
    pixels = np.full((height, width, 3), 128, dtype=np.uint8)
    for _ in range(800):
        size = int(generator.integers(6, 50))
        x, y = int(generator.integers(0, width - size)), int(generator.integers(0, height - size))
        pixels[y : y + size, x : x + size] = generator.integers(0, 256, 3)
    return pixels


PICTURE = synthetic_image(1259, 200, 300)


@pytest.fixture
def known() -> libmatch.Index:
    """An index of PICTURE, id 7."""
    index = libmatch.Index(profile=libmatch.hash_profile())
    codes, _ = libmatch.hash_images([PICTURE])
    index.add(codes, [7], ["the picture"])
    return index


def test_a_mirrored_copy_is_known_by_its_sixteen_codes(known: libmatch.Index) -> None:
    upload = png(np.ascontiguousarray(PICTURE[:, ::-1]))
    assert libmatch.match_buffers(known, [upload], effort="fast").verdicts == ["no_match"]
    found = libmatch.match_buffers(known, [upload])
    (verdict,) = found.uploads
    assert (verdict.verdict, verdict.scan, verdict.reason) == ("match", "ok", "")
    (match,) = verdict.matches
    assert (match.id, match.label, match.tier, match.verdict) == (7, "the picture", "image", "match")
    assert (match.orientation, match.trimmed, match.frame, match.votes) == ("flip_y", False, 0, 0)
    assert match.distance is not None
    assert match.distance <= 8
    assert match.transform == (-1, 0, 1, 0, 1, 0)
    assert found.details.transforms.shape == (1, 6)
    assert found.details.transforms.dtype == np.float32


def test_matches_are_columns_of_a_table(known: libmatch.Index) -> None:
    uploads = [png(synthetic_image(3, 64, 64)), png(PICTURE), png(PICTURE)]
    table = libmatch.match_buffers(known, uploads).table()
    assert {len(column) for column in table.values()} == {2}
    assert np.asarray(table["upload"]).tolist() == [1, 2]
    assert table["label"] == ["the picture", "the picture"]


def test_a_matcher_keeps_its_options(known: libmatch.Index) -> None:
    upload = png(np.ascontiguousarray(PICTURE[:, ::-1]))
    matcher = libmatch.Matcher(known, effort="fast")
    assert matcher.index is known
    assert matcher.match_buffers([upload]).verdicts == ["no_match"]
    assert libmatch.Matcher(known).match_buffers([upload]).verdicts == ["match"]
    missing = libmatch.Matcher(known).match_files(["no/such/file"])
    assert missing.verdicts == ["not_scanned"]
    assert libmatch.Matcher(known, max_pixels=10).match_buffers([upload]).scans == ["limit"]


def test_pixels_are_uploads_as_files_of_them_are(known: libmatch.Index) -> None:
    grey = np.ascontiguousarray(PICTURE[:, :, 1])
    framed = np.pad(PICTURE, ((30, 30), (40, 40), (0, 0)))
    alpha = np.dstack([PICTURE, np.full(PICTURE.shape[:2], 200, dtype=np.uint8)])
    images = [PICTURE, np.ascontiguousarray(PICTURE[:, ::-1]), framed, grey, alpha, synthetic_image(3, 64, 64)]
    matcher = libmatch.Matcher(known)
    found = matcher.match(images)
    of_files = matcher.match_buffers([png(image) for image in images])
    assert found.verdicts[:3] == ["match", "match", "match"]
    assert found.verdicts == of_files.verdicts
    assert np.array_equal(found.quality, of_files.quality)
    assert np.array_equal(found.distances, of_files.distances)
    assert np.array_equal(found.details.transforms, of_files.details.transforms)
    assert libmatch.match_images(known, images, effort="fast").verdicts[:2] == ["match", "no_match"]
    with pytest.raises(ValueError, match="pixels"):
        libmatch.Matcher(known, max_pixels=10).match([PICTURE])


def test_parts_of_pixels_are_found() -> None:
    whole = squares(5)
    index = libmatch.Index(profile=libmatch.hash_profile())
    index.add(libmatch.hash_images([whole])[0], [1])
    index.add_keypoints([1], libmatch.extract_keypoints([whole]))
    part = np.ascontiguousarray(whole[60:400, 80:600])
    (verdict,) = libmatch.Matcher(index, effort="thorough").match([part]).uploads
    assert (verdict.verdict, verdict.matches[0].tier) == ("match", "parts")


@pytest.mark.parametrize(
    ("options", "text"), [({"effort": "much"}, "effort is 'much'"), ({"min_quality": 101}, "min_quality is 101")]
)
def test_a_matcher_says_at_once_what_is_wrong(known: libmatch.Index, options: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        libmatch.Matcher(known, **options)
    with pytest.raises(ValueError, match="profile"):
        libmatch.Matcher(libmatch.Index(profile="another"))


def test_all_images_of_a_file(known: libmatch.Index) -> None:
    other = synthetic_image(1111, 200, 300)
    third = synthetic_image(1000, 200, 300)
    upload = animation([other, third, other, PICTURE])
    hashes = libmatch.hash_buffers([upload, b"no image", png(PICTURE)])
    assert hashes.scans == ["ok", "unknown_format", "ok"]
    images = hashes.images
    assert images.offsets.tolist() == [0, 3, 3, 4]
    assert images.frames.tolist() == [0, 1, 3, 0]
    assert images.codes.shape == (4, 32)
    assert np.array_equal(images.codes[0], hashes.codes[0])
    assert np.array_equal(images.codes[2], images.codes[3])
    assert images.trimmed.tolist() == [False] * 4
    assert images.trimmed.dtype == np.bool_
    assert hashes.keypoints is None
    (verdict,) = libmatch.match_buffers(known, [upload]).uploads
    assert (verdict.verdict, verdict.matches[0].frame) == ("match", 3)


def test_images_of_a_file_are_limited(known: libmatch.Index) -> None:
    upload = animation([PICTURE, synthetic_image(1111, 200, 300)])
    hashes = libmatch.hash_buffers([upload], max_images=1)
    assert (hashes.scans, hashes.images.frames.tolist()) == (["limit"], [0])
    assert libmatch.hash_buffers([upload], max_images=0).scans == ["ok"]
    assert libmatch.hash_buffers([upload], max_milliseconds=0).scans == ["ok"]
    # What was scanned still counts.
    found = libmatch.match_buffers(known, [upload], max_images=1)
    assert (found.verdicts, found.scans) == (["match"], ["limit"])
    other_way = animation([synthetic_image(1111, 200, 300), PICTURE])
    assert libmatch.match_buffers(known, [other_way], max_images=1).verdicts == ["not_scanned"]


def test_efforts_of_hashing() -> None:
    framed = np.zeros((380, 280, 3), dtype=np.uint8)
    framed[40:340, 40:240] = PICTURE
    hashes = libmatch.hash_buffers([png(framed)], effort="standard")
    assert hashes.codes.shape == (1, 8, 32)
    assert hashes.images.codes.shape == (2, 8, 32)
    assert hashes.images.trimmed.tolist() == [False, True]
    fast = libmatch.hash_buffers([png(framed)], effort="fast")
    assert (fast.codes.shape, fast.images.codes.shape) == ((1, 32), (1, 32))
    with pytest.raises(ValueError, match="effort"):
        libmatch.hash_buffers([], effort="standard", orientations="true")


def test_keypoints_find_a_part() -> None:
    images = [squares(seed) for seed in range(3)]
    codes, _ = libmatch.hash_images(images)
    index = libmatch.Index(profile=libmatch.hash_profile())
    index.add(codes, [10, 11, 12], ["a", "b", "c"])
    keypoints = libmatch.extract_keypoints(images)
    assert len(keypoints) == 3
    assert keypoints.offsets.tolist() == [0, 200, 400, 600]
    assert keypoints.codes.shape == (600, 32)
    assert keypoints.points.shape == (600,)
    assert int(keypoints.points["x"].max()) < 16 * 512
    assert keypoints.widths.tolist() == [512] * 3
    assert keypoints.heights.tolist() == [384] * 3
    index.add_keypoints([10, 11, -1], keypoints)
    assert (index.keypoint_sets, index.keypoints, index.next_id) == (2, 400, 13)

    part = png(np.ascontiguousarray(images[1][100:400, 150:550]))
    assert libmatch.match_buffers(index, [part]).verdicts == ["no_match"]
    (verdict,) = libmatch.match_buffers(index, [part], effort="thorough").uploads
    assert verdict.verdict == "match"
    match = verdict.matches[0]
    assert (match.id, match.label, match.tier, match.distance) == (11, "b", "parts", None)
    assert match.votes >= 8
    assert match.transform == pytest.approx((400 / 640, 0, 150 / 640, 0, 300 / 480, 100 / 480), abs=0.02)
    left_out = png(np.ascontiguousarray(images[2][100:400, 150:550]))
    assert libmatch.match_buffers(index, [left_out], effort="thorough").verdicts == ["no_match"]


def test_keypoints_of_files_are_those_of_their_pixels() -> None:
    image = squares(5)
    hashes = libmatch.hash_buffers([png(image), b"no image"], keypoints=30)
    assert hashes.keypoints is not None
    assert hashes.keypoints.offsets.tolist() == [0, 30]
    assert np.array_equal(hashes.keypoints.codes, libmatch.extract_keypoints([image], 30).codes)
    thorough = libmatch.hash_buffers([png(image)], effort="thorough").keypoints
    assert thorough is not None
    assert thorough.offsets.tolist() == [0, 200]
    index = libmatch.Index()
    with pytest.raises(ValueError, match="ids has 2 values for 1 images"):
        index.add_keypoints([1, 2], hashes.keypoints)
    with pytest.raises(ValueError, match="max_points is 0"):
        libmatch.extract_keypoints([image], 0)
