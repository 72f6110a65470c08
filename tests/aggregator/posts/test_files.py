from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING

import pytest
import structlog

from aggregator.posts.errors import PostError, PostStoreError
from aggregator.posts.files import is_category_page, is_post, list_posts, read_settled

if TYPE_CHECKING:
    from pathlib import Path

SECOND = 1_000_000_000
NOW = 1_647_254_149 * SECOND

POSTS = (
    "_posts/2022-03-14-NW202203141000000001.md",
    "_posts/2022-03-14-b.markdown",
    "_posts/2022-03-14-c.html",
    "_posts/-202205261000000005.md",
    "_posts/2021/12/2021-12-01-init.md",
    "_posts/_deep/x.md",
    "old_post/2021-12-08-202112081000000007.md",
    "old_post/2021/x.md",
    "sport/_posts/2022-03-14-match.md",
    "sport/ball/_posts/2022-03-14-match.md",
)
NO_POSTS = (
    "index.html",
    "about/x.md",
    "_site/2022/03/14/x.html",
    "_site/_posts/x.md",
    "_drafts/x.md",
    ".git/_posts/x.md",
    "node_modules/a/_posts/x.md",
    "sport/old_post/x.md",
    "_posts/x.txt",
    "_posts/x.md.swp",
    "_posts/.x.md",
    "_posts/.x.md.swp",
    "_posts/x.md~",
    "_posts/~x.md",
    "_posts/#x.md#",
    "_posts/.trash/x.md",
    "_posts",
)


def put(root: Path, path: str, text: str = "x", *, modified: int = NOW) -> Path:
    place = root / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    os.utime(place, ns=(modified, modified))
    return place


def listed(root: Path) -> list[str]:
    return [post.path for post in list_posts(root)]


class Clock:
    """A clock that only sleeping moves, and what happens meanwhile."""

    def __init__(self, *happenings: object) -> None:
        self.now = NOW
        self.slept: list[float] = []
        self.happenings = list(happenings)

    def __call__(self) -> int:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += round(seconds * SECOND)
        if self.happenings and callable(happening := self.happenings.pop(0)):
            happening()


def test_posts_are_listed_wherever_jekyll_finds_them(tmp_path: Path) -> None:
    for path in POSTS:
        put(tmp_path, path, "four")
    for path in NO_POSTS[:-1]:
        put(tmp_path, path)
    posts = list(list_posts(tmp_path))
    assert [post.path for post in posts] == sorted(POSTS)
    assert {(post.size, post.modified_ns) for post in posts} == {(4, NOW)}


@pytest.mark.parametrize("path", POSTS)
def test_a_posts_path_is_known(path: str) -> None:
    assert is_post(path)


@pytest.mark.parametrize("path", NO_POSTS)
def test_any_other_path_is_no_posts(path: str) -> None:
    assert not is_post(path)


def test_a_category_pages_path_is_known() -> None:
    assert is_category_page("category/a (b).html")
    assert is_category_page("category/a.md")
    assert not any(
        map(is_category_page, ("category/a/b.html", "category/.a.html", "category/a.css", "x/category/a.md", "a.md"))
    )


@pytest.mark.parametrize("folder", ["_posts", "old_post", "sport/_posts"])
def test_one_folder_is_enough(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir(parents=True)
    assert listed(tmp_path) == []


def test_a_folder_without_posts_is_named(tmp_path: Path) -> None:
    put(tmp_path, "index.md")
    with pytest.raises(PostStoreError, match=f"{tmp_path} holds neither _posts/ nor old_post/"):
        list_posts(tmp_path)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(PostStoreError, match="gone cannot be listed: No such file or directory"):
        list_posts(tmp_path / "gone")


def test_links_are_followed_only_inside(tmp_path: Path) -> None:
    secret = put(tmp_path, "secret/secret.md")
    root = tmp_path / "site"
    put(root, "_posts/a.md")
    put(root, "texts/b.md")
    (root / "_posts/b.md").symlink_to("../texts/b.md")
    (root / "_posts/out.md").symlink_to(secret)
    (root / "_posts/out").symlink_to(secret.parent)
    (root / "_posts/broken.md").symlink_to("nothing")
    (root / "_posts/circle.md").symlink_to("circle.md")
    (root / "_posts/loop").symlink_to(".")
    (root / "old_post").symlink_to("older")
    put(root, "older/c.md")
    (tmp_path / "link").symlink_to(root)
    assert listed(root) == ["_posts/a.md", "_posts/b.md", "old_post/c.md"]
    assert listed(tmp_path / "link") == listed(root)


def test_a_name_that_is_not_utf8_is_passed_over_with_a_word(tmp_path: Path) -> None:
    put(tmp_path, "_posts/港口.md")
    put(tmp_path, os.fsdecode(b"_posts/\xff.md"))
    put(tmp_path, os.fsdecode(b"\xff/_posts/x.md"))
    with structlog.testing.capture_logs() as logged:
        assert listed(tmp_path) == ["_posts/港口.md"]
    assert sorted(str(line["name"]) for line in logged) == [r"'\udcff'", r"'\udcff.md'"]


def test_what_is_no_file_is_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "_posts/a.md")
    (tmp_path / "_posts/folder.md").mkdir()
    os.mkfifo(tmp_path / "_posts/pipe.md")
    assert listed(tmp_path) == ["_posts/a.md"]


def test_a_file_that_was_left_alone_is_read_at_once(tmp_path: Path) -> None:
    put(tmp_path, "_posts/a.md", "text", modified=NOW - SECOND)
    clock = Clock()
    file = read_settled(tmp_path, "_posts/a.md", clock=clock, sleep=clock.sleep)
    assert (file.data, file.size, file.modified_ns, clock.slept) == (b"text", 4, NOW - SECOND, [])


def test_a_file_that_somebody_has_open_to_write_is_waited_for(tmp_path: Path) -> None:
    place = put(tmp_path, "_posts/a.md", modified=NOW - SECOND // 25)
    clock = Clock()
    with place.open("a"):
        read_settled(tmp_path, "_posts/a.md", clock=clock, sleep=clock.sleep)
    assert clock.slept == [0.06]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows who has a file open")
def test_a_file_that_was_just_closed_is_waited_for_less(tmp_path: Path) -> None:
    put(tmp_path, "_posts/a.md", modified=NOW - SECOND // 500)
    clock = Clock()
    read_settled(tmp_path, "_posts/a.md", clock=clock, sleep=clock.sleep)
    assert clock.slept == [0.003]


def test_what_somebody_has_open_to_write_is_waited_for_however_slow_he_is(tmp_path: Path) -> None:
    place = put(tmp_path, "_posts/a.md", "ha", modified=NOW)

    def end() -> None:
        writer.write("lf")
        writer.close()
        os.utime(place, ns=(NOW + SECOND // 20, NOW + SECOND // 20))

    with place.open("a") as writer:
        clock = Clock(end)
        assert read_settled(tmp_path, "_posts/a.md", clock=clock, sleep=clock.sleep).data == b"half"


def test_what_is_written_meanwhile_is_read(tmp_path: Path) -> None:
    put(tmp_path, "_posts/a.md", "ha", modified=NOW)
    clock = Clock(lambda: put(tmp_path, "_posts/a.md", "half", modified=NOW + SECOND // 10))
    file = read_settled(tmp_path, "_posts/a.md", clock=clock, sleep=clock.sleep)
    assert (file.data, file.modified_ns) == (b"half", NOW + SECOND // 10)
    assert len(clock.slept) == 2


def test_a_file_that_is_written_on_and_on_is_left_for_later(tmp_path: Path) -> None:
    put(tmp_path, "_posts/a.md")
    clock = Clock()
    clock.happenings = [lambda: put(tmp_path, "_posts/a.md", modified=clock.now)] * 1_000
    with pytest.raises(PostError, match="still being written; it will be read at the next scan"):
        read_settled(tmp_path, "_posts/a.md", clock=clock, sleep=clock.sleep)
    assert 2 <= round(sum(clock.slept), 6) < 2.2


def test_a_date_in_the_future_keeps_no_file_out(tmp_path: Path) -> None:
    put(tmp_path, "_posts/a.md", "text", modified=NOW + 3600 * SECOND)
    clock = Clock()
    assert read_settled(tmp_path, "_posts/a.md", clock=clock, sleep=clock.sleep).data == b"text"
    assert clock.slept == [0.1]


def test_a_file_that_is_filled_after_it_was_made_is_read(tmp_path: Path) -> None:
    put(tmp_path, "_posts/a.md", "")
    clock = Clock(None, None, lambda: put(tmp_path, "_posts/a.md", "text", modified=NOW))
    assert read_settled(tmp_path, "_posts/a.md", clock=clock, sleep=clock.sleep).data == b"text"


@pytest.mark.parametrize(("age", "waits"), [(0, 2.0), (60, 0)])
def test_an_empty_file_is_named(tmp_path: Path, age: int, waits: float) -> None:
    put(tmp_path, "_posts/a.md", "", modified=NOW - age * SECOND)
    clock = Clock()
    with pytest.raises(PostError, match="is empty"):
        read_settled(tmp_path, "_posts/a.md", clock=clock, sleep=clock.sleep)
    assert sum(clock.slept) == pytest.approx(waits, abs=0.11)


def test_the_real_clock_settles_a_new_file(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("text")
    assert read_settled(tmp_path, "a.md").data == b"text"


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    root = tmp_path / "site"
    put(root, "_posts/big.md", "x" * (5 * 1024 * 1024 + 1))
    (root / "_posts/folder.md").mkdir()
    os.mkfifo(root / "_posts/pipe.md")
    put(tmp_path, "secret.md")
    (root / "_posts/out.md").symlink_to("../../secret.md")
    reasons = {
        "big.md": "larger than 5 MB",
        "folder.md": "is not a file",
        "pipe.md": "is not a file",
        "out.md": "is a link that leads out",
        "gone.md": "cannot be read: No such file or directory",
    }
    for name, reason in reasons.items():
        with pytest.raises(PostError, match=reason):
            read_settled(root, f"_posts/{name}")


def test_a_link_inside_is_read(tmp_path: Path) -> None:
    put(tmp_path, "texts/a.md", "text")
    (tmp_path / "_posts").mkdir()
    (tmp_path / "_posts/a.md").symlink_to("../texts/a.md")
    assert read_settled(tmp_path, "_posts/a.md").data == b"text"


def test_a_refused_file_or_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a system that refuses: the tests may run as root, who may read everything."""
    put(tmp_path, "_posts/a.md")

    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    with monkeypatch.context() as patched:
        patched.setattr("os.open", refuse)
        with pytest.raises(PostError, match="cannot be read: Permission denied"):
            read_settled(tmp_path, "_posts/a.md")
    with monkeypatch.context() as patched:
        patched.setattr("os.scandir", refuse)
        with pytest.raises(PostStoreError, match="cannot be listed: Permission denied"):
            list_posts(tmp_path)


def test_a_bulk_scan_waits_for_no_file(tmp_path: Path) -> None:
    for number in range(300):
        put(tmp_path, f"_posts/2022-03-14-{number}.md", modified=NOW - SECOND)
    clock = Clock()
    files = [read_settled(tmp_path, post.path, clock=clock, sleep=clock.sleep) for post in list_posts(tmp_path)]
    assert (len(files), clock.slept) == (300, [])
