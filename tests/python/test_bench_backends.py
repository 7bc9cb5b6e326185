"""The pieces of `./dev bench --backends`, and a quick run of all of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Callable

import libmatch
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import bench_backends
from backends.comparison import AnswersDifferError, Column, limit_for, open_column, run, with_prefix
from backends.operations import Operation, clustered_codes, operations
from gpu.devices import DEVICES


def operation_that(prepare: Callable[[libmatch.Context], Callable[[], Any]], bound: str | None = None) -> Operation:
    return Operation("test", "pairs", 1000, 64, bound, prepare)


def two_columns() -> list[Column]:
    return [open_column("cpu", 1), open_column("scalar", 1)]


def test_compares_what_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench_backends.main(["cpu,scalar,nonesuch", "--scale", "0.001", "--rounds", "1", "--threads", "1"]) == 0
    told = capsys.readouterr().out
    assert "nonesuch: not here, its columns stay empty" in told
    assert "scalar: scalar, 1 threads" in told
    assert "faiss-gpu: not compared with: no GPU is used" in told
    for name in (operation.name for operation in operations(0.001)):
        row = next(line for line in told.splitlines() if line.startswith(name))
        # Three figures for each of two backends, one perhaps with a prefix; the third has none, so no gain is told.
        assert len([part for part in row[36:].split() if part not in ("-", "k", "M", "G", "T")]) == 6


def test_nothing_is_timed_where_answers_differ() -> None:
    def prepare(context: libmatch.Context) -> Callable[[], Any]:
        return lambda: (np.array([1, 2]), np.array([context.backend == "scalar"]))

    with pytest.raises(AnswersDifferError, match="scalar and cpu give different answers"):
        run(operation_that(prepare), two_columns(), 1)


def test_a_backend_that_is_not_here_is_told_with_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    column = open_column("nonesuch", None)
    assert column.context is None
    assert "nonesuch" in column.reason
    assert bench_backends.main(["nonesuch"]) == 1
    assert "none of these backends is here" in capsys.readouterr().err


def test_times_are_taken_in_turns() -> None:
    calls: list[str] = []

    def prepare(context: libmatch.Context) -> Callable[[], Any]:
        def call() -> Any:
            calls.append(context.backend)
            return (np.array([1]),)

        return call

    timed = run(operation_that(prepare), two_columns(), 3)
    assert calls == [calls[0], "scalar"] * 4
    assert [len(times) for times in timed.seconds.values()] == [3, 3]
    assert timed.ratio("scalar", "cpu") > 0


def test_limits_are_those_of_the_page() -> None:
    devices = {device.name: device for device in DEVICES}
    operation = operation_that(lambda context: lambda: None, "products")
    assert limit_for(operation, None) is None
    assert limit_for(operation, devices["A100"]) == pytest.approx(9.75e12, rel=0.01)
    # Where products of bits are emulated, the adders' limit counts.
    assert limit_for(operation, devices["B200"]) == pytest.approx(2.2e12, rel=0.01)


def test_rates_have_prefixes() -> None:
    assert [with_prefix(rate) for rate in (1.5e10, 999.4, 2e12, 3210.0)] == ["15 G", "999", "2 T", "3.21 k"]


def test_half_of_the_codes_are_near_others() -> None:
    codes = clustered_codes(200, 32, 1)
    distances = libmatch.distances(codes[1::2], codes[::2]).min(axis=1)
    assert (distances <= 40).all()
    assert (distances > 0).any()
