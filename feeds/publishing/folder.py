"""The output folder: who may write to it, what it shows, how a publication is swapped in and taken back.

All of a publication is rendered into ``.feedmill.next`` first. A journal is put there before the first file is moved
to its place: what a crash interrupts before that leaves the folder as it was, and what one interrupts after that is
completed by whoever comes next. What a move replaces stays, beside its journal, as ``.feedmill.last``.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from feeds.publishing.documents import HOME
from feeds.publishing.journal import Journal, Mark, Move, rank
from feeds.publishing.owed import forget
from feeds.publishing.staging import STAGING, Staging

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from feeds.publishing.owed import Owed
    from feeds.publishing.staging import Change

MARK = ".feedmill.json"
_LOCK = ".feedmill.lock"
_LAST = ".feedmill.last"
# Some file systems have no second name for a file.
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS, errno.EXDEV})


class PublishError(Exception):
    """The folder cannot be written, or is not Feedmill's; the message is a sentence for people."""


class RollbackError(Exception):
    """There is no publication to take back; the message is a sentence for people."""


class Folder:
    """A folder that a site is published to; what changes in it is *owed* to another place, if there is one."""

    def __init__(self, directory: Path, owed: Owed | None) -> None:
        self._directory = directory
        self._staging = directory / STAGING
        self._last = directory / _LAST
        self._owed = owed

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Only one process writes to a folder at a time; the others wait. What was begun there is completed."""
        self._directory.mkdir(parents=True, exist_ok=True)
        with (self._directory / _LOCK).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._complete()
            yield

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """Nobody writes to the folder meanwhile; nothing in it is touched, and it need not be there."""
        try:
            lock = (self._directory / _LOCK).open("rb")
        except (FileNotFoundError, NotADirectoryError):
            yield
            return
        with lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
            yield

    def shown(self) -> Mark | None:
        """What the folder shows; None for a new one.

        Raises:
            PublishError: it holds a site, and no mark of ours.
        """
        try:
            return Mark.read(orjson.loads((self._directory / MARK).read_bytes()))
        except (FileNotFoundError, NotADirectoryError) as error:
            if any((self._directory / name).exists() for name in (HOME, "category", "entry")):
                raise PublishError(
                    f"{self._directory} holds a site that Feedmill did not write: "
                    "empty it, or name another folder in [publish] directory"
                ) from error
            return None
        except (ValueError, KeyError, TypeError, AttributeError):
            return Mark("", -1, "")  # one that cannot be read says nothing: everything is looked at

    @contextmanager
    def staging(self) -> Iterator[Staging]:
        """A place for what is rendered; what was not swapped in is thrown away at the end."""
        self._staging.mkdir(0o700)  # what is not published is nobody's to read
        try:
            yield Staging(self._directory, rehearsed=False)
        except BaseException:
            if Journal.read(self._staging) is None:  # else there is something to complete
                shutil.rmtree(self._staging, ignore_errors=True)
            raise
        if self._staging.exists():
            self._staging.rmdir()

    def swap(self, changes: Sequence[Change], gone: Sequence[str], now: Mark, before: Mark | None) -> None:
        """Put what was staged in its place, and remove what is *gone*; the folder shows *now* then."""
        if changes or gone:
            ordered = sorted(changes, key=lambda change: rank(change.path))
            moves = tuple(Move(change.path, change.staged, not change.new) for change in ordered)
            journal = Journal(moves, tuple(gone), now, before)
            journal.write(self._staging)
            self._carry_out(journal)
        elif now != before:
            self._write_mark(now)

    def roll_back(self) -> Journal:
        """Take the last publication back; the folder is held then. Returns what was done.

        Raises:
            RollbackError: there is none, or nothing was there before it.
        """
        try:
            journal = Journal.read(self._last)
        except (ValueError, KeyError, TypeError):
            journal = None
        if journal is None:
            shown = self.shown()
            if shown is not None and shown.held:
                raise RollbackError(
                    f"the last publication to {self._directory} was taken back already, and what was before that is "
                    "not kept; feedmill publish brings the folder up to date again"
                )
            raise RollbackError(f"{self._directory} holds nothing that could be taken back: publish first")
        if not journal.undoes:
            if journal.before is None:
                raise RollbackError(f"the last publication to {self._directory} was its first: nothing was before it")
            journal = self._undoing(journal, journal.before)
            journal.write(self._last)
        self._last.rename(self._staging)
        self._carry_out(journal)
        return journal

    def _undoing(self, journal: Journal, before: Mark) -> Journal:
        moves: list[Move] = []
        added: list[str] = []
        for number, path in enumerate(journal.paths):
            if (self._last / _old(number)).exists():
                moves.append(Move(path, _old(number), replaces=True))
            else:
                added.append(path)
        moves.sort(key=lambda move: rank(move.path))
        return Journal(tuple(moves), tuple(added), replace(before, held=True), None, undoes=True)

    def _complete(self) -> None:
        """Do what a killed process had begun to swap in, and throw away what it had only staged."""
        if not self._staging.exists():
            return
        try:
            journal = Journal.read(self._staging)
        except (ValueError, KeyError, TypeError):
            journal = None
            self._write_mark(Mark("", -1, ""))  # nobody knows how far it came: everything is looked at
        if journal is None:
            shutil.rmtree(self._staging)
        else:
            self._carry_out(journal)

    def _carry_out(self, journal: Journal) -> None:
        """Do what *journal*, which lies in the staging folder, says; what is done already stays done."""
        root, staging = str(self._directory), str(self._staging)
        whole = True
        for number, move in enumerate(journal.moves):
            target = f"{root}/{move.path}"
            if move.replaces and not journal.undoes:
                _keep(target, f"{staging}/{_old(number)}")
            whole &= _move(f"{staging}/{move.staged}", target)
        for number, path in enumerate(journal.gone, len(journal.moves)):
            if journal.undoes:
                (self._directory / path).unlink(missing_ok=True)
            elif os.path.lexists(target := f"{root}/{path}"):
                os.replace(target, f"{staging}/{_old(number)}")  # noqa: PTH105
        if self._owed is not None:
            self._owed.add(journal.paths)
        else:
            forget(self._directory)
        self._write_mark(journal.mark if whole else replace(journal.mark, change=-1))
        if journal.undoes:
            shutil.rmtree(self._staging)
            return
        if self._last.exists():
            shutil.rmtree(self._last)
        self._staging.rename(self._last)

    def _write_mark(self, mark: Mark) -> None:
        temporary = self._staging / MARK
        temporary.write_bytes(orjson.dumps(mark, option=orjson.OPT_APPEND_NEWLINE))
        temporary.replace(self._directory / MARK)


def _old(number: int) -> str:
    """What a file is called that the move of this *number* took the place of."""
    return f"old-{number}"


def _keep(path: str, kept: str) -> None:
    """Have what stands at *path* under the name *kept* as well."""
    try:
        os.link(path, kept)
    except FileExistsError:
        return  # before a crash
    except FileNotFoundError:
        return  # somebody removed it meanwhile
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if not os.path.exists(kept):  # noqa: PTH110
            shutil.copyfile(path, f"{kept}.new")
            os.replace(f"{kept}.new", kept)  # noqa: PTH105


def _move(staged: str, target: str) -> bool:
    """Put *staged* at *target*; returns whether something stands there then."""
    try:
        os.replace(staged, target)  # noqa: PTH105
    except FileNotFoundError:
        if not os.path.exists(staged):  # noqa: PTH110  it was moved before a crash
            return os.path.exists(target)  # noqa: PTH110
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        os.replace(staged, target)  # noqa: PTH105
    return True
