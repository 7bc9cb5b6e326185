"""libmatch beside FAISS and usearch on the same codes: `./dev bench --peers`.

All run interleaved in one process; the ratio is taken within a round, so that whatever else the machine does weighs on
both sides. Answers are compared before anything is timed. Cases are named on the command line; none: all of them.

FAISS chooses its kernels by the processor; the level is printed, and FAISS_SIMD_LEVEL (NONE, AVX2, AVX512) sets
another.
"""

from __future__ import annotations

import argparse
import datetime
import platform
import sys
from importlib.metadata import version
from pathlib import Path

import faiss
import libmatch

from peers import cases, resources
from peers.answers import AnswersDifferError
from peers.timing import Patience


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", metavar="CASE", help="those to run, in this order (all)")
    parser.add_argument("--list", action="store_true", help="name the cases, and run none")
    parser.add_argument("--scale", type=float, default=1.0, help="so much of each list: 0.01 for a quick look (1)")
    parser.add_argument("--rounds", type=int, default=9, help="rounds of each comparison (9)")
    parser.add_argument("--seconds", type=float, default=60, help="after which no further round begins (60)")
    arguments = parser.parse_args()
    if arguments.list:
        for name, case in cases.CASES.items():
            print(f"{name:<16}{case.__doc__}")
        return 0
    unknown = [name for name in arguments.cases if name not in cases.CASES]
    if unknown:
        parser.error(f"no such case: {', '.join(unknown)}; --list names them")

    faiss.omp_set_num_threads(1)
    print(f"{datetime.date.today()}  {processor()}, {platform.system()} {platform.machine()}, one thread")
    print(
        f"libmatch {libmatch.__version__} ({libmatch.Context().backend}), faiss-cpu {faiss.__version__} "
        f"({faiss.SIMDConfig.get_level_name()}), usearch {version('usearch')}"
    )
    setting = cases.Setting(arguments.scale, Patience(arguments.rounds, arguments.seconds))
    try:
        cases.run(arguments.cases or list(cases.CASES), setting)
    except AnswersDifferError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


assert resources  # adds cases of its own


if __name__ == "__main__":
    sys.exit(main())
