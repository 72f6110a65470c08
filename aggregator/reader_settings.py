"""The tables of a ``[[source]]`` that is no feed: how a JSON list, and how a web page, is read."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from aggregator.readers.paths import path, place
from aggregator.setting_types import Table
from feeds.addresses import is_web_address


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
