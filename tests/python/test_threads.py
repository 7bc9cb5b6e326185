from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import libmatch
import numpy as np


def test_many_threads_search_one_index_while_it_grows() -> None:
    """Entries of even id are there all the time; those of odd id come and go."""
    generator = np.random.default_rng(1)
    steady = generator.integers(0, 256, (3000, 32), dtype=np.uint8)
    coming = generator.integers(0, 256, (50, 32), dtype=np.uint8)
    index = libmatch.Index(context=libmatch.Context(threads=2))
    index.add(steady, np.arange(3000) * 2, [f"label {2 * i}" for i in range(3000)])

    def search(seed: int) -> None:
        rows = np.random.default_rng(seed).integers(0, 3000, 16)
        for _ in range(20):
            matches = index.search_range(steady[rows], max_distance=20)
            even = matches.ids % 2 == 0
            assert matches.ids[even].tolist() == (rows * 2).tolist()
            assert [label for label in matches.labels if label] == [f"label {2 * row}" for row in rows]

    def change() -> None:
        for _ in range(20):
            index.add(coming, np.arange(50) * 2 + 1)
            assert index.remove(np.arange(50) * 2 + 1) == 50

    with ThreadPoolExecutor(5) as pool:
        for task in [pool.submit(search, seed) for seed in range(4)] + [pool.submit(change)]:
            task.result(timeout=300)
    assert len(index) == 3000


def test_threads_share_the_default_context(folder: Path) -> None:
    paths = [folder / "picture.png", folder / "other.png"]
    expected = libmatch.hash_files(paths).codes.tolist()
    with ThreadPoolExecutor(4) as pool:
        for codes in pool.map(lambda _: libmatch.hash_files(paths).codes.tolist(), range(12)):
            assert codes == expected


def test_errors_of_two_threads_do_not_mix() -> None:
    def fail(name: str) -> set[str]:
        messages = set()
        for _ in range(200):
            try:
                libmatch.Context(name)
            except NotImplementedError as error:
                messages.add(str(error))
        return messages

    with ThreadPoolExecutor(2) as pool:
        for name, messages in zip(("first", "other"), pool.map(fail, ("first", "other"))):
            (message,) = messages
            assert name in message
