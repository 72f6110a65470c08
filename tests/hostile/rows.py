"""A row of the table: how a source misbehaves, and what a person would expect of the pull."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from storage.source import PullOutcome, Trouble

if TYPE_CHECKING:
    from tests.hostile.server import Behaviour

CHANGED, UNCHANGED, FAILED = PullOutcome.CHANGED, PullOutcome.UNCHANGED, PullOutcome.FAILED


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One source.

    ``name`` is also the first label of its host. ``behaviour`` is what its server does; with ``before``, the source was
    pulled once already, and had that for an answer. ``says`` is a part of the sentence that is shown for it, be it a
    failure or a remark, empty for any. ``entries`` is how many of its entries are stored: the words of ``has`` are
    among what is stored of them, those of ``lacks`` neither there nor in any published file. ``rejected`` is how many
    of its claims were: of an infoCode that is another's. ``asked`` is every path that its own host was asked for, in
    order; None where that may differ.

    ``url`` takes the place of the host's own feed. ``settings`` are the source's own. Nobody answers for the name of
    one that is ``lost``. One that ``hangs`` keeps its connection open for as long as it is let. ``hub`` is a part
    of the sentence that is kept for its hub, empty where it names none.
    """

    name: str
    behaviour: Behaviour
    outcome: PullOutcome
    says: str = ""
    trouble: Trouble | None = None
    entries: int = 0
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    asked: tuple[str, ...] | None = None
    url: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    rejected: int = 0
    before: Behaviour | None = None
    hangs: bool = False
    lost: bool = False
    hub: str = ""


def fails(name: str, behaviour: Behaviour, says: str, trouble: Trouble, **more: Any) -> Row:
    """A source that brings nothing, and why."""
    return Row(name=name, behaviour=behaviour, outcome=FAILED, says=says, trouble=trouble, **more)


def reads(name: str, behaviour: Behaviour, entries: int = 1, says: str = "", **more: Any) -> Row:
    """A source whose entries are taken all the same."""
    return Row(name=name, behaviour=behaviour, outcome=CHANGED, says=says, entries=entries, **more)
