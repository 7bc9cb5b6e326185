"""libmatch duplicates."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from PIL import Image

from conftest import Command, picture, rows, save


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """Make two pictures with copies, one alone, plain ones and texts, of each two that are equal."""
    folder = tmp_path / "disk"
    save(picture(1), folder / "b.png")
    save(picture(1).resize((240, 156)), folder / "sub/altered.jpg")
    save(picture(0), folder / "a.png")
    save(picture(0), folder / "sub/a copy.png")
    save(picture(5), folder / "alone.png")
    for name, colour in [("plain1.png", "white"), ("plain2.png", "white"), ("plain3.png", "black")]:
        save(Image.new("RGB", (100, 100), colour), folder / name)
    for name, text in [("text1.txt", "no image"), ("text2.txt", "no image"), ("text3.txt", "another")]:
        (folder / name).write_text(text)
    return folder


def test_groups(libmatch: Command, disk: Path) -> None:
    result = libmatch("duplicates", "disk", code=3)
    found = rows(result)
    distance = int(found[3][2])
    assert 1 <= distance <= 31
    assert found == [
        ["1", "pdq256", "0", "disk/a.png"],
        ["1", "pdq256", "0", "disk/sub/a copy.png"],
        ["2", "pdq256", "0", "disk/b.png"],
        ["2", "pdq256", str(distance), "disk/sub/altered.jpg"],
        ["3", "sha256", "0", "disk/plain1.png"],
        ["3", "sha256", "0", "disk/plain2.png"],
        ["4", "sha256", "0", "disk/text1.txt"],
        ["4", "sha256", "0", "disk/text2.txt"],
    ]


def test_what_has_no_code_to_go_by_is_named(libmatch: Command, disk: Path) -> None:
    lines = libmatch("duplicates", "disk", "missing.png", code=3).stderr.splitlines()
    assert [line.split(": ")[1] for line in lines[:-2]] == [
        *[f"disk/plain{i}.png" for i in (1, 2, 3)],
        *[f"disk/text{i}.txt" for i in (1, 2, 3)],
        "missing.png",
    ]
    assert lines[0] == "libmatch: disk/plain1.png: quality 0 is under 50: compared by its bytes only"
    assert "No such file or directory" in lines[6]
    assert lines[-2:] == ["libmatch: low quality: 3", "libmatch: not scanned: 4"]


def test_exit_code_0_when_all_was_scanned(libmatch: Command, disk: Path) -> None:
    for path in disk.glob("*.txt"):
        path.unlink()
    assert len(rows(libmatch("duplicates", "disk"))) == 6


def test_json(libmatch: Command, disk: Path) -> None:
    groups = [json.loads(line) for line in libmatch("duplicates", "--json", "disk", code=3).stdout.splitlines()]
    assert [list(group) for group in groups] == [["group", "kind", "files"]] * 4
    assert groups[0] == {
        "group": 1,
        "kind": "pdq256",
        "files": [{"path": "disk/a.png", "distance": 0}, {"path": "disk/sub/a copy.png", "distance": 0}],
    }
    assert [(group["kind"], len(group["files"])) for group in groups] == [("pdq256", 2)] * 2 + [("sha256", 2)] * 2


def test_distance_and_quality_can_be_chosen(libmatch: Command, disk: Path) -> None:
    distance = int(rows(libmatch("duplicates", "disk", code=3))[3][2])
    images = ["disk/b.png", "disk/sub/altered.jpg"]
    assert len(rows(libmatch("duplicates", "--max-distance", distance, *images))) == 2
    assert rows(libmatch("duplicates", "--max-distance", distance - 1, *images)) == []
    # Two white pictures have one code, too.
    found = rows(libmatch("duplicates", "--min-quality", 0, "disk/plain1.png", "disk/plain2.png"))
    assert [row[1] for row in found] == ["pdq256", "pdq256"]


def test_pairs_connect_to_one_group(libmatch: Command, tmp_path: Path) -> None:
    """Of three pictures the ends are farther apart than either is from the one between."""
    for i in range(3):
        image = Image.blend(picture(0), picture(1), 0.06 * i)
        save(image, tmp_path / "chain" / f"{i}.png")
    near, far = (int(row[2]) for row in rows(libmatch("duplicates", "--max-distance", 256, "chain"))[1:])
    step = int(rows(libmatch("duplicates", "--max-distance", 256, "chain/1.png", "chain/2.png"))[1][2])
    assert max(near, step) < far
    found = rows(libmatch("duplicates", "--max-distance", max(near, step), "chain"))
    assert [(row[0], int(row[2])) for row in found] == [("1", 0), ("1", near), ("1", far)]


def test_names_of_any_bytes(libmatch: Command, tmp_path: Path) -> None:
    save(picture(0), tmp_path / "x/a.png")
    save(picture(0), tmp_path / "x/b.png")
    os.rename(tmp_path / "x/a.png", os.fsencode(tmp_path) + b"/x/tab\tbyte\xff.png")
    expected = r"x/tab\tbyte\xff.png"
    assert [row[3] for row in rows(libmatch("duplicates", "x"))] == ["x/b.png", expected]
    files = json.loads(libmatch("duplicates", "--json", "x").stdout)["files"]
    assert [file["path"] for file in files] == ["x/b.png", expected]


def test_a_file_is_no_duplicate_of_itself(libmatch: Command, disk: Path, tmp_path: Path) -> None:
    (disk / "link.png").symlink_to("alone.png")
    os.link(disk / "alone.png", disk / "named twice.png")
    result = libmatch("duplicates", "disk/alone.png", "./disk/alone.png", "disk/link.png", "disk/named twice.png")
    assert result.stdout == ""
    # "." comes before every letter: it is the first path of the file.
    assert result.stderr.splitlines() == [
        f"libmatch: disk/{name}: left out: the same file as ./disk/alone.png"
        for name in ["alone.png", "link.png", "named twice.png"]
    ]


def test_the_order_of_paths_does_not_matter(libmatch: Command, disk: Path) -> None:
    expected = libmatch("duplicates", "disk", code=3).stdout
    assert libmatch("duplicates", "disk/sub", "disk", "disk/b.png", code=3).stdout == expected
    listed = "".join(f"{path.relative_to(disk.parent)}\n" for path in disk.rglob("*") if path.is_file())
    assert libmatch("duplicates", "-", stdin=listed, code=3).stdout == expected


def test_an_empty_folder_is_pointed_out(libmatch: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = libmatch("duplicates", "empty")
    assert (result.stdout, result.stderr) == ("", "libmatch: there are no files\n")
