"""Hard unrelated images that the project draws: pages of text, images with one watermark, images in one template."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Union

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from robustness import canvas
from robustness.kinds import WORDS

Generator = np.random.Generator
Font = Union[ImageFont.FreeTypeFont, ImageFont.ImageFont]
_SOUNDS = "ka ro mi ten sul pa der lo vin es tra bo ni qua lem or dis fe cu gan el sho wi mat"
SYLLABLES = tuple(_SOUNDS.split())


def page_of_text(generator: Generator, fonts: Sequence[Path]) -> Image.Image:
    """A scanned letter, an article or a list: words of made-up syllables, so that no two pages say the same."""
    width, height = 620, int(generator.integers(620, 900))
    paper = int(generator.integers(225, 256))
    page = Image.new("RGB", (width, height), (paper, paper, paper - int(generator.integers(0, 20))))
    draw = ImageDraw.Draw(page)
    size = int(generator.integers(11, 25))
    font, title = _font(generator, fonts, size), _font(generator, fonts, 2 * size)
    ink = int(generator.integers(0, 90))
    margin, columns = int(generator.integers(25, 80)), int(generator.integers(1, 3))
    gap, y = 24, margin
    if generator.random() < 0.6:
        draw.text((margin, y), _words(generator, 3), font=title, fill=(ink,) * 3)
        y += size * 3
    column = (width - 2 * margin - gap * (columns - 1)) // columns
    for i in range(columns):
        _fill_column(draw, generator, font, size, (margin + i * (column + gap), y, column, height - margin), ink)
    return page


def _font(generator: Generator, fonts: Sequence[Path], size: int) -> Font:
    """Any of the fonts; Pillow's own where there are none."""
    if not fonts:
        return ImageFont.load_default(size)
    return ImageFont.truetype(str(fonts[int(generator.integers(0, len(fonts)))]), size)


def _fill_column(
    draw: ImageDraw.ImageDraw,
    generator: Generator,
    font: Font,
    size: int,
    box: tuple[int, int, int, int],
    ink: int,
) -> None:
    """Paragraphs from the top of box (left, top, width, bottom) to its bottom."""
    left, y, width, bottom = box
    letters = max(8, int(width / (0.55 * size)))
    spacing = size * generator.uniform(1.2, 1.6)
    lines_left = int(generator.integers(2, 12))
    height = float(y)
    while height < bottom - size:
        share = 1.0 if lines_left > 1 else generator.uniform(0.2, 0.9)
        draw.text(
            (left, round(height)), _words(generator, 40)[: max(4, int(letters * share))], font=font, fill=(ink,) * 3
        )
        height += spacing
        lines_left -= 1
        if lines_left == 0:
            height += spacing * generator.uniform(0.3, 1.2)
            lines_left = int(generator.integers(2, 12))


def _words(generator: Generator, count: int) -> str:
    lengths = generator.integers(1, 5, count)
    syllables = generator.choice(SYLLABLES, int(lengths.sum()))
    words, start = [], 0
    for length in lengths:
        words.append("".join(syllables[start : start + length]))
        start += int(length)
    return " ".join(words).capitalize()


class Template:
    """A frame with a caption, coloured fields and a signature, into which any picture is put: what a meme is."""

    SIZE = (600, 640)

    def __init__(self, generator: Generator) -> None:
        width, height = self.SIZE
        self._frame = Image.new("RGB", self.SIZE, _colour(generator))
        self._band = int(generator.integers(90, 170))
        draw = ImageDraw.Draw(self._frame)
        for _ in range(5):
            x, y = int(generator.integers(0, width)), int(generator.integers(0, height))
            draw.ellipse((x - 60, y - 60, x + 60, y + 60), fill=_colour(generator))
        caption = " ".join(generator.choice(WORDS, 4)).upper()
        self._frame = canvas.written(self._frame, caption, self._band / 2 / height, 0.09)
        self._frame = canvas.written(self._frame, " ".join(generator.choice(WORDS, 5)), 0.96, 0.04)
        inset = int(generator.integers(15, 60))
        self._box = (inset, self._band, width - inset, height - 60)

    def around(self, picture: Image.Image) -> Image.Image:
        left, top, right, bottom = self._box
        filled = self._frame.copy()
        filled.paste(canvas.fitted(picture, right - left, bottom - top), (left, top))
        return filled


class Watermark:
    """One mark, the same in each picture: lines of text across it, half transparent, and a box in a corner."""

    def __init__(self, generator: Generator) -> None:
        self._text = " ".join(generator.choice(WORDS, 2)).upper()
        self._opacity = generator.uniform(0.35, 0.7)
        self._centres = generator.uniform(0.1, 0.9, 2)
        self._corner = int(generator.integers(0, 4))
        self._colours = _colour(generator), _colour(generator)

    def over(self, picture: Image.Image) -> Image.Image:
        marked = picture.copy()
        for centre in self._centres:
            marked = canvas.written(marked, self._text, centre, 0.1)
        mixed = Image.blend(picture, marked, self._opacity)
        width, height = mixed.width // 4, mixed.height // 5
        x = (mixed.width - 1 - width) * (self._corner % 2)
        y = (mixed.height - 1 - height) * (self._corner // 2)
        return canvas.with_logo(mixed, (x, y, x + width, y + height), *self._colours)


def _colour(generator: Generator) -> canvas.Colour:
    red, green, blue = generator.integers(0, 256, 3)
    return int(red), int(green), int(blue)
