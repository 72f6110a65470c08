"""What an address on the web is, for whoever is given one."""

from __future__ import annotations

from urllib.parse import urlsplit


def is_web_address(value: str) -> bool:
    """Whether *value* is an absolute address in http or https."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
