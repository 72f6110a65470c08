"""The memory of a process and of all that it began, while it runs: Linux alone tells that, anywhere else it is 0."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_EVERY_SECONDS = 0.05
# A look walks over the pages of every process: it is paused so many times as long as the last one took.
_PAUSES = 20


@contextmanager
def watched(process: int) -> Iterator[list[int]]:
    """What *process* and its descendants take, in bytes, looked at again and again until the block ends."""
    sizes = [0]
    ended = threading.Event()

    def watch() -> None:
        pause = _EVERY_SECONDS
        while not ended.wait(pause):
            start = time.perf_counter()
            sizes.append(size_of(process))
            pause = max(_EVERY_SECONDS, _PAUSES * (time.perf_counter() - start))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield sizes
    finally:
        ended.set()
        watcher.join()


def size_of(process: int) -> int:
    """Bytes of *process* and its descendants now; what several of them share counts once (``Pss``)."""
    size = 0
    for one in descendants(process):
        for line in _read(Path(f"/proc/{one}/smaps_rollup")).splitlines():
            if line.startswith("Pss:"):
                size += int(line.split()[1]) * 1024
    return size


def descendants(process: int) -> list[int]:
    """*process* itself and the processes that it and they began."""
    children = defaultdict(list)
    for path in Path("/proc").glob("[0-9]*/stat"):
        if text := _read(path):
            # "pid (name) state parent …", and the name may hold anything.
            children[int(text.rpartition(")")[2].split()[1])].append(int(path.parent.name))
    found = [process]
    for one in found:
        found += children[one]
    return found


def _read(path: Path) -> str:
    """Empty for a process that has ended."""
    try:
        return path.read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return ""
