"""Live indexes: a folder that lists are imported to while others search it."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from conftest import CODE_A, CODE_B, Command

HEADER = "kind,code,id,label\n"
KEY = "00112233445566778899aabbccddeeff" * 2


def told(libmatch: Command, *arguments: str) -> dict[str, object]:
    """What `index info` says of the folder `live`."""
    answer = json.loads(libmatch("index", "info", "live", "--json", *arguments).stdout)
    assert isinstance(answer, dict)
    return answer


def row_values(libmatch: Command, *arguments: str) -> dict[str, str]:
    """Rows of a verb, as a dictionary."""
    return dict(line.split("\t") for line in libmatch(*arguments).stdout.splitlines())


@pytest.fixture
def live(libmatch: Command, tmp_path: Path) -> Path:
    """A live index of two codes and a digest."""
    libmatch("index", "create", "live")
    (tmp_path / "known.csv").write_text(
        f"{HEADER}pdq256,{CODE_A},1,one\npdq256,{CODE_B},2,two\nmd5,{hashlib.md5(b'x').hexdigest()},3,three\n"
    )
    assert row_values(libmatch, "index", "import", "live", "known.csv") == {
        "added": "3",
        "changed": "0",
        "unchanged": "0",
        "superseded": "0",
        "withdrawn": "0",
        "unknown": "0",
        "degenerate": "0",
        "left_out": "0",
        "list": "known",
        "format": "csv",
    }
    return tmp_path / "live"


def test_info_counts_by_list_and_kind(libmatch: Command, live: Path) -> None:
    info = told(libmatch)
    assert (info["entries"], info["withdrawn"], info["version"], info["next_id"]) == (3, 0, 1, 4)
    assert info["kinds"] == {"pdq256": {"entries": 2, "withdrawn": 0}, "md5": {"entries": 1, "withdrawn": 0}}
    assert info["lists"] == {
        "known": {"role": "known", "checkpoint": None, "entries": 3, "withdrawn": 0, "kinds": info["kinds"]}
    }
    lines = libmatch("index", "info", "live").stdout.splitlines()
    assert "entries\t3" in lines
    assert "kind\tpdq256\t2\t0\t-" in lines
    assert "list\tknown\t3\t0\tknown" in lines
    assert libmatch("index", "verify", "live").stdout == "ok\tlive\n"


def test_importing_again_changes_nothing(libmatch: Command, live: Path) -> None:
    again = json.loads(libmatch("index", "import", "live", "known.csv", "--json").stdout)
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, 3)
    assert told(libmatch)["entries"] == 3


def test_a_withdrawn_entry_is_out_of_every_answer(libmatch: Command, live: Path, tmp_path: Path) -> None:
    (tmp_path / "query.csv").write_text(f"{HEADER}pdq256,{CODE_A},,\n")
    found = json.loads(libmatch("search", "live", "--codes", "query.csv", "--json").stdout)["matches"]
    assert [(m["id"], m["label"], m["list"], m["role"]) for m in found] == [(1, "one", "known", "known")]
    libmatch("index", "withdraw", "live", "--id", "1", code=2)  # a reason has to be given
    result = libmatch("index", "withdraw", "live", "--id", "1", "--reason", "a statue, not a child", "--by", "ann")
    assert result.stdout == "withdrawn\t1\n"
    assert libmatch("search", "live", "--codes", "query.csv").stdout == ""
    info = told(libmatch)
    assert (info["entries"], info["withdrawn"]) == (2, 1)
    libmatch("index", "export", "live", "log.csv", "--withdrawn")
    log = (tmp_path / "log.csv").read_text().splitlines()
    assert log[0] == "kind,code,id,label,list_id,time,list,withdrawn_at,withdrawn_by,reason"
    assert log[1].startswith("pdq256,,1,one,,,known,20")
    assert log[1].endswith('Z,ann,"a statue, not a child"')
    again = json.loads(libmatch("index", "import", "live", "known.csv", "--json").stdout)
    assert (again["added"], again["superseded"]) == (0, 1)
    assert libmatch("search", "live", "--codes", "query.csv").stdout == ""
    libmatch("index", "compact", "live")
    assert libmatch("search", "live", "--codes", "query.csv").stdout == ""
    assert (told(libmatch)["entries"], told(libmatch)["withdrawn"]) == (2, 1)


def test_a_failing_import_leaves_the_index_as_it_was(libmatch: Command, live: Path, tmp_path: Path) -> None:
    before = told(libmatch)
    (tmp_path / "bad.csv").write_text(f"{HEADER}pdq256,{CODE_B[::-1]},9,nine\npdq256,{CODE_A[:-1]},10,ten\n")
    result = libmatch("index", "import", "live", "bad.csv", code=1)
    assert "bad.csv: line 3, field code: 63 digits where pdq256 has 64" in result.stderr
    assert CODE_A[:-1] not in result.stderr
    (tmp_path / "bad.json").write_text('{"value": [{"MediaID": "1", "MD5": "xyz"}]}')
    result = libmatch("index", "import", "live", "bad.json", code=1)
    assert "bad.json: line 1, field value[0].MD5: 3 digits where md5 has 32" in result.stderr
    libmatch("index", "import", "live", "missing.csv", code=1)
    assert told(libmatch) == before


def stopncii(path: Path, records: list[tuple[str, int, str]], checkpoint: int, more: bool = False) -> None:
    page = {
        "count": len(records),
        "nextSetTimestamp": checkpoint,
        "hasMoreRecords": more,
        "hashRecords": [
            {"lastModtimestamp": time, "signalType": "ImagePDQ", "hashValue": code, "hashStatus": status}
            for code, time, status in records
        ],
    }
    path.write_text(json.dumps(page))


def test_synchronisation(libmatch: Command, live: Path, tmp_path: Path) -> None:
    stopncii(tmp_path / "1.json", [(CODE_A, 100, "Active"), (CODE_B, 110, "Active")], 200, more=True)
    stopncii(tmp_path / "2.json", [(CODE_A, 150, "Withdrawn")], 200)
    sync = ("index", "sync", "live", "--list", "stopncii", "--json")
    assert json.loads(libmatch(*sync).stdout) == {"checkpoint": None}
    half = json.loads(libmatch(*sync, "1.json").stdout)
    assert (half["added"], half["complete"], half["checkpoint"]) == (2, False, None)
    done = json.loads(libmatch(*sync, "1.json", "2.json").stdout)
    assert (done["unchanged"], done["withdrawn"], done["complete"], done["checkpoint"]) == (2, 1, True, "200")
    assert json.loads(libmatch(*sync).stdout) == {"checkpoint": "200"}
    before = told(libmatch)["lists"]
    libmatch("index", "export", "live", "before.csv", "--list", "stopncii")
    for _ in range(2):
        again = json.loads(libmatch(*sync, "1.json", "2.json").stdout)
        assert (again["added"], again["changed"], again["withdrawn"]) == (0, 0, 0)
        assert told(libmatch)["lists"] == before
        libmatch("index", "export", "live", "after.csv", "--list", "stopncii")
        assert (tmp_path / "after.csv").read_bytes() == (tmp_path / "before.csv").read_bytes()
    libmatch("index", "sync", "live", "1.json", code=2)  # a synchronisation names its list


def test_withdrawals_of_a_list_of_another_name_are_told(libmatch: Command, live: Path, tmp_path: Path) -> None:
    stopncii(tmp_path / "day2.json", [(CODE_A, 150, "Withdrawn")], 200)
    result = libmatch("index", "import", "live", "day2.json")
    assert "1 withdrawals fit no entry of the list day2" in result.stderr


def test_a_list_that_comes_as_a_whole(libmatch: Command, live: Path, tmp_path: Path) -> None:
    (tmp_path / "today.csv").write_text(f"{HEADER}pdq256,{CODE_B},2,two\n")
    done = json.loads(libmatch("index", "import", "live", "today.csv", "--list", "known", "--whole", "--json").stdout)
    assert (done["withdrawn"], done["unchanged"]) == (2, 1)
    (tmp_path / "empty.csv").write_text(HEADER)
    libmatch("index", "import", "live", "empty.csv", "--list", "known", "--whole", code=1)
    assert told(libmatch)["entries"] == 1


def test_export_and_import_are_the_same_list(libmatch: Command, live: Path, tmp_path: Path) -> None:
    assert libmatch("index", "export", "live", "all.csv").stdout == "exported\t3\n"
    assert (tmp_path / "all.csv").read_text().splitlines()[0] == "kind,code,id,label,list_id,time,list"
    libmatch("index", "export", "live", "out.csv", "--list", "known")
    libmatch("index", "create", "copy")
    libmatch("index", "import", "copy", "out.csv", "--list", "known")
    libmatch("index", "export", "copy", "again.csv", "--list", "known")
    assert sorted((tmp_path / "out.csv").read_text()) == sorted((tmp_path / "again.csv").read_text())
    assert libmatch("index", "export", "live", "frozen", "--format", "index").stdout == "exported\t3\n"
    assert json.loads(libmatch("index", "info", "frozen", "--json").stdout)["codes"] == 2
    libmatch("index", "export", "live", "x.csv", "--list", "none of this name", code=1)
    assert not (tmp_path / "x.csv").exists()
    assert not (tmp_path / "x.csv.part").exists()


def test_matching_while_the_folder_is_changed(libmatch: Command, known: Path, tmp_path: Path) -> None:
    picture = known / "a.png"
    libmatch("index", "create", "live")
    code = libmatch("hash", picture).stdout.split("\t")[0]
    (tmp_path / "list.csv").write_text(f"{HEADER}pdq256,{code},5,a picture\n")
    libmatch("index", "import", "live", "list.csv")
    verdict = json.loads(libmatch("match", "live", picture, "--json").stdout)
    assert (verdict["verdict"], verdict["id"], verdict["version"]) == ("match", 5, 1)
    match = verdict["matches"][0]
    assert (match["list"], match["role"], match["overruled"]) == ("list", "known", False)
    assert libmatch("match", "live", picture).stdout.rstrip("\n").split("\t")[-1] == "list"
    digest = hashlib.sha256(picture.read_bytes()).hexdigest()
    (tmp_path / "harmless.csv").write_text(f"{HEADER}sha256,{digest},6,\n")
    libmatch("index", "import", "live", "harmless.csv", "--role", "harmless")
    verdict = json.loads(libmatch("match", "live", picture, "--json").stdout)
    assert verdict["verdict"] == "no_match"
    assert "list harmless overrules: harmless" in verdict["reason"]
    assert [(m["list"], m["overruled"]) for m in verdict["matches"]] == [("harmless", False), ("list", True)]
    libmatch("index", "role", "live", "harmless", "known")
    verdict = json.loads(libmatch("match", "live", picture, "--json").stdout)
    assert (verdict["verdict"], verdict["matches"][0]["list"]) == ("match", "harmless")


def test_one_writer_many_readers(libmatch: Command, libmatch_path: str, live: Path, tmp_path: Path) -> None:
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    writer = subprocess.Popen(
        [libmatch_path, "index", "import", "live", "pipe", "--list", "slow"], cwd=tmp_path, stdout=subprocess.DEVNULL
    )
    with fifo.open("w") as pipe:
        pipe.write(HEADER)
        pipe.flush()
        result = libmatch("index", "withdraw", "live", "--id", "1", "--reason", "r", code=1)
        assert "libmatch: " in result.stderr
        assert told(libmatch)["entries"] == 3
        pipe.write(f"pdq256,{CODE_A},77,late\n")
    assert writer.wait(60) == 0
    assert told(libmatch)["entries"] == 4


def test_an_import_that_is_killed_leaves_nothing_behind(
    libmatch: Command, libmatch_path: str, live: Path, tmp_path: Path
) -> None:
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    writer = subprocess.Popen([libmatch_path, "index", "import", "live", "pipe", "--list", "slow"], cwd=tmp_path)
    with fifo.open("w") as pipe:
        pipe.write(HEADER)
        for i in range(20000):
            pipe.write(f"md5,{i:032x},{i},label {i}\n")
        pipe.flush()
        time.sleep(0.2)
        writer.send_signal(signal.SIGKILL)
        assert writer.wait(60) == -signal.SIGKILL
    assert told(libmatch)["entries"] == 3
    libmatch("index", "verify", "live")
    libmatch("index", "import", "live", "known.csv")


def test_encryption(libmatch: Command, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY + "\n")
    (tmp_path / "other").write_text(KEY[::-1])
    (tmp_path / "no-key").write_text("a password")
    (tmp_path / "known.csv").write_text(f"{HEADER}pdq256,{CODE_A},1,a secret label\n")
    libmatch("index", "create", "live", "--key", "key")
    libmatch("index", "import", "live", "known.csv", "--key", "key")
    assert told(libmatch, "--key", "key")["entries"] == 1
    for path in (tmp_path / "live").iterdir():
        content = path.read_bytes()
        assert b"a secret label" not in content
        assert bytes.fromhex(CODE_A) not in content
    for arguments in ((), ("--key", "other"), ("--key", "no-key")):
        result = libmatch("index", "info", "live", *arguments, code=1)
        assert "key" in result.stderr
        assert KEY not in result.stderr
        assert "a password" not in result.stderr
    found = libmatch("search", "live", "--codes", "known.csv", "--key", "key").stdout
    assert found == "a secret label\t0\t1\ta secret label\n"
    libmatch("index", "verify", "live", "--key", "key")


def test_what_is_no_live_index_is_an_error(libmatch: Command, live: Path, tmp_path: Path) -> None:
    libmatch("index", "create", "live", code=1)
    (tmp_path / "empty").mkdir()
    for verb in (("import", "empty", "known.csv"), ("compact", "empty"), ("info", "empty"), ("verify", "empty")):
        libmatch("index", *verb, code=1)
    assert list((tmp_path / "empty").iterdir()) == []
    for verb in (("add", "live", "--codes", "known.csv"), ("remove", "live", "1")):
        result = libmatch("index", *verb, code=1)
        assert "a live index, which `libmatch index import`, `sync` and `withdraw` change" in result.stderr
    libmatch("index", "build", "file", "--codes", "known.csv")
    libmatch("index", "import", "file", "known.csv", code=1)
    libmatch("index", "withdraw", "live", "--reason", "r", code=2)
    libmatch("index", "withdraw", "live", "--code", "md5:xyz", "--reason", "r", code=1)
    libmatch("index", "import", "live", "known.csv", "--as-of", "yesterday", code=1)
