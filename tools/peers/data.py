"""What is searched, and what for: sets of codes by bench/make_codes, and queries planted among them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint8]

PROJECT = Path(__file__).resolve().parents[2]
MAKE_CODES = PROJECT / "build" / "release" / "bench" / "make_codes"
KEPT = PROJECT / "build" / "codes"
MAX_FLIPS = 40
CODE_BYTES = 32


def make_codes(name: str, count: int, seed: int) -> Codes:
    """[count, 32]: a set of tests/support/code_sets.h. A file is kept until the program that made it is newer."""
    path = KEPT / f"{name}-{count}-{seed}.codes"
    if not path.exists() or path.stat().st_mtime < MAKE_CODES.stat().st_mtime:
        KEPT.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}")
        subprocess.run([MAKE_CODES, name, str(count), str(seed), unfinished], check=True)
        unfinished.replace(path)
    return np.fromfile(path, dtype=np.uint8).reshape(count, CODE_BYTES)


def random_codes(count: int, code_bytes: int, seed: int) -> Codes:
    return np.random.default_rng(seed).integers(0, 256, (count, code_bytes), dtype=np.uint8)


def planted_queries(codes: Codes, others: Codes, seed: int) -> Codes:
    """As many as `others`: every second one of them, and between them codes of the list with 0 to 40 bits flipped."""
    rng = np.random.default_rng(seed)
    queries = others.copy()
    planted = queries[1::2]
    bits = 8 * codes.shape[1]
    flips = rng.integers(min(MAX_FLIPS, bits // 4) + 1, size=len(planted))
    for first in range(0, len(planted), 4096):
        part = slice(first, first + 4096)
        count = len(planted[part])
        # The ranks of random numbers are a random order of the bits, of which the first so many are flipped.
        ranks = rng.random((count, bits), dtype=np.float32).argsort(axis=1).argsort(axis=1)
        masks = np.packbits(ranks < flips[part, None], axis=1)
        planted[part] = codes[rng.integers(len(codes), size=count)] ^ masks
    return queries
