"""Finds the CUDA toolkit and what it needs to compile the backend."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# As cuda/CMakeLists.txt has them.
OPTIONS = ("--fmad=false", "--expt-relaxed-constexpr")
INCLUDES = ("cuda", "libmatch/src", "libmatch/include", ".")


def find_tool(name: str) -> Path | None:
    """A program of the toolkit: where CUDACXX says, on the path, in this Python's packages, or installed whole."""
    folders = [Path(os.environ["CUDACXX"]).parent] if os.environ.get("CUDACXX") else []
    packages = Path(sysconfig.get_path("purelib")) / "nvidia"
    folders += [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep)]
    folders += [packages / "cu13" / "bin", Path("/usr/local/cuda/bin")]
    folders += ROOT.glob("build/cuda-venv/lib/python*/site-packages/nvidia/cu13/bin")
    for folder in folders:
        found = shutil.which(name, path=str(folder))
        if found:
            return Path(found)
    return None


def nvcc_version(nvcc: Path) -> str:
    text = subprocess.run([nvcc, "--version"], check=True, capture_output=True, text=True).stdout
    match = re.search(r"V(\d+\.\d+\.\d+)", text)
    return match.group(1) if match else "unknown"


def compile_ptx(nvcc: Path, source: Path, architecture: int, target: Path) -> str:
    """The PTX of a source, as the shared object would have it for this architecture."""
    command = [str(nvcc), "-x", "cu", "-std=c++20", f"-arch=compute_{architecture}", "-ptx", *OPTIONS]
    command += [f"-I{ROOT / include}" for include in INCLUDES] + ["-o", str(target), str(source)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}\n{done.stderr}")
    return target.read_text()
