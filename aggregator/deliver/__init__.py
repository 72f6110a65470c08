"""News that are sent: to partners' webhooks, to subscribers at our own WebSub hub, to another hub.

The outbox is the log of events, written with the entries themselves, and each follower has a position in it. Read
``outlook`` first (who is to be sent something now: a decision over what is stored), then ``webhooks``, ``topics`` and
``hubs`` (what that is, as a ``parcel``, signed by ``signing``), ``patience`` (what becomes of a follower that takes it,
or does not) and ``intent`` (who subscribes is asked whether it meant that). ``ledger`` reads and notes all this in the
store, and ``deliverer`` does it, several at once and one after the other for each. ``standing`` is what the operator
sees of it.
"""
