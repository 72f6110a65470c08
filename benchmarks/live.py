"""A running Feedmill, and how long it takes until what is saved into its folder of posts is answered, and published."""

from __future__ import annotations

import http.client
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.running import began, until
from benchmarks.site import address, command
from benchmarks.store import ROLLING, new_post
from feeds.publishing.search_index import SearchIndex
from storage.database import open_database

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

_FORMATS = ("rss", "atom", "json")
_LOOKS_BETWEEN = 0.0005


@dataclass(frozen=True, slots=True)
class Saved:
    """A post that was saved: seconds until all feeds of its category answered with it, and until their files had it."""

    answered: float
    filed: float


@contextmanager
def running(config: Path) -> Iterator[subprocess.Popen[str]]:
    """``feedmill run``, once it has looked at every post and watches for more."""
    log = config.parent / "log"
    with log.open("w") as stream, began(command(config, "--verbose", "run"), stderr=stream.fileno()) as process:

        def looked() -> bool:
            if process.poll() is not None:
                raise SystemExit(f"feedmill run ended with {process.returncode}:\n{log.read_text()[-2_000:]}")
            return "event=pulled" in log.read_text()

        until(looked)
        time.sleep(1)  # the watch is open by then
        yield process


def fill_search(config: Path) -> None:
    """Put into the search index what a first build left out: a running process does so in small steps, for minutes."""
    database = open_database(f"sqlite:///{config.parent}/out/feedmill.db")
    try:
        index = SearchIndex(database)
        while index.step():
            pass
    finally:
        database.close()


def save_post(config: Path, number: int, size: int) -> Saved:
    """Save the post *number*, of *size* bytes, into the largest category of a store whose site is running."""
    store, published = config.parent / "store", config.parent / "out/public"
    feeds = [f"category/{ROLLING.slug}.{kind}" for kind in _FORMATS]
    temporary, path = new_post(store, ROLLING.slug, number, size)
    code = path.stem[-18:].encode()
    server = http.client.HTTPConnection(address(config).removeprefix("http://"))
    tags = [_get(server, feed)[1] for feed in feeds]
    start = time.perf_counter()
    os.replace(temporary, path)  # noqa: PTH105
    for feed, tag in zip(feeds, tags, strict=True):
        _wait_for_answer(server, feed, tag, code)
    answered = time.perf_counter() - start
    server.close()
    for feed in feeds:
        until(lambda feed=feed: code in (published / feed).read_bytes())  # type: ignore[misc]
    return Saved(answered, time.perf_counter() - start)


def _wait_for_answer(server: http.client.HTTPConnection, feed: str, tag: str, code: bytes) -> None:
    """Ask for *feed* again and again, as a reader does that knows it, until it holds *code*."""

    def answers() -> bool:
        nonlocal tag
        body, tag = _get(server, feed, tag)
        return code in body

    until(answers, pause=_LOOKS_BETWEEN)


def _get(server: http.client.HTTPConnection, feed: str, tag: str = "") -> tuple[bytes, str]:
    """The body, empty if it is that with the entity tag *tag*, and its entity tag."""
    server.request("GET", f"/{feed}", headers={"If-None-Match": tag} if tag else {})
    answer = server.getresponse()
    if answer.status not in (200, 304):
        raise SystemExit(f"/{feed} answers with {answer.status}")
    return answer.read(), answer.headers["ETag"]
