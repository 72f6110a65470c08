"""``X-Hub-Signature``: whether what a hub sent was made by one that knows our secret (WebSub, 7.1)."""

from __future__ import annotations

import hmac
import re

_SIGNATURE = re.compile(r"(sha1|sha256|sha384|sha512)=([0-9a-f]+)")


def is_signed(body: bytes, secret: str, field: str) -> bool:
    """Whether *field* is the signature of *body*, by a method that WebSub knows.

    Takes as long for a wrong signature as for the right one. Any text may be given.
    """
    found = _SIGNATURE.fullmatch(field.strip().lower())
    if found is None:
        return False
    return hmac.compare_digest(hmac.digest(secret.encode(), body, found[1]).hex(), found[2])
