"""An item of the list that a site's posts are written from, in the shape that its post has.

The same article may come as a post and from the list, and must be one entry that does not change with who brought it.
So the writer's ways are followed, and the body is read by what reads posts.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from aggregator.posts.body import trim
from aggregator.posts.markdown import to_html
from aggregator.posts.plain import first_sentence
from aggregator.slugs import medium_slug
from feeds.document import SourceEntry, Term, Text, TextKind
from storage.entry import Author, Origin

if TYPE_CHECKING:
    from collections.abc import Sequence

_NEWS = "新闻"
# The writer's own kind of code, which its numbers alone belong to.
_KIND = "NW"
_NUMBER = re.compile(r"[0-9]{18}")
_LINE_END = re.compile(r"\s*[\r\n]\s*")


def as_post(entry: SourceEntry, title: str, medium: str, authors: Sequence[str]) -> SourceEntry:
    """*entry* as the post's front matter has it: categories and tags are words, as Jekyll splits them."""
    tags = tuple(dict.fromkeys(f"{medium}{_NEWS}".split()))
    number = _NUMBER.fullmatch(entry.info_code)
    return replace(
        entry,
        info_code=_KIND + entry.info_code if number else entry.info_code,
        title=Text(title) if title else None,
        content=None,
        summary=Text(_one_line(entry.summary)) if entry.summary else None,
        authors=tuple(map(Author, authors)),
        categories=tuple(map(Term, dict.fromkeys(medium_slug(medium).split()))),
        tags=tags,
        origin=Origin(tags[0].removesuffix(_NEWS)),
        base=entry.link,
    )


def with_body(entry: SourceEntry, text: str) -> SourceEntry:
    """*entry* with *text* as its body, below its summary, which the writer quotes as the first line."""
    quoted = f"> {_one_line(entry.summary)}\n\n" if entry.summary else ""
    trimmed = trim(quoted + text)
    content = to_html(trimmed.text)
    return replace(
        entry,
        title=entry.title or Text(first_sentence(content)),
        content=Text(content, TextKind.HTML) if content.strip() else None,
        summary=Text(trimmed.digest) if trimmed.digest else entry.summary,
        authors=(Author(trimmed.medium),) if trimmed.medium else entry.authors,
        origin=Origin(trimmed.medium) if trimmed.medium else entry.origin,
    )


def _one_line(text: Text | None) -> str:
    """The text in a line of its own, as a quoted line must be; the rest of its white space is its writer's."""
    return _LINE_END.sub(" ", text.value).strip() if text else ""
