"""Texts that stand in documents of their own, one for each entry: which are needed, and what if there is none.

A text is fetched when its entry is new or its item changed, and never again. Where it cannot be had, a new entry is
kept with what the list says, since an item may have left the list by the next pull; an entry that is known stays as it
is. Either way the text is asked for again at the next pull, and comes as a correction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aggregator.post_files import digest_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aggregator.settings import SourceSettings
    from feeds.document import SourceEntry, Text
    from storage.copy import Copy
    from storage.entry import InfoCode


@dataclass(frozen=True, slots=True)
class FoundText:
    """What came of asking for an entry's text: the text, or a *problem* as a sentence for people.

    ``base`` is the address that links in it are relative to; ``again`` tells that it is asked for at the next pull,
    ``own`` that the item's own text is the best there is.
    """

    text: Text | None = None
    base: str = ""
    problem: str = ""
    again: bool = False
    own: bool = False


@dataclass(frozen=True, slots=True)
class Completed:
    """An entry as it is to be kept, the mark by which it is known again, and what is wrong with its text."""

    entry: SourceEntry
    digest: bytes
    problem: str = ""


class Wanted:
    """Takes note of the entries whose text is needed, in place of completing them."""

    def __init__(self) -> None:
        self.entries: dict[InfoCode, SourceEntry] = {}

    def completed(self, code: InfoCode, entry: SourceEntry, digest: bytes, seen: Copy | None) -> None:  # noqa: ARG002
        """Take note of *entry*."""
        if entry.text_link:
            self.entries[code] = entry


class Texts:
    """The texts of a pull, by their addresses."""

    def __init__(self, source: SourceSettings, found: Mapping[str, FoundText]) -> None:
        self._source = source
        self._found = found

    @property
    def again(self) -> bool:
        """Whether some are to be asked for at the next pull."""
        return any(found.again for found in self._found.values())

    @property
    def problems(self) -> list[str]:
        """What is wrong with some of them, as sentences for people."""
        return [found.problem for found in self._found.values() if found.problem]

    def completed(self, code: InfoCode, entry: SourceEntry, digest: bytes, seen: Copy | None) -> Completed | None:  # noqa: ARG002
        """*entry* with its text; None where it is to stay as it was *seen*. *digest* is of its item."""
        if not entry.text_link:
            return Completed(entry, digest)
        found = self._found.get(entry.text_link, FoundText())
        if found.text is not None:
            return Completed(_with_text(entry, found.text, found.base, self._source), digest)
        if found.own:
            return Completed(entry, digest)
        short = digest_of(digest, b"without its text")
        if seen is not None and (seen.digest == short or _is_whole(seen)):
            return None
        return Completed(entry, short if found.again else digest, found.problem)


def _is_whole(seen: Copy) -> bool:
    return seen.info_code is not None and not seen.problem


def _with_text(entry: SourceEntry, text: Text, base: str, source: SourceSettings) -> SourceEntry:
    if source.as_posts:
        from aggregator.readers.post_shape import with_body

        return with_body(entry, text.value)
    return replace(entry, content=text, base=base or entry.base)
