#!/usr/bin/env python3
"""Runs an example as its first lines say, on images made here, and holds what it prints against what it must.

examples_test.py hash_image|upload_check|search_codes PROGRAM
"""

from __future__ import annotations

import re
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

# The code that PDQ's reference gives for synthetic(1333, 320, 240); tests/golden holds more of them.
CODE = "efc2ef40ca9792bdedcd923daa8a922028ca5317efca121f654512bfe5541235"


def synthetic(seed: int, width: int, height: int) -> list[bytes]:
    """Rows of RGB samples, by integer arithmetic alone: the recipe of the golden vectors."""

    def xorshift() -> Iterator[int]:
        state = seed
        while True:
            state ^= state << 13 & 0xFFFFFFFF
            state ^= state >> 17
            state ^= state << 5 & 0xFFFFFFFF
            yield state

    numbers = xorshift()
    waves = [(next(numbers) % 9, next(numbers) % 9, next(numbers) % 1024, 8 + next(numbers) % 40) for _ in range(6)]
    gains = [1 + next(numbers) % 4 for _ in range(3)]
    rows = []
    for y in range(height):
        row = bytearray()
        for x in range(width):
            base = 128
            for fx, fy, phase, amplitude in waves:
                t = (fx * x * 1024 // width + fy * y * 1024 // height + phase) % 1024
                base += ((t if t < 512 else 1023 - t) - 256) * amplitude // 256
            for c, gain in enumerate(gains):
                noise = ((x * 7919 + y * 104729 + c * 1299709 + seed * 15485863) >> 3) % (4 * gain + 1)
                row.append(min(255, max(0, base + (c - 1) * 8 + noise)))
        rows.append(bytes(row))
    return rows


def png(rows: list[bytes]) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", len(rows[0]) // 3, len(rows), 8, 2, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def run(program: str, *arguments: str, expect: int) -> subprocess.CompletedProcess[str]:
    result = subprocess.run([program, *arguments], capture_output=True, text=True, check=False, timeout=100)
    if result.returncode != expect:
        raise AssertionError(f"exit {result.returncode}, not {expect}\n{result.stdout}{result.stderr}")
    return result


def equal(found: object, expected: object) -> None:
    if found != expected:
        raise AssertionError(f"found    {found!r}\nexpected {expected!r}")


def write_images(folder: Path) -> None:
    picture = synthetic(1333, 320, 240)
    (folder / "known.png").write_bytes(png(picture))
    (folder / "darker.png").write_bytes(png([bytes(v - v // 4 for v in row) for row in picture]))
    (folder / "other.png").write_bytes(png(synthetic(1259, 200, 300)))
    (folder / "flat.png").write_bytes(png([bytes([90]) * 300] * 100))
    (folder / "text.txt").write_text("no image\n")


def hash_image(program: str, folder: Path) -> None:
    run(program, expect=2)
    write_images(folder)
    known, text = str(folder / "known.png"), str(folder / "text.txt")
    equal(run(program, known, expect=0).stdout, f"{CODE}\t100\t{known}\n")
    mixed = run(program, text, known, str(folder / "missing"), expect=3)
    equal(mixed.stdout, f"{CODE}\t100\t{known}\n")
    equal([line.split(": ")[1] for line in mixed.stderr.splitlines()], ["unknown_format", "unreadable"])


def upload_check(program: str, folder: Path) -> None:
    write_images(folder)
    # More than the queue holds, so that the reader has to wait for the threads.
    names = ["known.png", "darker.png", "other.png", "flat.png", "text.txt", "missing.png"] * 30
    paths = [str(folder / name) for name in names]
    lines = run(program, paths[0], "--", *paths, expect=0).stdout.splitlines()
    equal(sorted(line.split("\t")[0] for line in lines), sorted(paths))
    decisions: dict[str, set[str]] = {}
    for line in lines:
        path, decision = line.split("\t")
        decisions.setdefault(Path(path).name, set()).add(decision)
    equal(decisions["known.png"], {f"block: distance 0 from {paths[0]}"})
    (darker,) = decisions["darker.png"]
    equal(re.sub(r"distance \d+ from", "distance N from", darker), f"block: distance N from {paths[0]}")
    equal(decisions["other.png"], {"publish"})
    for name, start in (("flat.png", "publish: "), ("text.txt", "review: "), ("missing.png", "review: ")):
        (decision,) = decisions[name]
        equal((decision[: len(start)], len(decision) > len(start)), (start, True))
    # What cannot be recognised again must not pass for a known image.
    for name in ("flat.png", "text.txt"):
        run(program, str(folder / name), "--", paths[0], expect=1)


def search_codes(program: str, folder: Path) -> None:
    path = folder / "codes.index"
    lines = run(program, str(path), expect=0).stdout.splitlines()
    equal(re.sub(r"by \w+$", "by BACKEND", lines[0]), "100000 codes, searched by BACKEND")
    equal(
        lines[1:],
        [
            "Within 31 bits:",
            "  query 0:  id 7 at distance 0",
            "  query 1:  id 500 at distance 31",
            "  query 2:  nothing",
            "  query 3:  nothing",
            "The two nearest:",
            "  query 0:  id 7 at distance 0  id 77266 at distance 92",
            "  query 1:  id 500 at distance 31  id 77672 at distance 94",
            "  query 2:  id 99999 at distance 32  id 90026 at distance 93",
            "  query 3:  id 71390 at distance 92  id 22849 at distance 95",
            f"Saved to {path} and mapped: the same answers",
        ],
    )
    run(program, str(folder / "no" / "such" / "folder"), expect=1)


EXAMPLES: dict[str, Callable[[str, Path], None]] = {
    "hash_image": hash_image,
    "upload_check": upload_check,
    "search_codes": search_codes,
}

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        EXAMPLES[sys.argv[1]](sys.argv[2], Path(folder))
    print(f"{sys.argv[1]}: as it must be")
