"""A whole store in a folder of its own, with words for what its writers and its operator do."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from aggregator.config import Config
from aggregator.feed_documents import Document, Taking
from aggregator.ingest import Ingest, Ingested
from aggregator.settings import PublishSettings, SiteSettings, SourceSettings
from storage import categories, copies, entries, listing, sources
from storage.category import ALL
from storage.entries import EntryChange
from storage.entry import Entry, InfoCode, WithdrawnBy
from storage.source import PullState, SourceKind
from tests import stores
from tests.storage.held import dump

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""When a store's story begins."""


class Store:
    """Posts in ``posts/``, feeds as bytes, one database; time stands still until it is told to move."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "posts"
        (self.root / "_posts").mkdir(parents=True)
        self.now = MORNING
        self.timezone = "Asia/Shanghai"
        self._sources = {"posts": SourceSettings(name="posts", kind=SourceKind.POSTS, path=self.root)}
        self._modified = 1_600_000_000
        self.path = folder / "feedmill.db"
        self.database = stores.open_at(self.path)

    # What the operator does.

    def source(self, name: str, **settings: Any) -> None:
        """Configure a source, or configure it differently."""
        known = self._sources.get(name)
        kept = known.model_dump(exclude_unset=True) if known else {"name": name, "kind": SourceKind.FEED}
        if settings.get("kind", kept["kind"]) is SourceKind.FEED:
            kept.setdefault("url", f"https://{name}.example.org/feed")
        self._sources[name] = SourceSettings(**kept | settings)

    def later(self, minutes: int = 60) -> datetime:
        self.now += timedelta(minutes=minutes)
        return self.now

    def withdraw(self, code: str, by: WithdrawnBy = WithdrawnBy.OPERATOR) -> None:
        before = self.entry(code)
        with self.database.writing() as connection:
            entries.save(
                connection, [EntryChange(before, replace(before, withdrawn=self.now, withdrawn_by=by))], self.now
            )

    # What the writers do.

    def post(self, name: str, *, folder: str = "_posts", body: str = "Text.", **head: str) -> str:
        """Write a post; its front matter is *head*, a title and a date unless they are given. Returns its place."""
        head = {"title": "Harbour opens", "date": "2022-03-14 18:35:49", "categories": "gangkou", **head}
        lines = "".join(f"{key}: {value}\n" for key, value in head.items() if value)
        return self.file(f"{folder}/{name}", f"---\n{lines}---\n{body}\n".encode())

    def page(self, slug: str, title: str) -> None:
        """Write a category's own page."""
        text = f"---\nlayout: category\ntitle: {title}\ncategory: {slug}\n---\n"
        self.file(f"category/{slug}.html", text.encode())

    def file(self, place: str, data: bytes) -> str:
        path = self.root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self.touch(place)
        return place

    def touch(self, place: str) -> None:
        """Another time of change, long enough ago that nobody waits for the writer."""
        self._modified += 1
        os.utime(self.root / place, (self._modified, self._modified))

    def remove(self, *places: str) -> None:
        for place in places:
            (self.root / place).unlink()

    def move(self, place: str, to: str) -> str:
        (self.root / to).parent.mkdir(parents=True, exist_ok=True)
        (self.root / place).rename(self.root / to)
        return to

    # What the program does.

    @property
    def ingest(self) -> Ingest:
        site = SiteSettings(title="Mill", url="https://mill.example.org", language="en", timezone=self.timezone)
        config = Config(site=site, publish=PublishSettings(), source=tuple(self._sources.values()))
        return Ingest(config, self.database)

    def prepared(self, source: str) -> tuple[SourceSettings, PullState]:
        """A source's settings, and what is remembered of it."""
        settings = self._sources[source]
        with self.database.reading() as connection:
            known = sources.states(connection, [source]).get(source, PullState(source, settings.kind))
        return settings, self.ingest.state(settings, known)

    def scan(self, source: str = "posts", only: Collection[str] | None = None) -> Ingested:
        """Read the posts, or those at some paths, as a pull does."""
        settings, state = self.prepared(source)
        return self._record(self.ingest.scan(settings, state, self.now, only=only))

    def take(self, source: str, body: str) -> Ingested:
        """Read a document, as a pull does."""
        settings, state = self.prepared(source)
        [ingested] = self.ingest.take([Taking(settings, Document(body.encode(), settings.url), state, self.now)])
        if isinstance(ingested, Exception):
            raise ingested
        return self._record(ingested)

    def _record(self, ingested: Ingested) -> Ingested:
        with self.database.writing() as connection:
            sources.record(connection, [ingested.state])
        return ingested

    # What is held.

    def entry(self, code: str) -> Entry:
        """The entry of that code, which there must be."""
        return self.entries()[InfoCode(code)]

    def entries(self) -> dict[InfoCode, Entry]:
        """Every entry, withdrawn ones too."""
        with self.database.reading() as connection:
            return entries.find(connection, [code for code, _ in entries.changed_since(connection, 0)])

    def listed(self, category: str = ALL, limit: int = 1_000) -> list[str]:
        with self.database.reading() as connection:
            return [entry.info_code for entry in listing.listed(connection, category, limit)]

    def graves(self, category: str = ALL) -> list[str]:
        with self.database.reading() as connection:
            return [grave.info_code for grave in entries.tombstones(connection, category, 1_000)]

    def title(self, slug: str) -> str:
        with self.database.reading() as connection:
            return categories.titles(connection, [slug]).get(slug, "")

    def version(self, slug: str) -> int:
        with self.database.reading() as connection:
            category = categories.find(connection, [slug]).get(slug)
        return category.version if category else 0

    def counts(self, source: str = "posts") -> sources.Counts:
        with self.database.reading() as connection:
            return sources.counts(connection).get(source, sources.Counts())

    def problems(self, source: str = "posts") -> dict[str, str]:
        with self.database.reading() as connection:
            return copies.problems(connection, source)

    def dump(self) -> dict[str, list[str]]:
        """Every row of every table but the one of pulls."""
        with self.database.reading() as connection:
            return dump(connection, leave_out=["source"])


def rss(*items: str, title: str = "Harbour Post") -> str:
    """A feed of *items*."""
    head = f"<title>{title}</title><link>https://harbour.example.org/</link><description>x</description>"
    dc = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return f'<rss version="2.0" {dc}><channel>{head}{"".join(items)}</channel></rss>'


def item(guid: str = "", title: str = "Harbour opens", *, code: str = "", body: str = "Text.", **parts: str) -> str:
    """An item; *parts* are further elements, by name."""
    parts = {"title": title, "guid": guid, "dc:identifier": code, "description": body, **parts}
    return f"<item>{''.join(f'<{name}>{text}</{name}>' for name, text in parts.items() if text)}</item>"


def atom(*parts: str) -> str:
    """An Atom feed of *parts*."""
    spaces = 'xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"'
    spaces += ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return f"<feed {spaces}><id>tag:harbour.example.org,2026:feed</id><title>Harbour</title>{''.join(parts)}</feed>"


def atom_entry(own_id: str, title: str = "Harbour opens", *, code: str = "", updated: str = "") -> str:
    identifier = f"<dc:identifier>{code}</dc:identifier>" if code else ""
    updated = updated or "2026-11-01T00:00:00Z"
    return f"<entry><id>{own_id}</id><title>{title}</title><updated>{updated}</updated>{identifier}</entry>"


def deleted(own_id: str) -> str:
    """A tombstone (RFC 6721)."""
    return f'<at:deleted-entry ref="{own_id}" when="2026-11-23T00:00:00Z"/>'
