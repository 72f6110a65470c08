"""What is agreed with partners: made, given another key, ended; in the caller's transaction. What may not be is refused
here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING

from aggregator.deliver.signing import new_secret
from feeds.addresses import is_web_address
from storage import categories, partners
from storage.category import ALL
from storage.keys import digest_of, new_key
from storage.partner import Partner, Terms

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from zoneinfo import ZoneInfo

    from sqlalchemy import Connection

_NAME = re.compile(r"\w[\w.-]{0,63}")


class PartnerError(Exception):
    """What was asked for cannot be, or is so already; nothing was done. The message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a partner is to have: categories by their slugs, and with *everything* all that everybody may see."""

    name: str
    categories: tuple[str, ...]
    everything: bool
    terms: Terms
    per_minute: int
    expires: datetime | None = None
    webhook: str = ""


def add(connection: Connection, wish: Wish, now: datetime) -> tuple[Partner, str]:
    """Make a partner as of *now* (aware); returns it with its key, which is nowhere else.

    Raises:
        PartnerError: the name, a category, the date or the webhook's address cannot be.
    """
    if not _NAME.fullmatch(wish.name):
        raise PartnerError(f"{wish.name!r} cannot be a partner's name: letters, digits, '.', '_' and '-', at most 64")
    if (there := partners.find(connection, wish.name)) is not None:
        if there.revoked is not None:
            raise PartnerError(f"a partner {wish.name} was revoked, and its use is still told: take another name")
        raise PartnerError(
            f"there is a partner {wish.name} already: take another name, or partner rotate gives it a key"
        )
    if not wish.categories and not wish.everything:
        raise PartnerError(
            "a partner needs something to see: name it with --category, or all that is public with --all"
        )
    _check_categories(connection, wish.categories)
    if wish.expires is not None and wish.expires <= now:
        raise PartnerError(f"a key that ended {_day_before(wish.expires)} is of no use: name a day that is to come")
    if wish.webhook:
        _check_webhook(wish.webhook)
    key = new_key()
    partner = Partner(
        name=wish.name,
        categories=tuple(dict.fromkeys(((ALL,) if wish.everything else ()) + wish.categories)),
        key=_digest(key),
        created=now,
        terms=wish.terms,
        per_minute=wish.per_minute,
        expires=wish.expires,
        webhook=wish.webhook,
        webhook_secret=new_secret() if wish.webhook else "",
    )
    partners.save(connection, partner)
    return partner, key


def rotate(connection: Connection, name: str, keep: timedelta, now: datetime) -> tuple[Partner, str]:
    """Give a partner another key; the one that it has is good for *keep* more, the one before that no more.

    Raises:
        PartnerError: there is no such partner, or nothing is answered to it any more.
    """
    partner = find(connection, name)
    if partner.revoked is not None:
        raise PartnerError(f"{name} was revoked: add the partner under another name")
    if not partner.is_welcome(now):
        raise PartnerError(f"what was agreed with {name} has ended: add the partner under another name")
    key = new_key()
    kept = (
        {"former_key": partner.key, "former_until": now + keep} if keep else {"former_key": b"", "former_until": None}
    )
    partner = replace(partner, key=_digest(key), **kept)
    partners.save(connection, partner)
    return partner, key


def revoke(connection: Connection, name: str, now: datetime) -> None:
    """Answer a partner nothing any more, whatever its key.

    Raises:
        PartnerError: there is no such partner, or it was revoked already.
    """
    partner = find(connection, name)
    if partner.revoked is not None:
        raise PartnerError(f"{name} was revoked already")
    partners.save(connection, replace(partner, revoked=now, former_key=b"", former_until=None))


def find(connection: Connection, name: str) -> Partner:
    """The partner of this *name*.

    Raises:
        PartnerError: there is none; the message tells which are near.
    """
    if (partner := partners.find(connection, name)) is not None:
        return partner
    known = [one.name for one in partners.all(connection)]
    raise PartnerError(f"there is no partner {name!r}; {_hint(name, known, 'feedmill partner list')}")


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which *day*, the last of something, is over in *zone*."""
    return datetime.combine(day + timedelta(days=1), time(), zone)


def _day_before(moment: datetime) -> str:
    return (moment - timedelta(microseconds=1)).date().isoformat()


def _check_categories(connection: Connection, slugs: Iterable[str]) -> None:
    known = categories.find(connection, slugs)
    for slug in slugs:
        if slug == ALL or slug not in known:
            there = [one.slug for one in categories.listed(connection, everyone=True) if not one.moved_to]
            raise PartnerError(f"there is no category {slug!r}; {_hint(slug, there, 'feedmill category list')}")
        if known[slug].moved_to:
            raise PartnerError(f"{slug} is {known[slug].moved_to} now: name that")


def _check_webhook(address: str) -> None:
    if not is_web_address(address) or not address.isprintable() or " " in address:
        raise PartnerError(f'{address!r} is no address: a webhook\'s is absolute, as in "https://example.org/hook"')


def _hint(name: str, known: list[str], where: str) -> str:
    folded = {other.casefold(): other for other in known}
    near = get_close_matches(name.casefold(), folded, cutoff=0.6)
    return f"do you mean {' or '.join(folded[other] for other in near)}?" if near else f"{where} names all"


def _digest(key: str) -> bytes:
    digest = digest_of(key)
    assert digest is not None  # noqa: S101  it was made here
    return digest
