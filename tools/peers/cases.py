"""What is compared: a function a case, which prints its table. `./dev bench --peers --list` names them."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import libmatch

from peers.answers import recall, require_same_distances, require_same_matches, require_same_ranges
from peers.data import Codes, make_codes, planted_queries, random_codes
from peers.libraries import (
    Layout,
    flat,
    multi_hash,
    nearest_of,
    our_index,
    our_nearest,
    our_range,
    range_of,
    single_hash,
    usearch_nearest,
)
from peers.timing import Contestant, Patience, compare, print_head

MILLION = 1_000_000


@dataclass(frozen=True)
class Setting:
    """Sizes are those of the case times `scale`, which a quick look makes smaller."""

    scale: float
    patience: Patience

    def codes(self, count: int) -> int:
        return max(1000, round(count * self.scale))

    def batch(self, count: int) -> int:
        """Batches stay as they are, but for the largest."""
        return count if count <= 4096 else max(4096, round(count * self.scale))


CASES: dict[str, Callable[[Setting], None]] = {}


def case(function: Callable[[Setting], None]) -> Callable[[Setting], None]:
    CASES[function.__name__] = function
    return function


# How a single query is timed: so many, one call each.
SINGLE_QUERIES = 256


def _queries(batch: int, codes: Codes, name: str | None = None) -> Codes:
    """Planted among codes: of a set, or random ones."""
    count = max(batch, SINGLE_QUERIES)
    others = make_codes(name, count, 2) if name else random_codes(count, codes.shape[1], 2)
    return planted_queries(codes, others, 3)


def _compare_ranges(
    setting: Setting,
    ours: dict[str, libmatch.Index],
    peers: dict[str, tuple[Any, int]],
    queries: Codes,
    batch: int,
    max_distance: int,
) -> None:
    """Peers are exact ones, each with the number of queries it is timed on."""
    contestants = [Contestant(name, our_range(index, max_distance)) for name, index in ours.items()]
    answers = [index.search_range(queries, max_distance=max_distance) for index in ours.values()]
    require_same_matches(answers)
    for name, (index, sample) in peers.items():
        contestant = Contestant(name, range_of(index, max_distance), sample)
        theirs = range_of(index, max_distance)(contestant.queries_of(queries))
        require_same_ranges(name, answers[0], theirs)
        contestants.append(contestant)
    matches = answers[0].offsets[-1] / len(queries)
    compare(f"<= {max_distance}, {matches:.1f} found", contestants, queries, batch, setting.patience)


@case
def range_10m(setting: Setting) -> None:
    """Range search by buckets, single queries and 65,536 at once, beside FAISS's scan and its hash tables."""
    codes = make_codes("random", setting.codes(10 * MILLION), 1)
    print_head(f"Range search among {len(codes):,} random codes of 256 bits, index prepared")
    ours = our_index(codes)
    peers = {
        "FAISS flat": (flat(codes), 16),
        "FAISS MultiHash 16 x 16": (multi_hash(codes, 16, 16, 1), 64),
    }
    partial = single_hash(codes, 24, 2)
    for batch in (1, setting.batch(65536)):
        queries = _queries(batch, codes)
        _compare_ranges(setting, {"libmatch": ours}, peers, queries, batch, 31)
        by_one_table = Contestant("FAISS Hash, not exact", range_of(partial, 31), 4096)
        exact = ours.search_range(queries, max_distance=31)
        found = recall(exact, range_of(partial, 31)(by_one_table.queries_of(queries)))
        contestants = [Contestant("libmatch", our_range(ours, 31)), by_one_table]
        compare(f"recall {found:.1%}", contestants, queries, batch, setting.patience)


@case
def scan_1m(setting: Setting) -> None:
    """Range search by a scan of the whole list: planes, but no buckets."""
    codes = make_codes("random", setting.codes(MILLION), 1)
    _scan(setting, codes, libmatch.Context(threads=1))


@case
def scan_1m_avx2(setting: Setting) -> None:
    """The same by AVX2."""
    codes = make_codes("random", setting.codes(MILLION), 1)
    _scan(setting, codes, libmatch.Context("avx2", threads=1))


def _scan(setting: Setting, codes: Codes, context: libmatch.Context) -> None:
    print_head(f"Range search among {len(codes):,} random codes of 256 bits, scan by planes, {context.backend}")
    ours = {"libmatch": our_index(codes, context=context, planes="always", buckets="never")}
    peers = {"FAISS flat": (flat(codes), 256)}
    for batch in (1, 16, 256, 4096):
        _compare_ranges(setting, ours, peers, _queries(batch, codes), batch, 31)


@case
def far_10m(setting: Setting) -> None:
    """Range search at larger distances, where prefixes and tables decide less."""
    codes = make_codes("random", setting.codes(10 * MILLION), 1)
    print_head(f"Range search among {len(codes):,} random codes of 256 bits, index prepared")
    ours = {"libmatch": our_index(codes)}
    peers = {"FAISS flat": (flat(codes), 16)}
    for max_distance in (47, 64):
        _compare_ranges(setting, ours, peers, _queries(256, codes), 256, max_distance)


def _range_among(setting: Setting, name: str) -> None:
    codes = make_codes(name, setting.codes(MILLION), 1)
    print_head(f"Range search among {len(codes):,} codes of the set {name}, index prepared")
    ours = {"libmatch": our_index(codes)}
    peers = {
        "FAISS flat": (flat(codes), 64),
        "FAISS MultiHash 16 x 16": (multi_hash(codes, 16, 16, 1), 64),
    }
    for batch in (1, 256, 4096):
        _compare_ranges(setting, ours, peers, _queries(batch, codes, name), batch, 31)


@case
def pictures_1m(setting: Setting) -> None:
    """Range search among codes spread as those of real images."""
    _range_among(setting, "pictures")


@case
def hot_1m(setting: Setting) -> None:
    """The same with clusters of near copies and equal codes."""
    _range_among(setting, "hot")


@case
def plain_1m(setting: Setting) -> None:
    """The same among codes of images without content, which fill few buckets."""
    _range_among(setting, "plain")


@case
def repeated_1m(setting: Setting) -> None:
    """The same among random codes of which every hundredth is the same one."""
    _range_among(setting, "repeated")


@case
def knn_1m(setting: Setting) -> None:
    """k-NN search, beside FAISS's scan and usearch's."""
    for name in ("random", "pictures"):
        codes = make_codes(name, setting.codes(MILLION), 1)
        print_head(f"k-NN search among {len(codes):,} codes of the set {name}, index prepared")
        ours = our_index(codes)
        scan = flat(codes)
        queries = _queries(256, codes, name)
        for k in (1, 10, 100):
            answer = ours.search_knn(queries, k=k)
            contestants = [Contestant("libmatch", our_nearest(ours, k))]
            for peer, search in (("FAISS flat", nearest_of(scan, k)), ("usearch exact", usearch_nearest(codes, k))):
                contestant = Contestant(peer, search, 64)
                require_same_distances(peer, answer, search(contestant.queries_of(queries)))
                contestants.append(contestant)
            compare(f"k = {k}", contestants, queries, 256, setting.patience)


@case
def threads(setting: Setting) -> None:
    """libmatch on two threads and on one."""
    pools = {"two threads": libmatch.Context(threads=2), "one thread": libmatch.Context(threads=1)}
    largest = setting.batch(65536)
    # The planes of a million codes stay in a large cache, those of ten million come from memory.
    policies: list[tuple[int, str, Layout, tuple[int, ...]]] = [
        (MILLION, "planes", "never", (1, 256)),
        (10 * MILLION, "planes", "never", (1, 256)),
        (10 * MILLION, "buckets", "always", (1, largest)),
    ]
    for size, method, buckets, batches in policies:
        codes = make_codes("random", setting.codes(size), 1)
        print_head(f"Two threads and one, among {len(codes):,} random codes of 256 bits")
        ours = {name: our_index(codes, context=context, buckets=buckets) for name, context in pools.items()}
        for batch in batches:
            contestants = [Contestant(name, our_range(index, 31)) for name, index in ours.items()]
            compare(method, contestants, _queries(batch, codes), batch, setting.patience)


@case
def codes64_10m(setting: Setting) -> None:
    """Range search among codes of 64 bits, within 8."""
    codes = random_codes(setting.codes(10 * MILLION), 8, 1)
    print_head(f"Range search among {len(codes):,} random codes of 64 bits, index prepared")
    ours = {"libmatch": our_index(codes)}
    peers = {"FAISS MultiHash 4 x 16": (multi_hash(codes, 4, 16, 2), 64), "FAISS flat": (flat(codes), 16)}
    for batch in (1, 4096):
        _compare_ranges(setting, ours, peers, _queries(batch, codes), batch, 8)


def run(names: list[str], setting: Setting) -> None:
    for name in names:
        CASES[name](setting)
        gc.collect()  # before the next case builds indexes of gigabytes
