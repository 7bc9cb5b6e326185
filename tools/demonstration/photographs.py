"""Debian's package opencv-doc, for its photographs and drawings: fetched, unpacked, never installed."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

PACKAGE = "opencv-doc"
IMAGES_IN_PACKAGE = "./usr/share/doc/opencv-doc/examples/data/"
SUFFIXES = (".jpg", ".png")


class DemonstrationError(Exception):
    """Something that the user can mend; the message says what."""


def image_paths(cache: Path) -> list[Path]:
    """The images of the package in bytewise order of their names; they are fetched when `cache` lacks them.

    Raises DemonstrationError when the package can neither be found nor downloaded.
    """
    folder = cache / PACKAGE
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as work:
            package = _package_in(cache) or _download(Path(work), cache)
            _unpack_images(package, Path(work) / PACKAGE)
            if not folder.is_dir():  # another run may have been quicker
                (Path(work) / PACKAGE).rename(folder)
    paths = sorted((p for p in folder.iterdir() if p.suffix in SUFFIXES), key=os.fsencode)
    if not paths:
        raise DemonstrationError(f"{folder} holds no images: remove it and run this again")
    return paths


def _package_in(folder: Path) -> Path | None:
    packages = sorted(folder.glob(f"{PACKAGE}_*.deb"))
    return packages[-1] if packages else None


def _download(folder: Path, cache: Path) -> Path:
    """A fresh machine has no package lists yet, so a failed download is tried again after an update."""
    if shutil.which("apt-get") is None:
        raise DemonstrationError(f"apt-get is not here: put Debian's {PACKAGE}_*.deb into {cache} and run this again")
    download = ["apt-get", "-q", "download", PACKAGE]
    if os.geteuid() == 0:
        download += ["-o", "APT::Sandbox::User=root"]  # apt's own user cannot write into a project
    result = _run(download, folder)
    if result.returncode != 0:
        update = ["apt-get", "-q", "update"]
        _run(update if os.geteuid() == 0 else ["sudo", *update], folder)
        result = _run(download, folder)
    package = _package_in(folder)
    if result.returncode != 0 or package is None:
        raise DemonstrationError(
            f"Debian's package {PACKAGE} could not be downloaded; the demo needs the network once, or the file "
            f"{PACKAGE}_*.deb in {cache}. apt-get said: {result.stderr.strip() or result.stdout.strip()}"
        )
    return package


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        return subprocess.CompletedProcess(command, 127, "", str(error))


def _unpack_images(package: Path, folder: Path) -> None:
    """Takes only the images out of the package, into a new folder."""
    folder.mkdir()
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE) as process:
        try:
            with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
                for member in archive:
                    name = member.name.removeprefix(IMAGES_IN_PACKAGE)
                    if member.isfile() and "/" not in name and name.endswith(SUFFIXES):
                        content = archive.extractfile(member)
                        if content is not None:
                            (folder / name).write_bytes(content.read())
        except tarfile.TarError as error:
            raise DemonstrationError(f"{package} is damaged ({error}): remove it and run this again") from error
    if process.returncode != 0:
        raise DemonstrationError(f"dpkg-deb could not unpack {package}: remove it and run this again")


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
