"""What `pip install` gives beside the module."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sysconfig
from pathlib import Path

import libmatch
import pytest


@pytest.fixture(scope="module")
def distribution() -> importlib.metadata.Distribution:
    try:
        return importlib.metadata.distribution("libmatch")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("libmatch is not installed as a wheel here")


def test_the_version_is_the_librarys(distribution: importlib.metadata.Distribution) -> None:
    assert distribution.version == libmatch.version


def test_the_command_is_on_the_path_of_the_environment(distribution: importlib.metadata.Distribution) -> None:
    command = Path(sysconfig.get_path("scripts")) / "libmatch"
    result = subprocess.run([command, "backends"], capture_output=True, text=True, check=True)
    assert all(name in result.stdout for name in libmatch.backends())


def test_the_wheel_holds_nothing_else(distribution: importlib.metadata.Distribution) -> None:
    files = {str(file) for file in distribution.files or [] if "__pycache__" not in str(file)}
    package = {file for file in files if file.startswith("libmatch/")}
    extension = {file for file in package if file.startswith("libmatch/_libmatch.") and file.endswith(".so")}
    assert len(extension) == 1
    assert package - extension == {
        "libmatch/__init__.py",
        "libmatch/_libmatch.pyi",
        "libmatch/_matcher.py",
        "libmatch/_results.py",
        "libmatch/libmatch-worker",
        "libmatch/py.typed",
    }
    assert not [file for file in files - package if ".dist-info/" not in file and not file.endswith("bin/libmatch")]
