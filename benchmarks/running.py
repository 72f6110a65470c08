"""A command run to its end: its time, and the memory of all its processes. And where benchmarks write."""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from benchmarks.process_tree import watched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

T = TypeVar("T")
ROOT = Path(__file__).parents[1]
BENCH_PYTHON = ROOT / ".venv/bench/bin/python"
"""Python with what Feedmill is compared with, and what draws plots; ``make bench`` makes it."""
_MEMORY_DISK = Path("/dev/shm")
_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True, slots=True)
class Run:
    """What a command took.

    ``seconds`` by the clock; ``processor`` seconds of all its processes, and their ``memory`` together at the peak, in
    bytes; and the text it printed.
    """

    seconds: float
    processor: float
    memory: int
    output: str


def run(command: Sequence[str | Path], folder: Path = ROOT) -> Run:
    """Run *command* in *folder* to its end.

    Raises:
        SystemExit: it failed; with the end of what it printed.
    """
    with _orphans_adopted():
        before, start = _processor(), time.perf_counter()
        with began(command, folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            with watched(process.pid) as sizes:
                output, errors = process.communicate()
                seconds = time.perf_counter() - start
            _wait_for_group(process.pid)
        processor = _processor() - before
    if process.returncode:
        told = f"{output}{errors}"[-2_000:]
        raise SystemExit(f"{' '.join(map(str, command))}\nended with {process.returncode}:\n{told}")
    return Run(seconds, processor, max(sizes), output)


@contextmanager
def began(
    command: Sequence[str | Path], folder: Path = ROOT, stdout: int | None = None, stderr: int | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A process that runs beside this one; it is asked to end with the block, and killed with all that it began."""
    with subprocess.Popen(
        command, cwd=folder, env=environment(), stdout=stdout, stderr=stderr, text=True, start_new_session=True
    ) as process:
        try:
            yield process
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(30)
        finally:
            # The session is its own: whoever it began goes with it.
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def interleaved(jobs: Mapping[str, Callable[[], T]], rounds: int) -> dict[str, list[T]]:
    """What each of *jobs* returns, *rounds* times: in turns, each second round backwards.

    What disturbs the machine for a while so disturbs all of them.
    """
    found: dict[str, list[T]] = {name: [] for name in jobs}
    for number in range(rounds):
        for name in list(jobs)[:: -1 if number % 2 else 1]:
            found[name].append(jobs[name]())
    return found


def timed(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Seconds that *work* takes."""
    start = clock()
    work()
    return clock() - start


@contextmanager
def workplace(needed: int, folder: Path | None = None) -> Iterator[Path]:
    """A new folder, removed with the block: on the memory disk where it has room for *needed* bytes, or in *folder*."""
    if folder is None and _MEMORY_DISK.is_dir():
        free = shutil.disk_usage(_MEMORY_DISK).free
        if free >= needed:
            folder = _MEMORY_DISK
        else:
            print(f"{_MEMORY_DISK} has {free // 10**6} MB of {needed // 10**6}: the disk is measured with the rest")
    # Asked to end, it ends what was begun and removes what was written.
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        with tempfile.TemporaryDirectory(prefix="feedmill-bench-", dir=folder) as made:
            yield Path(made)
    finally:
        signal.signal(signal.SIGTERM, before)


def tool(name: str, package: str) -> Path | str:
    """Where the program *name* is installed; or a sentence that it is missing, and how to have it."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    return Path(found) if found else f"{name} is not installed (apt-get install {package})"


def until(reached: Callable[[], bool], patience: float = 600, pause: float = 0.002) -> None:
    """Wait until it is *reached*, with a *pause* of so many seconds between two looks.

    Raises:
        SystemExit: it was not after *patience* seconds.
    """
    deadline = time.monotonic() + patience
    while not reached():
        if time.monotonic() > deadline:
            raise SystemExit(f"what was waited for did not come in {patience:g} seconds")
        time.sleep(pause)


def environment() -> dict[str, str]:
    """As anywhere but on machines that forbid Python to keep what it compiled."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _orphans_adopted() -> Iterator[None]:
    """Meanwhile, a process whose parent ends becomes ours (on Linux alone): time is told of those one waits for."""
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    if library:
        library.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        if library:
            library.prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def _wait_for_group(group: int) -> None:
    """Wait for those of a process group that are children of this process; all of a session begun here are of one."""
    while True:
        try:
            os.waitpid(-group, 0)
        except ChildProcessError:
            return


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
