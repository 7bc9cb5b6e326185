"""Runs an operation on every backend, requires equal answers, and times them in turn."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import libmatch
import numpy as np

from backends.operations import Operation
from gpu.devices import DEVICES, Device, limit_of

NAME_WIDTH = 36


class AnswersDifferError(Exception):
    """One of the backends is wrong, and no figure would mean anything."""


@dataclass(frozen=True)
class Column:
    """A backend as it was asked for; without a context where it cannot be had, with the reason."""

    asked: str
    context: libmatch.Context | None
    reason: str = ""

    @property
    def is_gpu(self) -> bool:
        return self.asked.startswith("cuda")


def open_column(asked: str, threads: int | None) -> Column:
    """`cpu` is the best of the processor's backends, `cuda` the first device."""
    names = {"cpu": next(name for name in libmatch.backends() if not name.startswith("cuda")), "cuda": "cuda:0"}
    try:
        return Column(asked, libmatch.Context(names.get(asked, asked), threads=threads))
    except (ValueError, RuntimeError, OSError) as error:
        return Column(asked, None, str(error))


@dataclass
class Timed:
    operation: Operation
    seconds: dict[str, list[float]] = field(default_factory=dict)  # of each column, a figure a round

    def median(self, asked: str) -> float:
        return statistics.median(self.seconds[asked])

    def ratio(self, asked: str, reference: str) -> float:
        """How many times faster than the reference, within a round."""
        pairs = zip(self.seconds[reference], self.seconds[asked])
        return statistics.median(slow / fast for slow, fast in pairs)


def equal(a: Any, b: Any) -> bool:
    if isinstance(a, tuple):
        return len(a) == len(b) and all(equal(x, y) for x, y in zip(a, b))
    return bool(np.array_equal(a, b))


def run(operation: Operation, columns: Sequence[Column], rounds: int) -> Timed:
    """Columns that are not there are left out. The first answer of each is not timed: it uploads and warms up."""
    calls: dict[str, Callable[[], Any]] = {
        column.asked: operation.prepare(column.context) for column in columns if column.context is not None
    }
    answers = {asked: call() for asked, call in calls.items()}
    first = next(iter(answers))
    for asked, answer in answers.items():
        if not equal(answer, answers[first]):
            raise AnswersDifferError(f"{operation.name}: {asked} and {first} give different answers")
    timed = Timed(operation, {asked: [] for asked in calls})
    for _ in range(rounds):
        for asked, call in calls.items():
            start = time.perf_counter()
            call()
            timed.seconds[asked].append(time.perf_counter() - start)
    return timed


def known_device() -> Device | None:
    """The GPU, where it is one whose limits are known."""
    try:
        done = subprocess.run(
            ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"], check=True, capture_output=True, text=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    names = done.stdout.splitlines() or [""]
    return next((device for device in DEVICES if device.name in names[0]), None)


def limit_for(operation: Operation, device: Device | None) -> float | None:
    """Units a second; where products are emulated, adders take their place."""
    if device is None or operation.bound is None:
        return None
    return limit_of(operation.bound, device) or limit_of("adders", device)


def with_prefix(rate: float) -> str:
    """1.5e10 is 15 G."""
    for prefix, value in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if rate >= value:
            return f"{rate / value:.3g} {prefix}"
    return f"{rate:.3g}"


def print_head(columns: Sequence[Column]) -> None:
    heads = "".join(f"{column.asked + ' ms':>14}{'a second':>10}{'GB/s':>8}" for column in columns)
    print(f"{'':<{NAME_WIDTH}}{heads}{'times':>9}{'of limit':>10}", flush=True)


def print_row(timed: Timed, columns: Sequence[Column], device: Device | None) -> None:
    """`times`: how much faster the last column is than the first; the share is that of the GPU."""
    operation = timed.operation
    row = f"{operation.name:<{NAME_WIDTH}}"
    for column in columns:
        if column.asked not in timed.seconds:
            row += f"{'-':>14}{'-':>10}{'-':>8}"
            continue
        seconds = timed.median(column.asked)
        rate = with_prefix(operation.units / seconds)
        row += f"{seconds * 1e3:>14.3f}{rate:>10}{operation.least_bytes / seconds / 1e9:>8.2f}"
    first, last = columns[0].asked, columns[-1].asked
    both = first in timed.seconds and last in timed.seconds and first != last
    row += f"{timed.ratio(last, first):>9.1f}" if both else f"{'-':>9}"
    gpu = next((column.asked for column in columns if column.is_gpu and column.asked in timed.seconds), None)
    limit = limit_for(operation, device)
    share = operation.units / timed.median(gpu) / limit if gpu and limit else None
    print(row + (f"{share:>10.0%}" if share is not None else f"{'-':>10}"), flush=True)
