"""Small documents to be made hostile."""

from __future__ import annotations

import json
from html import escape
from typing import Any

DAY = "Mon, 14 Mar 2022 10:00:00 GMT"
NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:atom="http://www.w3.org/2005/Atom"'
)


def item(title: str = "High tide", more: str = "", guid: str = "tide-1", date: str = DAY) -> str:
    """An RSS item; *title* is text, *more* is markup."""
    said = f"<title>{escape(title)}</title><guid isPermaLink='false'>{guid}</guid><pubDate>{date}</pubDate>"
    return f"<item>{said}{more}</item>"


def rss(*items: str, head: str = "", before: str = "", title: str = "Tides") -> bytes:
    """An RSS document; *before* stands before its root."""
    opened = f'<?xml version="1.0" encoding="utf-8"?>{before}<rss version="2.0" {NAMESPACES}><channel>'
    return f"{opened}<title>{title}</title>{head}{''.join(items or (item(),))}</channel></rss>".encode()


def atom(*entries: str, head: str = "") -> bytes:
    """An Atom document."""
    opened = '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0">'
    about = "<id>urn:tides</id><title>Tides</title><updated>2022-03-14T10:00:00Z</updated>"
    return f"{opened}{about}{head}{''.join(entries)}</feed>".encode()


def entry(title: str = "High tide", more: str = "", own: str = "urn:tide:1", date: str = "2022-03-14T10:00:00Z") -> str:
    """An Atom entry."""
    said = f"<id>{own}</id><title>{escape(title)}</title><updated>{date}</updated>"
    return f"<entry>{said}{more}</entry>"


def json_feed(*items: dict[str, Any], **head: Any) -> bytes:
    """A JSON Feed."""
    said = {"version": "https://jsonfeed.org/version/1.1", "title": "Tides", "items": list(items)} | head
    return json.dumps(said).encode()


def tide(title: str = "High tide", **more: Any) -> dict[str, Any]:
    """An item of a JSON Feed."""
    said = {"id": "tide-1", "title": title, "content_html": "<p>Water.</p>", "date_published": "2022-03-14T10:00:00Z"}
    return said | more


def body(markup: str) -> str:
    """An item's description."""
    return f"<description>{escape(markup)}</description>"
