"""``feedmill source add``: a source from an address, found and read before it is configured."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.exits import Exit
from aggregator.cli.main import Options
from aggregator.cli.terminal import say, tell_edited

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.config import Config
    from aggregator.finding import Found


def add_to(app: typer.Typer) -> None:
    """Make the command known."""
    app.command("add")(add)


def add(
    context: typer.Context,
    place: Annotated[
        str,
        typer.Argument(
            help="The address of a feed or of a page, a feed's file, or a Jekyll folder.", show_default=False
        ),
    ],
    name: Annotated[str, typer.Option("--name", help="Its name; else made from its title.")] = "",
    category: Annotated[list[str] | None, typer.Option("--category", help="A category of its entries.")] = None,
    every: Annotated[str, typer.Option("--every", help='How often to look, as "15m" or "2h".')] = "",
    private: Annotated[bool, typer.Option("--private", help="Allow an address that is not public.")] = False,
    choose: Annotated[int | None, typer.Option("--choose", min=1, help="Which of a page's feeds; 1 is best.")] = None,
) -> None:
    """Find a feed, read it, and write it into the configuration as a source.

    A page is searched for its feeds; where it has several, you are asked. Exit code 3 when there is no feed.
    """
    options: Options = context.obj
    config = options.load()
    try:
        table, told = _local(place, options.config) or _from_web(place, config, private=private, choose=choose)
    except _failures() as error:
        from aggregator.fetching.errors import AddressRefused

        say(f"{error}: add it with --private" if isinstance(error, AddressRefused) else str(error))
        raise typer.Exit(Exit.SOURCE_FAILED) from error
    if known := _known(table, config, options.config):
        typer.echo(f"{known}: is a source already; nothing was changed")
        return
    wishes = {"categories": category, "every": every}
    _write(options.config, config, table | {key: value for key, value in wishes.items() if value}, told, name)


def _write(path: Path, config: Config, table: dict[str, Any], told: str, name: str) -> None:
    from aggregator.editing import add_sources
    from aggregator.subscriptions import Names

    table["name"] = name or Names(source.name for source in config.source).new(table["name"])
    add_sources(path, [table])
    typer.echo(f"{table['name']}: added, {told}")
    tell_edited(path)


def _failures() -> tuple[type[Exception], ...]:
    from aggregator.feed_file import FileError
    from aggregator.fetching.errors import FetchError
    from aggregator.finding import NoFeedError
    from aggregator.posts.errors import PostStoreError

    return FetchError, NoFeedError, FileError, PostStoreError


def _local(place: str, config: Path) -> tuple[dict[str, Any], str] | None:
    """The source that a folder or file makes; None if *place* is neither."""
    path = Path(place)
    if not path.exists():
        return None
    written = os.path.relpath(path.absolute(), config.absolute().parent)
    if written.startswith(".."):
        written = str(path.absolute())
    if path.is_dir():
        return _folder(path, written), str(path)
    from aggregator.feed_file import read_file
    from aggregator.finding import NoFeedError
    from aggregator.subscriptions import name_for
    from feeds.reading.detect import read
    from feeds.reading.errors import FeedSyntaxError

    try:
        feed = read(read_file(path).body)
    except FeedSyntaxError as error:
        raise NoFeedError(f"{place}: {error}") from error
    named = name_for(feed.title or path.stem, "")
    return {"name": named, "kind": "feed", "path": written}, f"{feed.format}, {len(feed.entries)} entries, in {place}"


def _folder(path: Path, written: str) -> dict[str, Any]:
    from aggregator.posts.files import list_posts

    list_posts(path)  # that it is one
    return {"name": "posts", "kind": "posts", "path": written}


def _from_web(place: str, config: Config, *, private: bool, choose: int | None) -> tuple[dict[str, Any], str]:
    import asyncio

    from aggregator.subscriptions import name_for

    address = _address(place)
    if _configured(address, config):
        return {"url": address}, _shown(address)
    found = asyncio.run(_find(address, config.user_agent, private=private))
    chosen = found[0] if len(found) == 1 and choose is None else _chosen(address, found, choose)
    table = {"name": name_for(chosen.feed.title, chosen.address), "kind": "feed", "url": chosen.address}
    if chosen.moved and (known := _configured(chosen.moved, config)):
        return {"url": known}, _shown(chosen.moved)
    return table | ({"private": True} if chosen.private else {}), f"{_described(chosen)}, at {_shown(chosen.address)}"


def _address(place: str) -> str:
    from aggregator.config import ConfigError
    from feeds.addresses import is_web_address

    address = place.strip() if "://" in place else f"https://{place.strip()}"
    if not is_web_address(address) or place.startswith((".", "/", "~")):
        raise ConfigError(f"{place!r} is neither an address in http or https nor a file or folder that is there")
    return address


async def _find(address: str, user_agent: str, *, private: bool) -> tuple[Found, ...]:
    from aggregator.fetching.client import Fetcher
    from aggregator.finding import find_feeds

    async with Fetcher(user_agent) as fetcher:
        return await find_feeds(fetcher, address, private=private)


def _chosen(address: str, found: Sequence[Found], choose: int | None) -> Found:
    from aggregator.config import ConfigError

    if choose is None:
        for number, one in enumerate(found, 1):
            typer.echo(f"{number:>3}  {one.feed.title or 'without a title'}: {_described(one)}")
            typer.echo(f"     {_shown(one.address)}")
        if not sys.stdin.isatty():
            raise ConfigError(f"{_shown(address)} has {len(found)} feeds; nothing was added. Say which with --choose")
        choose = typer.prompt("Which one", default=1, type=int)
    if not 1 <= choose <= len(found):
        raise ConfigError(f"there is no feed number {choose}: {_shown(address)} has {len(found)}; nothing was added")
    return found[choose - 1]


def _described(found: Found) -> str:
    newest = f", newest {found.newest:%Y-%m-%d}" if found.newest else ""
    return f"{found.feed.format}, {len(found.feed.entries)} entries{newest}"


def _shown(address: str) -> str:
    from aggregator.fetching.errors import without_credentials

    return without_credentials(address)


def _configured(address: str, config: Config) -> str:
    """The address of the source that has *address* already, empty if none has."""
    from aggregator.discovery import address_key

    key = address_key(address)
    return next((source.url for source in config.source if source.url and address_key(source.url) == key), "")


def _known(table: dict[str, Any], config: Config, path: Path) -> str:
    """The name of the source that *table* would make once more, empty if there is none."""
    from aggregator.discovery import address_key

    for source in config.source:
        if "url" in table and source.url and address_key(source.url) == address_key(table["url"]):
            return source.name
        if "path" in table and source.path and source.path.resolve() == (path.parent / table["path"]).resolve():
            return source.name
    return ""
