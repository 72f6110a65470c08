"""A generated history of a site: feeds and posts come, are corrected and withdrawn, and categories get other slugs.

What happens in one step happens at one moment; no entry changes twice in one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

FEEDS = 6
_BEGIN = datetime(2022, 3, 14, 8, tzinfo=UTC)
_STEP = timedelta(minutes=10)
_CATEGORIES = ("harbour", "tides", "weather", "ships", "ropes")
_WORDS = "water came over the wall at night and nobody saw it go while boats stood dry in the old basin"


@dataclass(slots=True)
class _Item:
    number: int
    published: datetime
    updated: datetime
    text: str
    categories: tuple[str, ...]
    withdrawn: datetime | None = None
    touched: int = -1


@dataclass(slots=True)
class History:
    """What there is at the moment; *random* decides what happens."""

    random: Random
    moment: datetime = _BEGIN
    steps: int = 0
    feeds: list[list[_Item]] = field(default_factory=lambda: [[] for _ in range(FEEDS)])
    posts: list[_Item] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    happened: dict[str, int] = field(default_factory=dict)

    def step(self) -> tuple[str, str] | None:
        """Let something happen; returns a category that gets another slug before that, and which, if one does."""
        self.steps += 1
        self.moment += _STEP
        rename = self._rename() if self.steps % 3 == 0 else None
        if self.steps == 1:
            for slug in _CATEGORIES:  # there is each of them from the beginning
                self._come(self.posts)
                self.posts[-1].categories = (slug,)
        for _ in range(self.random.randint(4, 12)):
            there = self.random.choice([*self.feeds, self.posts, self.posts])
            what = self.random.choice([self._come, self._come, self._correct, self._correct, self._withdraw])
            if what(there):
                name = what.__name__.removeprefix("_")
                self.happened[name] = self.happened.get(name, 0) + 1
        return rename

    def _rename(self) -> tuple[str, str] | None:
        left = [slug for slug in _CATEGORIES if slug not in self.renamed]
        if len(left) < 3:
            return None
        old = self.random.choice(left)
        self.renamed[old] = f"new-{old}"
        self.happened["rename"] = self.happened.get("rename", 0) + 1
        return old, self.renamed[old]

    def _come(self, there: list[_Item]) -> bool:
        published = self.moment - timedelta(seconds=self.random.randint(60, 86_400))
        chosen = tuple(self.random.sample(_CATEGORIES, self.random.randint(1, 2)))
        there.append(_Item(len(there), published, published, self._text(), chosen, touched=self.steps))
        return True

    def _correct(self, there: list[_Item]) -> bool:
        item = self._pick(there)
        if item is not None:
            item.text, item.updated = self._text(), self.moment
            if self.random.random() < 0.3:
                item.categories = tuple(self.random.sample(_CATEGORIES, 2))
        return item is not None

    def _withdraw(self, there: list[_Item]) -> bool:
        item = self._pick(there)
        if item is not None:
            item.withdrawn = self.moment
        return item is not None

    def _pick(self, there: list[_Item]) -> _Item | None:
        free = [item for item in there if item.withdrawn is None and item.touched < self.steps]
        if not free:
            return None
        item = self.random.choice(free)
        item.touched = self.steps
        return item

    def _text(self) -> str:
        return " ".join(self.random.choice(_WORDS.split()) for _ in range(30)).capitalize() + "."

    def feed(self, number: int) -> bytes:
        """A feed as it is now (Atom, with tombstones)."""
        told = "".join(self._told(number, item) for item in self.feeds[number])
        return (
            '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0">'
            f"<title>Feed {number}</title><id>tag:tide.example,2022:{number}</id>"
            f"<updated>{self.moment.isoformat()}</updated>{told}</feed>"
        ).encode()

    def _told(self, number: int, item: _Item) -> str:
        name = f"tag:tide.example,2022:{number}/{item.number}"
        if item.withdrawn is not None:
            return f'<at:deleted-entry ref="{name}" when="{item.withdrawn.isoformat()}"/>'
        categories = "".join(f'<category term="{slug}"/>' for slug in item.categories)
        return (
            f"<entry><id>{name}</id><title>{escape(item.text[:40])}</title>"
            f'<link href="https://tide.example/{number}/{item.number}"/><published>'
            f"{item.published.isoformat()}</published><updated>{item.updated.isoformat()}</updated>{categories}"
            f'<content type="html">&lt;p&gt;{item.text}&lt;/p&gt;'
            "</content></entry>"
        )

    def write_posts(self, folder: Path) -> None:
        """The posts that this step touched, each put in its place at once."""
        (folder / "_posts").mkdir(exist_ok=True)
        for item in self.posts:
            if item.touched != self.steps:
                continue
            head = {"title": item.text[:40], "date": f"{item.published:%Y-%m-%d %H:%M:%S}"}
            head |= {"last_modified_at": f"{item.updated:%Y-%m-%d %H:%M:%S}"} if item.updated > item.published else {}
            head |= {"withdrawn": "true"} if item.withdrawn else {}
            lines = [f"{name}: {value}" for name, value in head.items()]
            lines += ["categories:", *(f"  - {slug}" for slug in item.categories)]
            path = folder / "_posts" / f"2022-03-14-NW20220314{item.number:010}.md"
            part = path.with_suffix(".part")
            part.write_text("---\n" + "\n".join(lines) + f"\n---\n{item.text}\n")
            part.replace(path)
