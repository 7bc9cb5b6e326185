"""Cases that are about memory, building and opening, or that no peer offers."""

from __future__ import annotations

import gc
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import libmatch

from peers.cases import MILLION, Setting, case
from peers.data import PROJECT, Codes, make_codes, planted_queries, random_codes
from peers.libraries import flat, multi_hash, our_index


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def _print_cost(name: str, codes: Codes, build: Callable[[Codes], Any]) -> None:
    """Builds an index and forgets it."""
    gc.collect()
    before = _resident_bytes()
    start, start_cpu = time.perf_counter(), time.process_time()
    index = build(codes)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - start_cpu
    size = (_resident_bytes() - before) / len(codes)
    print(f"  {name:<34}{size:>10.1f}{cpu_seconds:>14.2f}{seconds:>12.2f}", flush=True)
    del index


@case
def building_10m(setting: Setting) -> None:
    """Memory and building time of an index, one thread."""
    codes = make_codes("random", setting.codes(10 * MILLION), 1)
    print(f"\nBuilding an index of {len(codes):,} random codes of 256 bits")
    print(f"  {'':<34}{'bytes/code':>10}{'CPU seconds':>14}{'seconds':>12}")
    _print_cost("libmatch, rows", codes, lambda codes: our_index(codes, planes="never", buckets="never"))
    _print_cost("libmatch, planes", codes, lambda codes: our_index(codes, planes="always", buckets="never"))
    _print_cost("libmatch, planes and buckets", codes, our_index)
    _print_cost("FAISS flat", codes, flat)
    _print_cost("FAISS MultiHash 16 x 16", codes, lambda codes: multi_hash(codes, 16, 16, 1))


@case
def opening_10m(setting: Setting) -> None:
    """From a saved index to the first answer, mapped and loaded; the file is in the page cache."""
    codes = make_codes("random", setting.codes(10 * MILLION), 1)
    query = planted_queries(codes, random_codes(2, codes.shape[1], 2), 3)[1:]
    context = libmatch.Context(threads=1)
    build = PROJECT / "build"
    with tempfile.TemporaryDirectory(dir=build) as folder:
        path = Path(folder) / "saved.index"
        index = our_index(codes, context=context)
        expected = index.search_range(query, max_distance=31)
        index.save(path)
        del index
        gc.collect()
        size = path.stat().st_size / 1e6
        print(f"\nOpening a saved index of {len(codes):,} codes, {size:,.0f} MB, to its first answer")
        for name, mapped in (("mapped", True), ("loaded", False)):
            for _ in range(3):
                start = time.perf_counter()
                opened = libmatch.Index.load(path, map=mapped, context=context)
                answer = opened.search_range(query, max_distance=31)
                milliseconds = (time.perf_counter() - start) * 1e3
                assert answer.ids.tolist() == expected.ids.tolist(), "the opened index answers differently"
                print(f"  {name:<34}{milliseconds:>12.1f} ms", flush=True)
                del opened, answer


@case
def pairs_1m(setting: Setting) -> None:
    """All pairs within 31 of a list, two threads."""
    context = libmatch.Context(threads=2)
    print("\nPairs within 31 of a list, two threads, index prepared")
    print(f"  {'':<24}{'codes':>12}{'pairs':>14}{'seconds':>10}")
    # A code of a hot list has some 200 near copies, and a million of them more pairs than memory is likely to hold.
    for name, count in (("random", MILLION), ("pictures", MILLION), ("hot", MILLION // 5)):
        codes = make_codes(name, setting.codes(count), 1)
        index = our_index(codes, context=context)
        for _ in range(3):
            start = time.perf_counter()
            pairs = index.search_pairs(max_distance=31)
            seconds = time.perf_counter() - start
            print(f"  {name:<24}{len(codes):>12,}{len(pairs.distances):>14,}{seconds:>10.3f}", flush=True)
