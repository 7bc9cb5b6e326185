"""--isolate: files are decoded and hashed by worker processes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conftest import Command, command_path, picture, rows, save


@pytest.fixture
def misbehaving() -> dict[str, str]:
    """Name the worker whose decoder does what a file tells it to."""
    worker = Path(command_path()).parents[2] / "tests/support/libmatch_misbehaving_worker"
    if not worker.is_file():
        pytest.skip("the command does not lie in a build tree with tests: no worker that misbehaves")
    return {"LM_WORKER": str(worker)}


def test_every_verb_answers_as_it_does_without(libmatch: Command, known: Path, tmp_path: Path) -> None:
    (known / "broken.png").write_bytes((known / "a.png").read_bytes()[:200])
    for arguments in (["hash", "known"], ["duplicates", "known"], ["index", "build", "known.index", "known"],
                      ["match", "known.index", "known"], ["index", "add", "known.index", "known"]):
        here = libmatch(*arguments, code=3)
        isolated = libmatch(*arguments, "--isolate", code=3)
        assert isolated.stdout == here.stdout
        assert isolated.stderr == here.stderr


def test_a_decoder_that_crashes_costs_one_verdict(
    libmatch: Command, index: Path, tmp_path: Path, misbehaving: dict[str, str]
) -> None:
    for number in range(4):
        save(picture(number), tmp_path / "uploads" / f"{number}.png")
    (tmp_path / "uploads" / "2crash.jpg").write_text("misbehave: segfault")
    result = libmatch("match", "--isolate", index, "uploads", env=misbehaving, code=3)
    assert [row[1] for row in rows(result)] == ["match", "match", "match", "not_scanned", "match"]
    assert rows(result)[3][5].startswith("the decoder died (")


@pytest.fixture
def plugins() -> Path:
    folder = os.environ.get("LIBMATCH_PLUGINS")
    if folder is None:
        pytest.skip("LIBMATCH_PLUGINS names no folder of plug-ins: ./dev test sets it")
    return Path(folder)


def test_a_plug_in_answers_as_it_does_without(libmatch: Command, known: Path, plugins: Path) -> None:
    hasher = ["--hasher", plugins / "average_colour.so"]
    save(picture(0).resize((3, 3)), known / "tiny.png")
    for arguments in (["hash", "known"], ["index", "build", "known.index", "known"], ["match", "known.index", "known"],
                      ["index", "add", "known.index", "known"]):
        here = libmatch(*arguments, *hasher, code=3)
        isolated = libmatch(*arguments, *hasher, "--isolate", code=3)
        assert (isolated.stdout, isolated.stderr) == (here.stdout, here.stderr)
        assert here.stdout


def test_a_plug_in_that_crashes_costs_one_verdict(
    libmatch: Command, known: Path, tmp_path: Path, plugins: Path
) -> None:
    """Fatal.so does on an image 20 wide; the code of others is their first pixel's value."""
    hasher = ["--isolate", "--hasher", plugins / "fatal.so"]
    libmatch("index", "build", *hasher, "known.index", "known")
    for number in range(4):
        save(picture(number), tmp_path / "uploads" / f"{number}.png")
    save(picture(4).resize((20, 10)), tmp_path / "uploads" / "2x.png")
    result = libmatch("match", *hasher, "known.index", "uploads", code=3)
    assert [row[1] for row in rows(result)] == ["match", "match", "match", "not_scanned", "match"]
    assert rows(result)[3][5].startswith("the decoder or the hasher fatal died (")


def test_without_a_worker_nothing_is_scanned(libmatch: Command, known: Path) -> None:
    result = libmatch("hash", "--isolate", "known", env={"LM_WORKER": "/no/such/worker"}, code=1)
    assert result.stdout == ""
    assert "/no/such/worker is no program that can be started" in result.stderr


def test_a_list_has_nothing_to_isolate(libmatch: Command) -> None:
    libmatch("index", "build", "list.index", "--codes", "list.csv", "--isolate", code=2)
