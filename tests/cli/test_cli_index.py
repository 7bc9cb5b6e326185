"""libmatch index build, add, remove, info, verify."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from conftest import CODE_A, CODE_B, MD5, Command, counts, info, picture, rows, save


def entries(libmatch: Command, index: Path | str, folder: Path | str) -> list[tuple[str, str, str]]:
    """(path, id, label) of the exact match of every picture in a folder."""
    found = rows(libmatch("match", index, folder, "--max-distance", 0))
    return [(path, id_, label) for path, _, _, id_, label, _ in found]


def test_ids_count_from_0_in_bytewise_order_and_labels_are_relative(libmatch: Command, known: Path) -> None:
    result = libmatch("index", "build", "i", "known")
    assert result.stdout == counts(4)
    assert result.stderr == ""
    assert entries(libmatch, "i", "known") == [
        ("known/a.png", "0", "a.png"),
        ("known/b.png", "1", "b.png"),
        ("known/sub/c.png", "2", "sub/c.png"),
        ("known/z.png", "3", "z.png"),
    ]


def test_the_order_is_that_of_all_paths_and_a_file_s_label_is_its_name(
    libmatch: Command, known: Path, tmp_path: Path
) -> None:
    save(picture(10), tmp_path / "more" / "first.png")
    libmatch("index", "build", "i", "more/first.png", "known/z.png", "known", "known/sub/c.png")
    assert entries(libmatch, "i", "known") + entries(libmatch, "i", "more") == [
        ("known/a.png", "0", "a.png"),
        ("known/b.png", "1", "b.png"),
        ("known/sub/c.png", "2", "sub/c.png"),
        ("known/z.png", "3", "z.png"),
        ("more/first.png", "4", "first.png"),
    ]
    assert info(libmatch, "i")["codes"] == 5


def test_paths_may_come_from_standard_input(libmatch: Command, known: Path) -> None:
    libmatch("index", "build", "i", "-", stdin="known/sub\nknown/a.png\n")
    assert info(libmatch, "i")["codes"] == 2


def test_plain_references_are_left_out_and_reported(libmatch: Command, known: Path) -> None:
    save(Image.new("L", (200, 200), 77), known / "a0.png")
    result = libmatch("index", "build", "i", "known")
    assert result.stdout == counts(4, left_out=1)
    assert result.stderr == "libmatch: known/a0.png: left out: quality 0 is under 50\n"
    assert ("known/b.png", "1", "b.png") in entries(libmatch, "i", "known/b.png")


def test_references_that_cannot_be_scanned_are_reported(libmatch: Command, known: Path) -> None:
    (known / "a0.txt").write_text("no image")
    result = libmatch("index", "build", "i", "known", "missing", code=3)
    assert result.stdout == counts(4, not_scanned=2)
    a0, missing = result.stderr.splitlines()
    assert a0.startswith("libmatch: known/a0.txt: ")
    assert missing.startswith("libmatch: missing: ")
    assert entries(libmatch, "i", "known/b.png") == [("known/b.png", "1", "b.png")]


def test_an_index_of_nothing_is_refused(libmatch: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    save(Image.new("L", (200, 200), 77), tmp_path / "plain" / "grey.png")
    (tmp_path / "empty.csv").write_text("kind,code,id,label\n")
    for source in [["empty"], ["plain"], ["missing"], ["--codes", "empty.csv"]]:
        result = libmatch("index", "build", "i", *source, code=1)
        assert "an index that holds nothing would answer no_match to everything" in result.stderr
        assert result.stdout == ""
        assert not (tmp_path / "i").exists()


def test_building_replaces_an_index_but_no_other_file(libmatch: Command, known: Path, index: Path) -> None:
    libmatch("index", "build", index, "known/a.png")
    assert info(libmatch, index)["codes"] == 1
    photograph = (known / "a.png").read_bytes()
    result = libmatch("index", "build", "known/a.png", "known/b.png", code=1)
    assert result.stderr.startswith("libmatch: known/a.png: exists and is no index, so it is not replaced")
    assert (known / "a.png").read_bytes() == photograph


def test_labels_of_names_that_are_not_utf8_are_escaped(libmatch: Command, known: Path) -> None:
    (known / "a.png").rename(known / "\udcff\t.png")
    libmatch("index", "build", "i", "known")
    last = json.loads(libmatch("match", "--json", "i", "known").stdout.splitlines()[-1])
    assert last["path"] == r"known/\xff\t.png"
    assert last["label"] == r"\xff\t.png"


def test_a_list_makes_an_index(libmatch: Command, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(
        f"kind,code,id,label\npdq256,{CODE_A},70,first\n,{CODE_B},,\nmd5,{MD5},5,empty file\n"
    )
    assert libmatch("index", "build", "i", "--codes", "list.csv").stdout == counts(3)
    found = info(libmatch, "i")
    assert {key: found[key] for key in ["path", "hash", "bits", "profile", "codes", "md5", "sha1", "sha256"]} == {
        "path": "i",
        "hash": "pdq256",
        "bits": 256,
        "profile": None,
        "codes": 2,
        "md5": 1,
        "sha1": 0,
        "sha256": 0,
    }


@pytest.mark.parametrize("bits", [64, 128, 1024, 2048])
def test_a_list_of_another_width_makes_an_index_of_that_width(libmatch: Command, tmp_path: Path, bits: int) -> None:
    (tmp_path / "list.csv").write_text(f"kind,code\nmd5,{MD5}\n,{'a' * (bits // 4)}\n,{'b' * (bits // 4)}\n")
    libmatch("index", "build", "i", "--codes", "list.csv")
    found = info(libmatch, "i")
    assert (found["hash"], found["bits"], found["codes"], found["md5"]) == ("code", bits, 2, 1)


def test_a_list_of_two_widths_is_refused(libmatch: Command, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(f"{'a' * 16}\n{CODE_A}\n")
    result = libmatch("index", "build", "i", "--codes", "list.csv", code=1)
    assert "64 bits" in result.stderr
    assert "256 bits" in result.stderr
    assert not (tmp_path / "i").exists()


def test_a_bad_list_is_refused_with_line_and_field(libmatch: Command, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(f"code,id\n{CODE_A},1\n{CODE_B},one\n")
    result = libmatch("index", "build", "i", "--codes", "list.csv", code=1)
    assert result.stderr == "libmatch: list.csv: line 3, field id: no number from 0 to 9223372036854775807\n"
    assert not (tmp_path / "i").exists()
    result = libmatch("index", "build", "i", "--codes", "missing.csv", code=1)
    assert result.stderr == "libmatch: missing.csv: cannot open: No such file or directory\n"


def test_adding_goes_on_from_the_largest_id(libmatch: Command, known: Path, index: Path, tmp_path: Path) -> None:
    save(picture(20), tmp_path / "more" / "x.png")
    (tmp_path / "more" / "y.txt").write_text("no image")
    result = libmatch("index", "add", index, "more", code=3)
    assert result.stdout == counts(1, not_scanned=1)
    assert entries(libmatch, index, "more/x.png") == [("more/x.png", "4", "x.png")]
    assert entries(libmatch, index, "known/z.png") == [("known/z.png", "3", "z.png")]


def test_adding_a_list(libmatch: Command, known: Path, index: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(f"kind,code,id,label\npdq256,{CODE_A},9,nine\nmd5,{MD5},,\n")
    assert libmatch("index", "add", index, "--codes", "list.csv").stdout == counts(2)
    assert libmatch("search", index, "--codes", "list.csv").stdout == f"nine\t0\t9\tnine\n{MD5}\t0\t10\t-\n"


def test_adding_what_the_index_cannot_hold_changes_nothing(
    libmatch: Command, known: Path, index: Path, tmp_path: Path
) -> None:
    before = index.read_bytes()
    (tmp_path / "narrow.csv").write_text(f"{'a' * 16}\n")
    assert "64 bits" in libmatch("index", "add", index, "--codes", "narrow.csv", code=1).stderr
    (tmp_path / "empty").mkdir()
    assert libmatch("index", "add", index, "empty").stdout == counts(0)
    assert index.read_bytes() == before

    libmatch("index", "build", "narrow.index", "--codes", "narrow.csv")
    result = libmatch("index", "add", "narrow.index", "known", code=1)
    assert result.stderr == (
        "libmatch: narrow.index: holds code of 64 bits; images would be hashed to pdq256 of 256 bits\n"
    )


def test_adding_to_what_is_not_there(libmatch: Command, known: Path, tmp_path: Path) -> None:
    assert "No such file" in libmatch("index", "add", "missing.index", "known", code=1).stderr
    assert not (tmp_path / "missing.index").exists()


def test_removing(libmatch: Command, known: Path, index: Path, tmp_path: Path) -> None:
    assert libmatch("index", "remove", index, 0, 2, 99).stdout == "removed\t2\n"
    assert [id_ for _, id_, _ in entries(libmatch, index, "known")] == ["-", "1", "-", "3"]
    assert libmatch("index", "remove", index, 0).stdout == "removed\t0\n"
    (tmp_path / "ids").write_text("1\n\n99\r\n")
    assert libmatch("index", "remove", index, "--ids", "ids").stdout == "removed\t1\n"
    assert info(libmatch, index)["codes"] == 1
    result = libmatch("index", "remove", index, 3)
    assert result.stdout == "removed\t1\n"
    assert result.stderr.endswith("known.index: holds nothing any more\n")


def test_removing_takes_codes_and_digests_of_an_id(libmatch: Command, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(f"kind,code,id\npdq256,{CODE_A},1\nmd5,{MD5},1\npdq256,{CODE_B},2\n")
    libmatch("index", "build", "i", "--codes", "list.csv")
    assert libmatch("index", "remove", "i", 1).stdout == "removed\t2\n"
    assert (info(libmatch, "i")["codes"], info(libmatch, "i")["md5"]) == (1, 0)


def test_ids_are_decimal(libmatch: Command, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(f"code,id\n{CODE_A},8\n{CODE_B},10\n")
    libmatch("index", "build", "i", "--codes", "list.csv")
    assert libmatch("index", "remove", "i", "010").stdout == "removed\t1\n"
    (tmp_path / "ids").write_text("08\n")
    assert libmatch("search", "i", "--codes", "list.csv").stdout.split("\t")[2] == "8"
    assert libmatch("index", "remove", "i", "--ids", "ids").stdout == "removed\t1\n"


@pytest.mark.parametrize("line", ["-0", "0x1", "one", "-1", "1.5", "1 2", "9223372036854775808"])
def test_a_bad_file_of_ids_changes_nothing(libmatch: Command, index: Path, tmp_path: Path, line: str) -> None:
    before = index.read_bytes()
    (tmp_path / "ids").write_text(f"1\n{line}\n")
    result = libmatch("index", "remove", index, "--ids", "ids", code=1)
    assert result.stderr == "libmatch: ids: line 2: no number from 0 to 9223372036854775807\n"
    assert index.read_bytes() == before
    assert libmatch("index", "remove", index, "--ids", "missing", code=1).stderr.startswith("libmatch: missing: ")


def test_info_in_lines_says_what_it_says_in_json(libmatch: Command, index: Path) -> None:
    found = info(libmatch, "known.index")
    assert list(found) == [
        "path", "hash", "bits", "profile", "library_version", "codes", "md5", "sha1", "sha256", "bytes", "layout_bytes",
        "keypoint_sets", "keypoints",
    ]  # fmt: skip
    assert (found["path"], found["hash"], found["bits"], found["codes"]) == ("known.index", "pdq256", 256, 4)
    assert found["profile"]
    lines = "".join(f"{key}\t{value}\n" for key, value in found.items())
    assert libmatch("index", "info", "known.index").stdout == lines


def test_verify(libmatch: Command, index: Path) -> None:
    assert libmatch("index", "verify", "known.index").stdout == "ok\tknown.index\n"


def test_a_damaged_index_is_never_used(libmatch: Command, known: Path, index: Path, tmp_path: Path) -> None:
    whole = index.read_bytes()
    (tmp_path / "list.csv").write_text(CODE_A + "\n")
    for content in [
        whole[: len(whole) // 2],
        whole[:-1],
        b"",
        b"no index at all",
        bytes([whole[0] ^ 1]) + whole[1:],
        whole[: len(whole) // 2] + bytes([whole[len(whole) // 2] ^ 64]) + whole[len(whole) // 2 + 1 :],
    ]:
        index.write_bytes(content)
        for arguments in [
            ["index", "verify", index],
            ["index", "add", index, "known"],
            ["index", "remove", index, "1"],
            ["match", index, "known"],
            ["search", index, "--codes", "list.csv"],
        ]:
            result = libmatch(*arguments, code=1)
            assert result.stdout == ""
            assert result.stderr.startswith("libmatch: ")
            assert "known.index" in result.stderr
            assert index.read_bytes() == content


def test_a_missing_index_is_named(libmatch: Command, known: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(CODE_A + "\n")
    for arguments in [
        ["index", "verify", "missing.index"],
        ["index", "info", "missing.index"],
        ["match", "missing.index", "known"],
        ["search", "missing.index", "--codes", "list.csv"],
    ]:
        result = libmatch(*arguments, code=1)
        assert result.stderr.startswith("libmatch: missing.index: ")
        assert "No such file or directory" in result.stderr


def test_a_folder_that_cannot_be_written_is_a_failure(libmatch: Command, known: Path) -> None:
    result = libmatch("index", "build", "missing/i", "known", code=1)
    assert result.stderr == "libmatch: missing/i: cannot be written: No such file or directory\n"
