"""Unrelated images: from packages, disjoint tiles of large ones, and drawn ones. None shows what another shows."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from robustness import canvas
from robustness.drawn import Template, Watermark, page_of_text
from robustness.pictures import Picture, name_of, open_image, save
from robustness.sources import FONTS, PHOTOGRAPHS, Source, files_of

TILE = (360, 270)
MIN_SIDE = 64
PAGES_OF_TEXT = 6500
TEMPLATES, PICTURES_A_TEMPLATE = 25, 30
WATERMARKS, PICTURES_A_WATERMARK = 25, 30
TILE_KINDS = ("drawn backgrounds",)


@dataclass(frozen=True)
class Unrelated:
    """An image of the unrelated, as a file."""

    path: Path
    kind: str
    # What its file is called, without size and number: two of one kind and subject may be one drawing twice.
    subject: str
    # Images that share a frame or a mark by construction; "" for none.
    cluster: str = ""
    # The package and the first word of the name of what is drawn, in which the frames of an animation, the tiles of a
    # drawing, the variants of an icon and the screenshots of a page agree; "" for none.
    series: str = ""


def unrelated_images(
    photographs: Sequence[Picture], cache: Path, work: Path, share: float, sources: Sequence[Source]
) -> list[Unrelated]:
    """All of them, or about a share of each kind for a quick run. photographs: those that play no other part."""
    images: list[Unrelated] = []
    fillers: list[Path] = []
    for path in _tiles_of_large(photographs, cache, work, sources):
        # Every third tile is kept for templates and watermarks, so that no picture is seen both bare and in one.
        if zlib.crc32(path.name.encode()) % 3 == 0:
            fillers.append(path)
        else:
            images.append(Unrelated(path, "tiles", path.stem, series=_series_of_tile(path)))
    for source in sources:
        if source.kind in (PHOTOGRAPHS, FONTS, *TILE_KINDS):
            continue
        for path in _part_of(files_of(source, cache), share):
            series = series_of(source.package, path.stem)
            images.append(Unrelated(path, source.kind, _subject(path), series=series))
    fonts = [path for source in sources if source.kind == FONTS for path in files_of(source, cache)]
    images += _drawn(fillers, fonts, work, share, any(source.training for source in sources))
    return images


def _part_of(paths: Sequence[Path], share: float) -> list[Path]:
    return [path for path in paths if zlib.crc32(path.name.encode()) % 10_000 < share * 10_000]


def _subject(path: Path) -> str:
    return re.sub(r"[\W\d_]+", " ", path.stem).strip().lower()


def series_of(package: str, name: str) -> str:
    """A word has three letters or more: fewer are articles and abbreviations that whole packages share."""
    word = re.search(r"[a-z]{3,}", name.lower())
    return f"{package}: {word.group()}" if word else ""


def _series_of_tile(path: Path) -> str:
    package, _, name = path.stem.partition("_")
    return series_of(package, name)


def _tiles_of_large(
    photographs: Sequence[Picture], cache: Path, work: Path, sources: Sequence[Source]
) -> Iterator[Path]:
    originals = {picture.name for picture in photographs}
    for source in sources:
        if source.kind not in (PHOTOGRAPHS, *TILE_KINDS):
            continue
        for path in files_of(source, cache):
            name = name_of(source, path)
            if source.kind != PHOTOGRAPHS or name in originals:
                yield from _tiles(path, name, work / "tiles")


def _tiles(path: Path, name: str, folder: Path) -> list[Path]:
    """Disjoint, from the upper left corner on; of an image smaller than four tiles the whole."""
    listing = folder / f"{name}.txt"
    if listing.exists():
        return [folder / line for line in listing.read_text(encoding="utf-8").split("\n") if line]
    image = open_image(path)
    columns, rows = image.width // TILE[0], image.height // TILE[1]
    made = []
    if columns < 2 or rows < 2:
        columns = rows = 1
        tiles = [canvas.capped(image, 1024)]
    else:
        tiles = [
            image.crop((x * TILE[0], y * TILE[1], (x + 1) * TILE[0], (y + 1) * TILE[1]))
            for y in range(rows)
            for x in range(columns)
        ]
    for i, tile in enumerate(tiles):
        made.append(folder / f"{name}_{i}.jpg")
        save(tile, made[-1], 90)
    listing.write_text("\n".join(tile.name for tile in made), encoding="utf-8")
    return made


def _drawn(fillers: Sequence[Path], fonts: Sequence[Path], work: Path, share: float, training: bool) -> list[Unrelated]:
    """Those of a training run are others than those of an evaluation."""
    images = []
    for i in range(round(PAGES_OF_TEXT * share)):
        path = work / "pages" / f"{i}.jpg"
        if not path.exists():
            save(page_of_text(np.random.default_rng([1, i, int(training)]), fonts), path, 85)
        images.append(Unrelated(path, "text pages", f"page {i}"))
    waiting = sorted(fillers, key=lambda path: zlib.crc32(path.name.encode()))
    for i in range(max(2, round(TEMPLATES * share))):
        template = Template(np.random.default_rng([2, i, int(training)]))
        for filler in (waiting.pop() for _ in range(min(PICTURES_A_TEMPLATE, len(waiting)))):
            path = work / "templates" / f"{i}_{filler.stem}.jpg"
            if not path.exists():
                save(template.around(_opened(filler)), path, 85)
            images.append(Unrelated(path, "templates", path.stem, f"template {i}", _series_of_tile(filler)))
    for i in range(max(2, round(WATERMARKS * share))):
        mark = Watermark(np.random.default_rng([3, i, int(training)]))
        for filler in (waiting.pop() for _ in range(min(PICTURES_A_WATERMARK, len(waiting)))):
            path = work / "watermarks" / f"{i}_{filler.stem}.jpg"
            if not path.exists():
                save(mark.over(_opened(filler)), path, 85)
            images.append(Unrelated(path, "watermarks", path.stem, f"watermark {i}", _series_of_tile(filler)))
    return images


def _opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")
