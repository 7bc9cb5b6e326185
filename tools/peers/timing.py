"""Contestants in turn, round after round, and the table of what they took.

A ratio is taken within a round, so that whatever else the machine does weighs on both sides of it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from peers.data import Codes

MIN_ROUNDS = 3
NAME_WIDTH = 46


@dataclass(frozen=True)
class Contestant:
    name: str
    search: Callable[[Codes], object]
    # How many of the queries it is given: a slow one is timed on a sample, and the table says so.
    sample: int | None = None

    def queries_of(self, queries: Codes) -> Codes:
        return queries if self.sample is None else queries[: self.sample]


@dataclass(frozen=True)
class Patience:
    """At most so many rounds, and none begun after so many seconds, but never fewer than MIN_ROUNDS."""

    rounds: int
    seconds: float


def microseconds_a_query(contestant: Contestant, queries: Codes, batch: int) -> float:
    own = contestant.queries_of(queries)
    start = time.perf_counter()
    for first in range(0, len(own), batch):
        contestant.search(own[first : first + batch])
    return (time.perf_counter() - start) / len(own) * 1e6


def interleaved(contestants: Sequence[Contestant], queries: Codes, batch: int, patience: Patience) -> list[list[float]]:
    """Microseconds a query: a list a round, in the order of the contestants."""
    rounds: list[list[float]] = []
    start = time.perf_counter()
    while len(rounds) < patience.rounds and (
        len(rounds) < MIN_ROUNDS or time.perf_counter() - start < patience.seconds
    ):
        rounds.append([microseconds_a_query(contestant, queries, batch) for contestant in contestants])
    return rounds


def print_head(title: str) -> None:
    print(f"\n{title}")
    print(
        f"  {'':<{NAME_WIDTH}}{'batch':>7}{'us a query':>13}{'rounds':>8}   times the first (least to most)",
        flush=True,
    )


def print_rows(
    label: str, contestants: Sequence[Contestant], queries: int, batch: int, rounds: list[list[float]]
) -> None:
    """The first contestant is what the others are compared with."""
    for place, contestant in enumerate(contestants):
        median = statistics.median(times[place] for times in rounds)
        row = f"  {label + ', ' + contestant.name:<{NAME_WIDTH}}{batch:>7}{median:>13.1f}{len(rounds):>8}"
        if place > 0:
            ratios = sorted(times[place] / times[0] for times in rounds)
            row += f"   {statistics.median(ratios):.1f} ({ratios[0]:.1f} to {ratios[-1]:.1f})"
        if contestant.sample is not None and contestant.sample < queries:
            row += f", on {contestant.sample} of {queries} queries"
        print(row, flush=True)


def compare(label: str, contestants: Sequence[Contestant], queries: Codes, batch: int, patience: Patience) -> None:
    rounds = interleaved(contestants, queries, batch, patience)
    print_rows(label, contestants, len(queries), batch, rounds)
