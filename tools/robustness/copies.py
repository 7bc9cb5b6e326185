"""Altered copies of photographs, as JPEG files that are made once and kept."""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from robustness.fixed_kinds import FIXED_KINDS
from robustness.kinds import KINDS, pair_of_kinds
from robustness.pictures import Picture, open_image, save

PAIRS_AN_IMAGE = 4
PAIR = "pair of kinds"
LEAST_QUALITY, MOST_QUALITY = 55, 92


@dataclass(frozen=True)
class Copy:
    """An altered copy, and the name of the known image that it shows."""

    path: Path
    table: str  # "random" or "fixed"
    kind: str  # key of the alteration; PAIR for all pairs
    original: str


def altered_copies(
    pictures: Sequence[Picture], companions: Sequence[Picture], work: Path, processes: int
) -> list[Copy]:
    """Every kind once of every picture, and PAIRS_AN_IMAGE pairs of kinds."""
    tasks = [(picture, tuple(companions), work / "copies") for picture in pictures]
    if processes == 1:
        made = [_copies_of(task) for task in tasks]
    else:
        with ProcessPoolExecutor(processes) as pool:
            made = list(pool.map(_copies_of, tasks))
    return [copy for copies in made for copy in copies]


def _copies_of(task: tuple[Picture, tuple[Picture, ...], Path]) -> list[Copy]:
    picture, companions, folder = task
    image = open_image(picture.path)
    copies = []
    for kind in KINDS:
        copy = Copy(folder / kind.key / f"{picture.name}.jpg", "random", kind.key, picture.name)
        if not copy.path.exists():
            generator = _generator(kind.key, picture.name)
            save(kind.apply(image, generator, _opened(companions)), copy.path, _quality(generator))
        copies.append(copy)
    for i in range(PAIRS_AN_IMAGE):
        copy = Copy(folder / "pairs" / f"{picture.name}_{i}.jpg", "random", PAIR, picture.name)
        if not copy.path.exists():
            generator = _generator(f"pair {i}", picture.name)
            kind = pair_of_kinds(generator)
            save(kind.apply(image, generator, _opened(companions)), copy.path, _quality(generator))
        copies.append(copy)
    for fixed in FIXED_KINDS:
        copy = Copy(folder / "fixed" / fixed.key / f"{picture.name}.jpg", "fixed", fixed.key, picture.name)
        if not copy.path.exists():
            save(fixed.apply(image, _generator(fixed.key, picture.name)), copy.path, fixed.quality)
        copies.append(copy)
    return copies


def _generator(key: str, name: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(os.fsencode(f"{key}/{name}")))


def _quality(generator: np.random.Generator) -> int:
    return int(generator.integers(LEAST_QUALITY, MOST_QUALITY + 1))


@lru_cache(maxsize=2)
def _opened(companions: tuple[Picture, ...]) -> list[Image.Image]:
    return [open_image(companion.path) for companion in companions]
