"""libmatch match."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest
from PIL import Image

from conftest import Command, picture, rows, save


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    """Make a copy, an altered copy, an unknown picture, a plain one, and what is no picture."""
    folder = tmp_path / "uploads"
    save(picture(0), folder / "1-copy.png")
    save(picture(1).resize((240, 156)), folder / "2-altered.jpg")
    save(picture(50), folder / "3-unknown.png")
    save(Image.new("RGB", (100, 100), "white"), folder / "4-plain.png")
    (folder / "5-text.txt").write_text("no image")
    return folder


def test_a_line_an_upload(libmatch: Command, index: Path, uploads: Path) -> None:
    result = libmatch("match", index, "uploads", "missing.png", code=3)
    copy, altered, unknown, plain, text, missing = rows(result)
    assert copy == ["uploads/1-copy.png", "match", "0", "0", "a.png", "-"]
    assert altered[:2] + altered[3:] == ["uploads/2-altered.jpg", "match", "1", "b.png", "-"]
    assert 1 <= int(altered[2]) <= 31
    assert unknown == ["uploads/3-unknown.png", "no_match", "-", "-", "-", "-"]
    assert plain[:5] == ["uploads/4-plain.png", "low_quality", "-", "-", "-"]
    assert plain[5] != "-"
    assert text[:5] == ["uploads/5-text.txt", "not_scanned", "-", "-", "-"]
    assert text[5] != "-"
    assert missing[:5] == ["missing.png", "not_scanned", "-", "-", "-"]
    assert "No such file or directory" in missing[5]
    assert result.stderr == "libmatch: not scanned: 2\n"


def test_exit_code_0_when_all_was_scanned(libmatch: Command, index: Path, uploads: Path) -> None:
    (uploads / "5-text.txt").unlink()
    assert libmatch("match", index, "uploads").stderr == ""


def test_json(libmatch: Command, index: Path, uploads: Path) -> None:
    lines = libmatch("match", "--json", index, "uploads", code=3).stdout.splitlines()
    copy, altered, unknown, plain, text = map(json.loads, lines)
    for upload in [copy, altered, unknown, plain, text]:
        assert list(upload) == ["path", "verdict", "distance", "id", "label", "reason", "matches"]
    assert copy == {
        "path": "uploads/1-copy.png",
        "verdict": "match",
        "distance": 0,
        "id": 0,
        "label": "a.png",
        "reason": None,
        "matches": [
            {
                "kind": "pdq256",
                "distance": 0,
                "id": 0,
                "label": "a.png",
                "verdict": "match",
                "tier": "image",
                "votes": None,
                "frame": 0,
                "orientation": "plain",
                "trimmed": False,
                "transform": [1, 0, 0, 0, 1, 0],
            }
        ],
    }
    assert {key: altered["matches"][0][key] for key in ["kind", "distance", "id", "label"]} == {"kind": "pdq256"} | {
        key: altered[key] for key in ["distance", "id", "label"]
    }
    assert unknown == {
        "path": "uploads/3-unknown.png",
        "verdict": "no_match",
        "distance": None,
        "id": None,
        "label": None,
        "reason": None,
        "matches": [],
    }
    assert (plain["verdict"], plain["matches"]) == ("low_quality", [])
    assert plain["reason"]
    assert (text["verdict"], text["matches"]) == ("not_scanned", [])
    assert text["reason"]


def test_all_matches_best_first(libmatch: Command, index: Path, known: Path) -> None:
    libmatch("index", "add", index, "known/sub/c.png", "known/a.png")
    upload = json.loads(libmatch("match", "--json", index, "known/a.png").stdout)
    assert [(m["distance"], m["id"], m["label"]) for m in upload["matches"]] == [(0, 0, "a.png"), (0, 4, "a.png")]
    farther = json.loads(libmatch("match", "--json", "--max-distance", 256, index, "known/a.png").stdout)
    order = [(m["distance"], m["id"]) for m in farther["matches"]]
    assert len(order) == 6
    assert order == sorted(order)


def test_distance_and_quality_can_be_chosen(libmatch: Command, index: Path, uploads: Path) -> None:
    distance = int(rows(libmatch("match", index, "uploads/2-altered.jpg"))[0][2])
    at = libmatch("match", "--max-distance", distance, index, "uploads/2-altered.jpg")
    assert rows(at)[0][1] == "match"
    nearer = ["match", "--max-distance", distance - 1]
    below = libmatch(*nearer, "--review-distance", 0, index, "uploads/2-altered.jpg")
    assert rows(below)[0][1] == "no_match"
    assert rows(libmatch(*nearer, index, "uploads/2-altered.jpg"))[0][1] == "review"
    at_review = libmatch(*nearer, "--review-distance", distance, index, "uploads/2-altered.jpg")
    assert rows(at_review)[0][1:5] == ["review", str(distance), "1", "b.png"]
    assert rows(libmatch("match", "--min-quality", 0, index, "uploads/4-plain.png"))[0][1] == "no_match"


def digest_index(libmatch: Command, tmp_path: Path, lines: list[str]) -> None:
    (tmp_path / "list.csv").write_text("\n".join(["kind,code,id,label", *lines]) + "\n")
    libmatch("index", "build", "digests.index", "--codes", "list.csv")


def test_digests_count_whatever_became_of_the_image(libmatch: Command, uploads: Path, tmp_path: Path) -> None:
    def line(kind: str, name: str, id_: int) -> str:
        return f"{kind},{hashlib.new(kind, (uploads / name).read_bytes()).hexdigest()},{id_},{name}"

    digest_index(
        libmatch,
        tmp_path,
        [line("md5", "5-text.txt", 1), line("sha1", "4-plain.png", 2), line("sha256", "3-unknown.png", 3)],
    )
    result = libmatch("match", "--json", "digests.index", "uploads", code=3)
    by_name = {json.loads(row)["path"][8:]: json.loads(row) for row in result.stdout.splitlines()}
    assert by_name["1-copy.png"]["verdict"] == "no_match"
    for name, kind, id_ in [("5-text.txt", "md5", 1), ("4-plain.png", "sha1", 2), ("3-unknown.png", "sha256", 3)]:
        assert by_name[name]["verdict"] == "match"
        (found,) = by_name[name]["matches"]
        assert (found["kind"], found["distance"], found["id"], found["label"]) == (kind, 0, id_, name)
        assert (found["tier"], found["verdict"]) == ("digest", "match")
    assert by_name["5-text.txt"]["reason"]
    # It matched, yet nobody has seen the picture in it.
    assert libmatch("match", "digests.index", "uploads/5-text.txt", code=3).stderr == "libmatch: not scanned: 1\n"


def test_an_index_of_another_hash_is_refused(libmatch: Command, uploads: Path, tmp_path: Path) -> None:
    digest_index(libmatch, tmp_path, [f"code,{'0' * 16},1,"])
    result = libmatch("match", "digests.index", "uploads", code=1)
    assert result.stdout == ""
    assert result.stderr.startswith("libmatch: ")


def test_names_and_labels_are_escaped(libmatch: Command, known: Path) -> None:
    (known / "a.png").rename(known / "tab\tline\nback\\\udcff.png")
    libmatch("index", "build", "i", "known")
    row = rows(libmatch("match", "i", "known"))[2]
    assert row[0] == r"known/tab\tline\nback\\\xff.png"
    # The label is text: the escaped name, whose backslashes are escaped in turn.
    assert row[4] == r"tab\\tline\\nback\\\\\\xff.png"


def test_paths_from_standard_input(libmatch: Command, index: Path, uploads: Path) -> None:
    result = libmatch("match", index, "-", stdin="uploads/3-unknown.png\nuploads/1-copy.png\n")
    assert [row[1] for row in rows(result)] == ["no_match", "match"]


def test_an_empty_folder_is_pointed_out(libmatch: Command, index: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = libmatch("match", index, "empty")
    assert (result.stdout, result.stderr) == ("", "libmatch: there are no files\n")


def test_brackets_are_part_of_a_name(libmatch: Command, index: Path, known: Path, tmp_path: Path) -> None:
    image = sorted(known.iterdir())[0]
    for name in ("[]", "[a.png]", "[a,b].png"):
        (tmp_path / name).write_bytes(image.read_bytes())
    rows = libmatch("match", index, "[]", "[a.png]", "[a,b].png").stdout.splitlines()
    found = [row.split("\t")[:2] for row in rows]
    assert found == [["./[]", "match"], ["./[a.png]", "match"], ["./[a,b].png", "match"]]


def test_a_dangling_link_is_not_scanned(libmatch: Command, index: Path, tmp_path: Path) -> None:
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "gone").symlink_to("nowhere")
    assert libmatch("match", index, "links", code=3).stdout.split("\t")[:2] == ["links/gone", "not_scanned"]


def test_a_pipe_is_neither_an_index_nor_an_upload(libmatch: Command, index: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert rows(libmatch("match", index, "pipe", code=3)) == [
        ["pipe", "not_scanned", "-", "-", "-", "pipe: not a regular file"]
    ]
    for verb in [["match", "pipe", "known"], ["index", "info", "pipe"], ["index", "verify", "pipe"]]:
        assert libmatch(*verb, code=1).stderr == "libmatch: pipe: not a regular file\n"
    for verb, what in [("add", "known"), ("remove", "1"), ("build", "known")]:
        assert "pipe: not a regular file" in libmatch("index", verb, "pipe", what, code=1).stderr


def test_json_names_the_bytes_of_a_path(libmatch: Command, index: Path, known: Path) -> None:
    (known / "a.png").rename(known / "a\udcff.png")
    first, second = map(json.loads, libmatch("match", "--json", index, "known").stdout.splitlines()[:2])
    paths = {answer["path"]: answer.get("path_bytes") for answer in (first, second)}
    assert paths == {r"known/a\xff.png": b"known/a\xff.png".hex(), "known/b.png": None}


def test_zero_bytes_between_paths_are_refused(libmatch: Command, index: Path) -> None:
    result = libmatch("match", index, "-", stdin="a.png\0b.png\n", code=1)
    assert result.stdout == ""
    assert "zero byte" in result.stderr


def test_files_have_limited_time(libmatch: Command, index: Path, uploads: Path) -> None:
    # Far more bands of rows than are decoded in a millisecond.
    save(picture(0).resize((6000, 6000)), uploads / "1-copy.png")
    (line,) = rows(libmatch("match", "--max-milliseconds=1", index, "uploads/1-copy.png", code=3))
    assert line[1] == "not_scanned"
    assert line[5] == "took longer than 1 ms"
    assert rows(libmatch("match", "--max-milliseconds=0", index, "uploads/1-copy.png"))[0][1] == "match"
    for verb in (["hash"], ["index", "build", "new.lm"], ["duplicates"]):
        result = libmatch(*verb, "--max-milliseconds=1", "uploads/1-copy.png", code=1 if verb[0] == "index" else 3)
        assert "took longer than 1 ms" in result.stdout + result.stderr
    assert "no number from 0 to" in libmatch("hash", "--max-milliseconds=-1", "uploads", code=2).stderr
