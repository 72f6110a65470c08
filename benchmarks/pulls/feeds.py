"""Generated feeds: RSS 2.0 and Atom, Chinese and English, as long as news sites' are.

The same number gives the same bytes on any machine. All texts are put together from word lists; firms, places and
people are invented. No two entries say the same.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import product
from random import Random
from typing import TYPE_CHECKING

from benchmarks.store import headline, sentence

if TYPE_CHECKING:
    from collections.abc import Callable

ENTRIES = 30
PER_HOST = 4
"""Sources of one host: as many as a publisher's sections, say."""

_NEWEST = datetime(2025, 6, 1, tzinfo=UTC)
# Bytes of a feed's texts, about: thirty of them and what stands around them are 40 to 80 KB.
_SHORTEST, _LONGEST = 700, 2_000
# Categories are shared: so many in each language, of which a feed uses a few.
_CATEGORIES = 120
_OF_A_FEED = 6


def _words(table: str) -> tuple[str, ...]:
    return tuple(table.split())


_THEMES = _words("harbour weather markets science schools rail farming music courts health energy sport")
_VIEWS = _words("today reports letters figures people opinion archive guides pictures analysis")
_HANS = _words("港口 天气 市场 科学 学校 铁路 农业 音乐 法院 健康 能源 体育")
_HANS_VIEWS = _words("今日 报道 来信 数据 人物 观点 档案 指南 图片 分析")

# Thousands of words of no language, and the small ones of English between them: with few words, sentences of different
# feeds were alike, as those of real news are not.
_BEGINS = _words("b br c ch d dr f fl g gr h j k l m n p pl qu r s st t tr v w")
_ENDS = _words("b ck d ft g l lm m n nd p r rst s sh t th x")
_SYLLABLES = [f"{begin}{vowel}{end}" for begin, vowel, end in product(_BEGINS, _words("a e i o u ea ou"), _ENDS)]
_SMALL = _words("the of and to in a for with that on by from at as is was has will")


@dataclass(frozen=True, slots=True)
class Served:
    """A document as a server has it; ``etag`` and ``modified`` as they stand in the header."""

    body: bytes
    content_type: str
    etag: str
    modified: str


@dataclass(frozen=True, slots=True)
class _Item:
    link: str
    title: str
    author: str
    categories: tuple[str, ...]
    published: datetime
    summary: str
    html: str


def addresses(sources: int, port: int) -> list[str]:
    """Where the feeds of so many *sources* are: a few of each of many hosts, all of them this machine."""
    return [f"http://{_host(number // PER_HOST)}:{port}/{number}/feed" for number in range(sources)]


def feed(number: int, entries: int = ENTRIES) -> Served:
    """The feed of the source *number*; every second one is RSS, every other pair of them Chinese."""
    rng = Random(f"feed {number}")
    room = rng.randint(_SHORTEST, _LONGEST)
    items = [_item(number, index, room, rng) for index in range(entries)]
    is_atom, site = bool(number % 2), f"https://site{number}.example"
    name = f"{headline(rng) if _is_chinese(number) else _word(rng).capitalize()} {number}"
    body = (_atom if is_atom else _rss)(site, name, items).encode()
    return Served(
        body=body,
        content_type=f"application/{'atom' if is_atom else 'rss'}+xml; charset=utf-8",
        etag=f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"',
        modified=format_datetime(items[0].published, usegmt=True),
    )


def _host(number: int) -> str:
    """A loopback address: the network 127.0.0.0/8 is this machine whole (RFC 1122, 3.2.1.3)."""
    return f"127.1.{number // 250}.{1 + number % 250}"


def _is_chinese(number: int) -> bool:
    return bool(number // 2 % 2)


def _item(number: int, index: int, room: int, rng: Random) -> _Item:
    chinese = _is_chinese(number)
    say = sentence if chinese else _sentence
    place = f"https://site{number}.example/{2025 - index // 12}/{rng.randrange(10**6)}-{index}.html"
    return _Item(
        link=place,
        title=headline(rng) if chinese else _sentence(rng).rstrip("."),
        author=f"{_word(rng).capitalize()} {_word(rng).capitalize()}",
        categories=tuple(sorted({_category(number, rng) for _ in range(rng.randint(1, 3))})),
        published=_NEWEST - timedelta(minutes=number % 1_440, hours=7 * index),
        summary=say(rng),
        html=_html(place, say, int(room * rng.uniform(0.5, 1.5)), rng),
    )


def _category(number: int, rng: Random) -> str:
    """One of the few that this feed uses."""
    chosen = (number * 7 + rng.randrange(_OF_A_FEED) * 41) % _CATEGORIES
    themes, views = (_HANS, _HANS_VIEWS) if _is_chinese(number) else (_THEMES, _VIEWS)
    return f"{themes[chosen % 12]}{' ' if themes is _THEMES else ''}{views[chosen // 12]}"


def _sentence(rng: Random) -> str:
    """About 90 bytes, of characters that need no escaping."""
    words = [f"{rng.choice(_SMALL)} {_word(rng)}" for _ in range(rng.randint(7, 11))]
    words.insert(3, f"{rng.randrange(2, 9_000)}")
    return f"{' '.join(words).capitalize()}."


def _word(rng: Random) -> str:
    return rng.choice(_SYLLABLES) + (rng.choice(_SYLLABLES) if rng.random() < 0.4 else "")


def _html(place: str, say: Callable[[Random], str], room: int, rng: Random) -> str:
    """What editors' programs write: paragraphs with emphasis and links, a picture, now and then a list or quotation."""
    parts = [
        f'<figure><img src="https://img.example/{rng.randrange(10**9)}.jpg" alt="" width="640" height="360"></figure>'
    ]
    size = 0
    while size < room:
        text = say(rng)
        shape = rng.randrange(8)
        if shape == 0:
            text = f'<p><strong>{text}</strong> <a href="{place}#{size}">{say(rng)}</a></p>'
        elif shape == 1:
            text = f"<ul><li>{text}</li><li>{say(rng)}</li></ul>"
        elif shape == 2:
            text = f"<blockquote><p>{text}</p></blockquote>"
        else:
            text = f"<p>{text} {say(rng)}</p>"
        parts.append(text)
        size += len(text.encode())
    return "\n".join(parts)


def _rss(site: str, name: str, items: list[_Item]) -> str:
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:atom="http://www.w3.org/2005/Atom">\n<channel>\n'
        f'<title>{name}</title>\n<link>{site}/</link>\n<atom:link href="{site}/feed" rel="self" '
        f'type="application/rss+xml"/>\n<description>{name}</description>\n<language>en</language>\n'
        f"<lastBuildDate>{format_datetime(items[0].published)}</lastBuildDate>\n"
    )
    return head + "".join(map(_rss_item, items)) + "</channel>\n</rss>\n"


def _rss_item(item: _Item) -> str:
    categories = "".join(f"<category><![CDATA[{name}]]></category>\n" for name in item.categories)
    return (
        f"<item>\n<title>{item.title}</title>\n<link>{item.link}</link>\n<dc:creator><![CDATA[{item.author}]]>"
        f"</dc:creator>\n<pubDate>{format_datetime(item.published)}</pubDate>\n{categories}"
        f'<guid isPermaLink="false">{item.link}?guid</guid>\n<description><![CDATA[<p>{item.summary}</p>]]>'
        f"</description>\n<content:encoded><![CDATA[{item.html}]]></content:encoded>\n</item>\n"
    )


def _atom(site: str, name: str, items: list[_Item]) -> str:
    head = (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f'<title>{name}</title>\n<id>{site}/</id>\n<link href="{site}/"/>\n<link rel="self" href="{site}/feed"/>\n'
        f"<updated>{items[0].published.isoformat()}</updated>\n"
    )
    return head + "".join(map(_atom_entry, items)) + "</feed>\n"


def _atom_entry(item: _Item) -> str:
    categories = "".join(f'<category term="{name}"/>\n' for name in item.categories)
    html = item.html.replace("&", "&amp;").replace("<", "&lt;")
    return (
        f'<entry>\n<title>{item.title}</title>\n<link href="{item.link}"/>\n<id>{item.link}</id>\n'
        f"<published>{item.published.isoformat()}</published>\n<updated>{item.published.isoformat()}</updated>\n"
        f"<author><name>{item.author}</name></author>\n{categories}<summary>{item.summary}</summary>\n"
        f'<content type="html">{html}</content>\n</entry>\n'
    )
