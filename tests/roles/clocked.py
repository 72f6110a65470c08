"""``feedmill`` as it is, but what is stored is stored at the moment that a file says: so two runs can be compared."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aggregator.ingest import Ingest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aggregator.feed_documents import Taking

CLOCK = "FEEDMILL_TEST_CLOCK"


def set_clock(moment: Callable[[], datetime]) -> None:
    """Have everything stored at *moment* from now on."""
    take, scan = Ingest.take, Ingest.scan

    def taken(self: Ingest, takings: Sequence[Taking], **more: Any) -> Any:
        return take(self, [replace(taking, now=moment()) for taking in takings], **more)

    def scanned(self: Ingest, source: Any, state: Any, _now: datetime, **more: Any) -> Any:
        return scan(self, source, state, moment(), **more)

    setattr(Ingest, "take", taken)  # noqa: B010  mypy knows them as what they were
    setattr(Ingest, "scan", scanned)  # noqa: B010


def _told() -> datetime:
    return datetime.fromisoformat(Path(os.environ[CLOCK]).read_text())


if __name__ == "__main__":
    from aggregator.cli.main import main

    set_clock(_told)
    main()
