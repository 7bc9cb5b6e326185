"""What the CUDA backend's kernels cost, read from their machine code, in build/gpu-venv.

gpu_cost.py FILE…            prints the table and the rates; files are shared objects, objects or cubins
gpu_cost.py --write FILE…    writes docs/gpu_cost.csv and the tables of docs/performance.md
gpu_cost.py --check FILE…    fails where a kernel costs more than is asked of it, or other than the table says

The shared object is build/cuda/libmatch/libmatch_cuda.so; `./dev test cuda` builds and checks it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from gpu.cost import cost_of, findings, rate_of
from gpu.cubins import MissingToolError, kernels_in
from gpu.devices import DEVICES
from gpu.report import as_csv, as_markdown, differences, of_another_nvcc, with_tables
from gpu.toolkit import ROOT, find_tool, nvcc_version

TABLE = ROOT / "docs" / "gpu_cost.csv"
PAGE = ROOT / "docs" / "performance.md"


def unlike_committed(table: str, tables_of_page: str) -> list[str]:
    """Nothing where the committed table is of another nvcc."""
    committed = TABLE.read_text(encoding="utf-8")
    if of_another_nvcc(committed, table):
        print("gpu_cost: docs/gpu_cost.csv is of another nvcc, so costs are not compared with it")
        return []
    page = PAGE.read_text(encoding="utf-8")
    other = [] if with_tables(page, tables_of_page) == page else ["docs/performance.md has other tables"]
    return differences(committed, table) + other


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--write", action="store_true")
    action.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    nvcc = find_tool("nvcc")
    try:
        costs = [cost_of(kernel) for kernel in kernels_in(options.files)]
    except MissingToolError as error:
        print(f"gpu_cost: {error}", file=sys.stderr)
        return 1
    rates = [rate for cost in costs for device in DEVICES if (rate := rate_of(cost, device))]
    wrong = findings(costs, rates)
    table = as_csv(costs, nvcc_version(nvcc) if nvcc else "unknown")
    if options.write:
        TABLE.write_text(table, encoding="utf-8")
        PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8"), as_markdown(costs, rates)), encoding="utf-8")
    elif options.check:
        wrong += unlike_committed(table, as_markdown(costs, rates))
    else:
        print(table)
        print(as_markdown(costs, rates))
    if options.check and wrong:
        wrong.append("where costs changed with the sources, --write writes them down anew")
    for line in wrong:
        print(f"gpu_cost: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
