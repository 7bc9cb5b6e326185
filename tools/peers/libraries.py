"""Indexes of libmatch and of its peers, each on one thread, behind the few calls that are compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import faiss
import libmatch
import numpy as np
import numpy.typing as npt
import usearch.index

from peers.answers import Ranges
from peers.data import Codes

Layout = Literal["automatic", "always", "never"]


def our_index(
    codes: Codes,
    *,
    context: libmatch.Context | None = None,
    planes: Layout = "automatic",
    buckets: Layout = "automatic",
) -> libmatch.Index:
    """With the layouts that the policies allow, made beforehand."""
    bits = 8 * codes.shape[1]
    context = context or libmatch.Context(threads=1)
    index = libmatch.Index(bits, hash="pdq256" if bits == 256 else "code", context=context)
    index.add(codes)
    index.set_layouts(planes=planes, buckets=buckets)
    index.prepare()
    return index


def flat(codes: Codes) -> Any:
    index = faiss.IndexBinaryFlat(8 * codes.shape[1])
    index.add(codes)
    return index


def multi_hash(codes: Codes, tables: int, bits: int, flips: int) -> Any:
    """Multi-index hashing; exact where tables * (flips + 1) is more than the distance asked for."""
    index = faiss.IndexBinaryMultiHash(8 * codes.shape[1], tables, bits)
    index.nflip = flips
    index.add(codes)
    return index


def single_hash(codes: Codes, bits: int, flips: int) -> Any:
    """One table of the first bits: what it does not find is the price of its speed."""
    index = faiss.IndexBinaryHash(8 * codes.shape[1], bits)
    index.nflip = flips
    index.add(codes)
    return index


def range_of(index: Any, max_distance: int) -> Callable[[Codes], Ranges]:
    """A range search of FAISS, whose radius is strict: it returns what is nearer."""

    def search(queries: Codes) -> Ranges:
        limits, distances, ids = index.range_search(queries, max_distance + 1)
        return limits, distances, ids

    return search


def our_range(index: libmatch.Index, max_distance: int) -> Callable[[Codes], libmatch.Matches]:
    return lambda queries: index.search_range(queries, max_distance=max_distance)


def nearest_of(index: Any, k: int) -> Callable[[Codes], npt.NDArray[np.generic]]:
    """The distances of the k nearest by FAISS."""
    return lambda queries: np.asarray(index.search(queries, k)[0])


def our_nearest(index: libmatch.Index, k: int) -> Callable[[Codes], libmatch.Neighbours]:
    return lambda queries: index.search_knn(queries, k=k)


def usearch_nearest(codes: Codes, k: int) -> Callable[[Codes], npt.NDArray[np.generic]]:
    """The same by usearch's exhaustive search."""

    def search(queries: Codes) -> npt.NDArray[np.generic]:
        found = usearch.index.search(codes, queries, k, metric=usearch.index.MetricKind.Hamming, exact=True, threads=1)
        return np.asarray(found.distances).reshape(len(queries), -1)

    return search
