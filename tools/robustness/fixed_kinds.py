"""The 40 alterations with fixed parameters: what each step of a scale costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops

from robustness import canvas

Apply = Callable[[Image.Image, np.random.Generator], Image.Image]
CAPTION = "when you see it again"
SAVED_QUALITY = 85


@dataclass(frozen=True)
class FixedKind:
    """An alteration, and the quality of the JPEG in which it is saved."""

    key: str
    title: str
    apply: Apply
    quality: int = SAVED_QUALITY


def _jpeg(quality: int) -> FixedKind:
    return FixedKind(f"jpeg_{quality}", f"JPEG, quality {quality}", lambda image, _: image, quality)


def _resized(factor: float) -> FixedKind:
    return FixedKind(
        f"resize_{factor:g}", f"resized × {factor:g}", lambda image, _: canvas.resized(image, factor, factor)
    )


def _blurred(sigma: float) -> FixedKind:
    return FixedKind(f"blur_{sigma:g}", f"blur σ {sigma:g}", lambda image, _: canvas.blurred(image, sigma))


def _noisy(levels: float) -> FixedKind:
    return FixedKind(
        f"noise_{levels:g}", f"noise σ {levels:g}", lambda image, generator: canvas.noisy(image, levels, generator)
    )


def _gamma(exponent: float) -> FixedKind:
    return FixedKind(f"gamma_{exponent:g}", f"gamma {exponent:g}", lambda image, _: canvas.gamma(image, exponent))


def _crop_at_centre(percent: int) -> FixedKind:
    share = 1 - percent / 100
    return FixedKind(
        f"crop_centre_{percent}",
        f"{percent} % of each side cut, all around",
        lambda image, _: canvas.part(image, share, share, 0.5, 0.5),
    )


def _crop_at_corner(percent: int) -> FixedKind:
    share = 1 - percent / 100
    return FixedKind(
        f"crop_corner_{percent}",
        f"{percent} % of each side cut, right and below",
        lambda image, _: canvas.part(image, share, share, 0, 0),
    )


def _turned(degrees: float) -> FixedKind:
    return FixedKind(
        f"turn_{degrees:g}", f"turn of {degrees:g}° on black", lambda image, _: canvas.turned_on_black(image, degrees)
    )


def _bordered(percent: int) -> FixedKind:
    share = percent / 100
    return FixedKind(
        f"border_{percent}",
        f"black border of {percent} %",
        lambda image, _: canvas.framed(image, share, share, share, share, (0, 0, 0)),
    )


def _oriented(key: str, title: str, transpose: Image.Transpose) -> FixedKind:
    return FixedKind(key, title, lambda image, _: image.transpose(transpose))


def _with_logo(image: Image.Image, _: np.random.Generator) -> Image.Image:
    """A quarter of the width and a fifth of the height, in the lower right corner."""
    right, bottom = image.width - 1, image.height - 1
    box = (right - image.width // 4, bottom - image.height // 5, right, bottom)
    return canvas.with_logo(image, box, (230, 230, 230), (200, 30, 30))


FIXED_KINDS = (
    *(_jpeg(quality) for quality in (80, 60, 40, 20, 10)),
    *(_resized(factor) for factor in (2, 0.75, 0.5, 0.25)),
    *(_blurred(sigma) for sigma in (1, 2, 5)),
    *(_noisy(levels) for levels in (6, 12)),
    FixedKind("grey", "grey", lambda image, _: image.convert("L").convert("RGB")),
    *(_gamma(exponent) for exponent in (0.6, 1.6)),
    FixedKind("contrast", "contrast × 1.4", lambda image, _: canvas.contrast(image, 1.4)),
    *(_crop_at_centre(percent) for percent in (2, 5, 10, 20)),
    *(_crop_at_corner(percent) for percent in (2, 5, 10, 20)),
    *(_turned(degrees) for degrees in (1, 2, 5)),
    *(_bordered(percent) for percent in (3, 8)),
    FixedKind(
        "letterbox",
        "black bars of 12 % above and below",
        lambda image, _: canvas.framed(image, 0, 0.12, 0, 0.12, (0, 0, 0)),
    ),
    _oriented("mirror", "mirrored", Image.Transpose.FLIP_LEFT_RIGHT),
    _oriented("turn_90", "turned by 90°", Image.Transpose.ROTATE_90),
    _oriented("turn_180", "turned by 180°", Image.Transpose.ROTATE_180),
    _oriented("turn_270", "turned by 270°", Image.Transpose.ROTATE_270),
    FixedKind("text_bottom", "text at the bottom", lambda image, _: canvas.written(image, CAPTION, 0.92, 0.09)),
    FixedKind("text_centre", "large text at the centre", lambda image, _: canvas.written(image, CAPTION, 0.5, 0.2)),
    FixedKind("logo", "logo of 5 % in a corner", _with_logo),
    FixedKind("negative", "negative", lambda image, _: ImageChops.invert(image)),
)
