"""Help, versions, backends, options that stand with every verb, and usage errors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conftest import Command, rows

VERBS = [
    ["hash"],
    ["index"],
    ["index", "build"],
    ["index", "add"],
    ["index", "remove"],
    ["index", "info"],
    ["index", "verify"],
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
        ["search", "i", "--codes", "y", "--max-distance", "2049"],
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


def test_a_file_may_be_named_like_a_verb(libmatch: Command, known: Path, tmp_path: Path) -> None:
    for name in ["match", "index", "hash", "build"]:
        (known / "a.png").rename(tmp_path / name)
        assert rows(libmatch("hash", name))[0][2] == name
        libmatch("index", "build", "i", name)
        (tmp_path / name).rename(known / "a.png")


def test_a_file_may_begin_with_a_dash(libmatch: Command, known: Path, tmp_path: Path) -> None:
    (known / "a.png").rename(tmp_path / "-k")
    assert rows(libmatch("hash", "--", "-k"))[0][2] == "-k"
