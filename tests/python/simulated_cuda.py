"""Whole searches and hashing in streams of a simulated CUDA device: run by test_cuda.py in a process of its own.

$LM_CUDA_OBJECT is the backend on the executor of tests/simt; beside it lies a driver that is merely there."""

from __future__ import annotations

import ctypes
import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import libmatch
import numpy as np
import numpy.typing as npt
import pytest

from device_arrays import DLPackArray, InterfaceArray
from synthetic import synthetic_image

OBJECT = Path(os.environ["LM_CUDA_OBJECT"])
# Found by its name from now on.
DRIVER = ctypes.CDLL(str(OBJECT.with_name("libcuda.so.1")))
DEVICE = ctypes.CDLL(str(OBJECT))
DEVICE.simulated_allocate.restype = ctypes.c_void_p
DEVICE.simulated_make_stream.restype = ctypes.c_void_p
DEVICE.simulated_end_capture.restype = ctypes.c_void_p
DEVICE.simulated_allocations_asked.restype = ctypes.c_size_t
DEVICE.simulated_be_late.restype = None
DEVICE.simulated_take_failure.restype = None


def call(name: str, *arguments: Any) -> Any:
    """Pointers are ints; whatever returns a status must return 0."""
    function = getattr(DEVICE, f"simulated_{name}")
    result = function(*[ctypes.c_size_t(value) if isinstance(value, int) else value for value in arguments])
    assert result == 0 or function.restype is not ctypes.c_int, name
    return result


class Memory:
    """Memory of the device."""

    def __init__(self, size: int, dtype: str = "uint8") -> None:
        self.type = np.dtype(dtype)
        self.size = size
        self.pointer: int = call("allocate", max(size, 1) * self.type.itemsize)

    @staticmethod
    def of(array: npt.NDArray[Any]) -> Memory:
        memory = Memory(array.size, array.dtype.name)
        memory.fill(array)
        return memory

    def fill(self, array: npt.NDArray[Any]) -> None:
        assert array.flags.c_contiguous
        call("copy", self.pointer, ctypes.c_void_p(array.ctypes.data), array.nbytes, 0)
        call("wait", 0)

    def there(self) -> npt.NDArray[Any]:
        copy = np.empty(self.size, self.type)
        call("copy", ctypes.c_void_p(copy.ctypes.data), self.pointer, copy.nbytes, 0)
        call("wait", 0)
        return copy

    def shown(self, shape: tuple[int, ...] | None = None, **said: Any) -> InterfaceArray:
        return InterfaceArray(self.pointer, shape or (self.size,), self.type.str, **said)

    def packed(self, shape: tuple[int, ...] | None = None, **said: Any) -> DLPackArray:
        return DLPackArray(self.pointer, shape or (self.size,), self.type.name, **said)


Show = Callable[..., Any]
BY_PROTOCOL: list[Show] = [Memory.shown, Memory.packed]


class Room:
    """What a search takes and fills."""

    def __init__(self, view: libmatch.CudaView, queries: npt.NDArray[np.uint8], capacity: int) -> None:
        n = len(queries)
        self.shape = queries.shape
        self.queries = Memory.of(queries)
        self.offsets = Memory(n + 1, "int64")
        self.ids = Memory(capacity, "int64")
        self.distances = Memory(capacity, "uint32")
        self.required = Memory(1, "uint64")
        self.workspace = Memory(view.workspace_bytes(n, capacity))

    def arguments(self, show: Show) -> dict[str, Any]:
        results = ("offsets", "ids", "distances", "required", "workspace")
        return {"queries": show(self.queries, self.shape), **{name: show(getattr(self, name)) for name in results}}

    def expect(self, matches: libmatch.Matches) -> None:
        n = len(matches.ids)
        assert self.required.there()[0] == n
        np.testing.assert_array_equal(self.offsets.there(), matches.offsets)
        np.testing.assert_array_equal(self.ids.there()[:n], matches.ids)
        np.testing.assert_array_equal(self.distances.there()[:n], matches.distances)


@pytest.fixture(scope="module")
def context() -> libmatch.Context:
    return libmatch.Context("cuda:0")


@pytest.fixture
def stream() -> Iterator[int]:
    handle: int = call("make_stream")
    yield handle
    call("be_late", 0)
    call("end_stream", handle)
    text = ctypes.create_string_buffer(500)
    call("take_failure", text, len(text))
    assert text.value == b""


@pytest.fixture(scope="module")
def index() -> libmatch.Index:
    index = libmatch.Index(context=libmatch.Context("scalar"))
    index.add(np.random.default_rng(1).integers(0, 256, (400, 32), dtype=np.uint8))
    index.remove(list(range(0, 400, 9)))
    return index


@pytest.fixture(scope="module")
def queries() -> npt.NDArray[np.uint8]:
    codes = np.random.default_rng(1).integers(0, 256, (400, 32), dtype=np.uint8)[::40].copy()
    codes[:, 5] ^= 0x81
    return codes


def test_the_device_is_among_the_backends() -> None:
    assert libmatch.backends()[0] == "cuda:0"


def test_memory_comes_from_the_callers_allocator(queries: npt.NDArray[np.uint8]) -> None:
    """First of all: nothing may be on the device. All memory is given back."""
    held: dict[int, int] = {}

    def allocate(size: int, stream: int) -> int | None:
        if size > 1 << 30:
            return None
        memory: int = call("allocate", size)
        held[memory] = size
        return memory

    def release(memory: int, size: int, stream: int) -> None:
        assert held.pop(memory) == size
        call("release", memory)

    context = libmatch.Context("cuda:0")
    libmatch.cuda_set_allocator(allocate, release, context=context)
    index = libmatch.Index(context=context)
    index.add(queries)
    room_index = libmatch.Index(context=libmatch.Context("scalar"))
    room_index.add(queries)
    view = libmatch.CudaView(index, context=context)
    assert held
    with pytest.raises(ValueError, match="allocator"):
        libmatch.cuda_set_allocator(None, None, context=context)
    found = index.search_range(queries, max_distance=31)
    np.testing.assert_array_equal(found.ids, room_index.search_range(queries, max_distance=31).ids)
    del view, index, found, context
    gc.collect()
    assert not held
    libmatch.cuda_set_allocator(None, None, context=libmatch.Context("cuda:0"))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_allocator_that_fails_means_no_memory(queries: npt.NDArray[np.uint8]) -> None:
    def allocate(size: int, stream: int) -> int:
        raise RuntimeError("not today")

    context = libmatch.Context("cuda:0")
    libmatch.cuda_set_allocator(allocate, lambda memory, size, stream: None, context=context)
    index = libmatch.Index(context=libmatch.Context("scalar"))
    index.add(queries)
    with pytest.raises(MemoryError, match="has no room"):
        libmatch.CudaView(index, context=context)
    libmatch.cuda_set_allocator(None, None, context=context)


@pytest.mark.parametrize("show", BY_PROTOCOL)
@pytest.mark.parametrize("max_distance", [0, 31, 100])
def test_a_search_finds_what_the_processor_finds(
    context: libmatch.Context,
    index: libmatch.Index,
    queries: npt.NDArray[np.uint8],
    stream: int,
    show: Show,
    max_distance: int,
) -> None:
    view = libmatch.CudaView(index, context=context)
    room = Room(view, queries, 1000)
    call("be_late", 1)
    view.search_range(**room.arguments(show), max_distance=max_distance, stream=stream)
    call("wait", stream)
    room.expect(index.search_range(queries, max_distance=max_distance))


def test_too_little_room_is_told_by_the_count(
    context: libmatch.Context, index: libmatch.Index, queries: npt.NDArray[np.uint8]
) -> None:
    view = libmatch.CudaView(index, context=context)
    room = Room(view, queries, 20)
    view.search_range(**room.arguments(Memory.packed), max_distance=256)
    assert room.required.there()[0] == len(index) * len(queries)
    assert not room.offsets.there().any()


def test_an_array_is_waited_for_where_its_stream_is_told(
    context: libmatch.Context, index: libmatch.Index, queries: npt.NDArray[np.uint8], stream: int
) -> None:
    """The queries are brought by another stream, which has not begun when the search is put."""
    view = libmatch.CudaView(index, context=context)
    room = Room(view, np.zeros_like(queries), 1000)
    source = Memory.of(queries)
    other: int = call("make_stream")
    call("be_late", 1)
    call("copy", room.queries.pointer, source.pointer, queries.nbytes, other)
    arguments = {**room.arguments(Memory.shown), "queries": room.queries.shown(queries.shape, stream=other)}
    view.search_range(**arguments, max_distance=31, stream=stream)
    call("wait", stream)
    room.expect(index.search_range(queries, max_distance=31))
    call("end_stream", other)


def test_a_search_can_be_captured_and_allocates_nothing(
    context: libmatch.Context, index: libmatch.Index, queries: npt.NDArray[np.uint8], stream: int
) -> None:
    view = libmatch.CudaView(index, context=context)
    room = Room(view, queries, 1000)
    asked = call("allocations_asked")
    call("begin_capture", stream)
    view.search_range(**room.arguments(Memory.shown), max_distance=31, stream=stream)
    graph = call("end_capture", stream)
    assert call("allocations_asked") == asked
    for turn in range(2):
        turned = np.roll(queries, turn, axis=0)
        room.queries.fill(turned)
        call("run_graph", graph, stream)
        call("wait", stream)
        room.expect(index.search_range(turned, max_distance=31))
    call("end_graph", graph)


def test_a_view_stays_as_it_was(context: libmatch.Context, queries: npt.NDArray[np.uint8]) -> None:
    index = libmatch.Index(context=libmatch.Context("scalar"))
    index.add(queries)
    view = libmatch.CudaView(index, context=context)
    before = index.search_range(queries, max_distance=31)
    index.add(queries)
    room = Room(view, queries, 1000)
    view.search_range(**room.arguments(Memory.shown), max_distance=31)
    room.expect(before)


WRONG: list[tuple[str, Any, str]] = [
    ("queries", lambda room: room.queries.shown((5, 64)), r"queries is uint8 of shape \(5, 64\): .*\(n, 32\)"),
    ("offsets", lambda room: room.offsets.shown((1,)), r"offsets is int64 of shape \(1,\): .*\(11,\)"),
    ("offsets", lambda room: room.ids.packed((11,), flags=1), "offsets is read-only"),
    ("ids", lambda room: room.offsets.shown((2, 5)), r"expected int64 of shape \(n,\)"),
    ("distances", lambda room: room.distances.shown((99,)), r"expected uint32 or int32 of shape \(100,\)"),
    ("required", lambda room: room.required.shown((0,)), r"expected uint64 or int64 of shape \(1,\)"),
    ("workspace", lambda room: room.workspace.shown((256,)), "workspace: 256 bytes, this search takes"),
    ("workspace", lambda room: room.workspace.packed(byte_offset=8), "workspace: is not aligned"),
    ("ids", lambda room: room.ids.packed(device=(2, 1)), "ids is on CUDA device 1: the context runs on 0"),
]


@pytest.mark.parametrize(("name", "wrong", "message"), WRONG)
def test_what_does_not_fit_a_search_is_named(
    context: libmatch.Context,
    index: libmatch.Index,
    queries: npt.NDArray[np.uint8],
    name: str,
    wrong: Callable[[Room], Any],
    message: str,
) -> None:
    view = libmatch.CudaView(index, context=context)
    room = Room(view, queries, 100)
    with pytest.raises(ValueError, match=message):
        view.search_range(**{**room.arguments(Memory.shown), name: wrong(room)}, max_distance=31)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("orientations", ["plain", "derived", "sampled"])
def test_images_have_the_codes_of_the_processor(
    context: libmatch.Context, stream: int, channels: int, orientations: Any
) -> None:
    images = np.stack([synthetic_image(seed, 40, 30) for seed in (3, 4)])
    shown = images[..., 0] if channels == 1 else np.dstack([images[0], images[0]])[..., :channels][None]
    shown = np.ascontiguousarray(shown)
    codes, quality = libmatch.hash_images(list(shown), orientations=orientations, context=libmatch.Context("scalar"))
    n = len(shown)
    pixels = Memory.of(shown)
    out = Memory(n * libmatch.cuda_codes_type().itemsize)
    workspace = Memory(libmatch.cuda_hash_workspace_bytes(n, 30, 40, context=context))
    call("be_late", 1)
    libmatch.cuda_hash_images(
        pixels.shown(shown.shape),
        codes=out.packed((n, libmatch.cuda_codes_type().itemsize)),
        workspace=workspace.shown(),
        orientations=orientations,
        stream=stream,
        context=context,
    )
    call("wait", stream)
    records = out.there().view(libmatch.cuda_codes_type())
    found = records["whole"][:, 0] if orientations == "plain" else records["whole"]
    np.testing.assert_array_equal(found, codes)
    np.testing.assert_array_equal(records["whole_quality"], quality)


def test_vectors_have_no_view(context: libmatch.Context) -> None:
    index = libmatch.Index(128, hash="vector8", context=libmatch.Context("scalar"))
    with pytest.raises(NotImplementedError, match="vectors of bytes"):
        libmatch.CudaView(index, context=context)
