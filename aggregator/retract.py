"""What the operator does to entries by hand: find them, withdraw them, bring them back; in the caller's transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from aggregator import stories
from aggregator.links import place_of
from storage import copies, entries
from storage.entries import EntryChange
from storage.entry import InfoCode, WithdrawnBy, as_info_code
from storage.story import Stories

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from feeds.site import Site
    from storage.entry import Entry


class RetractError(Exception):
    """What was asked for is not there, or is so already; nothing was done. The message is a sentence for people."""


def find(connection: Connection, site: Site, names: Sequence[str]) -> list[Entry]:
    """The entries of these *names*, each once: an infoCode, the address of an entry's page on *site*, or its link.

    Raises:
        RetractError: there is none of such a name, or there are several.
    """
    codes = {name: _code(site, name) for name in names}
    if unknown := [name for name, code in codes.items() if code is None]:
        places = {place_of(name): name for name in unknown}
        found: dict[str, list[InfoCode]] = {name: [] for name in unknown}
        for own, link in entries.links(connection):
            if (name := places.get(place_of(link), "")) in found:
                found[name].append(own)
        for name, those in found.items():
            if len(those) > 1:
                raise RetractError(
                    f"{name}: {len(those)} entries have this link: name one of {', '.join(sorted(those))}"
                )
            codes[name] = those[0] if those else None
    stored = entries.find(connection, (code for code in codes.values() if code))
    for name, code in codes.items():
        if code not in stored:
            raise RetractError(
                f"{name}: there is no such entry. Name an infoCode, an entry's link, or its page's address"
            )
    return [stored[code] for code in dict.fromkeys(codes.values()) if code]


def withdraw(connection: Connection, those: Sequence[Entry], now: datetime, shown: Stories = Stories.ALL) -> None:
    """Withdraw all of *those*; they stay so, whatever their sources list.

    Raises:
        RetractError: one of them is withdrawn already.
    """
    for entry in those:
        if entry.withdrawn:
            raise RetractError(f"{entry.info_code} was withdrawn already, by the {entry.withdrawn_by}")
    withdrawn = {"withdrawn": now, "withdrawn_by": WithdrawnBy.OPERATOR}
    changes = [EntryChange(entry, replace(entry, **withdrawn)) for entry in those]  # type: ignore[arg-type]
    stories.save(connection, changes, now, shown=shown)


def restore(connection: Connection, those: Sequence[Entry], now: datetime, shown: Stories = Stories.ALL) -> None:
    """Bring all of *those* back, as of *now*: readers who took a tombstone over believe only a later ``updated``
    (RFC 6721, 3).

    Raises:
        RetractError: one of them is not withdrawn, or is so by the front matter of a post that is still there.
    """
    held = copies.of(connection, (entry.info_code for entry in those))
    for entry in those:
        if not entry.withdrawn:
            raise RetractError(f"{entry.info_code} is not withdrawn")
        for copy in held.get(entry.info_code, ()):
            if copy.withdrawn and not copy.gone:
                raise RetractError(
                    f"{entry.info_code} is withdrawn in the front matter of {copy.place}: change it there"
                )
    back = {"withdrawn": None, "withdrawn_by": None, "restored": now}
    changes = [
        EntryChange(entry, replace(entry, updated=max(now, entry.updated), **back))  # type: ignore[arg-type]
        for entry in those
    ]
    stories.save(connection, changes, now, shown=shown)


def _code(site: Site, name: str) -> InfoCode | None:
    """The infoCode that *name* is or carries, as an entry's page on *site* and a share address do."""
    if name.startswith(f"{site.url}/"):
        share = parse_qs(urlsplit(name).query).get("infoCode", [""])[0]
        name = share or name.rpartition("/")[2].removesuffix(".html")
    try:
        return as_info_code(name)
    except ValueError:
        return None
