"""From a post's file to the copy that is kept: no store, no other file, so that any process can do it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from aggregator.identity import identify
from aggregator.likeness import bands
from aggregator.normalise import Context, normalise
from aggregator.posts.errors import PostError
from aggregator.posts.files import PostFile, read_settled
from aggregator.posts.post import read_post
from aggregator.rules import apply
from feeds.document import Format, SourceEntry, SourceFeed
from storage.copy import Copy, Seen

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from aggregator.posts.jekyll import JekyllSettings
    from storage.entry import Entry

_NO_HEAD = SourceFeed(Format.POST)


@dataclass(frozen=True, slots=True)
class Reading:
    """What all files of a folder are read with; ``settings`` is the digest of it, ``now`` when they are (aware)."""

    root: Path
    settings: str
    jekyll: JekyllSettings
    context: Context
    now: datetime


class Task(NamedTuple):
    """A file to be looked into, and the mark of when that was last done."""

    file: PostFile
    mark: Seen | None


def read_files(reading: Reading, tasks: Sequence[Task]) -> list[Copy | None]:
    """The copies that the files of *tasks* hold now; None for one whose bytes are those that were read before."""
    return [_read_file(reading, task) for task in tasks]


def _read_file(reading: Reading, task: Task) -> Copy | None:
    source, path, mark = reading.context.source, task.file.path, task.mark
    first_seen = mark.first_seen if mark else reading.now
    try:
        settled = read_settled(reading.root, path)
    except PostError as error:
        # Without a digest and a size, so that the next scan looks again.
        return Copy(source, path, b"", first_seen, problem=str(error))
    digest = digest_of(reading.settings.encode(), settled.data)
    if mark is not None and mark.digest == digest and not mark.gone:
        return None
    copy = Copy(source, path, digest, first_seen, settled.size, settled.modified_ns)
    return _read_post(reading, copy, settled.data)


def _read_post(reading: Reading, copy: Copy, data: bytes) -> Copy:
    context = reading.context
    try:
        post = read_post(data, copy.place, reading.jekyll, context.timezone)
    except PostError as error:
        return replace(copy, problem=str(error))
    code = identify(post.entry, context.scope)
    if code is None:
        return replace(copy, problem="says nothing")
    said = apply(post.entry, context.rules)
    if said is None:
        return copy  # remembered as read, and telling nothing: what was stored of it before stays
    entry = normalise(said, code, _NO_HEAD, context, copy.first_seen, reading.now)
    return copy_of(copy, entry, said)


def copy_of(copy: Copy, entry: Entry, said: SourceEntry) -> Copy:
    """*copy* with the entry that was read there, and the facts by which copies of one entry are weighed."""
    return replace(
        copy,
        info_code=entry.info_code,
        withdrawn=said.withdrawn,
        published=entry.published if said.published or said.updated else None,
        length=len(entry.content),
        categories=entry.categories,
        category_names=entry.category_names,
        tags=entry.tags,
        entry=entry,
        bands=bands(entry.content),
    )


def digest_of(*parts: bytes) -> bytes:
    """128 bits that tell whether *parts* are the same as before."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(part)
        digest.update(b"\0")
    return digest.digest()
