"""``feedmill category``: what categories are called, which are one, which are not to be seen, or by partners alone."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.exits import Exit
from aggregator.cli.main import Options, with_mill
from aggregator.cli.publishing import publish_all
from aggregator.cli.terminal import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from aggregator.mill import Mill
    from storage.category import Category

    Change = Callable[[Connection, datetime], str]
    """Changes the store, and says in a sentence what was done."""

Slug = Annotated[str, typer.Argument(metavar="SLUG", help="As it stands in its feeds' addresses.")]


def add_to(app: typer.Typer) -> None:
    """Make the commands known."""
    group = typer.Typer(no_args_is_help=True, help="Rename, merge, hide and title categories, or close them.")
    for command in (rename, merge, hide, show, private, public, title):
        group.command()(command)
    group.command("list")(list_all)
    app.add_typer(group, name="category")


def rename(
    context: typer.Context,
    old: Annotated[str, typer.Argument(metavar="OLD", help="The slug that it has.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The slug that it is to have.")],
) -> None:
    """Give a category another slug: its old addresses lead to the new ones, whatever comes under the old slug too."""
    from aggregator import categorising

    def work(connection: Connection, now: datetime) -> str:
        number = categorising.rename(connection, old, new, now)
        return f"{old} is {new} now; entries: {number}"

    _change(context.obj, work)


def merge(
    context: typer.Context,
    old: Annotated[str, typer.Argument(metavar="FROM", help="The slug of the category that ends.")],
    into: Annotated[str, typer.Argument(metavar="INTO", help="The slug of the one that takes its entries.")],
) -> None:
    """Put all that is in a category, or will come for it, into another, which keeps its slug and its title."""
    from aggregator import categorising

    def work(connection: Connection, now: datetime) -> str:
        number = categorising.merge(connection, old, into, now)
        return f"{old} is part of {into} now; entries: {number}"

    _change(context.obj, work)


def hide(context: typer.Context, slug: Slug) -> None:
    """Let a category have no feeds and no page; its entries stay in their other categories and in that of all."""
    from aggregator import categorising

    def work(connection: Connection, now: datetime) -> str:
        categorising.hide(connection, slug, now)
        return f"{slug} is hidden"

    _change(context.obj, work)


def show(context: typer.Context, slug: Slug) -> None:
    """Bring a hidden category back."""
    from aggregator import categorising

    def work(connection: Connection, now: datetime) -> str:
        categorising.show(connection, slug, now)
        return f"{slug} is shown"

    _change(context.obj, work)


def private(context: typer.Context, slug: Slug) -> None:
    """Let partners alone see a category, and the entries that are in no other; also before there is anything in it."""
    from aggregator import categorising

    def work(connection: Connection, now: datetime) -> str:
        number = categorising.close(connection, slug, now)
        return f"{slug} is private; entries that only partners see now: {number}"

    _change(context.obj, work)


def public(context: typer.Context, slug: Slug) -> None:
    """Let everybody see a private category."""
    from aggregator import categorising

    def work(connection: Connection, now: datetime) -> str:
        number = categorising.open_up(connection, slug, now)
        return f"{slug} is public; entries that everybody sees now: {number}"

    _change(context.obj, work)


def title(
    context: typer.Context,
    slug: Slug,
    name: Annotated[str, typer.Argument(metavar="TITLE", help="What people read; '' takes a given title back.")],
) -> None:
    """Give a category a title that goes before what its page and its entries call it."""
    from aggregator import categorising
    from storage import categories

    def work(connection: Connection, now: datetime) -> str:
        categorising.give_title(connection, slug, name, now)
        return f"{slug} is called {categories.titles(connection, [slug])[slug]}"

    _change(context.obj, work)


def list_all(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="For programs; times in UTC.")] = False
) -> None:
    """List every category, hidden, private and renamed ones too."""
    import orjson

    from storage import categories
    from storage.database import open_database

    options: Options = context.obj
    database = open_database(options.load().storage.url)
    try:
        with database.reading() as connection:
            found = categories.listed(connection, everyone=True)
    finally:
        database.close()
    if as_json:
        rows = [
            {
                "slug": one.slug,
                "title": one.title,
                "titleGiven": bool(one.given_title),
                "entries": one.entries,
                "changed": one.changed,
                "hidden": one.hidden,
                "private": one.private,
                "movedTo": one.moved_to or None,
            }
            for one in found
        ]
        typer.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
        return
    for one in found:
        typer.echo(f"{one.slug}  {_state(one)}  {one.title}")


def _state(category: Category) -> str:
    if category.moved_to:
        return f"is {category.moved_to} now"
    signs = [sign for sign, holds in (("hidden", category.hidden), ("private", category.private)) if holds]
    return f"{category.entries:,} ({', '.join(signs)})" if signs else f"{category.entries:,}"


def _change(options: Options, change: Change) -> None:
    """Do it and publish it; a Feedmill that is running serves it from then on."""
    config = options.load()

    async def work(mill: Mill) -> bool:
        say(await mill.worker.do(partial(_store, mill, change)))
        return await publish_all(mill)

    if not with_mill(config, work):
        raise typer.Exit(Exit.SOURCE_FAILED)


def _store(mill: Mill, change: Change) -> str:
    with mill.database.writing() as connection:
        return change(connection, datetime.now(UTC))
