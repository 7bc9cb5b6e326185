"""The same operations and data on several backends: `./dev bench --backends cpu,cuda`.

Answers must be equal, bit for bit, before anything is timed. Times are medians of rounds in which the backends take
turns; `times` is the last backend's gain over the first. GB/s counts what has to be read at least once; the share of
the limit is that of docs/performance.md, of GPUs that stand there. A backend that cannot be had is named with the
reason, and its columns stay empty.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Sequence

import libmatch

from backends import faiss_gpu
from backends.comparison import AnswersDifferError, known_device, open_column, print_head, print_row, run
from backends.operations import operations


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("backends", help="separated by commas: cpu, cuda, or names of libmatch's backends")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="so much of a million codes: 0.01 for a quick look (1)"
    )
    parser.add_argument("--rounds", type=int, default=5, help="how often each is timed (5)")
    parser.add_argument("--threads", type=int, default=None, help="of the processor (all)")
    options = parser.parse_args(arguments)
    columns = [open_column(asked, options.threads) for asked in options.backends.split(",")]
    print(f"{datetime.date.today()}  libmatch {libmatch.__version__}")
    for column in columns:
        if column.context is None:
            print(f"{column.asked}: not here, its columns stay empty: {column.reason}")
        else:
            print(f"{column.asked}: {column.context.backend}, {column.context.threads} threads")
    if not any(column.context for column in columns):
        print("none of these backends is here", file=sys.stderr)
        return 1
    has_gpu = any(column.context and column.is_gpu for column in columns)
    device = known_device() if has_gpu else None
    faiss, missing = faiss_gpu.find_faiss() if has_gpu else (None, "no GPU is used")
    if faiss is None:
        print(f"faiss-gpu: not compared with: {missing}")
    print_head(columns)
    try:
        for operation in operations(options.scale):
            print_row(run(operation, columns, options.rounds), columns, device)
            if faiss is not None and operation.peer is not None:
                context = next(column.context for column in columns if column.context)
                seconds = faiss_gpu.seconds_of(
                    faiss, operation.peer, operation.prepare(context)().distances, options.rounds
                )
                print(f"{'    by faiss-gpu':<36}{seconds * 1e3:>14.3f}")
    except AnswersDifferError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
