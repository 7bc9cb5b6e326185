"""What five GPUs can do in a clock, and what of it bounds a comparison of 256-bit codes.

Rates of instructions are those of the CUDA C++ Programming Guide ("Throughput of Native Arithmetic Instructions") and,
for products of bits, of the cards' data sheets, as are clocks and bandwidths. Measured is only how many products of
bits a Hopper takes (an H200, 2026-11-26: a loop of nothing else, by mma m16n8k256 `and`): 0.6 a clock.
"""

from __future__ import annotations

from dataclasses import dataclass

# Lanes a clock that a multiprocessor serves, and instructions of warps that it starts.
ALU_LANES = 64
FMA_LANES = 64
SLOW_LANES = 16
ISSUED_WARPS = 4
# Bytes a clock to and from shared memory.
SHARED_BYTES = 128
LANES = 32


@dataclass(frozen=True)
class Device:
    name: str
    architecture: str
    multiprocessors: int
    clock_hz: float
    # Products of bits a clock and multiprocessor, each of a whole warp, by the shape that the machine code names; where
    # they are emulated, none.
    products: dict[str, float]
    memory_bytes_per_s: float


DEVICES = [
    Device("T4", "sm_75", 40, 1.59e9, {"88128": 1.0}, 3.2e11),
    Device("A100", "sm_80", 108, 1.41e9, {"168256": 0.5}, 1.555e12),
    Device("H100", "sm_90", 132, 1.83e9, {"168256": 0.6}, 3.35e12),
    Device("H200", "sm_90", 132, 1.98e9, {"168256": 0.6}, 4.8e12),
    Device("B200", "sm_100", 148, 1.86e9, {}, 8.0e12),
]

PREFIX_BYTES = 12


def clocks(device: Device) -> float:
    """Of all multiprocessors in a second."""
    return device.multiprocessors * device.clock_hz


def limit_of(method: str, device: Device) -> float | None:
    """Pairs a second that the scarcest unit allows, whatever the kernel: the rows of a table of limits."""
    if method == "whole":  # eight popcounts a pair
        return clocks(device) * SLOW_LANES / 8
    if method == "adders":  # two
        return clocks(device) * SLOW_LANES / 2
    if method == "products":
        if "88128" in device.products:  # 64 pairs in two steps of 128 bits
            return clocks(device) * device.products["88128"] * 64 / 2
        if "168256" in device.products:
            return clocks(device) * device.products["168256"] * 128
        return None
    if method == "epilogue":  # one logical operation for each result of a product
        return clocks(device) * ALU_LANES
    if method == "stream":
        return device.memory_bytes_per_s / PREFIX_BYTES
    raise ValueError(f"there is no limit of {method}")
