"""How a receiver knows that it was us."""

from __future__ import annotations

import base64
import hmac
import secrets
from typing import Final

_PREFIX = "whsec_"
_SECRET_BYTES: Final = 32


class SecretError(Exception):
    """A webhook's secret cannot be signed with; the message is a sentence for people."""


def new_secret() -> str:
    """A secret that a webhook can be signed with."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def of_webhook(secret: str, message: str, seconds: int, body: bytes) -> dict[str, str]:
    """The header fields of a webhook, as Standard Webhooks has them (https://www.standardwebhooks.com): the id of the
    *message*, when it is sent (Unix time, *seconds*), and the signature over both and the *body*.

    Raises:
        SecretError: *secret* is not ``whsec_`` and base64.
    """
    signed = hmac.digest(_key_in(secret), f"{message}.{seconds}.".encode() + body, "sha256")
    return {
        "Webhook-Id": message,
        "Webhook-Timestamp": str(seconds),
        "Webhook-Signature": f"v1,{base64.b64encode(signed).decode()}",
    }


def _key_in(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError:
        key = b""
    if not key or not secret.startswith(_PREFIX):
        raise SecretError("the webhook's secret is not whsec_ and base64: add the partner anew")
    return key


def of_hub(secret: str, body: bytes) -> dict[str, str]:
    """The header field of what a hub sends (WebSub, 7.1); none without a *secret*."""
    if not secret:
        return {}
    return {"X-Hub-Signature": f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"}
