from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys

import libmatch
import pytest


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def test_version_has_three_numbers() -> None:
    assert len([int(part) for part in libmatch.version.split(".")]) == 3
    assert libmatch.__version__ == libmatch.version


def test_backends_end_with_the_one_that_always_runs() -> None:
    assert libmatch.backends()[-1] == "scalar"
    on_processor = [name for name in libmatch.backends() if not re.fullmatch(r"cuda:\d+", name)]
    assert set(on_processor) <= {"avx512", "avx512bw", "avx2", "neon", "scalar"}


@pytest.mark.parametrize("name", libmatch.backends())
def test_each_listed_backend_can_be_forced(name: str) -> None:
    assert libmatch.Context(name).backend == name


def test_auto_is_the_best_backend() -> None:
    assert libmatch.Context("auto").backend == libmatch.backends()[0]


def test_threads() -> None:
    assert libmatch.Context(threads=3).threads == 3
    assert libmatch.Context().threads >= 1
    assert repr(libmatch.Context("scalar", threads=2)) == "<libmatch.Context backend='scalar' threads=2>"


def test_unknown_backend_is_unsupported_and_named() -> None:
    with pytest.raises(NotImplementedError, match="abacus"):
        libmatch.Context("abacus")


@pytest.mark.parametrize(
    ("threads", "error"), [(0, ValueError), (-1, ValueError), ("2", TypeError), (1.5, TypeError)]
)
def test_wrong_threads_are_named(threads: object, error: type[Exception]) -> None:
    with pytest.raises(error, match="threads"):
        libmatch.Context(threads=threads)  # type: ignore[arg-type]


def test_threads_is_keyword_only() -> None:
    with pytest.raises(TypeError):
        libmatch.Context("scalar", 2)  # type: ignore[call-arg]


def test_the_environment_names_the_default_backend() -> None:
    code = "import libmatch; print(libmatch.Context().backend, libmatch.Context('auto').backend)"
    assert run_python(code, LM_BACKEND="scalar").stdout.split() == ["scalar", libmatch.backends()[0]]


def test_a_forced_backend_that_is_not_there_fails_every_call() -> None:
    code = """
import libmatch, numpy
for attempt in range(2):
    try:
        libmatch.hash_images([numpy.zeros((8, 8), numpy.uint8)])
    except NotImplementedError as error:
        print(error)
"""
    lines = run_python(code, LM_BACKEND="abacus").stdout.splitlines()
    assert len(lines) == 2
    assert all("abacus" in line for line in lines)


def test_a_wrong_context_is_named() -> None:
    with pytest.raises(TypeError, match="context is str"):
        libmatch.hash_files([], context="scalar")  # type: ignore[arg-type]


def test_every_public_name_has_a_docstring_and_a_signature() -> None:
    for name in libmatch.__all__:
        value = getattr(libmatch, name)
        if not isinstance(value, str):
            assert value.__doc__, name
            # These two are made by functions alone.
            assert value in (libmatch.HashList, libmatch.Keypoints) or inspect.signature(value), name


def test_docstrings_tell_shapes() -> None:
    assert "uint8 [n, bits / 8]" in (libmatch.Index.add.__doc__ or "")
    assert "uint32 [n, m]" in (libmatch.distances.__doc__ or "")


@pytest.mark.parametrize("kind", [libmatch.Context, libmatch.Index])
def test_no_class_can_be_derived(kind: type) -> None:
    with pytest.raises(TypeError, match="not an acceptable base type"):
        type("Derived", (kind,), {})
