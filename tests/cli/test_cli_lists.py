"""Lists of codes: of what kind they are, and where they come from."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from conftest import CODE_A, CODE_B, MD5, TIMEOUT_S, Command, counts, info


def test_kinds_are_counted_and_can_be_given(libmatch: Command, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(f"{CODE_A}\n{CODE_B}\n")
    assert libmatch("index", "build", "i", "--codes", "list.csv").stderr == "libmatch: list.csv: 2 pdq256\n"
    result = libmatch("index", "add", "i", "--codes", "list.csv", "--kind", "sha256")
    assert (result.stdout, result.stderr) == (counts(2), "libmatch: list.csv: 2 sha256\n")
    assert (info(libmatch, "i")["codes"], info(libmatch, "i")["sha256"]) == (2, 2)
    found = libmatch("search", "i", "--codes", "list.csv", "--kind", "sha256").stdout
    assert found == f"{CODE_A}\t0\t2\t-\n{CODE_B}\t0\t3\t-\n"

    (tmp_path / "digests.csv").write_text(f"{MD5}\n")
    assert libmatch("index", "build", "j", "--codes", "digests.csv").stderr == (
        "libmatch: digests.csv: 1 code of 128 bits\n"
    )
    assert libmatch("index", "build", "j", "--codes", "digests.csv", "--kind", "md5").stderr == (
        "libmatch: digests.csv: 1 md5\n"
    )
    result = libmatch("index", "build", "j", "--codes", "digests.csv", "--kind", "sha1", code=1)
    assert result.stderr == "libmatch: digests.csv: line 1, field code: 32 digits where sha1 has 40\n"
    libmatch("index", "build", "j", "--codes", "digests.csv", "--kind", "crc", code=2)
    libmatch("index", "build", "j", ".", "--kind", "md5", code=2)


def test_a_list_may_come_through_a_pipe(libmatch_path: str, libmatch: Command, tmp_path: Path) -> None:
    for redirection in [f"<(echo {CODE_A})", f"/dev/stdin <<< {CODE_A}"]:
        subprocess.run(
            ["bash", "-c", f"'{libmatch_path}' index build i --codes {redirection}"],
            check=True,
            cwd=tmp_path,
            timeout=TIMEOUT_S,
        )
        assert info(libmatch, "i")["codes"] == 1
    subprocess.run(
        ["bash", "-c", f"'{libmatch_path}' index remove i --ids <(echo 0)"],
        check=True,
        cwd=tmp_path,
        timeout=TIMEOUT_S,
    )
    assert info(libmatch, "i")["codes"] == 0


VICS = '{"value":[{"MediaID":1,"Category":"2","MD5":"900150983cd24fb0d6963f7d28e17f72","AlternativeHashes":[%s]}]}'


def test_lists_of_other_formats_are_recognised_and_converted(libmatch: Command, tmp_path: Path) -> None:
    (tmp_path / "media.json").write_text(VICS % f'{{"HashName":"PDQ","HashValue":"{CODE_A}"}}')
    result = libmatch("index", "build", "i", "--codes", "media.json")
    assert (result.stdout, result.stderr) == (counts(2), "libmatch: media.json (vics): 1 pdq256, 1 md5\n")
    told = json.loads(libmatch("list", "info", "media.json", "--json").stdout)
    assert (told["format"], told["entries"], told["kinds"]) == ("vics", 2, {"md5": 1, "pdq256": 1})
    assert "entries\t2\n" in libmatch("list", "info", "media.json").stdout
    libmatch("list", "convert", "media.json", "--to", "csv", "--output", "media.csv")
    assert (tmp_path / "media.csv").read_text() == (
        "kind,code,id,label,list_id,time,withdrawn\n"
        "md5,900150983cd24fb0d6963f7d28e17f72,,2,1,,0\n"
        f"pdq256,{CODE_A},,2,1,,0\n"
    )
    result = libmatch("list", "convert", "media.csv", "--to", "vpdq", "--output", "frames", code=1)
    assert "entry 0: vPDQ has pdq256" in result.stderr
    assert not (tmp_path / "frames").exists()
    libmatch("list", "convert", "media.csv", "--to", "jpeg", "--output", "frames", code=1)
    (tmp_path / "media.json").write_text(VICS % '{"HashName":"PDQ","HashValue":"12"}')
    result = libmatch("list", "info", "media.json", code=1)
    assert result.stderr.startswith("libmatch: media.json: line 1, field value[0].AlternativeHashes[0]: 2 digits")


def test_columns_of_other_names(libmatch: Command, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(f"Number;Hash;Remark\n7;{CODE_A};a remark\n")
    libmatch("index", "build", "i", "--codes", "list.csv", "--columns", "id=Number,code=Hash,label=Remark")
    assert libmatch("search", "i", "--codes", "list.csv", "--columns", "code=Hash").stdout == (
        f"{CODE_A}\t0\t7\ta remark\n"
    )
