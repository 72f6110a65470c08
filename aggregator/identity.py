"""The infoCode that an entry is given first: a native one where its source may bring one, else one derived from its id.

It keeps that whatever it calls itself later; see ``recognise``.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date
from enum import IntEnum
from typing import TYPE_CHECKING

from aggregator.bounds import LONGEST_ADDRESS
from storage.entry import DERIVED_INFO_CODE, NATIVE_INFO_CODE, InfoCode

if TYPE_CHECKING:
    from feeds.document import SourceEntry

# Crockford's base32: no I, L, O or U, so that a code can be read out.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 26
_BYTES = 16

# Readers take an id for a link where there is none, and some would run what these say.
_RUN = re.compile(r"(?:javascript|vbscript|data):", re.IGNORECASE)
_ABSOLUTE_IRI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:(?:[^%\s<>\"{}|\\^`\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]|%[0-9A-Fa-f]{2})+"
)


class Way(IntEnum):
    """What an entry is known by, the strongest first; ``PAGE``, its link without a fragment, makes no infoCode."""

    ID = 0
    LINK = 1
    PAGE = 2
    TITLE = 3
    TEXT = 4


def derive(scope: str, *own: str) -> InfoCode:
    """The infoCode of what calls itself *own* within *scope*: the same answer on any machine, for ever."""
    digest = hashlib.blake2b(digest_size=_BYTES)
    for part in (scope, *own):
        digest.update(part.encode(errors="surrogatepass"))
        digest.update(b"\0")
    number = int.from_bytes(digest.digest())
    return InfoCode("FM" + "".join(_ALPHABET[number >> shift & 31] for shift in range(5 * _LENGTH - 5, -1, -5)))


def identify(entry: SourceEntry, scope: str) -> InfoCode | None:
    """The infoCode of an entry that may bring one, else of one that nothing is remembered of; None for an empty one."""
    own = next(iter(ways(entry).values()), None)
    return claimed(entry) or (derive(scope, *own) if own else None)


def claimed(entry: SourceEntry) -> InfoCode | None:
    """The infoCode that *entry* claims; None where that has not the form of one."""
    claim = entry.info_code
    return InfoCode(claim) if NATIVE_INFO_CODE.fullmatch(claim) or DERIVED_INFO_CODE.fullmatch(claim) else None


def ways(entry: SourceEntry) -> dict[Way, tuple[str, ...]]:
    """What :func:`derive` can make an infoCode of: id, link, title and date, text; those that there are."""
    found: dict[Way, tuple[str, ...]] = {}
    if entry.id:
        found[Way.ID] = ("id", entry.id)
    if entry.link:
        found[Way.LINK] = ("link", entry.link)
    title = entry.title.value if entry.title else ""
    if title or entry.published:
        found[Way.TITLE] = ("title", title, entry.published.isoformat() if entry.published else "")
    body = entry.content or entry.summary
    if body and body.value.strip():
        found[Way.TEXT] = ("body", body.value)
    return found


def own_iri(identifier: str) -> str:
    """*identifier* if it is an absolute IRI, as an ``atom:id`` must be (RFC 4287, 4.2.6), not too long, and no
    program; else nothing.
    """
    if len(identifier) > LONGEST_ADDRESS:
        return ""
    return identifier if _ABSOLUTE_IRI.fullmatch(identifier) and not _RUN.match(identifier) else ""


def native_day(code: InfoCode) -> date | None:
    """The day that a native infoCode carries; None for a derived one, or where the digits are no day."""
    if not NATIVE_INFO_CODE.fullmatch(code):
        return None
    try:
        return date(int(code[2:6]), int(code[6:8]), int(code[8:10]))
    except ValueError:
        return None
