"""The 22 kinds of alteration whose parameters are drawn at random, and pairs of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from robustness import canvas

Generator = np.random.Generator
# companions: other images, for what shows more than one.
Apply = Callable[[Image.Image, Generator, Sequence[Image.Image]], Image.Image]

_SENTENCES = (
    "when you see the best one ever made share this now follow our page for more every day monday nobody knows why "
    "they said it could not be done funny team 2024 look again tell a friend"
)
WORDS = tuple(_SENTENCES.split())


@dataclass(frozen=True)
class Kind:
    """One way to alter an image, before it is saved as JPEG."""

    key: str
    title: str
    apply: Apply


def _sign(generator: Generator) -> int:
    return 1 if generator.random() < 0.5 else -1


def _colour(generator: Generator) -> canvas.Colour:
    red, green, blue = generator.integers(0, 256, 3)
    return int(red), int(green), int(blue)


def _plain_colour(generator: Generator) -> canvas.Colour:
    """What borders are: black, white, or any."""
    return ((0, 0, 0), (255, 255, 255), _colour(generator))[int(generator.integers(0, 3))]


def _downscaled(image: Image.Image, generator: Generator, _: Sequence[Image.Image]) -> Image.Image:
    factor = generator.uniform(0.3, 0.9)
    return canvas.resized(image, factor, factor)


def _toned(image: Image.Image, generator: Generator, _: Sequence[Image.Image]) -> Image.Image:
    image = canvas.gamma(image, math.exp(generator.uniform(-0.6, 0.6)))
    return canvas.brighter(canvas.contrast(image, generator.uniform(0.6, 1.5)), generator.uniform(-0.12, 0.12))


def _blurred_and_noisy(image: Image.Image, generator: Generator, _: Sequence[Image.Image]) -> Image.Image:
    return canvas.noisy(canvas.blurred(image, generator.uniform(0.8, 3)), generator.uniform(2, 14), generator)


def _cropped(least: float, most: float) -> Apply:
    def apply(image: Image.Image, generator: Generator, _: Sequence[Image.Image]) -> Image.Image:
        share = generator.uniform(least, most)
        return canvas.part(image, share, share, generator.random(), generator.random())

    return apply


def _cropped_unevenly(least: float, most: float) -> Apply:
    def apply(image: Image.Image, generator: Generator, _: Sequence[Image.Image]) -> Image.Image:
        x_share, y_share = generator.uniform(least, most, 2)
        return canvas.part(image, x_share, y_share, generator.random(), generator.random())

    return apply


def _bordered(image: Image.Image, generator: Generator, _: Sequence[Image.Image]) -> Image.Image:
    if generator.random() < 0.5:
        left, top, right, bottom = (float(share) for share in generator.uniform(0.02, 0.12, 4))
    else:
        left = top = right = bottom = generator.uniform(0.02, 0.12)
    return canvas.framed(image, left, top, right, bottom, _plain_colour(generator))


def _letterboxed(image: Image.Image, generator: Generator, _: Sequence[Image.Image]) -> Image.Image:
    share = generator.uniform(0.04, 0.2)
    x, y = (share, 0.0) if generator.random() < 0.5 else (0.0, share)
    return canvas.framed(image, x, y, x, y, (0, 0, 0))


def _turned_on_black(image: Image.Image, generator: Generator, _: Sequence[Image.Image]) -> Image.Image:
    return canvas.turned_on_black(image, _sign(generator) * generator.uniform(0.5, 8))


def _turned_inside(least: float, most: float) -> Apply:
    def apply(image: Image.Image, generator: Generator, _: Sequence[Image.Image]) -> Image.Image:
        return canvas.turned_inside(image, _sign(generator) * generator.uniform(least, most))

    return apply


def _oriented(image: Image.Image, generator: Generator, _: Sequence[Image.Image]) -> Image.Image:
    return canvas.orientation(image, int(generator.integers(1, 8)))


def _mirrored(image: Image.Image, _: Generator, __: Sequence[Image.Image]) -> Image.Image:
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def _written(image: Image.Image, generator: Generator, _: Sequence[Image.Image]) -> Image.Image:
    """One or two lines: at the top, at the bottom, somewhere in the middle."""
    places = generator.permutation(3)[: int(generator.integers(1, 3))]
    for place in places:
        text = " ".join(generator.choice(WORDS, int(generator.integers(2, 6)))).upper()
        height = generator.uniform(0.06, 0.14)
        centre = (0.03 + height / 2, 0.97 - height / 2, generator.uniform(0.4, 0.6))[place]
        image = canvas.written(image, text, centre, height)
    return image


def _with_logo(image: Image.Image, generator: Generator, _: Sequence[Image.Image]) -> Image.Image:
    """In a corner, or anywhere in one case of five."""
    width, height = (
        round(image.width * generator.uniform(0.12, 0.35)),
        round(image.height * generator.uniform(0.1, 0.3)),
    )
    place = int(generator.integers(0, 5))
    x_share, y_share = generator.uniform(0, 1, 2) if place == 4 else (place % 2, place // 2)
    x, y = round((image.width - 1 - width) * x_share), round((image.height - 1 - height) * y_share)
    return canvas.with_logo(image, (x, y, x + width, y + height), _colour(generator), _colour(generator))


def _collage(image: Image.Image, generator: Generator, companions: Sequence[Image.Image]) -> Image.Image:
    """Beside another, below another, or one of four, each in a field of the image's own shape."""
    fields = ((2, 1), (1, 2), (2, 2))[: 3 if len(companions) >= 3 else 2]
    columns, rows = fields[int(generator.integers(0, len(fields)))]
    scale = 480 / max(image.size)
    width, height = max(canvas.MIN_SIDE, round(image.width * scale)), max(canvas.MIN_SIDE, round(image.height * scale))
    chosen = generator.choice(len(companions), columns * rows - 1, replace=False)
    images = [image, *(companions[int(i)] for i in chosen)]
    sheet = Image.new("RGB", (columns * width, rows * height))
    for field, i in enumerate(generator.permutation(len(images))):
        sheet.paste(canvas.fitted(images[int(i)], width, height), (field % columns * width, field // columns * height))
    return sheet


def _picture_in_picture(image: Image.Image, generator: Generator, companions: Sequence[Image.Image]) -> Image.Image:
    """On another image or on a plain ground, half of them with lines of text."""
    width, height = 960, 720
    if generator.random() < 0.5:
        ground = canvas.fitted(companions[int(generator.integers(0, len(companions)))], width, height)
    else:
        ground = Image.new("RGB", (width, height), _plain_colour(generator))
    if generator.random() < 0.5:
        for _ in range(6):
            ground = canvas.written(ground, " ".join(generator.choice(WORDS, 6)), generator.uniform(0.03, 0.97), 0.035)
    share = generator.uniform(0.45, 0.8)
    scale = min(share * width / image.width, share * height / image.height)
    inset = canvas.resized(image, scale, scale)
    ground.paste(
        inset,
        (int(generator.integers(0, width - inset.width + 1)), int(generator.integers(0, height - inset.height + 1))),
    )
    return ground


def _stretched(image: Image.Image, generator: Generator, _: Sequence[Image.Image]) -> Image.Image:
    return canvas.resized(image, math.exp(generator.uniform(-0.35, 0.35)), 1)


def _in_turn(*steps: Apply) -> Apply:
    def apply(image: Image.Image, generator: Generator, companions: Sequence[Image.Image]) -> Image.Image:
        for step in steps:
            image = step(image, generator, companions)
        return image

    return apply


SINGLE_KINDS = (
    Kind("downscale", "downscaled to 0.3 to 0.9", _downscaled),
    Kind("tone", "gamma, contrast, brightness", _toned),
    Kind("blur_noise", "blur σ 0.8 to 3 and noise", _blurred_and_noisy),
    Kind("crop_90_98", "crop to 90 to 98 % of each side", _cropped(0.9, 0.98)),
    Kind("crop_75_90", "crop to 75 to 90 % of each side", _cropped(0.75, 0.9)),
    Kind("crop_50_75", "crop to 50 to 75 % of each side", _cropped(0.5, 0.75)),
    Kind("crop_uneven", "crop to 70 to 98 %, sides apart", _cropped_unevenly(0.7, 0.98)),
    Kind("border", "border of 2 to 12 %", _bordered),
    Kind("letterbox", "letterbox or pillarbox", _letterboxed),
    Kind("turn_black", "turn of 0.5 to 8° on black", _turned_on_black),
    Kind("turn_inside", "turn of 0.5 to 8°, cut inside", _turned_inside(0.5, 8)),
    Kind("turn_far", "turn of 8 to 45°, cut inside", _turned_inside(8, 45)),
    Kind("orientation", "mirrored or turned by 90°", _oriented),
    Kind("text", "one or two lines of text", _written),
    Kind("logo", "logo of 1 to 10 % of the area", _with_logo),
    Kind("collage", "collage of 2 or 4", _collage),
    Kind("inset", "picture in picture", _picture_in_picture),
    Kind("aspect", "aspect × 0.7 to 1.4", _stretched),
)
COMBINATIONS = (
    Kind("crop_mirror_text", "crop, mirror, text", _in_turn(_cropped_unevenly(0.8, 0.97), _mirrored, _written)),
    Kind("turn_tone_crop", "turn, tone, crop", _in_turn(_turned_inside(0.5, 5), _cropped(0.85, 0.98), _toned)),
    Kind("text_mirror_border", "text, mirror, border", _in_turn(_mirrored, _written, _bordered)),
    Kind("crop_aspect_logo", "crop, aspect, logo", _in_turn(_cropped_unevenly(0.8, 0.97), _stretched, _with_logo)),
)
KINDS = SINGLE_KINDS + COMBINATIONS


def pair_of_kinds(generator: Generator) -> Kind:
    """Two different single kinds, one after the other."""
    first, second = (SINGLE_KINDS[int(i)] for i in generator.choice(len(SINGLE_KINDS), 2, replace=False))
    return Kind(f"{first.key}+{second.key}", f"{first.title}, then {second.title}", _in_turn(first.apply, second.apply))
