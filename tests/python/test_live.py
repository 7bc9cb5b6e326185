"""Live indexes as a user of the module makes, changes and searches them."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Callable

import libmatch
import numpy as np
import numpy.typing as npt
import pytest

from synthetic import synthetic_image

Codes = npt.NDArray[np.uint8]


@pytest.fixture
def live(tmp_path: Path) -> Path:
    """An empty live index."""
    path = tmp_path / "live"
    libmatch.create_live(path)
    return path


def test_entries_name_their_list(live: Path, random_codes: Callable[..., Codes]) -> None:
    codes = random_codes(3)
    index = libmatch.Index.open(live)
    assert (index.hash, index.bits, len(index), index.lists()) == ("pdq256", 256, 0, [])
    with libmatch.Writer(live) as writer:
        change = writer.add(
            "first", codes, ids=[7, 8, 9], labels=["a", None, "c"], list_ids=["x", "y", ""], times=[5, -1, 6]
        )
        assert (change.added, change.unchanged) == (3, 0)
        assert writer.add("first", codes[:1], ids=[7], labels=["a"], list_ids=["x"], times=[5]).unchanged == 1
        index.refresh()
        matches = index.search_range(codes, max_distance=0)
        assert matches.ids.tolist() == [7, 8, 9]
        assert matches.version == 1
        assert matches.entries[0] == libmatch.Entry(
            "pdq256", 256, codes[0].tobytes(), 7, "a", "first", "x", 5, "known", False, None, "", ""
        )
        assert (matches.entries[1].time, matches.entries[1].label) == (None, "")
        assert index.lists() == [libmatch.ListInfo("first", "known", "pdq256", 256, 3, 0, "")]
        assert [entry.id for entry in index.entries()] == [7, 8, 9]

        change = writer.withdraw(list="first", list_id="x", reason="a mistake")
        assert change.withdrawn == 1
        index.refresh()
        assert index.search_range(codes, max_distance=0).ids.tolist() == [8, 9]
        [entry] = index.entries(withdrawn=True)
        assert (entry.id, entry.code, entry.withdrawn, entry.withdrawn_by, entry.reason) == (
            7,
            None,
            True,
            "operator",
            "a mistake",
        )
        assert entry.withdrawn_at is not None
        assert writer.add("first", codes[:1], list_ids=["x"]).superseded == 1
        assert writer.withdraw(code=codes[2].tobytes()).withdrawn == 1
        assert writer.withdraw(list="first", whole_list=True).withdrawn == 1
        writer.compact()
    index.refresh()
    assert len(index) == 0
    assert index.lists()[0].withdrawn == 3
    libmatch.verify_live(live)


def test_what_an_ordinary_index_cannot(live: Path, tmp_path: Path, random_codes: Callable[..., Codes]) -> None:
    index = libmatch.Index.open(live)
    with pytest.raises(NotImplementedError, match="changed by its writer"):
        index.add(random_codes(1))
    plain = libmatch.Index()
    for call in (plain.refresh, plain.lists, plain.entries):
        with pytest.raises(NotImplementedError, match="no live one"):
            call()
    plain.add(random_codes(1))
    matches = plain.search_range(random_codes(1), max_distance=0)
    assert matches.version == 0
    with pytest.raises(NotImplementedError, match="no live one"):
        _ = matches.entries
    with pytest.raises(OSError, match="nothing"):
        libmatch.Index.open(tmp_path / "nothing")
    with pytest.raises(OSError, match="manifest"):
        libmatch.Index.open(tmp_path)
    with pytest.raises(OSError, match="there is a store already"):
        libmatch.create_live(live)
    index.save(tmp_path / "frozen")
    assert len(libmatch.Index.load(tmp_path / "frozen")) == 0


def test_one_index_holds_several_kinds(live: Path) -> None:
    vectors = np.random.default_rng(2).integers(0, 256, (4, 144), dtype=np.uint8)
    with libmatch.Writer(live) as writer:
        writer.add("photodna", vectors, hash="vector8")
        assert libmatch.Index.open(live).hash == "vector8"
        writer.add("pdq", np.zeros((1, 32), np.uint8) + 3)
        writer.add("digests", np.zeros((2, 16), np.uint8) + np.arange(2, dtype=np.uint8)[:, None], hash="md5")
    index = libmatch.Index.open(live)
    assert (index.hash, len(index), index.digest_counts["md5"]) == ("pdq256", 1, 2)
    index = libmatch.Index.open(live, hash="vector8", bits=1152)
    assert index.search_knn(vectors[:1], k=1).distances.tolist() == [[0]]
    assert index.find_digests("md5", np.zeros((1, 16), np.uint8)).entries[0].list == "digests"
    with pytest.raises(ValueError, match="many widths"):
        libmatch.Index.open(live, hash="vector8")


def is_mapped(folder: Path) -> bool:
    return f"{folder}/segment-" in Path("/proc/self/maps").read_text()


def test_residence_says_where_the_entries_are(live: Path, random_codes: Callable[..., Codes]) -> None:
    codes = random_codes(3)
    with libmatch.Writer(live) as writer:
        writer.add("list", codes)
        writer.compact()
    assert not is_mapped(live)
    mapped = libmatch.Index.open(live, residence="mapped")
    time.sleep(0.5)
    assert is_mapped(live)
    assert mapped.search_range(codes, max_distance=0).ids.tolist() == [0, 1, 2]
    del mapped
    index = libmatch.Index.open(live)
    end = time.monotonic() + 30
    # Each look takes the newest state, and lets go of the one before.
    while len(index) == 3 and is_mapped(live) and time.monotonic() < end:
        time.sleep(0.01)
    assert not is_mapped(live)
    assert index.search_range(codes, max_distance=0).ids.tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match='residence is "disk"'):
        libmatch.Index.open(live, residence="disk")  # type: ignore[arg-type]


def test_lists_are_imported_from_files_and_from_memory(live: Path, tmp_path: Path) -> None:
    page = tmp_path / "list.csv"
    page.write_text(f"kind,code,id,label\nmd5,{'0' * 31}1,1,one\nsha1,{'0' * 39}2,2,two\n")
    calls: list[tuple[int, int]] = []
    with libmatch.Writer(live) as writer:
        change = writer.import_list(page, list="files", progress=lambda done, total: calls.append((done, total)))
        assert (change.added, change.format, change.records, change.complete) == (2, "csv", 2, True)
        assert calls[-1] == (page.stat().st_size, page.stat().st_size)
        assert writer.import_pages([page.read_bytes()], list="files").unchanged == 2
        with pytest.raises(ValueError, match="page 2: line 1, field code"):
            writer.import_pages([page.read_bytes(), b"abc"], list="memory")
        assert writer.import_pages([b"Hash\n" + b"0" * 31 + b"1\n"], list="columns", columns="md5=Hash").added == 1
        assert writer.import_list([page], list="files", whole=True).withdrawn == 0
        with pytest.raises(ValueError, match="role"):
            writer.set_role("files", "unknown")  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="zero character"):
            writer.withdraw(list_id="a\0b")
        with pytest.raises(ValueError, match="says neither"):
            writer.withdraw(list="files")
        with pytest.raises(OSError, match="another process writes"):
            libmatch.Writer(live)
    with pytest.raises(ValueError, match="closed"):
        writer.compact()
    libmatch.Writer(live, durability="deferred").close()


def test_verdicts_name_lists_and_roles(live: Path, folder: Path) -> None:
    picture = folder / "picture.png"
    codes = libmatch.hash_images([synthetic_image(1259, 200, 300)])[0]
    index = libmatch.Index.open(live)
    matcher = libmatch.Matcher(index)
    with libmatch.Writer(live) as writer:
        writer.add("known", codes, ids=[3], labels=["label"], list_ids=["own id"])
        index.refresh()
        verdicts = matcher.match_files([picture])
        assert verdicts.verdicts == ["match"]
        assert (verdicts.origins.lists, verdicts.origins.list_ids, verdicts.origins.version) == (
            ["known"],
            ["own id"],
            1,
        )
        match = verdicts.uploads[0].matches[0]
        assert (match.list, match.list_id, match.time, match.role, match.overruled) == (
            "known",
            "own id",
            None,
            "known",
            False,
        )
        digest = libmatch.digest_files([picture], "sha256").codes
        writer.add("harmless", digest, hash="sha256")
        writer.set_role("harmless", "harmless")
        index.refresh()
        upload = matcher.match_files([picture]).uploads[0]
        assert upload.verdict == "no_match"
        assert [(m.list, m.role, m.overruled) for m in upload.matches] == [
            ("harmless", "harmless", False),
            ("known", "known", True),
        ]
        assert "list harmless overrules" in upload.reason


def test_readers_and_a_writer_at_once(live: Path, random_codes: Callable[..., Codes]) -> None:
    codes = random_codes(200)
    index = libmatch.Index.open(live)
    stop = threading.Event()
    failures: list[str] = []

    def search() -> None:
        while not stop.is_set():
            ids = index.search_range(codes, max_distance=0).ids.tolist()
            if ids != list(range(len(ids))):
                failures.append(f"{ids}")

    readers = [threading.Thread(target=search) for _ in range(2)]
    for reader in readers:
        reader.start()
    with libmatch.Writer(live, durability="deferred") as writer:
        for i in range(0, 200, 10):
            writer.add("list", codes[i : i + 10], ids=range(i, i + 10))
    index.refresh()
    stop.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert len(index) == 200


def test_keys(tmp_path: Path) -> None:
    key = bytes(range(32))
    path = tmp_path / "live"
    (tmp_path / "key").write_text(key.hex())
    libmatch.create_live(path, key=key)
    with libmatch.Writer(path, key=tmp_path / "key") as writer:
        writer.add("list", np.zeros((1, 32), np.uint8) + 7, labels=["label"])
    assert len(libmatch.Index.open(path, key=key)) == 1
    for wrong in (None, bytes(32)):
        with pytest.raises(ValueError, match="key"):
            libmatch.Index.open(path, key=wrong)
    with pytest.raises(ValueError, match="expected 32"):
        libmatch.Index.open(path, key=b"short")
    libmatch.verify_live(path, key=key)
