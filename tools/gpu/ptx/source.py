"""From the text of a PTX module to its kernels, as lists of instructions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Union

from gpu.ptx.errors import PtxError

# Between shared arrays, so that an index past the end of one does not meet the next.
GAP_BYTES = 64

# A register, number or name; several in braces; or an address: a base and an offset.
Operand = Union[str, list[str], tuple[str, int]]

PARAMETER_BYTES = {"b8": 1, "u8": 1, "s8": 1, "b16": 2, "u16": 2, "s16": 2, "b32": 4, "u32": 4, "s32": 4, "f32": 4,
                   "b64": 8, "u64": 8, "s64": 8, "f64": 8}  # fmt: skip


@dataclass(frozen=True)
class Instruction:
    text: str
    guard: str | None  # the predicate's register
    guard_is_negated: bool
    opcode: tuple[str, ...]  # what stands between the dots: ("add", "s32")
    operands: tuple[Operand, ...]

    @property
    def type(self) -> str:
        return self.opcode[-1]


@dataclass(frozen=True)
class Parameter:
    name: str
    offset: int
    size: int


@dataclass
class Kernel:
    name: str
    parameters: list[Parameter] = field(default_factory=list)
    registers: dict[str, str] = field(default_factory=dict)  # prefix of the name to type: "%rd" to "b64"
    shared: dict[str, int] = field(default_factory=dict)  # name to offset
    shared_sizes: dict[str, int] = field(default_factory=dict)
    shared_bytes: int = 0  # with the gaps
    dynamic: list[str] = field(default_factory=list)  # arrays whose size the launch says
    local: dict[str, int] = field(default_factory=dict)
    local_bytes: int = 0
    instructions: list[Instruction] = field(default_factory=list)
    labels: dict[str, int] = field(default_factory=dict)
    # As the directives .reqntid and .maxntid say.
    most_threads: int | None = None


def parse(text: str) -> dict[str, Kernel]:
    """The kernels of a module by name."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"//[^\n]*", "", text)
    kernels = {}
    for match in re.finditer(r"\.entry\s+([\w$]+)\s*\((.*?)\)\s*((?:\.\w+[^{]*)?)\{", text, re.DOTALL):
        body = text[match.end() : closing_brace(text, match.end())]
        kernel = Kernel(match.group(1))
        read_parameters(kernel, match.group(2))
        threads = re.search(r"\.(?:maxntid|reqntid)\s+(\d+)(?:\s*,\s*(\d+))?(?:\s*,\s*(\d+))?", match.group(3))
        if threads:
            kernel.most_threads = 1
            for size in threads.groups():
                kernel.most_threads *= int(size or 1)
        kernel.dynamic = re.findall(r"\.extern\s+\.shared\s+\.align\s+\d+\s+\.b8\s+([\w$]+)\[\]", text)
        # Variables of the module that only this kernel uses stand in it, others before it.
        read_variables(kernel, text[: text.find(".entry")])
        for statement in statements(body):
            read_statement(kernel, statement)
        kernels[kernel.name] = kernel
    return kernels


def closing_brace(text: str, start: int) -> int:
    depth = 1
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return place
    raise PtxError("a kernel without its closing brace")


def read_parameters(kernel: Kernel, text: str) -> None:
    end = 0
    for declared in filter(None, (part.strip() for part in text.split(","))):
        match = re.fullmatch(
            r"\.param\s+(?:\.align\s+(\d+)\s+)?\.(\w+)\s+(?:\.ptr\s*(?:\.\w+\s*)?(?:\.align\s+\d+\s+)?)?([\w$]+)(?:\[(\d+)\])?",
            declared,
        )
        if not match:
            raise PtxError(f"a parameter that is not known: {declared}")
        size = PARAMETER_BYTES[match.group(2)] * int(match.group(4) or 1)
        alignment = int(match.group(1) or PARAMETER_BYTES[match.group(2)])
        end = -(-end // alignment) * alignment
        kernel.parameters.append(Parameter(match.group(3), end, size))
        end += size


def read_variables(kernel: Kernel, text: str) -> None:
    for space, alignment, name, size in re.findall(
        r"(?<!\.extern )\.(shared|local)\s+\.align\s+(\d+)\s+\.b8\s+([\w$]+)\[(\d+)\]", text
    ):
        add_variable(kernel, space, int(alignment), name, int(size))


def add_variable(kernel: Kernel, space: str, alignment: int, name: str, size: int) -> None:
    if space == "shared":
        start = -(-kernel.shared_bytes // max(alignment, 16)) * max(alignment, 16)
        kernel.shared[name] = start
        kernel.shared_sizes[name] = size
        kernel.shared_bytes = start + size + GAP_BYTES
    else:
        start = -(-kernel.local_bytes // 16) * 16
        kernel.local[name] = start
        kernel.local_bytes = start + size


def statements(body: str) -> list[str]:
    """Labels ("name:") and what semicolons end; the braces of inline assembly and of debug scopes are left out."""
    found = []
    current = ""
    within_operands = 0
    for character in body:
        if character == "{" and current.strip():
            within_operands += 1
        elif character == "}" and within_operands:
            within_operands -= 1
        elif character in "{}":
            continue
        if character == ";" or (character == ":" and re.fullmatch(r"\s*[\w$]+", current)):
            found.append((current + (":" if character == ":" else "")).strip())
            current = ""
        else:
            current += character
    return [statement for statement in found if statement]


def read_statement(kernel: Kernel, statement: str) -> None:
    if statement.endswith(":"):
        kernel.labels[statement[:-1]] = len(kernel.instructions)
    elif match := re.match(r"\.reg\s+\.(\w+)\s+(.*)", statement, re.DOTALL):
        for name in match.group(2).split(","):
            kernel.registers[re.sub(r"<\d+>", "", name).strip()] = match.group(1)
    elif re.match(r"\.(shared|local)\b", statement):
        read_variables(kernel, statement)
    elif not statement.startswith("."):
        kernel.instructions.append(read_instruction(statement))


def read_instruction(statement: str) -> Instruction:
    match = re.match(r"(?:@(!?)([%\w]+)\s+)?([\w.:]+)\s*(.*)", statement, re.DOTALL)
    if not match:
        raise PtxError(f"a statement that is not known: {statement}")
    operands: list[Operand] = []
    for text in re.findall(r"\{[^}]*\}|\[[^\]]*\]|[^,\s]+", match.group(4)):
        if text.startswith("{"):
            operands.append([part.strip() for part in text[1:-1].split(",")])
        elif text.startswith("["):
            operands.append(read_address(text[1:-1].strip()))
        else:
            operands.append(text)
    opcode = tuple(part for part in match.group(3).replace("::", "_").split(".") if part)
    return Instruction(" ".join(statement.split()), match.group(2), match.group(1) == "!", opcode, tuple(operands))


def read_address(text: str) -> tuple[str, int]:
    match = re.fullmatch(r"([%\w$]+)\s*(?:\+\s*(-?\w+))?", text)
    if not match:
        raise PtxError(f"an address that is not known: [{text}]")
    return match.group(1), int(match.group(2) or "0", 0)
