#!/usr/bin/env python3
"""Runs the fenced code blocks of a Markdown file, one after another, in one folder of sample images.

    run_readme_examples.py README.md --prefix PREFIX [--bin FOLDER]…

c, cpp: compiled with warnings as errors against the library installed in PREFIX (pkg-config), then run. A block that
        has no main() is put into one, behind its #include lines.
python: run by the interpreter that runs this script.
sh:     run by bash, which stops at the first failure; PREFIX/bin and every FOLDER come first in PATH.
Other languages are text. Just before a block, <!-- skip: reason --> leaves it out, and <!-- arguments: … --> gives
words to its program.

The folder holds known/ and uploads/ (PNG images, some of the first altered in the second) and photo.png; what one
block writes there the next ones find.
"""
import argparse
import os
import re
import shlex
import struct
import subprocess
import sys
import tempfile
import zlib
from dataclasses import dataclass
from math import cos, sin
from pathlib import Path

RUN = {"c", "cpp", "python", "sh"}
BLOCK = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```\s*$", re.MULTILINE | re.DOTALL)
NOTE = re.compile(r"<!--\s*(skip|arguments):\s*((?:(?!-->).)*?)\s*-->\s*\Z", re.DOTALL)
TIMEOUT_S = 120


@dataclass(frozen=True)
class Example:
    line: int
    language: str
    text: str
    skip: str = ""
    arguments: tuple[str, ...] = ()


def examples(markdown: str) -> list[Example]:
    """The blocks in a language that is run, in order."""
    found = []
    for block in BLOCK.finditer(markdown):
        language, text = block.groups()
        if language not in RUN:
            continue
        line = markdown.count("\n", 0, block.start()) + 1
        notes = {}
        before = markdown[:block.start()]
        while note := NOTE.search(before):
            notes[note.group(1)] = note.group(2)
            before = before[:note.start()]
        arguments = tuple(shlex.split(notes.get("arguments", "")))
        found.append(Example(line, language, text, notes.get("skip", ""), arguments))
    return found


def png(width: int, height: int, pixel) -> bytes:
    """A grey PNG whose pixel at (x, y) is pixel(x, y), 0 to 255."""
    rows = b"".join(b"\0" + bytes(pixel(x, y) for x in range(width)) for y in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def picture(seed: int, scale: float = 1.0, brightness: int = 0) -> bytes:
    """Waves in several directions: enough to hash, and another picture for each seed."""
    def pixel(x: int, y: int) -> int:
        u, v = x / scale, y / scale
        waves = sum(sin((seed * 7 % 11 + 2 * i) * u / 60 + i * seed) * cos((seed * 5 % 13 + 3 * i) * v / 70 + i)
                    for i in range(1, 6))
        return max(0, min(255, round(128 + 40 * waves) + brightness))

    return png(round(240 * scale), round(180 * scale), pixel)


def write_samples(folder: Path) -> None:
    (folder / "known").mkdir()
    (folder / "uploads").mkdir()
    for seed in range(1, 5):
        (folder / "known" / f"known{seed}.png").write_bytes(picture(seed))
    (folder / "uploads" / "copy.png").write_bytes(picture(1))
    (folder / "uploads" / "smaller.png").write_bytes(picture(2, scale=0.5))
    (folder / "uploads" / "brighter.png").write_bytes(picture(3, brightness=10))
    (folder / "uploads" / "unknown.png").write_bytes(picture(9))
    (folder / "photo.png").write_bytes(picture(1))


def whole_program(example: Example) -> str:
    if re.search(r"\bmain\s*\(", example.text):
        return example.text
    lines = example.text.splitlines(keepends=True)
    includes = "".join(line for line in lines if line.startswith("#include"))
    body = "".join(line for line in lines if not line.startswith("#include"))
    return f"{includes}int main({'void' if example.language == 'c' else ''}) {{\n{body}return 0;\n}}\n"


class Runner:
    """Runs examples in `folder`, with the library and the commands of an installed tree."""

    def __init__(self, folder: Path, prefix: Path, bins: list[Path]) -> None:
        self.folder = folder
        pkg_config = sorted(str(path.parent) for path in prefix.rglob("libmatch.pc"))
        libraries = sorted({str(path.parent) for path in prefix.rglob("libmatch.so*")})
        self.environment = os.environ | {
            "PATH": os.pathsep.join([*map(str, bins), str(prefix / "bin"), os.environ["PATH"]]),
            "PKG_CONFIG_PATH": os.pathsep.join(pkg_config),
            "LD_LIBRARY_PATH": os.pathsep.join(libraries),
        }

    def run(self, example: Example) -> str:
        """What the example printed; raises with it if it failed."""
        if example.language == "sh":
            return self._call(["bash", "-euo", "pipefail", "-c", example.text, "bash", *example.arguments])
        if example.language == "python":
            return self._call([sys.executable, "-c", example.text, *example.arguments])
        source = self.folder / f"example_{example.line}.{example.language}"
        source.write_text(whole_program(example), encoding="utf-8")
        program = source.with_suffix("")
        compiler = {"c": ["cc", "-std=c99"], "cpp": ["c++", "-std=c++20"]}[example.language]
        flags = shlex.split(self._call(["pkg-config", "--cflags", "--libs", "libmatch"]))
        self._call([*compiler, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-o", program, source, *flags])
        return self._call([program, *example.arguments])

    def _call(self, command: list) -> str:
        result = subprocess.run(command, cwd=self.folder, env=self.environment, text=True, errors="replace",
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT_S, check=False)
        if result.returncode != 0:
            raise RuntimeError(f"{command[0]} exited with {result.returncode}:\n{result.stdout}")
        return result.stdout


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("markdown", type=Path)
    parser.add_argument("--prefix", type=Path, required=True, help="where the library is installed")
    parser.add_argument("--bin", type=Path, action="append", default=[], help="a folder to put into PATH")
    options = parser.parse_args()
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        write_samples(Path(name))
        runner = Runner(Path(name), options.prefix.resolve(), [folder.resolve() for folder in options.bin])
        for example in examples(options.markdown.read_text(encoding="utf-8")):
            title = f"{options.markdown}:{example.line} ({example.language})"
            if example.skip:
                print(f"{title}: skipped: {example.skip}")
                continue
            try:
                print(f"{title}: passed\n{runner.run(example)}", end="")
            except (RuntimeError, subprocess.TimeoutExpired) as problem:
                print(f"{title}: FAILED: {problem}")
                failures += 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
