"""Debian's package opencv-doc, for its photographs and drawings: fetched, unpacked, never installed."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import debian_packages

PACKAGE = "opencv-doc"
IMAGES_IN_PACKAGE = "usr/share/doc/opencv-doc/examples/data/"
SUFFIXES = (".jpg", ".png")
VERSION = "version"  # a file beside the images


class DemonstrationError(Exception):
    """Something that the user can mend; the message says what."""


def image_paths(cache: Path) -> list[Path]:
    """The images of the package in bytewise order of their names; they are fetched when `cache` lacks them.

    Raises PackageError when the package can neither be found nor downloaded.
    """
    folder = cache / PACKAGE
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as work:
            package = debian_packages.find(PACKAGE, cache) or debian_packages.download(PACKAGE, Path(work), cache)
            debian_packages.unpack(package, Path(work) / PACKAGE, _name_for)
            (Path(work) / PACKAGE / VERSION).write_text(debian_packages.version_of(package), encoding="utf-8")
            if not folder.is_dir():  # another run may have been quicker
                (Path(work) / PACKAGE).rename(folder)
    paths = sorted((p for p in folder.iterdir() if p.suffix in SUFFIXES), key=os.fsencode)
    if not paths:
        raise DemonstrationError(f"{folder} holds no images: remove it and run this again")
    return paths


def _name_for(path: str) -> str | None:
    """Only the images that lie directly in the folder."""
    name = path.removeprefix(IMAGES_IN_PACKAGE)
    return name if "/" not in name and name.endswith(SUFFIXES) else None


def groups_of_near_duplicates(
    names: Sequence[str], codes: Sequence[Sequence[bytes]], max_distance: int
) -> list[list[str]]:
    """Splits the images into groups such that images within max_distance of each other share one.

    codes[i] are image i's codes, the plain one first and then those of its other orientations. Groups are in
    bytewise order of their first names.
    """
    group_of = list(range(len(names)))
    plain = [int.from_bytes(each[0], "big") for each in codes]
    for i, orientations in enumerate(codes):
        turned = [int.from_bytes(code, "big") for code in orientations]
        for j in range(len(names)):
            if min((plain[j] ^ code).bit_count() for code in turned) <= max_distance:
                old, new = sorted((group_of[i], group_of[j]), reverse=True)
                group_of = [new if group == old else group for group in group_of]
    groups: dict[int, list[str]] = {}
    for name, group in sorted(zip(names, group_of, strict=True), key=lambda pair: os.fsencode(pair[0])):
        groups.setdefault(group, []).append(name)
    return list(groups.values())


def split_in_halves(groups: Sequence[Sequence[str]]) -> tuple[list[str], list[str]]:
    """(known, unknown), each in bytewise order: every group whole on one side, the sides as even as that allows.

    Largest groups first, then by the SHA-256 of the first name, each to the side that holds less: the split is
    the same on every machine and does not follow the alphabet.
    """
    known: list[str] = []
    unknown: list[str] = []
    for group in sorted(groups, key=lambda g: (-len(g), hashlib.sha256(os.fsencode(g[0])).digest())):
        (known if len(known) <= len(unknown) else unknown).extend(group)
    return sorted(known, key=os.fsencode), sorted(unknown, key=os.fsencode)
