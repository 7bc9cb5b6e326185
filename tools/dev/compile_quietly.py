#!/usr/bin/env python3
"""Lets a compiler read sources of a build folder, without making code, and fails where it says anything.

    compile_quietly.py BUILD JOBS REGEX    the sources whose paths match; BUILD has compile_commands.json

Two compilers warn of more than one does.
"""
import json
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def complaint_of(entry: dict[str, str]) -> str:
    """What the compiler says of a source; '' for nothing."""
    arguments = shlex.split(entry["command"])
    place = arguments.index("-o")
    del arguments[place : place + 2]
    arguments = ["-fsyntax-only" if argument == "-c" else argument for argument in arguments]
    result = subprocess.run(arguments, cwd=entry["directory"], capture_output=True, text=True, check=False)
    said = result.stdout + result.stderr
    return f"{entry['file']}: exit status {result.returncode}\n{said}" if said or result.returncode != 0 else ""


def main(build: str, jobs: str, regex: str) -> int:
    all_entries = json.loads((Path(build) / "compile_commands.json").read_text(encoding="utf-8"))
    entries = [entry for entry in all_entries if re.search(regex, entry["file"])]
    with ThreadPoolExecutor(int(jobs)) as pool:
        complaints = [complaint for complaint in pool.map(complaint_of, entries) if complaint]
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    print(f"{len(entries)} sources, {len(complaints)} with complaints")
    return 1 if complaints or not entries else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
