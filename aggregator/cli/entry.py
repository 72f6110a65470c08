"""``feedmill entry``: one entry, what it said before, and its withdrawal by hand."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.exits import Exit
from aggregator.cli.main import Options, with_mill
from aggregator.cli.publishing import publish_all
from aggregator.cli.terminal import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection

    from aggregator.config import Config
    from aggregator.mill import Mill
    from storage.copy import Copy
    from storage.entry import Entry, Revision
    from storage.story import Stories

    Change = Callable[[Connection, Sequence[Entry], datetime, Stories], None]

_NAME = "An infoCode, the entry's link, or the address of its page."
Name = Annotated[str, typer.Argument(metavar="CODE", help=_NAME)]
Names = Annotated[list[str], typer.Argument(metavar="CODE…", help=_NAME)]
AsJson = Annotated[bool, typer.Option("--json", help="For programs; times in UTC.")]


def add_to(app: typer.Typer) -> None:
    """Make the commands known."""
    group = typer.Typer(no_args_is_help=True, help="Show an entry and what it said before; withdraw and restore it.")
    for command in (show, history, diff, withdraw, restore):
        group.command()(command)
    app.add_typer(group, name="entry")


def show(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Show what is held of an entry, where it was found, and whether it is withdrawn."""
    from storage import copies

    with _reading(context.obj, name) as (connection, entry):
        found = copies.of(connection, [entry.info_code]).get(entry.info_code, [])
    facts = _facts(entry, sorted(found, key=lambda copy: (copy.source, copy.place)))
    if as_json:
        _print_json(facts)
        return
    for label, value in facts.items():
        if value not in ("", [], None):
            typer.echo(f"{label}: {_plain(value)}")


def history(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """List an entry's revisions that are kept, oldest first, with what each of them changed."""
    from feeds.writing.difference import changed

    said = _revisions(context.obj, name)
    changes = [changed(before, now) if before else () for before, now in zip([None, *said], said, strict=False)]
    if as_json:
        rows = zip(said, changes, strict=True)
        _print_json([{"revision": r.number, "updated": r.updated, "changed": c, "title": r.title} for r, c in rows])
        return
    for now, parts in zip(said, changes, strict=True):
        typer.echo(f"{now.number}  {_plain(now.updated)}  {', '.join(parts) or '-'}  {now.title}")


def diff(
    context: typer.Context,
    name: Name,
    before: Annotated[int | None, typer.Argument(metavar="A", help="A revision; the one before B.")] = None,
    after: Annotated[int | None, typer.Argument(metavar="B", help="A revision; the newest.")] = None,
) -> None:
    """Show where two revisions of an entry differ, sentence by sentence."""
    from aggregator.retract import RetractError
    from feeds.writing.difference import differences

    said = {revision.number: revision for revision in _revisions(context.obj, name)}
    newest = max(said) if after is None else after
    oldest = newest - 1 if before is None else before
    if before is None and newest == min(said):
        raise RetractError(f"{name}: revision {newest} has none before it")
    for number in (oldest, newest):
        if number not in said:
            raise RetractError(f"{name}: there is no revision {number}; there are {', '.join(map(str, said))}")
    for part in differences(said[oldest], said[newest]):
        typer.echo(f"{part.name}:")
        for mark, line in part.lines:
            typer.echo(f"{mark} {line}")


def withdraw(context: typer.Context, names: Names) -> None:
    """Take entries out of every feed, for good: they stay withdrawn when their sources still list them."""
    from aggregator.retract import withdraw

    _change(context.obj, names, withdraw, "withdrawn")


def restore(context: typer.Context, names: Names) -> None:
    """Bring withdrawn entries back into their feeds."""
    from aggregator.retract import restore

    _change(context.obj, names, restore, "restored")


def _change(options: Options, names: Sequence[str], change: Change, done: str) -> None:
    """Do it to all or to none, and publish it; a Feedmill that is running serves it from then on."""
    config = options.load()

    async def work(mill: Mill) -> bool:
        number = await mill.worker.do(partial(_store, mill, names, change))
        say(f"entries {done}: {number}")
        return await publish_all(mill)

    if not with_mill(config, work):
        raise typer.Exit(Exit.SOURCE_FAILED)


def _store(mill: Mill, names: Sequence[str], change: Change) -> int:
    from aggregator.retract import find

    with mill.database.writing() as connection:
        those = find(connection, mill.site, names)
        change(connection, those, datetime.now(UTC), mill.site.stories)
    return len(those)


@contextmanager
def _reading(options: Options, name: str) -> Iterator[tuple[Connection, Entry]]:
    from aggregator.retract import find
    from storage.database import open_database

    config: Config = options.load()
    database = open_database(config.storage.url)
    try:
        with database.reading() as connection:
            [entry] = find(connection, config.published_site, [name])
            yield connection, entry
    finally:
        database.close()


def _revisions(options: Options, name: str) -> list[Revision]:
    """What an entry said, and says now."""
    from storage import entries

    with _reading(options, name) as (connection, entry):
        return [*entries.revisions(connection, entry.info_code), entry.said]


def _facts(entry: Entry, found: Sequence[Copy]) -> dict[str, Any]:
    from feeds.writing.difference import lines_of

    return {
        "infoCode": entry.info_code,
        "state": f"withdrawn by the {entry.withdrawn_by}" if entry.withdrawn else "published",
        "withdrawn": entry.withdrawn,
        "restored": entry.restored,
        "title": entry.title,
        "link": entry.link,
        "published": entry.published,
        "updated": entry.updated,
        "firstSeen": entry.first_seen,
        "revision": entry.revision,
        "scope": entry.scope,
        "source": entry.source,
        "origin": entry.origin.title,
        "authors": [author.name for author in entry.authors],
        "contributors": [person.name for person in entry.contributors],
        "categories": list(entry.categories),
        "tags": list(entry.tags),
        "language": entry.language,
        "id": entry.atom_id,
        "enclosures": [asdict(enclosure) for enclosure in entry.enclosures],
        "links": [asdict(link) for link in entry.links],
        "comments": entry.comments,
        "image": entry.image,
        "licence": entry.licence,
        "episode": asdict(entry.episode) if entry.episode else None,
        "found": [{"source": copy.source, "place": copy.place, "gone": copy.gone} for copy in found],
        "summary": entry.summary,
        "content": "\n".join(lines_of(entry.content)),
    }


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, dict) and "place" in value:
        return f"{value['source']}: {value['place']}{' (gone)' if value['gone'] else ''}"
    if isinstance(value, dict):
        address = value.get("url") or value.get("href")
        return address or ", ".join(
            f"{name} {_plain(part)}" for name, part in value.items() if part not in (None, "", ())
        )
    return ", ".join(map(_plain, value)) if isinstance(value, (list, tuple)) else str(value)


def _print_json(value: object) -> None:
    import orjson

    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
