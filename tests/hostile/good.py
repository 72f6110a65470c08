"""Fifty good sources: what they say, and what is to be held of each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Final

from tests.hostile.contents import SHARED
from tests.hostile.words import atom, body, entry, item, json_feed, rss, tide

if TYPE_CHECKING:
    from collections.abc import Callable

ENTRIES: Final = 5
YESTERDAY: Final = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)


def titles(name: str) -> list[str]:
    """The titles of a good source's entries, the first first."""
    return [f"{name}: tide {number}" for number in range(ENTRIES)]


def words(title: str) -> str:
    """What an entry of that title says."""
    return f"<p>The water of <strong>{title}</strong> came and went.</p>"


def _rss(name: str) -> bytes:
    link, category = f"<link>http://{name}.example/{{}}</link>", f"<category>{SHARED}</category>"
    return rss(
        *(
            item(
                title,
                link.format(number) + category + body(words(title)),
                guid=str(number),
                date=format_datetime(YESTERDAY),
            )
            for number, title in enumerate(titles(name))
        )
    )


def _atom(name: str) -> bytes:
    category = f'<category term="{SHARED}"/>'
    return atom(
        *(
            entry(
                title,
                f'<link href="http://{name}.example/{number}"/>{category}'
                f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{words(title)}</div></content>',
                own=f"urn:{name}:{number}",
                date=YESTERDAY.isoformat(),
            )
            for number, title in enumerate(titles(name))
        )
    )


def _json(name: str) -> bytes:
    return json_feed(
        *(
            tide(
                title,
                id=str(number),
                url=f"http://{name}.example/{number}",
                content_html=words(title),
                tags=[SHARED],
                date_published=YESTERDAY.isoformat(),
            )
            for number, title in enumerate(titles(name))
        )
    )


_MAKERS: Final[tuple[Callable[[str], bytes], ...]] = (_rss, _atom, _json)
GOOD: Final = {f"good-{number:02}": _MAKERS[number % 3](f"good-{number:02}") for number in range(50)}
"""Their documents, by name."""
