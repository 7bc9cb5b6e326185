"""What an index is given beside its codes to be searched faster."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from conftest import Command, info, rows

# The fewest codes for which buckets are made unasked, and one more to be removed.
N_CODES = 65537


@pytest.fixture(scope="module")
def codes() -> list[str]:
    """Give random codes as hexadecimal digits."""
    return [code.tobytes().hex() for code in np.random.default_rng(1).integers(0, 256, (N_CODES, 32), dtype=np.uint8)]


def write_list(path: Path, codes: list[str]) -> None:
    """Write a list of codes without ids, which go on from 0."""
    path.write_text("\n".join(codes) + "\n")


def plan(libmatch: Command, index: str, *options: str | int) -> dict[str, object]:
    """Ask how a search would be done."""
    found = json.loads(libmatch("index", "info", "--json", "--plan", *options, index).stdout)["plan"]
    assert isinstance(found, dict)
    return found


def test_a_large_index_is_built_with_layouts_and_a_changed_one_keeps_them(
    libmatch: Command, tmp_path: Path, codes: list[str]
) -> None:
    write_list(tmp_path / "list.csv", codes)
    write_list(tmp_path / "queries.csv", codes[:3])
    libmatch("index", "build", "i", "--codes", "list.csv")
    found = plan(libmatch, "i")
    assert found.pop("microseconds") != 0
    assert found == {
        "queries": 1,
        "max_distance": 31,
        "method": "probes",
        "codes": N_CODES,
        "planes_codes": N_CODES,
        "buckets_codes": N_CODES,
    }
    assert plan(libmatch, "i", "--queries", 1000, "--max-distance", 255)["method"] in ("rows", "planes")
    libmatch("index", "verify", "i")
    answer = "".join(f"{code}\t0\t{i}\t-\n" for i, code in enumerate(codes[:3]))
    assert libmatch("search", "i", "--codes", "queries.csv").stdout == answer
    assert libmatch("search", "--map", "i", "--codes", "queries.csv").stdout == answer

    libmatch("index", "remove", "i", 1)
    found = plan(libmatch, "i")
    assert (found["codes"], found["buckets_codes"]) == (N_CODES - 1, N_CODES - 1)
    libmatch("index", "add", "i", "--codes", "queries.csv")
    found = plan(libmatch, "i")
    assert (found["codes"], found["buckets_codes"]) == (N_CODES + 2, N_CODES + 2)
    ids = [row[2] for row in rows(libmatch("search", "--map", "i", "--codes", "queries.csv"))]
    assert ids == ["0", str(N_CODES), str(N_CODES + 1), "2", str(N_CODES + 2)]
    libmatch("index", "add", "i", "--codes", "queries.csv", "--layouts", "none")
    assert (info(libmatch, "i")["layout_bytes"], plan(libmatch, "i")["buckets_codes"]) == (0, 0)


@pytest.mark.parametrize(
    ("layouts", "planes", "buckets"),
    [("auto", 0, 0), ("none", 0, 0), ("planes", 4, 0), ("buckets", 0, 4), ("all", 4, 4)],
)
def test_layouts_of_a_small_index(
    libmatch: Command, known: Path, tmp_path: Path, layouts: str, planes: int, buckets: int
) -> None:
    libmatch("index", "build", "i", "known", "--layouts", layouts)
    found = plan(libmatch, "i", "--max-distance", 0)
    assert (found["codes"], found["planes_codes"], found["buckets_codes"]) == (4, planes, buckets)
    # A tile of 512 rows x 12 bytes; 16 tables of 2^16 + 1 places, four rows, and three words of 16 lanes.
    size = (6144 if planes else 0) + (16 * 4 * (65537 + 4 + 48) if buckets else 0)
    described = info(libmatch, "i")
    assert described["layout_bytes"] == size
    assert "plan" not in described
    assert [row[1:4] for row in rows(libmatch("match", "i", "known"))] == [
        row[1:4] for row in rows(libmatch("match", "--map", "i", "known"))
    ]


def test_the_plan_in_lines_says_what_it_says_in_json(libmatch: Command, index: Path) -> None:
    found = json.loads(libmatch("index", "info", "--json", "--plan", index).stdout)
    plan = found.pop("plan")
    lines = "".join(f"{key}\t{value}\n" for key, value in found.items())
    lines += "".join(f"plan_{key}\t{json.dumps(value)}\n" for key, value in plan.items()).replace('"', "")
    assert libmatch("index", "info", "--plan", index).stdout == lines


@pytest.mark.parametrize(
    "arguments",
    [
        ["index", "build", "i", "known", "--layouts", "some"],
        ["index", "info", "known.index", "--queries", "3"],
        ["index", "info", "known.index", "--max-distance", "3"],
        ["index", "info", "known.index", "--plan", "--queries", "-1"],
        ["index", "info", "known.index", "--plan", "--max-distance", "2049"],
    ],
)
def test_wrong_usage(libmatch: Command, index: Path, arguments: list[str]) -> None:
    assert libmatch(*arguments, code=2).stdout == ""


def test_a_mapped_index_that_is_damaged_in_its_header_is_refused(libmatch: Command, index: Path, known: Path) -> None:
    index.write_bytes(index.read_bytes()[:-1])
    assert "known.index" in libmatch("match", "--map", index, known, code=1).stderr
