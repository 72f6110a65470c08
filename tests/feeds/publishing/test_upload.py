"""What is published is brought to another place: whole, in order, and again where that failed."""

from __future__ import annotations

import builtins
import json
import sys
from typing import TYPE_CHECKING, Any, ClassVar

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from feeds.publishing import upload
from feeds.publishing.journal import rank
from feeds.publishing.rendering import Renderer
from feeds.publishing.static_site import StaticSite
from feeds.publishing.upload import Sent, UploadError, check_address, public_address
from feeds.site import entry_path
from tests.feeds.publishing.shelf import ODD_SLUGS, SITE, Shelf, code, files, made, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Bucket(MemoryFileSystem):  # type: ignore[misc]  # fsspec has no types
    """Keeps files, each with its media type, as S3 does; remembers in which order it was asked for what."""

    protocol = ("s3", "bucket")
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    types: ClassVar[dict[str, str]] = {}
    asked: ClassVar[list[tuple[str, str]]] = []
    fails_at = 0

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        stripped: str = super()._strip_protocol(path.partition("://")[2] if "://" in path else path)
        return stripped

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **more: Any) -> None:
        self._ask("put", path)
        Bucket.types[path] = more.pop("ContentType")
        super().pipe_file(path, value, mode)

    def rm_file(self, path: str) -> None:
        self._ask("remove", path)
        super().rm_file(path)

    @classmethod
    def _ask(cls, what: str, path: str) -> None:
        cls.asked.append((what, path.removeprefix("/site/")))
        if len(cls.asked) == cls.fails_at:
            raise ConnectionError("the line to key:secret is down")

    @classmethod
    def files(cls) -> dict[str, bytes]:
        return {path.removeprefix("/site/"): file.getvalue() for path, file in cls.store.items()}

    @classmethod
    def paths(cls, what: str) -> list[str]:
        return [path for asked, path in cls.asked if asked == what]


@pytest.fixture
def bucket() -> Iterator[type[Bucket]]:
    fsspec.register_implementation("bucket", Bucket, clobber=True)
    Bucket.store.clear()
    Bucket.types.clear()
    Bucket.asked.clear()
    Bucket.fails_at = 0
    yield Bucket
    Bucket.clear_instance_cache()


@pytest.fixture
def uploaded(folder: Path, shelf: Shelf, renderer: Renderer, bucket: type[Bucket]) -> StaticSite:  # noqa: ARG001
    return StaticSite(folder, shelf.database, renderer, "bucket://site")


def _both(static: StaticSite) -> Sent:
    static.publish()
    return static.upload()


def test_everything_is_sent_once(uploaded: StaticSite, folder: Path, shelf: Shelf, bucket: type[Bucket]) -> None:
    shelf.put(*(made(number, slug) for number, slug in enumerate(ODD_SLUGS[8:], 100)))
    shelf.put(*(made(number, "large") for number in range(200, 310)))
    (folder / "other").mkdir(parents=True)
    (folder / "other" / "mine.html").write_text("mine")
    (folder / "CNAME").write_text("tide.example")
    assert _both(uploaded) == Sent(len(served(shelf)), 0)
    assert bucket.files() == served(shelf)
    assert uploaded.upload() == Sent()
    assert len(bucket.asked) == len(served(shelf))


def test_nothing_leads_to_what_is_not_there_yet(uploaded: StaticSite, bucket: type[Bucket]) -> None:
    _both(uploaded)
    sent = bucket.paths("put")
    assert sent[0] in {"style.css", "find.js"}
    assert set(sent[-3:]) == {"index.html", "feeds.opml", "subscribe.html"}
    assert [rank(path) for path in sent] == sorted(map(rank, sent))
    assert max(sent.index(path) for path in sent if path.startswith("entry/")) < sent.index("all.atom")


def test_what_changed_is_sent_and_what_is_gone_removed(
    uploaded: StaticSite, shelf: Shelf, bucket: type[Bucket]
) -> None:
    _both(uploaded)
    before = bucket.files()
    bucket.asked.clear()
    shelf.put(made(6, "new"))
    shelf.withdraw(1)
    sent = _both(uploaded)
    assert bucket.files() == served(shelf)
    assert bucket.paths("remove") == [entry_path(code(1))]
    assert bucket.asked[-1][0] == "remove"
    assert set(bucket.paths("put")) == {path for path, body in served(shelf).items() if before.get(path) != body}
    assert sent == Sent(len(bucket.asked) - 1, 1)


def test_media_types(uploaded: StaticSite, bucket: type[Bucket]) -> None:
    _both(uploaded)
    types = {path.removeprefix("/site/"): kind for path, kind in bucket.types.items()}
    assert types["all.rss"] == "application/rss+xml; charset=utf-8"
    assert types["all.atom"] == types["feed.xml"] == "application/atom+xml; charset=utf-8"
    assert types["all.json"] == "application/feed+json; charset=utf-8"
    assert types["index.html"] == types[entry_path(code(1))] == "text/html; charset=utf-8"
    assert types["feeds.opml"] == "text/x-opml; charset=utf-8"
    assert types["style.css"] == "text/css; charset=utf-8"
    assert types["find.js"] == "text/javascript; charset=utf-8"


def test_what_failed_is_sent_the_next_time(
    uploaded: StaticSite, folder: Path, shelf: Shelf, bucket: type[Bucket]
) -> None:
    everything = len(served(shelf))
    uploaded.publish()
    bucket.fails_at = everything - 3  # of which a few are sent together
    with pytest.raises(UploadError) as caught:
        uploaded.upload()
    told = str(caught.value)
    assert told.startswith("bucket://site cannot be written: the line to key:secret is down; files that wait for the")
    waiting = int(told.rpartition(" ")[2])
    assert 4 <= waiting < everything
    shelf.put(made(6, "harbour"))
    shelf.withdraw(1)
    other = StaticSite(folder, shelf.database, Renderer(SITE), "bucket://site")  # after a restart
    other.publish()
    bucket.fails_at = len(bucket.asked) + 2
    with pytest.raises(UploadError):
        other.upload()
    assert other.publish() == other.publish()
    assert other.upload().written > 0
    assert bucket.files() == served(shelf)


def test_any_failure_at_any_moment(uploaded: StaticSite, shelf: Shelf, bucket: type[Bucket]) -> None:
    _both(uploaded)
    for number in range(1, 30):
        shelf.correct(3, title=f"for the {number}th time")
        bucket.asked.clear()
        bucket.fails_at = number
        try:
            _both(uploaded)
        except UploadError:
            if number % 3:
                continue
            bucket.fails_at = 0
            uploaded.upload()
        else:
            break
        assert bucket.files() == served(shelf)
    else:
        pytest.fail("it always fails")
    assert number > 10
    assert bucket.files() == served(shelf)


def test_what_is_published_while_it_is_sent(
    uploaded: StaticSite, folder: Path, shelf: Shelf, bucket: type[Bucket]
) -> None:
    uploaded.publish()
    other = StaticSite(folder, shelf.database, Renderer(SITE), "bucket://site")
    told: list[tuple[int, int]] = []

    def meanwhile(done: int, total: int) -> None:
        if not told:
            shelf.correct(3, title="corrected meanwhile")
            shelf.withdraw(1)
            other.publish()
        told.append((done, total))

    uploaded.upload(meanwhile)
    assert told[-1][0] == told[-1][1] == len(told[:1]) * told[0][1]
    assert uploaded.upload().written > 0
    assert bucket.files() == served(shelf)


def test_whoever_stops_it_goes_on_the_next_time(uploaded: StaticSite, shelf: Shelf, bucket: type[Bucket]) -> None:
    class Stop(Exception):  # noqa: N818
        pass

    def stop(_done: int, _total: int) -> None:
        raise Stop

    uploaded.publish()
    sent = 0
    for _ in range(3):
        with pytest.raises(Stop):
            uploaded.upload(stop)
        assert len(bucket.files()) > sent
        sent = len(bucket.files())
    uploaded.upload()
    assert bucket.files() == served(shelf)
    assert len(bucket.asked) == len(served(shelf))


def test_a_rollback_is_sent(uploaded: StaticSite, folder: Path, shelf: Shelf, bucket: type[Bucket]) -> None:
    _both(uploaded)
    old = bucket.files()
    shelf.put(made(6, "new"))
    shelf.withdraw(1)
    _both(uploaded)
    uploaded.roll_back()
    uploaded.upload()
    assert bucket.files() == old == files(folder)
    shelf.put(made(7, "new"))
    assert _both(uploaded) == Sent()  # held


def test_what_was_a_strangers_is_not_sent(uploaded: StaticSite, folder: Path, bucket: type[Bucket]) -> None:
    _both(uploaded)
    (folder / "category" / "stranger.txt").write_text("mine")
    (folder / "category" / "stranger.xml").write_text("mine, too")
    bucket.asked.clear()
    assert uploaded.publish(everything=True).removed == 2
    assert uploaded.upload() == Sent()
    assert uploaded.roll_back().written == 2
    assert uploaded.upload() == Sent()
    assert bucket.asked == []


def test_another_address_gets_everything(
    uploaded: StaticSite, folder: Path, shelf: Shelf, bucket: type[Bucket]
) -> None:
    _both(uploaded)
    _both(StaticSite(folder, shelf.database, Renderer(SITE), "bucket://other/place"))
    assert set(bucket.store) == {f"/{root}/{path}" for root in ("site", "other/place") for path in served(shelf)}


def test_whoever_turns_it_off_and_on_again_sends_everything(
    uploaded: StaticSite, static: StaticSite, shelf: Shelf, bucket: type[Bucket]
) -> None:
    _both(uploaded)
    shelf.put(made(6, "new"))
    static.publish()
    assert static.upload() == Sent()
    bucket.store.clear()
    assert _both(uploaded) == Sent(len(served(shelf)), 0)
    assert bucket.files() == served(shelf)


def test_what_is_owed_is_damaged(uploaded: StaticSite, folder: Path, shelf: Shelf, bucket: type[Bucket]) -> None:
    for damage in (b"", b"{", b"[]", b'{"address": 1}'):
        (folder / ".feedmill.upload.json").write_bytes(damage) if folder.exists() else None
        bucket.store.clear()
        assert _both(uploaded) == Sent(len(served(shelf)), 0)
        assert bucket.files() == served(shelf)


def test_a_killed_process_owes_what_it_had_not_settled(
    uploaded: StaticSite, folder: Path, shelf: Shelf, bucket: type[Bucket]
) -> None:
    _both(uploaded)
    state = json.loads((folder / ".feedmill.upload.json").read_bytes())
    shelf.correct(3, title="corrected")
    uploaded.publish()
    state |= {"taken": json.loads((folder / ".feedmill.upload.json").read_bytes())["new"], "new": []}
    (folder / ".feedmill.upload.json").write_text(json.dumps(state))
    assert _both(uploaded).written > 0
    assert bucket.files() == served(shelf)


@pytest.mark.parametrize("scheme", ["file", "local"])
def test_a_folder_elsewhere(folder: Path, shelf: Shelf, renderer: Renderer, tmp_path: Path, scheme: str) -> None:
    shelf.put(*(made(number, "large", "二级/sub") for number in range(200, 310)))
    static = StaticSite(folder, shelf.database, renderer, f"{scheme}://{tmp_path}/elsewhere/www/")
    _both(static)
    assert files(tmp_path / "elsewhere" / "www") == served(shelf)
    shelf.put(made(6, "another"))
    shelf.withdraw(1)
    _both(static)
    assert files(tmp_path / "elsewhere" / "www") == served(shelf)


def test_the_memory_of_this_process(folder: Path, shelf: Shelf, renderer: Renderer) -> None:
    _both(StaticSite(folder, shelf.database, renderer, "memory://tide"))
    try:
        system = fsspec.filesystem("memory")
        there = {path.removeprefix("/tide/"): system.cat_file(path) for path in system.find("/tide")}
        assert there == served(shelf)
    finally:
        system.rm("/tide", recursive=True)


def test_a_place_that_cannot_be_written(folder: Path, shelf: Shelf, renderer: Renderer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    static = StaticSite(folder, shelf.database, renderer, f"file://{tmp_path}/file")
    static.publish()
    with pytest.raises(UploadError, match=rf"^file://{tmp_path}/file cannot be written: .*Not a directory"):
        static.upload()
    assert files(folder) == served(shelf)


def test_a_bucket_that_nobody_made(uploaded: StaticSite, bucket: type[Bucket], monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise FileNotFoundError("The specified bucket does not exist")

    monkeypatch.setattr(bucket, "pipe_file", missing)
    monkeypatch.setattr(bucket, "exists", lambda *_: False)
    monkeypatch.setattr(bucket, "makedirs", lambda *_, **__: pytest.fail("made one"))
    uploaded.publish()
    with pytest.raises(UploadError, match="bucket does not exist"):
        uploaded.upload()


def test_no_password_is_shown() -> None:
    assert public_address("ftp://tide:ebb@host.example/www") == ("ftp://***@host.example/www", "tide:ebb")
    assert public_address("s3://bucket/site") == ("s3://bucket/site", "")
    assert public_address("s3://bucket/site@2") == ("s3://bucket/site@2", "")


def test_an_error_that_holds_the_password(folder: Path, shelf: Shelf, renderer: Renderer, bucket: type[Bucket]) -> None:
    static = StaticSite(folder, shelf.database, renderer, "bucket://key:secret@site")
    static.publish()
    bucket.fails_at = 1
    with pytest.raises(UploadError) as caught:
        static.upload()
    assert "secret" not in str(caught.value)
    assert "bucket://***@site cannot be written: the line to *** is down" in str(caught.value)
    assert not any(b"secret" in path.read_bytes() for path in folder.glob(".feedmill.*") if path.is_file())


def test_s3_without_its_extra(folder: Path, shelf: Shelf, renderer: Renderer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    static = StaticSite(folder, shelf.database, renderer, "s3://bucket/site")
    static.publish()
    with pytest.raises(UploadError, match=r"not installed: pip install 'feedmill\[s3\]'"):
        static.upload()


def test_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    check_address("s3://bucket/site")
    check_address("memory://x")
    with pytest.raises(ValueError, match='is an address that fsspec knows, as in "s3://bucket/site"'):
        check_address("public")
    with pytest.raises(ValueError, match='fsspec knows no addresses in "tide"'):
        check_address("tide://x")
    plain = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("fsspec"):
            raise ImportError(name)
        return plain(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ValueError, match=r"which is not installed: pip install 'feedmill\[upload\]'"):
        check_address("s3://bucket/site")


def test_what_is_sent_together_is_remembered(
    uploaded: StaticSite, folder: Path, shelf: Shelf, bucket: type[Bucket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "_TOGETHER", 2)
    monkeypatch.setattr(upload, "_REMEMBERED", 1)
    uploaded.publish()
    left: list[int] = []

    def look(done: int, total: int) -> None:
        left.append(len(json.loads((folder / ".feedmill.upload.json").read_bytes())["taken"]))
        assert left[-1] == total - done

    uploaded.upload(look)
    assert left[-1] == 0
    assert len(left) > 10
    assert bucket.files() == served(shelf)
