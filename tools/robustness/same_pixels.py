"""Whether an image and the entry found in it by keypoints show the same picture after all, told without keypoints.

Packages hold one drawing in two colours, mirrored or with a badge, and one screenshot at two moments: to say that one
is an altered copy of the other is right, and must not count as a false alarm. What the library compares are codes of
corners and signs of steps in 32 by 32 places. Here the pixels themselves are laid over each other by the transform that
was found, the longer side of the entry being 256 pixels, and compared in blocks of 16 by 16 by their correlation, whose
sign does not matter. Pairs whose blocks go together for the most part are one picture twice. Those that share less, a
frame, a window or a watermark around different contents, are false alarms. It is a generous measure: two smooth
drawings whose edges run alike can pass, so a report names both numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from robustness.pictures import open_image

SAME_SHARE = 0.8
SAME_CORRELATION = 0.8
BLOCKS_MIN = 12
_SIDE, _BLOCK = 256, 16
_PLAIN = 4.0  # grey levels, deviation: a block of less says nothing

Plane = npt.NDArray[np.float32]


def is_one_picture(upload: Path, entry: Path, transform: Sequence[float]) -> bool:
    return share_of_same_blocks(open_image(upload), open_image(entry), transform) >= SAME_SHARE


def share_of_same_blocks(upload: Image.Image, entry: Image.Image, transform: Sequence[float]) -> float:
    """transform: as libmatch gives it, from the upload to the entry, in fractions of width and height. 0 where fewer
    than BLOCKS_MIN blocks can be compared."""
    scale = _SIDE / max(entry.size)
    size = max(1, round(entry.width * scale)), max(1, round(entry.height * scale))
    fixed = np.asarray(entry.convert("L").resize(size, Image.Resampling.BOX), dtype=np.float32)
    drawn, visible = _drawn_over(upload.convert("L"), size, transform)
    compared = same = 0
    for top in range(1, size[1] - _BLOCK, _BLOCK):
        for left in range(1, size[0] - _BLOCK, _BLOCK):
            block = fixed[top : top + _BLOCK, left : left + _BLOCK]
            around = np.s_[top - 1 : top + _BLOCK + 1, left - 1 : left + _BLOCK + 1]
            if block.std() >= _PLAIN and visible[around].all():
                compared += 1
                same += _best_correlation(block, drawn[around]) >= SAME_CORRELATION
    return same / compared if compared >= BLOCKS_MIN else 0.0


def _drawn_over(
    upload: Image.Image, size: tuple[int, int], transform: Sequence[float]
) -> tuple[Plane, npt.NDArray[np.bool_]]:
    """The upload in the entry's frame, and which pixels of the frame it covers."""
    a, b, c, d, e, f = (float(value) for value in transform)
    determinant = a * e - b * d
    if abs(determinant) < 1e-6:
        return np.zeros(size[::-1], dtype=np.float32), np.zeros(size[::-1], dtype=np.bool_)
    shrunk = min(1.0, math.sqrt(abs(determinant) * size[0] * size[1] / (upload.width * upload.height)))
    if shrunk < 1:
        smaller = max(1, round(upload.width * shrunk)), max(1, round(upload.height * shrunk))
        upload = upload.resize(smaller, Image.Resampling.BOX)
    # From pixels of the frame to pixels of the upload.
    width, height = size
    back = (e, -b, b * f - c * e, -d, a, c * d - a * f)
    to_pixels = tuple(
        value / determinant * (upload.width if i < 3 else upload.height) / (1, width, height)[(i + 1) % 3]
        for i, value in enumerate(back)
    )
    drawn = upload.transform(size, Image.Transform.AFFINE, to_pixels, Image.Resampling.BILINEAR)
    covered = Image.new("L", upload.size, 255).transform(size, Image.Transform.AFFINE, to_pixels)
    return np.asarray(drawn, dtype=np.float32), np.asarray(covered) == 255


def _best_correlation(block: Plane, around: Plane) -> float:
    """The largest of the nine places a pixel apart: transforms are not exact."""
    fixed = block - block.mean()
    best = 0.0
    for y in range(3):
        for x in range(3):
            moved = around[y : y + _BLOCK, x : x + _BLOCK]
            moved = moved - moved.mean()
            length = float(np.linalg.norm(moved) * np.linalg.norm(fixed))
            if length > 0:
                best = max(best, abs(float(np.vdot(fixed, moved))) / length)
    return best
