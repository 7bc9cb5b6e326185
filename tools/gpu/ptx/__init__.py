"""Runs the PTX that nvcc writes, inline assembly included: a warp is a row of numpy arrays, one value a lane.

It is the one tool that sees which operand an instruction was really given. Written from the PTX ISA's text alone, it
shares no code with the executor of tests/simt. What it does not know it refuses.
"""

from gpu.ptx.errors import PtxError
from gpu.ptx.machine import Launch, launch
from gpu.ptx.memory import GlobalMemory
from gpu.ptx.source import Kernel, parse

__all__ = ["GlobalMemory", "Kernel", "Launch", "PtxError", "launch", "parse"]
