"""The examples of README.md, each run as it stands there; and the runner itself, on a page that holds its traps."""
import os
import sys
from pathlib import Path

import pytest

from run_readme_examples import Runner, examples, whole_program, write_samples

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PAGE = Path(__file__).with_name("page.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """One folder for all examples of a page: what one writes the next may read."""
    prefix = os.environ.get("LIBMATCH_PREFIX")
    if prefix is None:
        pytest.skip("LIBMATCH_PREFIX names no installed library")
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder)
    return Runner(folder, Path(prefix), [Path(sys.executable).parent])


@pytest.mark.parametrize("example", examples(README.read_text(encoding="utf-8")),
                         ids=lambda example: f"line_{example.line}_{example.language}")
def test_readme(example, runner) -> None:
    if example.skip:
        pytest.skip(example.skip)
    print(runner.run(example))


def test_blocks_are_found() -> None:
    found = [(example.language, example.skip, example.arguments) for example in examples(PAGE)]
    assert found == [
        ("sh", "", ()),
        ("c", "", ()),
        ("cpp", "", ("one", "two words")),
        ("python", "", ()),
        ("sh", "it would end the world", ()),
        ("sh", "", ()),
        ("python", "", ()),
    ]


def test_a_snippet_becomes_a_program() -> None:
    assert whole_program(examples(PAGE)[1]) == '#include <stdio.h>\nint main(void) {\nputs("from C");\nreturn 0;\n}\n'


def test_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Passing blocks give their output and failing ones fail, without any library: pkg-config is a stand-in."""
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "pkg-config").write_text("#!/bin/sh\n", encoding="utf-8")
    (tools / "pkg-config").chmod(0o755)
    folder = tmp_path / "samples"
    folder.mkdir()
    write_samples(folder)
    run = Runner(folder, tmp_path, []).run
    shell, c, cpp, python, _, failing_shell, failing_python = examples(PAGE)
    assert run(shell) == "4 known\n"
    assert run(c) == "from C\n"
    assert run(cpp) == "two words\n"
    assert run(python) == "written by the first block\n"
    for failing in failing_shell, failing_python:
        with pytest.raises(RuntimeError, match="exited with 1"):
            run(failing)


def test_samples_are_png(tmp_path: Path) -> None:
    write_samples(tmp_path)
    for path in tmp_path.rglob("*.png"):
        assert path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert len(list(tmp_path.rglob("*.png"))) == 9
