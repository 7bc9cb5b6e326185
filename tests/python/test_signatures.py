"""The stub and the docstrings of the compiled module are written by hand: they must name the same parameters."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import Callable

import libmatch
import pytest

FunctionKey = tuple[str, str]


def stub_functions() -> dict[str, ast.FunctionDef]:
    stub = Path(libmatch.__file__).with_name("_libmatch.pyi")
    found = {}
    for node in ast.parse(stub.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("_"):
            continue  # a protocol, for types alone
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.ClassDef):
            found.update(
                (f"{node.name}.{method.name}", method)
                for method in node.body
                if isinstance(method, ast.FunctionDef) and not method.decorator_list
            )
    return found


def stub_parameters(function: ast.FunctionDef) -> list[tuple[str, bool, object]]:
    """(name, keyword-only, default) of each parameter, with the mark of `inspect` for no default."""
    arguments = function.args
    none = inspect.Parameter.empty
    defaults = [none] * (len(arguments.args) - len(arguments.defaults)) + [
        ast.literal_eval(default) for default in arguments.defaults
    ]
    parameters = [(argument.arg, False, default) for argument, default in zip(arguments.args, defaults)]
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults):
        parameters.append((argument.arg, True, none if default is None else ast.literal_eval(default)))
    return parameters


def runtime_parameters(function: Callable[..., object]) -> list[tuple[str, bool, object]]:
    return [
        (parameter.name, parameter.kind is inspect.Parameter.KEYWORD_ONLY, parameter.default)
        for parameter in inspect.signature(function).parameters.values()
    ]


# Python itself calls these, in its own way.
PROTOCOLS = ("__len__", "__getitem__", "__iter__", "__enter__", "__exit__")


@pytest.mark.parametrize("name", [name for name in stub_functions() if not name.endswith(PROTOCOLS)])
def test_stub_and_docstring_have_the_same_parameters(name: str) -> None:
    function: object = libmatch._libmatch if name.startswith("_") else libmatch  # the package has all that is public
    for part in name.split("."):
        function = getattr(function, part)
    assert callable(function)
    assert runtime_parameters(function) == stub_parameters(stub_functions()[name])


def test_the_stub_has_every_compiled_name() -> None:
    compiled = {name for name in dir(libmatch._libmatch) if not name.startswith("_")}
    stub = {name.split(".")[0] for name in stub_functions()} | {"version"}
    assert compiled == {name for name in stub if not name.startswith("_")}


def test_the_package_is_typed() -> None:
    assert Path(libmatch.__file__).with_name("py.typed").is_file()
