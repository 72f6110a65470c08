"""Entries per day as a small plot: one path of SVG, and the same in words."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from aggregator.glance import DAYS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

HEIGHT = 24
STEP = 4


def path(days: Mapping[date, int], today: date) -> str:
    """A bar for each of the last days, the oldest at the left, as the ``d`` of a path; empty without entries."""
    numbers = [days.get(today - timedelta(days=back), 0) for back in range(DAYS - 1, -1, -1)]
    most = max(numbers)
    bars = ((place, max(1, round(number / most * HEIGHT))) for place, number in enumerate(numbers) if number)
    return "".join(f"M{place * STEP + STEP // 2} {HEIGHT}v-{high}" for place, high in bars)


def words(days: Mapping[date, int], today: date) -> str:
    """What the plot shows."""
    shown = {day: number for day, number in days.items() if today - timedelta(days=DAYS) < day <= today and number}
    if not shown:
        return f"No entries in {DAYS} days"
    best = max(shown, key=lambda day: (shown[day], day))
    total = sum(shown.values())
    return f"{total:,} in {DAYS} days, on {len(shown)} of them; most, {shown[best]:,}, on {best.isoformat()}"
