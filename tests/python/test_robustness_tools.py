"""The pieces of `./dev robustness`, and a quick run of all of it."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import libmatch
import numpy as np
import pytest
from PIL import Image

from synthetic import synthetic_image

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from debian_packages import PackageError
from demonstration.photographs import image_paths
from robustness import canvas
from robustness.charts import Axis, Bar, Series, bar_chart, line_chart
from robustness.codes import codes_of
from robustness.copies import PAIR, altered_copies
from robustness.duplicates import SAME_DETAIL, one_picture, same_detail, without_duplicates
from robustness.fixed_kinds import FIXED_KINDS, FixedKind
from robustness.kinds import KINDS, Kind, pair_of_kinds
from robustness.pairs import Pairs, near_pairs, unordered
from robustness.pictures import Picture, shared_out
from robustness.relations import CLUSTER, NONE, SERIES, SHARED_PARTS, Relations, shares_part
from robustness.same_pixels import SAME_SHARE, is_one_picture, share_of_same_blocks
from robustness.sources import SOURCES
from robustness.statistics import poisson_upper, share_upper, wilson_interval
from robustness.unrelated import Unrelated, series_of

JUDGED = ("one_picture", "shared_part", "matches", "reviews")
TOOLS = Path(__file__).resolve().parents[2] / "tools"


def picture(seed: int, width: int = 320, height: int = 240) -> Image.Image:
    return Image.fromarray(synthetic_image(seed, width, height))


def saved(folder: Path, name: str, image: Image.Image) -> Path:
    path = folder / f"{name}.png"
    image.save(path)
    return path


@pytest.mark.parametrize(
    ("found", "of", "low", "high"), [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (50, 100, 0.4038, 0.5962)]
)
def test_wilson_intervals_are_those_of_the_literature(found: int, of: int, low: float, high: float) -> None:
    assert wilson_interval(found, of) == pytest.approx((low, high), abs=1e-4)


def test_bounds_are_exact() -> None:
    # Of no event: 1 - exp(-mean) = 0.95. Of one among five: the fifth root of nothing simpler than its definition.
    assert poisson_upper(0) == pytest.approx(-math.log(0.05))
    assert poisson_upper(1) == pytest.approx(4.7439, abs=1e-4)
    assert poisson_upper(3540) == pytest.approx(3640, abs=3)
    assert share_upper(0, 100) == pytest.approx(1 - 0.05 ** (1 / 100))
    bound = share_upper(1, 5)
    assert (1 - bound) ** 5 + 5 * bound * (1 - bound) ** 4 == pytest.approx(0.05)
    assert share_upper(5, 5) == 1


@pytest.mark.parametrize(("width", "height"), [(400, 300), (300, 400), (900, 100), (256, 256)])
@pytest.mark.parametrize("degrees", [0.5, 8, 30, 45])
def test_a_turned_image_is_cut_to_what_it_covers(width: int, height: int, degrees: float) -> None:
    turned = canvas.turned_inside(Image.new("RGB", (width, height), "white"), degrees)
    inner_width, inner_height = turned.size
    assert np.asarray(turned).min() == 255
    # A little more would show a corner.
    grown = Image.new("RGB", (width, height), "white").rotate(degrees, Image.Resampling.BICUBIC)
    x, y = (width - inner_width) // 2 - 8, (height - inner_height) // 2 - 8
    if x >= 0 and y >= 0:
        assert np.asarray(grown.crop((x, y, width - x, height - y))).min() == 0


def test_there_are_as_many_kinds_as_promised() -> None:
    assert (len(KINDS), len(FIXED_KINDS)) == (22, 40)
    assert len({kind.key for kind in KINDS}) == 22
    assert len({kind.key for kind in FIXED_KINDS}) == 40


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_a_random_kind_alters_and_is_the_same_for_a_seed(kind: Kind) -> None:
    image, companions = picture(1259), [picture(seed) for seed in (1111, 7, 99)]
    first = kind.apply(image, np.random.default_rng(5), companions)
    again = kind.apply(image, np.random.default_rng(5), companions)
    other = kind.apply(image, np.random.default_rng(6), companions)
    assert first.tobytes() == again.tobytes()
    assert (first.size, first.tobytes()) != (image.size, image.tobytes())
    assert (first.size, first.tobytes()) != (other.size, other.tobytes())
    assert first.mode == "RGB"


@pytest.mark.parametrize("kind", FIXED_KINDS, ids=lambda kind: kind.key)
def test_a_fixed_kind_alters_unless_the_file_does(kind: FixedKind) -> None:
    image = picture(1259)
    altered = kind.apply(image, np.random.default_rng(5))
    assert (altered.tobytes() == image.tobytes()) == kind.key.startswith("jpeg_")


def test_pairs_are_of_two_different_kinds() -> None:
    keys = [pair_of_kinds(np.random.default_rng(seed)).key.split("+") for seed in range(50)]
    assert all(first != second for first, second in keys)
    assert len({tuple(pair) for pair in keys}) > 30


def test_every_picture_is_altered_in_every_way_once(tmp_path: Path) -> None:
    pictures = [Picture(f"p{seed}", "package", saved(tmp_path, f"p{seed}", picture(seed))) for seed in (1, 2)]
    companions = [Picture("c", "package", saved(tmp_path, "c", picture(3)))]
    copies = altered_copies(pictures, companions, tmp_path / "work", 1)
    by_kind = Counter((copy.table, copy.kind) for copy in copies)
    assert by_kind.pop(("random", PAIR)) == 8
    assert set(by_kind.values()) == {2}
    assert len(by_kind) == 62
    assert len({copy.path for copy in copies}) == len(copies)
    stamps = {copy.path: copy.path.stat().st_mtime_ns for copy in copies}
    assert altered_copies(pictures, companions, tmp_path / "work", 1) == copies
    assert stamps == {copy.path: copy.path.stat().st_mtime_ns for copy in copies}


def test_no_photograph_has_two_parts() -> None:
    pictures = [Picture(f"{package}{i}", package, Path("x")) for package in "ab" for i in range(50)]
    parts = shared_out(pictures, 10, [])
    assert [len(part) for part in (parts.known, parts.companions, parts.unrelated)] == [10, 8, 82]
    assert {p.name for part in (parts.known, parts.companions, parts.unrelated) for p in part} == {
        p.name for p in pictures
    }
    assert Counter(p.package for p in parts.known) == {"a": 5, "b": 5}
    others = [Picture("other", "c", Path("x"))]
    parts = shared_out(pictures, 10, others)
    assert (len(parts.known), parts.companions, len(parts.unrelated)) == (10, others, 90)


def test_no_package_is_for_choosing_constants_and_for_evaluation() -> None:
    training = {source.package for source in SOURCES if source.training}
    assert training
    assert training.isdisjoint(source.package for source in SOURCES if not source.training)


def textured(seed: int) -> Image.Image:
    """Details in every block: smooth pictures go together by chance."""
    spots = np.random.default_rng(seed).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    return Image.fromarray(spots).resize((320, 240), Image.Resampling.BICUBIC)


def test_pixels_tell_one_picture_from_two() -> None:
    whole, other = textured(1), textured(2)
    itself = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    assert share_of_same_blocks(whole, whole, itself) == 1
    part = whole.crop((32, 24, 288, 216)).resize((512, 384))
    assert share_of_same_blocks(part, whole, (0.8, 0, 0.1, 0, 0.8, 0.1)) >= SAME_SHARE
    assert share_of_same_blocks(part, whole, itself) < 0.3
    mirrored = whole.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert share_of_same_blocks(mirrored, whole, (-1, 0, 1, 0, 1, 0)) >= SAME_SHARE
    negative = Image.fromarray(255 - np.asarray(whole))
    assert share_of_same_blocks(negative, whole, itself) == 1
    assert share_of_same_blocks(other, whole, itself) < 0.3
    # Two pictures in one frame: the frame goes together, and it alone.
    framed = whole.copy()
    framed.paste(other.resize((200, 150)), (60, 45))
    assert 0.2 < share_of_same_blocks(framed, whole, itself) < SAME_SHARE
    assert share_of_same_blocks(whole, whole, (0, 0, 0, 0, 0, 0)) == 0


def test_one_picture_by_its_files(tmp_path: Path) -> None:
    first, second = saved(tmp_path, "a", textured(1)), saved(tmp_path, "b", textured(2))
    assert is_one_picture(first, first, (1, 0, 0, 0, 1, 0))
    assert not is_one_picture(first, second, (1, 0, 0, 0, 1, 0))


def test_near_pairs_are_all_pairs_by_definition() -> None:
    generator = np.random.default_rng(3)
    references = generator.integers(0, 256, (40, 32), dtype=np.uint8)
    queries = generator.integers(0, 256, (30, 3, 32), dtype=np.uint8)
    queries[4, 1] = references[7]
    queries[4, 2] = references[7] ^ np.uint8(1)
    queries[9, 0, :20] = references[11, :20]
    distances = np.bitwise_count(queries[:, :, None] ^ references[None, None]).sum(axis=3, dtype=int).min(axis=1)
    pairs = near_pairs(queries, references, libmatch.Context(threads=1), 110)
    found = dict(zip(zip(pairs.query.tolist(), pairs.reference.tolist()), pairs.distance.tolist()))
    expected = {(q, r): int(distances[q, r]) for q, r in np.argwhere(distances <= 110).tolist()}
    assert found == expected
    assert found[4, 7] == 0
    assert len(pairs) == len(found)


def test_a_pair_counts_once_whichever_is_the_query() -> None:
    pairs = Pairs(np.array([0, 3, 1, 2, 2]), np.array([3, 0, 1, 0, 3]), np.array([9, 7, 0, 5, 60]))
    once = unordered(pairs, 4)
    assert list(zip(once.query.tolist(), once.reference.tolist(), once.distance.tolist())) == [
        (0, 2, 5),
        (0, 3, 7),
        (2, 3, 60),
    ]


def test_one_picture_twice_is_told_from_two_that_are_near(tmp_path: Path) -> None:
    first = saved(tmp_path, "first", picture(1259))
    smaller = saved(tmp_path, "smaller", picture(1259).resize((200, 150)))
    turned = saved(tmp_path, "turned", picture(1259).transpose(Image.Transpose.ROTATE_90))
    other = saved(tmp_path, "other", picture(1111))
    assert same_detail(first, smaller) > 0.8
    assert same_detail(first, turned) > 0.8
    assert same_detail(first, other) < SAME_DETAIL
    flat = saved(tmp_path, "flat", Image.new("RGB", (64, 64), "red"))
    assert same_detail(flat, first) == 0

    images = [
        Unrelated(first, "icons", "house"),
        Unrelated(other, "icons", "tree"),
        Unrelated(smaller, "tiles", "x"),
        Unrelated(flat, "icons", "tree"),
        Unrelated(smaller, "templates", "y", "template 1"),
        Unrelated(turned, "templates", "z", "template 1"),
    ]
    assert one_picture(images[1], images[3])  # called alike
    assert not one_picture(images[4], images[5])  # the frame is what they share
    near = Pairs(np.array([0, 0, 1, 4]), np.array([1, 2, 3, 5]), np.array([20, 0, 90, 3]))
    assert without_duplicates(images, near).tolist() == [True, True, False, False, True, True]


def test_related_images_are_told_by_where_they_come_from() -> None:
    assert series_of("clips", "folder-open_02") == series_of("clips", "Folder3") == "clips: folder"
    assert series_of("clips", "a_tree") == "clips: tree"
    assert series_of("icons", "tree") == "icons: tree"
    assert series_of("clips", "07") == ""
    images = [
        Unrelated(Path("a"), "icons", "a", series="clips: tree"),
        Unrelated(Path("b"), "icons", "b", series="clips: tree"),
        Unrelated(Path("c"), "icons", "c"),
        Unrelated(Path("d"), "templates", "d", "template 1", "clips: tree"),
        Unrelated(Path("e"), "templates", "e", "template 1"),
        Unrelated(Path("f"), "icons", "f"),
    ]
    relations = Relations(images, before=1)
    first, second = (np.array(rows) for rows in zip((1, 2), (1, 3), (3, 6), (1, 4), (4, 5), (0, 0), (0, 1)))
    assert relations.of(first, second).tolist() == [SERIES, NONE, NONE, SERIES, CLUSTER, NONE, NONE]
    assert relations.partners(np.array([1])) == {NONE: 4, SERIES: 2, CLUSTER: 0}
    assert relations.partners(np.array([4, 0])) == {NONE: 3 + 6, SERIES: 2, CLUSTER: 1}


def test_pairs_that_were_looked_at_are_named_once_and_with_a_reason() -> None:
    rows = [line.split("\t") for line in SHARED_PARTS.read_text(encoding="utf-8").splitlines()]
    assert rows[0] == ["first", "second", "reason"]
    assert all(len(row) == 3 and all(row) for row in rows)
    assert len({frozenset(row[:2]) for row in rows}) == len(rows)
    assert all(row[0] < row[1] for row in rows)
    first, second, _ = rows[1]
    assert shares_part(Path("/any/robustness") / second, Path("/other/robustness") / first)
    assert not shares_part(Path("/any/robustness") / first, Path("/any/robustness") / first)


def test_codes_are_kept_until_a_file_changes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    context = libmatch.Context(threads=1)
    paths = [saved(tmp_path, f"p{seed}", picture(seed)) for seed in (1, 2)]
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no image")
    first = codes_of([*paths, broken], tmp_path, context, "standard")
    assert "3 of 3" in capsys.readouterr().out
    expected = libmatch.hash_files(paths, orientations="sampled")
    assert np.array_equal(first.codes[:2, :8], expected.codes)
    assert np.array_equal(first.codes[:2, 8:], expected.codes)  # no border: the same again
    assert first.quality.tolist() == [[int(quality), 0] for quality in [*expected.quality, 0]]
    again = codes_of([broken, *paths], tmp_path, context, "standard")
    assert capsys.readouterr().out == ""
    assert np.array_equal(again.codes[1:], first.codes[:2])
    saved(tmp_path, "p2", picture(9, 100, 100))
    changed = codes_of(paths, tmp_path, context, "standard")
    assert "1 of 1" in capsys.readouterr().out
    assert np.array_equal(changed.codes[0], first.codes[0])
    assert not np.array_equal(changed.codes[1], first.codes[1])
    plain = codes_of(paths, tmp_path, context, "fast")
    assert np.array_equal(plain.codes[:, 0], changed.codes[:, 0])


def test_what_a_border_frames_has_codes_of_its_own(tmp_path: Path) -> None:
    framed = canvas.framed(picture(1259), 0.2, 0.2, 0.2, 0.2, (0, 0, 0))
    path = saved(tmp_path, "framed", framed)
    codes = codes_of([path], tmp_path, libmatch.Context(threads=1), "standard")
    inside = libmatch.hash_files([saved(tmp_path, "inside", picture(1259))], orientations="sampled")
    assert codes.codes.shape == (1, 16, 32)
    assert (codes.quality[0] >= 50).all()
    assert np.bitwise_count(codes.codes[0, 8:] ^ inside.codes[0]).sum(axis=1, dtype=int).max() <= 31
    assert np.bitwise_count(codes.codes[0, 0] ^ inside.codes[0, 0]).sum(dtype=int) > 31


def test_charts_are_well_formed_and_show_what_they_are_given() -> None:
    lines = [Series("a < b", [(1e-6, 0.25), (1e-2, 1.0)], {1: "64"})]
    chart = ElementTree.fromstring(line_chart("A & B", Axis("x", 1e-6, 1e-2, logarithmic=True), Axis("y", 0, 1), lines))
    texts = [element.text for element in chart.iter() if element.tag.endswith("text")]
    assert {"A & B", "a < b", "64", "1e-6", "1e-2"} <= set(texts)
    (line,) = [element for element in chart.iter() if element.tag.endswith("polyline")]
    points = [tuple(map(float, point.split(","))) for point in line.attrib["points"].split()]
    assert points == [(70.0, 287.0), (740.0, 44.0)]
    bars = ElementTree.fromstring(bar_chart("t", [("row", [Bar(0.5, 0.4, 0.6)])], ["s"]))
    widths = [float(e.attrib["width"]) for e in bars.iter() if e.tag.endswith("rect") and "x" in e.attrib]
    assert widths[-1] == 245.0  # half of the scale of 490


def test_a_quick_run_measures_and_writes(tmp_path: Path) -> None:
    try:
        image_paths(TOOLS.parent / ".cache")
    except PackageError as error:
        pytest.skip(str(error))
    page, alarms = tmp_path / "robustness.md", tmp_path / "alarms.tsv"
    program = str(TOOLS / "measure_robustness.py")
    command = [sys.executable, program, "--quick", "--processes", "1", "--thorough", "20", "--page", str(page)]
    command += ["--alarms", str(alarms)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    text = page.read_text(encoding="utf-8")
    assert "./dev robustness --quick" in text
    titles = [kind.title for kind in KINDS] + [kind.title for kind in FIXED_KINDS]
    assert all(f"| {title} |" in text for title in titles)
    for chart in ("recall", "false_alarms", "distances", "copies"):
        ElementTree.parse(tmp_path / "robustness" / f"{chart}.svg")
    numbers = json.loads((TOOLS.parent / "build" / "robustness_quick" / "results.json").read_text(encoding="utf-8"))
    standard = numbers["tiers"]["standard"]
    assert standard["recall"]["fixed"]["jpeg_80"]["31"] == [4, 4]
    assert standard["recall"]["fixed"]["mirror"]["31"] == [4, 4]
    assert numbers["tiers"]["fast"]["recall"]["fixed"]["mirror"]["31"] == [0, 4]
    assert standard["false_alarms"]["copies"]["pairs"] > 10_000
    assert standard["recall"]["fixed"]["border_8"]["31"] == [4, 4]
    thorough = numbers["thorough"]
    assert thorough["wrong"]["unrelated images"]["queries"] == 20
    assert thorough["wrong"]["unrelated images"]["pairs"] > 0
    lines = alarms.read_text(encoding="utf-8").splitlines()
    assert lines[0].split("\t")[:3] == ["group", "judged", "verdict"]
    assert len(lines) == 1 + sum(wrong[judged] for wrong in thorough["wrong"].values() for judged in JUDGED)
    assert thorough["review"]["recall"]["fixed: crop_centre_20"] == [4, 4]
    assert thorough["match"]["mean_recall"] > standard["mean_recall"]["64"]
