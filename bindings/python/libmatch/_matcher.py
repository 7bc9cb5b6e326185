"""An index with the options of matching."""

from __future__ import annotations

from typing import TYPE_CHECKING

from libmatch._libmatch import match_buffers, match_files, match_images

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Callable, Literal, SupportsIndex

    from libmatch._libmatch import Context, Hasher, Index, _Codes, _Path
    from libmatch._results import Verdicts
    from typing_extensions import Buffer


class Matcher:
    """Looks uploads up in an index, always with the same options: files, buffers, or pixels.

    Any number of threads may share one.

    Args:
        index: an Index of codes of images, of this profile or of an unknown one; it may be changed meanwhile.
        effort, max_distance, review_distance, min_quality: as in match_files.
        ignore_exif_orientation, max_bytes, max_pixels, max_frames, max_images, max_milliseconds: as in hash_files.
        hasher: the Hasher that made the index's codes, where they are a plug-in's.
        context: a Context; None for the index's.

    """

    def __init__(
        self,
        index: Index,
        *,
        effort: Literal["fast", "standard", "thorough"] = "standard",
        max_distance: SupportsIndex | None = None,
        review_distance: SupportsIndex | None = None,
        min_quality: SupportsIndex = 50,
        ignore_exif_orientation: bool = False,
        max_bytes: SupportsIndex | None = None,
        max_pixels: SupportsIndex | None = None,
        max_frames: SupportsIndex | None = None,
        max_images: SupportsIndex | None = None,
        max_milliseconds: SupportsIndex | None = None,
        hasher: Hasher | None = None,
        context: Context | None = None,
    ) -> None:
        self._index = index
        self._effort = effort
        self._max_distance = max_distance
        self._review_distance = review_distance
        self._min_quality = min_quality
        self._ignore_exif_orientation = ignore_exif_orientation
        self._max_bytes = max_bytes
        self._max_pixels = max_pixels
        self._max_frames = max_frames
        self._max_images = max_images
        self._max_milliseconds = max_milliseconds
        self._hasher = hasher
        self._context = context
        self.match_buffers([])  # wrong options are said at once

    @property
    def index(self) -> Index:
        """The index that uploads are looked up in."""
        return self._index

    def match_files(self, paths: Iterable[_Path], *, progress: Callable[[int, int], object] | None = None) -> Verdicts:
        """Match n files: libmatch.match_files with this object's index and options."""
        return match_files(
            self._index,
            paths,
            effort=self._effort,
            max_distance=self._max_distance,
            review_distance=self._review_distance,
            min_quality=self._min_quality,
            ignore_exif_orientation=self._ignore_exif_orientation,
            max_bytes=self._max_bytes,
            max_pixels=self._max_pixels,
            max_frames=self._max_frames,
            max_images=self._max_images,
            max_milliseconds=self._max_milliseconds,
            hasher=self._hasher,
            context=self._context,
            progress=progress,
        )

    def match_buffers(
        self, buffers: Iterable[Buffer], *, progress: Callable[[int, int], object] | None = None
    ) -> Verdicts:
        """Match n uploads in memory: libmatch.match_buffers with this object's index and options."""
        return match_buffers(
            self._index,
            buffers,
            effort=self._effort,
            max_distance=self._max_distance,
            review_distance=self._review_distance,
            min_quality=self._min_quality,
            ignore_exif_orientation=self._ignore_exif_orientation,
            max_bytes=self._max_bytes,
            max_pixels=self._max_pixels,
            max_frames=self._max_frames,
            max_images=self._max_images,
            max_milliseconds=self._max_milliseconds,
            hasher=self._hasher,
            context=self._context,
            progress=progress,
        )

    def match(self, images: Iterable[_Codes], *, progress: Callable[[int, int], object] | None = None) -> Verdicts:
        """Match n images of pixels: libmatch.match_images with this object's index and options."""
        return match_images(
            self._index,
            images,
            effort=self._effort,
            max_distance=self._max_distance,
            review_distance=self._review_distance,
            min_quality=self._min_quality,
            max_pixels=self._max_pixels,
            hasher=self._hasher,
            context=self._context,
            progress=progress,
        )

    def __repr__(self) -> str:
        return f"<libmatch.Matcher index={self._index!r} effort={self._effort!r}>"
