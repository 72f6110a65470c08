"""Which infoCode an entry has: a native one where its source may bring one, else one derived from its own id."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

from storage.entry import DERIVED_INFO_CODE, NATIVE_INFO_CODE, InfoCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feeds.document import SourceEntry

# Crockford's base32: no I, L, O or U, so that a code can be read out.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 26
_BYTES = 16

_ABSOLUTE_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]+")


def derive(scope: str, *own: str) -> InfoCode:
    """The infoCode of what calls itself *own* within *scope*: the same answer on any machine, for ever."""
    digest = hashlib.blake2b(digest_size=_BYTES)
    for part in (scope, *own):
        digest.update(part.encode(errors="surrogatepass"))
        digest.update(b"\0")
    number = int.from_bytes(digest.digest())
    return InfoCode("FM" + "".join(_ALPHABET[number >> shift & 31] for shift in range(5 * _LENGTH - 5, -1, -5)))


def identify(entries: Sequence[SourceEntry], scope: str, *, trusted: bool) -> list[InfoCode | None]:
    """The infoCode of each of a document's *entries*; None for one that has nothing to be known by.

    An entry is known by its id, else its link, else its title and date. An id that a document gives to several
    entries with different links says nothing alone: there the link is part of it.
    """
    links: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        if entry.id and not entry.withdrawn:
            links[entry.id].add(entry.link)
    return [_identify(entry, scope, trusted=trusted, shared=len(links[entry.id]) > 1) for entry in entries]


def _identify(entry: SourceEntry, scope: str, *, trusted: bool, shared: bool) -> InfoCode | None:
    claim = entry.info_code
    if trusted and (NATIVE_INFO_CODE.fullmatch(claim) or DERIVED_INFO_CODE.fullmatch(claim)):
        return InfoCode(claim)
    if entry.id:
        return derive(scope, "id", entry.id, *([entry.link] if shared else []))
    if entry.link:
        return derive(scope, "link", entry.link)
    title = entry.title.value if entry.title else ""
    if title or entry.published:
        return derive(scope, "title", title, entry.published.isoformat() if entry.published else "")
    body = entry.content or entry.summary
    return derive(scope, "body", body.value) if body and body.value.strip() else None


def own_iri(identifier: str) -> str:
    """*identifier* if it is an absolute IRI, as an ``atom:id`` must be (RFC 4287, 4.2.6), else nothing."""
    return identifier if _ABSOLUTE_IRI.fullmatch(identifier) else ""


def native_day(code: InfoCode) -> date | None:
    """The day that a native infoCode carries; None for a derived one, or where the digits are no day."""
    if not NATIVE_INFO_CODE.fullmatch(code):
        return None
    try:
        return date(int(code[2:6]), int(code[6:8]), int(code[8:10]))
    except ValueError:
        return None
