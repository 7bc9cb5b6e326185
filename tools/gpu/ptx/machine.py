"""Runs the blocks of a grid: warps in an order that a seed decides, and the block's barrier."""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Union

import numpy as np

from gpu.ptx.collectives import execute_together, is_collective, members
from gpu.ptx.computations import compute
from gpu.ptx.errors import PtxError
from gpu.ptx.lanes import LANES, lanes_where, numbers
from gpu.ptx.memory import GlobalMemory, SharedMemory
from gpu.ptx.source import Instruction, Kernel
from gpu.ptx.transfers import copy_asynchronously, load, store, update
from gpu.ptx.warp import Dimensions, Surroundings, Warp, dynamic_start

Argument = Union[int, bytes]
# A kernel that takes more instructions of warps than this is taken to hang.
MOST_STEPS = 20_000_000
IGNORED = ("membar", "fence", "prefetch", "prefetchu", "discard", "griddepcontrol", "nanosleep")


@dataclass(frozen=True)
class Launch:
    """Shape and seed; seed 0 runs everything in order."""

    grid: Dimensions
    block: Dimensions
    dynamic_shared_bytes: int = 0
    seed: int = 0


def launch(kernel: Kernel, shape: Launch, arguments: Sequence[Argument], memory: GlobalMemory) -> int:
    """Runs the kernel and returns how many instructions its warps took. Arguments are numbers, or bytes of a struct."""
    packed = pack_arguments(kernel, arguments)
    threads = shape.block[0] * shape.block[1] * shape.block[2]
    if kernel.most_threads is not None and threads > kernel.most_threads:
        raise PtxError(f"{kernel.name} allows {kernel.most_threads} threads a block, not {threads}")
    order = random.Random(shape.seed)
    blocks = [(x, y, z) for z in range(shape.grid[2]) for y in range(shape.grid[1]) for x in range(shape.grid[0])]
    if shape.seed:
        order.shuffle(blocks)
    arrays = [(start, kernel.shared_sizes[name]) for name, start in kernel.shared.items()]
    steps = 0
    for block in blocks:
        shared = SharedMemory([*arrays, (dynamic_start(kernel), shape.dynamic_shared_bytes)])
        around = Surroundings(kernel, packed, shape.grid, shape.block, block, memory, shared)
        steps += Block(around, order if shape.seed else None).run()
    return steps


def pack_arguments(kernel: Kernel, arguments: Sequence[Argument]) -> bytes:
    if len(arguments) != len(kernel.parameters):
        raise PtxError(f"{kernel.name} takes {len(kernel.parameters)} arguments, not {len(arguments)}")
    last = kernel.parameters[-1] if kernel.parameters else None
    packed = bytearray(last.offset + last.size if last else 0)
    for parameter, argument in zip(kernel.parameters, arguments):
        if isinstance(argument, bytes):
            data = argument
        else:
            data = struct.pack("<q" if argument < 0 else "<Q", argument)[: parameter.size]
        if len(data) != parameter.size:
            raise PtxError(f"{parameter.name} has {parameter.size} bytes, not {len(data)}")
        packed[parameter.offset : parameter.offset + parameter.size] = data
    return bytes(packed)


class Block:
    def __init__(self, around: Surroundings, order: random.Random | None) -> None:
        self.around = around
        self.order = order
        threads = around.block[0] * around.block[1] * around.block[2]
        self.warps = [Warp(around, i) for i in range(-(-threads // LANES))]
        self.steps = 0

    def run(self) -> int:
        while True:
            ready = [warp for warp in self.warps if warp.at]
            if not ready:
                if not any(warp.waiting for warp in self.warps):
                    return self.steps
                self.release_barrier()
                continue
            warp = self.order.choice(ready) if self.order else ready[0]
            for _ in range(self.order.randrange(1, 40) if self.order else MOST_STEPS):
                if not warp.at:
                    break
                self.step(warp)

    def release_barrier(self) -> None:
        places = set().union(*(warp.waiting_at for warp in self.warps))
        if len(places) > 1:
            texts = sorted(self.around.kernel.instructions[place].text + f" ({place})" for place in places)
            raise PtxError(f"threads of block {self.around.block_number} wait at different barriers: {texts}")
        self.around.barriers += 1
        for warp in self.warps:
            lanes, warp.waiting = warp.waiting, 0
            warp.waiting_at.clear()
            warp.move(lanes, next(iter(places)) + 1)

    def step(self, warp: Warp) -> None:
        places = [place for place in warp.at if place not in warp.blocked]
        if not places:
            place = min(warp.at)
            raise self.error(warp, place, PtxError(f"lanes {warp.at[place]:08x} wait for others that do not come"))
        if self.order and len(places) > 1 and self.order.random() < 0.25:
            place = self.order.choice(sorted(places))
        else:
            place = min(places)
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise self.error(warp, place, PtxError("the kernel does not end"))
        try:
            self.execute(warp, place)
        except PtxError as error:
            raise self.error(warp, place, error) from None

    def error(self, warp: Warp, place: int, error: PtxError) -> PtxError:
        instructions = self.around.kernel.instructions
        text = instructions[place].text if place < len(instructions) else "the end"
        where = f"{self.around.kernel.name}, block {self.around.block_number}, warp {warp.number}"
        return PtxError(f"{where}: {error}, at '{text}'")

    def execute(self, warp: Warp, place: int) -> None:
        kernel = self.around.kernel
        lanes = warp.at.pop(place)
        if place >= len(kernel.instructions):
            leave(warp, lanes)
            return
        instruction = kernel.instructions[place]
        active = lanes
        if instruction.guard is not None:
            taken = lanes_where(warp.read(instruction.guard, "pred", lanes))
            active = lanes & (~taken if instruction.guard_is_negated else taken)
        warp.move(lanes & ~active, place + 1)
        if active:
            self.execute_active(warp, instruction, place, active)

    def execute_active(self, warp: Warp, instruction: Instruction, place: int, lanes: int) -> None:
        name = instruction.opcode[0]
        if is_collective(instruction):
            meet(warp, instruction, place, lanes)
        elif name == "bra":
            warp.move(lanes, self.around.kernel.labels[str(instruction.operands[0])])
        elif name in ("ret", "exit"):
            leave(warp, lanes)
        elif name in ("bar", "barrier"):
            if instruction.operands != ("0",):
                raise PtxError("barriers of a part of the block are not known")
            warp.waiting |= lanes
            warp.waiting_at.add(place)
        else:
            execute_alone(warp, instruction, lanes)
            warp.move(lanes, place + 1)


def execute_alone(warp: Warp, instruction: Instruction, lanes: int) -> None:
    name = instruction.opcode[0]
    if name in ("ld", "ldu"):
        load(warp, instruction, lanes)
    elif name == "st":
        store(warp, instruction, lanes)
    elif name in ("atom", "red"):
        update(warp, instruction, lanes)
    elif instruction.opcode[:2] == ("cp", "async"):
        copy_asynchronously(warp, instruction, lanes)
    elif name not in IGNORED:
        with np.errstate(over="ignore"):
            compute(warp, instruction, lanes)


def leave(warp: Warp, lanes: int) -> None:
    if any(copy.lanes & lanes for copy in warp.copies):
        raise PtxError("a thread ends before the asynchronous copies that it began")


def meet(warp: Warp, instruction: Instruction, place: int, lanes: int) -> None:
    """Goes on with those lanes whose partners are all here; the others stay."""
    remaining = lanes
    staying = 0
    while remaining:
        lane = int(numbers(remaining)[0])
        together = members(warp, instruction, lane, lanes)
        if together & ~warp.live() & ~lanes:
            raise PtxError(f"lanes {together & ~warp.live() & ~lanes:08x} have left and are waited for")
        same = [other for other in numbers(remaining) if members(warp, instruction, int(other), lanes) == together]
        group = sum(1 << int(other) for other in same)
        remaining &= ~group
        if group == together:
            execute_together(warp, instruction, group)
            warp.move(group, place + 1)
        else:
            staying |= group
    if staying:
        warp.move(staying, place)
        warp.blocked.add(place)
