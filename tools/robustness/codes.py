"""Codes of files, kept between runs: hashing 30,000 images takes minutes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import libmatch
import numpy as np
import numpy.typing as npt

from robustness.pictures import MIN_QUALITY

Effort = Literal["fast", "standard"]
_AT_A_TIME = 512
_CODE_BYTES = 32


@dataclass(frozen=True)
class Codes:
    """Of each image its codes: one, or the eight orientations of the image and the eight of what its border frames.
    Where there is no border, or one of the two is too plain to be looked up, the other's stand twice."""

    codes: npt.NDArray[np.uint8]  # [n, 1 or 16, bytes]
    quality: npt.NDArray[np.uint8]  # [n, 2]: of the image, of what its border frames; 0 for none

    def __getitem__(self, rows: npt.NDArray[np.intp]) -> Codes:
        return Codes(self.codes[rows], self.quality[rows])


def codes_of(paths: Sequence[Path], work: Path, context: libmatch.Context, effort: Effort) -> Codes:
    """What was hashed before by the same library is taken from `work`, as long as a file's size is the same."""
    profile = f"{libmatch.version} {libmatch.hash_profile()} {effort} {_library_digest()}"
    kept = work / "codes" / f"{hashlib.sha256(profile.encode()).hexdigest()}.npz"
    known = _load(kept)
    keys = [f"{path} {path.stat().st_size}" for path in paths]
    missing = [(key, path) for key, path in zip(keys, paths, strict=True) if key not in known]
    for start in range(0, len(missing), _AT_A_TIME):
        batch = missing[start : start + _AT_A_TIME]
        hashes = libmatch.hash_files([path for _, path in batch], effort=effort, context=context)
        for i, (key, _) in enumerate(batch):
            known[key] = _codes_of_file(hashes, i)
        print(f"    {start + len(batch):,} of {len(missing):,} hashed", flush=True)
    if missing:
        _store(kept, known)
    return Codes(np.stack([known[key][0] for key in keys]), np.stack([known[key][1] for key in keys]))


def _codes_of_file(hashes: libmatch.Hashes, i: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Of its first image; files of several are not measured with."""
    images = hashes.images
    first, end = int(images.offsets[i]), int(images.offsets[i + 1])
    each = 1 if images.codes.ndim == 2 else images.codes.shape[1]
    if first == end:
        return np.zeros((each if each == 1 else 2 * each, _CODE_BYTES), dtype=np.uint8), np.zeros(2, dtype=np.uint8)
    codes = images.codes[first].reshape(each, _CODE_BYTES)
    if each == 1:
        return codes.copy(), np.array([images.quality[first], 0], dtype=np.uint8)
    if first + 1 == end or not images.trimmed[first + 1]:
        return np.concatenate([codes, codes]), np.array([images.quality[first], 0], dtype=np.uint8)
    quality = images.quality[first : first + 2].copy()
    trimmed = images.codes[first + 1]
    if quality[1] < MIN_QUALITY:
        trimmed = codes
    elif quality[0] < MIN_QUALITY:
        codes = trimmed
    return np.concatenate([codes, trimmed]), quality


_Known = dict[str, tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]]


def _load(kept: Path) -> _Known:
    if not kept.exists():
        return {}
    with np.load(kept) as arrays:
        keys, codes, quality = arrays["keys"].tolist(), arrays["codes"], arrays["quality"]
    return {key: (codes[i], quality[i]) for i, key in enumerate(keys)}


def _store(kept: Path, known: _Known) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_name(f"{kept.stem}.part.npz")
    codes, quality = zip(*known.values(), strict=True)
    np.savez(unfinished, keys=np.array(list(known)), codes=np.stack(codes), quality=np.stack(quality))
    unfinished.rename(kept)


def _library_digest() -> str:
    """Of the module that computes them: a change of the library makes new codes."""
    folder = Path(libmatch.__file__).parent
    modules = sorted(folder.glob("_libmatch*.so"))
    return "".join(hashlib.sha256(module.read_bytes()).hexdigest() for module in modules)
