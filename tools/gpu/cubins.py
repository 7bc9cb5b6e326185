"""The machine code in a shared object, an object file or a cubin."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gpu.kernels import ENUMERATORS
from gpu.sass import Code, disassemble
from gpu.toolkit import find_tool

NAMESPACE = "libmatch::cuda::"


class MissingToolError(Exception):
    pass


def tool(name: str) -> Path:
    found = find_tool(name)
    if found is None:
        raise MissingToolError(f"{name} was not found: it is in PyPI's nvidia-cuda-{name}, and in CUDA's toolkit")
    return found


@dataclass
class CompiledKernel:
    name: str  # as in the sources: "multiply_bits<and_k256>"
    architecture: str
    registers: int
    code: Code


def kernels_in(files: Sequence[Path]) -> list[CompiledKernel]:
    """The backend's own kernels of every file; Thrust's are not."""
    found: dict[tuple[str, str], CompiledKernel] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, file in enumerate(files):
            for cubin in cubins_of(file.resolve(), Path(folder) / str(number)):
                registers = registers_in(cubin)
                if not registers:
                    continue  # a source without kernels; the disassembler takes its time for that, too
                for code in disassemble(tool("nvdisasm"), cubin):
                    kernel = CompiledKernel(code.kernel, code.target, registers[code.kernel], code)
                    found[kernel.name, kernel.architecture] = kernel
    names = readable({kernel.name for kernel in found.values()})
    # Kernels of one name and other parameters stand in the order of their mangled names.
    ordered = sorted(found.values(), key=lambda k: (names[k.name], architecture_key(k.architecture), k.name))
    return [replace(kernel, name=names[kernel.name]) for kernel in ordered if names[kernel.name]]


def registers_in(cubin: Path) -> dict[str, int]:
    """Of every function."""
    command = [str(tool("cuobjdump")), "--dump-resource-usage", str(cubin)]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {name: int(number) for name, number in re.findall(r"Function (\S+):\s+REG:(\d+)", text)}


def architecture_key(name: str) -> tuple[int, str]:
    match = re.fullmatch(r"sm_(\d+)(\w*)", name)
    return (int(match.group(1)), match.group(2)) if match else (0, name)


def cubins_of(file: Path, folder: Path) -> Iterator[Path]:
    if file.suffix == ".cubin":
        yield file
        return
    folder.mkdir()
    subprocess.run([tool("cuobjdump"), "--extract-elf", "all", file], check=True, cwd=folder, capture_output=True)
    yield from sorted(folder.glob("*.cubin"))


def readable(mangled: set[str]) -> dict[str, str]:
    """Names as the sources write them; empty for what is not the backend's."""
    names = sorted(mangled)
    done = subprocess.run(["c++filt"], check=True, capture_output=True, text=True, input="\n".join(names))
    return {name: shortened(line) for name, line in zip(names, done.stdout.splitlines())}


def shortened(demangled: str) -> str:
    """`void libmatch::cuda::f<(libmatch::cuda::bit_product)3>(…)` is f<and_k256>."""
    name = demangled.removeprefix("void ")
    if not name.startswith(NAMESPACE):
        return ""
    name = name[: parameters_start(name)].replace(NAMESPACE, "")

    def enumerator(match: re.Match[str]) -> str:
        known = ENUMERATORS.get(match.group(1))
        return known[int(match.group(2))] if known else match.group(2)

    return re.sub(r"\((\w+(?:::\w+)*)\)(\d+)u?", enumerator, name)


def parameters_start(name: str) -> int:
    """Where the parentheses after the name open: those of template arguments are within angle brackets."""
    depth = 0
    for place, character in enumerate(name):
        depth += {"<": 1, ">": -1}.get(character, 0)
        if character == "(" and depth == 0:
            return place
    return len(name)
