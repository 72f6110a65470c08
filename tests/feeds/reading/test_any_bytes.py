"""Whatever the bytes are, the answer is a feed or a sentence on why there is none."""

from __future__ import annotations

from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from feeds.document import SourceFeed
from feeds.reading import FeedSyntaxError, read

FOLDER = Path(__file__).parents[2] / "data" / "feeds"
DOCUMENTS = [path.read_bytes() for path in sorted(FOLDER.iterdir()) if not path.name.endswith(".expected.json")]
PIECES = (
    b"<", b">", b"&", b"]]>", b"<![CDATA[", b"</item>", b"<item>", b"<!--", b"<?xml?>", b"&#0;", b"&#x110000;",
    b"&#xD800;", b"xml:base='http://[x'", b"\0", b"\xff", b"\xef\xbb\xbf", b"<!DOCTYPE x [<!ENTITY a '&a;'>]>&a;", b"{",
    b"}", b"null", b'"\\ud800"', b"1e999", b"encoding='utf-16'", b"xmlns='urn:x'", b"<div>", b"<svg><title>", b"-1",
    b"<author>",
)  # fmt: skip
HEADERS = st.sampled_from(
    ["", "text/xml", "text/xml; charset=utf-16", "x; charset=punycode", "application/json; charset="]
)
PLACES = st.sampled_from(["", "https://example.org/feed", "http://[bad", "no address"])


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A real document with some of its bytes cut out, doubled, or replaced."""
    data = draw(st.sampled_from(DOCUMENTS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 40)))
        piece = draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=6), st.just(data[start:end] * 2)))
        data = data[:start] + piece + data[end:]
    return data


def answer(data: bytes, content_type: str, location: str) -> None:
    try:
        feed = read(data, content_type=content_type, location=location)
    except FeedSyntaxError:
        return
    assert isinstance(feed, SourceFeed)
    assert all(text is None or text.value for entry in feed.entries for text in (entry.title, entry.content))


@given(st.binary(max_size=300), HEADERS, PLACES)
@example(b"<", "", "")
@example(b"{}", "", "")
@example(b"<rss><channel><item><title>&#xD800;</title></item></channel></rss>", "", "")
@example(b'{"items": [{"id": 1e400}]}', "", "")
@example(b"\xff\xfe\x00\xd8", "", "")
def test_any_bytes(data: bytes, content_type: str, location: str) -> None:
    answer(data, content_type, location)


@settings(max_examples=400, deadline=None)
@given(mutated(), HEADERS, PLACES)
def test_damaged_documents(data: bytes, content_type: str, location: str) -> None:
    answer(data, content_type, location)


@given(st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["id", "url", "authors", "author", "tags", "attachments", "name", "title",
                                       "size_in_bytes", "date_published", "_feedmill", "infoCode", "items"]), inner),
    max_leaves=15,
))  # fmt: skip
def test_any_members(item: object) -> None:
    import orjson

    document = {"version": "https://jsonfeed.org/version/1.1", "items": [item], "title": item, "authors": item}
    try:
        data = orjson.dumps(document)
    except orjson.JSONEncodeError:
        return  # a lone surrogate: no JSON can carry it
    assert len(read(data).entries) == isinstance(item, dict)
