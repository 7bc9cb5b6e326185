"""Which of the unrelated images are not unrelated: one picture twice must not count as a false alarm.

That two images are near by the hash that is measured proves nothing here, or there would be no false alarms by
definition. So near pairs (within pairs.FARTHEST in any orientation) are looked at with what the hash does not see. A
pair is one picture when
  - both are of one kind and called alike, sizes and numbers aside (an icon in two sizes, a drawing and its twin), or
  - their details agree: PDQ sees the 16 lowest frequencies of an axis; of thumbnails of 64 by 64 what is finer than 16
    by 16 is compared, in all orientations, and has a correlation of at least SAME_DETAIL.
Of such a pair the later image is left out. Images of one template or watermark share much of what is drawn, by
intention; they differ in the picture and stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from robustness.pairs import Pairs
from robustness.pictures import open_image
from robustness.unrelated import Unrelated

SAME_DETAIL = 0.35
_SIDE, _COARSE = 64, 16

Detail = npt.NDArray[np.float32]


def without_duplicates(images: Sequence[Unrelated], near: Pairs) -> npt.NDArray[np.bool_]:
    """Which images stay. near: pairs of them, the smaller number first."""
    stays = np.ones(len(images), dtype=bool)
    order = np.lexsort((near.query, near.reference))
    for i, j in zip(near.query[order].tolist(), near.reference[order].tolist(), strict=True):
        if stays[i] and stays[j] and one_picture(images[i], images[j]):
            stays[j] = False
    return stays


def one_picture(first: Unrelated, second: Unrelated) -> bool:
    if first.cluster and first.cluster == second.cluster:
        return False
    if first.subject and (first.kind, first.subject) == (second.kind, second.subject):
        return True
    return same_detail(first.path, second.path) >= SAME_DETAIL


def same_detail(first: Path, second: Path) -> float:
    """The largest correlation of the two images' details over the eight orientations, -1 to 1."""
    fixed, other = detail_of(first), detail_of(second)
    turned = [np.rot90(other, quarter) for quarter in range(4)]
    return max(float(np.vdot(fixed, view)) for each in turned for view in (each, each[:, ::-1]))


@lru_cache(maxsize=20_000)
def detail_of(path: Path) -> Detail:
    """The grey thumbnail less its coarse part, of length 1; zeros for an image that has no detail."""
    grey = open_image(path).convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    coarse = grey.resize((_COARSE, _COARSE), Image.Resampling.BOX).resize(grey.size, Image.Resampling.BICUBIC)
    detail = np.asarray(grey, dtype=np.float32) - np.asarray(coarse, dtype=np.float32)
    length = float(np.linalg.norm(detail))
    return detail / np.float32(length) if length > 0 else detail
