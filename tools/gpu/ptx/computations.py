"""Instructions that compute in registers alone: each from its text to a call of arithmetic.py."""

from __future__ import annotations

import numpy as np

from gpu.ptx import arithmetic
from gpu.ptx.arithmetic import COMPARISONS, PAIRWISE, SINGLE, converted, dtype_of
from gpu.ptx.errors import PtxError
from gpu.ptx.lanes import LANES, Values
from gpu.ptx.memory import LOCAL_BASE, SHARED_BASE
from gpu.ptx.source import Instruction
from gpu.ptx.transfers import plain_type
from gpu.ptx.warp import Warp

WINDOWS = {"shared": SHARED_BASE, "local": LOCAL_BASE, "global": 0}
PREDICATE_FUNCTIONS = {"and": np.logical_and, "or": np.logical_or, "xor": np.logical_xor}


def compute(warp: Warp, instruction: Instruction, lanes: int) -> None:
    name, type_name = instruction.opcode[0], plain_type(instruction.type)
    if name == "setp":
        compare(warp, instruction, lanes)
        return
    result: Values
    if type_name == "pred":
        result = of_predicates(warp, instruction, lanes)
    elif name == "mov" and any(isinstance(operand, list) for operand in instruction.operands):
        move_parts(warp, instruction, lanes)
        return
    elif name == "cvta":
        result = change_window(warp, instruction, lanes)
    elif name == "cvt":
        result = convert(warp, instruction, lanes)
    elif name in ("mul", "mad"):
        result = multiply(warp, instruction, lanes)
    else:
        result = of_values(warp, instruction, type_name, lanes)
    warp.write(instruction.operands[0], result, lanes)


def of_values(warp: Warp, instruction: Instruction, type_name: str, lanes: int) -> Values:
    name, operands = instruction.opcode[0], instruction.operands

    def value(i: int, of_type: str = type_name) -> Values:
        return warp.read(operands[i], of_type, lanes)

    if name in PAIRWISE and len(instruction.opcode) == 2:
        return PAIRWISE[name](value(1), replaced_zeros(value(2), name))
    if name in SINGLE and len(instruction.opcode) == 2:
        return SINGLE[name](value(1))
    if name in ("shl", "shr"):
        return arithmetic.shift(value(1), value(2, "u32"), name == "shl")
    if name == "selp":
        return np.where(warp.read(operands[3], "pred", lanes), value(1), value(2))
    if name == "bfind":
        return arithmetic.highest_bit(value(1), "shiftamt" in instruction.opcode)
    if name == "lop3":
        return arithmetic.any_of_three(value(1), value(2), value(3), int(str(operands[4]), 0))
    if name == "bfe":
        return arithmetic.extracted(value(1), value(2, "u32"), value(3, "u32"))
    if name == "bfi":
        return arithmetic.inserted(value(1), value(2), value(3, "u32"), value(4, "u32"))
    if name == "prmt" and len(instruction.opcode) == 2:
        return arithmetic.permuted_bytes(value(1), value(2), value(3))
    if name == "shf":
        to_left, wraps = instruction.opcode[1] == "l", instruction.opcode[2] == "wrap"
        return arithmetic.funnel_shifted(value(1), value(2), value(3), to_left, wraps)
    if name == "dp4a":
        a_type, b_type = instruction.opcode[1:3]
        return arithmetic.dot_product(value(1, a_type), value(2, b_type), value(3, b_type), a_type, b_type)
    if instruction.opcode == ("vabsdiff4", "u32", "u32", "u32"):
        return arithmetic.byte_differences(value(1), value(2))
    if name == "sad":
        return np.where(value(1) > value(2), value(1) - value(2), value(2) - value(1)) + value(3)
    if name == "activemask":
        return np.full(LANES, lanes, np.uint32)
    raise PtxError(f"{'.'.join(instruction.opcode)} is not known")


def replaced_zeros(values: Values, name: str) -> Values:
    """Lanes that take no part may hold zeros; those that do must not divide by them, which the device lets pass."""
    return np.where(values == 0, values.dtype.type(1), values) if name in ("div", "rem") else values


def compare(warp: Warp, instruction: Instruction, lanes: int) -> None:
    if len(instruction.opcode) not in (3, 4) or instruction.opcode[1] not in COMPARISONS:
        raise PtxError(f"{'.'.join(instruction.opcode)} is not known")
    a = warp.read(instruction.operands[1], instruction.type, lanes)
    b = warp.read(instruction.operands[2], instruction.type, lanes)
    result = COMPARISONS[instruction.opcode[1]](a, b)
    if len(instruction.opcode) == 4:
        with_predicate = warp.read(instruction.operands[3], "pred", lanes)
        result = PREDICATE_FUNCTIONS[instruction.opcode[2]](result, with_predicate)
    warp.write(instruction.operands[0], result, lanes)


def of_predicates(warp: Warp, instruction: Instruction, lanes: int) -> Values:
    name, operands = instruction.opcode[0], instruction.operands
    if name == "mov" and str(operands[1]).lstrip("-").isdigit():
        return np.full(LANES, str(operands[1]) != "0")
    first = warp.read(operands[1], "pred", lanes)
    if name == "mov":
        return first
    if name == "not":
        return ~first
    if name in PREDICATE_FUNCTIONS:
        return PREDICATE_FUNCTIONS[name](first, warp.read(operands[2], "pred", lanes))
    raise PtxError(f"{name}.pred is not known")


def move_parts(warp: Warp, instruction: Instruction, lanes: int) -> None:
    """mov between one wide register and the narrow ones that make it up, the lowest first."""
    to, source = instruction.operands
    wide = dtype_of(plain_type(instruction.type))
    if isinstance(source, list):
        narrow = f"b{np.dtype(wide).itemsize * 8 // len(source)}"
        columns = [warp.read(part, narrow, lanes) for part in source]
        warp.write(to, np.stack(columns, axis=1).copy().view(wide)[:, 0], lanes)
    elif isinstance(to, list):
        narrow_type = dtype_of(f"b{np.dtype(wide).itemsize * 8 // len(to)}")
        whole = warp.read(source, plain_type(instruction.type), lanes)
        for register, values in zip(to, whole.view(narrow_type).reshape(LANES, -1).T):
            warp.write(register, np.ascontiguousarray(values), lanes)


def change_window(warp: Warp, instruction: Instruction, lanes: int) -> Values:
    values = warp.read(instruction.operands[1], instruction.type, lanes)
    space = instruction.opcode[-2].split("_")[0]
    base = values.dtype.type(WINDOWS[space])
    return np.asarray(values - base if "to" in instruction.opcode else values + base)


def convert(warp: Warp, instruction: Instruction, lanes: int) -> Values:
    if len(instruction.opcode) != 3:
        raise PtxError(f"{'.'.join(instruction.opcode)} is not known")
    to, source = instruction.opcode[1:]
    return warp.read(instruction.operands[1], source, lanes).astype(dtype_of(to))


def multiply(warp: Warp, instruction: Instruction, lanes: int) -> Values:
    kind, type_name = instruction.opcode[1], instruction.type
    a, b = (warp.read(instruction.operands[i], type_name, lanes) for i in (1, 2))
    if kind == "wide":
        product = arithmetic.wide_product(a, b)
        type_name = f"{type_name[0]}{2 * arithmetic.bits_of(type_name)}"
    elif kind == "hi":
        product = arithmetic.high_product(a, b)
    elif kind == "lo":
        product = a * b
    else:
        raise PtxError(f"{'.'.join(instruction.opcode)} is not known")
    if instruction.opcode[0] == "mad":
        product = product + converted(warp.read(instruction.operands[3], type_name, lanes), type_name)
    return product
