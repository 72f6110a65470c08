"""The key that a request comes with: in its ``Authorization``, as the operator's and partners' clients send it."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from storage.keys import PREFIX

if TYPE_CHECKING:
    from starlette.datastructures import Headers


def key_in(headers: Headers) -> str | None:
    """The partner's key: a bearer token (RFC 6750), or the password, whoever the user is (RFC 7617).

    A password that does not begin as keys do is not meant for us: a browser sends the one of the status page with
    every page of the site, and a proxy its own.
    """
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    given = rest.strip()
    if scheme.lower() == "bearer":
        return given
    if scheme.lower() != "basic":
        return None
    try:
        password = base64.b64decode(given.encode("latin-1"), validate=True).partition(b":")[2].decode("latin-1")
    except binascii.Error:
        return None
    return password if password.startswith(PREFIX) else None
