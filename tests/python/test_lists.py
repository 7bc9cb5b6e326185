"""Lists of hashes as a user of the module reads, writes and adds them."""

import json
from pathlib import Path

import libmatch
import pytest

MD5 = "900150983cd24fb0d6963f7d28e17f72"
PDQ = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22"


def stopncii_page(path: Path, records: list[dict[str, object]], more: bool) -> Path:
    page = {"count": len(records), "nextSetTimestamp": 7, "hasMoreRecords": more, "hashRecords": records}
    path.write_text(json.dumps(page))
    return path


def test_pages_are_one_list(tmp_path: Path) -> None:
    record = {"lastModtimestamp": 5, "signalType": "ImagePDQ", "hashValue": PDQ, "hashStatus": "Active"}
    first = stopncii_page(tmp_path / "1.json", [record], more=True)
    second = stopncii_page(
        tmp_path / "2.json", [{**record, "lastModtimestamp": 6, "hashStatus": "Withdrawn"}], more=False
    )
    calls: list[tuple[int, int]] = []
    entries = libmatch.read_list([first, second], progress=lambda done, total: calls.append((done, total)))
    assert (entries.format, entries.checkpoint, entries.complete) == ("stopncii", "7", True)
    assert (len(entries), entries.withdrawals) == (2, 1)
    assert entries[0] == libmatch.ListEntry("pdq256", bytes.fromhex(PDQ), None, "Active", PDQ, 5, False)
    assert entries[-1].withdrawn
    assert calls[-1][0] == first.stat().st_size + second.stat().st_size
    with pytest.raises(IndexError, match="entry 2 of a list of 2"):
        entries[2]

    one = libmatch.read_list(first)
    assert not one.complete
    index = libmatch.Index()
    index.add_list(one)
    assert len(index) == 1
    taken_back = libmatch.Index()
    taken_back.add_list(entries)
    assert len(taken_back) == 0


def test_a_list_is_written_and_read_again(tmp_path: Path) -> None:
    source = tmp_path / "list.csv"
    source.write_text(f"kind,code,label,list_id,time\nmd5,{MD5},one,a,2020-01-02T03:04:05Z\n")
    entries = libmatch.read_list(str(source))
    for name in ("csv", "vics"):
        entries.write(tmp_path / name, format=name)
        again = libmatch.read_list(tmp_path / name)
        assert (again.format, list(again)) == (name, list(entries))
    with pytest.raises(NotImplementedError, match="entry 0: vPDQ has pdq256"):
        entries.write(tmp_path / "vpdq", format="vpdq")
    assert not (tmp_path / "vpdq").exists()


def test_columns_format_and_kind_can_be_given(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text(f"Number;Hash;Note\n1;{MD5};x\n")
    entries = libmatch.read_list(path, format="csv", columns="code=Hash,label=Note", kind="md5")
    assert entries[0].kind == "md5"
    assert entries[0].label == "x"
    path.write_bytes(bytes.fromhex(MD5) * 2)
    assert len(libmatch.read_list(path, format="raw", bits=64)) == 4


def test_what_cannot_be_understood_is_named(tmp_path: Path) -> None:
    path = tmp_path / "media.json"
    path.write_text('{"value":[\n{"MD5":"12"}]}')
    with pytest.raises(ValueError, match=r"media.json: line 2, field value\[0\].MD5: 2 digits where md5 has 32"):
        libmatch.read_list(path)
    with pytest.raises(ValueError, match="format: jpeg is not one of csv, text"):
        libmatch.read_list(path, format="jpeg")  # type: ignore[arg-type]
    with pytest.raises(OSError, match="nowhere"):
        libmatch.read_list(tmp_path / "nowhere")
