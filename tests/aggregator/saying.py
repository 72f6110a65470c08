"""Whatever a source may say, as Hypothesis makes it up, and the entry that becomes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from aggregator.normalise import Context, normalise
from feeds.document import Format, SourceEntry, SourceFeed, Term, Text, TextKind
from feeds.site import Site
from storage.entry import Author, Enclosure, Entry, Episode, InfoCode, Link, Origin, Transcript

SITE = Site("Harbour News", "https://news.example", ZoneInfo("Asia/Shanghai"), "zh-CN", "Editors")
CONTEXT = Context("harbour", "site", SITE, ZoneInfo("UTC"))
NOW = datetime(2035, 1, 1, tzinfo=UTC)

_NASTY = [
    "\x00", "\x0b", "\x7f", "\x85", "\ud800", "\ufffe", "\u2028", "\ufeff", "\u00a0", "\r\n", "\n\n", "]]>", "&amp;",
    "<b>", "</p>", "<!--", "-->", "😀", "汉字", '"', "'", "\\", "---", "...", "{{ x }}", "{% raw %}", "> ", "# ", "* ",
    "[返回首页](../)", "<>", "`", "_", "    ", "文章来源：", "~",
]  # fmt: skip
characters = st.characters(exclude_categories=())
texts = st.lists(st.sampled_from(_NASTY) | st.text(characters, max_size=6), max_size=6).map("".join)
# In a name, every format and reader takes what looks like markup or an address for that.
names = texts.map(lambda text: "".join(c for c in text if c not in "<&@"))
addresses = st.from_regex(
    r"https?://[a-z]{1,8}\.example/[a-zA-Z0-9/_.~-]{0,12}(\?[a-z]=[a-z0-9&]{0,5})?", fullmatch=True
)
pages = st.just("") | addresses
blocks = st.sampled_from(
    ["<p>%s</p>", "<div>%s</div>", "%s", "<pre>%s</pre>", "<ul><li>%s</ul>", "<b>%s</b>\n", "\n\n%s"]
)
markup = st.lists(st.builds(str.replace, blocks, st.just("%s"), texts), max_size=4).map("".join)
moments = st.datetimes(datetime(1970, 1, 2), datetime(2034, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
emails = st.sampled_from(["", "a@harbour.example"])
people = st.lists(st.builds(Author, names, emails, pages), max_size=2).map(tuple)
counts = st.none() | st.integers(-1, 2**33)
media_types = st.sampled_from(
    ["audio/mpeg", "video/mp4", "image/png", "application/pdf", "text/vtt; charset=utf-8", "x"]
)
languages = st.sampled_from(["", "en", "zh-TW", "zh-cn", "no language"])
files = st.builds(Enclosure, addresses, media_types, counts, names, counts, counts, counts)
links = st.builds(
    Link,
    addresses,
    st.sampled_from(["related", "via", "replies", "alternate", "license", "https://rel.example/x"]),
    st.sampled_from(["", "text/html", "application/atom+xml"]),
    names,
    languages,
)
transcripts = st.lists(st.builds(Transcript, addresses, media_types, languages), max_size=2).map(tuple)
kinds = st.sampled_from(["", "full", "trailer", "bonus", "other"])
episodes = st.builds(Episode, counts, counts, counts, kinds, st.none() | st.booleans(), transcripts, pages)
codes = st.builds(lambda number: InfoCode(f"NW{number:018}"), st.integers(0, 10**18 - 1))
derived = st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=26, max_size=26).map(lambda text: InfoCode(f"FM{text}"))


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """An entry as normalising makes it, with the ids that the store would give it."""
    published = draw(st.none() | moments)
    kind = draw(st.sampled_from(TextKind))
    said = SourceEntry(
        id=draw(addresses | texts),
        link=draw(pages),
        title=Text(draw(texts), kind),
        content=Text(draw(markup), TextKind.HTML),
        summary=draw(st.none() | st.builds(Text, texts, st.sampled_from(TextKind))),
        published=published,
        updated=draw(st.none() | moments),
        authors=draw(people),
        categories=tuple(draw(st.lists(st.builds(Term, names, names), max_size=3))),
        enclosures=tuple(draw(st.lists(files, max_size=3))),
        contributors=draw(people),
        links=tuple(draw(st.lists(links, max_size=3))),
        comments=draw(pages),
        image=draw(pages),
        licence=draw(names | addresses),
        episode=draw(st.none() | episodes),
        origin=draw(st.none() | st.builds(Origin, names, pages, pages)),
        language=draw(languages),
    )
    head = SourceFeed(draw(st.sampled_from([Format.ATOM_10, Format.RSS_20])), title="Harbour")
    seen = (published or draw(moments)) + timedelta(seconds=draw(st.integers(0, 100)))
    entry = normalise(said, draw(codes | derived), head, CONTEXT, seen, NOW)
    return replace(entry, atom_id=entry.own_id or entry.guid)
