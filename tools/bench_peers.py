"""libmatch beside FAISS on the same codes, interleaved in one process: `./dev bench --peers`.

Every round runs the peer, then libmatch, on one thread; the ratio is taken within the round, so that whatever else the
machine does weighs on both. Answers are compared before anything is timed.
"""

from __future__ import annotations

import argparse
import datetime
import platform
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import faiss
import libmatch
import numpy as np

CODE_BYTES = 32
BITS = 8 * CODE_BYTES


def random_codes(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, CODE_BYTES), dtype=np.uint8)


def planted_queries(codes: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Half random, half codes of the list with 0 to 40 different bits flipped."""
    rng = np.random.default_rng(seed)
    queries = random_codes(count, seed + 1)
    for query in range(1, count, 2):
        bits = np.unpackbits(codes[rng.integers(len(codes))])
        bits[rng.choice(BITS, rng.integers(41), replace=False)] ^= 1
        queries[query] = np.packbits(bits)
    return queries


def same_ranges(ours: libmatch.Matches, limits: np.ndarray, distances: np.ndarray, ids: np.ndarray) -> bool:
    """Whether both libraries found the same; FAISS orders the matches of a query in its own way."""
    limits = limits.astype(np.int64)
    if not np.array_equal(ours.offsets, limits):
        return False
    queries = np.repeat(np.arange(len(limits) - 1), np.diff(limits))
    order = np.lexsort((ids, distances, queries))
    return np.array_equal(ours.ids, ids[order]) and np.array_equal(ours.distances, distances[order].astype(np.uint32))


def interleaved(peer: Callable[[], object], ours: Callable[[], object], rounds: int) -> list[tuple[float, float]]:
    """Seconds of each, a pair a round."""
    pairs = []
    for _ in range(rounds):
        start = time.perf_counter()
        peer()
        middle = time.perf_counter()
        ours()
        pairs.append((middle - start, time.perf_counter() - middle))
    return pairs


def report(name: str, batch: int, pairs: list[tuple[float, float]]) -> None:
    ratios = sorted(peer / ours for peer, ours in pairs)
    peer_us = statistics.median(peer for peer, _ in pairs) / batch * 1e6
    our_us = statistics.median(ours for _, ours in pairs) / batch * 1e6
    print(
        f"{name:<24}{batch:>7}{peer_us:>14.1f}{our_us:>14.1f}"
        f"{statistics.median(ratios):>11.1f}   {ratios[0]:.1f} to {ratios[-1]:.1f}"
    )


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--codes", type=int, default=1_000_000, help="codes in the list (1,000,000)")
    parser.add_argument("--rounds", type=int, default=9, help="rounds of each comparison (9)")
    parser.add_argument("--max-distance", type=int, default=31, help="of the range search (31)")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 16, 256, 4096], help="queries a call")
    arguments = parser.parse_args()

    faiss.omp_set_num_threads(1)
    context = libmatch.Context(threads=1)
    codes = random_codes(arguments.codes, 1)
    peer_index = faiss.IndexBinaryFlat(BITS)
    peer_index.add(codes)
    our_index = libmatch.Index(BITS, context=context)
    our_index.add(codes)

    print(f"{datetime.date.today()}  {processor()}, one thread, {platform.system()} {platform.machine()}")
    print(f"libmatch {libmatch.__version__} ({context.backend}), faiss-cpu {faiss.__version__}")
    print(f"{arguments.codes:,} random codes of {BITS} bits; medians of {arguments.rounds} interleaved rounds\n")
    print(f"{'':<24}{'batch':>7}{'FAISS us/q':>14}{'libmatch us/q':>14}{'ratio':>11}   least to most")
    for batch in arguments.batches:
        queries = planted_queries(codes, batch, 2)
        # FAISS's radius is strict: it returns what is nearer.
        found = peer_index.range_search(queries, arguments.max_distance + 1)
        if not same_ranges(our_index.search_range(queries, max_distance=arguments.max_distance), *found):
            print(f"range search, batch {batch}: the answers differ", file=sys.stderr)
            return 1
        report(
            f"range, distance <= {arguments.max_distance}",
            batch,
            interleaved(
                partial(peer_index.range_search, queries, arguments.max_distance + 1),
                partial(our_index.search_range, queries, max_distance=arguments.max_distance),
                arguments.rounds,
            ),
        )
    queries = planted_queries(codes, 256, 3)
    peer_distances, _ = peer_index.search(queries, 10)
    _, our_distances = our_index.search_knn(queries, k=10)
    if not np.array_equal(our_distances, peer_distances.astype(np.uint32)):
        print("k-NN search: the distances differ", file=sys.stderr)
        return 1
    report(
        "k-NN, k = 10",
        256,
        interleaved(
            lambda: peer_index.search(queries, 10), lambda: our_index.search_knn(queries, k=10), arguments.rounds
        ),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
