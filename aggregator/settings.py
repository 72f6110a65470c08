"""The tables of ``feedmill.toml``, one class each: what can be set, and what would be right."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from aggregator.fetch_settings import FetchSettings, check_access
from aggregator.reader_settings import JsonSettings, PageSettings
from aggregator.rule_settings import RuleSettings, check_rules, rules_of
from aggregator.setting_types import Duration, Table, zone_name
from feeds.addresses import is_web_address
from storage.source import SourceKind
from storage.story import Stories

if TYPE_CHECKING:
    from aggregator.rules import Rules

_SHORTEST_KEY = 16
_FILE = "sqlite:///"

OWN_HUB = "own"
"""``[publish] hub``: Feedmill itself is the hub of its feeds."""
SITE_SCOPE = "site"
"""The scope that posts and trusted sources share."""


class SiteSettings(Table):
    """``[site]``: what the published site is called and where it stands."""

    title: str = ""
    url: str = ""
    language: str = ""
    timezone: str = ""
    author: str = ""

    @field_validator("url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        if value and not is_web_address(value):
            raise ValueError('an address is absolute, as in "https://example.org"')
        if "?" in value or "#" in value:
            raise ValueError('the site\'s address has no "?" and no "#": pages stand below it')
        return value.rstrip("/")

    @field_validator("timezone")
    @classmethod
    def _known(cls, value: str) -> str:
        return zone_name(value)


class StorageSettings(Table):
    """``[storage]``: where the database is."""

    # A password may stand in it.
    url: str = Field(default="sqlite:///data/feedmill.db", repr=False)

    @field_validator("url")
    @classmethod
    def _known(cls, value: str) -> str:
        if not value.startswith((_FILE, "postgresql://")) or value.removeprefix(_FILE) in {"", ":memory:"}:
            raise ValueError(
                'a database is a file, as in "sqlite:///data/feedmill.db", or on a server, as in '
                '"postgresql://user:password@host/feedmill"'
            )
        return value

    @property
    def file(self) -> Path | None:
        """The database's file; None where it is on a server."""
        return Path(self.url.removeprefix(_FILE)) if self.url.startswith(_FILE) else None


class PublishSettings(Table):
    """``[publish]``: the folder that everything is also written to, the address that it is brought to from there, what
    a feed shows, and who is told of news.

    ``search`` is whether pages lead to the search, which the server alone answers; unless it is said, they do where
    there is no folder. ``hub`` is :data:`OWN_HUB`, another hub's address, or empty; ``private_hosts`` are those inside
    our network that webhooks and subscribers may be at.
    """

    directory: Path | None = None
    upload: str = ""
    entries: int = Field(default=50, ge=1, le=10_000)
    stories: Stories = Stories.ALL
    search: bool | None = None
    hub: str = ""
    private_hosts: frozenset[str] = frozenset()

    @field_validator("hub")
    @classmethod
    def _own_or_absolute(cls, value: str) -> str:
        if value not in {"", OWN_HUB} and not is_web_address(value):
            raise ValueError(f'is "{OWN_HUB}", or another hub\'s address, as in "https://hub.example.org/"')
        return value

    @field_validator("private_hosts")
    @classmethod
    def _bare(cls, value: frozenset[str]) -> frozenset[str]:
        if wrong := sorted(host for host in value if not host or "/" in host):
            raise ValueError(f'a host is named without "http://" and path, as in "hooks.internal", not {wrong[0]!r}')
        return frozenset(host.lower().rstrip(".") for host in value)

    @field_validator("directory", mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        return None if value == "" else value  # Path("") would be the folder of the configuration

    @field_validator("upload")
    @classmethod
    def _known(cls, value: str) -> str:
        if value:
            from feeds.publishing.upload import check_address

            check_address(value)
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.upload and self.directory is None:
            raise ValueError('what is uploaded is the folder: name one in directory, as in "public"')
        return self


class ServerSettings(Table):
    """``[server]``: where the server listens, and the key to the operator's pages."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65_535)
    key: SecretStr = SecretStr("")

    @field_validator("key")
    @classmethod
    def _long(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value) < _SHORTEST_KEY:
            raise ValueError(f"a key that nobody guesses has at least {_SHORTEST_KEY} characters")
        return value


class AlertSettings(Table):
    """``[alert]``: how the operator hears of a source that is broken for longer than ``after`` pulls."""

    command: tuple[str, ...] = ()
    webhook: str = ""
    after: int = Field(default=5, ge=1, le=1000)

    @field_validator("webhook")
    @classmethod
    def _absolute(cls, value: str) -> str:
        if value and not is_web_address(value):
            raise ValueError('a webhook\'s address is absolute, as in "https://example.org/hook"')
        return value

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.command and not self.command[0].strip():
            raise ValueError('command is a program and its arguments, as in ["/usr/local/bin/alert", "feedmill"]')
        return self


class EntryCategories(StrEnum):
    """What becomes of the categories that a feed's entries bring."""

    ADD = "add"
    REPLACE = "replace"


class SourceSettings(RuleSettings, FetchSettings, Table):
    """``[[source]]``: a folder of posts, or a feed, a JSON list or a web page at an address or in a file; and its
    rules.
    """

    name: str = Field(min_length=1, max_length=200)
    kind: SourceKind
    url: str = ""
    path: Path | None = None
    scope: str = ""
    categories: tuple[str, ...] = ()
    entry_categories: EntryCategories | None = None
    info_codes: Literal["derived", "trusted"] = "derived"
    on_missing: Literal["keep", "withdraw"] = "keep"
    every: Duration | None = None
    timezone: str = ""
    private: bool = False
    paused: bool = False
    push: bool = True
    accept: str = ""
    full_text: bool = False
    json_list: JsonSettings | None = Field(default=None, alias="json")
    page: PageSettings | None = None

    @field_validator("timezone")
    @classmethod
    def _known(cls, value: str) -> str:
        return zone_name(value)

    @field_validator("accept")
    @classmethod
    def _header(cls, value: str) -> str:
        if not value.isascii() or not value.isprintable():
            raise ValueError('is a header field, as in "application/json"')
        return value

    @field_validator("full_text")
    @classmethod
    def _installed(cls, value: bool) -> bool:  # noqa: FBT001  pydantic calls it
        if value:
            from aggregator.readers.full_text import INSTALL, is_installed

            if not is_installed():
                raise ValueError(f"reads articles with trafilatura, which is not installed: {INSTALL}")
        return value

    @field_validator("url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        if value and not is_web_address(value):
            raise ValueError('a feed\'s address is absolute, as in "https://example.org/feed.xml"')
        return value

    @field_validator("categories")
    @classmethod
    def _named(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(not slug.strip() for slug in value):
            raise ValueError("a category's slug cannot be empty")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.kind is SourceKind.POSTS and (self.path is None or self.url):
            raise ValueError('a source of kind "posts" has a path (the Jekyll folder), and no url')
        if self.kind is not SourceKind.POSTS and (self.path is None) == (not self.url):
            raise ValueError(f'a source of kind "{self.kind}" has either a url or a path')
        self._check_reader()
        if self.on_missing == "withdraw" and self.kind is not SourceKind.POSTS:
            raise ValueError('on_missing = "withdraw" is for kind "posts": feeds drop old entries all the time')
        check_access(self)
        check_rules(self, self.kind, own_categories=self.own_categories)
        return self

    def _check_reader(self) -> None:
        for kind, table in ((SourceKind.JSON, self.json_list), (SourceKind.PAGE, self.page)):
            if (self.kind is kind) != (table is not None):
                raise ValueError(f'kind = "{kind}" and a table [source.{kind}] belong together')
        if self.full_text and self.kind is SourceKind.POSTS:
            raise ValueError("full_text is for feeds, JSON lists and pages: posts are whole")
        if self.full_text and self.json_list and self.json_list.text:
            raise ValueError("full_text and [source.json.text] are two ways to a text: choose one")

    @property
    def as_posts(self) -> bool:
        """Whether its entries are those that the site's posts are written from."""
        return self.json_list is not None and self.json_list.as_posts

    @property
    def has_texts(self) -> bool:
        """Whether the text of an entry may stand in a document of its own."""
        return self.full_text or (self.json_list is not None and self.json_list.text is not None)

    @property
    def own_categories(self) -> bool:
        """Whether the categories that its entries bring count."""
        return not self.categories or self.entry_categories is EntryCategories.ADD

    @property
    def rules(self) -> Rules:
        """Its rules, as they are applied."""
        return rules_of(self, self.kind)

    @property
    def owner(self) -> str:
        """The scope that owns what this source brings first."""
        shared = self.kind is SourceKind.POSTS or self.info_codes == "trusted"
        return self.scope or (SITE_SCOPE if shared else self.name)
