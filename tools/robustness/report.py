"""The results as a page of documentation, as charts, and as JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from robustness.charts import Axis, Bar, Series, bar_chart, line_chart
from robustness.copies import LEAST_QUALITY, MOST_QUALITY, PAIR, Copy
from robustness.costs import Cost
from robustness.fixed_kinds import FIXED_KINDS, SAVED_QUALITY
from robustness.kinds import COMBINATIONS, KINDS
from robustness.measurement import DISTANCES, MATCH, REVIEW, Alarms, Tier
from robustness.pairs import FARTHEST, Integers
from robustness.pictures import MIN_QUALITY
from robustness.statistics import poisson_upper, share_upper, wilson_interval
from robustness.thorough import KEYPOINTS, Thorough, WrongAnswers

LIST_SIZES = (10_000, 1_000_000)
_FOLDER = "robustness"  # of the charts, beside the page
Hits = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class TierResult:
    """What was measured of one effort that goes by codes of whole images."""

    tier: Tier
    distances: Integers  # of each copy to its original
    of_copies: Alarms
    of_unrelated: Alarms
    within_kinds: Mapping[str, Alarms]
    cost: Cost


@dataclass(frozen=True)
class Results:
    """All of a run."""

    date: str
    command: str
    machine: str
    library: str
    copies: Sequence[Copy]
    tiers: Sequence[TierResult]
    thorough: Thorough | None  # None where it was not asked for
    counts: Mapping[str, int]  # pictures, copies and unrelated images, by what they are
    sources: Sequence[tuple[str, str, str]]  # package, version, kind

    def columns(self) -> list[tuple[str, Hits]]:
        """By effort and verdict, which copies were found."""
        found = [
            (f"{result.tier.effort}, {name}", np.asarray(result.distances <= distance))
            for result in self.tiers
            for name, distance in (("match", MATCH), ("review", REVIEW))
        ]
        if self.thorough is not None:
            found += [("thorough, match", self.thorough.match), ("thorough, review", self.thorough.review)]
        return found


def recall(results: Results, hits: Hits, table: str, kind: str) -> tuple[int, int]:
    """(found, of): copies of this kind."""
    chosen = np.array([copy.table == table and copy.kind == kind for copy in results.copies])
    return int(hits[chosen].sum()), int(chosen.sum())


def mean_recall(results: Results, hits: Hits) -> float:
    """Over the 22 kinds, each counting the same."""
    found = [recall(results, hits, "random", kind.key) for kind in KINDS]
    return float(np.mean([n / of for n, of in found]))


def write(results: Results, page: Path, numbers: Path) -> None:
    """The page, the charts in a folder beside it, and the numbers as JSON."""
    charts = page.parent / _FOLDER
    charts.mkdir(parents=True, exist_ok=True)
    numbers.parent.mkdir(parents=True, exist_ok=True)
    (charts / "recall.svg").write_text(_recall_chart(results), encoding="utf-8")
    (charts / "false_alarms.svg").write_text(_trade_chart(results), encoding="utf-8")
    (charts / "distances.svg").write_text(_distance_chart(results), encoding="utf-8")
    (charts / "copies.svg").write_text(_copies_chart(results), encoding="utf-8")
    page.write_text(page_text(results), encoding="utf-8")
    numbers.write_text(json.dumps(as_numbers(results), indent=1), encoding="utf-8")


def page_text(results: Results) -> str:
    parts = [
        _introduction(results),
        "## Recall: random parameters",
        f"![Recall by kind]({_FOLDER}/recall.svg)",
        _recall_table(results, "random", [(kind.key, kind.title) for kind in KINDS], mean=True),
        "The last four are combinations. Pairs of two kinds that were drawn at random, one after the other:",
        _recall_table(results, "random", [(PAIR, "two kinds")]),
        "## Recall: fixed parameters",
        _recall_table(results, "fixed", [(kind.key, kind.title) for kind in FIXED_KINDS]),
        *_shortfall_text(results),
        "## False alarms",
        _alarms_text(results),
        f"![Recall against false alarms]({_FOLDER}/false_alarms.svg)",
        f"![Distances of unrelated images]({_FOLDER}/distances.svg)",
        f"![Distances of altered copies]({_FOLDER}/copies.svg)",
        *([] if results.thorough is None else [_thorough_text(results.thorough)]),
        "### Hard unrelated images",
        _hard_table(results),
        "## Costs",
        _cost_table(results),
        "## Images",
        _sources_table(results),
    ]
    return "\n\n".join(parts) + "\n"


def _introduction(results: Results) -> str:
    counts = results.counts
    efforts = "; ".join(f"*{result.tier.effort}*: {result.tier.what}" for result in results.tiers)
    how = (
        f"{counts['known photographs']} photographs of packages stand in the list, {counts['altered copies']:,} "
        f"altered copies of them are the queries: JPEG of quality {LEAST_QUALITY} to {MOST_QUALITY} (random kinds) or "
        f"{SAVED_QUALITY} (fixed kinds). {counts['unrelated images']:,} unrelated images tell of false alarms. *Match* "
        f"is a distance of at most {MATCH}, *review* at most {REVIEW}. Images of less quality than {MIN_QUALITY} count "
        f"as not found. Efforts: {efforts}. Intervals are Wilson's, 95 %."
    )
    what = (
        "What is found of altered copies, and how often something is found that is none. "
        f"{results.date}, libmatch {results.library}, {results.machine}:"
    )
    return f"# Robustness\n\n{_wrapped(what)}\n\n```\n{results.command}\n```\n\n{_wrapped(how)}"


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 118, break_long_words=False, break_on_hyphens=False)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def _share(found: int, of: int) -> str:
    low, high = wilson_interval(found, of)
    return f"{100 * found / of:.1f} ({100 * low:.0f} to {100 * high:.0f})"


def _recall_table(results: Results, table: str, kinds: Sequence[tuple[str, str]], mean: bool = False) -> str:
    head = ["recall, %", *(title for title, _ in results.columns())]
    rows = []
    if mean:
        cells = [f"**{100 * mean_recall(results, hits):.1f}**" for _, hits in results.columns()]
        rows.append([f"**mean of the {len(KINDS)} kinds**", *cells])
    for key, title in kinds:
        rows.append([title, *(_share(*recall(results, hits, table, key)) for _, hits in results.columns())])
    return _table(head, rows)


# What codes of whole images are to find, and the effort that is to.
_WHOLE_IMAGE_KINDS = {
    "random": ("downscale", "border", "letterbox", "orientation", "text", "logo", "aspect"),
    "fixed": (
        *(f"jpeg_{quality}" for quality in (80, 60, 40, 20, 10)),
        *("border_3", "border_8", "letterbox", "mirror", "turn_90", "turn_180", "turn_270"),
        *("text_bottom", "text_centre", "logo"),
    ),
}
_ENOUGH = 0.95
_SHORTFALL = (
    "The effort *standard* is to find recompression, other sizes and aspects, borders, bars, orientations, text and "
    f"logos. Of these it finds less than {100 * _ENOUGH:.0f} % within {REVIEW} only where the table says so: what "
    "covers a part of the image moves bits all over the code, since each tells of the whole image, and none of the 16 "
    "codes leaves that part out. More distance finds more, at more false alarms; keypoints (*thorough*) find the rest "
    "of the image."
)


def _shortfall_text(results: Results) -> list[str]:
    titles = {("random", kind.key): kind.title for kind in KINDS}
    titles.update((("fixed", kind.key), kind.title) for kind in FIXED_KINDS)
    result = next((result for result in results.tiers if result.tier.effort == "standard"), None)
    if result is None:
        return []
    rows = []
    for table, key in [(table, key) for table, keys in _WHOLE_IMAGE_KINDS.items() for key in keys]:
        shares = {d: recall(results, np.asarray(result.distances <= d), table, key) for d in DISTANCES}
        found, of = shares[REVIEW]
        if found < _ENOUGH * of:
            rows.append([titles[table, key], *(f"{100 * n / of:.1f}" for n, of in shares.values())])
    if not rows:
        return []
    rows.append(["false alarms, unrelated images", *(_rate(result.of_unrelated, d) for d in DISTANCES)])
    head = ["standard, recall, %", *(f"≤ {d}" for d in DISTANCES)]
    return ["### Where 16 codes of the whole image fall short", _wrapped(_SHORTFALL), _table(head, rows)]


def _rate(alarms: Alarms, distance: int) -> str:
    seen = alarms.within(distance)
    return f"{seen} (≤ {poisson_upper(seen) / alarms.pairs:.1e})"


_PAIRS = (
    "Pairs of images that show different things, by the least distance over the query's codes, and in parentheses the "
    "one-sided 95 % bound of their share (Poisson, exact; it takes pairs for independent, which pairs of one image are "
    "not quite). Unrelated images of one series, template or watermark are not among them; below they stand alone:"
)
_QUERIES = (
    "From that, false alarms a query: their expected number, and its bound. *Queries alarmed here* had at least one in "
    "the list of this run; the bound is Clopper and Pearson's."
)
_COSTS = (
    "One thread, on a machine that others use: medians of three rounds. A file is read, decoded and hashed; a search "
    "is a batch of all copies in the list of this run. Search times of larger lists are in "
    "[bench/README.md](../bench/README.md)."
)
_IMAGES = (
    "No photograph has two parts: known, companion in collages, unrelated. The comparisons of keypoints were "
    "learnt, and the rules of the verdict chosen, on packages that are not among these (`--training` measures on "
    "those); companions in collages come from them. `tools/robustness/duplicates.py` says which unrelated images "
    "are left out because they show what another one shows."
)


def _alarms_text(results: Results) -> str:
    kinds = [
        (result.tier.effort, queries, alarms)
        for result in results.tiers
        for queries, alarms in (("altered copies", result.of_copies), ("unrelated images", result.of_unrelated))
    ]
    by_pair = [
        [effort, f"{alarms.queries:,} {queries}", f"{alarms.pairs:,}", *(_rate(alarms, d) for d in DISTANCES)]
        for effort, queries, alarms in kinds
    ]
    by_query = [
        [effort, queries, str(d), *(_expected(alarms, d, size) for size in LIST_SIZES), _alarmed(alarms, d)]
        for effort, queries, alarms in kinds
        for d in (MATCH, 47, REVIEW)
    ]
    sizes = [f"a query, list of {size:,}" for size in LIST_SIZES]
    return "\n\n".join(
        [
            _wrapped(_PAIRS),
            _table(["effort", "queries", "pairs", *(f"≤ {d}" for d in DISTANCES)], by_pair),
            _wrapped(_QUERIES),
            _table(["effort", "queries", "within", *sizes, "queries alarmed here"], by_query),
        ]
    )


_THOROUGH = (
    f"Thorough, with {KEYPOINTS} keypoints a reference: wrong answers of `Matcher.match_files`, every entry "
    "counted that shows another image than the query, by verdict. Pairs of one series (images of one package "
    "whose names begin with the same word: frames of an animation, variants of an icon, tiles of a drawing) and "
    "of one template or watermark stand alone. Two columns are counted there alone: *one picture*, entries that "
    "show the query after all, told by the pixels (`tools/robustness/same_pixels.py`), drawings in two colours, "
    "mirrored or with a badge; *shared part*, pairs that were looked at and show a part of the same picture "
    "(`tools/robustness/shared_parts.tsv` says of each which). In parentheses the one-sided 95 % bound of their "
    "share of pairs. Most votes are those of a wrong entry that rests on parts; where there is none, every wrong "
    "entry is a code of a whole image that is near enough for review. `--alarms FILE` writes all of them."
)


def _thorough_text(thorough: Thorough) -> str:
    def row(wrong: WrongAnswers) -> list[str]:
        matches, both = wrong.count("wrong", "match"), wrong.count("wrong")
        return [
            f"{wrong.queries:,} {wrong.group}",
            f"{wrong.pairs:,}",
            f"{wrong.count('one picture')}",
            f"{wrong.count('shared part')}",
            f"{matches} (≤ {poisson_upper(matches) / wrong.pairs:.1e})",
            f"{both} (≤ {poisson_upper(both) / wrong.pairs:.1e})",
            f"{wrong.alarmed} (≤ {100 * share_upper(wrong.alarmed, wrong.queries):.3f} %)",
            str(wrong.votes[-1]) if wrong.votes else "none",
        ]

    head = ["queries", "pairs", "one picture", "shared part", "match", "match or review", "queries alarmed"]
    costs = (
        f"{thorough.references:,} references of {thorough.reference_bytes:,.0f} bytes each, all that is made to search "
        f"them included; {thorough.query_ms:.0f} ms of the processor a query, decoding and hashing included."
    )
    rows = [row(wrong) for wrong in thorough.wrong if wrong.pairs > 0]
    return "\n\n".join([_wrapped(_THOROUGH), _table([*head, "most votes"], rows), _wrapped(costs)])


def _expected(alarms: Alarms, distance: int, list_size: int) -> str:
    seen = alarms.within(distance)
    a_pair, bound = seen / alarms.pairs, poisson_upper(seen) / alarms.pairs
    return f"{a_pair * list_size:.1e} (≤ {bound * list_size:.1e})"


def _alarmed(alarms: Alarms, distance: int) -> str:
    alarmed = alarms.alarmed[distance]
    return f"{alarmed} (≤ {100 * share_upper(alarmed, alarms.queries):.3f} %)"


def _hard_table(results: Results) -> str:
    head = ["pairs within", "effort", "pairs", "nearest", *(f"≤ {distance}" for distance in DISTANCES)]
    rows = []
    for result in results.tiers:
        for kind, alarms in result.within_kinds.items():
            seen = np.flatnonzero(alarms.counts)
            nearest = str(int(seen[0])) if len(seen) else f"> {FARTHEST}"
            rows.append(
                [kind, result.tier.effort, f"{alarms.pairs:,}", nearest, *(str(alarms.within(d)) for d in DISTANCES)]
            )
    return _table(head, sorted(rows, key=lambda row: row[0]))


def _cost_table(results: Results) -> str:
    head = [
        "effort",
        "codes a query",
        "hash, ms a file",
        f"search ≤ {MATCH}, ms",
        f"search ≤ {REVIEW}, ms",
        "bytes a reference",
    ]
    rows = [
        [
            t.tier.effort,
            str(t.tier.codes),
            f"{t.cost.hash_ms:.1f}",
            f"{t.cost.search_ms[MATCH]:.4f}",
            f"{t.cost.search_ms[REVIEW]:.4f}",
            f"{t.cost.reference_bytes:.0f}",
        ]
        for t in results.tiers
    ]
    return f"{_wrapped(_COSTS)}\n\n{_table(head, rows)}"


def _sources_table(results: Results) -> str:
    counts = _table(["what", "how many"], [[name, f"{count:,}"] for name, count in results.counts.items()])
    sources = _table(["package", "version", "for"], [list(source) for source in results.sources])
    return f"{_wrapped(_IMAGES)}\n\n{counts}\n\n{sources}"


def _recall_chart(results: Results) -> str:
    rows = []
    for kind in KINDS:
        found = [recall(results, hits, "random", kind.key) for _, hits in results.columns()]
        title = f"{kind.title} (together)" if kind in COMBINATIONS else kind.title
        rows.append((title, [Bar(n / of, *wilson_interval(n, of)) for n, of in found]))
    names = [title for title, _ in results.columns()]
    return bar_chart("Copies found, by kind of alteration, with 95 % intervals", rows, names)


def _trade_chart(results: Results) -> str:
    """Where nothing was seen, the bound stands: a point is never better than what was measured."""
    lines = []
    for result in results.tiers:
        points: list[tuple[float, float]] = []
        labels: dict[int, str] = {}
        for distance in range(MATCH - 7, FARTHEST + 1):
            seen = result.of_unrelated.within(distance)
            rate = max(seen, poisson_upper(0) if seen == 0 else seen) / result.of_unrelated.pairs
            if distance in DISTANCES:
                labels[len(points)] = str(distance)
            points.append((rate, mean_recall(results, np.asarray(result.distances <= distance))))
        lines.append(Series(result.tier.effort, points, labels))
    least = min(point[0] for line in lines for point in line.points)
    most = max(point[0] for line in lines for point in line.points)
    x = Axis(
        "false alarms a pair (unrelated images; the 95 % bound where none was seen)",
        least / 2,
        most * 2,
        logarithmic=True,
    )
    return line_chart("Mean recall of the 22 kinds against false alarms, by distance", x, Axis("recall", 0, 1), lines)


def _distance_chart(results: Results) -> str:
    lines = []
    for result in results.tiers:
        counts = result.of_unrelated.counts
        points = [(float(d), float(n)) for d, n in enumerate(counts.tolist())]
        lines.append(Series(f"{result.tier.effort}: {result.of_unrelated.pairs:,} pairs", points))
    most = max(point[1] for line in lines for point in line.points)
    y = Axis("pairs", 0.5, max(2.0, most * 2), logarithmic=True)
    return line_chart("Near pairs of unrelated images", Axis("distance", 0, FARTHEST, False), y, lines, stepped=True)


def _copies_chart(results: Results) -> str:
    chosen = np.array([copy.table == "random" and copy.kind != PAIR for copy in results.copies])
    lines = []
    for result in results.tiers:
        counts = np.bincount(np.minimum(result.distances[chosen], 160), minlength=161)
        lines.append(Series(result.tier.effort, [(float(d), float(n)) for d, n in enumerate(counts.tolist())]))
    most = max(point[1] for line in lines for point in line.points)
    return line_chart(
        "Altered copies by distance to their original (22 kinds)",
        Axis("distance", 0, 160),
        Axis("copies", 0, most),
        lines,
        stepped=True,
    )


def as_numbers(results: Results) -> dict[str, object]:
    """All that the page is made of, for other programs."""
    return {
        "date": results.date,
        "command": results.command,
        "machine": results.machine,
        "library": results.library,
        "counts": dict(results.counts),
        "sources": [list(source) for source in results.sources],
        "thorough": None if results.thorough is None else _thorough_numbers(results, results.thorough),
        "tiers": {result.tier.effort: _tier_numbers(results, result) for result in results.tiers},
    }


def _thorough_numbers(results: Results, thorough: Thorough) -> dict[str, object]:
    def numbers(wrong: WrongAnswers) -> dict[str, object]:
        return {
            "queries": wrong.queries,
            "pairs": wrong.pairs,
            "one_picture": wrong.count("one picture"),
            "shared_part": wrong.count("shared part"),
            "matches": wrong.count("wrong", "match"),
            "reviews": wrong.count("wrong", "review"),
            "alarmed": wrong.alarmed,
            "votes": wrong.votes,
        }

    keys = [("random", kind.key) for kind in KINDS] + [("random", PAIR)] + [("fixed", kind.key) for kind in FIXED_KINDS]
    return {
        name: {
            "mean_recall": mean_recall(results, hits),
            "recall": {f"{table}: {key}": list(recall(results, hits, table, key)) for table, key in keys},
        }
        for name, hits in (("match", thorough.match), ("review", thorough.review))
    } | {
        "wrong": {wrong.group: numbers(wrong) for wrong in thorough.wrong},
        "references": thorough.references,
        "query_ms": thorough.query_ms,
        "reference_bytes": thorough.reference_bytes,
    }


def _tier_numbers(results: Results, result: TierResult) -> dict[str, object]:
    tables: list[tuple[str, Sequence[str]]] = [
        ("random", [*(kind.key for kind in KINDS), PAIR]),
        ("fixed", [kind.key for kind in FIXED_KINDS]),
    ]
    shares: dict[str, dict[str, dict[str, list[int]]]] = {
        table: {
            key: {str(d): list(recall(results, result.distances <= d, table, key)) for d in DISTANCES} for key in keys
        }
        for table, keys in tables
    }
    alarms: Callable[[Alarms], dict[str, object]] = lambda a: {  # noqa: E731
        "pairs": a.pairs,
        "queries": a.queries,
        "counts_by_distance": a.counts.tolist(),
        "queries_alarmed": {str(d): n for d, n in a.alarmed.items()},
    }
    return {
        "mean_recall": {str(d): mean_recall(results, result.distances <= d) for d in DISTANCES},
        "recall": shares,
        "false_alarms": {"copies": alarms(result.of_copies), "unrelated": alarms(result.of_unrelated)},
        "within_kinds": {kind: alarms(each) for kind, each in result.within_kinds.items()},
        "cost": {
            "hash_ms": result.cost.hash_ms,
            "search_ms": {str(d): ms for d, ms in result.cost.search_ms.items()},
            "reference_bytes": result.cost.reference_bytes,
        },
    }
