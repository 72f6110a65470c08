"""What a Jekyll folder says of itself: ``_config.yml``, and the category pages that give names to slugs."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aggregator.posts import front_matter
from aggregator.posts.errors import PostError
from aggregator.posts.files import is_category_page

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_LARGEST_PAGE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class JekyllSettings:
    """The parts of ``_config.yml`` that matter here; what it does not say, or says wrongly, is empty.

    ``url`` is absolute without a slash at its end, ``baseurl`` begins with one or is empty, ``timezone`` is a name
    that the system knows, ``permalink`` a style's name or a template.
    """

    title: str = ""
    url: str = ""
    baseurl: str = ""
    timezone: str = ""
    language: str = ""
    author: str = ""
    permalink: str = "date"
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CategoryPages:
    """The titles that ``category/`` gives to slugs, as they are written, and the pages that could not be read."""

    titles: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def read_settings(root: Path) -> JekyllSettings:
    """Read ``_config.yml``; a line that is not valid YAML is a problem that names it, the others are read.

    Raises:
        PostError: the file is there, but cannot be read.
    """
    try:
        text = front_matter.decode(_read(root / "_config.yml")).replace("\0", "")
        values, found = front_matter.read_values(text)
    except FileNotFoundError:
        return JekyllSettings()
    except PostError as error:
        raise PostError(f"_config.yml {error}") from error
    problems = [f"_config.yml: {problem}" for problem in found]
    return JekyllSettings(
        title=_text(values, "title"),
        url=_url(_text(values, "url"), problems),
        baseurl=f"/{baseurl}" if (baseurl := _text(values, "baseurl").strip("/")) else "",
        timezone=_timezone(_text(values, "timezone"), problems),
        language=_text(values, "lang") or _text(values, "language"),
        author=_author(values.get("author")),
        permalink=_text(values, "permalink") or "date",
        problems=tuple(problems),
    )


def read_category_pages(root: Path) -> CategoryPages:
    """Read every ``category/*.html`` and ``*.md`` of layout ``category``; of two for one slug, the first."""
    titles: dict[str, str] = {}
    problems: list[str] = []
    folder = root / "category"
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208  # a fifth of iterdir's time for 2,000 pages
    except FileNotFoundError:
        return CategoryPages()
    except OSError as error:
        return CategoryPages({}, (f"category: {error.strerror}",))
    for path in (f"category/{name}" for name in names):
        if not is_category_page(path):
            continue
        try:
            named = _category(root, path)
        except PostError as error:
            problems.append(f"{path}: {error}")
            continue
        if named is not None and titles.setdefault(*named) != named[1]:
            problems.append(
                f"{path}: {named[0]} is already named {titles[named[0]]!r} by another page; this one is passed over"
            )
    return CategoryPages(titles, tuple(problems))


def _category(root: Path, path: str) -> tuple[str, str] | None:
    """A page's slug and title; None for a page that is not a category's."""
    if not os.path.realpath(root / path).startswith(f"{os.path.realpath(root)}/"):
        raise PostError("is a link that leads out of the folder")
    try:
        values = front_matter.split(front_matter.decode(_read(root / path))).values
    except FileNotFoundError as error:
        raise PostError("is gone") from error
    if _text(values, "layout") != "category":
        return None
    slug = _text(values, "category") or path.rpartition("/")[2].rpartition(".")[0]
    title = _text(values, "title")
    if not title:
        raise PostError(f"has no title, so {slug} gets no name from it; write title: into its front matter")
    return slug, title


def _read(path: Path) -> bytes:
    """A small file's bytes; ``FileNotFoundError`` is the caller's, any other failure a ``PostError``."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise PostError("is not a file")
        with path.open("rb") as file:
            data = file.read(_LARGEST_PAGE + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise PostError(f"cannot be read: {error.strerror}") from error
    if len(data) > _LARGEST_PAGE:
        raise PostError("is larger than 1 MB")
    return data


def _text(values: Mapping[str, object], name: str) -> str:
    value = values.get(name)
    return value.strip() if isinstance(value, str) else ""


def _author(value: object) -> str:
    """``author: name``, or ``author:`` with a ``name:`` below it."""
    if isinstance(value, dict):
        value = value.get("name")
    return value.strip() if isinstance(value, str) else ""


def _url(url: str, problems: list[str]) -> str:
    if url and not url.lower().startswith(("http://", "https://")):
        problems.append(f"_config.yml: url {url!r} is not absolute; write https:// before it")
        return ""
    return url.rstrip("/")


def _timezone(name: str, problems: list[str]) -> str:
    try:
        return ZoneInfo(name).key if name else ""
    except (ValueError, OSError, ZoneInfoNotFoundError):
        problems.append(f"_config.yml: timezone {name!r} is not known; write a name such as Asia/Shanghai")
        return ""
