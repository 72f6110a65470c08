"""Documents that can be kept at once, since none has to know what becomes of another: of different scopes, with
different entries.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aggregator.feed_documents import Prepared, Taking
from aggregator.keep import Read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.entry import InfoCode
    from storage.source import PullState

Found = tuple[Taking, Prepared | Exception]


class Group:
    """Documents in the order in which they are added, those that could not be read among them."""

    def __init__(self) -> None:
        self.all: list[Found] = []
        self.good: list[tuple[Taking, Prepared]] = []
        self._scopes: set[str] = set()
        self._codes: set[InfoCode] = set()

    def has_scope_of(self, taking: Taking) -> bool:
        """Whether there is a document of the same scope: what that brings may be what this one brings."""
        return taking.source.owner in self._scopes

    def has_entry_of(self, prepared: Prepared | Exception) -> bool:
        """Whether another document brings an entry of *prepared*, whose it is then."""
        return not isinstance(prepared, Exception) and not self._codes.isdisjoint(_codes(prepared))

    def add(self, taking: Taking, prepared: Prepared | Exception) -> None:
        """Add a document and what was read of it."""
        self.all.append((taking, prepared))
        if not isinstance(prepared, Exception):
            self.good.append((taking, prepared))
            self._scopes.add(taking.source.owner)
            self._codes.update(_codes(prepared))

    @property
    def aliases(self) -> dict[tuple[str, bytes], str]:
        """What its entries are known by from now on, each key with its scope."""
        return {(taking.source.owner, key): code for taking, found in self.good for key, code in found.aliases.items()}


def read_of(taking: Taking, prepared: Prepared) -> Read:
    """A document as it is kept."""
    return Read(taking.source.name, taking.source.owner, prepared.copies, taking.now)


def state_of(taking: Taking, prepared: Prepared, rhythms: Mapping[str, float]) -> PullState:
    """What is known of the source of a document once that is kept; *rhythms* are of those that brought entries."""
    rhythm = rhythms.get(taking.source.name)
    return prepared.state if rhythm is None else replace(prepared.state, rhythm=rhythm, last_new=taking.now)


def _codes(prepared: Prepared) -> set[InfoCode]:
    return {copy.info_code for copy in prepared.copies if copy.info_code}
