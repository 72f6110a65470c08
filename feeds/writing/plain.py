"""Entries that have nothing but what every entry has, written at once: nearly all are such, and there are many.

What is written here is, byte for byte, what feedgen and its extensions write of such an entry at ten times the cost;
all that varies (files, links, licences, episodes) is left to them.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from feeds.writing.common import entry_categories, entry_guid, entry_id, entry_language, entry_link
from feeds.writing.extras import person
from feeds.writing.text import clean, rfc822, rfc3339

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feeds.site import Site
    from storage.entry import Entry


def atom_entry(entry: Entry, site: Site, titles: Mapping[str, str]) -> bytes:
    """An Atom ``entry``. *titles* gives a category's name by its slug.

    Raises:
        ValueError: the entry has no ``atom:id`` yet.
    """
    published = rfc3339(entry.published, site)
    updated = published if entry.updated == entry.published else rfc3339(entry.updated, site)
    language, content, summary = entry_language(entry, site), _escaped(entry.content), clean(entry.summary)
    before = [
        f'<entry xml:lang="{language}">' if language else "<entry>",
        f"<id>{text_of(entry_id(entry))}</id><title>{text_of(clean(entry.title)) or ' '}</title>",
        f"<updated>{updated}</updated>",
        *(_author(person(author)) for author in entry.authors),
        '<content type="html">' if content else '<content type="html"/>',
    ]
    after = [
        "</content>" if content else "",
        f'<link href="{attribute(entry_link(entry, site))}" rel="alternate" type="text/html"/>',
        f'<summary type="text">{text_of(summary)}</summary>' if summary else "",
        *(
            f'<category term="{attribute(slug)}" label="{attribute(name)}"/>'
            for slug, name in entry_categories(entry, titles)
        ),
        f"<published>{published}</published>",
        _source(entry, updated),
        f"<dc:identifier>{entry.info_code}</dc:identifier></entry>",
    ]
    return b"".join(("".join(before).encode(), content, "".join(after).encode()))


def rss_item(entry: Entry, site: Site, titles: Mapping[str, str]) -> bytes:
    """An RSS ``item``. *titles* gives a category's name by its slug.

    Raises:
        ValueError: the entry has no guid yet.
    """
    title, feed = clean(entry.title), clean(entry.origin.feed)
    medium = "" if feed else clean(entry.origin.title) or clean(entry.origin.link)
    corrected = entry.updated > entry.published
    before = ["<item>", _element("title", title), f"<link>{text_of(entry_link(entry, site))}</link>"]
    after = [
        f'<guid isPermaLink="false">{text_of(entry_guid(entry))}</guid>',
        *(_element("category", name) for _, name in entry_categories(entry, titles)),
        f'<source url="{attribute(feed)}">{text_of(clean(entry.origin.title) or feed)}</source>' if feed else "",
        f"<pubDate>{rfc822(entry.published, site)}</pubDate>",
        *(_element("dc:creator", clean(author.name)) for author in entry.authors),
        f"<dc:identifier>{entry.info_code}</dc:identifier>",
        _element("dc:language", entry_language(entry, site)),
        _element("dc:source", medium),
        f"<atom:updated>{rfc3339(entry.updated, site)}</atom:updated>" if corrected else "",
        "</item>",
    ]
    return b"".join(("".join(before).encode(), _description(entry, title), "".join(after).encode()))


def _author(parts: Mapping[str, str]) -> str:
    """A person construct (RFC 4287, 3.2); nothing without a name."""
    if not parts["name"]:
        return ""
    return f"<author>{''.join(_element(name, text) for name, text in parts.items())}</author>"


def _source(entry: Entry, updated: str) -> str:
    """The feed that the entry was taken from (RFC 4287, 4.2.11), or at least the medium."""
    origin = entry.origin
    title, link, feed = clean(origin.title), clean(origin.link), clean(origin.feed)
    if not (title or link or feed):
        return ""
    parts = ["<source>", _element("title", title)]
    if feed:
        parts.append(f'<id>{text_of(feed)}</id><updated>{updated}</updated><link rel="self" href="{attribute(feed)}"/>')
    if link:
        parts.append(f'<link rel="alternate" type="text/html" href="{attribute(link)}"/>')
    parts.append("</source>")
    return "".join(parts)


def _description(entry: Entry, title: str) -> bytes:
    """A summary goes to ``description``, which is HTML, the content to ``content:encoded``; without summary, to
    ``description``.
    """
    summary, content = clean(entry.summary), _escaped(entry.content)
    if not summary:
        return b"<description>%b</description>" % content if content or not title else b""
    described = f"<description>{text_of(escape(summary, quote=False))}</description>".encode()
    return b"%b<content:encoded>%b</content:encoded>" % (described, content) if content else described


def _element(name: str, text: str) -> str:
    """An element with *text*, unless that is empty."""
    return f"<{name}>{text_of(text)}</{name}>" if text else ""


def text_of(text: str) -> str:
    """As libxml2 writes clean *text* in an element: a carriage return by number, else it is read as a line feed."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\r", "&#13;") if "\r" in text else text


def _escaped(content: str) -> bytes:
    """As :func:`_text`, of a long text: in bytes, that takes half the time."""
    data = clean(content).encode()
    return data.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;").replace(b"\r", b"&#13;")


def attribute(text: str) -> str:
    """As libxml2 writes clean *text* in an attribute."""
    text = text_of(text).replace('"', "&quot;")
    return text if text.isprintable() else text.replace("\t", "&#9;").replace("\n", "&#10;")
