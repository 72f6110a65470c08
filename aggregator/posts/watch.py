"""Which files of a post store change, as they change.

Every folder is watched by itself, so that a generated ``_site`` with its thousands of folders costs no watches. When a
folder comes or goes, the watch is opened anew, and what changed in between is found by comparing two listings.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from watchfiles import awatch

from aggregator.posts.errors import PostStoreError
from aggregator.posts.files import is_category_page, is_post, walk

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

# A batch ends when nothing happens for one step, and at the latest after the debounce (both in ms). Steps of 2
# take a hundredth of a core when nothing happens.
_STEP = 2
_DEBOUNCE = 50
# Before another look, when a folder went away while the watch was opened (seconds).
_PAUSE = 0.1


class _Stop(asyncio.Event):
    """The end of one watch: its own, or that of all. (``awatch`` sets what it is given when it is cancelled.)"""

    def __init__(self, outer: asyncio.Event) -> None:
        super().__init__()
        self._outer = outer

    def is_set(self) -> bool:
        """Whether either is set."""
        return super().is_set() or self._outer.is_set()


async def changes(root: Path, stop: asyncio.Event) -> AsyncGenerator[frozenset[str]]:
    """Paths below *root*, with ``/``, of posts, category pages and ``_config.yml`` that were written, moved or deleted.

    A path may be told twice, and one that is told need not differ. Ends when *stop* is set.

    Raises:
        PostStoreError: *root* is missing, or the system watches no more folders.
    """
    top = await asyncio.to_thread(os.path.realpath, root)
    before = await asyncio.to_thread(_state, root)
    while not stop.is_set():
        folders = await asyncio.to_thread(_folders, root, top)
        try:
            async with aclosing(_batches(folders, _Stop(stop))) as batches:
                async for batch in batches:
                    if batch is None:  # the watch is open: what happened before, none has seen
                        after = await asyncio.to_thread(_state, root)
                        told = frozenset(path for path, _ in before.items() ^ after.items())
                        before = after
                    else:
                        told = frozenset(filter(_matters, (path.removeprefix(f"{top}/") for path in batch)))
                    if told:
                        yield told
                    if batch is not None and await asyncio.to_thread(_moves_folders, batch, folders):
                        break
        except FileNotFoundError:
            await asyncio.sleep(_PAUSE)
        except OSError as error:
            raise PostStoreError(
                f"{root} cannot be watched: {error}; if it is the limit of watches, raise fs.inotify.max_user_watches"
            ) from error


async def _batches(folders: frozenset[str], stop: _Stop) -> AsyncGenerator[set[str] | None]:
    """None once *folders* are watched, then the paths that changed in them."""
    stream = awatch(
        *folders, watch_filter=None, debounce=_DEBOUNCE, step=_STEP, stop_event=stop, recursive=False,
        ignore_permission_denied=True,
    )  # fmt: skip
    async with aclosing(stream):
        first = asyncio.ensure_future(anext(stream, None))
        try:
            await asyncio.sleep(0)  # the task's first step opens the watch
            yield None
            found = await first
        finally:
            stop.set() if not first.done() else None
            await asyncio.wait([first])
        while found is not None:
            yield {path.rstrip("/") for _, path in found}
            found = await anext(stream, None)


def _moves_folders(batch: set[str], folders: frozenset[str]) -> bool:
    """Whether a watched folder went away or became another, or a new one came."""
    return any(path in folders or Path(path).is_dir() for path in batch)


def _folders(root: Path, top: str) -> frozenset[str]:
    return frozenset(f"{top}/{folder.path}".rstrip("/") for folder in walk(root))


def _matters(path: str) -> bool:
    return path == "_config.yml" or is_category_page(path) or is_post(path)


def _state(root: Path) -> dict[str, tuple[int, int]]:
    """Size and time of change of every file that matters."""
    found: dict[str, tuple[int, int]] = {}
    for folder in walk(root):
        for entry in folder.files:
            path = folder.path + entry.name
            if not _matters(path):
                continue
            try:
                status = entry.stat()
            except OSError:  # gone, or a link to nothing: it is in no listing
                continue
            found[path] = (status.st_size, status.st_mtime_ns)
    return found
