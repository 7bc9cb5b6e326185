"""Debian packages as a source of files: fetched and unpacked into a folder of the project, never installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path


class PackageError(Exception):
    """Something that the user can mend; the message says what."""


def find(name: str, folder: Path) -> Path | None:
    """The package's newest file in a folder."""
    packages = sorted(folder.glob(f"{name}_*.deb"))
    return packages[-1] if packages else None


def version_of(package: Path) -> str:
    """What stands between the name and the architecture in the name of its file."""
    return package.name.split("_")[1].replace("%3a", ":")


def download(name: str, folder: Path, cache: Path) -> Path:
    """The package's file, fetched into `folder`. `cache` is where the message says that it may be put by hand.

    A fresh machine has no package lists yet, so a failed download is tried again after an update.
    """
    if shutil.which("apt-get") is None:
        raise PackageError(f"apt-get is not here: put Debian's {name}_*.deb into {cache} and run this again")
    command = ["apt-get", "-q", "download", name]
    if os.geteuid() == 0:
        command += ["-o", "APT::Sandbox::User=root"]  # apt's own user cannot write into a project
    result = _run(command, folder)
    if result.returncode != 0:
        update = ["apt-get", "-q", "update"]
        _run(update if os.geteuid() == 0 else ["sudo", *update], folder)
        result = _run(command, folder)
    package = find(name, folder)
    if result.returncode != 0 or package is None:
        raise PackageError(
            f"Debian's package {name} could not be downloaded; this needs the network once, or the file "
            f"{name}_*.deb in {cache}. apt-get said: {result.stderr.strip() or result.stdout.strip()}"
        )
    return package


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        return subprocess.CompletedProcess(command, 127, "", str(error))


def unpack(package: Path, folder: Path, name_for: Callable[[str], str | None]) -> None:
    """Takes files out of the package into a new folder.

    name_for is asked for each path in the package ("usr/share/...") and says what the file is called in the folder,
    "/" included; None leaves it out.
    """
    folder.mkdir()
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE) as process:
        try:
            with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
                for member in archive:
                    name = name_for(member.name.removeprefix("./")) if member.isfile() else None
                    content = archive.extractfile(member) if name is not None else None
                    if name is not None and content is not None:
                        (folder / name).parent.mkdir(parents=True, exist_ok=True)
                        (folder / name).write_bytes(content.read())
        except tarfile.TarError as error:
            raise PackageError(f"{package} is damaged ({error}): remove it and run this again") from error
    if process.returncode != 0:
        raise PackageError(f"dpkg-deb could not unpack {package}: remove it and run this again")
