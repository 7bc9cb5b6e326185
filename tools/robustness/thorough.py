"""The thorough effort, whole: an index with keypoints, and uploads matched by the library as a user would."""

from __future__ import annotations

import csv
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import libmatch
import numpy as np
import numpy.typing as npt

from robustness.measurement import MATCH, REVIEW, Known, Others
from robustness.pairs import Integers
from robustness.pictures import MIN_QUALITY
from robustness.relations import CLUSTER, NONE, SERIES, Relations, shares_part
from robustness.same_pixels import is_one_picture

KEYPOINTS = 200
_AT_A_TIME = 64


Judged = Literal["wrong", "one picture", "shared part"]


@dataclass(frozen=True)
class Alarm:
    """An entry that was found and is not the query's own."""

    group: str  # of queries and pairs, as in the page's table
    judged: Judged
    verdict: str
    tier: str
    votes: int
    distance: int  # of the codes of whole images; -1 where the answer rests on parts
    query: Path
    entry: Path
    transform: tuple[float, ...]


@dataclass(frozen=True)
class WrongAnswers:
    """What was said of images that the list does not hold: every entry of another image counts, but those that show
    the same picture after all (same_pixels) or a part of it (relations)."""

    group: str
    queries: int
    pairs: int
    alarms: Sequence[Alarm]

    def count(self, judged: Judged, verdict: str = "") -> int:
        return sum(alarm.judged == judged and alarm.verdict.startswith(verdict) for alarm in self.alarms)

    @property
    def alarmed(self) -> int:
        """Queries with at least one wrong entry."""
        return len({alarm.query for alarm in self.alarms if alarm.judged == "wrong"})

    @property
    def votes(self) -> list[int]:
        """Of the wrong entries that rest on parts, least first."""
        return sorted(alarm.votes for alarm in self.alarms if alarm.judged == "wrong" and alarm.votes > 0)


@dataclass(frozen=True)
class Thorough:
    """Copies found, wrong answers to them and to unrelated images, and what it costs."""

    match: npt.NDArray[np.bool_]  # [n copies]: its own original is a match
    review: npt.NDArray[np.bool_]  # a match or a review
    wrong: Sequence[WrongAnswers]  # to copies; to unrelated images, by how the pair is related
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
    copy_paths = [copy.path for copy in known.copies]
    started = time.process_time()
    answers = _answers(matcher, copy_paths)
    seconds = time.process_time() - started
    own = answers.entry == known.original_of[answers.query]
    match, review = (np.zeros(n_copies, dtype=bool) for _ in range(2))
    match[answers.query[own & answers.is_match]] = True
    review[answers.query[own]] = True
    to_copies = _alarms("altered copies", answers, ~own, copy_paths, paths)

    chosen = np.unique(np.linspace(0, len(others.images) - 1, min(unrelated_queries, len(others.images))).astype(int))
    rows = (len(known.pictures) + chosen).astype(np.int64)  # their own among the references
    asked_paths = [paths[row] for row in rows.tolist()]
    asked = _answers(matcher, asked_paths)
    relations = Relations(others.images, before=len(known.pictures))
    relation = relations.of(rows[asked.query], asked.entry)
    other = asked.entry != rows[asked.query]
    pairs = relations.partners(rows)
    wrong = [WrongAnswers("altered copies", n_copies, n_copies * (len(paths) - 1), to_copies)]
    for kind, group in (
        (NONE, "unrelated images"),
        (SERIES, "unrelated images, pairs of one series"),
        (CLUSTER, "unrelated images, pairs of one template or watermark"),
    ):
        alarms = _alarms(group, asked, other & (relation == kind), asked_paths, paths)
        wrong.append(WrongAnswers(group, len(chosen), pairs[kind], alarms))
    return Thorough(match, review, wrong, len(paths), 1e3 * seconds / n_copies, index.memory_bytes / len(paths))


def write_alarms(thorough: Thorough, file: Path) -> None:
    """A line an alarm, those that are not counted too; fields by tabulators, the transform's numbers by spaces."""
    with file.open("w", encoding="utf-8", newline="") as lines:
        rows = csv.writer(lines, delimiter="\t", lineterminator="\n")
        rows.writerow(["group", "judged", "verdict", "tier", "votes", "distance", "query", "entry", "transform"])
        for wrong in thorough.wrong:
            for a in wrong.alarms:
                transform = " ".join(f"{value:.5g}" for value in a.transform)
                rows.writerow([a.group, a.judged, a.verdict, a.tier, a.votes, a.distance, a.query, a.entry, transform])


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
    tier: Sequence[str]
    votes: Integers
    distance: Integers
    transform: npt.NDArray[np.float32]  # [n, 6]


def _answers(matcher: libmatch.Matcher, paths: Sequence[Path]) -> _Answers:
    """A row an entry that was found; its id is its row among the references."""
    query, entry, votes, distances, transforms = [], [], [], [], []
    verdicts: list[str] = []
    tiers: list[str] = []
    for start in range(0, len(paths), _AT_A_TIME):
        found = matcher.match_files(paths[start : start + _AT_A_TIME])
        query.append(start + np.repeat(np.arange(len(found.verdicts)), np.diff(found.offsets)))
        entry.append(found.ids)
        verdicts += found.details.verdicts
        tiers += found.details.tiers
        votes.append(found.details.votes)
        distances.append(found.distances)
        transforms.append(found.details.transforms)
        if start // _AT_A_TIME % 16 == 0:
            print(f"    {start:,} of {len(paths):,} matched", flush=True)
    return _Answers(
        np.concatenate(query).astype(np.int64),
        np.concatenate(entry).astype(np.int64),
        np.array([verdict == "match" for verdict in verdicts], dtype=bool),
        tiers,
        np.concatenate(votes).astype(np.int64),
        np.concatenate(distances).astype(np.int64),
        np.concatenate(transforms),
    )


def _alarms(
    group: str, answers: _Answers, wrong: npt.NDArray[np.bool_], uploads: Sequence[Path], entries: Sequence[Path]
) -> list[Alarm]:
    alarms = []
    for row in np.flatnonzero(wrong).tolist():
        upload, entry = uploads[answers.query[row]], entries[answers.entry[row]]
        transform = tuple(answers.transform[row].tolist())
        judged: Judged = "wrong"
        if is_one_picture(upload, entry, transform):
            judged = "one picture"
        elif shares_part(upload, entry):
            judged = "shared part"
        verdict, tier = "match" if answers.is_match[row] else "review", answers.tier[row]
        votes, distance = int(answers.votes[row]), int(answers.distance[row])
        alarms.append(
            Alarm(group, judged, verdict, tier, votes, -1 if tier == "parts" else distance, upload, entry, transform)
        )
    return alarms
