"""The files of a post store: which there are, and their bytes once nobody is writing them any more."""

from __future__ import annotations

import errno
import os
import stat
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from aggregator.posts.errors import PostError, PostStoreError
from aggregator.posts.writers import held_from_writers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


_SUFFIXES = (".md", ".markdown", ".html")
_PAGE_SUFFIXES = (".md", ".html")
_POSTS = "_posts"
_OLD_POSTS = "old_post"
# What Jekyll leaves out besides names that begin with "_", "." or "#".
_FOREIGN = frozenset({"node_modules", "vendor"})

# What the system says of a name behind which there is nothing any more, or a link to itself.
_NOWHERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})

_LARGEST = 5 * 1024 * 1024
# Programs write a file in pieces; a tenth of a second without one is its end. Where the system knows that nobody has it
# open to write, it is sooner: then this is for those who close it between two pieces.
_SETTLED_NS = 100_000_000
_CLOSED_NS = 5_000_000
_PATIENCE_NS = 2_000_000_000
_SHORTEST_WAIT_NS = 2_000_000


class PostFile(NamedTuple):
    """A post on disk: its path from the store's root, with ``/``; size in bytes; last change in ns since 1970 (UTC)."""

    path: str
    size: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class SettledFile:
    """A file's bytes, and the size and time of change that they belong to."""

    data: bytes
    size: int
    modified_ns: int


class Folder(NamedTuple):
    """A folder of the store: its path from the root with ``/`` at the end ("" is the root), and its entries."""

    path: str
    files: list[os.DirEntry[str]]


def is_post(path: str) -> bool:
    """Whether the file at *path* (from the root, with ``/``) is a post: by folder and suffix, and no editor's."""
    *folders, name = path.split("/")
    if not _is_post_name(name):
        return False
    if folders[:1] == [_OLD_POSTS]:
        return not any(map(_is_passed_over, folders[1:]))
    if _POSTS not in folders:
        return False
    at = folders.index(_POSTS)
    return not any(map(_is_foreign, folders[:at])) and not any(map(_is_passed_over, folders[at + 1 :]))


def is_category_page(path: str) -> bool:
    """Whether *path* is a page directly in ``category/``."""
    folder, _, name = path.partition("/")
    return folder == "category" and "/" not in name and name.endswith(_PAGE_SUFFIXES) and not _is_passed_over(name)


def list_posts(root: Path) -> Iterator[PostFile]:
    """Every post below *root*, sorted by path: in ``_posts/``, ``old_post/``, and the ``_posts/`` of any folder.

    Raises:
        PostStoreError: *root* is not a folder that can be listed, or holds no folder of posts.
    """
    found: list[PostFile] = []
    has_posts = False
    real_root = os.path.realpath(root)
    for folder in walk(root):
        if not is_post(f"{folder.path}x.md"):
            continue
        has_posts = True
        for entry in folder.files:
            if not _is_post_name(entry.name):
                continue
            post = _post_file(folder.path, entry, real_root)
            if post is not None:
                found.append(post)
    if not has_posts:
        raise PostStoreError(f"{root} holds neither {_POSTS}/ nor {_OLD_POSTS}/; give the folder of a Jekyll site")
    found.sort()
    return iter(found)


def walk(root: Path) -> Iterator[Folder]:
    """Every folder below *root* that may hold posts or lead to some, *root* first; each once, links inside it followed.

    A name that is not UTF-8 is passed over with a warning in the log.

    Raises:
        PostStoreError: a folder is missing or cannot be listed.
    """
    real_root = os.path.realpath(root)
    seen: set[tuple[str, bool]] = set()  # a link may make a folder of posts of one that was none
    waiting = [("", real_root)]
    while waiting:
        path, real = waiting.pop()
        visit = (real, is_post(f"{path}x.md"))
        if visit in seen:
            continue
        seen.add(visit)
        files, folders = _scan(root, path, real)
        yield Folder(path, files)
        for entry in sorted(folders, key=lambda entry: (entry.is_symlink(), entry.name), reverse=True):
            target = os.path.realpath(entry.path) if entry.is_symlink() else f"{real}/{entry.name}"
            if target.startswith(f"{real_root}/"):
                waiting.append((f"{path}{entry.name}/", target))


def _scan(root: Path, path: str, real: str) -> tuple[list[os.DirEntry[str]], list[os.DirEntry[str]]]:
    inside = is_post(f"{path}x.md")
    files: list[os.DirEntry[str]] = []
    folders: list[os.DirEntry[str]] = []
    try:
        with os.scandir(real) as entries:
            for entry in entries:
                if not _is_utf8(entry.name):
                    _pass_over(path, entry.name)
                elif not _is_folder(entry):
                    files.append(entry)
                elif not (_is_passed_over(entry.name) if inside else _is_foreign(entry.name)) or entry.name == _POSTS:
                    folders.append(entry)
    except OSError as error:
        if path and error.errno in _NOWHERE:
            return [], []  # moved away since its parent was listed
        place = root / path
        raise PostStoreError(
            f"{place} cannot be listed: {error.strerror}; a post store is a folder of a Jekyll site"
        ) from error
    return files, folders


def _is_utf8(name: str) -> bool:
    """Whether a name can be told, and kept in a database: Python reads other bytes as lone surrogates."""
    if name.isascii():
        return True
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself, or to where nobody may look: it leads to no post
        return False


def _pass_over(folder: str, name: str) -> None:
    # Imported here: it takes half as long as everything else that reads posts.
    import structlog

    log = structlog.get_logger("posts")
    log.warning("passed over", folder=folder, name=ascii(name), reason="not UTF-8; rename it")


def _post_file(folder: str, entry: os.DirEntry[str], real_root: str) -> PostFile | None:
    """The post, or None for what is no file of this store: a pipe, a link that leads out, one that is gone."""
    try:
        if entry.is_symlink() and not os.path.realpath(entry.path).startswith(f"{real_root}/"):
            return None
        status = entry.stat()
    except OSError as error:
        if error.errno in _NOWHERE:
            return None
        raise PostStoreError(f"{entry.path} cannot be looked at: {error.strerror}") from error
    if not stat.S_ISREG(status.st_mode):
        return None
    return PostFile(folder + entry.name, status.st_size, status.st_mtime_ns)


def _is_post_name(name: str) -> bool:
    return name.endswith(_SUFFIXES) and name[0] not in ".#~"


def _is_passed_over(name: str) -> bool:
    """Hidden files, and what editors leave beside those they work on."""
    return name.startswith((".", "#", "~")) or name.endswith(("~", "#"))


def _is_foreign(name: str) -> bool:
    return name.startswith("_") or name in _FOREIGN or _is_passed_over(name)


def read_settled(
    root: Path,
    path: str,
    *,
    clock: Callable[[], int] = time.time_ns,
    sleep: Callable[[float], None] = time.sleep,
) -> SettledFile:
    """The bytes of the file at *path* below *root*, once it has not changed for 100 ms; for 5, where the system knows
    that nobody has it open to write. Waits two seconds at most.

    Only a file that was changed a moment ago is waited for. *clock* gives ns since 1970, *sleep* takes seconds.

    Raises:
        PostError: it is gone, no file, larger than 5 MB, not readable, empty, or still being written.
    """
    waited, previous = 0, None
    while True:
        data, before, after, closed = _read(root, path)
        quiet = _CLOSED_NS if closed else _SETTLED_NS
        age = clock() - after.st_mtime_ns
        # A time of change that lies ahead (another machine's clock) tells nothing: then two equal looks settle it.
        unchanged = _version(before) == _version(after) and len(data) == after.st_size
        settled = unchanged and (age >= quiet or _version(after) == previous)
        if settled and (data or age >= _PATIENCE_NS):
            break
        if waited >= _PATIENCE_NS:
            break
        wait = max(quiet - age, _SHORTEST_WAIT_NS) if 0 <= age < quiet else _SETTLED_NS
        previous = _version(after)
        sleep(wait / 1e9)
        waited += wait
    if not settled:
        raise PostError("is still being written; it will be read at the next scan")
    if not data:
        raise PostError("is empty")
    return SettledFile(data, after.st_size, after.st_mtime_ns)


def _version(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns


def _read(root: Path, path: str) -> tuple[bytes, os.stat_result, os.stat_result, bool]:
    """A file's bytes, what the system said of it before and after they were read, and whether nobody can have written
    meanwhile.
    """
    place = os.path.join(root, path)  # noqa: PTH118  # pathlib costs more than the reading
    try:
        descriptor = _open(root, place)
        try:
            before = os.fstat(descriptor)
            if not stat.S_ISREG(before.st_mode):
                raise PostError("is not a file")
            if before.st_size > _LARGEST:
                raise PostError(f"is larger than {_LARGEST // 1024 // 1024} MB; shorten it")
            with held_from_writers(descriptor, before.st_dev) as closed:
                data = os.read(descriptor, before.st_size + 1)  # one more byte tells that it grows
        finally:
            os.close(descriptor)
        # Of the name, not of the descriptor: another file may have been moved there meanwhile.
        return data, before, os.stat(place), closed  # noqa: PTH116
    except OSError as error:
        raise PostError(f"cannot be read: {error.strerror}") from error


def _open(root: Path, place: str) -> int:
    """Open without waiting for a pipe's other end; a link only where it leads to a file of the store."""
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        return os.open(place, flags | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
    real = os.path.realpath(place)
    if not real.startswith(f"{os.path.realpath(root)}/"):
        raise PostError("is a link that leads out of the folder")
    return os.open(real, flags)
