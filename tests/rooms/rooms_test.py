#!/usr/bin/env python3
"""Holds the sources against the design: which room may include which, file sizes, and no weak symbol in a file that
is compiled for an instruction set.

    rooms_test.py includes|sizes|self-test           from any folder
    rooms_test.py weak-symbols BUILD                 after a build there, which wrote compile_commands.json
"""
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# As docs/architecture.md has it. A room may always include itself and the types of libmatch.h.
MAY_INCLUDE = {
    "core": [],
    "distance": ["core"],
    "search": ["distance", "core"],
    "hash": ["core"],
    "image": ["core"],
    "lists": ["core"],
    "backend": ["search", "distance", "hash", "core"],
    "scan": ["image", "backend", "hash", "core"],
    "isolation": ["scan", "image", "backend", "hash", "core"],
    "index": ["backend", "search", "distance", "hash", "core"],
    "store": ["index", "backend", "search", "distance", "hash", "core"],
    "match": ["index", "backend", "hash", "core"],
    "live": ["lists", "store", "index", "core"],
    "c_api": ["live", "match", "store", "index", "isolation", "scan", "backend", "image", "hash", "lists", "core"],
}
# The public headers stand on each other only.
PUBLIC_MAY_INCLUDE = {
    "libmatch.hpp": ["libmatch/libmatch.h", "libmatch/live.h"],
    "live.h": ["libmatch/libmatch.h"],
    "hasher.h": ["libmatch/libmatch.h"],
    "cuda.h": ["libmatch/libmatch.h"],
    "cuda.hpp": ["libmatch/libmatch.hpp", "libmatch/cuda.h"],
}
# The CUDA backend is a program of its own: of the library it takes what some rooms' headers define, and the library
# takes its binary interface.
CUDA_MAY_INCLUDE = re.compile(r"libmatch/\w+\.h|(core|search|hash|simt)/\w+\.h|\w+\.(h|cuh)")
CUDA_INTERFACE = "cuda/backend_table.h"
MAY_INCLUDE_CUDA = "backend"
# Everything out here stands on the C API alone.
OUTSIDE = ["bindings", "examples"]
MAX_LINES = 800
# NEON is part of its architecture and needs no option; its files keep the rule all the same.
FOR_AN_INSTRUCTION_SET = re.compile(r"-mavx|neon\.cpp\b")

CPP_SUFFIXES = {".c", ".cc", ".cpp", ".h", ".hpp", ".cuh"}
COUNTED_SUFFIXES = CPP_SUFFIXES | {".py", ".pyi", ".sh", ".cmake", ".md", ".txt"}
QUOTED_INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
PUBLIC_INCLUDE = re.compile(r"libmatch/(libmatch\.(h|hpp)|hasher\.h|live\.h|cuda\.(h|hpp))")
OTHER_HEADER = re.compile(r"#\s*include\s*<libmatch/(?!(libmatch\.h(pp)?|hasher\.h|live\.h|cuda\.h(pp)?)>)")


def sources(folder: Path, suffixes: set[str]) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in suffixes and path.is_file())


def quoted_includes(path: Path) -> list[str]:
    return QUOTED_INCLUDE.findall(path.read_text(encoding="utf-8"))


def check_includes(root: Path) -> list[str]:
    """Every include that crosses a wall, as 'file: what is wrong'."""
    wrong = []
    rooms = root / "libmatch" / "src"
    for path in sources(rooms, CPP_SUFFIXES):
        name = path.relative_to(root)
        room = path.relative_to(rooms).parts[0]
        if room not in MAY_INCLUDE:
            wrong.append(f"{name}: the design knows no room '{room}'")
            continue
        for include in quoted_includes(path):
            other = include.split("/")[0]
            if PUBLIC_INCLUDE.fullmatch(include) or (include == CUDA_INTERFACE and room == MAY_INCLUDE_CUDA):
                continue
            if "/" not in include or ".." in include:
                wrong.append(f'{name}: "{include}" must be written as "room/file.h"')
            elif other != room and other not in MAY_INCLUDE[room]:
                allowed = ", ".join(MAY_INCLUDE[room]) or "nothing"
                wrong.append(f'{name}: "{include}", but {room}/ may include {allowed} only')
    for path in sources(root / "cuda", CPP_SUFFIXES):
        for include in quoted_includes(path):
            if not CUDA_MAY_INCLUDE.fullmatch(include):
                wrong.append(f'{path.relative_to(root)}: "{include}", but cuda/ may include core, search, hash only')
    public = root / "libmatch" / "include"
    for path in sources(public, CPP_SUFFIXES):
        for include in quoted_includes(path):
            if include not in PUBLIC_MAY_INCLUDE.get(path.name, []):
                wrong.append(f'{path.relative_to(root)}: "{include}" in a public header')
    for folder in OUTSIDE:
        for path in sources(root / folder, CPP_SUFFIXES):
            for include in quoted_includes(path):
                own = (path.parent / include).resolve()
                if not PUBLIC_INCLUDE.fullmatch(include) and not own.is_file():
                    wrong.append(f'{path.relative_to(root)}: "{include}", but {folder}/ stands on the C API alone')
            if OTHER_HEADER.search(path.read_text(encoding="utf-8")):
                wrong.append(f"{path.relative_to(root)}: includes more of libmatch than its public headers")
    return wrong


def check_sizes(root: Path) -> list[str]:
    wrong = []
    for folder in ["libmatch", "bindings", "bench", "cmake", "cuda", "docs", "examples", "tests", "tools"]:
        for path in sources(root / folder, COUNTED_SUFFIXES):
            lines = path.read_text(encoding="utf-8").count("\n")
            if lines > MAX_LINES:
                wrong.append(f"{path.relative_to(root)}: {lines} lines, at most {MAX_LINES}")
    return wrong


def weak_definitions(nm_output: str) -> list[str]:
    """Weak and unique definitions in the output of nm. The linker keeps one of equal names, of whatever file; the
    reference to the exception personality is data that is equal everywhere."""
    found = []
    for line in nm_output.splitlines():
        fields = line.split(maxsplit=2)
        if len(fields) == 3 and fields[1] in "WVu" and not fields[2].startswith("DW.ref."):
            found.append(fields[2])
    return found


def check_weak_symbols(build: Path) -> list[str]:
    """A weak function compiled with -mavx2 may be the one that the linker keeps for all: it would then run on a
    machine that has no AVX2."""
    commands = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    wrong = []
    checked = 0
    for command in commands:
        if not FOR_AN_INSTRUCTION_SET.search(command["command"]) or "/libmatch/src/" not in command["file"]:
            continue
        output = command.get("output") or re.search(r" -o (\S+)", command["command"]).group(1)
        result = subprocess.run(["nm", "--demangle", Path(command["directory"]) / output],
                                check=True, capture_output=True, text=True)
        checked += 1
        wrong += [f"{output}: weak symbol {symbol}" for symbol in weak_definitions(result.stdout)]
    print(f"{checked} objects are compiled for an instruction set")
    return wrong


def self_test() -> list[str]:
    """Plants each kind of offence and wants it found, and a clean tree left alone."""
    planted = {
        "libmatch/src/image/wrong.cpp": ('#include "hash/pdq.h"', "image/ may include core only"),
        "libmatch/src/core/wrong.h": ('  #  include "distance/distance.h"', "core/ may include nothing only"),
        "libmatch/src/match/wrong.cpp": ('#include "scan/scan.h"', "match/ may include index"),
        "libmatch/src/attic/wrong.cpp": ("", "knows no room 'attic'"),
        "libmatch/src/hash/wrong.cpp": ('#include "../core/error.h"', 'written as "room/file.h"'),
        "libmatch/src/hash/bare.cpp": ('#include "pdq.h"', 'written as "room/file.h"'),
        "libmatch/include/libmatch/libmatch.h": ('#include "core/error.h"', "in a public header"),
        "bindings/cli/wrong.cpp": ('#include "core/error.h"', "stands on the C API alone"),
        "examples/wrong.c": ("#include <libmatch/other.h>", "includes more of libmatch"),
    }
    clean = {
        "libmatch/src/scan/right.cpp": '#include "scan/scan.h"\n#include "image/decode.h"',
        "libmatch/src/core/right.cpp": '#include "core/error.h"\n#include <vector>\n// #include "hash/pdq.h"',
        "bindings/cli/right.cpp": '#include "own.h"\n#include "libmatch/libmatch.hpp"',
        "bindings/cli/own.h": "",
        "examples/right.c": "#include <libmatch/hasher.h>",
    }
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, text in [*clean.items(), *((name, text) for name, (text, _) in planted.items())]:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text + "\n", encoding="utf-8")
        found = check_includes(root)
        for name, (_, message) in planted.items():
            if not any(line.startswith(f"{name}: ") and message in line for line in found):
                failures.append(f"self-test: the wrong include planted in {name} was not found")
        failures += [f"self-test: found in a clean file: {line}" for line in found if line.split(":")[0] in clean]
        (root / "docs").mkdir()
        (root / "docs" / "long.md").write_text("\n" * (MAX_LINES + 1), encoding="utf-8")
        (root / "docs" / "full.md").write_text("\n" * MAX_LINES, encoding="utf-8")
        if [line.split(":")[0] for line in check_sizes(root)] != ["docs/long.md"]:
            failures.append("self-test: the sizes of files are not held")
    nm = "\n".join(["0000 T exact", "0010 W std::vector<int>::push_back", "0000 V DW.ref.__gxx_personality_v0",
                    "     U memcpy", "0020 u once"])
    if weak_definitions(nm) != ["std::vector<int>::push_back", "once"]:
        failures.append("self-test: weak symbols are not told from others")
    return failures


def main(arguments: list[str]) -> int:
    if arguments == ["includes"]:
        wrong = check_includes(ROOT)
    elif arguments == ["sizes"]:
        wrong = check_sizes(ROOT)
    elif arguments == ["self-test"]:
        wrong = self_test()
    elif len(arguments) == 2 and arguments[0] == "weak-symbols":
        wrong = check_weak_symbols(Path(arguments[1]))
    else:
        print(__doc__, file=sys.stderr)
        return 2
    for line in wrong:
        print(line)
    print(f"{arguments[0]}: {len(wrong)} offences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
