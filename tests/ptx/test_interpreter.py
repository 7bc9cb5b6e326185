"""The interpreter itself, on PTX written by hand: results are literals from the PTX ISA's words."""

from __future__ import annotations

import numpy as np
import pytest

from gpu.ptx import GlobalMemory, Launch, PtxError, launch, parse

HEAD = """
.visible .entry kernel(.param .u64 kernel_param_0, .param .u32 kernel_param_1)
{
  .reg .pred %p<9>; .reg .b16 %rs<9>; .reg .b32 %r<40>; .reg .b64 %rd<20>;
  .shared .align 4 .b8 tile[256];
  ld.param.u64 %rd1, [kernel_param_0];
  ld.param.u32 %r1, [kernel_param_1];
  mov.u32 %r2, %tid.x;
  mul.wide.u32 %rd2, %r2, 4;
  add.s64 %rd3, %rd1, %rd2;
"""
TAIL = "\n  st.global.u32 [%rd3], %r30;\n  ret;\n}\n"


def run(body: str, argument: int = 0, threads: int = 32, seed: int = 0, tail: str = TAIL) -> np.ndarray:
    """What each thread stores of %r30."""
    memory = GlobalMemory(1 << 16)
    out = memory.allocate(4 * threads)
    launch(parse(HEAD + body + tail)["kernel"], Launch((1, 1, 1), (threads, 1, 1), seed=seed), [out, argument], memory)
    return memory.download(out, threads, np.uint32)


def computed(line: str, argument: int = 0) -> int:
    values = run(line, argument)
    assert (values == values[0]).all()
    return int(values[0])


@pytest.mark.parametrize(
    ("line", "argument", "expected"),
    [
        ("add.s32 %r30, %r1, 2;", 0xFFFFFFFF, 1),
        ("mul.hi.u32 %r30, %r1, 16;", 0x80000001, 8),
        ("mul.hi.s32 %r30, %r1, 16;", 0x80000001, 0xFFFFFFF8),
        ("mad.lo.s32 %r30, %r1, 3, %r1;", 5, 20),
        ("div.s32 %r30, %r1, -3;", 7, 0xFFFFFFFE),
        ("rem.s32 %r30, %r1, 3;", 0xFFFFFFF9, 0xFFFFFFFF),
        ("shl.b32 %r30, %r1, 32;", 5, 0),
        ("shr.s32 %r30, %r1, 40;", 0x80000000, 0xFFFFFFFF),
        ("shr.u32 %r30, %r1, 31;", 0x80000000, 1),
        ("popc.b32 %r30, %r1;", 0xF0F00001, 9),
        ("clz.b32 %r30, %r1;", 0x00010000, 15),
        ("brev.b32 %r30, %r1;", 0x00000003, 0xC0000000),
        ("bfind.u32 %r30, %r1;", 0x00010000, 16),
        ("bfind.shiftamt.u32 %r30, %r1;", 0x00010000, 15),
        ("bfind.u32 %r30, %r1;", 0, 0xFFFFFFFF),
        ("lop3.b32 %r30, %r1, 0xcccccccc, 0xaaaaaaaa, 0xd4;", 0xF0F0F0F0, 0xD4D4D4D4),
        ("bfe.u32 %r30, %r1, 4, 8;", 0x00000FA5, 0xFA),
        ("bfe.s32 %r30, %r1, 4, 8;", 0x00000FA5, 0xFFFFFFFA),
        ("bfi.b32 %r30, 0x5, %r1, 4, 3;", 0xFFFFFFFF, 0xFFFFFFDF),
        ("shf.l.wrap.b32 %r30, 0x80000000, %r1, 4;", 0x1, 0x18),
        ("shf.r.clamp.b32 %r30, 0x80000000, %r1, 40;", 0x12, 0x12),
        ("prmt.b32 %r30, %r1, 0x77665544, 0x7210;", 0x33221100, 0x77221100),
        ("prmt.b32 %r30, %r1, 0, 0x000b;", 0x80000000, 0x000000FF),
        ("dp4a.u32.u32 %r30, %r1, 0x02010201, 10;", 0x01FF0203, 10 + 3 + 4 + 255 + 2),
        ("dp4a.s32.s32 %r30, %r1, 0x01010101, 0;", 0x0000FFFE, 0xFFFFFFFD),
        ("vabsdiff4.u32.u32.u32 %r30, %r1, 0x01ff0080, %r1;", 0x03007F00, 0x02FF7F80),
        ("sad.u32 %r30, %r1, 9, 1;", 4, 6),
        ("min.s32 %r30, %r1, 1;", 0xFFFFFFFF, 0xFFFFFFFF),
        ("min.u32 %r30, %r1, 1;", 0xFFFFFFFF, 1),
        ("cvt.u16.u32 %rs1, %r1; cvt.s32.s16 %r30, %rs1;", 0x12348001, 0xFFFF8001),
        ("cvt.s64.s32 %rd5, %r1; shr.u64 %rd6, %rd5, 32; cvt.u32.u64 %r30, %rd6;", 0x80000000, 0xFFFFFFFF),
        ("mov.b64 %rd5, {%r1, 7}; mov.b64 {%r3, %r30}, %rd5;", 3, 7),
        ("setp.lt.s32 %p1, %r1, 0; selp.b32 %r30, 1, 2, %p1;", 0xFFFFFFFF, 1),
        ("setp.lt.u32 %p1, %r1, 0; selp.b32 %r30, 1, 2, %p1;", 0xFFFFFFFF, 2),
        ("mov.u32 %r30, 5; setp.ne.s32 %p1, %r1, 0; @!%p1 mov.u32 %r30, 6;", 0, 6),
    ],
)
def test_computes(line: str, argument: int, expected: int) -> None:
    assert computed(line, argument) == expected


def test_shuffles() -> None:
    lanes = np.arange(32)
    assert run("shfl.sync.bfly.b32 %r30, %r2, 3, 31, -1;").tolist() == (lanes ^ 3).tolist()
    assert run("shfl.sync.idx.b32 %r30, %r2, 9, 31, -1;").tolist() == [9] * 32
    assert run("shfl.sync.up.b32 %r30, %r2, 2, 0, -1;").tolist() == [0, 1, *range(30)]
    down = "shfl.sync.down.b32 %r30|%p1, %r2, 2, 31, -1; @!%p1 mov.u32 %r30, 99;"
    assert run(down).tolist() == [*range(2, 32), 99, 99]
    # Segments of 8 lanes: 0x1807 is (32 - 8) << 8 | 7.
    assert run("shfl.sync.down.b32 %r30, %r2, 1, 0x1807, -1;")[7] == 7


def test_votes_and_reduces() -> None:
    body = "setp.gt.u32 %p1, %r2, 29; vote.sync.ballot.b32 %r30, %p1, -1;"
    assert run(body).tolist() == [0xC0000000] * 32
    assert run("redux.sync.max.u32 %r30, %r2, -1;").tolist() == [31] * 32
    assert run("shr.u32 %r3, %r2, 4; match.any.sync.b32 %r30, %r3, -1;").tolist() == [0xFFFF] * 16 + [0xFFFF0000] * 16


def test_lanes_wait_for_those_that_come_later() -> None:
    """Half of the lanes take a longer way to the same shuffle."""
    body = """
  setp.lt.u32 %p1, %r2, 16;
  mov.u32 %r3, %r2;
  @%p1 bra LATE;
MEET:
  shfl.sync.bfly.b32 %r30, %r3, 16, 31, -1;
  bra DONE;
LATE:
  add.s32 %r3, %r3, 100;
  bra MEET;
DONE:
"""
    for seed in (0, 1, 2):
        assert run(body, seed=seed).tolist() == [*range(16, 32), *range(100, 116)]


SHARED = "mov.u32 %r4, tile; shl.b32 %r5, %r2, 2; add.s32 %r6, %r4, %r5; "


@pytest.mark.parametrize(
    ("body", "threads", "message"),
    [
        ("add.s32 %r30, %r7, 1;", 32, "%r7 is read and was never written"),
        ("tensormap.cp_fenceproxy %r30, %r1;", 32, "not known"),
        ("add.s64 %rd3, %rd3, 128; mov.u32 %r30, 1;", 32, "outside of an allocation"),
        ("add.s64 %rd3, %rd3, 2; mov.u32 %r30, 1;", 32, "misaligned"),
        ("ld.global.u32 %r30, [%rd3];", 32, "never written"),
        (SHARED + "ld.shared.u32 %r30, [%r6];", 32, "shared memory that was never written"),
        (SHARED + "st.shared.u32 [%r6+4], %r2; mov.u32 %r30, 1;", 64, "out of bounds"),
        (SHARED + "st.shared.u32 [%r6], %r2; xor.b32 %r7, %r6, 4; ld.shared.u32 %r30, [%r7];", 32, "a race"),
        (SHARED + "st.shared.u32 [tile], %r2; mov.u32 %r30, 1;", 32, "a race"),
        ("setp.lt.u32 %p1, %r2, 8; @%p1 bar.sync 0; @!%p1 bar.sync 0; mov.u32 %r30, 1;", 32, "different barriers"),
        (
            "setp.lt.u32 %p1, %r2, 8; @%p1 shfl.sync.idx.b32 %r3, %r2, 0, 31, -1; mov.u32 %r30, 1;",
            32,
            "do not come|have left",
        ),
        ("setp.lt.u32 %p1, %r2, 8; @%p1 ret; bar.warp.sync -1; mov.u32 %r30, 1;", 32, "have left"),
        ("LOOP: bra LOOP;", 32, "does not end"),
    ],
)
def test_refuses(body: str, threads: int, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gpu.ptx.machine.MOST_STEPS", 5000)
    with pytest.raises(PtxError, match=message):
        run(body, threads=threads)


def test_a_barrier_orders_shared_memory() -> None:
    exchange = SHARED + "st.shared.u32 [%r6], %r2; {} xor.b32 %r7, %r6, 4; ld.shared.u32 %r30, [%r7];"
    swapped = [lane ^ 1 for lane in range(64)]
    assert run(exchange.format("bar.warp.sync -1;"), threads=32).tolist() == swapped[:32]
    for seed in range(4):
        assert run(exchange.format("bar.sync 0;"), threads=64, seed=seed).tolist() == swapped
    # A barrier of a warp orders nothing between warps: what the other has not written yet is read, or was just.
    across = exchange.replace("%r6, 4;", "%r6, 128;").format("bar.warp.sync -1;")
    with pytest.raises(PtxError, match=r"a race|never written"):
        run(across, threads=64, seed=1)


def test_atomics_add_up_in_any_order() -> None:
    body = """
  mov.u32 %r4, tile;
  setp.ne.s32 %p1, %r2, 0;
  @!%p1 st.shared.u32 [%r4], 0;
  bar.sync 0;
  atom.shared.add.u32 %r5, [%r4], 2;
  atom.shared.max.u32 %r5, [%r4], 1;
  bar.sync 0;
  ld.shared.u32 %r30, [%r4];
"""
    for seed in range(3):
        assert run(body, threads=64, seed=seed).tolist() == [128] * 64


def test_copies_arrive_when_they_are_waited_for() -> None:
    copy = (
        SHARED
        + """
  add.s32 %r9, %r2, 7;
  st.global.u32 [%rd3], %r9;
  cp.async.ca.shared.global [%r6], [%rd3], 4{};
  cp.async.commit_group;
  {}
  ld.shared.u32 %r30, [%r6];
"""
    )
    assert run(copy.format("", "cp.async.wait_group 0;")).tolist() == list(range(7, 39))
    assert run(copy.format(", 0", "cp.async.wait_all;")).tolist() == [0] * 32
    for wait in ("", "cp.async.wait_group 1;"):
        with pytest.raises(PtxError, match="not waited for"):
            run(copy.format("", wait))


def test_threads_must_not_leave_copies_behind() -> None:
    body = SHARED + "st.global.u32 [%rd3], 1; cp.async.ca.shared.global [%r6], [%rd3], 4; mov.u32 %r30, 1;"
    with pytest.raises(PtxError, match="ends before the asynchronous copies"):
        run(body)


def test_multiplies_single_bits() -> None:
    """One bit in A and one in B: they meet where the layouts say that row and column are the same place of k."""
    mma = """
  mov.u32 %r3, 0; mov.u32 %r4, 0; mov.u32 %r5, 0;
  setp.eq.s32 %p1, %r2, 22; @%p1 mov.u32 %r3, 0x20;
  setp.eq.s32 %p2, %r2, 14; @%p2 mov.u32 %r4, 0x20;
  mma.sync.aligned.m16n8k256.row.col.s32.b1.b1.s32.and.popc
    {{%r10, %r11, %r12, %r13}}, {{{a}}}, {{{b}}}, {{1, 1, 1, 1}};
  mov.u32 %r30, {d};
"""
    zero = "%r5"

    def product(a: int, b: int, d: int) -> list[int]:
        rows = ", ".join("%r3" if i == a else zero for i in range(4))
        columns = ", ".join("%r4" if i == b else zero for i in range(2))
        return [int(value) for value in run(mma.format(a=rows, b=columns, d=f"%r{10 + d}"))]

    # Lane 22 is group 5, second in it: row 5, or 13 for a[1] and a[3]; lane 14 is column 3, second in its group too.
    # C at row 5, column 3 is value 1 of lane 4 * 5 + 3 // 2; row 13 is value 3.
    at_21 = [2 if lane == 21 else 1 for lane in range(32)]
    assert product(a=0, b=0, d=1) == at_21
    assert product(a=1, b=0, d=3) == at_21
    assert product(a=2, b=1, d=1) == at_21
    assert product(a=3, b=1, d=3) == at_21
    assert product(a=2, b=0, d=1) == [1] * 32
    assert product(a=0, b=1, d=1) == [1] * 32
