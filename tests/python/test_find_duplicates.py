from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "find_duplicates.py"
sys.path.insert(0, str(EXAMPLE.parent))

import find_duplicates  # noqa: E402


def test_groups_of_a_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "more").mkdir()
    (folder / "more" / "other.png").write_bytes((folder / "other.png").read_bytes())
    assert find_duplicates.main([str(folder)]) == 3
    captured = capsys.readouterr()
    assert captured.out == "group 1\n  grey.png\n  picture.png\ngroup 2\n  more/other.png\n  other.png\n"
    assert [line.split(": ")[1] for line in captured.err.splitlines()] == [
        str(folder / "broken.png"),
        str(folder / "notes.txt"),
    ]


def test_no_copies(tmp_path: Path, png: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "picture.png").write_bytes(png)
    assert find_duplicates.main([str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""


def test_an_empty_folder(tmp_path: Path) -> None:
    assert find_duplicates.main([str(tmp_path)]) == 0


def test_pairs_join_to_groups() -> None:
    codes = np.zeros((5, 32), dtype=np.uint8)
    codes[1, :4] = 255  # 32 bits from row 0, 16 from row 2
    codes[2, :2] = 255
    codes[3:, 8:] = 255
    assert find_duplicates.find_groups(codes, 16) == [[0, 1, 2], [3, 4]]
    assert find_duplicates.find_groups(codes, 15) == [[3, 4]]


def test_as_a_program(folder: Path) -> None:
    result = subprocess.run(
        [sys.executable, EXAMPLE, folder, "--max-distance", "256"], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout) == (3, "group 1\n  grey.png\n  other.png\n  picture.png\n")
