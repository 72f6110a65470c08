"""``feedmill delivery``: who follows, what they are owed, and what could not be delivered to them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from aggregator.cli.exits import Exit
from aggregator.cli.main import Options
from aggregator.cli.terminal import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from storage.database import Database

Named = Annotated[str, typer.Argument(metavar="FOLLOWER", help="As list names it, for example webhook:NAME.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs: a list of objects, times in UTC.")]


def add_to(app: typer.Typer) -> None:
    """Make the commands known."""
    group = typer.Typer(no_args_is_help=True, help="See what followers are owed, and try again what was given up.")
    for command in (dead, replay, drop):
        group.command()(command)
    group.command("list")(list_all)
    app.add_typer(group, name="delivery")


def list_all(context: typer.Context, as_json: AsJson = False) -> None:
    """List webhooks, subscribers at our own hub, and the hub that is pinged: how far each is, and what is wrong."""
    from aggregator.deliver.standing import standings

    with _store(context) as database, database.reading() as connection:
        found = standings(connection)
    if as_json:
        _print(
            [
                {
                    "follower": one.follower.id,
                    "who": one.who,
                    "position": one.follower.position,
                    "owed": one.owed,
                    "dead": one.dead,
                    "delivered": one.follower.delivered,
                    "failures": one.follower.failures,
                    "failingSince": one.follower.failing_since,
                    "nextTry": one.follower.next_try,
                    "failure": one.follower.failure,
                }
                for one in found
            ]
        )
        return
    for one in found:
        typer.echo(f"{one.follower.id}  at {one.follower.position:,}, owed {one.owed:,}, dead {one.dead:,}  {one.who}")
        if one.follower.failing_since is not None:
            since = f"{one.follower.failing_since:%Y-%m-%d %H:%M:%S} UTC"
            typer.echo(f"  failing since {since}, {one.follower.failures:,} times: {one.follower.failure}")


def dead(
    context: typer.Context,
    follower: Annotated[str, typer.Argument(metavar="[FOLLOWER]", help="Of one; else of all.")] = "",
    as_json: AsJson = False,
) -> None:
    """List the events that could not be delivered in three days."""
    from storage import followers

    with _store(context) as database, database.reading() as connection:
        if follower:
            _find(connection, follower)
        found = followers.dead(connection, follower)
    if as_json:
        _print(
            [
                {
                    "follower": one.follower,
                    "event": one.number,
                    "infoCode": one.info_code,
                    "died": one.died,
                    "failure": one.failure,
                    "again": one.again,
                }
                for one in found
            ]
        )
        return
    for one in found:
        state = "to be tried again" if one.again else f"given up {one.died:%Y-%m-%d %H:%M:%S} UTC"
        typer.echo(f"{one.follower}  {one.number}  {one.info_code}  {state}: {one.failure}")


def replay(context: typer.Context, follower: Named) -> None:
    """Try a follower's dead letters again: in order, before anything newer, for three days anew."""
    from storage import followers

    with _store(context) as database, database.writing() as connection:
        _find(connection, follower)
        number = followers.replay(connection, follower)
    say(f"{follower}: to be tried again: {number:,}; feedmill run delivers them")


def drop(context: typer.Context, follower: Named) -> None:
    """Forget a follower's dead letters."""
    from storage import followers

    with _store(context) as database, database.writing() as connection:
        _find(connection, follower)
        number = followers.drop(connection, follower)
    say(f"{follower}: forgotten: {number:,}")


def _find(connection: Connection, follower: str) -> None:
    from storage import followers

    if followers.find(connection, follower) is None:
        _refuse(f"nobody follows as {follower!r}: feedmill delivery list names all who do")


def _refuse(message: str) -> NoReturn:
    say(message)
    raise typer.Exit(Exit.WRONG_USE)


@contextmanager
def _store(context: typer.Context) -> Iterator[Database]:
    from storage.database import open_database

    options: Options = context.obj
    database = open_database(options.load().storage.url)
    try:
        yield database
    finally:
        database.close()


def _print(rows: list[dict[str, object]]) -> None:
    import orjson

    typer.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
