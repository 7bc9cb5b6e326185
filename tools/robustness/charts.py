"""Charts as SVG, written by hand: lines, steps and bars with whiskers need no library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

COLOURS = ("#1b6ca8", "#c8553d", "#3c8d5a", "#7a4fa3", "#8a6d1d", "#555555")
_WIDTH, _HEIGHT = 760, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 20, 44, 52
_STYLE = 'font-family="sans-serif" font-size="12" fill="#222"'


@dataclass(frozen=True)
class Series:
    """A line through points, in the order given. labels: what stands beside a point, by its number."""

    title: str
    points: Sequence[tuple[float, float]]
    labels: dict[int, str] | None = None


@dataclass(frozen=True)
class Axis:
    """From `least` to `most`; a logarithmic one has ticks at powers of ten."""

    title: str
    least: float
    most: float
    logarithmic: bool = False

    def share(self, value: float) -> float:
        """Where on the axis: 0 at its beginning, 1 at its end."""
        if self.logarithmic:
            clipped = math.log10(max(value, self.least) / self.least)
            return min(1.0, clipped / math.log10(self.most / self.least))
        return min(1.0, max(0.0, (value - self.least) / (self.most - self.least)))

    def ticks(self) -> list[tuple[float, str]]:
        if self.logarithmic:
            low, high = math.ceil(math.log10(self.least) - 1e-9), math.floor(math.log10(self.most) + 1e-9)
            return [(10.0**power, f"1e{power}") for power in range(low, high + 1)]
        step = _round_step((self.most - self.least) / 8)
        count = math.floor((self.most - self.least) / step + 1e-9)
        return [(self.least + i * step, f"{self.least + i * step:g}") for i in range(count + 1)]


def line_chart(title: str, x: Axis, y: Axis, lines: Sequence[Series], stepped: bool = False) -> str:
    """stepped: each point is a step that begins at its x, as a histogram's."""
    parts = [_frame(title, x, y)]
    for i, series in enumerate(lines):
        colour = COLOURS[i % len(COLOURS)]
        points = _steps(series.points) if stepped else list(series.points)
        path = " ".join(f"{_x(x, px):.1f},{_y(y, py):.1f}" for px, py in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for number, label in (series.labels or {}).items():
            px, py = series.points[number]
            parts.append(f'<circle cx="{_x(x, px):.1f}" cy="{_y(y, py):.1f}" r="3.5" fill="{colour}"/>')
            parts.append(f'<text x="{_x(x, px) + 6:.1f}" y="{_y(y, py) + 14:.1f}" {_STYLE}>{escape(label)}</text>')
        parts.append(_legend(i, series.title, colour))
    return _document(_WIDTH, _HEIGHT, parts)


@dataclass(frozen=True)
class Bar:
    """A share with its interval, 0 to 1."""

    share: float
    least: float
    most: float


def bar_chart(title: str, rows: Sequence[tuple[str, Sequence[Bar]]], series: Sequence[str]) -> str:
    """A group of horizontal bars a row."""
    thickness, gap, left = 9, 8, 230
    group = thickness * len(series) + gap
    height = _TOP + 24 + group * len(rows) + 30
    scale = _WIDTH - left - 40
    parts = [f'<text x="12" y="22" {_STYLE} font-weight="bold">{escape(title)}</text>']
    for percent in range(0, 101, 20):
        px = left + scale * percent / 100
        parts.append(f'<line x1="{px}" y1="{_TOP + 20}" x2="{px}" y2="{height - 26}" stroke="#ddd"/>')
        parts.append(f'<text x="{px}" y="{height - 10}" text-anchor="middle" {_STYLE}>{percent} %</text>')
    for i, name in enumerate(series):
        parts.append(f'<rect x="{12 + 180 * i}" y="32" width="10" height="10" fill="{COLOURS[i % len(COLOURS)]}"/>')
        parts.append(f'<text x="{26 + 180 * i}" y="41" {_STYLE}>{escape(name)}</text>')
    for number, (label, bars) in enumerate(rows):
        top = _TOP + 24 + number * group
        parts.append(
            f'<text x="{left - 8}" y="{top + thickness * len(bars) / 2 + 4}" text-anchor="end" {_STYLE}>'
            f"{escape(label)}</text>"
        )
        for i, bar in enumerate(bars):
            y = top + i * thickness
            colour = COLOURS[i % len(COLOURS)]
            parts.append(
                f'<rect x="{left}" y="{y}" width="{scale * bar.share:.1f}" height="{thickness - 1}" fill="{colour}"/>'
            )
            middle = y + (thickness - 1) / 2
            parts.append(
                f'<line x1="{left + scale * bar.least:.1f}" y1="{middle}" '
                f'x2="{left + scale * bar.most:.1f}" y2="{middle}" stroke="#222"/>'
            )
    return _document(_WIDTH, height, parts)


def _steps(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    return [corner for x, y in points for corner in ((x, y), (x + 1, y))]


def _round_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * step for step in (1, 2, 5, 10) if power * step >= least * (1 - 1e-9))


def _x(axis: Axis, value: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * axis.share(value)


def _y(axis: Axis, value: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * axis.share(value)


def _frame(title: str, x: Axis, y: Axis) -> str:
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    parts = [f'<text x="{_LEFT}" y="22" {_STYLE} font-weight="bold">{escape(title)}</text>']
    for value, label in x.ticks():
        px = _x(x, value)
        parts.append(f'<line x1="{px:.1f}" y1="{_TOP}" x2="{px:.1f}" y2="{bottom}" stroke="#e4e4e4"/>')
        parts.append(f'<text x="{px:.1f}" y="{bottom + 17}" text-anchor="middle" {_STYLE}>{label}</text>')
    for value, label in y.ticks():
        py = _y(y, value)
        parts.append(f'<line x1="{_LEFT}" y1="{py:.1f}" x2="{right}" y2="{py:.1f}" stroke="#e4e4e4"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{py + 4:.1f}" text-anchor="end" {_STYLE}>{label}</text>')
    parts.append(
        f'<text x="{(_LEFT + right) / 2}" y="{_HEIGHT - 12}" text-anchor="middle" {_STYLE}>{escape(x.title)}</text>'
    )
    middle = (_TOP + bottom) / 2
    parts.append(
        f'<text x="16" y="{middle}" text-anchor="middle" transform="rotate(-90 16 {middle})" {_STYLE}>'
        f"{escape(y.title)}</text>"
    )
    return "\n".join(parts)


def _legend(row: int, title: str, colour: str) -> str:
    y = _TOP + 16 + 18 * row
    return (
        f'<rect x="{_LEFT + 12}" y="{y - 9}" width="18" height="4" fill="{colour}"/>'
        f'<text x="{_LEFT + 36}" y="{y - 3}" {_STYLE}>{escape(title)}</text>'
    )


def _document(width: int, height: float, parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height:g}" viewBox="0 0 {width} {height:g}">'
    )
    return "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>", ""])
