"""The structs that kernels of cuda/ take, as bytes: search_views.h and hits.cuh. And what an array of hits holds."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import Callable

import numpy as np
import numpy.typing as npt

from codes import Words
from gpu.ptx import GlobalMemory, Kernel, parse

# rows_of_alignment of segment.h: arrays end with zeros up to a multiple of it.
ROWS_OF_ALIGNMENT = 1024
# From a source and an architecture to its PTX.
PtxOf = Callable[[Path, int], str]
Hits = set[tuple[int, int, int]]


def kernel_named(ptx: str, part: str) -> Kernel:
    """The one kernel whose mangled name has this part."""
    found = [kernel for name, kernel in parse(ptx).items() if part in name]
    assert len(found) == 1, f"{len(found)} kernels are named {part}"
    return found[0]


def padded(rows: Words) -> Words:
    size = -(-len(rows) // ROWS_OF_ALIGNMENT) * ROWS_OF_ALIGNMENT
    whole = np.zeros((size, rows.shape[1]), np.uint32)
    whole[: len(rows)] = rows
    return whole


def segment_part(memory: GlobalMemory, rows: Words, removed: npt.NDArray[np.bool_], number: int) -> bytes:
    whole = padded(rows)
    bits = np.packbits(np.pad(removed, (0, len(whole) - len(rows))), bitorder="little").view(np.uint32)
    plane = memory.upload(np.ascontiguousarray(whole[:, :3].T))
    return struct.pack(
        "<QQQQIIIxxxx", memory.upload(whole), plane, memory.upload(bits), len(whole), len(rows), rows.shape[1], number
    )


def query_part(memory: GlobalMemory, queries: Words, limits: npt.NDArray[np.int32], first: int) -> bytes:
    places = memory.upload(queries), memory.upload(limits.astype(np.int32))
    return struct.pack("<QQIIixxxx", *places, len(queries), first, int(limits.max()))


class HitSink:
    def __init__(self, memory: GlobalMemory, capacity: int) -> None:
        self._memory = memory
        self._capacity = capacity
        self._hits = memory.allocate(16 * max(capacity, 1))
        self._count = memory.upload(np.zeros(1, np.uint64))

    def bytes(self) -> bytes:
        return struct.pack("<QQQ", self._hits, self._count, self._capacity)

    def count(self) -> int:
        return int(self._memory.download(self._count, 1, np.uint64)[0])

    def hits(self) -> list[tuple[int, int, int, int]]:
        """(query, segment, row, distance) of those that had room."""
        stored = min(self.count(), self._capacity)
        table = self._memory.download(self._hits, 4 * stored, np.uint32).reshape(-1, 4)
        return [(int(q), int(s), int(r), int(d)) for q, s, r, d in table]


def assembly_of(ptx: str) -> dict[str, set[str]]:
    """The first instruction's name of every asm statement, which nvcc marks, by kernel."""
    entries = re.finditer(r"\.entry\s+([\w$]+)\(.*?\n\}", ptx, re.DOTALL)
    statement = re.compile(r"// begin inline asm\s*\n\s*(?:\{\s*)?(\w+)")
    return {match.group(1): set(statement.findall(match.group(0))) for match in entries}
