"""What is asked of arrays in a device's memory, without a device; and the searches there, on a simulated one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import libmatch
import numpy as np
import pytest

from device_arrays import MANAGED, PROCESSOR, DLPackArray, InterfaceArray

POINTER = 1 << 20
CODE_BYTES = libmatch.cuda_codes_type().itemsize


@pytest.fixture(scope="module")
def context() -> libmatch.Context:
    return libmatch.Context("scalar")


def hash_with(context: libmatch.Context, images: Any = None, codes: Any = None, **options: Any) -> None:
    """Two images, and what does not fit is told before the context is."""
    libmatch.cuda_hash_images(
        images if images is not None else InterfaceArray(POINTER, (2, 9, 7)),
        codes=codes if codes is not None else InterfaceArray(POINTER, (2, CODE_BYTES)),
        workspace=InterfaceArray(POINTER, (1 << 20,)),
        context=context,
        **options,
    )


GOOD_IMAGES = [
    InterfaceArray(POINTER, (2, 9, 7)),
    InterfaceArray(POINTER, (2, 9, 7, 3), strides=None, stream=None, mask=None),
    InterfaceArray(POINTER, (2, 9, 7, 4), "<u1", strides=(252, 28, 4, 1), version=2),
    InterfaceArray(POINTER, (2, 1, 7), strides=(7, 99, 1)),
    InterfaceArray(POINTER, (2, 9, 7), stream=1),
    DLPackArray(POINTER, (2, 9, 7)),
    DLPackArray(POINTER, (2, 9, 7, 3), strides=(189, 21, 3, 1), version=(1, 7)),
    DLPackArray(POINTER, (2, 9, 7), version=None, byte_offset=5),
    DLPackArray(POINTER, (2, 9, 7), device=(MANAGED, 0), flags=1),
]


@pytest.mark.parametrize("images", GOOD_IMAGES)
def test_arrays_that_fit_get_as_far_as_the_device(context: libmatch.Context, images: Any) -> None:
    with pytest.raises(NotImplementedError, match='context: its backend is "scalar", not one CUDA device'):
        hash_with(context, images)


BAD_IMAGES = [
    (object(), TypeError, "images is object: expected an array with __dlpack__ or __cuda_array_interface__"),
    (np.zeros((2, 9, 7), np.uint8), ValueError, r"images is on a device of DLPack's type 1, the processor"),
    (InterfaceArray(POINTER, (9, 7)), ValueError, r"images is uint8 of shape \(9, 7\): expected uint8 of shape"),
    (InterfaceArray(POINTER, (2, 9, 7, 2)), ValueError, r"\(2, 9, 7, 2\): expected uint8"),
    (InterfaceArray(POINTER, (2, 0, 7)), ValueError, r"\(2, 0, 7\): expected uint8"),
    (InterfaceArray(POINTER, (2, 9, 7), "<f4"), ValueError, "images is float32 of shape"),
    (InterfaceArray(POINTER, (2, 9, 7), ">u2"), ValueError, 'another byte order: ">u2"'),
    (InterfaceArray(POINTER, (2, 9, 7), "|V3"), ValueError, "elements of kind 'V'"),
    (InterfaceArray(POINTER, (2, 9, 7), "u1"), ValueError, 'says no type: "u1"'),
    (InterfaceArray(POINTER, (2, 9, 7), "|u"), ValueError, 'says no type: "|u"'),
    (InterfaceArray(POINTER, (2, -9, 7)), ValueError, "images has a negative size"),
    (InterfaceArray(POINTER, (2**32, 2**31, 2)), ValueError, "a shape that no memory has"),
    (InterfaceArray(POINTER, (2**32, 1, 1)), ValueError, "over 2\\^32 - 1 images"),
    (InterfaceArray(POINTER, (2, 9, 7), version=1), ValueError, "images has version 1 of __cuda_array_interface__"),
    (InterfaceArray(POINTER, (2, 9, 7), version=4), ValueError, "images has version 4"),
    (InterfaceArray(POINTER, (2, 9, 7), version="3"), TypeError, "images's version is str"),
    (InterfaceArray(POINTER, (2, 9, 7), mask=object()), ValueError, "images has a mask"),
    (InterfaceArray(POINTER, (2, 9, 7), stream=0), ValueError, "images.* has the stream 0"),
    (InterfaceArray(POINTER, (2, 9, 7), stream=-1), ValueError, "images's stream is -1"),
    (InterfaceArray(POINTER, (2, 9, 7), strides=(70, 7, 1)), ValueError, "images has gaps or another order"),
    (InterfaceArray(POINTER, (2, 9, 7), strides=(1, 2, 18)), ValueError, "images has gaps or another order"),
    (InterfaceArray(POINTER, (2, 9, 7), strides=(63, 7)), ValueError, "images has 2 strides for 3 dimensions"),
    (InterfaceArray(POINTER, (2, 9, 7), strides="cba"), TypeError, "images's strides is str"),
    (InterfaceArray(POINTER, (2, 9, 7), data=POINTER), TypeError, "data that is no pair"),
    (InterfaceArray(0, (2, 9, 7)), ValueError, "images has no memory: its pointer is 0"),
    (DLPackArray(0, (2, 9, 7), byte_offset=8), ValueError, "images has no memory"),
    (DLPackArray(POINTER, (2, 9, 7), device=(PROCESSOR, 0)), ValueError, "the processor: expected a CUDA device"),
    (DLPackArray(POINTER, (2, 9, 7), "int16"), ValueError, "images is int16 of shape"),
    (DLPackArray(POINTER, (2, 9, 7), lanes=4), ValueError, "DLPack's type 1 of 8 bits x 4"),
    (DLPackArray(POINTER, (2, 9, 7), strides=(126, 14, 2)), ValueError, "images has gaps"),
    (DLPackArray(POINTER, (2, 9, 7), version=(2, 0)), ValueError, "images comes by version 2 of DLPack"),
]


@pytest.mark.parametrize(("images", "error", "message"), BAD_IMAGES)
def test_arrays_that_do_not_fit_are_named(
    context: libmatch.Context, images: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        hash_with(context, images)


@pytest.mark.parametrize("missing", ["version", "typestr", "shape", "data"])
def test_an_interface_without_an_entry_is_refused(context: libmatch.Context, missing: str) -> None:
    images = InterfaceArray(POINTER, (2, 9, 7))
    del images.interface[missing]
    with pytest.raises(ValueError, match=f'images.__cuda_array_interface__ has no "{missing}"'):
        hash_with(context, images)


def test_a_capsule_that_is_none_is_refused(context: libmatch.Context) -> None:
    images = DLPackArray(POINTER, (2, 9, 7))
    images.capsule = "no capsule"
    with pytest.raises(TypeError, match=r"images.__dlpack__\(\) is str"):
        hash_with(context, images)


def test_a_capsule_of_another_device_is_refused(context: libmatch.Context) -> None:
    images = DLPackArray(POINTER, (2, 9, 7))
    images.device = (MANAGED, 1)
    with pytest.raises(ValueError, match="images is on another device in its DLPack capsule"):
        hash_with(context, images)


READ_ONLY = [
    InterfaceArray(POINTER, (2, CODE_BYTES), data=(POINTER, True)),
    DLPackArray(POINTER, (2, CODE_BYTES), flags=1),
]


@pytest.mark.parametrize("codes", READ_ONLY)
def test_results_go_nowhere_that_is_read_only(context: libmatch.Context, codes: Any) -> None:
    with pytest.raises(ValueError, match="codes is read-only"):
        hash_with(context, codes=codes)


def test_results_have_the_size_of_the_batch(context: libmatch.Context) -> None:
    wrong = InterfaceArray(POINTER, (3, CODE_BYTES))
    with pytest.raises(ValueError, match=rf"codes is uint8 of shape \(3, {CODE_BYTES}\): .* shape \(2, {CODE_BYTES}\)"):
        hash_with(context, codes=wrong)


class Stream:
    def __init__(self, *said: object) -> None:
        self.said = said

    def __cuda_stream__(self) -> Any:
        return self.said


STREAMS: list[tuple[Any, int]] = [(0, 1), (1, 1), (2, 2), (POINTER, POINTER), (Stream(0, 0), 1), (Stream(0, 77), 77)]


@pytest.mark.parametrize(("stream", "told"), STREAMS)
@pytest.mark.parametrize("version", [None, (1, 0)])
def test_a_library_is_told_the_stream(
    context: libmatch.Context, stream: Any, told: int, version: tuple[int, int] | None
) -> None:
    images = DLPackArray(POINTER, (2, 9, 7), version=version)
    name = images.capsule_name()
    with pytest.raises(NotImplementedError):
        hash_with(context, images, stream=stream)
    assert images.streams == [told]
    assert images.capsule_name() == name  # still the library's to free


BAD_STREAMS = [
    ("0", TypeError, "stream is str"),
    (-1, ValueError, "stream is -1"),
    (None, TypeError, "stream is NoneType"),
    (Stream(1, 5), ValueError, "stream has version 1 of __cuda_stream__"),
    (Stream(0), TypeError, "no pair"),
    (Stream(0, "x"), TypeError, "stream's handle is str"),
]


@pytest.mark.parametrize(("stream", "error", "message"), BAD_STREAMS)
def test_a_stream_that_is_none_is_named(
    context: libmatch.Context, stream: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        hash_with(context, stream=stream)


def no_memory(size: int, stream: int) -> None:
    return None


def no_release(memory: int, size: int, stream: int) -> None:
    pass


def test_without_a_device_every_call_says_so(context: libmatch.Context) -> None:
    for ask in (
        lambda: libmatch.CudaView(libmatch.Index(), context=context),
        lambda: libmatch.cuda_hash_workspace_bytes(1, 5, 5, context=context),
        lambda: libmatch.cuda_set_allocator(None, None, context=context),
        lambda: libmatch.cuda_set_allocator(no_memory, no_release, context=context),
    ):
        with pytest.raises(NotImplementedError, match='context: its backend is "scalar", not one CUDA device'):
            ask()
    with pytest.raises(TypeError, match="release is NoneType"):
        libmatch.cuda_set_allocator(no_memory, None, context=context)


def test_the_record_of_an_image_has_the_librarys_layout() -> None:
    record = libmatch.cuda_codes_type()
    assert record.itemsize == 8 * 32 * 2 + 4 + 4 * 4
    assert record["whole"].shape == (8, 32)
    assert record.fields is not None
    assert {name: field[1] for name, field in record.fields.items()} == {
        "whole": 0,
        "trimmed": 256,
        "whole_quality": 512,
        "trimmed_quality": 513,
        "is_framed": 514,
        "left": 516,
        "top": 520,
        "width": 524,
        "height": 528,
    }


def test_on_a_simulated_device() -> None:
    """In a process of its own: which devices there are is asked once."""
    folder = os.environ.get("LIBMATCH_SIMULATED")
    if folder is None:
        pytest.skip("LIBMATCH_SIMULATED names no folder of a simulated device: ./dev test sets it")
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", Path(__file__).with_name("simulated_cuda.py")],
        env={**os.environ, "LM_CUDA_OBJECT": f"{folder}/libmatch_cuda.so", "LM_BACKEND": "scalar"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert " passed" in result.stdout
    assert "skipped" not in result.stdout
