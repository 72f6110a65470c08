"""What several tables of ``feedmill.toml`` are made of."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict

_DURATION = re.compile(r"(\d+)\s*([smhd])")
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_LONGEST_SECONDS = 365 * 86_400


def zone_name(value: str) -> str:
    """*value*, if it is empty or a time zone's name.

    Raises:
        ValueError: it is neither.
    """
    try:
        if value:
            ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f'{value!r} is not a time zone: use a name such as "Asia/Shanghai" or "UTC"') from error
    return value


def _duration(value: object) -> object:
    if isinstance(value, str) and (found := _DURATION.fullmatch(value.strip())):
        seconds = int(found[1]) * _UNITS[found[2]]
        if not 1 <= seconds <= _LONGEST_SECONDS:
            raise ValueError('a duration is from "1s" to "365d"')
        return timedelta(seconds=seconds)
    if isinstance(value, timedelta):
        return value
    raise ValueError('a duration is a number and a unit, as in "90s", "15m", "2h" or "1d"')


Duration = Annotated[timedelta, BeforeValidator(_duration)]


class Table(BaseModel):
    """A table of the file: frozen, and without settings that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")
