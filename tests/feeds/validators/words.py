"""What the formats say alike of dates, addresses and the like; and how a validator tells what is wrong."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import lxml.html
from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# RFC 822, 5.1 and 5.2, with the years of four digits that RSS prefers.
_RFC_822 = re.compile(
    rf"(?:({'|'.join(_DAYS)}), )?(\d{{1,2}}) ({'|'.join(_MONTHS)}) (\d{{4}}) "
    r"([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d|:60)? (?:[+-]([01]\d|2[0-3])[0-5]\d|UT|GMT|[ECMP][SD]T)",
    re.ASCII,
)
# RFC 3339, 5.6, with the capitals that RFC 4287, 3.3, demands.
_RFC_3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)", re.ASCII
)
# RFC 3987, 2.2: what no IRI has in it, and a percent sign that begins no octet.
_NO_IRI = re.compile(r"[\x00-\x20<>\"{}|\\^`\x7f-\x9f\ud800-\udfff]|%(?![0-9A-Fa-f]{2})")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:.", re.ASCII)
# Of the schemes that IANA has registered, those that feeds may want.
_SCHEMES = frozenset([
    "acct", "cid", "data", "dns", "doi", "ftp", "geo", "git", "gopher", "http", "https", "im", "ipfs", "irc", "magnet",
    "mailto", "mid", "news", "nntp", "rtsp", "sftp", "sip", "sips", "sms", "tag", "tel", "urn", "ws", "wss", "xmpp",
])  # fmt: skip
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][\w!#$&^.+-]*/[A-Za-z0-9][\w!#$&^.+-]*(\s*;.*)?", re.ASCII | re.DOTALL)
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)
_MAIL = re.compile(r"[^\s@<>()]+@[^\s@<>()]+")
_LOADING = frozenset(["action", "background", "cite", "data", "formaction", "href", "longdesc", "poster", "src"])


class Problem(NamedTuple):
    """The name of a rule that is broken, and by what."""

    rule: str
    told: str


class Rules:
    """The rules of a format by their names, each with where it is written; what breaks one is told with that."""

    def __init__(self, rules: Mapping[str, str]) -> None:
        self.rules = rules

    def broken(self, rule: str, told: object) -> Problem:
        """That *told* breaks *rule*."""
        return Problem(rule, f"{told!s} ({self.rules[rule]})")


def is_rfc_3339(text: str) -> bool:
    """Whether *text* is a date and time that there is."""
    found = _RFC_3339.fullmatch(text)
    return found is not None and _is_day(found[1])


def is_rfc_822(text: str) -> bool:
    """Whether *text* is a date and time that there is, on the day of the week that it names."""
    found = _RFC_822.fullmatch(text)
    if found is None:
        return False
    weekday, day, month, year = found.groups()[:4]
    iso = f"{year}-{_MONTHS.index(month) + 1:02}-{int(day):02}"
    return _is_day(iso) and (weekday is None or _DAYS[date.fromisoformat(iso).weekday()] == weekday)


def _is_day(iso: str) -> bool:
    try:
        datetime.strptime(iso, "%Y-%m-%d")  # noqa: DTZ007  only a day
    except ValueError:
        return False
    return True


def is_absolute(address: str | None) -> bool:
    """Whether *address* is an IRI with a scheme that IANA knows, and a host where the scheme has one."""
    if not address or _NO_IRI.search(address):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if parts.scheme in {"http", "https"}:
        return bool(parts.hostname)
    return parts.scheme in _SCHEMES and bool(parts.netloc or parts.path or parts.query)


def is_iri(name: str | None) -> bool:
    """Whether *name* is an absolute IRI, of whatever scheme: it names something, and need lead nowhere."""
    return _IRI.match(name or "") is not None and _NO_IRI.search(name or "") is None


def is_web(address: str | None) -> bool:
    """Whether *address* is one in http or https."""
    return is_absolute(address) and (address or "").lower().startswith(("http://", "https://"))


def is_media_type(text: str | None) -> bool:
    """Whether *text* is a type and a subtype (RFC 6838, 4.2), with or without parameters."""
    return _MEDIA_TYPE.fullmatch(text or "") is not None


def is_language(text: str | None) -> bool:
    """Whether *text* has the form of a language tag (RFC 3066, 2.1, which RFC 4287 names)."""
    return _LANGUAGE.fullmatch(text or "") is not None


def is_mail(text: str) -> bool:
    """Whether *text* begins with an address; a name in brackets may follow it, as RSS has it."""
    address, _, name = text.partition(" ")
    return _MAIL.fullmatch(address) is not None and (not name or (name[0], name[-1]) == ("(", ")"))


def is_positive(text: str | None) -> bool:
    """Whether *text* is a whole number above nought."""
    return (text or "").isdecimal() and (text or "").isascii() and int(text or "") > 0


def twice(values: Iterable[str]) -> list[str]:
    """Those of *values* that come more than once."""
    values = list(values)
    return [value for value in dict.fromkeys(values) if values.count(value) > 1]


def elements(parent: etree._Element) -> Iterator[etree._Element]:
    """The children of *parent* that are elements."""
    return parent.iterchildren(etree.Element)


def attributes(element: etree._Element) -> dict[str, str]:
    """The attributes of *element*, to tell of it."""
    return {str(name): str(value) for name, value in element.items()}


def relative_links(markup: str) -> Iterator[str]:
    """The addresses in HTML that lead elsewhere in every document that it is copied into."""
    # lxml takes no NUL, and no text that is only white space.
    text = markup.replace("\x00", "").strip()
    if "<" not in text:
        return
    for element in lxml.html.fragment_fromstring(text, create_parent="div").iter(etree.Element):
        for name, value in element.items():
            if str(name) in _LOADING and not re.match(r"\s*([A-Za-z][A-Za-z0-9+.-]*:|#)", str(value)):
                yield f"{element.tag} {name}={value!r}"
