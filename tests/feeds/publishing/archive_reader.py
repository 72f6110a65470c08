"""A feed reader that knows RFC 5005: it polls a current feed and reads each archive document once."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from lxml import etree

from tests.feeds.publishing.shelf import SITE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from feeds.publishing.documents import Documents

ATOM = "{http://www.w3.org/2005/Atom}"
DELETED = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
ARCHIVE = "{http://purl.org/syndication/history/1.0}archive"


def link(feed: _Element, rel: str) -> str | None:
    """Where *feed* says that something is."""
    found = [one.get("href") for one in feed.iterchildren(f"{ATOM}link") if one.get("rel") == rel]
    assert len(found) <= 1
    return found[0] if found else None


def path_of(address: str) -> str:
    """The path that a file server looks for: it does not mind the query."""
    return unquote(address.removeprefix(f"{SITE.url}/").partition("?")[0])


def read(documents: Documents, address: str) -> _Element:
    document = documents.find(path_of(address))
    assert document is not None, address
    return etree.fromstring(document.body)  # type: ignore[union-attr]


def chain(documents: Documents, current: _Element) -> Iterator[tuple[str, _Element]]:
    """The archive documents that *current* leads to, the newest first."""
    address = link(current, "prev-archive")
    while address:
        feed = read(documents, address)
        yield address, feed
        address = link(feed, "prev-archive")


def entry_ids(feed: _Element) -> list[str]:
    return [entry.findtext(f"{ATOM}id", "") for entry in feed.iterchildren(f"{ATOM}entry")]


class Reader:
    """Holds what one feed holds: of each entry its title and when it was last corrected, by its id."""

    def __init__(self, documents: Documents, address: str) -> None:
        self._documents = documents
        self._address = address
        self.known: set[str] = set()
        self.held: dict[str, tuple[str, str]] = {}

    def poll(self) -> int:
        """Catch up (RFC 5005, 4.2): read what archives are new, then apply all from the oldest on."""
        current = read(self._documents, self._address)
        new = [current]
        for address, feed in chain(self._documents, current):
            if address in self.known:
                break
            self.known.add(address)
            new.append(feed)
        for feed in reversed(new):
            self._apply(feed)
        return len(new)

    def _apply(self, feed: _Element) -> None:
        for grave in feed.iterchildren(DELETED):
            self.held.pop(grave.get("ref", ""), None)
        for entry in feed.iterchildren(f"{ATOM}entry"):
            said = (entry.findtext(f"{ATOM}title", ""), entry.findtext(f"{ATOM}updated", ""))
            self.held[entry.findtext(f"{ATOM}id", "")] = said
