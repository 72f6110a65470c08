"""Where our reading of a document and feedparser's differ, a line for each field."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin

from feeds.reading import read
from tests.feeds.reading.corpus import Said, ours, theirs

if TYPE_CHECKING:
    from collections.abc import Callable

    from feeds.document import SourceFeed
    from tests.feeds.reading.corpus import Served


def differences(served: Served, reader: Callable[..., SourceFeed] = read) -> list[str]:
    """One line for each field in which *reader* and feedparser differ, none where they say the same."""
    mine, other = ours(served, reader), theirs(served)
    if "refused" in mine:
        empty = not other["entries"] and not any(other["feed"].values())
        return [] if empty else [f"refused: {mine['refused']}"]
    if len(mine["entries"]) != len(other["entries"]):
        return [f"entries: {len(mine['entries'])}, feedparser {len(other['entries'])}"]
    pairs = [("feed", mine["feed"], other["feed"])]
    pairs += [("entry", *pair) for pair in zip(mine["entries"], other["entries"], strict=True)]
    for _, mine_one, other_one in pairs:
        if other_one["id"] == urljoin(served.location, mine_one["id"]):
            other_one["id"] = mine_one["id"]  # feedparser makes addresses of ids, which are only names
    for entry, other_entry in zip(mine["entries"], other["entries"], strict=True):
        if not other_entry["language"] and entry["language"] == mine["feed"]["language"]:
            other_entry["language"] = entry["language"]  # it has the language of an entry in its texts only
    return [line for pair in pairs for line in compared(*pair)]


def compared(where: str, mine: Said, other: Said) -> list[str]:
    return [f"{where} {name}: {mine[name]!r}, feedparser {other[name]!r}" for name in mine if mine[name] != other[name]]
