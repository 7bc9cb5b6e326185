"""FAISS on the same GPU, where its package for GPUs is installed: the k nearest codes, its one search there."""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np

from backends.comparison import AnswersDifferError
from backends.operations import Peer


def find_faiss() -> tuple[Any, str]:
    """The module, or None and why there is none."""
    try:
        import faiss
    except ImportError:
        return None, "faiss is not installed"
    if not hasattr(faiss, "GpuIndexBinaryFlat"):
        return None, f"faiss {faiss.__version__} is built without GPUs (faiss-gpu is not installed)"
    if faiss.get_num_gpus() == 0:
        return None, f"faiss {faiss.__version__} finds no GPU"
    return faiss, ""


def seconds_of(faiss: Any, peer: Peer, distances: Any, rounds: int) -> float:
    """The median time; the distances must be ours."""
    index = faiss.GpuIndexBinaryFlat(faiss.StandardGpuResources(), 8 * peer.codes.shape[1])
    index.add(peer.codes)
    found, _ = index.search(peer.queries, peer.k)
    if not np.array_equal(found.astype(np.uint32), distances):
        raise AnswersDifferError("faiss-gpu finds other distances than libmatch")
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        index.search(peer.queries, peer.k)
        times.append(time.perf_counter() - start)
    return statistics.median(times)
