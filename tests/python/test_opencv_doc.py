"""PDQ on the photographs and drawings of Debian's package opencv-doc, against the reference's answers.

The facts and where they come from: tests/golden/pdq_opencv_doc.md.
"""

from __future__ import annotations

import csv
import hashlib
import sys
from pathlib import Path

import libmatch
import numpy as np
import pytest

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "tools"))

from debian_packages import PackageError  # noqa: E402
from demonstration.photographs import image_paths  # noqa: E402

CODES = ("pdq", "rot90", "rot180", "rot270", "flipx", "flipy", "flipplus1", "flipminus1")

# Images whose pixels libmatch decodes otherwise than the reference's decoder did, and why. There is none.
OTHER_PIXELS: dict[str, str] = {}

# Images for which the reference gives no answer, as its pixels are a choice.
WITHOUT_ANSWER = {
    "cards.png": "alpha",
    "chessboard.png": "alpha",
    "chicky_512.png": "alpha",
    "detect_blob.png": "alpha",
    "gradient.png": "alpha",
    "imageTextN.png": "palette",
    "imageTextR.png": "palette",
    "mask.png": "grey with alpha",
    "opencv-logo-white.png": "alpha",
    "opencv-logo.png": "alpha",
    "templ.png": "alpha",
    "tmpl.png": "alpha",
}


def read_answers() -> dict[str, dict[str, str]]:
    with (PROJECT / "tests" / "golden" / "pdq_opencv_doc.tsv").open(encoding="utf-8") as file:
        return {Path(row["path"]).name: row for row in csv.DictReader(file, delimiter="\t")}


ANSWERS = read_answers()


@pytest.fixture(scope="module")
def photographs() -> dict[str, Path]:
    try:
        return {path.name: path for path in image_paths(PROJECT / ".cache")}
    except PackageError as error:
        pytest.skip(str(error))


def test_the_package_is_the_one_that_was_asked(photographs: dict[str, Path]) -> None:
    assert len(ANSWERS) == 79
    assert set(photographs) == set(ANSWERS) | set(WITHOUT_ANSWER)
    digests = {name: hashlib.sha256(photographs[name].read_bytes()).hexdigest() for name in ANSWERS}
    assert digests == {name: answer["file_sha256"] for name, answer in ANSWERS.items()}


def test_decoded_pixels_are_the_reference_decoders(photographs: dict[str, Path]) -> None:
    other = set()
    for name, answer in ANSWERS.items():
        pixels = libmatch.decode(photographs[name].read_bytes())
        assert pixels.shape == (int(answer["height"]), int(answer["width"]), 3), name
        if hashlib.sha256(np.ascontiguousarray(pixels).tobytes()).hexdigest() != answer["rgb_sha256"]:
            other.add(name)
    assert other == set(OTHER_PIXELS)


def test_every_code_and_quality_is_the_references(photographs: dict[str, Path]) -> None:
    names = [name for name in ANSWERS if name not in OTHER_PIXELS]
    hashes = libmatch.hash_files([photographs[name] for name in names], orientations="derived")
    assert hashes.codes.shape == (len(names), 8, 32)
    for name, codes, quality in zip(names, hashes.codes, hashes.quality, strict=True):
        answer = ANSWERS[name]
        assert {which: code.tobytes().hex() for which, code in zip(CODES, codes, strict=True)} == {
            which: answer[which] for which in CODES
        }, name
        assert int(quality) == int(answer["quality"]), name


def test_pixels_give_the_same_codes_as_files(photographs: dict[str, Path]) -> None:
    paths = [photographs[name] for name in ("baboon.jpg", "box.png", "left01.jpg")]
    of_files = libmatch.hash_files(paths, orientations="derived")
    of_pixels = libmatch.hash_images([libmatch.decode(p.read_bytes()) for p in paths], orientations="derived")
    assert np.array_equal(of_pixels[0], of_files.codes)
    assert np.array_equal(of_pixels[1], of_files.quality)


def test_images_without_a_reference_answer_are_scanned(photographs: dict[str, Path]) -> None:
    hashes = libmatch.hash_files([photographs[name] for name in WITHOUT_ANSWER])
    assert list(hashes.reasons) == [""] * len(WITHOUT_ANSWER)


def test_sampled_orientations_are_nearly_the_true_ones(photographs: dict[str, Path]) -> None:
    """Boards and diagrams of the package are among them; docs/decisions/006-tier-one.md has larger sets."""
    paths = list(photographs.values())
    exact = libmatch.hash_files(paths, orientations="true")
    sampled = libmatch.hash_files(paths, orientations="sampled")
    derived = libmatch.hash_files(paths, orientations="derived")
    usable = exact.quality >= 50
    assert usable.sum() == 90
    off = np.bitwise_count(exact.codes ^ sampled.codes).sum(axis=2)[usable, 1:]
    assert off.max() <= 2
    assert off.mean() <= 0.01
    # What the distances of sampled codes are worth: derived ones are a true turn's less often than not.
    off = np.bitwise_count(exact.codes ^ derived.codes).sum(axis=2)[usable, 1:]
    assert np.median(off) >= 4
