"""Instructions that move values between registers and memory: loads, stores, atomics and asynchronous copies."""

from __future__ import annotations

from typing import Callable

import numpy as np
import numpy.typing as npt

from gpu.ptx.arithmetic import bits_of, dtype_of
from gpu.ptx.errors import PtxError
from gpu.ptx.lanes import LANES, Values, lanes_where, numbers, selected
from gpu.ptx.memory import LOCAL_BASE, SHARED_BASE
from gpu.ptx.source import Instruction, Operand
from gpu.ptx.warp import Copy, Warp, is_local

SPACES = ("global", "shared", "local", "param")


def space_of(instruction: Instruction) -> str:
    for part in instruction.opcode[1:]:
        if part.split("_")[0] in SPACES:
            return part.split("_")[0]
    return "generic"


def resolve(space: str, addresses: npt.NDArray[np.int64]) -> tuple[str, npt.NDArray[np.int64]]:
    """A generic address says by its size which memory it means."""
    if space != "generic":
        return space, addresses
    if is_local(addresses):
        return "local", addresses - LOCAL_BASE
    shared = (addresses >= SHARED_BASE) & (addresses < SHARED_BASE + (1 << 32))
    if shared.any() and not shared.all():
        raise PtxError("lanes of one instruction go to different memories")
    return ("shared", addresses - SHARED_BASE) if shared.any() else ("global", addresses)


def load_from(warp: Warp, space: str, addresses: npt.NDArray[np.int64], type_name: str, lanes: int) -> Values:
    size, dtype = bits_of(type_name) // 8, dtype_of(type_name)
    space, addresses = resolve(space, addresses)
    if space == "shared":
        return warp.around.shared.load(addresses, size, dtype, warp.access(lanes))
    if space == "local":
        return warp.local.load(lanes, addresses, size, dtype)
    return warp.around.memory.load(addresses, size, dtype)


def spread(values: Values, lanes: int) -> Values:
    full = np.zeros(LANES, values.dtype)
    full[selected(lanes)] = values
    return full


def parts(operand: Operand) -> list[str]:
    if isinstance(operand, tuple):
        raise PtxError("an address where registers should be")
    return operand if isinstance(operand, list) else [operand]


def load(warp: Warp, instruction: Instruction, lanes: int) -> None:
    space, type_name = space_of(instruction), plain_type(instruction.type)
    registers, where = parts(instruction.operands[0]), instruction.operands[1]
    size = bits_of(type_name) // 8
    if space == "param":
        load_parameter(warp, registers, where, type_name, lanes)
        return
    addresses = warp.address(where, lanes)
    if (addresses % (size * len(registers))).any():
        raise PtxError("load from a misaligned address")
    for i, register in enumerate(registers):
        values = load_from(warp, space, addresses + i * size, type_name, lanes)
        warp.write(register, spread(values, lanes), lanes, type_name)


def plain_type(type_name: str) -> str:
    return "b" + type_name[1:] if type_name[0] == "f" else type_name


def load_parameter(warp: Warp, registers: list[str], where: Operand, type_name: str, lanes: int) -> None:
    if not isinstance(where, tuple):
        raise PtxError("ld.param without an address")
    starts = {parameter.name: parameter.offset for parameter in warp.around.kernel.parameters}
    if where[0] not in starts:
        raise PtxError(f"{where[0]} is no parameter")
    size = bits_of(type_name) // 8
    for i, register in enumerate(registers):
        start = starts[where[0]] + where[1] + i * size
        value = np.frombuffer(warp.around.arguments[start : start + size], dtype_of(type_name))
        warp.write(register, np.repeat(value, LANES), lanes, type_name)


def store(warp: Warp, instruction: Instruction, lanes: int) -> None:
    type_name = plain_type(instruction.type)
    registers = parts(instruction.operands[1])
    size = bits_of(type_name) // 8
    addresses = warp.address(instruction.operands[0], lanes)
    if (addresses % (size * len(registers))).any():
        raise PtxError("store to a misaligned address")
    space, addresses = resolve(space_of(instruction), addresses)
    for i, register in enumerate(registers):
        values = warp.read(register, type_name, lanes)[selected(lanes)]
        if space == "shared":
            warp.around.shared.store(addresses + i * size, values, warp.access(lanes))
        elif space == "local":
            warp.local.store(lanes, addresses + i * size, values)
        else:
            warp.around.memory.store(addresses + i * size, values)


COMBINED: dict[str, Callable[[int, int], int]] = {
    "add": lambda old, new: old + new,
    "min": min,
    "max": max,
    "and": lambda old, new: old & new,
    "or": lambda old, new: old | new,
    "xor": lambda old, new: old ^ new,
    "exch": lambda _, new: new,
}


def update(warp: Warp, instruction: Instruction, lanes: int) -> None:
    """atom and red, lane after lane."""
    returns = instruction.opcode[0] == "atom"
    type_name = instruction.type
    operands = instruction.operands[1:] if returns else instruction.operands
    addresses = warp.address(operands[0], lanes)
    space, addresses = resolve(space_of(instruction), addresses)
    given = [warp.read(operand, type_name, lanes) for operand in operands[1:]]
    operation = instruction.opcode[-2]
    size, dtype = bits_of(type_name) // 8, dtype_of(type_name)
    before = np.zeros(LANES, dtype)
    for i, lane in enumerate(numbers(lanes)):
        one = addresses[i : i + 1]
        access = warp.access(1 << int(lane), is_atomic=True)
        if space == "shared":
            old = warp.around.shared.load(one, size, dtype, access)[0]
        else:
            old = warp.around.memory.load(one, size, dtype)[0]
        before[lane] = old
        if operation == "cas":
            new = int(given[1][lane]) if old == given[0][lane] else int(old)
        elif operation in COMBINED:
            new = COMBINED[operation](int(old), int(given[0][lane]))
        else:
            raise PtxError(f"an atomic {operation} is not known")
        wrapped = np.array([new & ((1 << (8 * size)) - 1)], f"u{size}").view(dtype)
        if space == "shared":
            warp.around.shared.store(one, wrapped, access)
        else:
            warp.around.memory.store(one, wrapped)
    if returns:
        warp.write(instruction.operands[0], before, lanes, type_name)


def copy_asynchronously(warp: Warp, instruction: Instruction, lanes: int) -> None:
    """cp.async: to shared memory, done as late as the waits allow."""
    if instruction.opcode[2] == "commit_group":
        warp.groups[selected(lanes)] += 1
    elif instruction.opcode[2] == "wait_group":
        finish_copies(warp, lanes, int(str(instruction.operands[0]), 0))
    elif instruction.opcode[2] == "wait_all":
        warp.groups[selected(lanes)] += 1
        finish_copies(warp, lanes, 0)
    else:
        begin_copy(warp, instruction, lanes)


def begin_copy(warp: Warp, instruction: Instruction, lanes: int) -> None:
    size = int(str(instruction.operands[2]), 0)
    copy = Copy(
        spread(warp.address(instruction.operands[0], lanes), lanes),
        spread(warp.address(instruction.operands[1], lanes), lanes),
        size,
        np.full(LANES, size),
        lanes,
        warp.groups.copy(),
    )
    if len(instruction.operands) > 3:
        copy.source_bytes = warp.read(instruction.operands[3], "u32", lanes).astype(np.int64)
    if size not in (4, 8, 16) or (copy.source[selected(lanes)] % size).any():
        raise PtxError("an asynchronous copy of another size than 4, 8 or 16, or from a misaligned address")
    reads = copy.source_bytes[selected(lanes)]
    if (reads > size).any() or (reads % 4).any():
        raise PtxError("an asynchronous copy reads more than it writes, or a part of a word")
    warp.around.shared.begin_copy(copy.to[selected(lanes)], size, warp.access(lanes))
    warp.copies.append(copy)


def finish_copies(warp: Warp, lanes: int, groups_left: int) -> None:
    for copy in warp.copies:
        done = copy.lanes & lanes & lanes_where(copy.group < warp.groups - groups_left)
        if not done:
            continue
        chosen = selected(done)
        for start in range(0, copy.size, 4):
            words = np.zeros(LANES, np.uint32)
            present = chosen & (copy.source_bytes > start)
            words[present] = warp.around.memory.load(copy.source[present] + start, 4, np.uint32)
            warp.around.shared.store(copy.to[chosen] + start, words[chosen], warp.access(done), ends_copy=True)
        copy.lanes &= ~done
    warp.copies = [copy for copy in warp.copies if copy.lanes]
