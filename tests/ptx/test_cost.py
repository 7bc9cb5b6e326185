"""How costs are read from machine code, on a listing written by hand, and what is said of what costs too much."""

from __future__ import annotations

from collections import Counter

import pytest

from gpu.cost import KernelCost, Rate, cost_of, findings, rate_of
from gpu.cubins import CompiledKernel, shortened
from gpu.devices import DEVICES, limit_of
from gpu.report import BEGIN, END, as_csv, differences, of_another_nvcc, with_tables
from gpu.sass import Code, count_units, hot_loop, read_listing, unit_of

# A loop over queries: two pairs, and behind a branch what a survivor takes, with a loop of its own.
LISTING = """
	.target	sm_80
	.section	.text.compare_prefixes,"ax",@progbits
.text.compare_prefixes:
        /*0000*/                   S2R R0, SR_TID.X ;
        /*0010*/                   LDG.E R3, [R6.64] ;
.L_x_1:
        /*0020*/                   LDS.128 R12, [UR4+0x10] ;
        /*0030*/                   LOP3.LUT R10, R16, R13.reuse, RZ, 0x3c, !PT ;
        /*0040*/                   POPC R11, R10 ;
        /*0050*/                   POPC R9, R5 ;
        /*0060*/                   POPC R8, R4 ;
        /*0070*/                   POPC R7, R3 ;
        /*0080*/                   IMAD R12, R9, 0x2, R11 ;
        /*0090*/                   ISETP.GT.AND P0, PT, R12, R15, PT ;
        /*00a0*/              @!UPT UIADD3 URZ, URZ, URZ, URZ ;
        /*00b0*/               @P0 BRA `(.L_x_2) ;
.L_x_3:
        /*00c0*/                   LDG.E R3, [R6.64] ;
        /*00d0*/                   LDS R4, [R6] ;
        /*00e0*/                   POPC R7, R3 ;
        /*00f0*/                   LOP3.LUT R7, R7, R3, RZ, 0x3c, !PT ;
        /*0100*/                   STL [R1], R7 ;
        /*0110*/               @P1 BRA `(.L_x_3) ;
.L_x_2:
        /*0120*/                   ISETP.NE.AND P2, PT, R1, 0x40, PT ;
        /*0130*/               @P2 BRA `(.L_x_1) ;
        /*0140*/                   EXIT ;
.L_x_4:
        /*0150*/                   BRA `(.L_x_4) ;
        /*0160*/                   NOP ;
"""


def code() -> Code:
    (only,) = read_listing(LISTING)
    return only


def cost(registers: int = 40) -> KernelCost:
    return cost_of(CompiledKernel("compare_prefixes", "sm_80", registers, code()))


def a100() -> Rate:
    rate = rate_of(cost(), next(device for device in DEVICES if device.name == "A100"))
    assert rate is not None
    return rate


def test_reads_a_listing() -> None:
    assert (code().kernel, code().target) == ("compare_prefixes", "sm_80")
    assert len(code().instructions) == 23
    assert code().labels[".L_x_2"] == 18


def test_follows_the_loop_where_nothing_is_found() -> None:
    loop = hot_loop(code(), "POPC")
    assert loop is not None
    assert [line.split()[0] for line in loop] == [
        "LDS.128", "LOP3.LUT", "POPC", "POPC", "POPC", "POPC", "IMAD", "ISETP.GT.AND", "@!UPT", "@P0",
        "ISETP.NE.AND", "@P2",
    ]  # fmt: skip
    assert count_units(loop) == Counter(slow=4, alu=3, control=3, memory=1, fma=1)
    assert hot_loop(code(), "BMMA") is None


@pytest.mark.parametrize(
    ("instruction", "unit"),
    [
        ("@!P0 IMAD.MOV.U32 R1, RZ, RZ, R2", "fma"),
        ("BMMA.168256.XOR.POPC R4, R8.ROW, R12.COL, R16", "tensor"),
        ("@!UPT UIADD3 URZ, URZ, URZ, URZ", "control"),
        ("UIADD3 UR4, UR4, 0x10, URZ", "uniform"),
        ("VIMNMX3 R4, R5, R6, R7, PT", "alu"),
        ("{ LDGSTS.E.128 [R4], [R2.64] }", "memory"),
    ],
)
def test_knows_who_executes_what(instruction: str, unit: str) -> None:
    assert unit_of(instruction) == unit


def test_counts_operations_of_a_pair() -> None:
    # Four popcounts are two pairs of a lane.
    in_loop = ["1.500", "0.500", "2.000", "0.000", "0.500", "1.500"]
    assert cost().row() == ["compare_prefixes", "sm_80", "40", "1", "22", *in_loop]


def test_the_busiest_unit_decides() -> None:
    rate = a100()
    # Four popcounts of a warp take 8 clocks for 64 pairs; 5.0e-4 survivors make 3.1 % of the warps go around again.
    assert rate.bound_by == "POPC"
    assert rate.pairs_per_s == pytest.approx(108 * 1.41e9 * 8 / (1 + 0.0315), rel=1e-3)
    assert rate.limit == pytest.approx(108 * 1.41e9 * 8)


def test_tells_what_costs_too_much() -> None:
    spilled, rate = cost(), a100()
    told = findings([spilled], [rate])
    assert "compare_prefixes on sm_80 goes 1 times to local memory" in told
    assert any(line.startswith("multiply_bits<xor_k256> has no inner loop") for line in told)
    assert not any("ALU" in line or "popcounts" in line or "limit" in line for line in told)
    assert spilled.inner is not None
    spilled.inner.pairs = 0.4  # as if all that were done for less than half a pair
    rate.pairs_per_s /= 2.5
    told = findings([spilled], [rate])
    assert any("takes 7.50 ALU operations a pair" in line for line in told)
    assert any("takes 10.00 popcounts a pair" in line for line in told)
    assert any("reaches 39% of the limit on A100" in line for line in told)


def test_names_are_those_of_the_sources() -> None:
    name = "void libmatch::cuda::multiply_bits<(libmatch::cuda::bit_product)2>(libmatch::cuda::segment_part, int)"
    assert shortened(name) == "multiply_bits<and_k256>"
    assert shortened("libmatch::cuda::split_plane(unsigned int const*)") == "split_plane"
    assert shortened("void thrust::cuda_cub::core::_kernel_agent<int>(int)") == ""


def test_a_changed_cost_is_told() -> None:
    committed, current = as_csv([cost()], "13.0.88"), as_csv([cost(48)], "13.0.88")
    assert differences(committed, committed) == []
    assert len(differences(committed, current)) == 2
    assert not of_another_nvcc(committed, current)
    assert of_another_nvcc(committed, as_csv([cost()], "13.1.0"))


def test_tables_stand_between_their_marks() -> None:
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert with_tables(page, "new") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"


@pytest.mark.parametrize(
    ("method", "limits"),
    [
        ("whole", [1.3e11, 3.0e11, 4.8e11, 5.2e11, 5.5e11]),
        ("adders", [5.1e11, 1.2e12, 1.9e12, 2.1e12, 2.2e12]),
        ("epilogue", [4.1e12, 9.7e12, 1.5e13, 1.7e13, 1.8e13]),
        ("products", [2.0e12, 9.8e12, 1.9e13, 2.0e13, None]),
    ],
)
def test_limits(method: str, limits: list[float | None]) -> None:
    for device, limit in zip(DEVICES, limits):
        assert limit_of(method, device) == (None if limit is None else pytest.approx(limit, rel=0.04))
