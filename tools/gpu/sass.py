"""The machine code of kernels, as nvdisasm prints it: which instructions the loop takes in which a kernel spends its
time, and how many of each kind."""

from __future__ import annotations

import heapq
import re
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Code:
    """The instructions of a kernel in their order; labels say where branches go."""

    kernel: str
    target: str  # "sm_90a"
    instructions: list[str] = field(default_factory=list)
    labels: dict[str, int] = field(default_factory=dict)

    def opcode(self, place: int) -> str:
        return opcode_of(self.instructions[place])


def opcode_of(instruction: str) -> str:
    """`@!P0 IMAD.MOV.U32 R1, …` is an IMAD.MOV.U32."""
    plain = re.sub(r"^@!?U?P\w+\s+", "", instruction.lstrip("{ "))
    return plain.split()[0].rstrip(";")


def disassemble(nvdisasm: Path, cubin: Path) -> list[Code]:
    text = subprocess.run([nvdisasm, "-c", cubin], check=True, capture_output=True, text=True).stdout
    return read_listing(text)


def read_listing(text: str) -> list[Code]:
    kernels: list[Code] = []
    target = ""
    for line in text.splitlines():
        if match := re.match(r"\s*\.target\s+(\w+)", line):
            target = match.group(1)
        elif match := re.match(r"\s*\.section\s+\.text\.([^,\s]+)", line):
            kernels.append(Code(match.group(1), target))
        elif match := re.match(r"(\.L_\w+):", line):
            kernels[-1].labels[match.group(1)] = len(kernels[-1].instructions)
        elif match := re.match(r"\s*/\*[0-9a-f]+\*/\s+(.*?)\s*;", line):
            kernels[-1].instructions.append(match.group(1))
    return kernels


def successors(code: Code) -> list[list[int]]:
    """Where each instruction may go on to."""
    following: list[list[int]] = []
    count = len(code.instructions)
    for place, instruction in enumerate(code.instructions):
        opcode = code.opcode(place).split(".")
        onward = [place + 1] if place + 1 < count else []
        target = re.search(r"`\((\.L_\w+)\)", instruction)
        is_conditional = instruction.startswith("@") or bool(re.search(r"\bBRA\S*\s+!?U?P\d", instruction))
        if opcode[0] in ("EXIT", "RET") and not is_conditional:
            onward = []
        elif opcode[0] == "BRA" and "DIV" not in opcode and target and target.group(1) in code.labels:
            # BRA.DIV is taken where a warp has diverged before a vote, never in a loop that it runs through together.
            onward = [code.labels[target.group(1)]] + (onward if is_conditional else [])
        following.append(onward)
    return following


def shortest_way(following: list[list[int]], start: int, end: int) -> list[int] | None:
    """The fewest instructions from one place to another, both included."""
    before: dict[int, int] = {}
    distance = {start: 0}
    queue = [(0, start)]
    while queue:
        steps, place = heapq.heappop(queue)
        if place == end:
            way = [end]
            while way[-1] != start:
                way.append(before[way[-1]])
            return way[::-1]
        for after in following[place]:
            if steps + 1 < distance.get(after, len(following) + 1):
                distance[after] = steps + 1
                before[after] = place
                heapq.heappush(queue, (steps + 1, after))
    return None


def hot_loop(code: Code, marker: str) -> list[str] | None:
    """The loop that has the largest share of an instruction, as it is run where nothing is found: of the ways around it
    the shortest. It reads queries from shared memory, as those that compare what was found do not."""
    following = successors(code)
    best: list[str] | None = None
    best_share = 0.0
    for last, onward in enumerate(following):
        for first in onward:
            if first > last:
                continue
            way = shortest_way(following, first, last)
            if way is None:
                continue
            opcodes = [code.opcode(place) for place in way]
            share = sum(opcode.startswith(marker) for opcode in opcodes) / len(opcodes)
            if share > best_share and any(opcode.startswith("LDS") for opcode in opcodes):
                best, best_share = [code.instructions[place] for place in way], share
    return best


# Which unit executes an instruction: the first prefix that fits. IMAD goes to the unit of floating-point
# multiplication, and the assembler turns moves and additions into IMADs to use it.
UNITS = [
    ("IMAD", "fma"), ("FFMA", "fma"), ("FMUL", "fma"), ("FADD", "fma"), ("IDP", "fma"), ("HFMA2", "fma"),
    ("BMMA", "tensor"), ("IMMA", "tensor"), ("HMMA", "tensor"),
    ("POPC", "slow"), ("FLO", "slow"), ("BREV", "slow"), ("I2F", "slow"), ("F2I", "slow"), ("MUFU", "slow"),
    ("LDS", "memory"), ("STS", "memory"), ("LDG", "memory"), ("STG", "memory"), ("ATOM", "memory"), ("RED", "memory"),
    ("LDGSTS", "memory"), ("LDL", "memory"), ("STL", "memory"), ("LDC", "memory"), ("SHFL", "memory"),
    ("LDSM", "memory"),
    ("BRA", "control"), ("BSSY", "control"), ("BSYNC", "control"), ("EXIT", "control"), ("BAR", "control"),
    ("WARPSYNC", "control"), ("NOP", "control"), ("YIELD", "control"), ("CALL", "control"), ("RET", "control"),
    ("BMOV", "control"), ("S2R", "control"), ("DEPBAR", "control"), ("LDGDEPBAR", "control"), ("NANOSLEEP", "control"),
    ("R2UR", "uniform"), ("S2UR", "uniform"), ("U", "uniform"),
]  # fmt: skip


def unit_of(instruction: str) -> str:
    """One of fma, tensor, slow, memory, control, uniform, none and, what all else goes to, alu."""
    opcode = opcode_of(instruction)
    # What the assembler writes where a product needs time: an instruction that is never executed.
    if re.match(r"@!U?PT\b", instruction.lstrip("{ ")):
        return "control"
    for prefix, unit in UNITS:
        if opcode.startswith(prefix):
            return unit
    return "alu"


def count_units(instructions: list[str]) -> Counter[str]:
    return Counter(unit_of(instruction) for instruction in instructions)
