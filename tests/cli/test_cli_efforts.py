"""Efforts, keypoints and files of several images: libmatch index build --keypoints, match --effort, hash --effort."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from conftest import Command, counts, info, picture, rows, save


def detailed(seed: int, width: int = 800, height: int = 600) -> Image.Image:
    """Make a picture with corners of many sizes: rectangles over each other."""
    generator = np.random.default_rng(seed)
    pixels = np.full((height, width, 3), 128, dtype=np.uint8)
    for _ in range(900):
        size = int(generator.integers(6, 50))
        x, y = int(generator.integers(0, width - size)), int(generator.integers(0, height - size))
        pixels[y : y + size, x : x + size] = generator.integers(0, 256, 3)
    return Image.fromarray(pixels)


def save_animation(images: list[Image.Image], path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    images[0].save(path, save_all=True, append_images=images[1:], lossless=True)
    return path


def match(libmatch: Command, *arguments: Any, code: int = 0) -> dict[str, Any]:
    """Give the answer to a single upload."""
    (line,) = libmatch("match", "--json", *arguments, code=code).stdout.splitlines()
    answer: dict[str, Any] = json.loads(line)
    return answer


ALTERED = {
    "mirrored.png": (ImageOps.mirror, "flip_y", False),
    "turned.png": (lambda image: image.transpose(Image.Transpose.ROTATE_90), "rotate270", False),
    "bordered.png": (lambda image: ImageOps.expand(image, (60, 30), "black"), "plain", True),
    "both.png": (lambda image: ImageOps.expand(ImageOps.mirror(image), 40, "white"), "flip_y", True),
}


@pytest.mark.parametrize("name", ALTERED)
def test_the_standard_effort_sees_through_borders_and_mirrors(
    libmatch: Command, index: Path, tmp_path: Path, name: str
) -> None:
    alter, orientation, trimmed = ALTERED[name]
    save(alter(picture(2)), tmp_path / name)
    found = match(libmatch, index, name)
    assert (found["verdict"], found["label"]) == ("match", "sub/c.png")
    best = found["matches"][0]
    assert (best["tier"], best["orientation"], best["trimmed"]) == ("image", orientation, trimmed)
    assert match(libmatch, "--effort", "fast", index, name)["verdict"] == "no_match"
    assert match(libmatch, "--effort", "thorough", index, name)["verdict"] == "match"


def test_the_transform_leads_from_the_upload_to_the_entry(libmatch: Command, index: Path, tmp_path: Path) -> None:
    save(ImageOps.expand(picture(2), (80, 52), "black"), tmp_path / "bordered.png")  # 480 x 312 of 320 x 208
    x, _, x0, _, y, y0 = match(libmatch, index, "bordered.png")["matches"][0]["transform"]
    assert abs(x * 80 / 480 + x0) < 0.02
    assert abs(x * 400 / 480 + x0 - 1) < 0.02
    assert abs(y * 52 / 312 + y0) < 0.02
    assert abs(y * 260 / 312 + y0 - 1) < 0.02


def test_keypoints_find_parts(libmatch: Command, tmp_path: Path) -> None:
    for seed in range(3):
        save(detailed(seed), tmp_path / "known" / f"{seed}.png")
    save(detailed(1).crop((200, 100, 700, 450)), tmp_path / "part.png")
    save(ImageOps.mirror(detailed(1)).crop((100, 150, 600, 500)).rotate(20), tmp_path / "turned.png")
    save(detailed(7).crop((200, 100, 700, 450)), tmp_path / "unknown.png")
    libmatch("index", "build", "plain", "known")
    libmatch("index", "build", "--keypoints", "parts", "known")
    assert (info(libmatch, "plain")["keypoint_sets"], info(libmatch, "plain")["keypoints"]) == (0, 0)
    assert (info(libmatch, "parts")["keypoint_sets"], info(libmatch, "parts")["keypoints"]) == (3, 600)
    assert match(libmatch, "--effort", "thorough", "plain", "part.png")["verdict"] == "no_match"
    assert match(libmatch, "parts", "part.png")["verdict"] == "no_match"
    for upload in ["part.png", "turned.png"]:
        found = match(libmatch, "--effort", "thorough", "parts", upload)
        assert (found["verdict"], found["label"], found["distance"]) == ("match", "1.png", None)
        best = found["matches"][0]
        assert (best["tier"], best["verdict"]) == ("parts", "match")
        assert best["votes"] >= 8
        row = rows(libmatch("match", "--effort", "thorough", "parts", upload))[0]
        assert row == [upload, "match", f"{best['votes']} votes", "1", "1.png", "-"]
    assert match(libmatch, "--effort", "thorough", "parts", "unknown.png")["verdict"] == "no_match"


def test_keypoints_are_added_and_removed_with_their_images(libmatch: Command, tmp_path: Path) -> None:
    for seed in range(2):
        save(detailed(seed), tmp_path / f"{seed}.png")
    libmatch("index", "build", "i", "0.png")
    libmatch("index", "add", "--keypoints=50", "i", "1.png")
    assert (info(libmatch, "i")["keypoint_sets"], info(libmatch, "i")["keypoints"]) == (1, 50)
    libmatch("index", "remove", "i", 1)
    assert info(libmatch, "i")["keypoint_sets"] == 0
    for value in ["0", "65536", "many", "-1"]:
        assert "--keypoints" in libmatch("index", "build", f"--keypoints={value}", "j", "0.png", code=2).stderr
    (tmp_path / "list.csv").write_text("a" * 64 + "\n")
    libmatch("index", "build", "--keypoints", "j", "--codes", "list.csv", code=2)


def test_every_distinct_frame_is_an_entry(libmatch: Command, tmp_path: Path) -> None:
    plain = Image.new("RGB", (320, 208), "black")
    save_animation([picture(1), plain, picture(1), picture(2)], tmp_path / "known" / "a.webp")
    result = libmatch("index", "build", "i", "known")
    assert result.stdout == counts(2, left_out=1)
    assert result.stderr == "libmatch: known/a.webp: image 1: left out: quality 0 is under 50\n"
    for seed, id_ in [(1, "0"), (2, "1")]:
        save(picture(seed), tmp_path / "upload.png")
        assert rows(libmatch("match", "i", "upload.png")) == [["upload.png", "match", "0", id_, "a.webp", "-"]]


def test_every_frame_of_an_upload_counts(libmatch: Command, index: Path, tmp_path: Path) -> None:
    upload = save_animation([picture(60), picture(61), picture(3)], tmp_path / "a.webp")
    found = match(libmatch, index, "a.webp")
    assert (found["verdict"], found["label"], found["matches"][0]["frame"]) == ("match", "z.png", 2)
    whole = upload.read_bytes()
    upload.write_bytes(whole[: len(whole) - 1000])
    short = match(libmatch, index, "a.webp", code=3)
    assert (short["verdict"], short["matches"]) == ("not_scanned", [])
    assert short["reason"]


def test_hash_prints_what_match_looks_up(libmatch: Command, known: Path, tmp_path: Path) -> None:
    plain = rows(libmatch("hash", "known/a.png"))[0]
    assert rows(libmatch("hash", "--effort", "fast", "known/a.png")) == [[*plain, "0", "whole", "plain"]]
    save(ImageOps.expand(picture(0), 40, "black"), tmp_path / "bordered.png")
    (tmp_path / "notes.txt").write_text("no image")
    result = rows(libmatch("hash", "--effort", "standard", "bordered.png", "notes.txt", code=3))
    assert [row[4] for row in result] == ["whole"] * 8 + ["framed"] * 8 + ["-"]
    assert len({row[0] for row in result[:16]}) == 16
    assert result[16] == ["-", "-", "notes.txt", "-", "-", "-"]
    lines = libmatch("hash", "--effort", "standard", "--json", "bordered.png", "notes.txt", code=3).stdout.splitlines()
    bordered, notes = map(json.loads, lines)
    assert list(bordered) == ["path", "hash", "scan", "reason", "images"]
    assert [(image["frame"], image["trimmed"]) for image in bordered["images"]] == [(0, False), (0, True)]
    assert [code for image in bordered["images"] for code in image["codes"].values()] == [r[0] for r in result[:16]]
    assert (notes["scan"], notes["images"]) == ("unknown_format", [])
    libmatch("hash", "--effort", "standard", "--hash", "md5", "notes.txt", code=2)
    libmatch("hash", "--effort", "thorough", "notes.txt", code=2)
