"""Requests as fast as they are answered, by wrk."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.running import tool

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it: answers, how many in a second, and the seconds within which 99 in a hundred came."""

    answers: int
    per_second: float
    slow: float


def find() -> Path | str:
    """Where wrk is; or a sentence that it is missing."""
    return tool("wrk", "wrk")


def put_on(wrk: Path, url: str, headers: Mapping[str, str], seconds: int, connections: int) -> Load:
    """Ask for *url* on so many *connections* at once.

    Raises:
        SystemExit: an answer was neither 200 nor 304, or none came.
    """
    command = [str(wrk), "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", url]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in told or "Socket errors" in told:
        raise SystemExit(f"{url} was not answered as it should be:\n{told}")
    number = re.search(r"(\d+) requests in", told)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    slow = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", told)
    if number is None or rate is None or slow is None:
        raise SystemExit(f"wrk said what is not understood:\n{told}")
    return Load(int(number[1]), float(rate[1]), float(slow[1]) * _UNITS[slow[2]])
