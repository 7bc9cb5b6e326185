"""What each kernel costs by its machine code, and the pairs a second that follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gpu.cubins import CompiledKernel
from gpu.devices import ALU_LANES, FMA_LANES, ISSUED_WARPS, LANES, SHARED_BYTES, SLOW_LANES, Device, clocks, limit_of
from gpu.kernels import LEAST_SHARE_OF_LIMIT, LOOPS, MAY_USE_LOCAL_MEMORY, MOST_ALU, MOST_SLOW, Loop
from gpu.sass import Code, count_units, hot_loop, opcode_of, unit_of

COLUMNS = ["kernel", "architecture", "registers", "local", "instructions", "alu", "fma", "slow", "tensor", "memory",
           "other"]  # fmt: skip


@dataclass
class LoopCost:
    loop: Loop
    instructions: list[str]
    pairs: float  # of a lane, once around

    def per_pair(self, *units: str) -> float:
        counted = count_units(self.instructions)
        return sum(counted[unit] for unit in units) / self.pairs


@dataclass
class KernelCost:
    name: str
    architecture: str
    registers: int
    local: int  # instructions that go to local memory
    instructions: int
    inner: LoopCost | None

    def row(self) -> list[str]:
        numbers = [str(self.registers), str(self.local), str(self.instructions)]
        if self.inner:
            units = (["alu"], ["fma"], ["slow"], ["tensor"], ["memory"], ["control", "uniform"])
            numbers += [f"{self.inner.per_pair(*unit):.3f}" for unit in units]
        else:
            numbers += [""] * 6
        return [self.name, self.architecture, *numbers]


def cost_of(kernel: CompiledKernel) -> KernelCost:
    local = sum(opcode_of(line).split(".")[0] in ("LDL", "STL") for line in kernel.code.instructions)
    loop = next((loop for loop in LOOPS if loop.kernel == kernel.name), None)
    inner = loop_cost(kernel.code, loop) if loop else None
    size = len([line for line in kernel.code.instructions if opcode_of(line) != "NOP"])
    return KernelCost(kernel.name, kernel.architecture, kernel.registers, local, size, inner)


def loop_cost(code: Code, loop: Loop) -> LoopCost | None:
    """None where a kernel is empty because the architecture has no such product."""
    instructions = hot_loop(code, loop.marker)
    if instructions is None:
        return None
    markers = sum(opcode_of(line).startswith(loop.marker) for line in instructions)
    return LoopCost(loop, instructions, markers * loop.pairs_of_marker)


@dataclass
class Rate:
    device: Device
    cost: LoopCost
    pairs_per_s: float
    bound_by: str
    limit: float

    @property
    def share(self) -> float:
        return self.pairs_per_s / self.limit


def shared_clocks(instruction: str) -> float:
    """Of a multiprocessor, for a warp's access of 4, 8 or 16 bytes a lane."""
    width = 16 if ".128" in instruction else 8 if ".64" in instruction else 4
    return LANES * width / SHARED_BYTES


def rate_of(cost: KernelCost, device: Device) -> Rate | None:
    """From the unit that is busy longest, once around the loop; as if all others worked beside it and memory never had
    to be waited for. Survivors make the warp go around once more."""
    if cost.inner is None or not cost.inner.loop.method or cost.architecture != device.architecture:
        return None
    lines = cost.inner.instructions
    counted = count_units(lines)
    products = [line for line in lines if unit_of(line) == "tensor"]
    if products and not device.products:
        return None
    busy = {
        "ALU": counted["alu"] * LANES / ALU_LANES,
        "FMA": counted["fma"] * LANES / FMA_LANES,
        "POPC": counted["slow"] * LANES / SLOW_LANES,
        "shared memory": sum(shared_clocks(line) for line in lines if opcode_of(line).startswith("LDS")),
        "issue": len(lines) / ISSUED_WARPS,
        "BMMA": sum(1 / device.products[opcode_of(line).split(".")[1]] for line in products),
    }
    bound_by = max(busy, key=lambda unit: busy[unit])
    again = 1 - (1 - cost.inner.loop.survivors) ** (cost.inner.pairs * LANES)
    pairs = clocks(device) * cost.inner.pairs * LANES / busy[bound_by] / (1 + again)
    limit = limit_of(cost.inner.loop.method, device)
    if limit is None:
        return None
    if cost.inner.loop.method == "stream" and pairs > limit:
        bound_by, pairs = "memory", limit
    epilogue = limit_of("epilogue", device)
    if cost.inner.loop.method == "products" and epilogue is not None:
        limit = min(limit, epilogue)
    return Rate(device, cost.inner, pairs, bound_by, limit)


def findings(costs: Sequence[KernelCost], rates: Sequence[Rate]) -> list[str]:
    """What does not hold of what is asked of the kernels."""
    wrong = []
    for cost in costs:
        where = f"{cost.name} on {cost.architecture}"
        if cost.local and cost.name not in MAY_USE_LOCAL_MEMORY:
            wrong.append(f"{where} goes {cost.local} times to local memory")
        if not cost.inner:
            continue
        alu, slow = cost.inner.per_pair("alu"), cost.inner.per_pair("slow")
        if alu > MOST_ALU.get(cost.name, alu):
            wrong.append(f"{where} takes {alu:.2f} ALU operations a pair, more than {MOST_ALU[cost.name]}")
        if slow > MOST_SLOW.get(cost.name, slow):
            wrong.append(f"{where} takes {slow:.2f} popcounts a pair, more than {MOST_SLOW[cost.name]}")
    for rate in rates:
        if rate.share < LEAST_SHARE_OF_LIMIT:
            wrong.append(f"{rate.cost.loop.kernel} reaches {rate.share:.0%} of the limit on {rate.device.name}")
    for loop in LOOPS:
        if not any(cost.inner and cost.inner.loop is loop for cost in costs):
            wrong.append(f"{loop.kernel} has no inner loop on any architecture")
    return wrong
