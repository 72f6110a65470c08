"""``FEEDS=folder make bench``: reading real documents, as ratios to parsing their XML and nothing more.

    python -m benchmarks.reading FOLDER [--rounds N]

Every job is done over all documents of the folder in turn, in rounds, and its best round counts. Times are of the
processor, so that a busy machine disturbs them less, and garbage is looked for as seldom as the program itself does.
XML and JSON documents are read; what lxml alone refuses is left out of every job, and named.
"""

from __future__ import annotations

import argparse
import time
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import feedparser
from lxml import etree

from aggregator.clean_html import clean_html
from feeds.document import TextKind
from feeds.processes import look_for_garbage_seldom
from feeds.reading import read

if TYPE_CHECKING:
    from collections.abc import Callable


def main() -> None:
    """Measure, and print a line for each job."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="where the documents are; without it, nothing is done")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    if options.folder is None:
        print("reading: left out; FEEDS names no folder of feeds")
        return
    documents = _documents(options.folder)
    look_for_garbage_seldom()
    entries = sum(len(read(data).entries) for data in documents)
    print(f"reading: {len(documents)} documents, {sum(map(len, documents))} bytes, {entries} entries")
    jobs: dict[str, Callable[[bytes], object]] = {
        "lxml.etree.fromstring": _parse,
        "feeds.reading.read": read,
        "read and clean_html": _read_and_clean,
        "feedparser.parse": _feedparser,
    }
    best = _best(jobs, documents, options.rounds)
    floor = best["lxml.etree.fromstring"]
    for name, seconds in best.items():
        print(f"  {name:24} {seconds * 1000:9.2f} ms  {seconds / floor:7.2f} x lxml")
    print(f"  feedparser / read        {best['feedparser.parse'] / best['feeds.reading.read']:9.1f}")


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


def _best(jobs: dict[str, Callable[[bytes], object]], documents: list[bytes], rounds: int) -> dict[str, float]:
    """Seconds of each job's best round; feedparser, which is slow enough to be measured well, has few."""
    best = dict.fromkeys(jobs, float("inf"))
    for number in range(rounds):
        for name, job in jobs.items():
            if job is _feedparser and number >= 3:
                continue
            start = time.process_time()
            for data in documents:
                job(data)
            best[name] = min(best[name], time.process_time() - start)
    return best


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
