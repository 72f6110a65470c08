"""What one who pulled tells of it: a line of JSON, from its process to the one that compares."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

ROUNDS = 5
"""How often everything is pulled again."""


@dataclass(frozen=True, slots=True)
class Report:
    """Seconds of the first pull (and of publishing what it brought), and of each that was answered by 304.

    ``memory`` is the resident memory at its peak, in bytes: of the process itself, as long as nobody knows more.
    """

    first: float
    again: tuple[float, ...]
    memory: int
    published: float = 0.0

    def write(self) -> None:
        """Tell it."""
        print(json.dumps(asdict(self)))


def peak() -> int:
    """The resident memory of this process at its peak so far, in bytes; 0 where the system does not tell."""
    # Not getrusage: that begins with what the process that began this one had.
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


def parsed(line: str) -> Report:
    """The report that was written as *line*."""
    found = json.loads(line)
    return Report(found["first"], tuple(found["again"]), found["memory"], found["published"])
