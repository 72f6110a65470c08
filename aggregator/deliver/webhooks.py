"""What a partner's webhook is sent: one event in one request, in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.deliver.moves import Moves
from aggregator.deliver.parcel import Parcel
from aggregator.deliver.signing import of_webhook
from feeds.publishing.telling import told
from storage import events, followers, partners

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from feeds.site import Site
    from storage.follower import Follower


def due(connection: Connection, moves: Moves, follower: Follower, now: datetime, *, again: bool) -> datetime | None:
    """When the webhook *follower* is to be sent its next event; None if it is owed none, or its partner may see none
    now. It waits for the end of the embargo, but not with dead letters that are tried *again*.
    """
    partner = partners.find(connection, follower.name)
    if partner is None or not partner.webhook or not partner.is_welcome(now):
        return None
    if again:
        return now
    found = events.after(connection, follower.position, moves.followed(partner.categories), 1)
    return found[0].moment + partner.terms.embargo if found else None


def parcel(connection: Connection, site: Site, store: str, follower: Follower, now: datetime) -> Parcel | None:
    """The next event for the webhook *follower*, of this *store*; None where there is none now.

    Raises:
        SecretError: it cannot be signed.
    """
    partner = partners.find(connection, follower.name)
    if partner is None or not partner.webhook or not partner.is_welcome(now):
        return None
    granted = Moves(connection).followed(partner.categories)
    letters = followers.again(connection, follower.id, 1)
    settles = tuple(letter.number for letter in letters)
    if letters:
        found = events.named(connection, settles, granted)
    else:
        found = events.after(connection, follower.position, granted, 1, until=now - partner.terms.embargo)
    if not found:  # of a category that is not granted any more
        return Parcel(partner.webhook, follower.position, settles=settles) if settles else None
    [event], [body] = found, told(connection, site, store, found, granted, partner.terms)
    signed = of_webhook(partner.webhook_secret, f"{store}-{event.number}", int(now.timestamp()), body)
    return Parcel(
        address=partner.webhook,
        position=follower.position if settles else event.number,
        bodies=(body,),
        headers={"Content-Type": "application/json", **signed},
        told=(event,),
        settles=settles,
    )
