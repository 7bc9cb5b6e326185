"""Intervals of shares and bounds of rates, from their definitions."""

from __future__ import annotations

import math
from collections.abc import Callable

NORMAL_95_TWO_SIDED = 1.959963984540054


def wilson_interval(found: int, of: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927)."""
    if of == 0:
        return 0.0, 1.0
    z = NORMAL_95_TWO_SIDED
    share = found / of
    centre = share + z * z / (2 * of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    scale = 1 + z * z / of
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


def poisson_upper(seen: int, confidence: float = 0.95) -> float:
    """The largest mean that is still compatible with so few events: P(at most `seen`) = 1 - confidence."""
    return _bisected(lambda mean: _poisson_at_most(seen, mean) - (1 - confidence), 0.0, 2.0 * seen + 20)


def share_upper(seen: int, of: int, confidence: float = 0.95) -> float:
    """One-sided upper bound of a share (Clopper and Pearson 1934)."""
    if seen >= of:
        return 1.0
    return _bisected(lambda share: _binomial_at_most(seen, of, share) - (1 - confidence), 0.0, 1.0)


def _bisected(falling: Callable[[float], float], low: float, high: float) -> float:
    for _ in range(100):
        middle = (low + high) / 2
        if falling(middle) > 0:
            low = middle
        else:
            high = middle
    return high


def _poisson_at_most(seen: int, mean: float) -> float:
    if mean == 0:
        return 1.0
    return math.fsum(math.exp(-mean + i * math.log(mean) - math.lgamma(i + 1)) for i in range(seen + 1))


def _binomial_at_most(seen: int, of: int, share: float) -> float:
    if share in (0.0, 1.0):
        return 1.0 - share
    log_of = math.lgamma(of + 1)
    return math.fsum(
        math.exp(
            log_of - math.lgamma(i + 1) - math.lgamma(of - i + 1) + i * math.log(share) + (of - i) * math.log1p(-share)
        )
        for i in range(seen + 1)
    )
