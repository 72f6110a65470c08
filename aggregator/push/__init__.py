"""News that comes by itself: the subscriber's part of WebSub (W3C Recommendation, https://www.w3.org/TR/websub/).

A hub is asked to subscribe us to a topic, asks back at our callback whether we meant it, and from then on posts there
what is new, signed with a secret of ours, until the lease ends. Read ``subscribing`` first (which source is to be
subscribed to, renewed or dropped: a pure decision), then ``agreement`` (what each thing that happens makes of a
subscription) and ``subscriber`` (asks the hubs). ``callback`` is where hubs come to: it checks what they send by
``signature`` and leaves it in ``inbox`` until it is taken in.
"""
