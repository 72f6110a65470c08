"""The posts of a generated store, read by pattern: what its writer left in them makes readers of YAML stop.

`copy_store` gives other generators the same posts with a head that they take. The text after the head is copied as it
is. A title is quoted as YAML demands, a date stands in full, categories are a list, a file's name begins with a day.
Making the copy is not measured.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_POST = re.compile(r"---\n(.*?)---\n(.*)", re.DOTALL)
_TITLE = re.compile(r'^title: "(.*)"$', re.MULTILINE)
_DATE = re.compile(r"^date: (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)", re.MULTILINE)
_CATEGORIES = re.compile(r"^categories:(.*(?:\n- .*)*)$", re.MULTILINE)
_DAY = re.compile(r"\d{4}-\d\d-\d\d-")
_NO_DAY = "2022-01-01-"


@dataclass(frozen=True, slots=True)
class Post:
    """What a post says. *name* is its file's, with a day before it; *written* is ISO 8601."""

    name: str
    title: str
    written: str
    slugs: tuple[str, ...]
    published: bool
    body: str


def paths(store: Path) -> list[Path]:
    """The files of a *store*, the oldest first."""
    return sorted([*(store / "_posts").iterdir(), *(store / "old_post").iterdir()], key=lambda path: path.name)


def read_post(path: Path) -> Post:
    """The post at *path*.

    Raises:
        ValueError: it is not as `benchmarks.store` writes them.
    """
    parts = _POST.fullmatch(path.read_text(encoding="utf-8"))
    head, body = parts.groups() if parts else ("", "")
    title, date, named = _TITLE.search(head), _DATE.search(head), _CATEGORIES.search(head)
    if title is None or named is None:
        raise ValueError(f"{path} is not a post of a generated store: it has no title, or no categories")
    name = path.name if _DAY.match(path.name) else f"{_NO_DAY}{path.name.lstrip('-')}"
    written = f"{date[1]}T{date[2]}+08:00" if date else f"{name[:10]}T00:00:00+08:00"
    slugs = tuple(re.sub(r"[\[\],]|\n- ", " ", named[1]).split())
    return Post(name, title[1], written, slugs, "\npublished: false\n" not in head, body)


def copy_store(store: Path, folder: Path, share: int = 1) -> list[str]:
    """Copy one post of each *share* into *folder*, which is made; the slugs of their categories."""
    folder.mkdir(parents=True)
    return sorted({slug for path in paths(store)[::share] for slug in copy_post(path, folder)})


def copy_post(path: Path, folder: Path) -> tuple[str, ...]:
    """Copy the post at *path* into *folder*; the slugs of its categories."""
    post = read_post(path)
    head = {"title": post.title, "date": post.written, "categories": post.slugs, "published": post.published}
    lines = "".join(f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in head.items())
    (folder / post.name).write_text(f"---\n{lines}---\n{post.body}", encoding="utf-8")
    return post.slugs
