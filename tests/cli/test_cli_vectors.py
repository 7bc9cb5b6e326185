"""Vectors of bytes: libmatch index build --codes, libmatch search --codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import Command

ZERO = "00" * 144
NEAR = "0304" + "00" * 142
FAR = "ff" * 144


@pytest.fixture
def index(libmatch: Command, tmp_path: Path) -> Path:
    lines = ["kind,code,id,label", f"vector8,{ZERO},1,zero", f"vector8,{NEAR},2,near", f"vector8,{FAR},3,far"]
    (tmp_path / "list.csv").write_text("\n".join(lines) + "\n")
    libmatch("index", "build", "list.index", "--codes", "list.csv")
    (tmp_path / "queries.csv").write_text(f"kind,code,label\nvector8,{ZERO},q\n")
    return tmp_path / "list.index"


def test_the_index_says_what_it_holds(libmatch: Command, index: Path) -> None:
    info = json.loads(libmatch("index", "info", index, "--json").stdout)
    assert (info["hash"], info["bits"], info["codes"]) == ("vector8", 1152, 3)


def test_within_a_squared_distance(libmatch: Command, index: Path) -> None:
    def found(distance: int) -> str:
        return libmatch("search", index, "--codes", "queries.csv", "--max-distance", distance).stdout

    assert found(24) == "q\t0\t1\tzero\n"
    assert found(25) == "q\t0\t1\tzero\nq\t25\t2\tnear\n"
    assert len(found(144 * 255 * 255).splitlines()) == 3


def test_the_nearest(libmatch: Command, index: Path) -> None:
    result = libmatch("search", index, "--codes", "queries.csv", "-k", 2)
    assert result.stdout == "q\t0\t1\tzero\nq\t25\t2\tnear\n"


def test_the_distance_has_no_default(libmatch: Command, index: Path) -> None:
    result = libmatch("search", index, "--codes", "queries.csv", code=1)
    assert result.stdout == ""
    assert result.stderr == "libmatch: the index holds vector8: give --max-distance, squared Euclidean, or -k\n"


def test_other_queries_and_uploads_are_refused(libmatch: Command, index: Path, tmp_path: Path) -> None:
    (tmp_path / "queries.csv").write_text(f"kind,code\nvector8,{ZERO[:-2]}\n")
    result = libmatch("search", index, "--codes", "queries.csv", "-k", 1, code=1)
    assert "vector8 of 1144 bits; the index holds vector8 of 1152" in result.stderr
    result = libmatch("match", index, "queries.csv", code=1)
    assert "vector8" in result.stderr


def test_a_distance_of_vectors_is_refused_for_codes(libmatch: Command, tmp_path: Path) -> None:
    (tmp_path / "codes.csv").write_text("0" * 64 + "\n")
    libmatch("index", "build", "codes.index", "--codes", "codes.csv")
    result = libmatch("search", "codes.index", "--codes", "codes.csv", "--max-distance", 2049, code=1)
    assert result.stderr == "libmatch: --max-distance: codes of bits differ in at most 2048\n"
