"""libmatch hash."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from conftest import TIMEOUT_S, Command, picture, rows, save

ORIENTATIONS = ["plain", "rotate90", "rotate180", "rotate270", "flip_x", "flip_y", "flip_plus1", "flip_minus1"]


def test_a_line_a_file(libmatch: Command, known: Path) -> None:
    result = libmatch("hash", known / "a.png", "known/b.png")
    (a_code, a_quality, a_path), (b_code, _, b_path) = rows(result)
    assert re.fullmatch(r"[0-9a-f]{64}", a_code)
    assert re.fullmatch(r"[0-9a-f]{64}", b_code)
    assert a_code != b_code
    assert 50 <= int(a_quality) <= 100
    assert (a_path, b_path) == (str(known / "a.png"), "known/b.png")
    assert result.stderr == ""


def test_a_gradient_has_no_quality(libmatch: Command, tmp_path: Path) -> None:
    save(Image.new("RGB", (200, 200), (128, 128, 128)), tmp_path / "grey.png")
    assert rows(libmatch("hash", "grey.png"))[0][1] == "0"


def test_folders_are_walked_in_bytewise_order_of_the_paths(libmatch: Command, tmp_path: Path) -> None:
    names = ["Z", "a-b", "a.b", "a/1", "a/b/c", "a/b0", "a0", "b", "\u00e9"]
    for name in reversed(names):
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    for folder in ["tree", "tree/", str(tmp_path / "tree")]:
        prefix = folder.rstrip("/") + "/"
        listed = [row[2] for row in rows(libmatch("hash", "--hash", "md5", folder))]
        assert listed == [prefix + name for name in names]


def test_arguments_keep_their_order(libmatch: Command, known: Path) -> None:
    listed = [row[2] for row in rows(libmatch("hash", "known/z.png", "known/sub", "known/a.png"))]
    assert listed == ["known/z.png", "known/sub/c.png", "known/a.png"]


def test_links_to_files_are_read_and_links_to_folders_end_the_walk(
    libmatch: Command, known: Path, tmp_path: Path
) -> None:
    (known / "loop").symlink_to(known)
    (known / "linked.png").symlink_to(known / "a.png")
    os.mkfifo(known / "pipe")
    listed = [row[2] for row in rows(libmatch("hash", "known"))]
    assert listed == ["known/a.png", "known/b.png", "known/linked.png", "known/sub/c.png", "known/z.png"]
    (tmp_path / "given").symlink_to(known / "sub")
    assert [row[2] for row in rows(libmatch("hash", "given"))] == ["given/c.png"]


def test_a_dash_reads_paths_from_standard_input(libmatch: Command, known: Path) -> None:
    listed = [row[2] for row in rows(libmatch("hash", "known/z.png", "-", stdin="known/b.png\n\nknown/sub"))]
    assert listed == ["known/z.png", "known/b.png", "known/sub/c.png"]
    assert libmatch("hash", "-").stdout == ""


def test_what_is_not_scanned_has_dashes_a_reason_and_exit_code_3(libmatch: Command, known: Path) -> None:
    (known / "notes.txt").write_text("no image")
    (known / "short.png").write_bytes((known / "a.png").read_bytes()[:1000])
    result = libmatch("hash", "known", "known/missing.png", code=3)
    by_path = {row[2]: row[:2] for row in rows(result)}
    assert by_path["known/notes.txt"] == ["-", "-"]
    assert by_path["known/short.png"] == ["-", "-"]
    assert by_path["known/missing.png"] == ["-", "-"]
    assert by_path["known/b.png"][0] != "-"
    messages = result.stderr.splitlines()
    assert len(messages) == 3
    assert messages[0].startswith("libmatch: known/notes.txt: ")
    assert messages[1].startswith("libmatch: known/short.png: ")
    assert re.fullmatch(r"libmatch: known/missing.png: .*No such file or directory", messages[2])


def test_json(libmatch: Command, known: Path) -> None:
    (known / "notes.txt").write_text("no image")
    plain = {row[2]: row for row in rows(libmatch("hash", "known", code=3))}
    objects = [json.loads(line) for line in libmatch("hash", "--json", "known", code=3).stdout.splitlines()]
    assert [list(o) for o in objects] == [["path", "hash", "code", "quality", "scan", "reason"]] * 5
    a, _, notes, _, _ = objects
    code, quality, path = plain["known/a.png"]
    assert a == {"path": path, "hash": "pdq256", "code": code, "quality": int(quality), "scan": "ok", "reason": None}
    assert (notes["code"], notes["quality"], notes["scan"]) == (None, None, "unknown_format")
    assert notes["reason"]


@pytest.mark.parametrize("option", ["--orientations", "--sampled-orientations", "--true-orientations"])
def test_orientations_are_eight_lines_a_file(libmatch: Command, known: Path, option: str) -> None:
    (known / "notes.txt").write_text("no image")
    code, quality, _ = rows(libmatch("hash", "known/a.png"))[0]
    result = rows(libmatch("hash", option, "known/a.png", "known/notes.txt", code=3))
    assert [row[3] for row in result] == [*ORIENTATIONS, "-"]
    assert len({row[0] for row in result[:8]}) == 8
    assert {tuple(row[1:3]) for row in result[:8]} == {(quality, "known/a.png")}
    assert result[0][0] == code
    assert result[8] == ["-", "-", "known/notes.txt", "-"]

    lines = libmatch("hash", option, "--json", "known/a.png", "known/notes.txt", code=3).stdout.splitlines()
    a, notes = map(json.loads, lines)
    assert a["orientations"] == {row[3]: row[0] for row in result[:8]}
    assert a["code"] == code
    assert notes["orientations"] is None


def test_true_orientations_are_the_codes_of_the_turned_picture(libmatch: Command, tmp_path: Path) -> None:
    image = picture(5, 256, 256)
    turns = {
        "plain": None,
        "rotate90": Image.Transpose.ROTATE_90,
        "rotate180": Image.Transpose.ROTATE_180,
        "rotate270": Image.Transpose.ROTATE_270,
        "flip_x": Image.Transpose.FLIP_TOP_BOTTOM,
        "flip_y": Image.Transpose.FLIP_LEFT_RIGHT,
        "flip_plus1": Image.Transpose.TRANSPOSE,
        "flip_minus1": Image.Transpose.TRANSVERSE,
    }
    for name, turn in turns.items():
        save(image if turn is None else image.transpose(turn), tmp_path / "turned" / f"{name}.png")
    codes = {row[2]: row[0] for row in rows(libmatch("hash", "turned"))}
    for row in rows(libmatch("hash", "--true-orientations", "turned/plain.png")):
        assert row[0] == codes[f"turned/{row[3]}.png"], row[3]


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256"])
def test_digests_are_of_any_file_and_have_no_quality(libmatch: Command, tmp_path: Path, name: str) -> None:
    contents = {"empty": b"", "notes.txt": b"no image", "large": bytes(range(256)) * 4096}
    for path, content in contents.items():
        (tmp_path / path).write_bytes(content)
    expected = [[hashlib.new(name, content).hexdigest(), "-", path] for path, content in contents.items()]
    assert rows(libmatch("hash", "--hash", name, *contents)) == expected
    first = json.loads(libmatch("hash", "--hash", name, "--json", "empty").stdout)
    assert (first["hash"], first["code"], first["quality"]) == (name, expected[0][0], None)


@pytest.mark.parametrize(
    ("name", "shown", "in_json"),
    [
        (b"tab\tname", r"tab\tname", "tab\tname"),
        (b"new\nline\r", r"new\nline\r", "new\nline\r"),
        (b"back\\slash", r"back\\slash", "back\\slash"),
        ("caf\u00e9 \u20ac \U0001f600".encode(), "caf\u00e9 \u20ac \U0001f600", "caf\u00e9 \u20ac \U0001f600"),
        (b"\xff\xfe", r"\xff\xfe", r"\xff\xfe"),
        (b"half \xe2\x82 euro\t", r"half \xe2\x82 euro\t", r"half \xe2\x82 euro\t"),
        (b"surrogate \xed\xa0\x80", r"surrogate \xed\xa0\x80", r"surrogate \xed\xa0\x80"),
        (b"\x1b[31mred\x7f", r"\x1b[31mred\x7f", "\x1b[31mred\x7f"),
        (b"c1 \xc2\x9b", r"c1 \xc2\x9b", "c1 \u009b"),
        (b'quote"', 'quote"', 'quote"'),
    ],
)
def test_names_are_escaped(libmatch: Command, tmp_path: Path, name: bytes, shown: str, in_json: str) -> None:
    folder = tmp_path / "names"
    folder.mkdir()
    with open(os.path.join(os.fsencode(folder), name), "wb") as file:
        file.write(b"no image")
    assert rows(libmatch("hash", "--hash", "md5", "names"))[0][2] == f"names/{shown}"
    assert json.loads(libmatch("hash", "--hash", "md5", "--json", "names").stdout)["path"] == f"names/{in_json}"
    result = libmatch("hash", "names", code=3)
    assert result.stderr.startswith(f"libmatch: names/{shown}: ")
    assert len(result.stderr.splitlines()) == 1


def test_a_name_that_is_not_utf8_has_its_bytes_in_json(libmatch: Command, tmp_path: Path) -> None:
    folder = tmp_path / "names"
    folder.mkdir()
    for name in [b"a\xff", rb"a\xff"]:
        with open(os.path.join(os.fsencode(folder), name), "wb") as file:
            file.write(b"no image")
    answers = list(map(json.loads, libmatch("hash", "--hash", "md5", "--json", "names").stdout.splitlines()))
    assert [(a["path"], a.get("path_bytes")) for a in answers] == [
        (r"names/a\xff", None),
        (r"names/a\xff", b"names/a\xff".hex()),
    ]
    assert [row[2] for row in rows(libmatch("hash", "--hash", "md5", "names"))] == [
        r"names/a\\xff",
        r"names/a\xff",
    ]


@pytest.mark.parametrize("options", [[], ["--hash", "sha256"]], ids=["image", "digest"])
def test_what_may_have_no_end_is_not_scanned(libmatch: Command, tmp_path: Path, options: list[str]) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in ["pipe", "/dev/zero"]:
        result = libmatch("hash", *options, path, code=3)
        assert rows(result) == [["-", "-", path]]
        assert result.stderr == f"libmatch: {path}: not a regular file\n"


def test_an_empty_folder_is_pointed_out(libmatch: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = libmatch("hash", "empty")
    assert result.stdout == ""
    assert result.stderr == "libmatch: there are no files\n"


def test_more_files_than_one_batch(libmatch: Command, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for i in range(2500):
        (folder / f"{i:04}").write_text(str(i))
    result = rows(libmatch("hash", "--hash", "sha1", "many"))
    assert result == [[hashlib.sha1(str(i).encode()).hexdigest(), "-", f"many/{i:04}"] for i in range(2500)]


def test_whoever_stops_reading_ends_it_quietly(libmatch_path: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    paths = "file\n" * 100000
    with subprocess.Popen(
        [libmatch_path, "hash", "--hash", "md5", "-"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        try:
            process.stdin.write(paths)
            process.stdin.close()
        except BrokenPipeError:
            pass
        assert process.wait(TIMEOUT_S) == -signal.SIGPIPE
        assert process.stderr.read() == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a file that is always full")
def test_output_that_cannot_be_written_is_a_failure(libmatch_path: str, known: Path) -> None:
    with open("/dev/full", "w") as full:
        result = subprocess.run(
            [libmatch_path, "hash", known], stdout=full, stderr=subprocess.PIPE, text=True, timeout=TIMEOUT_S
        )
    assert result.returncode == 1
    assert result.stderr == "libmatch: cannot write to standard output: No space left on device\n"


def test_an_interrupt_ends_it_as_the_signal_does(libmatch_path: str, known: Path, tmp_path: Path) -> None:
    for verb in [["hash", "-"], ["index", "build", "new.index", "-"]]:
        with subprocess.Popen(
            [libmatch_path, *verb],
            cwd=tmp_path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdin
            process.stdin.write("known/a.png\n" * 3)
            process.stdin.flush()
            process.send_signal(signal.SIGINT)
            process.stdin.write("known/b.png\n")
            _, messages = process.communicate(timeout=TIMEOUT_S)
            assert process.returncode == -signal.SIGINT
            assert messages == ""
    assert not (tmp_path / "new.index").exists()
    assert [path for path in tmp_path.iterdir() if path.name.startswith("new.index")] == []
