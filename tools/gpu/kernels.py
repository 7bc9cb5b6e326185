"""The kernels whose inner loops are counted, and what is asked of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Loop:
    """An inner loop that compares pairs. It is found by the instruction that it is richest in, and its pairs are told
    by how many of that it has."""

    kernel: str  # as it is written in the sources
    marker: str
    pairs_of_marker: float  # pairs of a lane
    method: str  # whose limit it is held against: see devices.limit_of; "" where there is none
    what: str
    # The share of pairs that the loop cannot decide about. A warp with one of them compares what it holds once more.
    survivors: float = 0.0


# Of the PDQ codes of Debian's images, by the first 96 bits in an index's order of them; of random codes 3.4e-4.
SURVIVORS_OF_96_BITS = 5.0e-4

LOOPS = [
    Loop("stream_planes", "POPC", 0.5, "stream", "up to 8 queries: the plane is read once"),
    Loop("compare_prefixes", "POPC", 0.5, "adders", "carry-save adders on 96 bits", SURVIVORS_OF_96_BITS),
    Loop("multiply_bits<xor_k128>", "BMMA.88128", 1, "products", "m8n8k128, xor, twice"),
    Loop("multiply_bits<xor_k256>", "BMMA.168256", 4, "products", "m16n8k256, xor"),
    Loop("multiply_bits<and_k256>", "BMMA.168256", 4, "products", "m16n8k256, and"),
    # Adders leave so many words of 2, 4, 6 and 8 to be counted.
    Loop("compare_words<2>", "POPC", 1 / 2, "", "whole codes of 64 bits"),
    Loop("compare_words<4>", "POPC", 1 / 3, "", "128 bits"),
    Loop("compare_words<6>", "POPC", 1 / 4, "", "192 bits"),
    Loop("compare_words<8>", "POPC", 1 / 5, "", "256 bits"),
    # A pair of vectors of 144 bytes is 36 words.
    Loop("compare_vectors", "IDP", 1 / 36, "", "vectors of 144 bytes"),
]

# At most so many operations of a lane a pair.
MOST_ALU = {"compare_prefixes": 6.2, "multiply_bits<xor_k256>": 0.6, "multiply_bits<and_k256>": 0.6}
MOST_SLOW = {"compare_prefixes": 2.1}
LEAST_SHARE_OF_LIMIT = 0.5

# Template arguments that are enumerators are numbers in mangled names.
ENUMERATORS = {"bit_product": ["xor_k128", "xor_k256", "and_k256"]}

# Kernels that may go to local memory, with the reason.
MAY_USE_LOCAL_MEMORY = {"hash_images": "on sm_100 one of 128 registers is written there once and read once"}
