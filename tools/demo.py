"""Shows libmatch at work on real photographs: `./dev demo`.

Takes the images of Debian's package opencv-doc, makes half of them the known list, alters copies of all of them,
checks the copies with the command line, prints what was found and writes build/demo/index.html. Fails when a known
image that must be found is not, or when an image is taken for another.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import libmatch
import numpy as np
from PIL import Image

from debian_packages import PackageError
from demonstration.alterations import ALTERATIONS, altered_bytes, suffix
from demonstration.page import Findings, render
from demonstration.photographs import DemonstrationError, groups_of_near_duplicates, image_paths, split_in_halves
from demonstration.table import Answer, Upload, as_text, broken_promises, is_found, parse_answers, tally

PROJECT = Path(__file__).resolve().parent.parent
CACHE = PROJECT / ".cache"
OUTPUT = PROJECT / "build" / "demo"
MIN_QUALITY = 50
# Images nearer than this may show one scene (a stereo pair, two frames of a film): they stay on one side, so that
# a match between them is not counted as a false alarm. Twice PDQ's usual 31, for alterations move codes.
GROUP_DISTANCE = 64


def main() -> int:
    started = time.monotonic()
    print(f"Photographs: Debian's package opencv-doc, kept in {CACHE.relative_to(PROJECT)}/", flush=True)
    paths = image_paths(CACHE)
    usable, codes, left_out = _choose(paths)
    groups = groups_of_near_duplicates(list(usable), [codes[name] for name in usable], GROUP_DISTANCE)
    known, unknown = split_in_halves(groups)
    for name, reason in left_out:
        print(f"  left out: {name}: {reason}")
    print(f"  {len(usable)} images: {len(known)} known, {len(unknown)} not known")
    for group in groups:
        if len(group) > 1:
            print(f"  on one side, as they are within {GROUP_DISTANCE} bits: {', '.join(group)}")

    shutil.rmtree(OUTPUT, ignore_errors=True)
    index = OUTPUT / "known.index"
    _build_index(index, [usable[name] for name in known])
    uploads = _make_uploads(usable, frozenset(known), groups)
    answers, speed = _check(index, uploads)

    missed = [upload for upload in uploads if upload.known and not is_found(upload, answers[upload.path])]
    distances = _distances_to_originals(missed, codes)
    rows = tally(ALTERATIONS, uploads, answers, distances)
    broken = broken_promises(rows)
    print(f"\n{as_text(rows)}\n\n{speed}")
    print("Codes describe the image as a whole: what moves the picture in its frame (crop, small turns) defeats them.")
    originals = {name: usable[name] for name in known}
    findings = Findings(rows, uploads, answers, distances, originals, left_out, speed, broken)
    page = OUTPUT / "index.html"
    page.write_text(render(findings), encoding="utf-8")
    for sentence in broken:
        print(f"FAILED: {sentence}")
    print(f"The pairs side by side: {page.relative_to(PROJECT)} ({time.monotonic() - started:.0f} s in all)")
    return 1 if broken else 0


def _choose(paths: Sequence[Path]) -> tuple[dict[str, Path], dict[str, list[bytes]], list[tuple[str, str]]]:
    """The images to use by name, the codes of their eight orientations, and which were left out and why."""
    hashes = libmatch.hash_files(paths, orientations="derived")
    usable: dict[str, Path] = {}
    codes: dict[str, list[bytes]] = {}
    left_out = []
    for i, path in enumerate(paths):
        if hashes.reasons[i]:
            left_out.append((path.name, hashes.reasons[i]))
        elif hashes.quality[i] < MIN_QUALITY:
            left_out.append((path.name, f"quality {hashes.quality[i]}, under {MIN_QUALITY}"))
        else:
            usable[path.name] = path
            codes[path.name] = [code.tobytes() for code in hashes.codes[i]]
    return usable, codes, left_out


def _command(*arguments: str | Path) -> str:
    """Standard output of the command line that the wheel installed beside this Python."""
    command = [str(Path(sys.executable).parent / "libmatch"), *map(str, arguments)]
    print(f"$ libmatch {' '.join(_as_shown(argument) for argument in arguments)}", flush=True)
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=False)
    if result.returncode not in (0, 3):  # 3: all done, but a file could not be scanned
        raise DemonstrationError(f"{command[0]} ended with {result.returncode}")
    return result.stdout


def _as_shown(argument: str | Path) -> str:
    return str(argument.relative_to(PROJECT)) if isinstance(argument, Path) else argument


def _build_index(index: Path, known: Sequence[Path]) -> None:
    folder = OUTPUT / "known"
    folder.mkdir(parents=True)
    for path in known:
        shutil.copyfile(path, folder / path.name)
    _command("index", "build", index, folder)


def _make_uploads(originals: dict[str, Path], known: frozenset[str], groups: Sequence[Sequence[str]]) -> list[Upload]:
    processes = len(os.sched_getaffinity(0))
    print(f"Altered copies: {len(ALTERATIONS)} of each image", flush=True)
    for alteration in ALTERATIONS:
        for half in ("known", "unknown"):
            (OUTPUT / "uploads" / alteration.key / half).mkdir(parents=True)
    # The largest first, so that no process is left alone with one at the end.
    paths = sorted(originals.values(), key=lambda path: -path.stat().st_size)
    near_duplicates = {name: frozenset(group) - {name} for group in groups for name in group}
    with ProcessPoolExecutor(processes) as pool:
        sides = [path.name in known for path in paths]
        made = pool.map(_alter, paths, sides, [near_duplicates[path.name] for path in paths])
        uploads = [upload for each in made for upload in each]
    return sorted(uploads, key=lambda upload: os.fsencode(upload.path))


def _alter(path: Path, known: bool, near_duplicates: frozenset[str]) -> list[Upload]:
    uploads = []
    with Image.open(path) as image:
        for alteration in ALTERATIONS:
            folder = OUTPUT / "uploads" / alteration.key / ("known" if known else "unknown")
            target = folder / (path.stem + suffix(alteration))
            target.write_bytes(altered_bytes(alteration, image, path.name))
            uploads.append(Upload(target, alteration.key, path.name, known, near_duplicates))
    return uploads


def _check(index: Path, uploads: Sequence[Upload]) -> tuple[dict[Path, Answer], str]:
    """The answer to every upload, and how fast they came."""
    started = time.monotonic()
    output = _command("match", index, OUTPUT / "uploads", "--json")
    seconds = time.monotonic() - started
    answers = parse_answers(output.splitlines())
    unanswered = [upload.path for upload in uploads if upload.path not in answers]
    if unanswered:
        raise DemonstrationError(f"libmatch match said nothing of {len(unanswered)} uploads, such as {unanswered[0]}")
    context = libmatch.Context()
    speed = (
        f"{len(uploads)} uploads read, decoded, hashed and matched in {seconds:.1f} s: "
        f"{len(uploads) / seconds:.0f} images a second with {context.threads} threads, backend {context.backend}"
    )
    return answers, speed


def _distances_to_originals(uploads: Sequence[Upload], codes: dict[str, list[bytes]]) -> dict[Path, int]:
    """How far the copies that were missed are from their originals, which a match does not tell."""
    hashes = libmatch.hash_files([upload.path for upload in uploads])
    originals = np.array([list(codes[upload.original][0]) for upload in uploads], dtype=np.uint8)
    differing = np.unpackbits(hashes.codes.reshape(originals.shape) ^ originals, axis=-1).sum(axis=-1)
    return {upload.path: int(n) for upload, n, why in zip(uploads, differing, hashes.reasons, strict=True) if not why}


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (DemonstrationError, PackageError) as error:
        sys.exit(f"demo: {error}")
