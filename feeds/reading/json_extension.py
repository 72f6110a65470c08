"""What Feedmill's own JSON feeds say beside the format, in the member ``_feedmill``: ``feeds.writing`` wrote it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from storage.entry import Author, Episode, Link, Origin, Transcript

if TYPE_CHECKING:
    from feeds.document import SourceEntry
    from feeds.reading.json_members import Members


def own_words(item: Members, entry: SourceEntry) -> SourceEntry:
    """*entry*, which *item* tells, with what stands in the item's extension and in those of its attachments."""
    entry = _with_sizes(item, entry)
    own = item.object("_feedmill")
    if own is None:
        return entry
    source = own.object("source")
    episode = own.object("episode")
    return replace(
        entry,
        origin=Origin(source.text("title"), source.text("url"), source.text("feed_url")) if source else entry.origin,
        contributors=tuple(Author(o.text("name"), o.text("email"), o.text("url")) for o in own.objects("contributors")),
        links=(*entry.links, *map(_link, own.objects("links"))),
        comments=own.text("comments"),
        licence=own.text("licence"),
        episode=_episode(episode) if episode else entry.episode,
    )


def _with_sizes(item: Members, entry: SourceEntry) -> SourceEntry:
    if not entry.enclosures:
        return entry
    extensions = ((file.text("url"), file.object("_feedmill")) for file in item.objects("attachments"))
    sizes = {url: (own.number("width") or None, own.number("height") or None) for url, own in extensions if own}
    files = [
        replace(file, width=sizes[file.url][0], height=sizes[file.url][1]) if file.url in sizes else file
        for file in entry.enclosures
    ]
    return replace(entry, enclosures=tuple(files))


def _link(told: Members) -> Link:
    texts = (told.text(name) for name in ("url", "rel", "mime_type", "title", "language"))
    return Link(*texts)


def _episode(told: Members) -> Episode:
    transcripts = told.objects("transcripts")
    return Episode(
        duration=told.number("duration_in_seconds") or None,
        season=told.number("season") or None,
        number=told.number("number") or None,
        kind=told.text("type"),
        explicit=told.flag("explicit"),
        transcripts=tuple(Transcript(t.text("url"), t.text("mime_type"), t.text("language")) for t in transcripts),
        chapters=told.text("chapters"),
    )
