"""``feedmill check``: the configuration and what it names, read without changing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import typer

from aggregator.cli.exits import Exit
from aggregator.cli.main import Options
from aggregator.cli.terminal import progress_bar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aggregator.config import Config
    from aggregator.settings import SourceSettings


def add_to(app: typer.Typer) -> None:
    """Make the command known."""
    app.command("check")(check)


def check(context: typer.Context) -> None:
    """Read the configuration, every post and every feed file, and name what is wrong; nothing is stored or fetched.

    Exit code 2 when the configuration is wrong, 3 when something that it names is.
    """
    options: Options = context.obj
    config = options.load()
    problems = 0
    for source in config.source:
        for problem in _problems(source, config):
            problems += 1
            typer.echo(f"{source.name}: {problem}")
    typer.echo(f"{options.config}: sources: {len(config.source)}, problems: {problems}")
    raise typer.Exit(Exit.SOURCE_FAILED if problems else Exit.WELL)


def _problems(source: SourceSettings, config: Config) -> Iterator[str]:
    from storage.source import SourceKind

    if source.path is None:
        return
    zone = source.timezone or config.site.timezone
    yield from _posts(source.path, zone) if source.kind is SourceKind.POSTS else _document(source, source.path)


def _posts(root: Path, zone: str) -> Iterator[str]:
    from aggregator.posts.errors import PostError, PostStoreError
    from aggregator.posts.files import list_posts, read_settled
    from aggregator.posts.jekyll import read_category_pages, read_settings
    from aggregator.posts.post import read_post

    try:
        settings = read_settings(root)
        files = list(list_posts(root))
    except (PostError, PostStoreError) as error:
        yield str(error)
        return
    yield from settings.problems
    yield from read_category_pages(root).problems
    with progress_bar("Reading") as progress:
        for done, file in enumerate(files):
            try:
                post = read_post(read_settled(root, file.path).data, file.path, settings, ZoneInfo(zone))
                yield from (f"{file.path}: {problem}" for problem in post.problems)
            except PostError as error:
                yield f"{file.path}: {error}"
            if progress:
                progress(done + 1, len(files))


def _document(source: SourceSettings, path: Path) -> Iterator[str]:
    from aggregator.feed_file import FileError, read_file
    from aggregator.readers.choice import read_document
    from feeds.reading.errors import FeedSyntaxError

    try:
        yield from (problem.message for problem in read_document(source, read_file(path).body).problems)
    except (FileError, FeedSyntaxError) as error:
        yield str(error)
