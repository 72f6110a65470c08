"""What stands in a folder of posts, and what of it is not as it was when it was last read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from aggregator.post_files import digest_of
from aggregator.posts.errors import PostStoreError
from aggregator.posts.files import PostFile, list_posts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from aggregator.settings import SourceSettings
    from storage.copy import Seen


def gone(source: SourceSettings, root: Path, marks: Mapping[str, Seen], files: Sequence[PostFile]) -> frozenset[str]:
    """The places where a file was, and is none now.

    Raises:
        PostStoreError: every file is gone, and that would withdraw all that they told.
    """
    there = {file.path for file in files}
    vanished = frozenset(path for path, mark in marks.items() if not mark.gone and path not in there)
    if source.on_missing == "withdraw" and len(vanished) > 1 and not files and not any(True for _ in list_posts(root)):
        raise PostStoreError(f"{root}: every post is gone; nothing was withdrawn. Is the folder mounted?")
    return vanished


def look(root: Path, paths: Collection[str]) -> Iterator[PostFile]:
    """Those of *paths* that are files."""
    for path in paths:
        place = root / path
        if place.is_file():
            status = place.stat()
            yield PostFile(path, status.st_size, status.st_mtime_ns)


def differs(file: PostFile, mark: Seen | None) -> bool:
    """Whether *file* is not as it was when it was last read."""
    return mark is None or mark.gone or (mark.size, mark.modified_ns) != (file.size, file.modified_ns)


def pages_mark(root: Path) -> str:
    """A digest that changes with any category page."""
    try:
        with os.scandir(root / "category") as pages:
            marks = sorted(map(_page_mark, pages))
    except FileNotFoundError:
        return "none"
    except OSError as error:  # told by who reads the pages
        marks = [f"{error.errno}"]
    return digest_of("\0".join(marks).encode(errors="surrogatepass")).hex()


def _page_mark(page: os.DirEntry[str]) -> str:
    try:
        status = page.stat()
    except OSError as error:  # a link to nowhere, or gone since
        return f"{page.name}\0{error.errno}"
    return f"{page.name}\0{status.st_size}\0{status.st_mtime_ns}"
