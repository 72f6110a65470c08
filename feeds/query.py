"""A query: which entries somebody wants, and the one address that stands for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, quote

from feeds.plain_text import clean_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feeds.site import Site

MOST_CHARACTERS: Final = 200
"""Characters that the words of a query have at the most, and each of its values."""
MOST_VALUES: Final = 50
"""Categories, tags and media that a query names at the most."""

_FIELDS = ("category", "medium", "q", "tag")


class QueryTooLongError(ValueError):
    """A query beyond :data:`MOST_CHARACTERS` or :data:`MOST_VALUES`."""


@dataclass(frozen=True, slots=True)
class Query:
    """Entries with these *words*, in any of *categories* (slugs), with any of *tags*, from any of *media* (what is
    empty does not narrow). Values are in order, and none is there twice.
    """

    words: str = ""
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    media: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing."""
        return not (self.words or self.categories or self.tags or self.media)

    @property
    def parameters(self) -> str:
        """The query of its address (RFC 3986, 3.4): names and values in order, so that equal queries have one."""
        values = (self.categories, self.media, (self.words,) if self.words else (), self.tags)
        pairs = ((name, value) for name, those in zip(_FIELDS, values, strict=True) for value in those)
        return "&".join(f"{name}={quote(value, safe='', errors='replace')}" for name, value in pairs)


def read_query(query_string: bytes) -> Query:
    """The query that an address's *query_string* says; parameters of other names say nothing.

    Raises:
        QueryTooLongError: it is longer than a query may be.
    """
    found: dict[str, list[str]] = {name: [] for name in _FIELDS}
    for name, value in parse_qsl(query_string.decode(errors="replace"), keep_blank_values=False):
        if name in found:
            found[name].append(value)
    words = " ".join(" ".join(map(clean_text, found["q"])).split())
    categories = _values(found["category"])
    tags, media = (_values(" ".join(clean_text(value).split()) for value in found[name]) for name in ("tag", "medium"))
    values = [*categories, *tags, *media]
    if len(values) > MOST_VALUES or max(map(len, [words, *values])) > MOST_CHARACTERS:
        raise QueryTooLongError
    return Query(words, categories, tags, media)


def search_address(query: Query, site: Site, suffix: str) -> str:
    """Where *query* is answered in the format of *suffix*: the same address whoever asked in which words."""
    return f"{site.address(search_path(suffix))}?{query.parameters}"


def search_path(suffix: str) -> str:
    """Where queries are answered in the format of *suffix*."""
    return f"search.{suffix}"


def _values(said: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({value for value in said if value}))
