"""The configuration: ``feedmill.toml``, read once into frozen values.

Environment variables override the file: ``FEEDMILL_SERVER__PORT=9000`` is ``[server] port = 9000``. Paths in the file
are relative to the file. What a Jekyll folder's ``_config.yml`` says of the site stands in for what ``[site]`` leaves
out.
"""

from __future__ import annotations

import os
import tomllib
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from aggregator.environment import FileSettingError, with_files
from aggregator.fetch_settings import PullSettings
from aggregator.posts.errors import PostError
from aggregator.posts.jekyll import read_settings
from aggregator.settings import (
    OWN_HUB,
    AlertSettings,
    PublishSettings,
    ServerSettings,
    SiteSettings,
    SourceSettings,
    StorageSettings,
)
from aggregator.toml_lines import line_of
from feeds.addresses import is_web_address
from feeds.site import HUB_PATH, Site
from storage.source import SourceKind

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic_core import ErrorDetails

# What pydantic says of these is about Python, not about the file.
_MESSAGES = {
    "extra_forbidden": "there is no such setting: see whether it is spelled right",
    "missing": "is missing",
    "bool_parsing": "is true or false",
    "int_parsing": "is a whole number",
    "path_type": "is a path in quotes",
    "string_too_short": "is a text that says something",
    "model_type": "is a table of settings",
    "string_type": "is a text in quotes",
    "too_short": "is a list of one at least",
    "tuple_type": "is a list",
    "dict_type": "is a table, as in { title = 'advert' }",
}


class ConfigError(Exception):
    """The configuration is wrong; the message names each wrong setting, its place, and what would be right."""


class Config(BaseSettings):
    """The whole configuration; ``source`` in the order of the file."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, env_prefix="FEEDMILL_", env_nested_delimiter="__"
    )

    site: SiteSettings = SiteSettings()
    storage: StorageSettings = StorageSettings()
    publish: PublishSettings = PublishSettings()
    server: ServerSettings = ServerSettings()
    alert: AlertSettings = AlertSettings()
    pull: PullSettings = PullSettings()
    source: tuple[SourceSettings, ...] = ()

    @field_validator("source")
    @classmethod
    def _distinct(cls, value: tuple[SourceSettings, ...]) -> tuple[SourceSettings, ...]:
        names = Counter(source.name for source in value)
        if twice := sorted(name for name, times in names.items() if times > 1):
            raise ValueError(f"{twice[0]!r} is the name of two sources: every source has a name of its own")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  pydantic-settings passes all of these by name
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment before the file, and nothing else."""
        assert isinstance(env_settings, EnvSettingsSource)  # noqa: S101  it is pydantic-settings' own
        env_settings.env_vars = with_files(env_settings.env_vars)
        return env_settings, init_settings

    @property
    def user_agent(self) -> str:
        """Who we are to other servers, and where they can ask what we do with their feeds."""
        return self.pull.user_agent(self.site.url)

    @property
    def other_hub(self) -> str:
        """The address of a hub that is not ours and is told of news; empty if there is none."""
        return "" if self.publish.hub == OWN_HUB else self.publish.hub

    @property
    def published_site(self) -> Site:
        """The site as formats need it."""
        return Site(
            title=self.site.title,
            url=self.site.url,
            timezone=ZoneInfo(self.site.timezone),
            language=self.site.language,
            author=self.site.author,
            hub=f"{self.site.url}/{HUB_PATH}" if self.publish.hub == OWN_HUB else self.publish.hub,
            entries_per_feed=self.publish.entries,
            stories=self.publish.stories,
            search=self.publish.directory is None if self.publish.search is None else self.publish.search,
        )


def load_config(path: Path) -> Config:
    """Read *path*.

    Raises:
        ConfigError: the file is missing, not TOML, or a setting in it is wrong.
    """
    return parse_config(read_text(path), path)


def read_text(path: Path) -> str:
    """What is written in *path*.

    Raises:
        ConfigError: the file is missing, or cannot be read.
    """
    try:
        return path.read_bytes().decode()
    except FileNotFoundError as error:
        raise ConfigError(f"{path} is not there: write one, or name another with --config") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} cannot be read: {error}; TOML is written in UTF-8") from error


def parse_config(text: str, path: Path) -> Config:
    """The configuration that *text* gives as the file at *path*.

    Raises:
        ConfigError: it is not TOML, or a setting in it is wrong.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}{_hint(error)}") from error
    try:
        config = Config(**values)
    except ValidationError as error:
        raise ConfigError("\n".join(_sentence(path, text, values, detail) for detail in error.errors())) from error
    except FileSettingError as error:
        raise ConfigError(str(error)) from error
    except SettingsError as error:
        whole = ", ".join(
            name for name in _variables() if name.removeprefix("FEEDMILL_").lower() in Config.model_fields
        )
        raise ConfigError(
            f"{whole} in the environment: a whole table is given as JSON, a setting of it as FEEDMILL_SERVER__PORT=9000"
        ) from error
    return _with_defaults(_beside(config, path.absolute().parent), path)


def _beside(config: Config, folder: Path) -> Config:
    """Make every path absolute."""
    storage = config.storage
    if storage.file is not None:
        storage = storage.model_copy(update={"url": f"sqlite:///{folder / storage.file}"})
    publish = config.publish
    if publish.directory is not None:
        publish = publish.model_copy(update={"directory": folder / publish.directory})
    sources = tuple(_source_beside(source, folder) for source in config.source)
    return config.model_copy(update={"storage": storage, "publish": publish, "source": sources})


def _source_beside(source: SourceSettings, folder: Path) -> SourceSettings:
    named = {name: folder / path for name in ("path", "ca_file") if (path := getattr(source, name)) is not None}
    return source.model_copy(update=named) if named else source


def _with_defaults(config: Config, path: Path) -> Config:
    """Fill ``[site]`` from the first folder of posts that says something, then from what any site can be."""
    said: dict[str, str] = {}
    for source in config.source:
        if source.kind is SourceKind.POSTS and source.path is not None:
            try:
                jekyll = read_settings(source.path)
            except PostError as error:
                raise ConfigError(f"source {source.name!r}: {error}") from error
            address = jekyll.url + jekyll.baseurl if is_web_address(jekyll.url) else ""
            told = {"title": jekyll.title, "url": address, "language": jekyll.language}
            told |= {"timezone": jekyll.timezone, "author": jekyll.author}
            said = {key: value for key, value in told.items() if value} | said
    own = {key: value for key, value in config.site.model_dump().items() if value}
    merged = {"language": "en", "timezone": "UTC"} | said | own
    if not merged.get("url"):
        raise ConfigError(f'{path}: [site] url is missing: the address that the site is reached at, as in "https://…"')
    merged.setdefault("title", urlsplit(merged["url"]).hostname or "Feedmill")
    try:
        site = SiteSettings(**merged)
    except ValidationError as error:
        details = "\n".join(f"_config.yml: {detail['loc'][0]}: {_message(detail)}" for detail in error.errors())
        raise ConfigError(details) from error
    return config.model_copy(update={"site": site})


def _hint(error: tomllib.TOMLDecodeError) -> str:
    return r"; write patterns in single quotes, as in '\d+'" if "Unescaped" in str(error) else ""


def _sentence(path: Path, text: str, values: dict[str, Any], detail: ErrorDetails) -> str:
    loc = detail["loc"]
    for last in (2, 1):
        variable = "__".join(["FEEDMILL_" + str(loc[0]), *map(str, loc[1:last])]).upper()
        if any(name == variable or name.startswith(f"{variable}__") for name in _variables()):
            return f"{variable} in the environment: {_message(detail)}"
    line = line_of(text, loc)
    return f"{path}{f':{line}' if line else ''}: {_place(values, loc)}: {_message(detail)}"


def _variables() -> list[str]:
    """The names of our environment variables, as pydantic-settings takes them."""
    return sorted(name.upper() for name in os.environ if name.upper().startswith("FEEDMILL_"))


def _place(values: dict[str, Any], loc: tuple[int | str, ...]) -> str:
    """Where a setting stands, as it is written in the file: ``[server] port``, ``[[source]] "bbc" every``."""
    if len(loc) > 1 and loc[0] == "source" and isinstance(loc[1], int):
        table = values["source"][loc[1]]
        name = table.get("name") if isinstance(table, dict) else None
        parts = ["[[source]]", f'"{name}"' if name else f"number {loc[1] + 1}", _nested(loc[2:])]
        return " ".join(filter(None, parts))
    if loc[0] == "source":
        return "[[source]]"
    return " ".join([f"[{loc[0]}]" if loc[0] in Config.model_fields else str(loc[0]), *map(str, loc[1:2])])


def _nested(loc: tuple[int | str, ...]) -> str:
    """The name of a setting in its table, and in the tables in that: ``json.fields.title``."""
    return ".".join(part for part in loc if isinstance(part, str) and part != "[key]")


def _message(detail: ErrorDetails) -> str:
    kind, value = detail["type"], detail["input"]
    if kind == "tuple_type" and detail["loc"] == ("source",):
        return "each source is a table of a list: write [[source]], with two brackets"
    if kind in {"extra_forbidden", "missing"}:
        return _MESSAGES[kind]
    if kind == "value_error":
        return detail["msg"].removeprefix("Value error, ")
    return f"{_MESSAGES.get(kind, detail['msg'].removeprefix('Input '))}, not {value!r}"
