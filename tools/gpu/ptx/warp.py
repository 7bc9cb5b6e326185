"""A warp: the registers of its lanes and where each of them is. Lanes at the same instruction go together; an
instruction that a set of lanes must reach together waits for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

import numpy as np
import numpy.typing as npt

from gpu.ptx.arithmetic import UNSIGNED, bits_of, converted, dtype_of
from gpu.ptx.errors import PtxError
from gpu.ptx.lanes import ALL, LANES, NUMBERS, Selection, Values, selected
from gpu.ptx.memory import LOCAL_BASE, Access, GlobalMemory, LocalMemory, SharedMemory
from gpu.ptx.source import Kernel, Operand

Dimensions = tuple[int, int, int]


@dataclass
class Copy:
    """An asynchronous copy under way; a lane's groups are numbered."""

    to: npt.NDArray[np.int64]
    source: npt.NDArray[np.int64]
    size: int
    source_bytes: npt.NDArray[np.int64]
    lanes: int
    group: npt.NDArray[np.int64]


@dataclass
class Surroundings:
    """What the warps of a block share."""

    kernel: Kernel
    arguments: bytes
    grid: Dimensions
    block: Dimensions
    block_number: Dimensions
    memory: GlobalMemory
    shared: SharedMemory
    barriers: int = 0


class Warp:
    def __init__(self, around: Surroundings, number: int) -> None:
        threads = around.block[0] * around.block[1] * around.block[2]
        live = min(LANES, threads - LANES * number)
        self.around = around
        self.number = number
        self.at: dict[int, int] = {0: ALL >> (LANES - live)}  # place in the program to lanes
        self.blocked: set[int] = set()
        self.waiting = 0  # lanes at the block's barrier
        self.waiting_at: set[int] = set()
        self.warp_barriers = 0
        self.local = LocalMemory(around.kernel.local_bytes)
        self.copies: list[Copy] = []
        self.groups = np.zeros(LANES, np.int64)  # committed by each lane
        self._registers: dict[str, Values] = {}
        self._written: dict[str, int] = {}
        self._constants: dict[tuple[str, str], Values] = {}
        thread = LANES * number + NUMBERS
        width, height, _ = around.block
        self._thread = {"x": thread % width, "y": thread // width % height, "z": thread // (width * height)}

    def live(self) -> int:
        lanes = self.waiting
        for group in self.at.values():
            lanes |= group
        return lanes

    def move(self, lanes: int, place: int) -> None:
        if lanes:
            self.at[place] = self.at.get(place, 0) | lanes
            self.blocked.discard(place)

    def access(self, lanes: int, is_atomic: bool = False) -> Access:
        threads = LANES * self.number + np.flatnonzero(selected(lanes))
        return Access(threads, self.number, self.around.barriers, self.warp_barriers, is_atomic)

    def read(self, operand: Operand, type_name: str, lanes: int) -> Values:
        """The operand in every lane as this type; what lanes other than these hold means nothing."""
        if not isinstance(operand, str):
            raise PtxError("an operand in braces or brackets where a value should be")
        if type_name == "pred":
            return self._read_predicate(operand, lanes)
        if operand in self._registers:
            if lanes & ~self._written[operand]:
                raise PtxError(f"{operand} is read and was never written")
            return converted(self._registers[operand], type_name)
        if operand.startswith("%"):
            return converted(self._special(operand), type_name)
        key = (operand, type_name)
        if key not in self._constants:
            self._constants[key] = np.full(LANES, self._constant(operand), np.int64).astype(dtype_of(type_name))
        return self._constants[key]

    def write(self, operand: Operand, values: Values, lanes: int, type_name: str | None = None) -> None:
        """Narrow values are extended to the register as their type says: by the sign or by zeros."""
        if not isinstance(operand, str):
            raise PtxError("an operand in braces or brackets where a register should be")
        if operand == "_":
            return
        declared = self._declared(operand)
        if declared == "pred":
            new: Values = values.astype(bool)
        else:
            typed = values if type_name is None else converted(values, type_name)
            new = typed.astype(UNSIGNED[bits_of(declared)])
        old = self._registers.get(operand)
        if old is not None and lanes != ALL:
            new = np.where(selected(lanes), new, old)
        self._registers[operand] = new
        self._written[operand] = self._written.get(operand, 0) | lanes

    def address(self, operand: Operand, lanes: int) -> npt.NDArray[np.int64]:
        """Of every given lane."""
        if not isinstance(operand, tuple):
            raise PtxError("an address should be in brackets")
        base, offset = operand
        if base.startswith("%"):
            declared = self._declared(base)
            values = self.read(base, "u64" if declared.endswith("64") else "u32", lanes)
        else:
            values = np.full(LANES, self._constant(base), np.int64)
        return values.astype(np.int64)[selected(lanes)] + offset

    def _declared(self, register: str) -> str:
        found = self.around.kernel.registers.get(register.rstrip("0123456789"))
        found = found or self.around.kernel.registers.get(register)
        if found is None:
            raise PtxError(f"{register} is not declared")
        return "b" + found[1:] if found[0] == "f" else found

    def _read_predicate(self, operand: str, lanes: int) -> Selection:
        negated = operand.startswith("!")
        name = operand.lstrip("!")
        if name not in self._registers or lanes & ~self._written[name]:
            raise PtxError(f"{name} is read and was never written")
        values = self._registers[name].astype(bool)
        return ~values if negated else values

    def _special(self, name: str) -> Values:
        register, _, axis = name[1:].partition(".")
        sizes = {"ntid": self.around.block, "nctaid": self.around.grid, "ctaid": self.around.block_number}
        if register == "tid":
            return self._thread[axis].astype(np.uint32)
        if register in sizes:
            return np.full(LANES, sizes[register]["xyz".index(axis)], np.uint32)
        lane_masks: dict[str, Callable[[int], int]] = {
            "laneid": lambda lane: lane,
            "lanemask_lt": lambda lane: (1 << lane) - 1,
            "lanemask_le": lambda lane: (2 << lane) - 1,
            "lanemask_eq": lambda lane: 1 << lane,
            "lanemask_ge": lambda lane: ALL & ~((1 << lane) - 1),
            "lanemask_gt": lambda lane: ALL & ~((2 << lane) - 1),
        }
        if register in lane_masks:
            return np.array([lane_masks[register](lane) for lane in range(LANES)], np.uint32)
        raise PtxError(f"{name} is read and was never written, or is not known")

    def _constant(self, text: str) -> int:
        kernel = self.around.kernel
        if text in kernel.shared:
            return kernel.shared[text]
        if text in kernel.dynamic:
            return dynamic_start(kernel)
        if text in kernel.local:
            return kernel.local[text]
        if text == "WARP_SZ":
            return LANES
        try:
            value = int(text.rstrip("U"), 0)
        except ValueError:
            raise PtxError(f"{text} is not known") from None
        return value - (1 << 64) if value >= 1 << 63 else value


def dynamic_start(kernel: Kernel) -> int:
    """Where shared memory begins whose size the launch says."""
    return -(-kernel.shared_bytes // 16) * 16


def is_local(addresses: npt.NDArray[np.int64]) -> bool:
    return bool(addresses.size) and bool((addresses >= LOCAL_BASE).all() and (addresses < LOCAL_BASE + (1 << 32)).all())
