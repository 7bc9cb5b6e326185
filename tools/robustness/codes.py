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

Orientations = Literal["plain", "true"]
_AT_A_TIME = 512


@dataclass(frozen=True)
class Codes:
    """codes[i, o] of image i in orientation o; what could not be scanned has quality 0."""

    codes: npt.NDArray[np.uint8]
    quality: npt.NDArray[np.uint8]

    def __getitem__(self, rows: npt.NDArray[np.intp]) -> Codes:
        return Codes(self.codes[rows], self.quality[rows])


def codes_of(paths: Sequence[Path], work: Path, context: libmatch.Context, orientations: Orientations) -> Codes:
    """What was hashed before by the same library is taken from `work`, as long as a file's size is the same."""
    profile = f"{libmatch.version} {libmatch.hash_profile()} {orientations} {_library_digest()}"
    kept = work / "codes" / f"{hashlib.sha256(profile.encode()).hexdigest()}.npz"
    known = _load(kept)
    keys = [f"{path} {path.stat().st_size}" for path in paths]
    missing = [(key, path) for key, path in zip(keys, paths, strict=True) if key not in known]
    for start in range(0, len(missing), _AT_A_TIME):
        batch = missing[start : start + _AT_A_TIME]
        hashes = libmatch.hash_files([path for _, path in batch], orientations=orientations, context=context)
        codes = np.array(hashes.codes).reshape(len(batch), -1, 32)
        for i, (key, _) in enumerate(batch):
            known[key] = codes[i], 0 if hashes.reasons[i] else int(hashes.quality[i])
        print(f"    {start + len(batch):,} of {len(missing):,} hashed", flush=True)
    if missing:
        _store(kept, known)
    return Codes(np.stack([known[key][0] for key in keys]), np.array([known[key][1] for key in keys], dtype=np.uint8))


_Known = dict[str, tuple[npt.NDArray[np.uint8], int]]


def _load(kept: Path) -> _Known:
    if not kept.exists():
        return {}
    with np.load(kept) as arrays:
        keys, codes, quality = arrays["keys"].tolist(), arrays["codes"], arrays["quality"].tolist()
    return {key: (codes[i], quality[i]) for i, key in enumerate(keys)}


def _store(kept: Path, known: _Known) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_name(f"{kept.stem}.part.npz")
    codes, quality = zip(*known.values(), strict=True)
    np.savez(unfinished, keys=np.array(list(known)), codes=np.stack(codes), quality=np.array(quality, dtype=np.uint8))
    unfinished.rename(kept)


def _library_digest() -> str:
    """Of the module that computes them: a change of the library makes new codes."""
    folder = Path(libmatch.__file__).parent
    modules = sorted(folder.glob("_libmatch*.so"))
    return "".join(hashlib.sha256(module.read_bytes()).hexdigest() for module in modules)
