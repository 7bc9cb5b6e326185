"""What is measured, from files to numbers. Nothing here prints or draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import libmatch
import numpy as np
import numpy.typing as npt

from robustness.codes import Codes, Effort, codes_of
from robustness.copies import Copy
from robustness.duplicates import one_picture, without_duplicates
from robustness.pairs import FARTHEST, Integers, Pairs, near_pairs, unordered
from robustness.pictures import MIN_QUALITY, Picture
from robustness.relations import NONE, SERIES, Relations
from robustness.unrelated import Unrelated

MATCH = 31
REVIEW = 64
DISTANCES = (MATCH, 40, 47, 56, REVIEW, 72, 80)
BITS = 256


@dataclass(frozen=True)
class Tier:
    """An effort that goes by codes of whole images. A reference has one code, a query so many."""

    effort: Effort
    codes: int
    what: str

    def usable(self, codes: Codes) -> npt.NDArray[np.bool_]:
        """Which images have a code worth looking up: of the image, or with several codes of what its border frames."""
        considered = codes.quality if self.codes > 1 else codes.quality[:, :1]
        return np.asarray(considered.max(axis=1) >= MIN_QUALITY)


TIERS = (
    Tier("fast", 1, "the image as it is"),
    Tier("standard", 16, "its eight orientations, and those of what its border frames"),
)


@dataclass(frozen=True)
class Known:
    """Photographs in the list, and altered copies of them as queries."""

    pictures: Sequence[Picture]
    copies: Sequence[Copy]
    references: Codes  # [n, 1, bytes]
    queries: Codes  # [n, 16, bytes]
    original_of: Integers  # of each copy, its row among the pictures


@dataclass(frozen=True)
class Others:
    """Unrelated images, those left that are worth hashing and no duplicates."""

    images: Sequence[Unrelated]
    codes: Codes
    plain: int  # left out: quality too low
    duplicates: int  # left out: one picture twice


@dataclass
class Alarms:
    """False alarms of unrelated pairs, by distance."""

    pairs: int
    queries: int
    counts: npt.NDArray[np.int64] = field(repr=False)  # [FARTHEST + 1]: pairs at this distance
    alarmed: dict[int, int] = field(default_factory=dict)  # by distance: queries with any alarm within it

    def within(self, distance: int) -> int:
        return int(self.counts[: distance + 1].sum())


def known_of(pictures: Sequence[Picture], copies: Sequence[Copy], work: Path, context: libmatch.Context) -> Known:
    rows = {picture.name: i for i, picture in enumerate(pictures)}
    return Known(
        pictures,
        copies,
        codes_of([picture.path for picture in pictures], work, context, "fast"),
        codes_of([copy.path for copy in copies], work, context, "standard"),
        np.array([rows[copy.original] for copy in copies], dtype=np.int64),
    )


def others_of(
    candidates: Sequence[Unrelated], known: Sequence[Picture], work: Path, context: libmatch.Context
) -> Others:
    """known: photographs that must not be among the unrelated, under whatever name."""
    codes = codes_of([image.path for image in candidates], work, context, "standard")
    usable = np.flatnonzero(codes.quality[:, 0] >= MIN_QUALITY)
    images, codes = [candidates[i] for i in usable.tolist()], codes[usable]

    near = near_pairs(codes.codes, codes.codes[:, 0], context)
    stays = without_duplicates(images, unordered(near, len(images)))
    known_codes = codes_of([picture.path for picture in known], work, context, "standard")
    copies_of_known = near_pairs(known_codes.codes, codes.codes[:, 0], context)
    for i, j in zip(copies_of_known.query.tolist(), copies_of_known.reference.tolist(), strict=True):
        if stays[j] and one_picture(Unrelated(known[i].path, "known", ""), images[j]):
            stays[j] = False
    rows = np.flatnonzero(stays)
    kept = [images[i] for i in rows.tolist()]
    return Others(kept, codes[rows], len(candidates) - len(images), len(images) - len(kept))


def own_distances(known: Known, tier: Tier) -> Integers:
    """Of each copy to its original; BITS for a copy that is too plain to be hashed."""
    originals = known.references.codes[known.original_of, :1]
    differing = (
        np.bitwise_count(known.queries.codes[:, : tier.codes] ^ originals).sum(axis=2, dtype=np.int64).min(axis=1)
    )
    return np.where(tier.usable(known.queries), differing, BITS)


def alarms_of_copies(known: Known, others: Others, tier: Tier, context: libmatch.Context) -> Alarms:
    """Every altered copy against all unrelated images and against all known ones but its own."""
    scanned = tier.usable(known.queries)
    references = np.concatenate([known.references.codes[:, 0], others.codes.codes[:, 0]])
    pairs = near_pairs(known.queries.codes[:, : tier.codes], references, context)
    wrong = pairs[scanned[pairs.query] & (pairs.reference != known.original_of[pairs.query])]
    return _alarms(wrong, int(scanned.sum()), int(scanned.sum()) * (len(references) - 1))


def unrelated_pairs(others: Others, tier: Tier, context: libmatch.Context) -> Pairs:
    """All near pairs of unrelated images, the smaller number first. A pair counts once, at the nearer of the two
    distances that it has with either image as the query."""
    pairs = near_pairs(others.codes.codes[:, : tier.codes], others.codes.codes[:, 0], context)
    return unordered(pairs, len(others.images))


def alarms_of_unrelated(others: Others, pairs: Pairs) -> Alarms:
    """Of pairs that are not related by where they come from or how they were made."""
    n = len(others.images)
    relations = Relations(others.images)
    unrelated = pairs[relations.of(pairs.query, pairs.reference) == NONE]
    alarms = _alarms(unrelated, n, relations.partners(np.arange(n))[NONE] // 2)
    for distance in DISTANCES:  # here both images of a pair have been asked for
        near = unrelated[unrelated.distance <= distance]
        alarms.alarmed[distance] = len(np.union1d(near.query, near.reference))
    return alarms


def alarms_within_kinds(others: Others, pairs: Pairs) -> dict[str, Alarms]:
    """Of pairs that share a kind, or for templates and watermarks the frame or the mark: the hard ones."""
    found = {}
    for kind in sorted({image.kind for image in others.images}):
        keys = np.array([(image.cluster or kind) if image.kind == kind else "" for image in others.images])
        names, counts = np.unique(keys[keys != ""], return_counts=True)
        shared = (keys[pairs.query] == keys[pairs.reference]) & (keys[pairs.query] != "")
        n_pairs = int((counts * (counts - 1) // 2).sum())
        title = f"{kind} of one {kind.removesuffix('s')}" if len(names) > 1 else kind
        found[title] = _alarms(pairs[shared], int(counts.sum()), n_pairs)
    relations = Relations(others.images)
    n_pairs = relations.partners(np.arange(len(others.images)))[SERIES] // 2
    if n_pairs > 0:
        in_series = relations.of(pairs.query, pairs.reference) == SERIES
        found["images of one series"] = _alarms(
            pairs[in_series], sum(image.series != "" for image in others.images), n_pairs
        )
    return found


def _alarms(pairs: Pairs, queries: int, n_pairs: int) -> Alarms:
    counts = np.bincount(pairs.distance, minlength=FARTHEST + 1).astype(np.int64)
    alarmed = {distance: len(np.unique(pairs.query[pairs.distance <= distance])) for distance in DISTANCES}
    return Alarms(n_pairs, queries, counts, alarmed)
