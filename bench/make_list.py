#!/usr/bin/env python3
"""Writes a list of random hashes of about so many megabytes, to measure how lists are read and taken in.

    make_list.py csv|vics MEGABYTES PATH

csv has the columns kind, code, id, label: a PDQ code a row. vics is a set of VICS 2.0 as a case tool writes it: of each
Media MD5, SHA-1 and PhotoDNA, and what surrounds them. The same arguments give the same file.
"""

import base64
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

LABELS = ["A1", "A2", "B1", "B2", "series 17", "known, not illegal", "reported"]


def csv_row(numbers: random.Random, i: int) -> str:
    """A PDQ code with a label."""
    return f"pdq256,{numbers.randbytes(32).hex()},{i},{numbers.choice(LABELS).replace(',', ' ')}\n"


def vics_media(numbers: random.Random, i: int) -> str:
    """One Media, with more than is read of it."""
    media = {
        "MediaID": str(i),
        "Category": numbers.randrange(1, 5),
        "MD5": numbers.randbytes(16).hex().upper(),
        "SHA1": numbers.randbytes(20).hex().upper(),
        "PhotoDNA": base64.b64encode(numbers.randbytes(144)).decode(),
        "VictimIdentified": "False",
        "OffenderIdentified": False,
        "IsDistributed": numbers.random() < 0.5,
        "Series": numbers.choice(["", "series 17"]),
        "Tags": "",
        "Comments": 'a comment of some length, as people write them: \u00e9t\u00e9, "quoted"',
        "DateUpdated": f"2024-{numbers.randrange(1, 13):02}-{numbers.randrange(1, 29):02}T15:00:00Z",
        "MediaSize": numbers.randrange(10_000, 4_000_000),
        "MimeType": "image/jpeg",
        "RelativeFilePath": f"folder {i % 1000}\\image {i}.jpg",
        "MediaFiles": [],
        "AlternativeHashes": [{"HashName": "PDQ", "HashValue": numbers.randbytes(32).hex()}],
    }
    return json.dumps(media, ensure_ascii=False)


def write_rows(file: TextIO, size: int, row: Callable[[int], str], separator: str) -> None:
    """Rows until so many characters are written."""
    written = 0
    i = 0
    while written < size:
        text = (separator if i else "") + row(i)
        file.write(text)
        written += len(text)
        i += 1


def main(arguments: list[str]) -> int:
    """The command."""
    if len(arguments) != 3 or arguments[0] not in ("csv", "vics"):
        print(__doc__, file=sys.stderr)
        return 2
    kind, size, path = arguments[0], int(float(arguments[1]) * 1e6), Path(arguments[2])
    numbers = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as file:
        if kind == "csv":
            file.write("kind,code,id,label\n")
            write_rows(file, size, lambda i: csv_row(numbers, i), "")
        else:
            file.write(
                '{"@odata.context": "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US",\n"value": [\n'
            )
            write_rows(file, size, lambda i: vics_media(numbers, i), ",\n")
            file.write("\n]}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
