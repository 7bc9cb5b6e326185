"""Arrays that say, by each of the two protocols, that they are on a CUDA device, and what else a test wants them to."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

CUDA, MANAGED, PROCESSOR = 2, 13, 1
CODES = {"i": 0, "u": 1, "f": 2}


class InterfaceArray:
    """By __cuda_array_interface__."""

    def __init__(self, pointer: int, shape: tuple[int, ...], typestr: str = "|u1", **changes: Any) -> None:
        self.interface: dict[str, Any] = {
            "version": 3,
            "typestr": typestr,
            "shape": shape,
            "data": (pointer, False),
            **changes,
        }

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        return self.interface


class _Device(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int32), ("id", ctypes.c_int32)]


class _DataType(ctypes.Structure):
    _fields_ = [("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16)]


class _Tensor(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("device", _Device),
        ("ndim", ctypes.c_int32),
        ("dtype", _DataType),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    ]


class _Managed(ctypes.Structure):
    _fields_ = [("tensor", _Tensor), ("manager_context", ctypes.c_void_p), ("deleter", ctypes.c_void_p)]


class _Versioned(ctypes.Structure):
    _fields_ = [
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("manager_context", ctypes.c_void_p),
        ("deleter", ctypes.c_void_p),
        ("flags", ctypes.c_uint64),
        ("tensor", _Tensor),
    ]


_new_capsule = ctypes.pythonapi.PyCapsule_New
_new_capsule.restype = ctypes.py_object
_new_capsule.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
_name_of = ctypes.pythonapi.PyCapsule_GetName
_name_of.restype = ctypes.c_char_p
_name_of.argtypes = [ctypes.py_object]


def _numbers(values: tuple[int, ...] | None) -> Any:
    return None if values is None else (ctypes.c_int64 * len(values))(*values)


class DLPackArray:
    """By DLPack: of the version given, or of those before 1.0 for None, as one that knows no other."""

    def __init__(
        self,
        pointer: int,
        shape: tuple[int, ...],
        dtype: str = "uint8",
        *,
        strides: tuple[int, ...] | None = None,
        byte_offset: int = 0,
        device: tuple[int, int] = (CUDA, 0),
        lanes: int = 1,
        version: tuple[int, int] | None = (1, 0),
        flags: int = 0,
    ) -> None:
        kind = np.dtype(dtype)
        self.device = device
        self.version = version
        self.streams: list[object] = []
        self.kept = (_numbers(shape), _numbers(strides))
        tensor = _Tensor(
            pointer,
            _Device(*device),
            len(shape),
            _DataType(CODES[kind.kind], kind.itemsize * 8, lanes),
            ctypes.cast(self.kept[0], ctypes.POINTER(ctypes.c_int64)),
            ctypes.cast(self.kept[1], ctypes.POINTER(ctypes.c_int64)) if strides is not None else None,
            byte_offset,
        )
        self.managed: Any
        if version is None:
            self.managed = _Managed(tensor, None, None)
        else:
            self.managed = _Versioned(*version, None, None, flags, tensor)
        self.capsule = _new_capsule(
            ctypes.addressof(self.managed), b"dltensor" if version is None else b"dltensor_versioned", None
        )

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.device

    def __dlpack__(self, *, stream: object = None, **options: object) -> object:
        if self.version is None and options:
            raise TypeError("unexpected keyword: max_version")
        self.streams.append(stream)
        return self.capsule

    def capsule_name(self) -> bytes:
        name: bytes = _name_of(self.capsule)
        return name
