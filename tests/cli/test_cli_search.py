"""libmatch search."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import Command

ZERO = "0" * 64
MD5 = "d41d8cd98f00b204e9800998ecf8427e"
SHA1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709"


def code(*ones: int, bits: int = 256) -> str:
    """Give the code in which these bits are set, counted from its first digit."""
    return f"{sum(1 << (bits - 1 - one) for one in ones):0{bits // 4}x}"


@pytest.fixture
def index(libmatch: Command, tmp_path: Path) -> Path:
    """Build an index of codes at the distances 0, 1, 31, 32 from zero, and two digests."""
    lines = ["kind,code,id,label"]
    for id_, distance in [(10, 32), (20, 31), (30, 0), (40, 1), (5, 1)]:
        lines.append(f"pdq256,{code(*range(distance))},{id_},at {distance}")
    lines += [f"md5,{MD5},7,empty", f"md5,{MD5},6,", f"sha1,{SHA1},8,"]
    (tmp_path / "list.csv").write_text("\n".join(lines) + "\n")
    libmatch("index", "build", "list.index", "--codes", "list.csv")
    return tmp_path / "list.index"


def search(libmatch: Command, tmp_path: Path, text: str, *options: str | int) -> str:
    (tmp_path / "queries.csv").write_text(text)
    return libmatch("search", "list.index", "--codes", "queries.csv", *options).stdout


def test_a_line_a_match_ordered_by_distance_and_id(libmatch: Command, index: Path, tmp_path: Path) -> None:
    assert search(libmatch, tmp_path, ZERO + "\n") == (
        f"{ZERO}\t0\t30\tat 0\n{ZERO}\t1\t5\tat 1\n{ZERO}\t1\t40\tat 1\n{ZERO}\t31\t20\tat 31\n"
    )


def test_the_distance_is_inclusive(libmatch: Command, index: Path, tmp_path: Path) -> None:
    def found(distance: int) -> int:
        return len(search(libmatch, tmp_path, ZERO + "\n", "--max-distance", distance).splitlines())

    assert [found(d) for d in [0, 1, 30, 31, 32, 256]] == [1, 3, 3, 4, 5, 5]


def test_the_k_nearest(libmatch: Command, index: Path, tmp_path: Path) -> None:
    assert search(libmatch, tmp_path, ZERO + ",,q\n", "-k", 2) == "q\t0\t30\tat 0\nq\t1\t5\tat 1\n"
    assert len(search(libmatch, tmp_path, ZERO + "\n", "-k", 100).splitlines()) == 5


def test_queries_are_named_by_their_labels(libmatch: Command, index: Path, tmp_path: Path) -> None:
    text = f'{ZERO},1,"a\tb\n"\n{code(200)}\n{ZERO.upper()},,\n'
    assert search(libmatch, tmp_path, text, "--max-distance", 0) == f"a\\tb\\n\t0\t30\tat 0\n{ZERO}\t0\t30\tat 0\n"


def test_digests_are_looked_up_exactly_in_the_list_s_order(libmatch: Command, index: Path, tmp_path: Path) -> None:
    text = f"kind,code\nsha1,{SHA1}\nmd5,{'0' * 32}\npdq256,{ZERO}\nmd5,{MD5}\nsha256,{ZERO}\n"
    for option, value in [("--max-distance", 0), ("-k", 1)]:
        assert search(libmatch, tmp_path, text, option, value) == (
            f"{SHA1}\t0\t8\t-\n{ZERO}\t0\t30\tat 0\n{MD5}\t0\t6\t-\n{MD5}\t0\t7\tempty\n"
        )


def test_json(libmatch: Command, index: Path, tmp_path: Path) -> None:
    text = f"kind,code,label\npdq256,{code(0, 200)},q\nmd5,{MD5},\npdq256,{code(*range(100, 200))},far\n"
    lines = search(libmatch, tmp_path, text, "--json", "--max-distance", 1).splitlines()
    first, second, third = map(json.loads, lines)
    assert first == {
        "query": "q",
        "kind": "pdq256",
        "code": code(0, 200),
        "matches": [{"distance": 1, "id": 5, "label": "at 1"}, {"distance": 1, "id": 40, "label": "at 1"}],
    }
    assert second == {
        "query": MD5,
        "kind": "md5",
        "code": MD5,
        "matches": [{"distance": 0, "id": 6, "label": None}, {"distance": 0, "id": 7, "label": "empty"}],
    }
    assert third == {"query": "far", "kind": "pdq256", "code": code(*range(100, 200)), "matches": []}


def test_more_queries_than_one_batch(libmatch: Command, index: Path, tmp_path: Path) -> None:
    text = "kind,code,label\n" + "".join(
        f"md5,{MD5},{i}\n" if i % 3 == 0 else f"pdq256,{ZERO},{i}\n" for i in range(3000)
    )
    expected = "".join(
        f"{i}\t0\t6\t-\n{i}\t0\t7\tempty\n" if i % 3 == 0 else f"{i}\t0\t30\tat 0\n" for i in range(3000)
    )
    assert search(libmatch, tmp_path, text, "--max-distance", 0) == expected


def test_codes_of_64_bits(libmatch: Command, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(f"{code(bits=64)},1,zero\n{code(*range(64), bits=64)},2,ones\n")
    libmatch("index", "build", "list.index", "--codes", "list.csv")
    assert search(libmatch, tmp_path, code(3, 60, bits=64) + ",,q\n") == "q\t2\t1\tzero\n"
    assert search(libmatch, tmp_path, code(3, 60, bits=64) + ",,q\n", "-k", 2) == "q\t2\t1\tzero\nq\t62\t2\tones\n"


def test_queries_of_another_hash_are_refused_before_anything_is_answered(
    libmatch: Command, index: Path, tmp_path: Path
) -> None:
    for line in [f"code,{ZERO}", f"code,{'0' * 16}"]:
        (tmp_path / "queries.csv").write_text(f"kind,code\npdq256,{ZERO}\n{line}\n")
        result = libmatch("search", "list.index", "--codes", "queries.csv", code=1)
        assert result.stdout == ""
        assert result.stderr.startswith("libmatch: query 2 of the list is code of ")


def test_an_empty_list_of_queries_has_no_answers(libmatch: Command, index: Path, tmp_path: Path) -> None:
    assert search(libmatch, tmp_path, "code\n") == ""


def test_a_bad_list_of_queries_is_refused(libmatch: Command, index: Path, tmp_path: Path) -> None:
    (tmp_path / "queries.csv").write_text("code\nabc\n")
    result = libmatch("search", "list.index", "--codes", "queries.csv", code=1)
    assert result.stderr == (
        "libmatch: queries.csv: line 2, field code: 3 digits where code has a multiple of 16 from 16 to 512\n"
    )
