"""What calls return. Arrays are read-only views of the library's memory: copy one to change it.

The compiled part of the package makes these classes, so they import it when they need it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from libmatch._libmatch import Keypoints


class Images(NamedTuple):
    """The m images of n files: frames of animations, pages, pictures; distinct ones of each file."""

    offsets: npt.NDArray[np.int64]
    """[n + 1]: file i owns images offsets[i] to offsets[i + 1] - 1."""
    frames: npt.NDArray[np.uint32]
    """[m]: the place in its file, from 0."""
    codes: npt.NDArray[np.uint8]
    """[m, size], or [m, 8, size] for eight orientations."""
    quality: npt.NDArray[np.uint8]
    """[m], 0 to 100; below 50 a code means nothing."""
    trimmed: npt.NDArray[np.bool_]
    """[m]: whether this is what a border of the image before frames."""


class _HashesFields(NamedTuple):
    codes: npt.NDArray[np.uint8]
    """[n, size], or [n, 8, size] for eight orientations: of each file's first image; zeros where there is none."""
    quality: npt.NDArray[np.uint8]
    """[n], 0 to 100: of the first image; below 50 a code means nothing. 0 where there is none, and for digests."""
    scans: list[str]
    """n of "ok", "unknown_format", "unsupported", "damaged", "limit", "unreadable", "crashed",
    "not_hashed"."""
    reasons: list[str]
    """n texts: why a file, or the rest of it, was not scanned; "" where all of it was."""


class Hashes(_HashesFields):
    """The codes of n files, in the order given: (codes, quality, scans, reasons)."""

    images: Images
    """All images of all files, also of those of which only some could be scanned."""
    keypoints: Keypoints | None
    """Of each of the images, none of a trimmed one; None where none were asked for."""

    @property
    def ok(self) -> npt.NDArray[np.bool_]:
        """[n]: which files were scanned."""
        return np.array([scan == "ok" for scan in self.scans], dtype=np.bool_)


class _MatchesFields(NamedTuple):
    offsets: npt.NDArray[np.int64]
    """[n + 1]: query i owns entries offsets[i] to offsets[i + 1] - 1."""
    ids: npt.NDArray[np.int64]
    """[offsets[n]]"""
    distances: npt.NDArray[np.uint32]
    """[offsets[n]]: differing bits."""


class Matches(_MatchesFields):
    """The answer to n queries, ordered by (query, distance, id): (offsets, ids, distances)."""

    version: int
    """Of the state of a live index that answered; 0 for any other."""
    _owner: object

    @cached_property
    def labels(self) -> list[str]:
        """The label of each entry, "" for none; read from the index's snapshot when first asked for."""
        from libmatch._libmatch import _labels_of_matches

        return _labels_of_matches(self._owner)

    @cached_property
    def entries(self) -> list[Entry]:
        """Where each entry of a live index comes from; of any other index NotImplementedError."""
        from libmatch._libmatch import _entries_of_matches

        return _entries_of_matches(self._owner)

    def __reduce__(self) -> tuple[object, ...]:
        return _restored, (type(self), tuple(self), self.labels)


class _NeighboursFields(NamedTuple):
    ids: npt.NDArray[np.int64]
    """[n, k], nearest first; -1 where the index holds fewer than k codes."""
    distances: npt.NDArray[np.uint32]
    """[n, k]: differing bits; 2**32 - 1 where the index holds fewer than k codes."""


class Neighbours(_NeighboursFields):
    """The k nearest codes of n queries: (ids, distances)."""

    _owner: object

    @cached_property
    def labels(self) -> list[list[str]]:
        """n lists of k labels, "" for none; read from the index's snapshot when first asked for."""
        from libmatch._libmatch import _labels_of_matches

        labels = iter(_labels_of_matches(self._owner))
        return [["" if entry < 0 else next(labels) for entry in row] for row in self.ids]

    def __reduce__(self) -> tuple[object, ...]:
        return _restored, (type(self), tuple(self), self.labels)


class _PairsFields(NamedTuple):
    first_ids: npt.NDArray[np.int64]
    """[m]: the smaller id of each pair, or the same where both entries have one id."""
    second_ids: npt.NDArray[np.int64]
    """[m]: the other."""
    distances: npt.NDArray[np.uint32]
    """[m]: differing bits."""


class Pairs(_PairsFields):
    """Pairs of near codes, ordered by (first id, second id, distance): (first_ids, second_ids, distances)."""

    _owner: object

    @cached_property
    def labels(self) -> list[tuple[str, str]]:
        """The labels of each pair, "" for none; read from the index's snapshot when first asked for."""
        from libmatch._libmatch import _labels_of_pairs

        return _labels_of_pairs(self._owner)

    def __reduce__(self) -> tuple[object, ...]:
        return _restored, (type(self), tuple(self), self.labels)


def _restored(
    kind: type[Matches] | type[Neighbours] | type[Pairs], fields: tuple[object, ...], labels: list[object]
) -> Matches | Neighbours | Pairs:
    """Undoes pickling: the labels come along, the library's memory stays behind."""
    result = kind(*fields)  # type: ignore[arg-type]
    result.__dict__["labels"] = labels
    return result


class ListEntry(NamedTuple):
    """One code of one entry of a list of hashes."""

    kind: str | None
    """A hash: "pdq256", "md5", ...; None for an entry that is taken back by its own id alone."""
    code: bytes
    """Packed bits; b"" where kind is None."""
    id: int | None
    """For an index; None where the list gives none."""
    label: str
    """Category, classification or the like; "" where the list gives none."""
    list_id: str
    """What the list itself calls the entry; "" where it gives none."""
    time: int | None
    """Of its last change, in seconds since 1970; None where the list gives none."""
    withdrawn: bool
    """The list takes it back."""


class ListInfo(NamedTuple):
    """What a live index holds of one list and kind."""

    name: str
    role: str
    """"known", "harmless" or "degenerate"."""
    kind: str | None
    """A hash; None for a list without entries."""
    bits: int
    entries: int
    """That count."""
    withdrawn: int
    """That were taken back."""
    checkpoint: str
    """Where the list's next synchronisation begins, in its words; "" for not known."""


class Entry(NamedTuple):
    """One code or digest of a live index, and where it comes from."""

    kind: str
    bits: int
    code: bytes | None
    """None for what was taken back: its code is not kept."""
    id: int
    label: str
    list: str
    list_id: str
    """What the list itself calls it; "" for nothing."""
    time: int | None
    """Of its last change, in seconds since 1970; None where the list gives none."""
    role: str
    """Of its list: "known", "harmless" or "degenerate"."""
    withdrawn: bool
    withdrawn_at: int | None
    withdrawn_by: str
    """A list or a person; "" for an entry that was not taken back."""
    reason: str


class Change(NamedTuple):
    """What a change of a live index did, in entries."""

    added: int
    changed: int
    """Were there, with another label, id or time."""
    unchanged: int
    superseded: int
    """Were not taken: their list has taken them back since, or knows something later."""
    withdrawn: int
    unknown: int
    """Withdrawals of what is not there."""
    format: str
    """Of the list that was read; "" where none was."""
    records: int
    degenerate: int
    left_out: int
    complete: bool
    """False: the last page says that more follow, and the checkpoint was left as it was."""


class Plan(NamedTuple):
    """How a range search would be done now."""

    method: str
    """Of the largest part of the index: "rows" (whole codes), "planes", "lookups" (the queries in buckets, every code
    looks up its own), "probes" (buckets, query by query) or "visits" (buckets, all queries that ask for one at once);
    "none" for an empty index."""
    microseconds: float
    """Expected for all of it on one thread: to compare plans, not to promise."""
    codes: int
    """Held, removed ones counted."""
    planes_codes: int
    """Of which so many have planes."""
    buckets_codes: int
    """And so many buckets."""


class Details(NamedTuple):
    """What m matches rest on."""

    tiers: list[str]
    """m of "digest" (the bytes are equal), "image" (codes of whole images are near) and "parts" (keypoints agree)."""
    verdicts: list[str]
    """m of "match" and "review": what this entry says of the upload."""
    frames: npt.NDArray[np.uint32]
    """[m]: which image of the upload, from 0."""
    orientations: list[str]
    """m of "plain", "rotate90", ...: the upload turned and mirrored like this looks like the entry."""
    trimmed: npt.NDArray[np.bool_]
    """[m]: whether what the upload's border frames does."""
    votes: npt.NDArray[np.uint32]
    """[m]: keypoints that agree, for "parts"; 0 otherwise."""
    transforms: npt.NDArray[np.float32]
    """[m, 6]: where a point of the upload lies in the entry, both in fractions of width and height from the upper left:
    x' = t[0] x + t[1] y + t[2], y' = t[3] x + t[4] y + t[5]."""


class Origins(NamedTuple):
    """Where m matches come from; only a live index knows."""

    lists: list[str]
    """Of each match: whose entry it is; "" in an index that is no live one."""
    list_ids: list[str]
    """What that list calls it; "" for nothing."""
    times: npt.NDArray[np.int64]
    """[m]: of its last change, in seconds since 1970; -1 where the list gives none."""
    roles: list[str]
    """m of "known", "harmless" and "degenerate"."""
    overruled: npt.NDArray[np.bool_]
    """[m]: it does not count, by an entry of another list that is among the matches."""
    version: int
    """Of the state that answered; 0 for an index that is no live one."""


class Match(NamedTuple):
    """An entry of the index that an upload matches, or that is to be looked at."""

    hash: str
    """What was equal or near: a digest, or the hash of the index."""
    id: int
    distance: int | None
    """Differing bits, or squared Euclidean; 0 for digests; None where only parts agree."""
    label: str
    """"" for none."""
    verdict: str
    """"match" or "review"; of a harmless entry "no_match", of a degenerate one "low_quality"."""
    tier: str
    """"digest", "image" or "parts"."""
    frame: int
    orientation: str
    trimmed: bool
    votes: int
    """Keypoints that agree; 0 unless the tier is "parts"."""
    transform: tuple[float, ...]
    """Six numbers, as in Details."""
    list: str = ""
    """In a live index: whose entry it is."""
    list_id: str = ""
    time: int | None = None
    role: str = "known"
    """"known", "harmless" or "degenerate"."""
    overruled: bool = False
    """It does not count, by an entry of another list that is among the matches."""


class Verdict(NamedTuple):
    """What one upload is."""

    verdict: str
    """"match", "review", "no_match", "low_quality" or "not_scanned"; the last is NOT the same as no match."""
    quality: int
    scan: str
    reason: str
    matches: list[Match]
    """Each entry once, best first."""


class _VerdictsFields(NamedTuple):
    verdicts: list[str]
    """n of "match", "review", "no_match", "low_quality", "not_scanned"; the last is NOT the same as no match."""
    quality: npt.NDArray[np.uint8]
    """[n], 0 to 100: the best of the upload's images; 0 where there is none."""
    scans: list[str]
    """n of "ok", "unknown_format", "unsupported", "damaged", "limit", "unreadable", "crashed",
    "not_hashed"."""
    reasons: list[str]
    """n texts: why an upload is low_quality, why not all of it was scanned, how lists overrule each other; or ""."""
    offsets: npt.NDArray[np.int64]
    """[n + 1]: upload i owns matches offsets[i] to offsets[i + 1] - 1, best first."""
    hashes: list[str]
    """Of each match what was equal or near: the index's hash, "md5", "sha1" or "sha256"."""
    ids: npt.NDArray[np.int64]
    """[offsets[n]]"""
    distances: npt.NDArray[np.uint32]
    """[offsets[n]]: differing bits, or squared Euclidean; 0 for digests, 2**32 - 1 where only parts agree."""
    labels: list[str]
    """Of each match; "" for none."""


class Verdicts(_VerdictsFields):
    """What n uploads are, in the order given."""

    details: Details
    """What each match rests on."""
    origins: Origins
    """Where each comes from."""

    @cached_property
    def uploads(self) -> list[Verdict]:
        """The same, an object an upload."""
        matches = [
            Match(
                self.hashes[m],
                int(self.ids[m]),
                None if self.distances[m] == _NO_DISTANCE else int(self.distances[m]),
                self.labels[m],
                self.details.verdicts[m],
                self.details.tiers[m],
                int(self.details.frames[m]),
                self.details.orientations[m],
                bool(self.details.trimmed[m]),
                int(self.details.votes[m]),
                tuple(self.details.transforms[m].tolist()),
                self.origins.lists[m],
                self.origins.list_ids[m],
                None if self.origins.times[m] < 0 else int(self.origins.times[m]),
                self.origins.roles[m],
                bool(self.origins.overruled[m]),
            )
            for m in range(len(self.ids))
        ]
        owned = [matches[self.offsets[i] : self.offsets[i + 1]] for i in range(len(self.verdicts))]
        return [
            Verdict(verdict, int(quality), scan, reason, own)
            for verdict, quality, scan, reason, own in zip(self.verdicts, self.quality, self.scans, self.reasons, owned)
        ]

    def table(self) -> dict[str, npt.NDArray[np.generic] | list[str]]:
        """The matches as columns, a row a match, `upload` being the upload's number: for pandas.DataFrame."""
        details = self.details
        return {
            "upload": np.repeat(np.arange(len(self.verdicts)), np.diff(self.offsets)),
            "verdict": details.verdicts,
            "tier": details.tiers,
            "hash": self.hashes,
            "id": self.ids,
            "distance": self.distances,
            "votes": details.votes,
            "label": self.labels,
            "frame": details.frames,
            "orientation": details.orientations,
            "trimmed": details.trimmed,
        }


_NO_DISTANCE = 2**32 - 1
