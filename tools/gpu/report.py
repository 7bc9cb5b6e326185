"""The committed table and the page's tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from gpu.cost import COLUMNS, KernelCost, Rate
from gpu.devices import DEVICES, limit_of
from gpu.kernels import LOOPS, MAY_USE_LOCAL_MEMORY

BEGIN, END = "<!-- from the machine code: begin -->", "<!-- from the machine code: end -->"


def as_csv(costs: Sequence[KernelCost], nvcc: str) -> str:
    """Which nvcc made the code stands in the first line: another one makes other code."""
    text = io.StringIO()
    text.write(f"# nvcc {nvcc}; operations of a lane a pair in the inner loop, where there is one\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(cost.row() for cost in costs)
    return text.getvalue()


def of_another_nvcc(committed: str, current: str) -> bool:
    return committed.split(";")[0] != current.split(";")[0]


def differences(committed: str, current: str) -> list[str]:
    """Lines that one has and the other has not."""
    old, new = committed.splitlines(), current.splitlines()
    gone = [f"docs/gpu_cost.csv has, and the code has not: {line}" for line in old if line not in new]
    return gone + [f"the code has, and docs/gpu_cost.csv has not: {line}" for line in new if line not in old]


def with_tables(page: str, tables: str) -> str:
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n{tables}\n{END}{rest.split(END)[1]}"


def power(value: float | None) -> str:
    if value is None:
        return "-"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def as_markdown(costs: Sequence[KernelCost], rates: Sequence[Rate]) -> str:
    lines = ["| pairs/s, *computed, not measured* | " + " | ".join(device.name for device in DEVICES) + " |"]
    lines.append("|---|" + "---|" * len(DEVICES))
    for loop in (loop for loop in LOOPS if loop.method):
        cells = []
        for device in DEVICES:
            rate = next((rate for rate in rates if rate.cost.loop is loop and rate.device is device), None)
            cells.append(f"{power(rate.pairs_per_s)} ({rate.share:.0%}; {rate.bound_by})" if rate else "-")
        lines.append(f"| `{loop.kernel}`: {loop.what} | " + " | ".join(cells) + " |")
    names = {
        "whole": "eight popcounts a pair, no prefix",
        "adders": "two popcounts a pair",
        "products": "products of bits",
        "epilogue": "one operation a result",
        "stream": "memory: 12 bytes a row, one query",
    }
    for method, name in names.items():
        cells = [power(limit_of(method, device)) for device in DEVICES]
        lines.append(f"| limit: {name} | " + " | ".join(cells) + " |")
    lines += [
        "",
        "| inner loop, operations of a lane a pair | architecture | ALU | FMA | POPC | BMMA a 128 pairs | registers |",
    ]
    lines.append("|---|---|---|---|---|---|---|")
    for cost in costs:
        if cost.inner:
            numbers = [f"{cost.inner.per_pair(unit):.2f}" for unit in ("alu", "fma", "slow")]
            numbers.append(f"{4 * cost.inner.per_pair('tensor'):.2f}" if cost.inner.per_pair("tensor") else "-")
            lines.append(f"| `{cost.name}` | {cost.architecture} | {' | '.join(numbers)} | {cost.registers} |")
    reasons = {cost.name: MAY_USE_LOCAL_MEMORY.get(cost.name, "") for cost in costs if cost.local}
    lines += ["", *(f"`{name}` goes to local memory: {reason}." for name, reason in sorted(reasons.items()))]
    lines.append("No other kernel does, on any architecture." if reasons else "No kernel goes to local memory.")
    return "\n".join(lines)
