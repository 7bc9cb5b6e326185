"""What alterations are made of: each function takes an RGB image and gives a new one."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

Colour = tuple[int, int, int]
MIN_SIDE = 32


def resized(image: Image.Image, x_factor: float, y_factor: float) -> Image.Image:
    size = (max(MIN_SIDE, round(image.width * x_factor)), max(MIN_SIDE, round(image.height * y_factor)))
    return image.resize(size, Image.Resampling.LANCZOS)


def gamma(image: Image.Image, exponent: float) -> Image.Image:
    return image.point([round(255 * (value / 255) ** exponent) for value in range(256)] * 3)


def contrast(image: Image.Image, factor: float) -> Image.Image:
    return ImageEnhance.Contrast(image).enhance(factor)


def brighter(image: Image.Image, share: float) -> Image.Image:
    return image.point([min(255, max(0, round(value + 255 * share))) for value in range(256)] * 3)


def blurred(image: Image.Image, sigma: float) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(sigma))


def noisy(image: Image.Image, levels: float, generator: np.random.Generator) -> Image.Image:
    pixels = np.asarray(image, dtype=np.float32)
    noise = np.float32(levels) * generator.standard_normal(pixels.shape, dtype=np.float32)
    return Image.fromarray(np.clip(np.rint(pixels + noise), 0, 255).astype(np.uint8))


def part(image: Image.Image, x_share: float, y_share: float, left: float, top: float) -> Image.Image:
    """The part that has these shares of width and height; left and top say where: 0 at the edge, 1 at the other."""
    width, height = max(MIN_SIDE, round(image.width * x_share)), max(MIN_SIDE, round(image.height * y_share))
    x, y = round(left * max(0, image.width - width)), round(top * max(0, image.height - height))
    return image.crop((x, y, min(image.width, x + width), min(image.height, y + height)))


def turned_on_black(image: Image.Image, degrees: float) -> Image.Image:
    """Counter-clockwise about the centre, in a frame of the same size."""
    return image.rotate(degrees, Image.Resampling.BICUBIC)


def turned_inside(image: Image.Image, degrees: float) -> Image.Image:
    """Counter-clockwise about the centre, cut to the largest upright rectangle that shows no corner."""
    width, height = inner_rectangle(image.width, image.height, math.radians(abs(degrees)))
    whole = image.rotate(degrees, Image.Resampling.BICUBIC)
    # The frame cuts what a turned rectangle has beyond it, so the rectangle cannot be larger than the frame.
    width, height = min(width, image.width), min(height, image.height)
    x, y = (image.width - width) // 2, (image.height - height) // 2
    return whole.crop((x, y, x + width, y + height))


def inner_rectangle(width: int, height: int, angle: float) -> tuple[int, int]:
    """Sides of the largest upright rectangle within one that is turned by angle, 0 to pi / 2.

    Either two corners of the inner one touch two long sides of the outer one (it is so slender that half of its short
    side decides), or all four corners touch.
    """
    sine, cosine = math.sin(angle), math.cos(angle)
    long, short = max(width, height), min(width, height)
    if short <= 2 * sine * cosine * long:
        half = short / 2
        sides = (half / sine, half / cosine) if width >= height else (half / cosine, half / sine)
    else:
        doubled = cosine * cosine - sine * sine
        sides = ((width * cosine - height * sine) / doubled, (height * cosine - width * sine) / doubled)
    return max(MIN_SIDE, int(sides[0]) - 2), max(MIN_SIDE, int(sides[1]) - 2)


def framed(image: Image.Image, left: float, top: float, right: float, bottom: float, colour: Colour) -> Image.Image:
    """With borders of these shares of the image's width and height."""
    x, y = round(image.width * left), round(image.height * top)
    size = (image.width + x + round(image.width * right), image.height + y + round(image.height * bottom))
    frame = Image.new("RGB", size, colour)
    frame.paste(image, (x, y))
    return frame


def written(image: Image.Image, text: str, centre_y: float, height: float) -> Image.Image:
    """White letters with a black rim, a line `height` of the image's height, never wider than the image."""
    canvas = image.copy()
    draw = ImageDraw.Draw(canvas)
    size = max(6.0, height * image.height)
    length = draw.textlength(text, font=ImageFont.load_default(size))
    size *= min(1.0, 0.96 * image.width / max(1.0, length))
    draw.text(
        (image.width / 2, image.height * centre_y),
        text,
        font=ImageFont.load_default(size),
        anchor="mm",
        fill="white",
        stroke_fill="black",
        stroke_width=max(1, round(size / 14)),
    )
    return canvas


def with_logo(image: Image.Image, box: tuple[int, int, int, int], ground: Colour, figure: Colour) -> Image.Image:
    """A filled box (left, top, right, bottom) with an ellipse in its middle."""
    canvas = image.copy()
    draw = ImageDraw.Draw(canvas)
    left, top, right, bottom = box
    draw.rectangle(box, fill=ground)
    x, y = (right - left) // 6, (bottom - top) // 6
    draw.ellipse((left + x, top + y, right - x, bottom - y), fill=figure)
    return canvas


def orientation(image: Image.Image, which: int) -> Image.Image:
    """One of the seven ways to turn and mirror, 1 to 7."""
    return image.transpose(tuple(Image.Transpose)[which - 1])


def fitted(image: Image.Image, width: int, height: int) -> Image.Image:
    """Stretched to this size."""
    return image.resize((width, height), Image.Resampling.LANCZOS)


def capped(image: Image.Image, longer_side: int) -> Image.Image:
    """Shrunk, if it must be, so that no side is longer."""
    factor = longer_side / max(image.size)
    return image if factor >= 1 else resized(image, factor, factor)
