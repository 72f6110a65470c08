"""Signatures: ours and no other, whatever is written in the field."""

from __future__ import annotations

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.push.signature import is_signed

methods = st.sampled_from(["sha1", "sha256", "sha384", "sha512"])
secrets = st.text("abcdefghij0123456789_-", min_size=1)


def _made(body: bytes, secret: str, method: str) -> str:
    return f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}"


@given(body=st.binary(), secret=secrets, method=methods)
def test_ours(body: bytes, secret: str, method: str) -> None:
    field = _made(body, secret, method)
    assert is_signed(body, secret, field)
    assert is_signed(body, secret, f" {field.upper()} ")


@given(body=st.binary(), other=st.binary(), secret=secrets, method=methods, guess=secrets)
def test_of_another_body_or_secret(body: bytes, other: bytes, secret: str, method: str, guess: str) -> None:
    assert is_signed(body, secret, _made(other, secret, method)) == (body == other)
    assert is_signed(body, secret, _made(body, guess, method)) == (secret == guess)


@given(body=st.binary(), secret=secrets, method=methods, field=st.text())
def test_any_text(body: bytes, secret: str, method: str, field: str) -> None:
    assert not is_signed(body, secret, field)
    assert not is_signed(body, secret, f"{method}={field}")


@pytest.mark.parametrize("method", ["md5", "sha224", "sha3_256", "blake2b", ""])
def test_of_a_method_that_is_not_websubs(method: str) -> None:
    digest = hmac.new(b"secret", b"body", method or "sha256").hexdigest()
    assert not is_signed(b"body", "secret", f"{method}={digest}")


def test_cut_short_or_prolonged() -> None:
    field = _made(b"body", "secret", "sha256")
    for wrong in (field[:-1], field[:-2], field + "0", field + "," + field, field.replace("sha256", "sha1")):
        assert not is_signed(b"body", "secret", wrong)
