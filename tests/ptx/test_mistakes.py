"""Mistakes in assembly that only this interpreter can see: each is planted in the PTX of a good kernel, and must be
caught by a wrong result or by a message. The executor of tests/simt never meets the assembly."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Callable, Union

import pytest

from backend import PtxOf
from codes import distances, rows_and_queries
from gpu.ptx import PtxError, parse
from test_tile_kernels import KERNELS, near_by_kernel, pairs_where

MMA = r"(mma\.sync\S+\s*)\{([^}]*)\}, \{([^}]*)\}, \{([^}]*)\}, \{([^}]*)\}"


def swapped_rows(match: re.Match[str]) -> str:
    a = [part.strip() for part in match.group(3).split(",")]
    a[1], a[2] = a[2], a[1]
    return f"{match.group(1)}{{{match.group(2)}}}, {{{', '.join(a)}}}, {{{match.group(4)}}}, {{{match.group(5)}}}"


def swapped_columns(match: re.Match[str]) -> str:
    b = [part.strip() for part in match.group(4).split(",")][::-1]
    return f"{match.group(1)}{{{match.group(2)}}}, {{{match.group(3)}}}, {{{', '.join(b)}}}, {{{match.group(5)}}}"


def swapped_results(match: re.Match[str]) -> str:
    d = [part.strip() for part in match.group(2).split(",")]
    d[1], d[2] = d[2], d[1]
    return f"{match.group(1)}{{{', '.join(d)}}}, {{{match.group(3)}}}, {{{match.group(4)}}}, {{{match.group(5)}}}"


# Kernel, architecture, what is replaced by what, and what is then said; None where the result is wrong.
Replacement = Union[str, Callable[[re.Match[str]], str]]
MISTAKES: dict[str, tuple[int, str, str, Replacement, str | None]] = {
    "operands of the rows swapped": (80, "near_by_xor_k256", MMA, swapped_rows, None),
    "operands of the columns swapped": (80, "near_by_xor_k256", MMA, swapped_columns, None),
    "results swapped": (80, "near_by_xor_k256", MMA, swapped_results, None),
    "and in place of xor": (80, "near_by_xor_k256", r"\.xor\.popc", ".and.popc", None),
    "rows in place of columns": (75, "near_by_xor_k128", r"\.row\.col", ".col.row", "not known"),
    "table of the majority": (80, "near_by_csa96", r"(lop3\.b32 [^;]*)0xd4", r"\g<1>0xd8", None),
    "no wait for the copies": (80, "near_by_xor_k256", r"cp\.async\.wait_group 0;", "", "copy is not waited for"),
    "a wait that leaves a group": (80, "near_by_xor_k256", r"(wait_group )0", r"\g<1>1", "copy is not waited for"),
    "copies of half the size": (80, "near_by_xor_k256", r"\], 16, (%r\d+)", r"], 8, \1", "reads more than it writes"),
    "no barrier after the tile is filled": (80, "near_by_csa96", r"(st\.shared.*?)bar\.sync\s+0;", r"\1", "race"),
    "no barrier before it is filled": (80, "near_by_csa96", r"bar\.sync\s+0;(.*?st\.shared)", r"\1", "race"),
    "a lane left out of a vote": (80, "near_by_xor_k256", r"(vote\.sync\.any[^;]*), %r\d+", r"\1, 0x7fffffff", "mask"),
    "a shared array too short": (80, "near_by_csa96", r"(\.shared .*shared\[)1024\]", r"\g<1>1008]", "out of bounds"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_is_caught(ptx_of: PtxOf, mistake: str) -> None:
    architecture, name, pattern, replacement, message = MISTAKES[mistake]
    good = ptx_of(Path(KERNELS), architecture)
    start = good.index(f".entry {name}(")
    entry = good[start : good.index("\n}", start)]
    bad, replaced = re.subn(pattern, replacement, entry, flags=re.DOTALL)
    assert replaced >= 1
    kernel = parse(good.replace(entry, bad))[name]
    rows, queries = rows_and_queries(128, 70, 31, 0)
    words = 3 if "csa96" in name else 8
    expected = pairs_where(distances(rows[:, :words], queries[:, :words]) <= 31)
    if message is None:
        assert near_by_kernel(kernel, rows, queries, 31, 1) != expected
    else:
        with pytest.raises(PtxError, match=message):
            near_by_kernel(kernel, rows, queries, 31, 1)
