"""Prints the groups of images in a folder that are copies of each other, altered ones included.

python examples/find_duplicates.py [--max-distance 31] FOLDER
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from pathlib import Path

import libmatch
import numpy as np
import numpy.typing as npt

MIN_QUALITY = 50  # below it a code means nothing


def find_groups(codes: npt.NDArray[np.uint8], max_distance: int) -> list[list[int]]:
    """Rows of codes [n, 32] that are connected by pairs within max_distance; each group holds two rows or more."""
    index = libmatch.Index()
    index.add(codes)  # the ids are the rows
    pairs = index.search_pairs(max_distance=max_distance)
    parents = list(range(len(codes)))

    def root(row: int) -> int:
        while parents[row] != row:
            parents[row] = parents[parents[row]]
            row = parents[row]
        return row

    for row, other in zip(pairs.first_ids.tolist(), pairs.second_ids.tolist()):
        # The smaller row leads, so that groups stand in the order of their first images.
        first, second = sorted((root(row), root(other)))
        parents[second] = first
    groups = defaultdict(list)
    for row in range(len(codes)):
        groups[root(row)].append(row)
    return [group for group in groups.values() if len(group) > 1]


def show_progress(done: int, total: int) -> None:
    """One line on standard error, written over and over."""
    print(f"\r{done} of {total} files", end="" if done < total else "\n", file=sys.stderr, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Returns 0 when every file was hashed, 3 when something was not."""
    parser = argparse.ArgumentParser(description="Prints groups of images that are copies of each other.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--max-distance", type=int, default=31, help="differing bits of 256 (31)")
    options = parser.parse_args(arguments)
    paths = sorted(path for path in options.folder.rglob("*") if path.is_file())
    hashes = libmatch.hash_files(paths, progress=show_progress if sys.stderr.isatty() else None)
    for path, reason in zip(paths, hashes.reasons):
        if reason:
            print(f"not hashed: {path}: {reason}", file=sys.stderr)
    usable = np.flatnonzero(hashes.ok & (hashes.quality >= MIN_QUALITY))
    for number, group in enumerate(find_groups(hashes.codes[usable], options.max_distance), start=1):
        print(f"group {number}")
        for row in group:
            print(f"  {paths[usable[row]].relative_to(options.folder)}")
    return 0 if hashes.ok.all() else 3


if __name__ == "__main__":
    sys.exit(main())
