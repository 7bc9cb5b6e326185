"""Help, versions, backends, options that stand with every verb, and usage errors."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from conftest import TIMEOUT_S, Command, rows

VERBS = [
    ["hash"],
    ["index"],
    ["index", "build"],
    ["index", "add"],
    ["index", "remove"],
    ["index", "info"],
    ["index", "verify"],
    ["index", "create"],
    ["index", "import"],
    ["index", "sync"],
    ["index", "withdraw"],
    ["index", "role"],
    ["index", "compact"],
    ["index", "export"],
    ["search"],
    ["match"],
    ["duplicates"],
    ["backends"],
]


def test_help_names_every_verb(libmatch: Command) -> None:
    text = libmatch("--help").stdout
    for verb in ["hash", "index", "search", "match", "duplicates", "backends"]:
        assert re.search(rf"^  {verb} ", text, re.MULTILINE)


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_every_verb_has_help(libmatch: Command, verb: list[str]) -> None:
    result = libmatch(*verb, "--help")
    assert "Usage" in result.stdout
    assert result.stderr == ""


def test_version(libmatch: Command) -> None:
    assert re.fullmatch(r"libmatch \d+\.\d+\.\d+\n", libmatch("--version").stdout)


def test_backends_end_with_scalar(libmatch: Command) -> None:
    names = libmatch("backends").stdout.splitlines()
    assert names[-1] == "scalar"
    assert len(set(names)) == len(names)


def test_every_backend_gives_the_same_output(libmatch: Command, known: Path) -> None:
    expected = libmatch("hash", "known").stdout
    for name in libmatch("backends").stdout.splitlines():
        assert libmatch("hash", "--backend", name, "known").stdout == expected
        assert libmatch("--backend", name, "--threads", 1, "hash", "known").stdout == expected
        assert libmatch("hash", "known", env={"LM_BACKEND": name}).stdout == expected


def test_unknown_backend_is_named(libmatch: Command, known: Path) -> None:
    for result in [
        libmatch("hash", "--backend", "abacus", "known", code=1),
        libmatch("hash", "known", env={"LM_BACKEND": "abacus"}, code=1),
        libmatch("index", "verify", "none", env={"LM_BACKEND": "abacus"}, code=1),
        libmatch("index", "info", "none", "--backend", "abacus", code=1),
    ]:
        assert result.stdout == ""
        assert result.stderr.startswith("libmatch: ")
        assert "abacus" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["sing"],
        ["index"],
        ["index", "sing"],
        ["hash"],
        ["hash", "--sing", "x"],
        ["hash", "--hash", "crc32", "x"],
        ["hash", "--orientations", "--true-orientations", "x"],
        ["hash", "--hash", "md5", "--orientations", "x"],
        ["hash", "--threads", "-1", "x"],
        ["hash", "--threads", "many", "x"],
        ["index", "build"],
        ["index", "build", "i"],
        ["index", "build", "i", "x", "--codes", "y"],
        ["index", "add", "i"],
        ["index", "remove", "i"],
        ["index", "remove", "i", "-1"],
        ["index", "remove", "i", "one"],
        ["index", "remove", "i", "1", "--ids", "y"],
        ["index", "info"],
        ["index", "verify"],
        ["search", "i"],
        ["search", "--codes", "y"],
        ["search", "i", "--codes", "y", "-k", "0"],
        ["search", "i", "--codes", "y", "-k", "1", "--max-distance", "1"],
        ["search", "i", "--codes", "y", "--max-distance", "66585601"],
        ["match", "i"],
        ["match", "i", "x", "--max-distance", "-1"],
        ["match", "i", "x", "--max-distance", "257"],
        ["match", "i", "x", "--min-quality", "101"],
        ["duplicates"],
        ["duplicates", "x", "--max-distance", "257"],
        ["duplicates", "x", "--min-quality", "101"],
    ],
    ids=" ".join,
)
def test_usage_errors(libmatch: Command, arguments: list[str]) -> None:
    result = libmatch(*arguments, code=2)
    assert result.stdout == ""
    assert result.stderr != ""


@pytest.mark.parametrize("number", ["0x1f", "3_1", "31 ", "+31", "", "3.1e1", "18446744073709551617"])
def test_numbers_are_decimal_digits(libmatch: Command, number: str) -> None:
    for arguments in [
        ["hash", "--threads", number, "x"],
        ["index", "remove", "i", number],
        ["search", "i", "--codes", "y", "-k", number],
        ["search", "i", "--codes", "y", "--max-distance", number],
        ["match", "i", "x", "--max-distance", number],
        ["match", "i", "x", "--min-quality", number],
    ]:
        result = libmatch(*arguments, code=2)
        assert "no number from " in result.stderr
        assert result.stdout == ""


def test_leading_zeros_mean_nothing(libmatch: Command, index: Path) -> None:
    assert libmatch("match", "--threads", "01", "--max-distance", "00", index, "known").stdout
    assert libmatch("match", "--max-distance", "0256", index, "known").stdout
    libmatch("match", "--max-distance", "0400", index, "known", code=2)


def test_backends_are_listed_whatever_was_asked_for(libmatch: Command) -> None:
    expected = libmatch("backends").stdout
    assert libmatch("backends", env={"LM_BACKEND": "abacus"}).stdout == expected


def test_a_failure_of_standard_input_is_not_its_end(libmatch_path: str, index: Path) -> None:
    for redirection, reason in [("</", "Is a directory"), ("<&-", "Bad file descriptor")]:
        for verb in ["hash -", f"match '{index}' -", "index build new.index -"]:
            result = subprocess.run(
                ["bash", "-c", f"'{libmatch_path}' {verb} {redirection}"],
                capture_output=True,
                text=True,
                cwd=index.parent,
                timeout=TIMEOUT_S,
            )
            assert (result.returncode, result.stdout) == (1, "")
            assert result.stderr == f"libmatch: standard input: cannot be read: {reason}\n"


def test_a_file_may_be_named_like_a_verb(libmatch: Command, known: Path, tmp_path: Path) -> None:
    for name in ["match", "index", "hash", "build"]:
        (known / "a.png").rename(tmp_path / name)
        assert rows(libmatch("hash", name))[0][2] == name
        libmatch("index", "build", "i", name)
        (tmp_path / name).rename(known / "a.png")


def test_a_file_may_begin_with_a_dash(libmatch: Command, known: Path, tmp_path: Path) -> None:
    (known / "a.png").rename(tmp_path / "-k")
    assert rows(libmatch("hash", "--", "-k"))[0][2] == "-k"
