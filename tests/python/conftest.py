"""What several tests use."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Callable

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from synthetic import synthetic_image

Codes = npt.NDArray[np.uint8]


@pytest.fixture
def random_codes() -> Callable[..., Codes]:
    """Makes codes [n, bits / 8], the same ones for the same seed."""

    def make(n: int, bits: int = 256, seed: int = 1) -> Codes:
        return np.random.default_rng(seed).integers(0, 256, (n, bits // 8), dtype=np.uint8)

    return make


@pytest.fixture
def png() -> bytes:
    """A PNG of synthetic_image(1259, 200, 300)."""
    file = io.BytesIO()
    Image.fromarray(synthetic_image(1259, 200, 300)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def folder(tmp_path: Path, png: bytes) -> Path:
    """A folder of a picture, its grey copy, another picture, a flat one, a text and a broken picture."""
    (tmp_path / "picture.png").write_bytes(png)
    Image.fromarray(synthetic_image(1259, 200, 300)).convert("L").save(tmp_path / "grey.png")
    Image.fromarray(synthetic_image(1111, 65, 63)).save(tmp_path / "other.png")
    Image.new("RGB", (64, 64), (7, 7, 7)).save(tmp_path / "flat.png")
    (tmp_path / "notes.txt").write_text("no image at all")
    (tmp_path / "broken.png").write_bytes(png[: len(png) // 2])
    return tmp_path
