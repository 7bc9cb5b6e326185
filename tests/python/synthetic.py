"""Synthetic images, made by integer arithmetic alone, and PDQ's reference answers for them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]


def synthetic_image(seed: int, width: int, height: int) -> Image:
    """An RGB image [height, width, 3]: six triangle waves and a little noise."""
    state = seed

    def following() -> int:
        nonlocal state
        state ^= state << 13 & 0xFFFFFFFF
        state ^= state >> 17
        state ^= state << 5 & 0xFFFFFFFF
        return state

    waves = [(following() % 9, following() % 9, following() % 1024, 8 + following() % 40) for _ in range(6)]
    gains = [1 + following() % 4 for _ in range(3)]
    x = np.arange(width, dtype=np.int64)[None, :]
    y = np.arange(height, dtype=np.int64)[:, None]
    base = np.zeros((height, width), dtype=np.int64)
    for fx, fy, phase, amplitude in waves:
        t = (fx * x * 1024 // width + fy * y * 1024 // height + phase) % 1024
        base += (np.where(t < 512, t, 1023 - t) - 256) * amplitude // 256
    channels = []
    for c in range(3):
        noise = ((x * 7919 + y * 104729 + c * 1299709 + seed * 15485863) >> 3) % (4 * gains[c] + 1)
        channels.append(np.clip(128 + base + (c - 1) * 8 + noise, 0, 255).astype(np.uint8))
    return np.dstack(channels)


def hexadecimal(codes: npt.NDArray[np.uint8]) -> list[str]:
    """Codes [n, size] as hexadecimal digits."""
    return [row.tobytes().hex() for row in codes]


class Golden(NamedTuple):
    """The reference's answer for synthetic_image(seed, width, height)."""

    seed: int
    width: int
    height: int
    quality: int
    codes: tuple[str, ...]
    """Plain, then the derived orientations rotate90 to flip_minus1."""

    def image(self) -> Image:
        """The image that was hashed."""
        return synthetic_image(self.seed, self.width, self.height)


# From the reference implementation in facebook/ThreatExchange.
GOLDEN = (
    Golden(
        1000,
        5,
        5,
        52,
        (
            "91a4cb72ce73348d69dac3f061d83c0f9625cb7291a4cb724e73348d69dac3f0",
            "e4f191a41b066e5b695ace7364d9318c9e2791a4e4f991a41b066e5b695ace73",
            "c4f161d89b269e273c8f695a3c8d96a5c37061d8c4f161d89b269e273c8f695a",
            "b1ac3b0e4e53c4f13e0f64d9318c9b26cb723b0eb1ac3b0e4e53c4f13c0f64d9",
            "91a4348dce73cb7269da3c0f69d8c3f09625348d91a4348dce73cb7269da3c0f",
            "c4f19e279b2661d83c8f96a5348d695ac3709e27c4f19e271b2661d83c8f96a5",
            "e4f16e5b1b0691a4695a318c64d9ce739e276e5be4f96e5b1b0691a4695a318c",
            "b1acc4f14e533b0e3e0f9b26318c64d9cb72c4f1b1acc4f14e533b0e3c0f9b26",
        ),
    ),
    Golden(
        1037,
        7,
        64,
        100,
        (
            "1f20389c9a9438dc9ed2398c3d88399c6de1e5cbc327c78362ddc277383c6e71",
            "2874ff02d7cb00fdff83752ea83d780f7fd8853280a786f0574a8ad10874ff02",
            "4a359276cf819276cb879326689d933638b44f6196726d29378868dd6d69c4db",
            "7d21d5a8829eaa57aad6df84fd68d2a52a8daf98d5f22c5a021f207b5d2155a8",
            "7f60c7239ad4c7239ed2c6733dc8c6636de11a34c327387c62dd3d88383c918e",
            "6a756d89cf816d89cb876cd9689d6cc938b4b09e967292d6378897226d693b24",
            "287400fd57cbff02ff838ad1a83d87f07fd818cd80a7790f574a752e087400fd",
            "7d21aa57029e55a8aad6207bfd682d5a2a8d5067d5f2d3a5021fdf845d21aa57",
        ),
    ),
    Golden(
        1111,
        65,
        63,
        100,
        (
            "23dd0977dc22897723dd897723dd7688fc22768823dd76885c22568843ddfe88",
            "3481de208bf5de227489de228b7721dd8b7721dd748821dd8b7721dd74a821dd",
            "768aa3dd897f23dd768823dd7688dc22a977dc22768adc220977fc22768a5422",
            "21d47488dea0748821dc7488de228b77de228b7721dd8b77de228b7721dc8b77",
            "23dd7688dc22768823dd768823dd8977fc22897723dd89775c22897703dd0175",
            "76885c228977dc227688dc22768823dda97723dd768a23dd097723dd1688abdd",
            "348121df8bf121dd748921dd8b77de228b77de227488de228b77de227488de22",
            "61d48b77dea68b7721dc8b77de227488de22748821dd7488fe227488a1ff7488",
        ),
    ),
    Golden(
        1259,
        200,
        300,
        100,
        (
            "28d5c9811375b6a20017b6a26428a6a22a2a77f7ecff7eb2003f7ef220077eaf",
            "5520bd8817f5c3a200b5e88a35d597b3d575579335fd578300a1579415ff1794",
            "7fa0632b46201c08556a1c08b9fd0c087f7fdd5db9aed418dd7ed558f552d405",
            "0a7f172ac2a26908d7e84220e0803d1d8228fd39eaa8fd295ffcfd3ec8aabd3e",
            "2af73e7e1375495d917f495deca8595d2a2a8808ecff814dd9ff810de0078150",
            "558094d44620e3f74400e3f73155f3f77f7f22a2b9aa2be744222aa715522bfa",
            "5520427597f73455c0b5177535d56040d575a06437fda87c02a9a86b1dffe86b",
            "027fe8dfc2a29eff97e8bddfe080caee82200aceeaa802de5ffc02e948aa42c1",
        ),
    ),
)
