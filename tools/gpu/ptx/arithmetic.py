"""What instructions compute lane by lane, after the PTX ISA on integer, logic and comparison instructions."""

from __future__ import annotations

from functools import cache
from typing import Any, Callable

import numpy as np

from gpu.ptx.errors import PtxError
from gpu.ptx.lanes import Values

UNSIGNED = {8: np.uint8, 16: np.uint16, 32: np.uint32, 64: np.uint64}
SIGNED = {8: np.int8, 16: np.int16, 32: np.int32, 64: np.int64}


def bits_of(type_name: str) -> int:
    return int(type_name[1:])


@cache
def dtype_of(type_name: str) -> np.dtype[Any]:
    """The numpy type of "u32", "s64", "b16"."""
    if type_name[0] not in "usb" or not type_name[1:].isdigit():
        raise PtxError(f"values of type .{type_name} are not known")
    return np.dtype((SIGNED if type_name[0] == "s" else UNSIGNED)[bits_of(type_name)])


def converted(values: Values, type_name: str) -> Values:
    """The low bits of the register as this type, or all of it, extended as an instruction's operand is."""
    dtype = dtype_of(type_name)
    if values.dtype.itemsize == dtype.itemsize:
        return values.view(dtype)
    unsigned = UNSIGNED[bits_of(type_name)]
    return values.astype(unsigned).view(dtype)


def shift(a: Values, b: Values, to_left: bool) -> Values:
    """Shifts by the width or more give zero, or copies of the sign."""
    width = a.dtype.itemsize * 8
    by = np.minimum(b.astype(np.uint32), width).astype(np.int64)
    short = np.minimum(by, width - 1).astype(a.dtype)
    shifted = (a << short) if to_left else (a >> short)
    beyond = np.full_like(a, 0) if to_left or a.dtype.kind == "u" else a >> a.dtype.type(width - 1)
    return np.where(by >= width, beyond, shifted)


def high_product(a: Values, b: Values) -> Values:
    width = a.dtype.itemsize * 8
    products = [(int(x) * int(y)) >> width for x, y in zip(a, b)]
    return np.array([p & ((1 << width) - 1) for p in products], dtype=UNSIGNED[width]).view(a.dtype)


def wide_product(a: Values, b: Values) -> Values:
    wide = (UNSIGNED if a.dtype.kind == "u" else SIGNED)[a.dtype.itemsize * 16]
    return np.asarray(a.astype(wide) * b.astype(wide))


def divided(a: Values, b: Values) -> Values:
    if not b.all():
        raise PtxError("division by zero")
    quotient = np.array([abs(int(x)) // abs(int(y)) * (1 if (x < 0) == (y < 0) else -1) for x, y in zip(a, b)])
    return quotient.astype(a.dtype)


def remainder(a: Values, b: Values) -> Values:
    return np.asarray(a - divided(a, b) * b)


def population(a: Values) -> Values:
    return np.asarray(np.unpackbits(a.view(np.uint8).reshape(a.size, -1), axis=1).sum(axis=1).astype(np.uint32))


def reversed_bits(a: Values) -> Values:
    width = a.dtype.itemsize * 8
    return np.array([int(f"{int(x):0{width}b}"[::-1], 2) for x in a], dtype=a.dtype)


def leading_zeros(a: Values) -> Values:
    width = a.dtype.itemsize * 8
    return np.array([width - int(x).bit_length() for x in a], dtype=np.uint32)


def highest_bit(a: Values, as_shift: bool) -> Values:
    """bfind: the place of the highest bit that differs from the sign, -1 if none does; or how far left it can go."""
    width = a.dtype.itemsize * 8
    lengths = [(~int(x) if x < 0 else int(x)).bit_length() for x in a]
    places = [0xFFFFFFFF if n == 0 else width - n if as_shift else n - 1 for n in lengths]
    return np.array(places, dtype=np.uint32)


def any_of_three(a: Values, b: Values, c: Values, table: int) -> Values:
    """lop3: bit 4a + 2b + c of the table, in each place."""
    result = np.zeros_like(a)
    for place in range(8):
        if table >> place & 1:
            result |= (a if place & 4 else ~a) & (b if place & 2 else ~b) & (c if place & 1 else ~c)
    return result


def extracted(a: Values, start: Values, length: Values) -> Values:
    """bfe: bits from a place on, extended by zeros or by the sign of the topmost of them."""
    width = a.dtype.itemsize * 8
    found = []
    for value, low, count in zip(a, start, length):
        low, count = int(low) & 0xFF, int(count) & 0xFF
        bits = int(value) & ((1 << width) - 1)
        field = (bits >> low) & ((1 << count) - 1)
        if a.dtype.kind == "i" and count and bits >> min(low + count - 1, width - 1) & 1:
            field |= -1 << min(count, width - low if low < width else 0)
        found.append(field & ((1 << width) - 1))
    return np.array(found, dtype=UNSIGNED[width]).view(a.dtype)


def inserted(a: Values, b: Values, start: Values, length: Values) -> Values:
    """bfi: the low bits of a in place of those of b from a place on."""
    width = a.dtype.itemsize * 8
    found = []
    for new, old, low, count in zip(a, b, start, length):
        low, count = int(low) & 0xFF, int(count) & 0xFF
        mask = (((1 << count) - 1) << low) & ((1 << width) - 1)
        found.append((int(old) & ~mask) | ((int(new) << low) & mask))
    return np.array(found, dtype=a.dtype)


def funnel_shifted(low: Values, high: Values, by: Values, to_left: bool, wraps: bool) -> Values:
    both = (high.astype(np.uint64) << np.uint64(32)) | low.astype(np.uint64)
    count = (by & np.uint32(31) if wraps else np.minimum(by, np.uint32(32))).astype(np.uint64)
    shifted = (both << count) >> np.uint64(32) if to_left else both >> count
    return shifted.astype(np.uint32)


def permuted_bytes(a: Values, b: Values, selector: Values) -> Values:
    """prmt in its default mode: each nibble of the selector names one of eight bytes, and whether only its sign."""
    found = []
    for x, y, chosen in zip(a, b, selector):
        pool = int(x) | int(y) << 32
        result = 0
        for place in range(4):
            nibble = int(chosen) >> (4 * place) & 15
            byte = pool >> (8 * (nibble & 7)) & 255
            if nibble & 8:
                byte = 255 if byte & 128 else 0
            result |= byte << (8 * place)
        found.append(result)
    return np.array(found, dtype=np.uint32)


def dot_product(a: Values, b: Values, c: Values, a_type: str, b_type: str) -> Values:
    """dp4a: four products of bytes, and a sum."""
    left = a.view(np.uint32).view(dtype_of(a_type[0] + "8")).reshape(-1, 4).astype(np.int64)
    right = b.view(np.uint32).view(dtype_of(b_type[0] + "8")).reshape(-1, 4).astype(np.int64)
    return np.asarray(((left * right).sum(axis=1) + c.astype(np.int64)).astype(np.uint32))


def byte_differences(a: Values, b: Values) -> Values:
    """vabsdiff4 of unsigned bytes."""
    left, right = (values.view(np.uint32).view(np.uint8).astype(np.int16) for values in (a, b))
    return np.asarray(np.abs(left - right).astype(np.uint8).view(np.uint32))


COMPARISONS: dict[str, Callable[[Values, Values], Values]] = {
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "lo": np.less,
    "ls": np.less_equal,
    "hi": np.greater,
    "hs": np.greater_equal,
}

# Of two operands and a result of one type.
PAIRWISE: dict[str, Callable[[Values, Values], Values]] = {
    "add": np.add,
    "sub": np.subtract,
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
    "min": np.minimum,
    "max": np.maximum,
    "div": divided,
    "rem": remainder,
}


def absolute(a: Values) -> Values:
    return np.abs(a)


def negated(a: Values) -> Values:
    return np.asarray((~a) + a.dtype.type(1))


SINGLE: dict[str, Callable[[Values], Values]] = {
    "mov": lambda a: a,
    "cvta": lambda a: a,
    "not": lambda a: ~a,
    "neg": negated,
    "abs": absolute,
    "popc": population,
    "brev": reversed_bits,
    "clz": leading_zeros,
}
