#!/usr/bin/env python3
"""What a build with the CUDA backend is, on any machine: its shared object is small and offers one function, nothing
else depends on CUDA, and where there is no driver everything says so and goes on.

    cuda_object_test.py OBJECT LIBRARY COMMAND
"""
import ctypes.util
import os
import re
import subprocess
import sys
import time
from pathlib import Path

MAX_OBJECT_BYTES = 5_000_000
MAX_START_SECONDS = 0.020


def output_of(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def check_object(path: Path) -> None:
    size = path.stat().st_size
    assert size <= MAX_OBJECT_BYTES, f"{path}: {size} bytes, at most {MAX_OBJECT_BYTES}"
    names = [line.split()[-1] for line in output_of("nm", "--dynamic", "--defined-only", str(path)).splitlines()]
    assert names == ["libmatch_cuda_backend_table"], f"{path} exports {names}"


def check_library(path: Path) -> None:
    libraries = [line.split()[0] for line in output_of("ldd", str(path)).splitlines()]
    assert len(libraries) > 1, f"{path} needs {libraries}"
    theirs = [name for name in libraries if re.search("cuda|cudart|nvidia", Path(name).name, re.IGNORECASE)]
    assert not theirs, f"{path} needs {theirs}"


def start_seconds(command: Path, backend: str) -> float:
    """The best of some starts: the machine may be busy."""
    best = float("inf")
    for _ in range(10):
        begin = time.perf_counter()
        subprocess.run([command, "--backend", backend, "list", "info", os.devnull], capture_output=True, check=False)
        best = min(best, time.perf_counter() - begin)
    return best


def check_without_driver(command: Path) -> None:
    for options, environment in ((["--backend", "cuda:0"], {}), ([], {"LM_BACKEND": "cuda:0"})):
        result = subprocess.run([command, *options, "list", "info", os.devnull], capture_output=True, text=True,
                                check=False, env={**os.environ, **environment})
        assert result.returncode != 0, "cuda:0 was opened"
        wanted = 'backend "cuda:0": no NVIDIA driver is installed here: libcuda.so.1 was not found; usable here: '
        assert wanted in result.stderr, result.stderr
    names = output_of(str(command), "backends").split()
    assert names[-1] == "scalar", names
    assert not any(name.startswith("cuda") for name in names), names
    # What asking for a device costs, against a backend that asks for none.
    cost = start_seconds(command, "auto") - start_seconds(command, names[0])
    assert cost <= MAX_START_SECONDS, f"`auto` starts {cost * 1000:.1f} ms later than {names[0]}"


def main() -> None:
    shared_object, library, command = map(Path, sys.argv[1:])
    check_object(shared_object)
    check_library(library)
    check_library(command)
    if ctypes.util.find_library("cuda") is None:
        check_without_driver(command)
    print(f"{shared_object.name}: {shared_object.stat().st_size} bytes")


main()
