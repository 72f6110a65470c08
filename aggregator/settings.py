"""The tables of ``feedmill.toml``, one class each: what can be set, and what would be right."""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from aggregator.readers.paths import path, place
from storage.source import SourceKind

SITE_SCOPE = "site"
"""The scope that posts and trusted sources share."""

_DURATION = re.compile(r"(\d+)\s*([smhd])")
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_LONGEST_SECONDS = 365 * 86_400


def is_web_address(value: str) -> bool:
    """Whether *value* is an absolute address in http or https."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _zone_name(value: str) -> str:
    try:
        if value:
            ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f'{value!r} is not a time zone: use a name such as "Asia/Shanghai" or "UTC"') from error
    return value


def _duration(value: object) -> object:
    if isinstance(value, str) and (found := _DURATION.fullmatch(value.strip())):
        seconds = int(found[1]) * _UNITS[found[2]]
        if not 1 <= seconds <= _LONGEST_SECONDS:
            raise ValueError('a duration is from "1s" to "365d"')
        return timedelta(seconds=seconds)
    if isinstance(value, timedelta):
        return value
    raise ValueError('a duration is a number and a unit, as in "90s", "15m", "2h" or "1d"')


Duration = Annotated[timedelta, BeforeValidator(_duration)]


class Table(BaseModel):
    """A table of the file: frozen, and without settings that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")


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
        return _zone_name(value)


class StorageSettings(Table):
    """``[storage]``: where the database is."""

    url: str = "sqlite:///data/feedmill.db"

    @field_validator("url")
    @classmethod
    def _file(cls, value: str) -> str:
        if not value.startswith("sqlite:///") or value.removeprefix("sqlite:///") in {"", ":memory:"}:
            raise ValueError('a database is named by its file, as in "sqlite:///data/feedmill.db"')
        return value


class PublishSettings(Table):
    """``[publish]``: the folder that everything is also written to, and how many entries a feed shows."""

    directory: Path | None = None
    entries: int = Field(default=50, ge=1, le=10_000)

    @field_validator("directory", mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        return None if value == "" else value  # Path("") would be the folder of the configuration


class ServerSettings(Table):
    """``[server]``: where the server listens."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65_535)


class EntryCategories(StrEnum):
    """What becomes of the categories that a feed's entries bring."""

    ADD = "add"
    REPLACE = "replace"


def _places(value: object) -> object:
    """A place, or several of which the first that says something counts."""
    written = [value] if isinstance(value, str) else value
    if not isinstance(written, (list, tuple)) or not all(isinstance(one, str) for one in written):
        raise ValueError('is the name of a member, as in "title", or a list of names')
    for one in written:
        place(one)
    return tuple(written)


def _date_format(value: str) -> str:
    if value:
        from aggregator.readers.dates import check_format

        check_format(value)
    return value


def _selector(value: str) -> str:
    if value:
        from aggregator.readers.selectors import selector

        selector(value)
    return value


Places = Annotated[tuple[str, ...], BeforeValidator(_places)]
DateFormat = Annotated[str, AfterValidator(_date_format)]
Selector = Annotated[str, AfterValidator(_selector)]


class JsonFields(Table):
    """``[source.json.fields]``: where in an item each of its parts stands, as a path or a template."""

    id: Places = ()
    link: Places = ()
    title: Places = ()
    summary: Places = ()
    content: Places = ()
    date: Places = ()
    updated: Places = ()
    author: Places = ()
    medium: Places = ()
    categories: Places = ()
    tags: Places = ()
    image: Places = ()
    language: Places = ()

    @model_validator(mode="after")
    def _known(self) -> Self:
        if not (self.id or self.link or self.title):
            raise ValueError("an entry is known by its id, its link or its title: name at least one of them")
        return self


class JsonDefaults(Table):
    """``[source.json.defaults]``: what counts where an item does not say it."""

    author: str = ""
    medium: str = ""
    language: str = ""


class JsonText(Table):
    """``[source.json.text]``: another JSON document for each entry, and where in it the text stands."""

    url: str = Field(min_length=1)
    path: Places = Field(min_length=1)

    @field_validator("url")
    @classmethod
    def _template(cls, value: str) -> str:
        found = place(value)
        if found.texts and not is_web_address(value.replace("{", "").replace("}", "")):
            raise ValueError('is an absolute address with a path in it, as in "https://example.org/{id}.json"')
        return value


class JsonSettings(Table):
    """``[source.json]``: how a JSON list is read; an empty ``items`` tells that the document is the list itself."""

    items: str = ""
    fields_: JsonFields = Field(alias="fields")
    date_format: DateFormat = ""
    defaults: JsonDefaults = JsonDefaults()
    text: JsonText | None = None
    as_posts: bool = False

    @field_validator("items")
    @classmethod
    def _path(cls, value: str) -> str:
        if value:
            path(value)
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.as_posts and not (self.fields_.medium or self.defaults.medium):
            raise ValueError("as_posts needs the medium's name, which a post's category and tag are: map medium")
        return self


class PageFields(Table):
    """``[source.page.fields]``: selectors, from an item on."""

    link: Selector = Field(min_length=1)
    title: Selector = ""
    summary: Selector = ""
    content: Selector = ""
    date: Selector = ""
    author: Selector = ""
    categories: Selector = ""
    image: Selector = ""


class PageSettings(Table):
    """``[source.page]``: how a web page is read."""

    items: Selector = Field(min_length=1)
    fields_: PageFields = Field(alias="fields")
    date_format: DateFormat = ""


class SourceSettings(Table):
    """``[[source]]``: a folder of posts, or a feed, a JSON list or a web page at an address or in a file."""

    name: str = Field(min_length=1, max_length=200)
    kind: SourceKind
    url: str = ""
    path: Path | None = None
    scope: str = ""
    categories: tuple[str, ...] = ()
    entry_categories: EntryCategories | None = None
    info_codes: Literal["derived", "trusted"] = "derived"
    on_missing: Literal["keep", "withdraw"] = "keep"
    every: Duration = timedelta(minutes=15)
    timezone: str = ""
    private: bool = False
    accept: str = ""
    full_text: bool = False
    json_list: JsonSettings | None = Field(default=None, alias="json")
    page: PageSettings | None = None

    @field_validator("timezone")
    @classmethod
    def _known(cls, value: str) -> str:
        return _zone_name(value)

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
    def owner(self) -> str:
        """The scope that owns what this source brings first."""
        shared = self.kind is SourceKind.POSTS or self.info_codes == "trusted"
        return self.scope or (SITE_SCOPE if shared else self.name)
