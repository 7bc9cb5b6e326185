"""The pieces of `./dev demo`: what is altered, counted and shown. The photographs themselves are not needed here."""

from __future__ import annotations

import io
import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from debian_packages import PackageError
from demonstration.alterations import ALTERATIONS, Alteration, altered_bytes, over_white
from demonstration.page import Findings, render
from demonstration.photographs import groups_of_near_duplicates, image_paths, split_in_halves
from demonstration.table import Upload, as_text, broken_promises, parse_answers, tally

BY_KEY = {alteration.key: alteration for alteration in ALTERATIONS}


def picture(width: int = 200, height: int = 120) -> Image.Image:
    """A ramp in each channel, with a dark square in the upper left corner."""
    image = Image.new("RGB", (width, height))
    image.putdata([(255 * x // width, 255 * y // height, 128) for y in range(height) for x in range(width)])
    image.paste((10, 10, 10), (0, 0, width // 5, width // 5))
    return image


def altered(key: str, image: Image.Image) -> Image.Image:
    return Image.open(io.BytesIO(altered_bytes(BY_KEY[key], image, "picture.png"))).convert("RGB")


@pytest.mark.parametrize(
    ("key", "size"),
    [
        ("jpeg90", (200, 120)),
        ("gif64", (200, 120)),
        ("quarter", (50, 30)),
        ("half", (100, 60)),
        ("double", (400, 240)),
        ("crop2", (196, 118)),
        ("crop10", (180, 108)),
        ("border", (220, 140)),
        ("rotate5", (200, 120)),
        ("turn", (120, 200)),
        ("mirror", (200, 120)),
    ],
)
def test_altered_copies_have_the_promised_size(key: str, size: tuple[int, int]) -> None:
    assert altered(key, picture()).size == size


@pytest.mark.parametrize("alteration", ALTERATIONS, ids=lambda alteration: alteration.key)
def test_altered_copies_are_the_same_every_time(alteration: Alteration) -> None:
    first = altered_bytes(alteration, picture(), "picture.png")
    assert first == altered_bytes(alteration, picture(), "picture.png")
    with Image.open(io.BytesIO(first)) as copy:
        assert copy.format == alteration.format


def test_noise_differs_from_image_to_image() -> None:
    noise = BY_KEY["noise"]
    assert altered_bytes(noise, picture(), "a.png") != altered_bytes(noise, picture(), "b.png")


def test_pixels_go_where_the_alteration_says() -> None:
    def darkest(key: str, box: tuple[int, int, int, int]) -> int:
        return int(np.asarray(altered(key, picture()).crop(box)).max())

    assert darkest("jpeg90", (0, 0, 10, 10)) < 40
    assert darkest("mirror", (190, 0, 200, 10)) < 40
    assert darkest("turn", (0, 190, 10, 200)) < 40  # counter-clockwise: upper left to lower left
    assert darkest("border", (214, 0, 220, 140)) < 40
    assert darkest("mirror", (0, 0, 10, 10)) > 100
    grey = np.asarray(altered("grey", picture()))
    assert np.array_equal(grey[..., 0], grey[..., 1])
    assert np.array_equal(grey[..., 0], grey[..., 2])


def test_transparency_lies_over_white() -> None:
    image = Image.new("RGBA", (2, 1), (255, 0, 0, 255))
    image.putpixel((1, 0), (255, 0, 0, 0))
    shown = over_white(image)
    assert [shown.getpixel((x, 0)) for x in range(2)] == [(255, 0, 0), (255, 255, 255)]


def test_near_duplicates_share_a_group_in_any_orientation() -> None:
    def codes(plain: int, turned: int) -> list[bytes]:
        return [plain.to_bytes(32, "big"), turned.to_bytes(32, "big")]

    far = (1 << 128) - 1  # 128 bits from 0
    names = ["d", "a", "c", "b"]
    of_names = [codes(0, far << 64), codes(far, far << 128), codes(7, far << 100), codes(far << 32, far ^ 1)]
    assert groups_of_near_duplicates(names, of_names, 3) == [["a", "b"], ["c", "d"]]
    assert groups_of_near_duplicates(names, of_names, 2) == [["a", "b"], ["c"], ["d"]]


def test_halves_are_even_and_keep_groups_whole() -> None:
    groups = [["a"], ["b", "c"], ["d"], ["e"], ["f", "g", "h"], ["i"]]
    known, unknown = split_in_halves(groups)
    assert sorted(known + unknown) == list("abcdefghi")
    assert abs(len(known) - len(unknown)) == 1
    for group in groups:
        assert set(group) <= set(known) or set(group) <= set(unknown)
    assert (known, unknown) == split_in_halves(groups[::-1])


def test_photographs_that_were_unpacked_are_used_again(tmp_path: Path) -> None:
    folder = tmp_path / "opencv-doc"
    folder.mkdir()
    for name in ("b.png", "a.jpg", "readme.txt"):
        (folder / name).write_bytes(b"")
    assert [path.name for path in image_paths(tmp_path)] == ["a.jpg", "b.png"]


def test_a_failed_download_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = tmp_path / "commands"
    commands.mkdir()
    for command in ("apt-get", "sudo"):
        (commands / command).write_text("#!/bin/sh\necho 'E: no network' >&2\nexit 100\n")
        (commands / command).chmod(0o755)
    monkeypatch.setenv("PATH", f"{commands}:/usr/bin:/bin")
    with pytest.raises(PackageError, match=r"needs the network once.*E: no network"):
        image_paths(tmp_path / "cache")
    assert not (tmp_path / "cache" / "opencv-doc").exists()


def line(path: str, verdict: str, matches: list[tuple[int, str]]) -> str:
    best = matches[0] if matches else (None, None)
    listed = [{"distance": distance, "id": 0, "label": label, "verdict": "match"} for distance, label in matches]
    return json.dumps(
        {
            "path": path,
            "verdict": verdict,
            "distance": best[0],
            "id": 0,
            "label": best[1],
            "reason": "",
            "matches": listed,
        }
    )


UPLOADS = [
    Upload(Path("m/1"), "mirror", "one.jpg", known=True),
    Upload(Path("m/2"), "mirror", "two.jpg", known=True),
    Upload(Path("m/3"), "mirror", "three.jpg", known=True),
    Upload(Path("m/8"), "mirror", "eight.jpg", known=False),
    Upload(Path("m/9"), "mirror", "nine.jpg", known=False),
    Upload(Path("j/1"), "jpeg90", "one.jpg", known=True),
    Upload(Path("j/9"), "jpeg90", "nine.jpg", known=False),
]
ANSWERS = [
    line("m/1", "match", [(2, "two.jpg"), (12, "one.jpg")]),  # found, though another entry is nearer
    line("m/2", "match", [(30, "one.jpg")]),  # taken for another: a false alarm, and a miss
    line("m/3", "no_match", []),
    line("m/8", "no_match", []),
    line("m/9", "match", [(31, "three.jpg")]),
    line("j/1", "match", [(0, "one.jpg")]),
    line("j/9", "not_scanned", []),
]
MISSED = {Path("m/2"): 100, Path("m/3"): 64}


def test_the_table_counts_right() -> None:
    rows = tally([BY_KEY["mirror"], BY_KEY["jpeg90"]], UPLOADS, parse_answers(ANSWERS), MISSED)
    mirror, jpeg = rows
    assert (mirror.known, mirror.found, mirror.unknown, mirror.false_alarms, mirror.not_scanned) == (3, 1, 2, 2, 0)
    assert mirror.median_distance == 64
    assert (jpeg.known, jpeg.found, jpeg.unknown, jpeg.false_alarms, jpeg.not_scanned) == (1, 1, 1, 0, 1)
    assert jpeg.median_distance == 0
    text = as_text(rows).splitlines()[1]
    assert re.fullmatch(r"Mirrored +1/3 +33.3% +2/5 +64", text)


def test_a_near_duplicate_is_neither_found_nor_a_false_alarm() -> None:
    upload = Upload(Path("m/1"), "mirror", "left.jpg", known=True, near_duplicates=frozenset({"right.jpg"}))
    answers = parse_answers([line("m/1", "match", [(20, "right.jpg")])])
    (row,) = tally([BY_KEY["mirror"]], [upload], answers, {upload.path: 40})
    assert (row.found, row.false_alarms, row.median_distance) == (0, 0, 40)
    answers = parse_answers([line("m/1", "match", [(20, "other.jpg")])])
    (row,) = tally([BY_KEY["mirror"]], [upload], answers, {upload.path: 40})
    assert (row.found, row.false_alarms) == (0, 1)


def test_promises_that_do_not_hold_are_named() -> None:
    rows = tally([BY_KEY["mirror"], BY_KEY["jpeg90"]], UPLOADS, parse_answers(ANSWERS), MISSED)
    assert broken_promises(rows) == [
        "Mirrored: 2 images were reported as matches of what they are not.",
        "Mirrored: 33.3% of the known images were found, not 90% or more.",
        "JPEG, quality 90: 1 images were not scanned.",
    ]
    jpeg = replace(rows[1], found=0, not_scanned=0)
    assert broken_promises([jpeg]) == ["JPEG, quality 90: 0.0% of the known images were found, not 100% or more."]


def test_the_page_escapes_what_it_shows(tmp_path: Path) -> None:
    label = '<script>alert("1")</script>.png'
    original = tmp_path / "original.png"
    upload = Upload(tmp_path / 'up"load<b>.png', "jpeg90", label, known=True)
    picture().save(original)
    picture().save(upload.path)
    answers = parse_answers([line(str(upload.path), "match", [(4, label)])])
    rows = tally([BY_KEY["jpeg90"]], [upload], answers, {})
    page = render(
        Findings(
            rows, [upload], answers, {}, {label: original}, [("<i>.png", "a & b")], "<u>fast</u>", ["<s>broken</s>"]
        )
    )
    for markup in ("<script", "<i>", "<u>", "<s>", "<b>", 'alert("'):
        assert markup not in page
    assert "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;.png" in page
    assert "match, distance 4" in page
    assert "&lt;i&gt;.png (a &amp; b)" in page
    assert page.count("data:image/jpeg;base64,") == 2
    assert re.findall(r'(?:src="|href="|url\()(?!data:|#)', page) == []  # nothing from elsewhere
