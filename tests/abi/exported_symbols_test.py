#!/usr/bin/env python3
"""Holds three lists against each other: the functions that the public headers declare, those of libmatch.map, and the
dynamic symbols that the shared library exports.

    exported_symbols_test.py MAP LIBRARY HEADER…
"""
import re
import subprocess
import sys
from pathlib import Path


def declared(header: str) -> set[str]:
    """The functions marked LM_API. Every use of the mark must be understood."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*|^\s*#[^\n]*", "", header, flags=re.DOTALL | re.MULTILINE)
    names = re.findall(r"\bLM_API\b[^;()]*?\b(lm_\w+)\s*\(", text)
    if len(names) != len(re.findall(r"\bLM_API\b", text)):
        raise SystemExit("a line marked LM_API is no function declaration that this test understands")
    return set(names)


def listed(version_script: str) -> set[str]:
    return set(re.findall(r"\b(lm_\w+);", re.sub(r"/\*.*?\*/", "", version_script, flags=re.DOTALL)))


def exported(library: Path) -> set[str]:
    result = subprocess.run(["nm", "--dynamic", "--defined-only", library], check=True, capture_output=True, text=True)
    return {line.split()[-1].split("@")[0] for line in result.stdout.splitlines()}


def differences(header: set[str], others: dict[str, set[str]]) -> list[str]:
    wrong = []
    for name, symbols in others.items():
        wrong += [f"{symbol} is declared in a header, but not in {name}" for symbol in sorted(header - symbols)]
        wrong += [f"{symbol} is in {name}, but not declared in a header" for symbol in sorted(symbols - header)]
    return wrong


def self_test() -> None:
    """The parts that read text, on texts that hold each trap."""
    header = """/* LM_API in a comment; lm_not( */
      #define LM_API __attribute__((visibility("default")))
      LM_API int32_t lm_a(void);
      LM_API lm_status lm_b(const char *const *labels,
                            size_t n); // lm_neither(
      LM_API
      const char *lm_c(lm_status status);"""
    assert declared(header) == {"lm_a", "lm_b", "lm_c"}
    assert listed("/* lm_x; */ { global: lm_a;\n lm_b; local: *; };") == {"lm_a", "lm_b"}
    assert len(differences({"lm_a", "lm_b"}, {"map": {"lm_b", "lm_c"}})) == 2


def main(version_script: str, library: str, *headers: str) -> int:
    self_test()
    functions = {function for header in headers for function in declared(Path(header).read_text(encoding="utf-8"))}
    wrong = differences(functions, {
        "libmatch.map": listed(Path(version_script).read_text(encoding="utf-8")),
        "the library": exported(Path(library)),
    })
    for line in wrong:
        print(line)
    print(f"{len(functions)} functions declared, {len(wrong)} differences")
    return 1 if wrong or not functions else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
