"""What lanes do together: shuffles, votes, matches, reductions and products of matrices."""

from __future__ import annotations

from typing import Callable

import numpy as np

from gpu.ptx.errors import PtxError
from gpu.ptx.fragments import bit_product
from gpu.ptx.lanes import ALL, LANES, NUMBERS, lanes_where, selected
from gpu.ptx.source import Instruction
from gpu.ptx.warp import Warp


def members(warp: Warp, instruction: Instruction, lane: int, lanes: int) -> int:
    """The lanes that a lane says must come together."""
    if instruction.opcode[0] == "mma" or (instruction.opcode[0] == "bar" and len(instruction.operands) == 0):
        return ALL
    mask = warp.read(instruction.operands[-1], "u32", lanes)[lane]
    if not int(mask) >> lane & 1:
        raise PtxError(f"lane {lane} is not in its own mask {int(mask):08x}")
    return int(mask)


def execute_together(warp: Warp, instruction: Instruction, lanes: int) -> None:
    HANDLERS[instruction.opcode[0]](warp, instruction, lanes)


def shuffle(warp: Warp, instruction: Instruction, lanes: int) -> None:
    """After the pseudocode of shfl.sync."""
    mode = instruction.opcode[2]
    target, source, by, limits = instruction.operands[:4]
    values = warp.read(source, "b32", lanes)
    count = warp.read(by, "u32", lanes).astype(np.int64) & 31
    packed = warp.read(limits, "u32", lanes).astype(np.int64)
    segment = (packed >> 8) & 31
    last = (NUMBERS & segment) | (packed & 31 & ~segment)
    first = NUMBERS & segment
    if mode == "up":
        chosen = NUMBERS - count
        inside = chosen >= last
    elif mode == "down":
        chosen = NUMBERS + count
        inside = chosen <= last
    elif mode == "bfly":
        chosen = NUMBERS ^ count
        inside = chosen <= last
    else:
        chosen = first | (count & ~segment)
        inside = chosen <= last
    chosen = np.where(inside, chosen, NUMBERS)
    if not selected(lanes)[chosen[selected(lanes)]].all():
        raise PtxError("a shuffle reads a lane that does not take part")
    if not isinstance(target, str):
        raise PtxError("a shuffle gives one register, and perhaps a predicate")
    register, _, predicate = target.partition("|")
    warp.write(register, values[chosen], lanes)
    if predicate:
        warp.write(predicate, inside, lanes)


def vote(warp: Warp, instruction: Instruction, lanes: int) -> None:
    mode = instruction.opcode[2]
    told = lanes_where(warp.read(instruction.operands[1], "pred", lanes)) & lanes
    if mode == "ballot":
        warp.write(instruction.operands[0], np.full(LANES, told, np.uint32), lanes)
        return
    answers = {"any": told != 0, "all": told == lanes, "uni": told in (0, lanes)}
    warp.write(instruction.operands[0], np.full(LANES, answers[mode]), lanes)


def match(warp: Warp, instruction: Instruction, lanes: int) -> None:
    if instruction.opcode[1] != "any":
        raise PtxError("match.all is not known")
    values = warp.read(instruction.operands[1], instruction.type, lanes)
    chosen = selected(lanes)
    alike = [lanes_where((values == values[lane]) & chosen) for lane in range(LANES)]
    warp.write(instruction.operands[0], np.array(alike, np.uint32), lanes)


def reduce(warp: Warp, instruction: Instruction, lanes: int) -> None:
    values = warp.read(instruction.operands[1], instruction.type, lanes)[selected(lanes)]
    functions: dict[str, Callable[..., np.generic]] = {
        "add": np.add.reduce,
        "min": np.minimum.reduce,
        "max": np.maximum.reduce,
        "and": np.bitwise_and.reduce,
        "or": np.bitwise_or.reduce,
        "xor": np.bitwise_xor.reduce,
    }
    result = functions[instruction.opcode[2]](values, dtype=values.dtype)
    warp.write(instruction.operands[0], np.full(LANES, result, values.dtype), lanes)


def multiply_matrices(warp: Warp, instruction: Instruction, lanes: int) -> None:
    shape, rows, columns, *types = instruction.opcode[3:]
    if (rows, columns) != ("row", "col") or types[:4] != ["s32", "b1", "b1", "s32"] or types[5:] != ["popc"]:
        raise PtxError(f"{'.'.join(instruction.opcode)} is not known")
    d, a, b, c = ([operand] if isinstance(operand, str) else operand for operand in instruction.operands)
    if isinstance(a, tuple) or isinstance(b, tuple) or isinstance(c, tuple) or isinstance(d, tuple):
        raise PtxError("mma takes registers")
    read = [[warp.read(name, "b32", lanes).view(np.uint32) for name in names] for names in (a, b, c)]
    for name, values in zip(d, bit_product(shape, types[4], *read)):
        warp.write(name, values, lanes)


def synchronise(warp: Warp, _: Instruction, __: int) -> None:
    warp.warp_barriers += 1


HANDLERS: dict[str, Callable[[Warp, Instruction, int], None]] = {
    "shfl": shuffle,
    "vote": vote,
    "match": match,
    "redux": reduce,
    "mma": multiply_matrices,
    "bar": synchronise,
}


def is_collective(instruction: Instruction) -> bool:
    name = instruction.opcode[0]
    return name in ("shfl", "vote", "match", "redux", "mma") or instruction.opcode[:2] == ("bar", "warp")
