from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

import libmatch
import numpy as np
import numpy.typing as npt
import pytest

Codes = npt.NDArray[np.uint8]
MakeCodes = Callable[..., Codes]

# The fewest codes for which buckets are made unasked.
FEWEST_FOR_BUCKETS = 65536


def on_device() -> bool:
    """Layouts of the host are not searched there, and plans say "rows"."""
    return libmatch.Context().backend.startswith("cuda")


def filled(codes: Codes) -> libmatch.Index:
    index = libmatch.Index()
    index.add(codes)
    return index


def test_the_plan_of_an_empty_index() -> None:
    plan = libmatch.Index().plan(1, 31)
    assert isinstance(plan, libmatch.Plan)
    assert plan == ("none", 0.0, 0, 0, 0)


def test_a_short_list_gets_no_buckets(random_codes: MakeCodes) -> None:
    index = filled(random_codes(1000))
    index.prepare()
    plan = index.plan(n_queries=1, max_distance=31)
    assert plan.microseconds > 0
    assert (plan.codes, plan.planes_codes, plan.buckets_codes) == (1000, 0, 0)


def test_prepare_makes_what_pays(random_codes: MakeCodes) -> None:
    index = filled(random_codes(FEWEST_FOR_BUCKETS))
    before = index.memory_bytes
    slow = index.plan(1, 31)
    assert (slow.planes_codes, slow.buckets_codes) == (0, 0)
    assert slow.method in ("rows", "planes", "lookups")
    index.prepare()
    fast = index.plan(1, 31)
    assert (fast.planes_codes, fast.buckets_codes) == (FEWEST_FOR_BUCKETS, FEWEST_FOR_BUCKETS)
    if not on_device():
        assert fast.method in ("probes", "visits")
        assert fast.microseconds < slow.microseconds
    assert index.memory_bytes > before + 260 * FEWEST_FOR_BUCKETS


@pytest.mark.parametrize("planes", ["always", "never"])
@pytest.mark.parametrize("buckets", ["always", "never"])
def test_layouts_can_be_forced_and_forbidden(planes: Any, buckets: Any, random_codes: MakeCodes) -> None:
    index = filled(random_codes(5000))
    queries = random_codes(20, seed=2)
    expected = [array.tolist() for array in index.search_range(queries, max_distance=95)]
    index.set_layouts(planes=planes, buckets=buckets)
    index.prepare()
    plan = index.plan(20, 95)
    assert plan.planes_codes == (5000 if planes == "always" else 0)
    assert plan.buckets_codes == (5000 if buckets == "always" else 0)
    assert [array.tolist() for array in index.search_range(queries, max_distance=95)] == expected
    assert expected[1]


def test_layouts_stay_within_the_memory_given(random_codes: MakeCodes) -> None:
    index = filled(random_codes(5000))
    index.set_layouts(planes="always", buckets="always", max_memory_bytes=100000)
    index.prepare()
    plan = index.plan(1, 31)
    assert (plan.planes_codes, plan.buckets_codes) == (5000, 0)


def test_prepare_puts_removed_codes_away(random_codes: MakeCodes) -> None:
    index = filled(random_codes(100))
    index.remove([0, 50])
    assert index.plan(1, 31).codes == 100
    index.prepare()
    assert index.plan(1, 31).codes == 98
    assert len(index) == 98


@pytest.mark.parametrize("map", [False, True])
def test_a_saved_index_brings_its_layouts(map: bool, random_codes: MakeCodes, tmp_path: Path) -> None:
    codes = random_codes(FEWEST_FOR_BUCKETS)
    index = filled(codes)
    index.prepare()
    index.save(tmp_path / "known.index")
    opened = libmatch.Index.load(tmp_path / "known.index", map=map)
    assert opened.plan(7, 31) == index.plan(7, 31)
    assert opened.plan(7, 31).buckets_codes == FEWEST_FOR_BUCKETS
    assert opened.search_range(codes[5:12], max_distance=31).ids.tolist() == [5, 6, 7, 8, 9, 10, 11]


def test_wrong_arguments_are_named() -> None:
    index = libmatch.Index()
    with pytest.raises(ValueError, match="planes is 'often': expected 'automatic', 'always' or 'never'"):
        index.set_layouts(planes="often")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="buckets is '': expected 'automatic', 'always' or 'never'"):
        index.set_layouts(buckets="")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="max_memory_bytes is -1: expected 0 to"):
        index.set_layouts(max_memory_bytes=-1)
    with pytest.raises(TypeError):
        index.set_layouts("always")  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="n_queries is -1: expected 0 to"):
        index.plan(-1, 31)
    with pytest.raises(TypeError, match="max_distance is float: expected a whole number"):
        index.plan(1, 31.0)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="progress must be a callable"):
        index.prepare("loud")  # type: ignore[arg-type]
