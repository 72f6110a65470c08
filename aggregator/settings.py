"""The tables of ``feedmill.toml``, one class each: what can be set, and what would be right."""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from storage.source import SourceKind
from storage.story import Stories

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
    """``[publish]``: the folder that everything is also written to, and what a feed shows."""

    directory: Path | None = None
    entries: int = Field(default=50, ge=1, le=10_000)
    stories: Stories = Stories.ALL

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


class SourceSettings(Table):
    """``[[source]]``: a folder of posts, or a feed at an address or in a file."""

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

    @field_validator("timezone")
    @classmethod
    def _known(cls, value: str) -> str:
        return _zone_name(value)

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
        if self.kind is SourceKind.FEED and (self.path is None) == (not self.url):
            raise ValueError('a source of kind "feed" has either a url or a path')
        if self.on_missing == "withdraw" and self.kind is not SourceKind.POSTS:
            raise ValueError('on_missing = "withdraw" is for kind "posts": feeds drop old entries all the time')
        return self

    @property
    def owner(self) -> str:
        """The scope that owns what this source brings first."""
        shared = self.kind is SourceKind.POSTS or self.info_codes == "trusted"
        return self.scope or (SITE_SCOPE if shared else self.name)
