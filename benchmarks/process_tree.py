"""The memory and processor time of a process and of all that it began, while it runs: Linux alone tells that, anywhere
else it is 0.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_EVERY_SECONDS = 0.05
# To see what is shared, a look goes over the pages of every process: it is paused so many times as long as that took.
_PAUSES = 40


@contextmanager
def watched(process: int) -> Iterator[list[int]]:
    """What *process* and its descendants take, in bytes, looked at again and again until the block ends.

    Of a process that has no descendants it is the most that was resident so far, which costs nothing to ask for.
    """
    sizes = [0]
    ended = threading.Event()

    def watch() -> None:
        pause = _EVERY_SECONDS
        while not ended.wait(pause):
            start = time.perf_counter()
            alone = descendants(process) == [process]
            sizes.append(_highest(process) if alone else size_of(process))
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
    return sum(_kilobytes(f"/proc/{one}/smaps_rollup", "Pss:") for one in descendants(process)) * 1024


def processor_of(process: int) -> float:
    """Seconds of processor time that *process* and its descendants have used."""
    ticks = 0
    for one in descendants(process):
        if text := _read(Path(f"/proc/{one}/stat")):
            ticks += sum(map(int, text.rpartition(")")[2].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def descendants(process: int) -> list[int]:
    """*process* itself and the processes that it and they began."""
    found = [process]
    for one in found:
        for thread in Path(f"/proc/{one}/task").glob("*"):
            found += map(int, _read(thread / "children").split())
    return found


def _highest(process: int) -> int:
    return _kilobytes(f"/proc/{process}/status", "VmHWM:") * 1024


def _kilobytes(path: str, field: str) -> int:
    lines = _read(Path(path)).splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith(field)), 0)


def _read(path: Path) -> str:
    """Empty for a process that has ended."""
    try:
        return path.read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return ""
