"""Sources from a list of feeds (OPML), and a list of feeds from the sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aggregator.discovery import address_key
from aggregator.fetching.errors import without_credentials
from aggregator.slugs import slug
from feeds.addresses import is_web_address
from feeds.outline import Folder, Outline
from feeds.reading.opml import Skipped
from storage.source import SourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aggregator.settings import SourceSettings

# As SourceSettings has it, less room for a number.
_LONGEST_NAME = 190


@dataclass(frozen=True, slots=True)
class Import:
    """What a list of feeds comes to: new sources, as tables of the configuration, and what was left out and why."""

    tables: tuple[dict[str, Any], ...]
    skipped: tuple[Skipped, ...]


class Names:
    """Gives names that no source has yet."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._last: dict[str, int] = {}

    def new(self, wanted: str) -> str:
        """*wanted*, with a number if a source has that name."""
        name = wanted[:_LONGEST_NAME]
        while name in self._taken:
            self._last[wanted] = self._last.get(wanted, 1) + 1
            name = f"{wanted[:_LONGEST_NAME]}-{self._last[wanted]}"
        self._taken.add(name)
        return name


def name_for(title: str, address: str) -> str:
    """What to call the feed at *address*: the slug of its title, else its host."""
    return slug(title) or (urlsplit(address).hostname or "feed").removeprefix("www.")


def as_sources(feeds: Sequence[Outline], sources: Sequence[SourceSettings]) -> Import:
    """*feeds* as new sources beside those that there are.

    A feed that is listed twice is one source in both folders.
    """
    names = Names(source.name for source in sources)
    known = {address_key(source.url): source.name for source in sources if source.url}
    tables: dict[str, dict[str, Any]] = {}
    skipped: list[Skipped] = []
    for feed in feeds:
        key = address_key(feed.address)
        called = feed.title or without_credentials(feed.address)
        categories = [_category(folder) for folder in feed.folders]
        if not is_web_address(feed.address):
            skipped.append(Skipped(called, f"{without_credentials(feed.address)!r} is no address in http or https"))
        elif key in known:
            skipped.append(Skipped(called, f"is a source already: {known[key]}"))
        elif key in tables:
            if not _add(tables[key], categories):
                skipped.append(Skipped(called, f"is listed twice: {tables[key]['name']}"))
        else:
            name = names.new(feed.name or name_for(feed.title, feed.address))
            tables[key] = {"name": name, "kind": str(SourceKind.FEED), "url": feed.address}
            _add(tables[key], categories)
    return Import(tuple(tables.values()), tuple(skipped))


def as_outline(source: SourceSettings) -> Outline | None:
    """*source* as others may see it, without user name and password; None if it is no feed at an address."""
    if source.kind is not SourceKind.FEED or not source.url:
        return None
    folders = (Folder(category, "" if slug(category) == category else category) for category in source.categories)
    exact = "" if slug(source.name) == source.name else source.name
    return Outline(without_credentials(source.url), source.name, exact, folders=tuple(folders))


def _category(folder: Folder) -> str:
    return folder.name or slug(folder.title)


def _add(table: dict[str, Any], categories: Iterable[str]) -> bool:
    """Put *categories* in, and tell whether there was a new one."""
    before: list[str] = table.get("categories", [])
    after = list(dict.fromkeys([*before, *filter(None, categories)]))
    if after != before:
        table["categories"] = after
    return after != before
