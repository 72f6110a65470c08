"""Signatures, against others' arithmetic."""

from __future__ import annotations

import pytest

from aggregator.deliver.signing import SecretError, of_hub, of_webhook
from aggregator.push.signature import is_signed


def test_a_known_signature() -> None:
    """A secret, a message and their signature as the libraries of Standard Webhooks are tried with."""
    fields = of_webhook(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1_614_265_330,
        b'{"test": 2432232314}',
    )
    assert fields == {
        "Webhook-Id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "Webhook-Timestamp": "1614265330",
        "Webhook-Signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.mark.parametrize("secret", ["", "whsec_", "hush", "whsec_***", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_海"])
def test_what_is_no_secret(secret: str) -> None:
    with pytest.raises(SecretError, match="is not whsec_ and base64: add the partner anew"):
        of_webhook(secret, "1", 0, b"")


def test_what_a_hub_signs_a_subscriber_accepts() -> None:
    [field] = of_hub("hush", b"body").values()
    assert is_signed(b"body", "hush", field)
    assert not is_signed(b"body.", "hush", field)
    assert of_hub("", b"body") == {}
