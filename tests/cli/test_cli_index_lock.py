"""Changes of one index by several commands at the same time."""

from __future__ import annotations

import fcntl
import signal
import subprocess
import time
from pathlib import Path

import pytest

from conftest import CODE_A, CODE_B, TIMEOUT_S, Command, info


def test_changes_at_the_same_time_are_all_kept(libmatch_path: str, libmatch: Command, tmp_path: Path) -> None:
    (tmp_path / "first.csv").write_text(f"{CODE_A}\n")
    libmatch("index", "build", "i", "--codes", "first.csv")
    (tmp_path / "link").symlink_to("i")
    writers = []
    for number in range(12):
        (tmp_path / f"{number}.csv").write_text(f"code,id\n{CODE_B},{100 + number}\n")
        name = "link" if number % 2 else "i"
        writers.append(
            subprocess.Popen([libmatch_path, "index", "add", name, "--codes", f"{number}.csv"], cwd=tmp_path)
        )
    writers.append(subprocess.Popen([libmatch_path, "index", "remove", "i", "0"], cwd=tmp_path))
    assert [writer.wait(TIMEOUT_S) for writer in writers] == [0] * 13
    assert info(libmatch, "i")["codes"] == 12
    assert not list(tmp_path.glob("*.lock"))


@pytest.mark.parametrize("verb", ["build", "add", "remove"])
def test_a_change_waits_for_another_and_says_so(
    libmatch_path: str, libmatch: Command, known: Path, index: Path, tmp_path: Path, verb: str
) -> None:
    with open(tmp_path / "known.index.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        arguments = ["0"] if verb == "remove" else ["known"]
        waiting = subprocess.Popen(
            [libmatch_path, "index", verb, "known.index", *arguments],
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        assert waiting.stderr is not None
        assert waiting.stderr.readline() == "libmatch: known.index: another command is changing it; waiting\n"
        time.sleep(0.1)
        assert waiting.poll() is None
        assert info(libmatch, index)["codes"] == 4  # readers do not wait
    with waiting:
        assert waiting.wait(TIMEOUT_S) == 0
    assert not (tmp_path / "known.index.lock").exists()


def test_a_lock_that_a_crash_left_behind_holds_nobody_up(libmatch: Command, index: Path, tmp_path: Path) -> None:
    (tmp_path / "known.index.lock").touch()
    assert libmatch("index", "remove", "known.index", 0).stderr == ""
    assert not (tmp_path / "known.index.lock").exists()
    (tmp_path / "known.index.lock").symlink_to("elsewhere")
    result = libmatch("index", "remove", "known.index", 1, code=1)
    assert "known.index.lock: cannot be locked: " in result.stderr
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_paths_are_read_leaves_no_lock(libmatch_path: str, tmp_path: Path, ending: int) -> None:
    lock = tmp_path / "new.index.lock"
    with subprocess.Popen(
        [libmatch_path, "index", "build", "new.index", "-"], cwd=tmp_path, stdin=subprocess.PIPE
    ) as process:
        deadline = time.monotonic() + TIMEOUT_S
        while not lock.exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(ending)
        assert process.wait(TIMEOUT_S) == -ending
    assert not lock.exists()
