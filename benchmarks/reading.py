"""Reading documents, as ratios to parsing their XML and nothing more.

    python -m benchmarks.reading [FOLDER] [--rounds N]

Every job is done over all documents of the folder, in turns. Times are of the processor, so that a busy machine
disturbs them less, and garbage is looked for as seldom as the program itself does. XML and JSON are read; what lxml
alone refuses is left out of every job, and named. Without a folder, generated feeds are read, which have no fault.
"""

from __future__ import annotations

import time
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import feedparser
from lxml import etree

from aggregator.clean_html import clean_html
from benchmarks.pulls.feeds import feed
from benchmarks.results import Goal, Job, Line, parser, tell
from benchmarks.running import interleaved, timed
from feeds.document import TextKind
from feeds.processes import look_for_garbage_seldom
from feeds.reading import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_GENERATED = 40
_FLOOR = "floor: lxml.etree.fromstring"
_READ, _CLEANED, _FEEDPARSER = "Feedmill, read", "Feedmill, read and cleaned", "feedparser, read and cleaned"


def main() -> None:
    """Measure, and tell."""
    given = parser(__doc__)
    given.add_argument("documents", type=Path, nargs="?", metavar="FOLDER", help="where the documents are")
    given.add_argument("--rounds", type=int, default=15, help="of everyone but feedparser, which is slow and has three")
    options = given.parse_args()
    if options.documents is None:
        documents, kind = [feed(number).body for number in range(_GENERATED)], "generated"
    else:
        documents, kind = _documents(options.documents), "real"
    look_for_garbage_seldom()
    tell(measure(documents, kind, options.rounds), options.results)


def measure(documents: list[bytes], kind: str, rounds: int) -> Job:
    """Read *documents*, which are of that *kind*, in turns."""
    jobs: dict[str, Callable[[bytes], object]] = {_READ: read, _CLEANED: _read_and_clean, _FLOOR: _parse}
    times = interleaved({name: _all(job, documents) for name, job in jobs.items()}, rounds)
    times |= interleaved({_FEEDPARSER: _all(_feedparser, documents)}, min(rounds, 3))
    beside = {_FLOOR: _READ, _FEEDPARSER: _CLEANED}
    lines = [Line(name, "ms", tuple(1e3 * one for one in found), beside.get(name, "")) for name, found in times.items()]
    entries = sum(len(read(data).entries) for data in documents)
    title = f"reading {len(documents)} {kind} documents, {sum(map(len, documents)):,} bytes, {entries:,} entries"
    return Job("reading", title, tuple(lines), (Goal(_READ, 2, _FLOOR), Goal(_CLEANED, 4, _FLOOR)))


def _all(job: Callable[[bytes], object], documents: Iterable[bytes]) -> Callable[[], float]:
    def whole() -> None:
        for data in documents:
            job(data)

    return partial(timed, whole, time.process_time)


def _documents(folder: Path) -> list[bytes]:
    found = []
    for path in sorted(folder.iterdir()):
        data = path.read_bytes()
        try:
            _parse(data)
        except etree.XMLSyntaxError:
            print(f"reading: {path.name} is left out: lxml alone refuses it")
        else:
            found.append(data)
    return found


def _parse(data: bytes) -> object:
    """JSON is not lxml's: there it costs nothing."""
    return None if data.lstrip()[:1] == b"{" else etree.fromstring(data)


def _read_and_clean(data: bytes) -> None:
    for entry in read(data).entries:
        for text in (entry.content, entry.summary):
            if text is not None and text.kind is TextKind.HTML:
                clean_html(text.value, entry.base)


def _feedparser(data: bytes) -> object:
    return feedparser.parse(BytesIO(data))


if __name__ == "__main__":
    main()
