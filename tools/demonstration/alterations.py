"""The ways in which the demo alters an image before it is uploaded again."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

Generator = np.random.Generator


EDGE = "near the limit of whole-image codes"
FAILS = "whole-image codes are known to fail here"


@dataclass(frozen=True)
class Alteration:
    """One way to alter an image."""

    key: str  # names its folder of uploads and its section of the page
    title: str
    apply: Callable[[Image.Image, Generator], Image.Image]
    format: str = "JPEG"
    quality: int = 85
    least_share: float = 0.0  # of the known images, that must be found
    weakness: str = ""  # what is known of whole-image codes here, where it is no strength


def altered_bytes(alteration: Alteration, image: Image.Image, name: str) -> bytes:
    """The altered image as a file's bytes. The same alteration, image and name always give the same."""
    generator = np.random.default_rng(zlib.crc32(f"{alteration.key}/{name}".encode()))
    altered = alteration.apply(over_white(image), generator)
    buffer = io.BytesIO()
    if alteration.format == "GIF":
        altered.quantize(64, Image.Quantize.FASTOCTREE).save(buffer, "GIF")
    else:
        altered.save(buffer, alteration.format, quality=alteration.quality)
    return buffer.getvalue()


def suffix(alteration: Alteration) -> str:
    return {"JPEG": ".jpg", "WEBP": ".webp", "GIF": ".gif"}[alteration.format]


def over_white(image: Image.Image) -> Image.Image:
    """RGB, upright, with transparency laid over white, as libmatch sees it."""
    upright = ImageOps.exif_transpose(image)
    if "transparency" not in upright.info and "A" not in upright.getbands():
        return upright.convert("RGB")
    layer = upright.convert("RGBA")
    white = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(white, layer).convert("RGB")


def _unaltered(image: Image.Image, _: Generator) -> Image.Image:
    return image


def _resized(factor: float) -> Callable[[Image.Image, Generator], Image.Image]:
    def apply(image: Image.Image, _: Generator) -> Image.Image:
        size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
        return image.resize(size, Image.Resampling.BICUBIC)

    return apply


def _grey(image: Image.Image, _: Generator) -> Image.Image:
    return image.convert("L").convert("RGB")


def _brighter(image: Image.Image, _: Generator) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(1.3)


def _more_contrast(image: Image.Image, _: Generator) -> Image.Image:
    return ImageEnhance.Contrast(image).enhance(1.4)


def _gamma(image: Image.Image, _: Generator) -> Image.Image:
    table = [round(255 * (value / 255) ** 1.6) for value in range(256)]
    return image.point(table * 3)


def _blurred(image: Image.Image, _: Generator) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(2))


def _noisy(image: Image.Image, generator: Generator) -> Image.Image:
    pixels = np.asarray(image, dtype=np.float32)
    noise = 12 * generator.standard_normal(pixels.shape, dtype=np.float32)
    return Image.fromarray(np.clip(np.rint(pixels + noise), 0, 255).astype(np.uint8))


def _with_text(image: Image.Image, _: Generator) -> Image.Image:
    written = image.copy()
    size = max(8.0, min(image.height / 12, image.width / 12))
    ImageDraw.Draw(written).text(
        (image.width / 2, image.height * 0.96),
        "when you see it again",
        font=ImageFont.load_default(size),
        anchor="ms",
        fill="white",
        stroke_fill="black",
        stroke_width=max(1, round(size / 12)),
    )
    return written


def _cropped(share: float) -> Callable[[Image.Image, Generator], Image.Image]:
    """Cuts `share` of the width off the left and right together, and of the height off the top and bottom."""

    def apply(image: Image.Image, _: Generator) -> Image.Image:
        x, y = round(image.width * share / 2), round(image.height * share / 2)
        return image.crop((x, y, image.width - x, image.height - y))

    return apply


def _bordered(image: Image.Image, _: Generator) -> Image.Image:
    return ImageOps.expand(image, round(0.05 * max(image.size)), "black")


def _rotated(degrees: float) -> Callable[[Image.Image, Generator], Image.Image]:
    def apply(image: Image.Image, _: Generator) -> Image.Image:
        return image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor="black")

    return apply


def _quarter_turned(image: Image.Image, _: Generator) -> Image.Image:
    return image.transpose(Image.Transpose.ROTATE_90)


def _mirrored(image: Image.Image, _: Generator) -> Image.Image:
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


# The least shares stand a little under what was measured, so that the demo fails when something breaks and
# not when a new version of Pillow rounds differently.
ALTERATIONS = (
    Alteration("jpeg90", "JPEG, quality 90", _unaltered, quality=90, least_share=1.0),
    Alteration("jpeg50", "JPEG, quality 50", _unaltered, quality=50, least_share=0.9),
    Alteration("jpeg20", "JPEG, quality 20", _unaltered, quality=20, least_share=0.9),
    Alteration("webp50", "WebP, quality 50", _unaltered, "WEBP", 50, least_share=0.9),
    Alteration("gif64", "GIF, 64 colours", _unaltered, "GIF", least_share=0.9),
    Alteration("quarter", "Resized to a quarter", _resized(0.25), least_share=0.85),
    Alteration("half", "Resized to half", _resized(0.5), least_share=0.9),
    Alteration("double", "Resized to double", _resized(2), least_share=0.9),
    Alteration("grey", "Grey", _grey, least_share=0.9),
    Alteration("brighter", "Brighter by 30 %", _brighter, least_share=0.9),
    Alteration("contrast", "Contrast up by 40 %", _more_contrast, least_share=0.9),
    Alteration("gamma", "Gamma 1.6", _gamma, least_share=0.9),
    Alteration("blur", "Blurred by 2 pixels", _blurred, least_share=0.9),
    Alteration("noise", "Noise of 12 levels", _noisy, least_share=0.9),
    Alteration("text", "Text at the bottom", _with_text, weakness=EDGE),
    Alteration("crop2", "Cropped by 2 %", _cropped(0.02), weakness=EDGE),
    Alteration("crop10", "Cropped by 10 %", _cropped(0.1), weakness=FAILS),
    Alteration("border", "Black border of 5 %", _bordered, least_share=0.65),
    Alteration("rotate1", "Rotated by 1°", _rotated(1), weakness=EDGE),
    Alteration("rotate5", "Rotated by 5°", _rotated(5), weakness=FAILS),
    Alteration("turn", "Turned by 90°", _quarter_turned, least_share=0.9),
    Alteration("mirror", "Mirrored", _mirrored, least_share=0.9),
)
