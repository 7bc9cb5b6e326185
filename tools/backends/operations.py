"""What is done on every backend: each operation with its data, made once, and what it has to touch at least."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import libmatch
import numpy as np
import numpy.typing as npt
from PIL import Image

Codes = npt.NDArray[np.uint8]
MILLION = 1_000_000
MAX_DISTANCE = 31
CODE_BYTES = 32
PLANE_BYTES = 12
VECTOR_BYTES = 144
IMAGE_SIDE = 512
PARTS_SIDE = 256


@dataclass(frozen=True)
class Operation:
    name: str
    unit: str  # what is counted: "pairs", "images"
    units: int
    least_bytes: int  # read once, however it is done
    # What bounds it on a GPU: a method of gpu.devices, or none that is known.
    bound: str | None
    # Makes ready what is not timed, and gives what is.
    prepare: Callable[[libmatch.Context], Callable[[], Any]]
    # The same by FAISS on a GPU, and what its answer is held against.
    peer: Peer | None = None


@dataclass(frozen=True)
class Peer:
    """Of the k nearest codes: FAISS has no range search on a GPU."""

    codes: Codes
    queries: Codes
    k: int


def clustered_codes(count: int, code_bytes: int, seed: int) -> Codes:
    """Random codes, half of which are others with up to 40 bits flipped."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 256, (count, code_bytes), dtype=np.uint8)
    near = codes[1::2]
    near[:] = codes[rng.integers(0, count, len(near)) & ~1]
    for _ in range(40):
        bits = rng.integers(0, code_bytes * 16, len(near))  # half of them lie beyond the code and flip nothing
        chosen = np.flatnonzero(bits < code_bytes * 8)
        near[chosen, bits[chosen] >> 3] ^= (1 << (bits[chosen] & 7)).astype(np.uint8)
    return codes


def index_of(
    codes: Codes, context: libmatch.Context, hash_name: Literal["pdq256", "vector8"] = "pdq256"
) -> libmatch.Index:
    """Scanned, not looked up in buckets: the work that both sides can do."""
    index = libmatch.Index(8 * codes.shape[1], hash=hash_name, context=context)
    index.add(codes)
    if hash_name != "vector8":
        index.set_layouts(planes="always", buckets="never")
        index.prepare()
    return index


def range_search(codes: Codes, queries: Codes) -> Operation:
    def prepare(context: libmatch.Context) -> Callable[[], Any]:
        index = index_of(codes, context)
        return lambda: index.search_range(queries, max_distance=MAX_DISTANCE)

    row_bytes = PLANE_BYTES if len(queries) <= 8 else CODE_BYTES
    return Operation(
        f"range, {len(queries)} of {len(codes)}",
        "pairs",
        len(queries) * len(codes),
        len(codes) * row_bytes + queries.nbytes,
        "stream" if len(queries) <= 8 else "products",
        prepare,
    )


def nearest(codes: Codes, queries: Codes, k: int) -> Operation:
    def prepare(context: libmatch.Context) -> Callable[[], Any]:
        index = index_of(codes, context)
        return lambda: index.search_knn(queries, k=k)

    name = f"{k} nearest, {len(queries)} of {len(codes)}"
    least = codes.nbytes + queries.nbytes
    return Operation(name, "pairs", len(queries) * len(codes), least, "products", prepare, Peer(codes, queries, k))


def near_pairs(codes: Codes) -> Operation:
    def prepare(context: libmatch.Context) -> Callable[[], Any]:
        index = index_of(codes, context)
        return lambda: index.search_pairs(max_distance=MAX_DISTANCE)

    count = len(codes) * (len(codes) - 1) // 2
    return Operation(f"pairs of {len(codes)}", "pairs", count, codes.nbytes, "products", prepare)


def vectors(rows: Codes, queries: Codes) -> Operation:
    def prepare(context: libmatch.Context) -> Callable[[], Any]:
        index = index_of(rows, context, "vector8")
        return lambda: index.search_knn(queries, k=10)

    name = f"10 nearest vectors, {len(queries)} of {len(rows)}"
    return Operation(name, "pairs", len(queries) * len(rows), rows.nbytes + queries.nbytes, None, prepare)


def pdq_of_images(count: int) -> Operation:
    """Of pixels that are decoded already; noise under a gradient, so that no code is like another."""
    rng = np.random.default_rng(9)
    ramp = np.arange(IMAGE_SIDE, dtype=np.uint16)[None, :, None]
    images = [
        (rng.integers(0, 256, (IMAGE_SIDE, IMAGE_SIDE, 3), dtype=np.uint16) // 2 + ramp // 4).astype(np.uint8)
        for _ in range(count)
    ]

    def prepare(context: libmatch.Context) -> Callable[[], Any]:
        return lambda: libmatch.hash_images(images, orientations="derived", context=context)

    pixels = count * IMAGE_SIDE * IMAGE_SIDE * 3
    return Operation(f"PDQ of {count} images, 8 orientations", "images", count, pixels, None, prepare)


def drawn_image(rng: np.random.Generator, side: int) -> Codes:
    """Rectangles of any colour over each other: corners enough to be known again by."""
    image = np.zeros((side, side, 3), np.uint8)
    for _ in range(60):
        left, top = rng.integers(0, side - 8, 2)
        width, height = rng.integers(8, side // 3, 2)
        image[top : top + height, left : left + width] = rng.integers(0, 256, 3)
    return image


def parts_of_images(references: int) -> Operation:
    """Thorough matching of crops: their keypoints' codes are met with those of all references, and the rest is the
    processor's."""
    rng = np.random.default_rng(10)
    images = [drawn_image(rng, PARTS_SIDE) for _ in range(references)]
    crops = []
    for image in images[: min(references, 16)]:
        file = io.BytesIO()
        Image.fromarray(image[20:-30, 10:-60]).save(file, "PNG")
        crops.append(file.getvalue())

    def prepare(context: libmatch.Context) -> Callable[[], Any]:
        index = libmatch.Index(256, hash="pdq256", context=context)
        index.add(libmatch.hash_images(images, context=context)[0])
        index.add_keypoints(np.arange(references), libmatch.extract_keypoints(images, context=context))
        return lambda: libmatch.match_buffers(index, crops, effort="thorough", context=context)

    pixels = sum(len(crop) for crop in crops)
    return Operation(f"parts: {len(crops)} images of {references}", "images", len(crops), pixels, None, prepare)


def operations(scale: float) -> Iterator[Operation]:
    """One after the other, so that the data of only one is there."""
    count = max(1000, round(MILLION * scale))
    codes = clustered_codes(count, CODE_BYTES, 1)
    queries = np.concatenate([codes[: 4096 // 2], clustered_codes(4096 // 2, CODE_BYTES, 2)])
    for batch in (1, 8, 64, 256, 4096):
        yield range_search(codes, queries[-batch:] if batch < 4096 else queries)
    yield nearest(codes, queries[1920:2176], 10)
    yield near_pairs(codes[: max(1000, count // 4)])
    rows = clustered_codes(max(1000, count // 4), VECTOR_BYTES, 3)
    yield vectors(rows, clustered_codes(256, VECTOR_BYTES, 4))
    yield pdq_of_images(max(4, round(128 * min(scale, 1))))
    yield parts_of_images(max(8, round(2000 * min(scale, 1))))
