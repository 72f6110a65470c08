from __future__ import annotations

import gzip
import importlib
import random
import sys
import tracemalloc
import zlib
from typing import TYPE_CHECKING

import brotli  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.fetching.decoding import ACCEPT_ENCODING, Body
from aggregator.fetching.errors import BadEncoding, ConnectionFailed, TooLarge

if TYPE_CHECKING:
    from collections.abc import Callable

MEBIBYTE = 2**20
TEXT = "".join(f"<item><title>第{n}条消息</title></item>\n" for n in range(5_000)).encode()


def bare_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


def quick_brotli(data: bytes) -> bytes:
    return bytes(brotli.compress(data, quality=5))


ENCODERS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("x-gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", bare_deflate),
    ("br", quick_brotli),
]
if "zstd" in ACCEPT_ENCODING:
    zstd = importlib.import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
    ENCODERS.append(("zstd", zstd.compress))


def decode(
    raw: bytes, *encodings: str, step: int = 1400, max_wire: int = 10 * MEBIBYTE, limit: int = 15 * MEBIBYTE
) -> bytes:
    body = Body("http://news.example/feed", encodings, max_wire, limit)
    for start in range(0, len(raw), step):
        body.feed(raw[start : start + step])
    return body.finish()


@pytest.mark.parametrize("step", [1, 1400, 10**9])
@pytest.mark.parametrize(("name", "encode"), ENCODERS)
def test_every_encoding_comes_out_whole(name: str, encode: Callable[[bytes], bytes], step: int) -> None:
    assert decode(encode(TEXT), name, step=step) == TEXT


@given(st.lists(st.sampled_from(ENCODERS), max_size=2), st.binary(max_size=300_000), st.integers(1, 5000))
def test_what_was_encoded_comes_back(
    layers: list[tuple[str, Callable[[bytes], bytes]]], data: bytes, step: int
) -> None:
    raw = data
    for _, encode in layers:
        raw = encode(raw)
    assert decode(raw, ", ".join(name for name, _ in layers), step=step) == data


@pytest.mark.parametrize("size", range(65_530, 65_545))
@pytest.mark.parametrize(("name", "encode"), ENCODERS)
def test_a_piece_that_is_just_full_loses_nothing(name: str, encode: Callable[[bytes], bytes], size: int) -> None:
    # Bare deflate has its last bytes of input used up by then, and output still to give.
    for data in (bytes(size), random.Random(size).randbytes(size - 300) + bytes(300)):
        assert decode(encode(data), name) == data


@pytest.mark.parametrize("plain", ["", "identity", "none", "UTF-8", " identity , Identity"])
def test_no_encoding_by_any_name(plain: str) -> None:
    assert decode(TEXT, plain) == TEXT


def test_layers_may_be_in_one_field_or_several() -> None:
    raw = quick_brotli(gzip.compress(TEXT))
    assert decode(raw, "GZIP, br") == TEXT
    assert decode(raw, "gzip", "br") == TEXT


def test_gzip_members_follow_each_other_and_padding_is_looked_past() -> None:
    members = gzip.compress(b"one ") + gzip.compress(b"two")
    for step in (1, 7, 1000):
        assert decode(members + bytes(20), "gzip", step=step) == b"one two"


@pytest.mark.parametrize(("name", "encode"), ENCODERS)
def test_a_bomb_stops_at_the_limit_without_the_memory(name: str, encode: Callable[[bytes], bytes]) -> None:
    raw = encode(bytes(50 * MEBIBYTE))
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge, match="larger than 1,048,576 bytes decoded"):
            decode(raw, name, step=10**9, limit=MEBIBYTE)
        assert tracemalloc.get_traced_memory()[1] < 4 * MEBIBYTE
    finally:
        tracemalloc.stop()


def test_a_bomb_between_two_layers_is_one_all_the_same() -> None:
    # Empty deflate blocks: whatever their number, they decode to nothing.
    inner = b"\x00\x00\x00\xff\xff" * (4 * MEBIBYTE // 5) + bare_deflate(b"")
    assert decode(inner, "deflate") == b""
    with pytest.raises(TooLarge):
        decode(gzip.compress(inner), "deflate, gzip", limit=MEBIBYTE)


def test_thousands_of_members_are_refused() -> None:
    with pytest.raises(BadEncoding, match="members"):
        decode(gzip.compress(b"") * 1001, "gzip", step=10**9)


@pytest.mark.parametrize("encodings", [(), ("gzip",)])
def test_the_wire_has_a_limit_of_its_own(encodings: tuple[str, ...]) -> None:
    raw = gzip.compress(random.Random(1).randbytes(5000))
    with pytest.raises(TooLarge, match="larger than 4,000 bytes"):
        decode(raw, *encodings, max_wire=4000)


def test_a_document_of_just_the_limit_is_taken() -> None:
    assert decode(gzip.compress(bytes(5000)), "gzip", limit=5000) == bytes(5000)
    assert decode(bytes(5000), limit=5000) == bytes(5000)
    for raw, encoding in ((gzip.compress(bytes(5001)), "gzip"), (bytes(5001), "")):
        with pytest.raises(TooLarge):
            decode(raw, encoding, limit=5000)


@pytest.mark.parametrize(("name", "encode"), ENCODERS)
def test_a_stream_that_breaks_off_is_no_document(name: str, encode: Callable[[bytes], bytes]) -> None:
    raw = encode(TEXT)
    for kept in (1, len(raw) // 2, len(raw) - 1):
        with pytest.raises(ConnectionFailed, match="breaks off"):
            decode(raw[:kept], name)


@pytest.mark.parametrize("name", sorted({name for name, _ in ENCODERS}))
def test_what_is_not_in_its_encoding_is_told(name: str) -> None:
    with pytest.raises(BadEncoding, match=r"^http://news\.example/feed has a body that is not in the content encoding"):
        decode(b"<rss version='2.0'><channel/></rss>", name)


@pytest.mark.parametrize(("name", "encode"), ENCODERS)
def test_an_empty_body_is_empty_in_any_encoding(name: str, encode: Callable[[bytes], bytes]) -> None:
    assert decode(b"", name) == b""
    assert decode(encode(b""), name) == b""


def test_unknown_or_too_many_encodings_are_refused_before_any_byte() -> None:
    with pytest.raises(BadEncoding, match="'compress'"):
        Body("http://news.example/feed", ["compress"], 1000, 1000)
    with pytest.raises(BadEncoding, match="3 content encodings"):
        Body("http://news.example/feed", ["gzip, gzip", "gzip"], 1000, 1000)


def test_only_what_can_be_decoded_is_asked_for() -> None:
    asked = ACCEPT_ENCODING.split(", ")
    assert asked[:3] == ["gzip", "deflate", "br"]
    assert asked[3:] in ([], ["zstd"])
