"""The demo's page: one HTML file with everything in it, pairs of known image and altered upload side by side."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from PIL import Image

from demonstration.alterations import over_white
from demonstration.table import Answer, Row, Upload, is_false_alarm, is_found

THUMBNAIL_PIXELS = 150
PAIRS_IN_SIGHT = 6

STYLE = """
:root{color-scheme:light dark;--paper:#fbfaf8;--card:#fff;--ink:#22252a;--faint:#6a7078;--line:#e2dfd9;
--good:#1c7a46;--missed:#9a6a00;--bad:#b3261e;--bar:#dfe7e2}
@media(prefers-color-scheme:dark){:root{--paper:#16181b;--card:#1f2226;--ink:#e6e4df;--faint:#9aa0a8;--line:#33373d;
--good:#6fcf97;--missed:#e2b04a;--bad:#ff8a80;--bar:#2b3a32}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:76rem;padding:2rem 1.25rem 4rem;background:var(--paper);color:var(--ink);
font:16px/1.55 system-ui,sans-serif}
h1{font-size:1.7rem;margin:0 0 .5rem}h2{font-size:1.2rem;margin:2.75rem 0 .25rem}p{max-width:46rem}
.faint,figcaption,summary{color:var(--faint)}a{color:inherit}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:right;padding:.3rem .75rem;border-bottom:1px solid var(--line);white-space:nowrap}
th:first-child,td:first-child,.words{text-align:left}.words{white-space:normal}
.share{background:linear-gradient(90deg,var(--bar) var(--share),transparent var(--share))}
.pairs{display:grid;grid-template-columns:repeat(auto-fill,minmax(21rem,1fr));gap:.9rem;margin:.9rem 0}
figure{margin:0;padding:.7rem;background:var(--card);border:1px solid var(--line);border-radius:.5rem}
.sides{display:flex;gap:.5rem}.sides>*{flex:1;min-width:0;height:8.5rem;object-fit:contain;
background:center/contain no-repeat}
figcaption{font-size:.85rem;margin-top:.5rem;overflow-wrap:anywhere}
.good{color:var(--good)}.missed{color:var(--missed)}.bad{color:var(--bad)}
summary{cursor:pointer}
"""


@dataclass(frozen=True)
class Findings:
    """All that the page tells."""

    rows: Sequence[Row]
    uploads: Sequence[Upload]
    answers: Mapping[Path, Answer]
    missed_distances: Mapping[Path, int]
    originals: Mapping[str, Path]  # by label
    left_out: Sequence[tuple[str, str]]  # name and reason
    speed: str
    broken: Sequence[str]


def thumbnail(path: Path) -> str:
    """A small copy of the image as a data: URI."""
    with Image.open(path) as image:
        image.draft("RGB", (2 * THUMBNAIL_PIXELS, 2 * THUMBNAIL_PIXELS))
        small = over_white(image)
    small.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=60)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def render(findings: Findings) -> str:
    """The whole page. Every name, label and reason in it is escaped."""
    # Each original stands in the style sheet once, as it is shown beside every one of its altered copies.
    labels = sorted(findings.originals)
    classes = {label: f"original{i}" for i, label in enumerate(labels)}
    originals = "\n".join(
        f".{classes[label]}{{background-image:url({thumbnail(findings.originals[label])})}}" for label in labels
    )
    sections = "\n".join(_section(i, row, findings, classes) for i, row in enumerate(findings.rows))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>libmatch: known images, recognised in altered copies</title>
<style>{STYLE}{originals}</style>
</head>
<body>
{_head(findings)}
{_summary(findings.rows)}
{sections}
</body>
</html>
"""


def _head(findings: Findings) -> str:
    known = sum(row.known for row in findings.rows[:1])
    unknown = sum(row.unknown for row in findings.rows[:1])
    broken = "".join(f'<p class="bad">{escape(sentence)}</p>' for sentence in findings.broken)
    left_out = "; ".join(f"{escape(name)} ({escape(reason)})" for name, reason in findings.left_out) or "none"
    return f"""<h1>Known images, recognised in altered copies</h1>
<p>libmatch knows {known} of the photographs and drawings in Debian's package opencv-doc, by their PDQ codes alone:
256 bits each. Copies of these and of {unknown} images that it does not know were altered in {len(findings.rows)} ways
and checked as uploads with the standard effort: by 16 codes each, of the image turned and mirrored and of what a border
frames. A match is such a code that differs from a known one in 31 bits or fewer.
An image is found when its own original is among the matches; a match of anything else than it or a near-duplicate of
it is a false alarm.</p>
<p>A code describes the image as a whole. It withstands what leaves the picture where it is; the 16 of them also
borders, mirrors and quarter turns. Cropping and small turns move the picture and defeat them all: the table shows that
as it is, and <code>--effort thorough</code> finds such copies by keypoints. In the pairs below it, the
known original is on the left and the altered upload on the right.</p>
<p class="faint">{escape(findings.speed)}. Left out: {left_out}. Copies are saved as JPEG of quality 85 unless
their alteration names a format.</p>{broken}"""


def _summary(rows: Sequence[Row]) -> str:
    lines = []
    for row in rows:
        title = f'<a href="#{row.alteration.key}">{escape(row.alteration.title)}</a>'
        alarms = f'<td class="{"bad" if row.false_alarms else ""}">{row.false_alarms}</td>'
        lines.append(
            f"<tr><td>{title}</td><td>{row.found} of {row.known}</td>"
            f'<td class="share" style="--share:{row.share:.1%}">{row.share:.1%}</td>{alarms}'
            f'<td>{row.median_distance:g}</td><td class="words faint">{escape(row.alteration.weakness)}</td></tr>'
        )
    return (
        '<div class="wide"><table><thead><tr><th>Alteration</th><th>Found</th><th>Share</th><th>False alarms</th>'
        '<th>Median distance</th><th class="words"></th></tr></thead><tbody>'
        + "\n".join(lines)
        + '</tbody></table></div><p class="faint">The median distance is from known copies to their originals, '
        "missed ones included; two unrelated images are about 128 bits apart.</p>"
    )


def _section(i: int, row: Row, findings: Findings, classes: Mapping[str, str]) -> str:
    """What went wrong stands first: false alarms, then misses. What was found begins with others in each section."""
    own = [upload for upload in findings.uploads if upload.alteration == row.alteration.key]
    alarms = [upload for upload in own if is_false_alarm(upload, findings.answers[upload.path])]
    found = [upload for upload in own if is_found(upload, findings.answers[upload.path])]
    missed = [upload for upload in own if upload.known and upload not in alarms and upload not in found]
    pairs = alarms + _turned(missed, i * PAIRS_IN_SIGHT) + _turned(found, i * PAIRS_IN_SIGHT)
    figures = [_figure(upload, findings, classes) for upload in pairs]
    in_sight, rest = figures[:PAIRS_IN_SIGHT], figures[PAIRS_IN_SIGHT:]
    more = (
        f'<details><summary>The other {len(rest)} pairs</summary><div class="pairs">{"".join(rest)}</div></details>'
        if rest
        else ""
    )
    return (
        f'<h2 id="{row.alteration.key}">{escape(row.alteration.title)}: {row.share:.1%} found</h2>'
        f'<div class="faint">{row.found} of {row.known} known images; {row.false_alarms} false alarms among '
        f"{row.known + row.unknown} uploads, {row.unknown} of them of images that are not known</div>"
        f'<div class="pairs">{"".join(in_sight)}</div>{more}'
    )


def _turned(uploads: list[Upload], first: int) -> list[Upload]:
    start = first % max(1, len(uploads))
    return uploads[start:] + uploads[:start]


def _figure(upload: Upload, findings: Findings, classes: Mapping[str, str]) -> str:
    """Known original and altered upload side by side; for a false alarm the entry that it was taken for."""
    answer = findings.answers[upload.path]
    alarm = is_false_alarm(upload, answer)
    shown = answer.label if alarm else upload.original
    if is_found(upload, answer):
        kind, distance = "good", f", distance {answer.distance_of_label[upload.original]}"
    else:
        missed = findings.missed_distances.get(upload.path)
        kind = "bad" if alarm else "missed"
        distance = f", distance {answer.distance}" if alarm else "" if missed is None else f", distance {missed}"
    reason = f" · {escape(answer.reason)}" if answer.reason else ""
    left = f'<div class="{classes[shown]}" role="img" aria-label="known: {escape(shown)}"></div>'
    right = f'<img loading="lazy" src="{thumbnail(upload.path)}" alt="upload: {escape(upload.path.name)}">'
    return (
        f'<figure><div class="sides">{left}{right}</div><figcaption><strong class="{kind}">'
        f"{escape(answer.verdict)}{distance}</strong> · {escape(shown)}{reason}</figcaption></figure>"
    )
