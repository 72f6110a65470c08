"""Many sources that misbehave in one and the same way at once."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from storage.source import Trouble
from tests.hostile.documents import filled
from tests.hostile.rows import fails, reads
from tests.hostile.server import silent
from tests.hostile.test_table import LARGEST_MEMORY
from tests.hostile.wire import ok

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.hostile.conftest import Run
    from tests.hostile.rows import Row

pytestmark = pytest.mark.slow

_COMMENT = b"<!--" + b"water " * 170_000 + b"-->"
_FEED = (b"<rss version='2.0'><channel>", _COMMENT, b"<item><guid>1</guid><title>Told</title></item></channel></rss>")


def test_large_documents_at_once_stay_within_memory(
    play: Callable[[Sequence[Row]], Run], good: tuple[Row, ...]
) -> None:
    behaviour = ok(gzip.compress(filled(*_FEED), 1), "Content-Encoding: gzip")
    run = play([*(reads(f"large-{number:03}", behaviour) for number in range(50)), *good])
    assert {told["state"]["outcome"] for told in run.sources.values()} == {"changed"}
    assert run.peak < LARGEST_MEMORY


def test_names_that_nobody_answers_for_keep_nobody_waiting(
    play: Callable[[Sequence[Row]], Run], good: tuple[Row, ...]
) -> None:
    lost = [fails(f"lost-{number:02}", silent, "", Trouble.UNREACHABLE, lost=True, hangs=True) for number in range(60)]
    run = play([*lost, *good])
    assert sorted(run.order[len(good) :]) == [row.name for row in lost]


def test_dead_servers_keep_nobody_waiting(play: Callable[[Sequence[Row]], Run], good: tuple[Row, ...]) -> None:
    dead = [fails(f"dead-{n:03}", silent, "", Trouble.UNREACHABLE, hangs=True) for n in range(140)]
    run = play([*dead, *good])
    assert sorted(run.order[len(good) :]) == [row.name for row in dead]
