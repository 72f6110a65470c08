"""Sites in two languages, entries to show, and a reader that is strict about markup."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from feeds.site import Site
from storage.entry import Author, Entry, Origin, as_info_code

if TYPE_CHECKING:
    from collections.abc import Callable

_VOID = frozenset(["br", "hr", "img", "link", "meta", "source", "input"])
_PUBLISHED = datetime(2022, 3, 14, 10, 35, 49, tzinfo=UTC)


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(self.pieces).split())


class Page(HTMLParser):
    """A page as a list of elements in document order. Fails on what no careful author writes."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.source = page.decode()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(self.source)
        self.close()
        assert not self._open, f"never closed: {[one.tag for one in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len({name for name, _ in attrs}), f"an attribute twice: {attrs}"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.pieces.append(data)

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """The elements of this tag whose attributes are these; a final ``_`` keeps a name from being a keyword."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            one
            for one in self.elements
            if one.tag == tag and all(one.attributes.get(name) == value for name, value in wanted.items())
        ]

    def one(self, tag: str, **attributes: str) -> Element:
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} of <{tag} {attributes}>"
        return found[0]


@pytest.fixture(scope="session")
def read() -> type[Page]:
    return Page


@pytest.fixture(scope="session")
def chinese() -> Site:
    return Site("金融消息", "https://news.example", ZoneInfo("Asia/Shanghai"), language="zh-CN", author="ZNing")


@pytest.fixture(scope="session")
def english() -> Site:
    return Site("The Ledger", "https://ledger.example/mill", ZoneInfo("Europe/London"), language="en-GB")


@pytest.fixture(scope="session")
def make() -> Callable[..., Entry]:
    def entry(**changes: Any) -> Entry:
        values: dict[str, Any] = {
            "info_code": as_info_code("NW202203142308379872"),
            "title": "水库今日开闸",
            "content": "<p>第一段。</p><p>第二段，<strong>要紧</strong>。</p>",
            "published": _PUBLISHED,
            "updated": _PUBLISHED,
            "first_seen": _PUBLISHED,
            "scope": "site",
            "source": "posts",
            "origin": Origin("河边日报", "https://river.example/"),
            "link": "https://river.example/news/1.html",
            "authors": (Author("李记者"),),
            "categories": ("hebianribao",),
            "language": "zh-CN",
        }
        return Entry(**values | changes)

    return entry
