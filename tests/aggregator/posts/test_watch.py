"""A real folder, watched while it changes."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from aggregator.posts import watch
from aggregator.posts.errors import PostStoreError
from aggregator.posts.watch import changes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


class Watched:
    """What was told so far."""

    def __init__(self) -> None:
        self.told: set[str] = set()
        self._news = asyncio.Event()

    async def listen(self, root: Path, stop: asyncio.Event) -> None:
        async for paths in changes(root, stop):
            self.told |= paths
            self._news.set()

    async def tells(self, *paths: str) -> set[str]:
        """Wait until *paths* were told, forget what was, and answer what else there was."""
        async with asyncio.timeout(10):
            while not self.told >= set(paths):
                self._news.clear()
                await self._news.wait()
        others = self.told - set(paths)
        self.told.clear()
        return others


@asynccontextmanager
async def watching(root: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watched]:
    """Watch *root* from before the body begins until it ends."""
    opened = asyncio.Event()
    batches = watch._batches

    async def told_when_open(*args: object) -> AsyncIterator[object]:
        async for batch in batches(*args):  # type: ignore[arg-type]
            opened.set()
            yield batch

    monkeypatch.setattr(watch, "_batches", told_when_open)
    stop, watched = asyncio.Event(), Watched()
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        tasks.create_task(watched.listen(root, stop))
        await opened.wait()
        try:
            yield watched
        finally:
            stop.set()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for folder in ("_posts", "old_post", "category", "_site", "sport"):
        (tmp_path / folder).mkdir()
    return tmp_path


async def test_what_matters_is_told_and_nothing_else(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with watching(site, monkeypatch) as watched:
        (site / "_site/x.html").write_text("x")
        (site / "index.md").write_text("x")
        (site / "_posts/.x.md.swp").write_text("x")
        (site / "_posts/x.md").write_text("x")
        (site / "category/a b.html").write_text("x")
        (site / "_config.yml").write_text("x")
        assert await watched.tells("_posts/x.md", "category/a b.html", "_config.yml") == set()


async def test_writing_moving_and_deleting_are_told(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    post, old, new = site / "_posts/x.md", site / "old_post/x.md", site / "x.tmp"
    async with watching(site, monkeypatch) as watched:
        post.write_text("one")
        await watched.tells("_posts/x.md")
        post.write_text("two")
        await watched.tells("_posts/x.md")
        new.write_text("three")
        new.replace(post)
        await watched.tells("_posts/x.md")
        post.rename(old)
        await watched.tells("_posts/x.md", "old_post/x.md")
        old.unlink()
        await watched.tells("old_post/x.md")


async def test_folders_that_come_later_are_watched(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with watching(site, monkeypatch) as watched:
        (site / "sport/_posts").mkdir()
        (site / "sport/_posts/a.md").write_text("at once")
        await watched.tells("sport/_posts/a.md")
        (site / "sport/_posts/b.md").write_text("later")
        await watched.tells("sport/_posts/b.md")
        shutil.rmtree(site / "category")
        (site / "category").mkdir()
        (site / "category/a.html").write_text("anew")
        await watched.tells("category/a.html")
        (site / "next/2022").mkdir(parents=True)
        (site / "next/2022/c.md").write_text("c")
        (site / "_posts").rename(site / "gone")
        (site / "next").rename(site / "_posts")
        await watched.tells("_posts/2022/c.md")
        (site / "_posts/2022/d.md").write_text("d")
        await watched.tells("_posts/2022/d.md")


async def test_an_empty_folder_may_become_a_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with watching(tmp_path, monkeypatch) as watched:
        (tmp_path / "_posts").mkdir()
        (tmp_path / "_posts/a.md").write_text("x")
        await watched.tells("_posts/a.md")


async def test_a_link_to_the_store_may_be_watched(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = site / "link"
    link.symlink_to(site)
    async with watching(link, monkeypatch) as watched:
        (link / "_posts/a.md").write_text("x")
        await watched.tells("_posts/a.md")


async def test_it_ends_when_it_is_stopped(site: Path) -> None:
    stop = asyncio.Event()
    stop.set()
    assert [paths async for paths in changes(site, stop)] == []


async def test_it_can_be_cancelled(site: Path) -> None:
    task = asyncio.create_task(Watched().listen(site, asyncio.Event()))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 10)


async def test_a_missing_store_is_named(tmp_path: Path) -> None:
    with pytest.raises(PostStoreError, match="gone cannot be listed"):
        await anext(changes(tmp_path / "gone", asyncio.Event()))


async def test_a_store_that_goes_away_is_named(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.RaisesGroup(pytest.RaisesExc(PostStoreError, match="cannot be listed")):
        async with watching(site, monkeypatch):
            shutil.rmtree(site)
            await asyncio.sleep(20)


async def test_the_limit_of_watches_is_named(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> object:
        raise OSError('OS file watch limit reached. about ["_posts"]')

    monkeypatch.setattr("watchfiles.main.RustNotify", refuse)
    with pytest.raises(PostStoreError, match="max_user_watches"):
        await anext(changes(site, asyncio.Event()))
