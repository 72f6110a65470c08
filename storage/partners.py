"""Partners: kept, and found by name or by the digest of a key."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from storage import events, followers
from storage.bulk import upsert
from storage.follower import FollowerKind, follower_id
from storage.partner import Partner, Terms
from storage.tables import PartnerRow, table_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import BindParameter, Connection, RowMapping

_PARTNER = table_of(PartnerRow)
_ALL = select(_PARTNER).order_by(_PARTNER.c.name)
_NAMED = select(_PARTNER).where(_PARTNER.c.name == bindparam("name"))
_DIGEST: BindParameter[bytes] = bindparam("digest")
_BY_KEY = select(_PARTNER).where((_PARTNER.c.key == _DIGEST) | (_PARTNER.c.former_key == _DIGEST))
_SAVE = upsert(_PARTNER)


def all(connection: Connection) -> list[Partner]:  # noqa: A001  as it is called: partners.all
    """Every partner, revoked ones too, by name."""
    return [_value(row) for row in connection.execute(_ALL).mappings()]


def find(connection: Connection, name: str) -> Partner | None:
    """The partner of this *name*, revoked or not."""
    row = connection.execute(_NAMED, {"name": name}).mappings().first()
    return None if row is None else _value(row)


def with_key(connection: Connection, digest: bytes, now: datetime) -> Partner | None:
    """The partner whose key has this *digest*, or had it until after *now* (aware); revoked or expired ones too."""
    for row in connection.execute(_BY_KEY, {"digest": digest}).mappings():
        partner = _value(row)
        former = partner.former_until is not None and now < partner.former_until
        if partner.key == digest or (partner.former_key == digest and former):
            return partner
    return None


def save(connection: Connection, partner: Partner) -> None:
    """Keep *partner* as it is now. Its webhook, where it has one, follows events from the last one on."""
    _SAVE.run(connection, [_row(partner)])
    name = follower_id(FollowerKind.WEBHOOK, partner.name)
    if partner.webhook and partner.revoked is None:
        followers.begin(connection, name, events.last(connection))
    else:
        followers.forget(connection, [name])


def _row(partner: Partner) -> dict[str, Any]:
    row = {name: getattr(partner, name) for name in _SAME}
    terms = {"excerpt": partner.terms.excerpt, "embargo": int(partner.terms.embargo.total_seconds())}
    return row | terms | {"categories": list(partner.categories)}


def _value(row: RowMapping) -> Partner:
    terms = Terms(row["excerpt"], timedelta(seconds=row["embargo"]))
    return Partner(**{name: row[name] for name in _SAME}, terms=terms, categories=tuple(row["categories"]))


# What a partner and its row call by the same name and hold alike.
_SAME = (
    *("name", "key", "created", "per_minute", "expires", "revoked", "former_key", "former_until"),
    *("webhook", "webhook_secret"),
)
