"""What one who pulled tells of it: a line of JSON, from its process to the one that compares."""

from __future__ import annotations

import json
import resource
from dataclasses import asdict, dataclass

ROUNDS = 3
"""How often everything is pulled again: that is quick, and its best counts."""


@dataclass(frozen=True, slots=True)
class Report:
    """Seconds of the first pull (and of publishing what it brought), of the best one answered by 304; peaks in bytes.

    ``memory`` is the resident memory of the process itself at its peak, ``shared_in`` that of the largest of the
    processes it began.
    """

    first: float
    again: float
    memory: int
    published: float = 0.0
    shared_in: int = 0

    def write(self) -> None:
        """Tell it."""
        print(json.dumps(asdict(self)))


def peak(whose: int = resource.RUSAGE_SELF) -> int:
    """The resident memory of this process at its peak so far, in bytes; of the largest it began and waited for."""
    return resource.getrusage(whose).ru_maxrss * 1024  # Linux counts in KB


def parsed(line: str) -> Report:
    """The report that was written as *line*."""
    return Report(**json.loads(line))
