"""Counts the verdicts of `libmatch match --json` on altered copies of known and unknown images."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from demonstration.alterations import Alteration


@dataclass(frozen=True)
class Upload:
    """An altered copy that was checked, and what should come of it."""

    path: Path
    alteration: str  # its key
    original: str  # name of the image that was altered, which is its label in the known list
    known: bool
    near_duplicates: frozenset[str] = frozenset()  # labels of images that show the same


@dataclass(frozen=True)
class Answer:
    """What libmatch said of an upload."""

    verdict: str
    distance: int | None  # of the best match
    label: str  # of the best match
    reason: str
    distance_of_label: Mapping[str, int]  # of every match, those for review left out


@dataclass(frozen=True)
class Row:
    """One line of the table: an alteration."""

    alteration: Alteration
    known: int
    found: int
    unknown: int
    false_alarms: int
    not_scanned: int
    median_distance: float  # of the known copies to their originals, those that were missed included

    @property
    def share(self) -> float:
        """Found among known, 0 to 1."""
        return self.found / self.known if self.known else 0.0


def parse_answers(lines: Iterable[str]) -> dict[Path, Answer]:
    """The output of `libmatch match --json`: one object a line, by the path that it names."""
    answers = {}
    for line in lines:
        entry = json.loads(line)
        answers[Path(entry["path"])] = Answer(
            entry["verdict"],
            entry["distance"],
            entry["label"] or "",
            entry["reason"] or "",
            {
                match["label"] or "": match["distance"]
                for match in reversed(entry["matches"])
                if match["verdict"] == "match"
            },
        )
    return answers


def is_found(upload: Upload, answer: Answer) -> bool:
    """A known image counts as found when its own original is among the matches, not just any entry."""
    return upload.known and answer.verdict == "match" and upload.original in answer.distance_of_label


def is_false_alarm(upload: Upload, answer: Answer) -> bool:
    """A match of neither the image's original nor a near-duplicate of it: any of an unknown image, a wrong one of a
    known image."""
    labels = answer.distance_of_label.keys()
    return answer.verdict == "match" and not is_found(upload, answer) and labels.isdisjoint(upload.near_duplicates)


def tally(
    alterations: Sequence[Alteration],
    uploads: Sequence[Upload],
    answers: Mapping[Path, Answer],
    missed_distances: Mapping[Path, int],
) -> list[Row]:
    """A row an alteration. missed_distances: from each known copy that was not found to its original."""
    rows = []
    for alteration in alterations:
        own = [(upload, answers[upload.path]) for upload in uploads if upload.alteration == alteration.key]
        known = [(upload, answer) for upload, answer in own if upload.known]
        distances = [
            answer.distance_of_label[upload.original] if is_found(upload, answer) else missed_distances[upload.path]
            for upload, answer in known
            if is_found(upload, answer) or upload.path in missed_distances
        ]
        rows.append(
            Row(
                alteration,
                known=len(known),
                found=sum(is_found(upload, answer) for upload, answer in known),
                unknown=len(own) - len(known),
                false_alarms=sum(is_false_alarm(upload, answer) for upload, answer in own),
                not_scanned=sum(answer.verdict == "not_scanned" for _, answer in own),
                median_distance=statistics.median(distances) if distances else float("nan"),
            )
        )
    return rows


def as_text(rows: Sequence[Row]) -> str:
    """The table for a terminal."""
    lines = [f"{'alteration':<22}{'known images found':>20}{'false alarms':>18}{'median distance':>18}"]
    for row in rows:
        found = f"{row.found}/{row.known} {row.share:6.1%}"
        false_alarms = f"{row.false_alarms}/{row.known + row.unknown}"
        line = f"{row.alteration.title:<22}{found:>20}{false_alarms:>18}{row.median_distance:>18g}"
        lines.append(f"{line}  {row.alteration.weakness}".rstrip())
    return "\n".join(lines)


def broken_promises(rows: Sequence[Row]) -> list[str]:
    """What must hold and does not, a sentence each."""
    broken = []
    for row in rows:
        title, least = row.alteration.title, row.alteration.least_share
        if row.false_alarms:
            broken.append(f"{title}: {row.false_alarms} images were reported as matches of what they are not.")
        if row.share < least:
            broken.append(f"{title}: {row.share:.1%} of the known images were found, not {least:.0%} or more.")
        if row.not_scanned:
            broken.append(f"{title}: {row.not_scanned} images were not scanned.")
    return broken
