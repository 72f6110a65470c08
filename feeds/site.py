"""The site that is published: its settings as a frozen value, and where on it everything stands.

Links, ids and ``self`` come from here, never from a request. A path is both the file's name in the output folder and,
percent-encoded, the address: a static host and the server answer alike.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from storage.category import ALL
from storage.story import Stories

if TYPE_CHECKING:
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from storage.entry import InfoCode

# File systems allow 255 bytes; ".archive" names, temporary names and suffixes need some of them.
_LONGEST_NAME = 200
SHORTENED = "%-"
"""How the file name of a slug that is too long for one begins; no other does."""

# Most slugs are their own file names. At most 200 bytes, for a letter may have four, and no dot first.
_PLAIN = re.compile(r"[\w()+,;=@&!~ -][\w().+,;=@&!~ -]{0,49}")
# All that an address may hold (RFC 3986, 2); the rest is percent-encoded.
_IN_ADDRESS = "%:/?#[]@!$&'()*+,;=-._~"
HUB_PATH = "hub"
"""Where the site's own WebSub hub answers."""

# What no file system or static host may see in a name; "%" is escaped too, so that no two slugs meet.
_UNSAFE = frozenset('%/\\:*?"<>|') | frozenset(map(chr, range(32))) | {"\x7f"}


@dataclass(frozen=True, slots=True)
class Site:
    """What ``[site]`` and ``[publish]`` say. ``url`` has no slash at its end; ``timezone`` is how dates are written;
    ``search`` is whether pages lead to the search, which a server alone answers.
    """

    title: str
    url: str
    timezone: ZoneInfo
    language: str = "en"
    author: str = ""
    hub: str = ""
    entries_per_feed: int = 50
    stories: Stories = Stories.ALL
    search: bool = False

    @property
    def host(self) -> str:
        """The host's name, as tag URIs carry it (RFC 4151, 2.1)."""
        return urlsplit(self.url).hostname or "localhost"

    def address(self, path: str) -> str:
        """The absolute URL of a *path* of this site."""
        return f"{self.url}/{quote(path, safe='/~()!,;=@+$&')}"

    def tag_uri(self, info_code: InfoCode, day: date) -> str:
        """The tag URI (RFC 4151) of an entry that was first made with this *day*."""
        return f"tag:{self.host},{day.isoformat()}:{info_code}"

    def local(self, moment: datetime) -> datetime:
        """*moment* in the site's time zone."""
        return moment.astimezone(self.timezone)


def hub_links(site: Site, topic: str) -> str:
    """The ``Link`` field (RFC 8288) that names a feed's hub and what it is called there (WebSub, 4 and 7)."""
    return ", ".join(
        f'<{quote(address, safe=_IN_ADDRESS)}>; rel="{rel}"' for rel, address in (("hub", site.hub), ("self", topic))
    )


def file_name(slug: str) -> str:
    """A name for *slug* that any disk can hold; different slugs have different names, and none leaves its folder."""
    if _PLAIN.fullmatch(slug):
        return slug
    name = "".join(f"%{ord(character):02X}" if character in _UNSAFE else character for character in slug)
    if name.startswith("."):
        name = f"%2E{name[1:]}"
    if len(name.encode(errors="surrogatepass")) > _LONGEST_NAME:
        digest = hashlib.blake2b(slug.encode(errors="surrogatepass"), digest_size=12).hexdigest()
        name = f"{SHORTENED}{digest}"
    return name


def category_path(slug: str, suffix: str) -> str:
    """Where a category's document stands, as ``category/<slug>.rss``; for everything, ``all.rss``."""
    return f"all.{suffix}" if slug == ALL else f"category/{file_name(slug)}.{suffix}"


def archive_path(slug: str, page: int) -> str:
    """Where a page of a category's archive stands; for everything, ``archive/<page>.atom``.

    The folder's name has no dot, so that it is not the name of another category's document.
    """
    folder = "archive" if slug == ALL else f"category/{archive_folder(slug)}/archive"
    return f"{folder}/{page}.atom"


def archive_folder(slug: str) -> str:
    """A name for a category's own folder."""
    return file_name(slug).replace(".", "%2E")


def page_path(slug: str, number: int) -> str:
    """Where a page of all that a category holds stands: ``category/<slug>/2.html``, for everything ``all/2.html``."""
    if slug == ALL:
        return f"all/{number}.html"
    name = file_name(slug)
    stem, dot, suffix = name.rpartition(".")
    # The file of one category must not be the folder of another: "a.rss" is the feed of "a".
    return f"category/{stem}%2E{suffix}/{number}.html" if dot else f"category/{name}/{number}.html"


def entry_path(info_code: InfoCode) -> str:
    """Where an entry's page stands."""
    return f"entry/{info_code}.html"
