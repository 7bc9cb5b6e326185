"""Where the bits of a matrix lie in the registers of a warp: the PTX ISA's "Matrix Fragments for mma" of type .b1, bit
by bit as it says. groupID is lane >> 2, threadID_in_group is lane % 4."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gpu.ptx.errors import PtxError
from gpu.ptx.lanes import LANES

Bits = npt.NDArray[np.int64]
GROUP = np.arange(LANES) >> 2
IN_GROUP = np.arange(LANES) % 4


def bits_of_registers(registers: list[npt.NDArray[np.uint32]]) -> Bits:
    """[lane][bit i of the fragment]: register i // 32, its bit i % 32."""
    stacked = np.stack(registers, axis=1)
    return ((stacked[:, :, None] >> np.arange(32, dtype=np.uint32)) & 1).reshape(LANES, -1).astype(np.int64)


def a_places(shape: str) -> tuple[Bits, Bits]:
    """Row and column of bit i of A's fragment, [lane][i]."""
    if shape == "m8n8k128":
        i = np.arange(32)
        return np.broadcast_to(GROUP[:, None], (LANES, 32)), IN_GROUP[:, None] * 32 + i
    i = np.arange(128)
    upper = (i < 32) | ((i >= 64) & (i < 96))
    rows = GROUP[:, None] + np.where(upper, 0, 8)
    columns = IN_GROUP[:, None] * 32 + (i & 0x1F) + np.where(i < 64, 0, 128)
    return rows, columns


def b_places(shape: str) -> tuple[Bits, Bits]:
    """Row and column of bit i of B's fragment, [lane][i]."""
    i = np.arange(32 if shape == "m8n8k128" else 64)
    rows = IN_GROUP[:, None] * 32 + (i & 0x1F) + np.where(i < 32, 0, 128)
    return rows, np.broadcast_to(GROUP[:, None], rows.shape)


def c_places(shape: str) -> tuple[Bits, Bits]:
    """Row and column of value i of C's fragment and of D's, [lane][i]."""
    i = np.arange(2 if shape == "m8n8k128" else 4)
    rows = GROUP[:, None] + np.where(i < 2, 0, 8)
    return rows, IN_GROUP[:, None] * 2 + (i & 1)


def bit_product(
    shape: str,
    operation: str,
    a: list[npt.NDArray[np.uint32]],
    b: list[npt.NDArray[np.uint32]],
    c: list[npt.NDArray[np.uint32]],
) -> list[npt.NDArray[np.uint32]]:
    """D = C + popcounts of what the operation makes of the rows of A and the columns of B."""
    sizes = {"m8n8k128": (8, 128, 1, 1, 2), "m16n8k256": (16, 256, 4, 2, 4)}
    if shape not in sizes or operation not in ("and", "xor"):
        raise PtxError(f"mma of shape {shape} by {operation} is not known")
    rows, depth, *counts = sizes[shape]
    if [len(a), len(b), len(c)] != counts:
        raise PtxError(f"mma {shape} takes {counts} registers, not {[len(a), len(b), len(c)]}")
    left = np.zeros((rows, depth), np.int64)
    left[a_places(shape)] = bits_of_registers(a)
    right = np.zeros((depth, 8), np.int64)
    right[b_places(shape)] = bits_of_registers(b)
    common = left @ right
    product = common if operation == "and" else left.sum(axis=1)[:, None] + right.sum(axis=0)[None, :] - 2 * common
    added = product[c_places(shape)]
    return [(c[i].astype(np.int64) + added[:, i]).astype(np.uint32) for i in range(len(c))]
