"""What one would write in an hour: aiohttp fetches, lxml reads, sqlite3 keeps the rows.

    python -m benchmarks.pulls.with_prototype FOLDER

An entry is a row of the texts that its elements hold, under its source and its own id. Nothing is cleaned, dated,
compared, searched for or published, and nothing that is not as it should be is borne.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from pathlib import Path

from lxml import etree

from benchmarks.pulls.feeds import ENTRIES
from benchmarks.pulls.with_aiohttp import measure

_TABLE = """
CREATE TABLE entry (source TEXT, id TEXT, title TEXT, link TEXT, author TEXT, published TEXT, summary TEXT,
    content TEXT, PRIMARY KEY (source, id)) WITHOUT ROWID
"""
_ATOM = "{http://www.w3.org/2005/Atom}"
_CREATOR, _ENCODED = "{http://purl.org/dc/elements/1.1/}creator", "{http://purl.org/rss/1.0/modules/content/}encoded"
_RSS_FIELDS = ("guid", "title", "link", _CREATOR, "pubDate", "description", _ENCODED)
_ATOM_FIELDS = tuple(f"{_ATOM}{name}" for name in ("id", "title", "link", "author", "published", "summary", "content"))


def rows(address: str, body: bytes) -> list[tuple[str | None, ...]]:
    """The rows of the entries of a document."""
    root = etree.fromstring(body)
    if root.tag == "rss":
        return [(address, *map(item.findtext, _RSS_FIELDS)) for item in root.iter("item")]
    found: list[tuple[str | None, ...]] = []
    for entry in root.iter(f"{_ATOM}entry"):
        code, title, _, _, published, summary, content = map(entry.findtext, _ATOM_FIELDS)
        link, author = entry.find(f"{_ATOM}link"), entry.findtext(f"{_ATOM}author/{_ATOM}name")
        place = None if link is None else link.get("href")
        found.append((address, code, title, place, author, published, summary, content))
    return found


def main() -> None:
    """Measure, and tell."""
    folder = Path(sys.argv[1])
    addresses = (folder / "addresses").read_text().split()
    database = sqlite3.connect(folder / "prototype.db", isolation_level=None)
    database.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; {_TABLE}")

    def take(address: str, body: bytes) -> None:
        database.execute("BEGIN")
        database.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows(address, body))
        database.execute("COMMIT")

    asyncio.run(measure(addresses, take)).write()
    whole = "title <> '' AND link <> '' AND published <> '' AND content <> ''"
    [held] = database.execute(f"SELECT count(*) FROM entry WHERE {whole}").fetchone()
    if held != ENTRIES * len(addresses):
        raise SystemExit(f"the prototype holds {held} entries")
    database.close()


if __name__ == "__main__":
    main()
