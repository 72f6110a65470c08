"""What is published in the folder, brought to another place: an S3 bucket, a server, whatever fsspec knows.

Which files are owed to that place is kept in the folder, and known before anybody sees them there: what could not be
sent, or was interrupted, is sent the next time. Where nothing is known of the place, everything is owed.
"""

from __future__ import annotations

import fcntl
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from feeds.publishing.documents import media_type
from feeds.publishing.journal import rank
from feeds.publishing.touched import pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from feeds.publishing.folder import Folder
    from feeds.publishing.owed import Owed

INSTALL = "pip install 'feedmill[upload]'"
INSTALL_S3 = "pip install 'feedmill[s3]'"

_LOCK = ".feedmill.upload.lock"
# Sent at once, as far as the other side can; between two of these, long work can be stopped.
_TOGETHER = 50
# After so many of those it is written down how far it came.
_REMEMBERED = 20
# What a file system calls the media type of a file that it is given; the others tell it by the file's name, or not.
_MEDIA_TYPES = {"s3": "ContentType", "s3a": "ContentType", "gs": "content_type", "gcs": "content_type"}


class UploadError(Exception):
    """The other place does not have everything yet; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Sent:
    """How many files were sent, and how many removed."""

    written: int = 0
    removed: int = 0


class _Group(NamedTuple):
    """Files of one media type that can be sent in any order, or removed since they are *gone*."""

    paths: Sequence[str]
    media_type: str
    gone: bool


class Upload:
    """Brings what is *owed* to *address*, from *directory*, which is the *folder*'s."""

    def __init__(self, directory: Path, folder: Folder, owed: Owed, address: str) -> None:
        self._directory = directory
        self._folder = folder
        self._owed = owed
        self._place = _Place(address)

    def send(self, progress: Callable[[int, int], None] | None = None) -> Sent:
        """Send what is owed, in the order in which it was published; whoever sends it is alone at it.

        Raises:
            UploadError: something is still owed.
        """
        with (self._directory / _LOCK).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with self._folder.alone():
                left = set(self._owed.take())
            groups = self._groups(left)
            total = len(left)
            try:
                for number, group in enumerate(groups, 1):
                    self._send(group)
                    left.difference_update(group.paths)
                    if number % _REMEMBERED == 0:
                        self._settle(left)
                    if progress:
                        progress(total - len(left), total)
            except UploadError as error:
                raise UploadError(f"{error}; files that wait for the next time: {len(left)}") from error
            finally:
                self._settle(left)
        removed = sum(len(group.paths) for group in groups if group.gone)
        return Sent(total - removed, removed)

    def _settle(self, left: set[str]) -> None:
        with self._folder.alone():
            self._owed.settle(left)

    def _groups(self, paths: set[str]) -> list[_Group]:
        there = {path for path in paths if (self._directory / path).is_file()}
        ordered = sorted(there, key=lambda path: (rank(path), media_type(path), path))
        groups = [
            _Group(some, kind, gone=False)
            for (_, kind), alike in groupby(ordered, lambda path: (rank(path), media_type(path)))
            for some in pieces(list(alike), _TOGETHER)
        ]
        return groups + [_Group(some, "", gone=True) for some in pieces(sorted(paths - there), _TOGETHER)]

    def _send(self, group: _Group) -> None:
        if group.gone:
            self._place.remove(group.paths)
            return
        bodies: dict[str, bytes] = {}
        for path in group.paths:
            with suppress(FileNotFoundError):  # it was removed since, and that is owed then
                bodies[path] = (self._directory / path).read_bytes()
        self._place.write(bodies, group.media_type)


class _Place:
    """A folder at an address that fsspec knows. Whatever goes wrong there is an :class:`UploadError`."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._root = ""

    def write(self, bodies: Mapping[str, bytes], kind: str) -> None:
        """Put every one of *bodies*, which are of one media type, at its path."""
        with self._reasons():
            system = self._system()
            more = {_MEDIA_TYPES[name]: kind for name in self._names(system) if name in _MEDIA_TYPES}
            files = {f"{self._root}/{path}": body for path, body in bodies.items()}
            try:
                system.pipe(files, **more)
            except FileNotFoundError:
                top = self._root.partition("/")[0] or "/"
                if not system.exists(top):
                    raise  # a bucket is made by hand
                for folder in sorted({path.rpartition("/")[0] for path in files}):
                    system.makedirs(folder, exist_ok=True)
                system.pipe(files, **more)

    def remove(self, paths: Sequence[str]) -> None:
        """Remove what stands at *paths*, if it does."""
        with self._reasons():
            system = self._system()
            for path in paths:
                with suppress(FileNotFoundError):
                    system.rm_file(f"{self._root}/{path}")

    def _system(self) -> Any:
        from fsspec.core import url_to_fs

        system, root = url_to_fs(self._address)
        self._root = root.rstrip("/")
        return system

    @staticmethod
    def _names(system: Any) -> tuple[str, ...]:
        return (system.protocol,) if isinstance(system.protocol, str) else tuple(system.protocol)

    @contextmanager
    def _reasons(self) -> Iterator[None]:
        """Each file system raises errors of its own."""
        shown, secret = public_address(self._address)
        try:
            yield
        except ImportError as error:
            install = INSTALL_S3 if self._address.startswith(("s3:", "s3a:")) else str(error)
            raise UploadError(f"{shown} cannot be written, since what knows it is not installed: {install}") from error
        except Exception as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            reason = reason.replace(secret, "***") if secret else reason
            raise UploadError(f"{shown} cannot be written: {reason}") from error


def public_address(address: str) -> tuple[str, str]:
    """*address* as it can be shown, and the name and password in it, or nothing."""
    scheme, mark, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    secret, at, host = host.rpartition("@")
    return f"{scheme}{mark}{'***@' if at else ''}{host}{slash}{path}", secret


def check_address(address: str) -> None:
    """See whether there is something that knows *address*; nothing is asked of it.

    Raises:
        ValueError: there is not; the message is a sentence for people.
    """
    try:
        from fsspec.registry import known_implementations, registry
    except ImportError as error:
        raise ValueError(f"brings files elsewhere with fsspec, which is not installed: {INSTALL}") from error
    protocol = address.partition("://")[0]
    if "://" not in address:
        raise ValueError('is an address that fsspec knows, as in "s3://bucket/site"')
    if protocol not in known_implementations and protocol not in registry:
        raise ValueError(f'fsspec knows no addresses in "{protocol}": "s3://bucket/site" is one that it knows')
