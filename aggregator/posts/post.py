"""One post file becomes one source entry."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.posts import body, front_matter
from aggregator.posts.dates import is_absent, midnight, parse_date
from aggregator.posts.errors import PostError
from aggregator.posts.fields import Fields
from aggregator.posts.markdown import to_html
from aggregator.posts.own_words import own_words
from aggregator.posts.permalink import file_slug, permalink
from aggregator.posts.plain import first_sentence
from feeds.document import SourceEntry, Term, Text, TextKind
from storage.entry import NATIVE_INFO_CODE, Author, Origin, as_info_code

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from aggregator.posts.jekyll import JekyllSettings

_POSTS = "_posts"
# The writer's own code is NW: it is what a number alone belongs to.
_KIND = "NW"
_SHARED = re.compile(r"[?&]infoCode=([A-Z]{2}[0-9]{18})(?![0-9A-Za-z])")
_NEWS_PAGE = re.compile(r"/news/[0-9]+,([0-9]{18})\.html")
_FILE_CODE = re.compile(r"(?:^|-)([A-Z]{2})?([0-9]{18})$")
_FILE_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})-")
_NEWS = "新闻"


@dataclass(frozen=True, slots=True)
class Post:
    """A post in its own words, and what could not be read of it; ``entry.published`` is aware, or None."""

    entry: SourceEntry
    problems: tuple[str, ...] = ()


def read_post(data: bytes, path: str, settings: JekyllSettings, timezone: tzinfo) -> Post:
    """Read a file's bytes; *path* is from the store's root, *timezone* for dates without a zone and for permalinks.

    Raises:
        PostError: not UTF-8, no front matter, one that is never closed, or a name that is not UTF-8.
    """
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raise PostError("has a name that is not UTF-8; rename it") from error
    parts = front_matter.split(front_matter.decode(data))
    fields = Fields(parts.values, list(parts.problems))
    trimmed = body.trim(parts.body)
    content = trimmed.text if path.endswith(".html") else to_html(trimmed.text)
    info_code = _info_code(fields, trimmed.share_link, path)
    published = _published(fields, path, info_code, timezone)
    categories = _categories(fields, path)
    tags = fields.words("tags", "tag")
    page = _page(fields, path, categories, published, settings, timezone)
    origin = trimmed.medium or (tags[0].removesuffix(_NEWS) if tags else "")
    summary = trimmed.digest or fields.text("excerpt") or fields.text("description")
    entry = SourceEntry(
        id=_own_id(path),
        link=trimmed.share_link if _is_http(trimmed.share_link) else "",
        title=Text(fields.text("title") or first_sentence(content) or file_slug(path)),
        content=Text(content, TextKind.HTML) if content.strip() else None,
        summary=Text(summary) if summary else None,
        published=published,
        updated=_date(fields, "last_modified_at", timezone) or _date(fields, "updated", timezone),
        authors=(Author(trimmed.medium),) if trimmed.medium else fields.authors(),
        categories=tuple(map(Term, categories)),
        tags=tags,
        origin=Origin(origin) if origin else None,
        base=page or settings.url,
        language=fields.text("lang"),
        info_code=info_code,
        withdrawn=fields.truth("published") is False or fields.truth("withdrawn") is True,
    )
    return Post(own_words(fields, entry), tuple(fields.problems))


def _info_code(fields: Fields, share_link: str, path: str) -> str:
    """The code that the post claims, from the surest place; empty where it has none."""
    if own := fields.text("infoCode"):
        try:
            return as_info_code(own)
        except ValueError as error:
            fields.problems.append(f"infoCode: {error}; it is passed over")
    if linked := code_in_link(share_link):
        return linked
    named = _FILE_CODE.search(_stem(path))
    return (named[1] or _KIND) + named[2] if named else ""


def code_in_link(share_link: str) -> str:
    """The native code that a share link carries; empty where it has none."""
    if shared := _SHARED.search(share_link):
        return shared[1]
    page = _NEWS_PAGE.search(share_link)
    return _KIND + page[1] if page else ""


def _own_id(path: str) -> str:
    """The file's name, so that moving a post to the old ones changes nothing; sections of the site are told apart."""
    return "/".join((*_sections(path), path.rpartition("/")[2]))


def _sections(path: str) -> list[str]:
    """The folders above ``_posts``: they are categories, too."""
    folders = path.split("/")[:-1]
    return folders[: folders.index(_POSTS)] if _POSTS in folders else []


def _categories(fields: Fields, path: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*_sections(path), *fields.words("categories", "category"))))


def _published(fields: Fields, path: str, info_code: str, timezone: tzinfo) -> datetime | None:
    """Front matter's date, else the day of the file's name, else that of the code."""
    if (moment := _date(fields, "date", timezone)) is not None:
        return moment
    if named := _FILE_DAY.match(_stem(path)):
        digits = f"{named[1]}{int(named[2]):02}{int(named[3]):02}"
        if (moment := midnight(digits, timezone)) is not None:
            return moment
        fields.problems.append(f"file name: {named[0][:-1]} is no day of the calendar")
    return midnight(info_code[2:10], timezone) if NATIVE_INFO_CODE.fullmatch(info_code) else None


def _date(fields: Fields, name: str, timezone: tzinfo) -> datetime | None:
    text = fields.text(name)
    if is_absent(text):
        return None
    moment = parse_date(text, timezone)
    if moment is None:
        fields.problems.append(f"{name}: {text[:60]!r} is not a date such as 2022-03-14 18:35:49 +0800")
    return moment


def _page(
    fields: Fields,
    path: str,
    categories: tuple[str, ...],
    published: datetime | None,
    settings: JekyllSettings,
    timezone: tzinfo,
) -> str:
    """The absolute address of the post's page on the Jekyll site; empty where the site's is not known."""
    if not settings.url:
        return ""
    template = fields.text("permalink")
    local = published.astimezone(timezone) if published is not None else None
    # A style's name means something in the configuration only; Jekyll reads it in front matter as a path.
    template = f"/{template.lstrip('/')}" if template else settings.permalink
    return settings.url + settings.baseurl + permalink(template, path, fields.text("slug"), categories, local)


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]


def _is_http(link: str) -> bool:
    return link.lower().startswith(("http://", "https://"))
