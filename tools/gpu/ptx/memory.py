"""The memories of a device, and what a kernel must not do with them: read or write outside of an allocation, read what
was never written, and meet another thread in shared memory without a barrier between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gpu.ptx.errors import PtxError
from gpu.ptx.lanes import Selection, Values, numbers

GLOBAL_BASE = 0x7F00_0000_0000
# Where generic addresses of shared and local memory begin.
SHARED_BASE = 0x7E00_0000_0000
LOCAL_BASE = 0x7D00_0000_0000
GAP_BYTES = 256
ALIGNMENT = 256

Places = npt.NDArray[np.int64]


class GlobalMemory:
    def __init__(self, size: int = 1 << 24) -> None:
        self._bytes = np.full(size, 0xCD, np.uint8)
        self._allowed = np.zeros(size, bool)
        self._written = np.zeros(size, bool)
        self._top = GAP_BYTES

    def allocate(self, size: int) -> int:
        """The address of so many bytes, which hold nothing yet."""
        start = self._top
        self._top = start + -(-size // ALIGNMENT) * ALIGNMENT + GAP_BYTES
        if self._top > self._bytes.size:
            raise MemoryError(f"{size} bytes more than the device has")
        self._allowed[start : start + size] = True
        return GLOBAL_BASE + start

    def upload(self, values: npt.NDArray[np.generic]) -> int:
        data = np.ascontiguousarray(values).view(np.uint8).reshape(-1)
        address = self.allocate(data.size)
        start = address - GLOBAL_BASE
        self._bytes[start : start + data.size] = data
        self._written[start : start + data.size] = True
        return address

    def download(self, address: int, count: int, dtype: npt.DTypeLike) -> npt.NDArray[np.generic]:
        start = address - GLOBAL_BASE
        return self._bytes[start : start + count * np.dtype(dtype).itemsize].copy().view(dtype)

    def load(self, addresses: Places, size: int, dtype: npt.DTypeLike) -> Values:
        places = self._places(addresses, size, "load from")
        if not self._written[places].all():
            raise PtxError("load from global memory that was never written")
        return self._bytes[places].view(dtype)[:, 0]

    def store(self, addresses: Places, values: Values) -> None:
        places = self._places(addresses, values.dtype.itemsize, "store to")
        self._bytes[places] = values.view(np.uint8).reshape(values.size, -1)
        self._written[places] = True

    def _places(self, addresses: Places, size: int, what: str) -> Places:
        if (addresses % size).any():
            raise PtxError(f"{what} a misaligned address")
        places = (addresses - GLOBAL_BASE)[:, None] + np.arange(size)
        if places.size and (places.min() < 0 or places.max() >= self._bytes.size or not self._allowed[places].all()):
            raise PtxError(f"{what} global memory outside of an allocation")
        return places


class LocalMemory:
    """Memory of each thread's own, for one warp."""

    def __init__(self, size: int) -> None:
        self._bytes = np.full((32, size), 0xEE, np.uint8)
        self._written = np.zeros((32, size), bool)

    def load(self, lanes: int, addresses: Places, size: int, dtype: npt.DTypeLike) -> Values:
        places = self._places(addresses, size)
        rows = numbers(lanes)[:, None]
        if not self._written[rows, places].all():
            raise PtxError("load from local memory that was never written")
        return np.ascontiguousarray(self._bytes[rows, places]).view(dtype)[:, 0]

    def store(self, lanes: int, addresses: Places, values: Values) -> None:
        places = self._places(addresses, values.dtype.itemsize)
        rows = numbers(lanes)[:, None]
        self._bytes[rows, places] = values.view(np.uint8).reshape(values.size, -1)
        self._written[rows, places] = True

    def _places(self, addresses: Places, size: int) -> Places:
        places = addresses[:, None] + np.arange(size)
        if places.size and (places.min() < 0 or places.max() >= self._bytes.shape[1]):
            raise PtxError("local memory out of bounds")
        return places


@dataclass
class Access:
    """Who touches shared memory, at what time: of the block's barriers, and of the warp's own."""

    threads: npt.NDArray[np.int64]  # of the block
    warp: int
    barriers: int
    warp_barriers: int
    is_atomic: bool = False


NOBODY = -1
SEVERAL = -2


class _Touches:
    """For each byte who touched it last in one way, and when."""

    def __init__(self, size: int) -> None:
        self.thread = np.full(size, NOBODY)
        self.warp = np.full(size, NOBODY)
        self.barriers = np.full(size, -1)
        self.warp_barriers = np.full(size, -1)
        self.atomic = np.zeros(size, bool)

    def conflicts(self, places: Places, by: Access) -> Selection:
        """Whether a touch of another thread is not before this one: no barrier stands between."""
        recent = self.barriers[places] == by.barriers
        same_warp = self.warp[places] == by.warp
        unordered = recent & (~same_warp | (self.warp_barriers[places] == by.warp_barriers))
        other = self.thread[places] != by.threads[:, None]
        both_atomic = self.atomic[places] & by.is_atomic
        return np.asarray(unordered & other & ~both_atomic)

    def note(self, places: Places, by: Access, keeps_others: bool) -> None:
        threads = np.broadcast_to(by.threads[:, None], places.shape)
        if keeps_others:
            recent = self.barriers[places] == by.barriers
            self.warp[places] = np.where(recent & (self.warp[places] != by.warp), SEVERAL, by.warp)
            several = recent & (self.warp_barriers[places] == by.warp_barriers) & (self.thread[places] != threads)
            self.thread[places] = np.where(several, SEVERAL, threads)
            # Several lanes of one instruction that touch the same byte.
            order = np.argsort(places, axis=None, kind="stable")
            flat, owners = places.reshape(-1)[order], threads.reshape(-1)[order]
            twice = np.flatnonzero((flat[1:] == flat[:-1]) & (owners[1:] != owners[:-1]))
            self.thread[flat[twice]] = SEVERAL
        else:
            self.warp[places] = by.warp
            self.thread[places] = threads
        self.barriers[places] = by.barriers
        self.warp_barriers[places] = by.warp_barriers
        self.atomic[places] = by.is_atomic


class SharedMemory:
    """A block's. What an asynchronous copy is still writing may not be touched."""

    def __init__(self, arrays: Sequence[tuple[int, int]]) -> None:
        """Arrays by first byte and size; what lies between them is nobody's."""
        size = max((start + length for start, length in arrays), default=0)
        self._allowed = np.zeros(size, bool)
        for start, length in arrays:
            self._allowed[start : start + length] = True
        self._bytes = np.full(size, 0xA5, np.uint8)
        self._written = np.zeros(size, bool)
        self._copying = np.zeros(size, np.int64)
        self._writes = _Touches(size)
        self._reads = _Touches(size)

    def load(self, addresses: Places, size: int, dtype: npt.DTypeLike, by: Access) -> Values:
        places = self.places(addresses, size)
        self._check(places, by, is_write=False)
        if not self._written[places].all():
            raise PtxError("load from shared memory that was never written")
        self._reads.note(places, by, keeps_others=True)
        return self._bytes[places].view(dtype)[:, 0]

    def store(self, addresses: Places, values: Values, by: Access, ends_copy: bool = False) -> None:
        places = self.places(addresses, values.dtype.itemsize)
        if ends_copy:
            np.subtract.at(self._copying, places, 1)
        self._check(places, by, is_write=True)
        self._writes.note(places, by, keeps_others=False)
        self._bytes[places] = values.view(np.uint8).reshape(values.size, -1)
        self._written[places] = True

    def begin_copy(self, addresses: Places, size: int, by: Access) -> None:
        places = self.places(addresses, size)
        self._check(places, by, is_write=True)
        self._writes.note(places, by, keeps_others=False)
        np.add.at(self._copying, places, 1)

    def places(self, addresses: Places, size: int) -> Places:
        if (addresses % size).any():
            raise PtxError("misaligned access to shared memory")
        places = addresses[:, None] + np.arange(size)
        inside = (places >= 0) & (places < self._allowed.size)
        if not inside.all() or not self._allowed[places].all():
            raise PtxError("shared memory out of bounds")
        return places

    def _check(self, places: Places, by: Access, is_write: bool) -> None:
        if self._copying[places].any():
            raise PtxError("shared memory is touched while an asynchronous copy is not waited for")
        clash: str | None = None
        if self._writes.conflicts(places, by).any():
            clash = "was written"
        elif is_write and self._reads.conflicts(places, by).any():
            clash = "was read"
        elif is_write and not by.is_atomic:
            # Two lanes of one instruction that write the same place.
            flat = np.sort(places, axis=None)
            clash = "is written at once" if (flat[1:] == flat[:-1]).any() else None
        if clash:
            raise PtxError(
                f"a race: shared memory that is {'written' if is_write else 'read'} {clash} by another thread"
            )
