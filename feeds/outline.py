"""A feed in a list of feeds, as OPML tells of it: what is read of one and written of one is the same."""

from __future__ import annotations

from dataclasses import dataclass

NAMESPACE = "urn:feedmill:opml"
"""Of the one attribute that OPML lacks: ``name``, where a source or category is called what no title may turn into."""


@dataclass(frozen=True, slots=True)
class Folder:
    """What a feed is filed under. ``name`` is the exact name of a category, empty where another program wrote it."""

    title: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed: its ``address`` as it is written (``xmlUrl``), its page, its title.

    ``name`` is the exact name of a source, empty where another program wrote the document.
    """

    address: str
    title: str = ""
    name: str = ""
    link: str = ""
    folders: tuple[Folder, ...] = ()
