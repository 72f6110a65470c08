"""Where a source went: permanent redirects that hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import structlog

if TYPE_CHECKING:
    from storage.source import PullState

HELD_PULLS: Final = 5
"""A permanent redirect (RFC 9110, 15.4.2 and 15.4.9) counts once it has led to the feed in so many pulls in a row."""

# A moved source that fails so often is looked for where the configuration says.
_BACK_AFTER: Final = 3

log = structlog.get_logger("pull")


def followed(state: PullState, moved: str, *, secret: bool) -> dict[str, Any]:
    """What a pull that permanent redirects led to *moved*, empty if there were none, makes different in *state*.

    A source that gives secrets (*secret*) to its host is not moved: they are not for another, and the operator is to
    see to it.
    """
    if not moved:
        return {"moved_to": "", "moved_pulls": 0}
    pulls = state.moved_pulls + 1 if moved == state.moved_to else 1
    if pulls < HELD_PULLS or secret:
        return {"moved_to": moved, "moved_pulls": pulls}
    log.info("moved", source=state.source, address=moved)
    return {"address": moved, "moved_to": "", "moved_pulls": 0}


def failed(state: PullState) -> PullState:
    """*state* after a failure: where a moved source fails again and again, the configuration's address is back."""
    if state.address and state.failures >= _BACK_AFTER:
        return replace(state, address="", etag="", modified="")
    return state
