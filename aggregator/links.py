"""Which addresses lead to the same page: the form of a link that identity compares, and never what is published."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes, urljoin

# Who clicked where: the page is the same with and without. In lower case; compared without regard to it.
_TRACKING_NAMES = """
    cmp cmpid cmp_id xtor fbclid gclid gclsrc dclid gbraid wbraid msclkid twclid ttclid yclid igshid igsh li_fat_id
    mc_cid mc_eid mkt_tok vero_id oly_enc_id oly_anon_id _openstat ncid ocid smid sr_share wickedid rb_clickid s_cid
    ns_source ns_campaign ns_mchannel ns_linkname ns_fee at_medium at_campaign at_format at_creation at_variant
    at_platform at_ptr_name at_ptr_type spm scm
"""
_TRACKING = frozenset(_TRACKING_NAMES.split())
_TRACKING_PREFIXES = ("utm_", "mtm_", "matomo_", "piwik_", "pk_", "hsa_", "_hs", "at_bbc_", "at_custom", "at_link_")
# These mean something on many sites; as one of these values they only say that a feed was read.
_SOMETIMES = frozenset({"ref", "source", "src", "from", "via", "partner"})
_FEED_WORDS = frozenset({"rss", "feed", "atom", "rssfeed", "rss-feed", "rss_feed"})

_ADDRESS = re.compile(r"(https?)://([^/?#\\]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.IGNORECASE | re.DOTALL)
_ESCAPED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
# RFC 3986, 2.2 and 2.3: what keeps its meaning, or never has another.
_SAFE = "%!$&'()*+,;=:@/?-._~"
_PORTS = {"http": ":80", "https": ":443"}


class Place(NamedTuple):
    """A page, and the place on it; ``fragment`` is empty for the page as a whole."""

    page: str
    fragment: str


def place_of(link: str) -> Place:
    """Where *link* leads: the same value for every spelling of one address.

    http and https, ``www.`` and none, a slash at the end, default ports, the order of parameters, percent-encoding and
    tracking parameters make no difference (RFC 3986, 6.2); any other parameter and a fragment do.
    """
    link = link.strip()
    found = _ADDRESS.fullmatch(link)
    if found is None:
        return Place(link, "")
    scheme, authority, path, query, fragment = found.groups("")
    if "/." in path:
        path = urljoin("http://host", path).removeprefix("http://host")
    page = _host(scheme.lower(), authority) + _plain(path).rstrip("/")
    if query:
        kept = [_plain(part).replace("%20", "+") for part in query.split("&") if part and not _tracks(part)]
        page += f"?{'&'.join(sorted(kept, key=_name))}" if kept else ""
    return Place(page, "" if _only_tracks(fragment) else _plain(fragment))


def without_tracking(link: str) -> str:
    """*link* as it is written, but for its tracking parameters."""
    address, _, fragment = link.partition("#")
    page, _, query = address.partition("?")
    kept = "&".join(part for part in query.split("&") if not _tracks(part))
    return page + (f"?{kept}" if kept else "") + ("" if _only_tracks(fragment) else f"#{fragment}")


def _host(scheme: str, authority: str) -> str:
    host = authority.lower().removesuffix(_PORTS[scheme]).removesuffix(":").removeprefix("www.").rstrip(".")
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host


def _plain(text: str) -> str:
    """*text* with escapes for what needs them, and in capitals (RFC 3986, 6.2.2)."""
    if "%" in text:
        text = _ESCAPED.sub(_unescaped, text)
    return text if text.isascii() and " " not in text else quote(text, safe=_SAFE, errors="surrogatepass")


def _unescaped(escapes: re.Match[str]) -> str:
    return quote(unquote_to_bytes(escapes[0]), safe="-._~")


def _name(parameter: str) -> str:
    return parameter.partition("=")[0]


def _only_tracks(fragment: str) -> bool:
    return all(_tracks(part) for part in fragment.split("&")) if fragment else True


def _tracks(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    name = name.lower()
    if name in _TRACKING or name.startswith(_TRACKING_PREFIXES):
        return True
    return name in _SOMETIMES and value.lower() in _FEED_WORDS
