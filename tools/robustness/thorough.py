"""The thorough effort, whole: an index with keypoints, and uploads matched by the library as a user would."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import libmatch
import numpy as np
import numpy.typing as npt

from robustness.measurement import MATCH, REVIEW, Known, Others
from robustness.pairs import Integers
from robustness.pictures import MIN_QUALITY
from robustness.same_pixels import is_one_picture

KEYPOINTS = 200
_AT_A_TIME = 64


@dataclass(frozen=True)
class WrongAnswers:
    """What was said of images that the list does not hold: every entry of another image counts, but those that show
    the same picture after all (same_pixels)."""

    queries: int
    pairs: int
    one_picture: int  # not counted
    matches: int
    reviews: int
    alarmed: int  # queries with at least one
    votes: Integers  # of those that rest on parts


@dataclass(frozen=True)
class Thorough:
    """Copies found, wrong answers to them and to unrelated images, and what it costs."""

    match: npt.NDArray[np.bool_]  # [n copies]: its own original is a match
    review: npt.NDArray[np.bool_]  # a match or a review
    of_copies: WrongAnswers
    of_unrelated: WrongAnswers
    of_clusters: WrongAnswers  # of the unrelated images, those pairs that share a template or a watermark
    references: int
    query_ms: float  # of the processor, decoding and hashing included
    reference_bytes: float  # code and keypoints, all that the index makes to search them


def measured(known: Known, others: Others, unrelated_queries: int, context: libmatch.Context) -> Thorough:
    """unrelated_queries: so many of the unrelated images are asked for, evenly spread over them."""
    paths = [picture.path for picture in known.pictures] + [image.path for image in others.images]
    index = _index_of(paths, context)
    matcher = libmatch.Matcher(
        index, effort="thorough", max_distance=MATCH, review_distance=REVIEW, min_quality=MIN_QUALITY, context=context
    )
    n_copies = len(known.copies)
    started = time.process_time()
    answers = _answers(matcher, [copy.path for copy in known.copies])
    seconds = time.process_time() - started
    own = answers.entry == known.original_of[answers.query]
    match, review = (np.zeros(n_copies, dtype=bool) for _ in range(2))
    match[answers.query[own & answers.is_match]] = True
    review[answers.query[own]] = True

    chosen = np.unique(np.linspace(0, len(others.images) - 1, min(unrelated_queries, len(others.images))).astype(int))
    asked_paths = [others.images[i].path for i in chosen.tolist()]
    asked = _answers(matcher, asked_paths)
    other = asked.entry != (len(known.pictures) + chosen)[asked.query]
    clusters = np.array([""] * len(known.pictures) + [image.cluster for image in others.images])
    of_query = clusters[len(known.pictures) + chosen]
    clustered = (of_query[asked.query] != "") & (of_query[asked.query] == clusters[asked.entry])
    n_clustered = sum(int((clusters == cluster).sum()) - 1 for cluster in of_query.tolist() if cluster)
    return Thorough(
        match,
        review,
        _wrong(answers, ~own, n_copies * (len(paths) - 1), [copy.path for copy in known.copies], paths),
        _wrong(asked, other & ~clustered, len(chosen) * (len(paths) - 1) - n_clustered, asked_paths, paths),
        _wrong(asked, other & clustered, n_clustered, asked_paths, paths),
        len(paths),
        1e3 * seconds / n_copies,
        index.memory_bytes / len(paths),
    )


def _index_of(paths: Sequence[Path], context: libmatch.Context) -> libmatch.Index:
    index = libmatch.Index(hash="pdq256", profile=libmatch.hash_profile(), context=context)
    for start in range(0, len(paths), _AT_A_TIME):
        batch = paths[start : start + _AT_A_TIME]
        hashes = libmatch.hash_files(batch, keypoints=KEYPOINTS, max_images=0, context=context)
        ids = np.arange(start, start + len(batch), dtype=np.int64)
        index.add(hashes.codes, ids=ids)
        if hashes.keypoints is None:
            raise ValueError("keypoints were asked for and did not come")
        index.add_keypoints(np.repeat(ids, np.diff(hashes.images.offsets)), hashes.keypoints)
        if start // _AT_A_TIME % 32 == 0:
            print(f"    {start:,} of {len(paths):,} in the index", flush=True)
    index.prepare()
    return index


@dataclass(frozen=True)
class _Answers:
    query: Integers
    entry: Integers
    is_match: npt.NDArray[np.bool_]  # else a review
    votes: Integers
    transform: npt.NDArray[np.float32]  # [n, 6]


def _answers(matcher: libmatch.Matcher, paths: Sequence[Path]) -> _Answers:
    """A row an entry that was found; its id is its row among the references."""
    query, entry, verdicts, votes, transforms = [], [], [], [], []
    for start in range(0, len(paths), _AT_A_TIME):
        found = matcher.match_files(paths[start : start + _AT_A_TIME])
        query.append(start + np.repeat(np.arange(len(found.verdicts)), np.diff(found.offsets)))
        entry.append(found.ids)
        verdicts += found.details.verdicts
        votes.append(found.details.votes)
        transforms.append(found.details.transforms)
        if start // _AT_A_TIME % 16 == 0:
            print(f"    {start:,} of {len(paths):,} matched", flush=True)
    return _Answers(
        np.concatenate(query).astype(np.int64),
        np.concatenate(entry).astype(np.int64),
        np.array([verdict == "match" for verdict in verdicts], dtype=bool),
        np.concatenate(votes).astype(np.int64),
        np.concatenate(transforms),
    )


def _wrong(
    answers: _Answers, wrong: npt.NDArray[np.bool_], pairs: int, uploads: Sequence[Path], entries: Sequence[Path]
) -> WrongAnswers:
    counted = wrong.copy()
    for row in np.flatnonzero(wrong & (answers.votes > 0)).tolist():
        upload, entry = uploads[answers.query[row]], entries[answers.entry[row]]
        counted[row] = not is_one_picture(upload, entry, answers.transform[row].tolist())
        if counted[row]:
            verdict = "match" if answers.is_match[row] else "review"
            print(f"    {verdict} by {answers.votes[row]} votes: {upload.name} with {entry.name}", flush=True)
    matches = int((counted & answers.is_match).sum())
    return WrongAnswers(
        len(uploads),
        pairs,
        int(wrong.sum() - counted.sum()),
        matches,
        int(counted.sum()) - matches,
        len(np.unique(answers.query[counted])),
        np.sort(answers.votes[counted & (answers.votes > 0)]),
    )
