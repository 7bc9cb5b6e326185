"""The command, as a user types it, and pictures to give to it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

Command = Callable[..., "subprocess.CompletedProcess[str]"]

# Guards against a command that hangs, no measure of its speed: a sanitizer makes it slow.
TIMEOUT_S = 300

CODE_A = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22"
CODE_B = "0123456789abcdef" * 4
MD5 = "d41d8cd98f00b204e9800998ecf8427e"


def command_path() -> str:
    """Find the command that is tested."""
    path = os.environ.get("LIBMATCH_COMMAND") or shutil.which("libmatch")
    if path is None:
        pytest.fail("no command libmatch: set LIBMATCH_COMMAND or PATH")
    return str(Path(path).resolve())


@pytest.fixture(scope="session")
def libmatch_path() -> str:
    """Give the path of the command, for tests that start it themselves."""
    return command_path()


@pytest.fixture
def libmatch(libmatch_path: str, tmp_path: Path) -> Command:
    """Run the command in the test's own folder. Bytes that are not UTF-8 come back as surrogates."""

    def run(
        *arguments: str | Path | int, stdin: str = "", code: int = 0, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        result = subprocess.run(
            [libmatch_path, *map(str, arguments)],
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            cwd=tmp_path,
            timeout=TIMEOUT_S,
            env={**os.environ, **(env or {})},
        )
        assert result.returncode == code, (result.returncode, result.stdout, result.stderr)
        return result

    return run


def picture(seed: int, width: int = 320, height: int = 208) -> Image.Image:
    """Make smooth random blobs: enough detail for a high quality, and another code for every seed."""
    generator = np.random.default_rng(seed)
    coarse = Image.fromarray(generator.integers(0, 256, (26, 40, 3), dtype=np.uint8))
    return coarse.resize((width, height), Image.Resampling.BICUBIC)


def save(image: Image.Image, path: Path | str) -> Path:
    """Save an image, and make the folders on the way."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
    return Path(path)


@pytest.fixture
def known(tmp_path: Path) -> Path:
    """Make a folder of four pictures: known/{a.png, b.png, sub/c.png, z.png}."""
    folder = tmp_path / "known"
    for seed, name in enumerate(["a.png", "b.png", "sub/c.png", "z.png"]):
        save(picture(seed), folder / name)
    return folder


@pytest.fixture
def index(known: Path, libmatch: Command, tmp_path: Path) -> Path:
    """Build known.index: the four pictures with the ids 0 to 3."""
    libmatch("index", "build", "known.index", "known")
    return tmp_path / "known.index"


def rows(result: subprocess.CompletedProcess[str]) -> list[list[str]]:
    """Split the lines of an answer into fields."""
    return [line.split("\t") for line in result.stdout.splitlines()]


def info(libmatch: Command, index: Path | str) -> dict[str, object]:
    """Ask what an index holds."""
    result: dict[str, object] = json.loads(libmatch("index", "info", "--json", index).stdout)
    return result


def counts(added: int, left_out: int = 0, not_scanned: int = 0) -> str:
    """Say what `index build` and `index add` answer."""
    return f"added\t{added}\nleft_out\t{left_out}\nnot_scanned\t{not_scanned}\n"
