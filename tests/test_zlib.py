"""The zlib stream in pieces: any sequence of them inflates to what was put in."""

import random
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wsgi_placeholder.formats import _zlib
from wsgi_placeholder.formats._zlib import ZlibStream, block, zero_run


@pytest.fixture(params=["isal", "zlib"], autouse=True, scope="module")
def codec(request):
    """Both compressors; isal has to be there."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "zlib":
            patch.setattr(_zlib, "_codec", zlib)
            patch.setattr(_zlib, "_LEVEL", 6)
        assert _zlib._codec.__name__.rpartition(".")[2] in (request.param, "isal_zlib")
        yield


def inflated(stream):
    """What a whole stream holds; its checksum must be right and nothing may be left over."""
    body = stream.finish()
    inflate = zlib.decompressobj()
    content = inflate.decompress(body) + inflate.flush()
    assert inflate.eof
    assert inflate.unused_data == b""
    assert body[-4:] == zlib.adler32(content).to_bytes(4, "big")
    return content


def noise(length, seed=1):
    return random.Random(seed).randbytes(length)


DATA = st.one_of(
    st.binary(max_size=70),
    st.builds(noise, st.integers(0, 70_000), st.integers(0, 99)),
    st.builds(lambda part, times: part * times, st.binary(max_size=9), st.integers(0, 9_000)),
    st.builds(lambda length: b"\xff" * length, st.integers(0, 80_000)),
)
STEPS = st.one_of(
    st.tuples(st.just("data"), DATA),
    st.tuples(st.just("zeros"), st.integers(0, 300_000)),
    st.tuples(st.just("repeat"), DATA, st.integers(0, 40)),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=8))
def test_what_goes_in_comes_out(steps):
    stream, wanted = ZlibStream(), []
    for kind, what, *times in steps:
        if kind == "data":
            stream.data(what)
            wanted.append(what)
        elif kind == "zeros":
            stream.zeros(what)
            wanted.append(bytes(what))
        else:
            stream.repeat(block(what), *times)
            wanted.append(what * times[0])
    assert inflated(stream) == b"".join(wanted)


def test_nothing():
    assert inflated(ZlibStream()) == b""


@pytest.mark.parametrize("run", _zlib._RUNS)
@pytest.mark.parametrize("more", [-1, 0, 1])
@pytest.mark.parametrize("times", [1, 3])
def test_zeros_around_the_sizes_of_the_blocks(run, more, times):
    stream = ZlibStream()
    stream.data(b"\xff" * 5)
    stream.zeros(times * run + more)
    stream.zeros(0)
    stream.data(b"end")
    assert inflated(stream) == b"\xff" * 5 + bytes(times * run + more) + b"end"


def test_zeros_given_in_small_portions():
    stream = ZlibStream()
    for count in range(1, 400):
        stream.zeros(count)
    assert inflated(stream) == bytes(sum(range(400)))


@pytest.mark.parametrize("start", [b"", b"\x01", b"\xff" * 70_000])
@pytest.mark.parametrize("piece", [b"\0", b"\xff", b"\xff" * 5551, b"\2" + bytes(9_999)])
@pytest.mark.parametrize("times", [0, 1, 2, 3000])
def test_the_checksum_of_a_repetition(start, piece, times):
    """RFC 1950, 8.2: both sums are modulo 65521, and a zero byte adds to the second one only."""
    stream = ZlibStream()
    stream.data(start)
    stream.repeat(block(piece), times)
    stream.data(b"then")
    assert inflated(stream) == start + piece * times + b"then"


def test_a_very_long_repetition_costs_a_checksum_of_its_length_only():
    count = 3 << 30
    stream = ZlibStream()
    stream.data(b"\x07" * 999)
    stream.zeros(count)
    low = 1 + 7 * 999
    high = 999 + 7 * 999 * 1000 // 2 + count * low
    assert stream._adler == (high % 65521) << 16 | low % 65521
    # Deflate codes at most 258 bytes in two bits.
    assert sum(map(len, stream._pieces)) < count / 1000


@pytest.mark.parametrize("data", [b"", b"x", noise(40_000), b"abc" * 30_000, bytes(70_000)])
def test_a_piece_stands_alone(data):
    """It ends on a byte, is not the last one, and refers to nothing before it."""
    for deflated in (_zlib._deflated(data), block(data).deflated):
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        assert inflate.decompress(deflated) == data
        assert not inflate.eof
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        assert inflate.decompress(deflated * 3 + b"\x03\x00") == data * 3
        assert inflate.eof
        assert inflate.unused_data == b""


def test_a_run_of_zeros_is_small_and_made_once():
    run = zero_run(1 << 20)
    assert run is zero_run(1 << 20)
    assert len(run.deflated) < (1 << 20) / 1000
    assert (run.length, run.low, run.high) == (1 << 20, 0, 0)


def test_checksums():
    for length in (0, 1, 100_000):
        assert _zlib.crc32(noise(length)) == zlib.crc32(noise(length))
