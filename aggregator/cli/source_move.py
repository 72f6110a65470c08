"""``feedmill source why`` and ``move``: when a source is pulled next, and where it is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from aggregator.cli.exits import Exit
from aggregator.cli.main import Options
from aggregator.cli.names import named
from aggregator.cli.terminal import say, tell_edited

if TYPE_CHECKING:
    from datetime import timedelta

    from aggregator.config import Config
    from aggregator.settings import SourceSettings
    from storage.source import PullState


_Name = Annotated[str, typer.Argument(help="The name of a source.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Make the commands known."""
    app.command("why")(why)
    app.command("move")(move)


def why(context: typer.Context, name: _Name) -> None:
    """Say in a sentence when a source is pulled next, and how that was decided."""
    options: Options = context.obj
    config = options.load()
    [source] = named(config, [name])
    typer.echo(_sentence(source, _state(config, name), ZoneInfo(config.site.timezone), datetime.now(UTC)))


def move(
    context: typer.Context,
    name: _Name,
    address: Annotated[
        str, typer.Argument(help="Its new address; else where it was found again, or redirects to for good.")
    ] = "",
) -> None:
    """Give a source another address in the configuration, if there is a feed. Exit code 3 when there is none."""
    import asyncio

    from aggregator.editing import move_source
    from aggregator.fetching.errors import FetchError, without_credentials
    from aggregator.finding import NoFeedError

    options: Options = context.obj
    config = options.load()
    [source] = named(config, [name])
    address = address.strip() or _known_address(source, _state(config, name))
    try:
        entries = asyncio.run(_read(address, source, config))
    except (FetchError, NoFeedError) as error:
        say(f"{error}; nothing was changed")
        raise typer.Exit(Exit.SOURCE_FAILED) from error
    move_source(options.config, name, address)
    typer.echo(f"{name}: moved to {without_credentials(address)}, which has {entries} entries")
    tell_edited(options.config)


def _state(config: Config, name: str) -> PullState | None:
    from storage import sources
    from storage.database import open_database

    database = open_database(config.storage.url)
    try:
        with database.reading() as connection:
            return sources.states(connection, [name]).get(name)
    finally:
        database.close()


def _sentence(source: SourceSettings, state: PullState | None, zone: ZoneInfo, now: datetime) -> str:
    if source.paused:
        return f"{source.name} is paused: it is pulled by name only."
    if state is None or not state.why:
        return f"{source.name} was never pulled, and is due at once."
    if state.next_pull is None:
        return f"{source.name} is not pulled by itself: {state.why}."
    when = f"{state.next_pull.astimezone(zone):%Y-%m-%d %H:%M:%S %Z} ({_from_now(state.next_pull - now)})"
    return f"{source.name} is pulled next at {when}: {state.why}."


def _from_now(wait: timedelta) -> str:
    from aggregator.schedule import span

    return f"in {span(wait)}" if wait.total_seconds() > 0 else f"due for {span(-wait)}"


def _known_address(source: SourceSettings, state: PullState | None) -> str:
    from aggregator.config import ConfigError

    found = (state.proposal or state.address or state.moved_to) if state else ""
    if not found:
        raise ConfigError(
            f"{source.name}: no other address is known; name one, as in feedmill source move NAME ADDRESS"
        )
    return found


async def _read(address: str, source: SourceSettings, config: Config) -> int:
    """How many entries the feed at *address* has.

    Raises:
        FetchError: there is no document.
        NoFeedError: it is not a feed.
    """
    from aggregator.config import ConfigError
    from aggregator.discovery import address_key
    from aggregator.fetching.client import Fetcher
    from aggregator.finding import NoFeedError, find_feeds
    from feeds.addresses import is_web_address

    if not is_web_address(address):
        raise ConfigError(f"{address!r} is no address in http or https")
    async with Fetcher(config.pull.user_agent(config.published_site.url)) as fetcher:
        found = await find_feeds(fetcher, address, private=source.private)
    if address_key(found[0].address) != address_key(address):
        raise NoFeedError(f"{address} is a page, not a feed; its feed is {found[0].address}")
    return len(found[0].feed.entries)
