"""A publisher's feed as it lives on, against a model: each of its articles is exactly one entry for ever."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from aggregator.recognise import names_of, recognise, wanted
from feeds.document import SourceEntry, Text

HOME = "https://a.example/"
_TRACKING = ("", "utm_source=rss", "fbclid=1&utm_medium=x", "cmp=rss")
_SPELLINGS = ("http://a.example", "https://a.example", "https://www.a.example", "https://a.example:443")


@dataclass
class Article:
    """What a publisher calls an article now; ``number`` is who it is."""

    number: int
    guid: str
    path: str
    title: str
    site: str = _SPELLINGS[0]
    tracking: str = ""
    slash: str = ""

    def entry(self) -> SourceEntry:
        query = "&".join(filter(None, (f"id={self.number % 3}", self.tracking)))
        return SourceEntry(id=self.guid, link=f"{self.site}{self.path}{self.slash}?{query}", title=Text(self.title))


class Publisher(RuleBasedStateMachine):
    """Adds, edits, drops and lists again; id and link of one article never change at once between two readings."""

    articles = Bundle("articles")

    def __init__(self) -> None:
        super().__init__()
        self.next = 0
        self.aliases: dict[bytes, str] = {}
        self.listed: list[Article] = []
        self.changed: set[int] = set()
        self.codes: dict[int, str] = {}

    def number(self) -> int:
        self.next += 1
        return self.next

    @rule(target=articles, with_guid=st.booleans(), old=st.booleans())
    def add(self, with_guid: bool, old: bool) -> Article:
        number = self.number()
        path = f"/news/{(number - 1) // 3}"  # three articles share a path, and differ in a parameter
        guid = f"http://a.example/?p={number}" if with_guid else ""
        article = Article(number, guid, path, "Old news" if old else f"News {number}")
        self.listed.insert(0, article)
        return article

    @rule(article=articles, title=st.sampled_from(["Old news", "New news", "Harbour"]))
    def edit_the_title(self, article: Article, title: str) -> None:
        article.title = title

    @rule(article=articles)
    def change_the_guid(self, article: Article) -> None:
        if article in self.listed and article.number in self.codes and article.number not in self.changed:
            article.guid = f"tag:a.example,2026:{self.number()}"
            self.changed.add(article.number)

    @rule(article=articles)
    def move(self, article: Article) -> None:
        if article.guid and article.number in self.codes and article.number not in self.changed:
            article.path = f"/moved/{self.number()}"
            self.changed.add(article.number)

    @rule(article=articles, site=st.sampled_from(_SPELLINGS), slash=st.sampled_from(["", "/"]))
    def spell_the_link_differently(self, article: Article, site: str, slash: str) -> None:
        article.site, article.slash = site, slash

    @rule(article=articles, tracking=st.sampled_from(_TRACKING))
    def track(self, article: Article, tracking: str) -> None:
        article.tracking = tracking

    @rule()
    def migrate(self) -> None:
        """A new system: all guids at once."""
        for article in self.listed:
            self.change_the_guid(article)

    @rule(article=articles)
    def drop(self, article: Article) -> None:
        if article in self.listed and article.number not in self.changed:
            self.listed.remove(article)

    @rule(article=articles)
    def list_again(self, article: Article) -> None:
        if article not in self.listed:
            self.listed.insert(0, article)

    @rule(order=st.randoms(use_true_random=False))
    def shuffle(self, order: object) -> None:
        order.shuffle(self.listed)  # type: ignore[attr-defined]

    @rule()
    def read(self) -> None:
        entries = [article.entry() for article in self.listed]
        names = names_of(entries, [HOME])
        known = {key: self.aliases[key] for key in wanted(names) if key in self.aliases}
        recognised = recognise(entries, names, "harbour", known, trusted=False)
        self.aliases |= recognised.aliases
        self.changed.clear()
        for article, code in zip(self.listed, recognised.codes, strict=True):
            assert code is not None
            assert self.codes.setdefault(article.number, code) == code

    @invariant()
    def no_two_are_one(self) -> None:
        assert len(set(self.codes.values())) == len(self.codes)


TestPublisher = Publisher.TestCase
TestPublisher.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
