"""Other hashes than PDQ: --hash and --hasher of hash, index build, index add and match."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from PIL import Image

from conftest import Command, counts, info, picture, rows, save

BITS = {"ahash64": 64, "dhash64": 64, "phash64": 64, "ahash256": 256, "dhash256": 256, "phash256": 256}
HASH = pytest.mark.parametrize("hash", BITS)


@pytest.fixture
def average_colour() -> str:
    folder = os.environ.get("LIBMATCH_PLUGINS")
    if folder is None:
        pytest.skip("LIBMATCH_PLUGINS names no folder of plug-ins: ./dev test sets it")
    return str(Path(folder) / "average_colour.so")


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    save(picture(0).resize((240, 156)), tmp_path / "uploads" / "1-altered.png")
    save(picture(50), tmp_path / "uploads" / "2-unknown.png")
    save(Image.new("RGB", (100, 100), "white"), tmp_path / "uploads" / "3-plain.png")
    save(Image.new("RGB", (3, 3), "white"), tmp_path / "uploads" / "4-tiny.png")
    return tmp_path / "uploads"


@HASH
def test_codes(libmatch: Command, known: Path, hash: str) -> None:
    code, quality, path = rows(libmatch("hash", "--hash", hash, "known/a.png"))[0]
    assert (4 * len(code), path) == (BITS[hash], "known/a.png")
    assert quality == rows(libmatch("hash", "known/a.png"))[0][1]
    assert json.loads(libmatch("hash", "--json", "--hash", hash, "known/a.png").stdout)["hash"] == hash


@HASH
def test_from_index_to_verdict(libmatch: Command, known: Path, uploads: Path, hash: str) -> None:
    assert libmatch("index", "build", "--hash", hash, "i", "known").stdout == counts(4)
    held = info(libmatch, "i")
    assert (held["hash"], held["bits"], held["profile"]) == (hash, BITS[hash], "libmatch-1-lanczos")
    verdicts = [row[1] for row in rows(libmatch("match", "i", "uploads"))]
    assert verdicts == ["match", "no_match", "low_quality", "low_quality"]
    # An index says what more images get.
    assert libmatch("index", "add", "i", uploads / "2-unknown.png").stdout == counts(1)
    assert rows(libmatch("match", "i", "uploads"))[1][1:4] == ["match", "0", "4"]
    refused = libmatch("index", "add", "--hash", "pdq256", "i", "known", code=1).stderr
    assert f"holds {hash} of {BITS[hash]} bits; images would be hashed to pdq256" in refused


@HASH
def test_lists(libmatch: Command, known: Path, tmp_path: Path, hash: str) -> None:
    code = rows(libmatch("hash", "--hash", hash, "known/a.png"))[0][0]
    (tmp_path / "kind.csv").write_text(f"kind,code,id\n{hash},{code},5\n")
    (tmp_path / "plain.csv").write_text(f"{code},5\n")
    libmatch("index", "build", "i", "--codes", "kind.csv")
    libmatch("index", "build", "j", "--codes", "plain.csv", "--kind", hash)
    for index in ("i", "j"):
        assert info(libmatch, index)["hash"] == hash
        assert libmatch("search", index, "--codes", "plain.csv", "--kind", hash).stdout.split("\t")[1:3] == ["0", "5"]


def test_a_plug_in(libmatch: Command, known: Path, uploads: Path, average_colour: str) -> None:
    result = libmatch("hash", "--hasher", average_colour, "known/a.png", uploads / "4-tiny.png", code=3)
    (code, quality, _), (nothing, _, _) = rows(result)
    assert (len(code), nothing) == (96, "-")
    assert 0 <= int(quality) <= 100
    assert "the hasher average-colour failed: 3 x 3 pixels are less than 4 a side" in result.stderr
    hashed = json.loads(libmatch("hash", "--json", "--hasher", average_colour, "known/a.png").stdout)
    assert (hashed["hash"], hashed["scan"], hashed["code"]) == ("plugin:average-colour 1", "ok", code)

    assert libmatch("index", "build", "--hasher", average_colour, "i", "known").stdout == counts(4)
    held = info(libmatch, "i")
    assert (held["hash"], held["bits"]) == ("vector8", 384)
    assert held["profile"] == "plugin:average-colour 1 libmatch-1"
    found = rows(libmatch("match", "--hasher", average_colour, "i", "uploads", code=3))
    assert [row[1] for row in found] == ["match", "no_match", "low_quality", "not_scanned"]
    assert "less than 4 a side" in found[3][5]
    far = libmatch("match", "--hasher", average_colour, "--max-distance", 3121200, "i", "uploads/2-unknown.png")
    assert rows(far)[0][1] == "match"
    assert libmatch("index", "add", "--hasher", average_colour, "i", uploads / "2-unknown.png").stdout == counts(1)

    assert "uploads are hashed to pdq256" in libmatch("match", "i", "uploads", code=1).stderr
    assert "holds vector8 of 384 bits" in libmatch("index", "add", "i", "known", code=1).stderr


def test_a_plug_in_that_cannot_be_loaded(libmatch: Command, known: Path, index: Path) -> None:
    for verb in (["hash", "known"], ["index", "build", "i", "known"], ["match", index, "known"]):
        result = libmatch(*verb, "--hasher", "missing.so", code=1)
        assert (result.stdout, result.stderr) == ("", "libmatch: missing.so: cannot open: No such file or directory\n")
        result = libmatch(*verb, "--hasher", "known/a.png", code=1)
        assert result.stderr.startswith("libmatch: known/a.png: no shared object that can be loaded: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["hash", "--hash", "phash64", "--orientations", "x"],
        ["hash", "--hasher", "x.so", "--true-orientations", "x"],
        ["hash", "--hash", "phash64", "--hasher", "x.so", "x"],
        ["index", "build", "--hash", "md5", "i", "x"],
        ["index", "build", "--hash", "phash64", "--hasher", "x.so", "i", "x"],
        ["index", "build", "--hash", "phash64", "i", "--codes", "x"],
        ["match", "--hash", "phash64", "i", "x"],
    ],
)
def test_usage_errors(libmatch: Command, arguments: list[str]) -> None:
    result = libmatch(*arguments, code=2)
    assert result.stdout == ""
    assert result.stderr
