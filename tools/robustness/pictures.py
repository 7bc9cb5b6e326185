"""Real photographs: brought to one form, near-duplicates left out, shared out between the parts that they play."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import libmatch
from PIL import Image

from demonstration.alterations import over_white
from demonstration.photographs import groups_of_near_duplicates
from robustness import canvas
from robustness.sources import PHOTOGRAPHS, Source, files_of

# The known image is the photograph at this size: what is measured does not depend on a camera's megapixels, and a
# run takes minutes.
LONGER_SIDE = 1024
MIN_SIDE = 240
MIN_QUALITY = 50
# Two photographs nearer than this in any orientation may show one scene; one of them stays.
GROUP_DISTANCE = 64
# What the packages hold beside photographs: boards, plots, drawings; and second views of one scene, in which a method
# that looks at parts may rightly find the first.
_NAMES = """
    left right chessboard digits graf pca_test pic stuff notes imageText opencv-logo LinuxLogo WindowsLogo box sudoku
    letter-recog calibration detect_blob templ Megamind vtest aloeGT phantom logo horse text page color microaneurysms
    no_time_for_that clock_motion multipage Blender_Suzanne blox cards ellipses ml. smarties cell Painting-Colors
    analogpattern aloeR motorcycle_right leuvenB ela_modified aero3 basketball2 rubberwhale2
"""
NO_PHOTOGRAPHS = tuple(_NAMES.split())


@dataclass(frozen=True)
class Picture:
    """A known image, as a file."""

    name: str
    package: str
    path: Path


@dataclass(frozen=True)
class Parts:
    """Who plays what; no photograph has two parts."""

    known: list[Picture]
    companions: list[Picture]  # what collages show beside the known image
    unrelated: list[Picture]


def open_image(path: Path) -> Image.Image:
    """RGB, upright, over white. Enlightenment's files hold a picture as JPEG several times, the largest first."""
    if path.suffix != ".edj":
        with Image.open(path) as image:
            return over_white(image)
    content = path.read_bytes()
    with Image.open(io.BytesIO(content[max(0, content.find(b"\xff\xd8\xff")) :])) as image:
        return over_white(image)


def photographs(cache: Path, work: Path, sources: Sequence[Source]) -> list[Picture]:
    """One of each group of near-duplicates, as JPEG files below `work`, in the order of their names."""
    folder = work / "originals"
    folder.mkdir(parents=True, exist_ok=True)
    pictures = []
    for source in sources:
        if source.kind != PHOTOGRAPHS:
            continue
        for path in files_of(source, cache):
            if path.name.startswith(NO_PHOTOGRAPHS):
                continue
            name = name_of(source, path)
            picture = Picture(name, source.package, folder / f"{name}.jpg")
            if not picture.path.exists():
                image = open_image(path)
                if min(image.size) < MIN_SIDE:
                    continue
                save(canvas.capped(image, LONGER_SIDE), picture.path, 95)
            pictures.append(picture)
    return sorted(_distinct(pictures), key=lambda picture: picture.name)


def name_of(source: Source, path: Path) -> str:
    """Tells files of one package apart whose folders alone differ, and is a file's name itself."""
    folder = path.parent.parent.parent.name if path.parent.name == "images" else ""
    return f"{source.package}_{folder}_{path.stem}" if folder else f"{source.package}_{path.stem}"


def save(image: Image.Image, path: Path, quality: int) -> None:
    """A file is there whole or not at all: what was made is kept between runs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}.part")
    image.save(unfinished, "JPEG", quality=quality)
    unfinished.rename(path)


def _distinct(pictures: Sequence[Picture]) -> list[Picture]:
    hashes = libmatch.hash_files([picture.path for picture in pictures], orientations="true")
    usable = {
        picture.name: (picture, [code.tobytes() for code in hashes.codes[i]])
        for i, picture in enumerate(pictures)
        if not hashes.reasons[i] and hashes.quality[i] >= MIN_QUALITY
    }
    groups = groups_of_near_duplicates(list(usable), [codes for _, codes in usable.values()], GROUP_DISTANCE)
    return [usable[group[0]][0] for group in groups]


def shared_out(pictures: Sequence[Picture], known: int, companions: Sequence[Picture]) -> Parts:
    """The same on every machine. `known` of them are in the list, from every package in turn. companions: photographs
    of other packages; where there are none, eight of the rest are."""
    ordered = sorted(pictures, key=lambda picture: hashlib.sha256(picture.name.encode()).digest())
    chosen = spread(ordered, known)
    rest = [picture for picture in ordered if picture not in chosen]
    own = 0 if companions else 8
    return Parts(chosen, [*companions, *rest[:own]], rest[own:])


def spread(pictures: Sequence[Picture], count: int) -> list[Picture]:
    """`count` of them, from every package in turn as long as it has some."""
    waiting = {
        package: [p for p in pictures if p.package == package] for package in sorted({p.package for p in pictures})
    }
    chosen: list[Picture] = []
    while len(chosen) < count and any(waiting.values()):
        for own in waiting.values():
            if own and len(chosen) < count:
                chosen.append(own.pop(0))
    return chosen
