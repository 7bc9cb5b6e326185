import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Callable, Literal, Protocol, SupportsIndex, final

import numpy as np
import numpy.typing as npt
from libmatch._results import (
    Change,
    Entry,
    Hashes,
    ListEntry,
    ListInfo,
    Matches,
    Neighbours,
    Pairs,
    Plan,
    Verdicts,
)
from typing_extensions import Buffer, TypeAlias

_Path: TypeAlias = str | bytes | os.PathLike[str] | os.PathLike[bytes]
_Progress: TypeAlias = Callable[[int, int], object] | None
_Codes: TypeAlias = npt.NDArray[np.uint8]
_Ids: TypeAlias = npt.NDArray[np.integer] | Sequence[int]
_Labels: TypeAlias = Iterable[str | None]
_Orientations: TypeAlias = Literal["plain", "derived", "sampled", "true"]
_Effort: TypeAlias = Literal["fast", "standard", "thorough"]
_Digest: TypeAlias = Literal["md5", "sha1", "sha256"]
_ImageHash: TypeAlias = Literal["pdq256", "ahash64", "dhash64", "phash64", "ahash256", "dhash256", "phash256"]
_FileHash: TypeAlias = _ImageHash | _Digest
_CodeHash: TypeAlias = _ImageHash | Literal["code", "vector8"]
_Limit: TypeAlias = SupportsIndex | None

class _DLPackArray(Protocol):
    def __dlpack__(self, *, stream: Any = ...) -> object: ...
    def __dlpack_device__(self) -> tuple[Any, int]: ...

class _CudaArray(Protocol):
    @property
    def __cuda_array_interface__(self) -> dict[str, Any]: ...

class _CudaStream(Protocol):
    def __cuda_stream__(self) -> tuple[int, int]: ...

_DeviceArray: TypeAlias = _DLPackArray | _CudaArray
_Stream: TypeAlias = SupportsIndex | _CudaStream
_Role: TypeAlias = Literal["known", "harmless", "degenerate"]
_Layout: TypeAlias = Literal["automatic", "always", "never"]

_Kind: TypeAlias = Literal["pdq256", "md5", "sha1", "sha256", "code", "vector8"]
_WrittenFormat: TypeAlias = Literal["csv", "text", "npy", "raw", "vics", "hashdeep", "vpdq"]
_ListFormat: TypeAlias = _WrittenFormat | Literal["automatic", "ncmec", "stopncii", "tech_against_terrorism", "nsrl"]

version: str

def _labels_of_matches(owner: object) -> list[str]: ...
def _entries_of_matches(owner: object) -> list[Entry]: ...
def _labels_of_pairs(owner: object) -> list[tuple[str, str]]: ...
def backends() -> list[str]: ...

@final
class Context:
    def __init__(
        self,
        backend: str | None = None,
        *,
        threads: SupportsIndex | None = None,
        isolate: bool = False,
        hasher: Hasher | None = None,
    ) -> None: ...
    @property
    def backend(self) -> str: ...
    @property
    def threads(self) -> int: ...
    @property
    def isolated(self) -> bool: ...

@final
class Hasher:
    def __init__(self, path: _Path) -> None: ...
    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def hash(self) -> Literal["code", "vector8"]: ...
    @property
    def bits(self) -> int: ...
    @property
    def max_distance(self) -> int: ...
    @property
    def thread_safe(self) -> bool: ...

def hash_images(
    images: Iterable[_Codes],
    hash: _ImageHash = "pdq256",
    *,
    orientations: _Orientations = "plain",
    hasher: Hasher | None = None,
    context: Context | None = None,
    progress: _Progress = None,
) -> tuple[_Codes, _Codes]: ...
def hash_files(
    paths: Iterable[_Path],
    hash: _FileHash = "pdq256",
    *,
    orientations: _Orientations = "plain",
    effort: _Effort | None = None,
    keypoints: SupportsIndex | None = None,
    ignore_exif_orientation: bool = False,
    max_bytes: _Limit = None,
    max_pixels: _Limit = None,
    max_frames: _Limit = None,
    max_images: _Limit = None,
    max_milliseconds: _Limit = None,
    hasher: Hasher | None = None,
    context: Context | None = None,
    progress: _Progress = None,
) -> Hashes: ...
def hash_buffers(
    buffers: Iterable[Buffer],
    hash: _FileHash = "pdq256",
    *,
    orientations: _Orientations = "plain",
    effort: _Effort | None = None,
    keypoints: SupportsIndex | None = None,
    ignore_exif_orientation: bool = False,
    max_bytes: _Limit = None,
    max_pixels: _Limit = None,
    max_frames: _Limit = None,
    max_images: _Limit = None,
    max_milliseconds: _Limit = None,
    hasher: Hasher | None = None,
    context: Context | None = None,
    progress: _Progress = None,
) -> Hashes: ...
def digest_files(
    paths: Iterable[_Path],
    hash: _Digest = "sha256",
    *,
    context: Context | None = None,
    progress: _Progress = None,
) -> Hashes: ...
def decode(
    data: Buffer,
    *,
    ignore_exif_orientation: bool = False,
    max_bytes: _Limit = None,
    max_pixels: _Limit = None,
    max_frames: _Limit = None,
) -> npt.NDArray[np.uint8]: ...
def hash_profile(
    hash: _FileHash = "pdq256",
    *,
    orientations: _Orientations = "plain",
    ignore_exif_orientation: bool = False,
    hasher: Hasher | None = None,
) -> str: ...
def distances(
    queries: _Codes,
    codes: _Codes,
    *,
    hash: _CodeHash = "code",
    context: Context | None = None,
) -> npt.NDArray[np.uint32]: ...

@final
class Keypoints:
    @property
    def offsets(self) -> npt.NDArray[np.int64]: ...
    @property
    def widths(self) -> npt.NDArray[np.uint16]: ...
    @property
    def heights(self) -> npt.NDArray[np.uint16]: ...
    @property
    def points(self) -> npt.NDArray[np.void]: ...
    @property
    def codes(self) -> _Codes: ...
    def __len__(self) -> int: ...

def extract_keypoints(
    images: Iterable[_Codes],
    max_points: SupportsIndex = 200,
    *,
    context: Context | None = None,
    progress: _Progress = None,
) -> Keypoints: ...

@final
class HashList:
    def __len__(self) -> int: ...
    def __getitem__(self, i: SupportsIndex) -> ListEntry: ...
    def __iter__(self) -> Iterator[ListEntry]: ...
    @property
    def format(self) -> str: ...
    @property
    def withdrawals(self) -> int: ...
    @property
    def degenerate(self) -> int: ...
    @property
    def left_out(self) -> int: ...
    @property
    def left_out_kinds(self) -> str: ...
    @property
    def checkpoint(self) -> str: ...
    @property
    def complete(self) -> bool: ...
    def write(self, path: _Path, *, format: _WrittenFormat, progress: _Progress = None) -> None: ...

def read_list(
    paths: _Path | Iterable[_Path],
    *,
    format: _ListFormat = "automatic",
    kind: _Kind | None = None,
    bits: SupportsIndex = 0,
    columns: str = "",
    progress: _Progress = None,
) -> HashList: ...

@final
class Index:
    def __init__(
        self,
        bits: SupportsIndex = 256,
        *,
        hash: _CodeHash | None = None,
        profile: str = "",
        context: Context | None = None,
    ) -> None: ...
    @property
    def hash(self) -> str: ...
    @property
    def bits(self) -> int: ...
    @property
    def profile(self) -> str: ...
    @property
    def library_version(self) -> str: ...
    @property
    def digest_counts(self) -> dict[str, int]: ...
    @property
    def keypoint_sets(self) -> int: ...
    @property
    def keypoints(self) -> int: ...
    @property
    def next_id(self) -> int: ...
    @property
    def memory_bytes(self) -> int: ...
    @property
    def mapped(self) -> bool: ...
    def __len__(self) -> int: ...
    def add(self, codes: _Codes, ids: _Ids | None = None, labels: _Labels | None = None) -> None: ...
    def add_digests(
        self, hash: _Digest, digests: _Codes, ids: _Ids | None = None, labels: _Labels | None = None
    ) -> None: ...
    def add_csv(
        self,
        path: _Path,
        *,
        kind: _FileHash | Literal["code"] | None = None,
        progress: _Progress = None,
    ) -> int: ...
    def add_keypoints(self, ids: _Ids, keypoints: Keypoints) -> None: ...
    def add_list(self, entries: HashList) -> None: ...
    def remove(self, ids: _Ids) -> int: ...
    def search_range(self, queries: _Codes, *, max_distance: SupportsIndex, progress: _Progress = None) -> Matches: ...
    def search_knn(self, queries: _Codes, *, k: SupportsIndex, progress: _Progress = None) -> Neighbours: ...
    def search_pairs(self, *, max_distance: SupportsIndex, progress: _Progress = None) -> Pairs: ...
    def find_digests(self, hash: _Digest, digests: _Codes) -> Matches: ...
    def set_layouts(
        self, *, planes: _Layout = "automatic", buckets: _Layout = "automatic", max_memory_bytes: SupportsIndex = 0
    ) -> None: ...
    def prepare(self, progress: _Progress = None) -> None: ...
    def plan(self, n_queries: SupportsIndex, max_distance: SupportsIndex) -> Plan: ...
    def save(self, path: _Path, *, progress: _Progress = None) -> None: ...
    @staticmethod
    def load(
        path: _Path, *, map: bool = False, context: Context | None = None, progress: _Progress = None
    ) -> Index: ...
    @staticmethod
    def verify(path: _Path, *, progress: _Progress = None) -> None: ...
    @staticmethod
    def open(
        folder: _Path,
        *,
        key: _Path | None = None,
        hash: _CodeHash | None = None,
        bits: SupportsIndex = 0,
        residence: Literal["memory", "mapped"] = "memory",
        context: Context | None = None,
    ) -> Index: ...
    def refresh(self) -> None: ...
    def lists(self) -> list[ListInfo]: ...
    def entries(self, list: str | None = None, *, withdrawn: bool = False) -> Iterator[Entry]: ...

@final
class CudaView:
    def __init__(self, index: Index, *, context: Context | None = None) -> None: ...
    def workspace_bytes(self, n: SupportsIndex, capacity: SupportsIndex) -> int: ...
    def search_range(
        self,
        queries: _DeviceArray,
        *,
        max_distance: SupportsIndex,
        offsets: _DeviceArray,
        ids: _DeviceArray,
        distances: _DeviceArray,
        required: _DeviceArray,
        workspace: _DeviceArray,
        stream: _Stream = 0,
    ) -> None: ...

def cuda_hash_workspace_bytes(
    n: SupportsIndex, width: SupportsIndex, height: SupportsIndex, *, context: Context | None = None
) -> int: ...
def cuda_hash_images(
    images: _DeviceArray,
    *,
    codes: _DeviceArray,
    workspace: _DeviceArray,
    orientations: Literal["plain", "derived", "sampled"] = "plain",
    stream: _Stream = 0,
    context: Context | None = None,
) -> None: ...
def cuda_codes_type() -> np.dtype[np.void]: ...
def cuda_set_allocator(
    allocate: Callable[[int, int], int | None] | None,
    release: Callable[[int, int, int], object] | None,
    *,
    context: Context | None = None,
) -> None: ...
def create_live(folder: _Path, *, key: _Path | None = None) -> None: ...
def verify_live(folder: _Path, *, key: _Path | None = None, progress: _Progress = None) -> None: ...

@final
class Writer:
    def __init__(
        self, folder: _Path, *, key: _Path | None = None, durability: Literal["synced", "deferred"] = "synced"
    ) -> None: ...
    def __enter__(self) -> Writer: ...
    def __exit__(self, *exception: object) -> None: ...
    def add(
        self,
        list: str,
        codes: _Codes,
        ids: _Ids | None = None,
        labels: _Labels | None = None,
        *,
        hash: _CodeHash | _Digest = "pdq256",
        list_ids: _Labels | None = None,
        times: _Ids | None = None,
    ) -> Change: ...
    def import_list(
        self,
        pages: _Path | Iterable[_Path],
        *,
        list: str,
        role: _Role | None = None,
        time: SupportsIndex | None = None,
        whole: bool = False,
        format: _ListFormat = "automatic",
        kind: _Kind | None = None,
        bits: SupportsIndex = 0,
        columns: str = "",
        progress: _Progress = None,
    ) -> Change: ...
    def import_pages(
        self,
        pages: Iterable[Buffer],
        *,
        list: str,
        role: _Role | None = None,
        time: SupportsIndex | None = None,
        whole: bool = False,
        format: _ListFormat = "automatic",
        kind: _Kind | None = None,
        bits: SupportsIndex = 0,
        columns: str = "",
        progress: _Progress = None,
    ) -> Change: ...
    def withdraw(
        self,
        *,
        list: str | None = None,
        list_id: str | None = None,
        id: SupportsIndex | None = None,
        code: bytes | None = None,
        hash: _CodeHash | _Digest = "pdq256",
        whole_list: bool = False,
        reason: str = "",
        by: str | None = None,
    ) -> Change: ...
    def set_role(self, list: str, role: _Role) -> None: ...
    def compact(self, *, progress: _Progress = None) -> None: ...
    def close(self) -> None: ...

def match_files(
    index: Index,
    paths: Iterable[_Path],
    *,
    effort: _Effort = "standard",
    max_distance: SupportsIndex | None = None,
    review_distance: SupportsIndex | None = None,
    min_quality: SupportsIndex = 50,
    ignore_exif_orientation: bool = False,
    max_bytes: _Limit = None,
    max_pixels: _Limit = None,
    max_frames: _Limit = None,
    max_images: _Limit = None,
    max_milliseconds: _Limit = None,
    hasher: Hasher | None = None,
    context: Context | None = None,
    progress: _Progress = None,
) -> Verdicts: ...
def match_buffers(
    index: Index,
    buffers: Iterable[Buffer],
    *,
    effort: _Effort = "standard",
    max_distance: SupportsIndex | None = None,
    review_distance: SupportsIndex | None = None,
    min_quality: SupportsIndex = 50,
    ignore_exif_orientation: bool = False,
    max_bytes: _Limit = None,
    max_pixels: _Limit = None,
    max_frames: _Limit = None,
    max_images: _Limit = None,
    max_milliseconds: _Limit = None,
    hasher: Hasher | None = None,
    context: Context | None = None,
    progress: _Progress = None,
) -> Verdicts: ...
def match_images(
    index: Index,
    images: Iterable[_Codes],
    *,
    effort: _Effort = "standard",
    max_distance: SupportsIndex | None = None,
    review_distance: SupportsIndex | None = None,
    min_quality: SupportsIndex = 50,
    max_pixels: _Limit = None,
    hasher: Hasher | None = None,
    context: Context | None = None,
    progress: _Progress = None,
) -> Verdicts: ...
