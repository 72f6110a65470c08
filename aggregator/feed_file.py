"""A feed in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aggregator.feed_documents import Document

if TYPE_CHECKING:
    from pathlib import Path

LARGEST_FILE: Final = 15 * 2**20
"""Bytes of a feed that is read from a file, as many as of one that is fetched."""


class FileError(Exception):
    """A feed's file cannot be read; the message is a sentence for people."""


def read_file(path: Path) -> Document:
    """The feed in the file at *path*.

    Raises:
        FileError: it cannot be read, or is too large.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise FileError(f"{path} is larger than {LARGEST_FILE // 2**20} MB")
        return Document(path.read_bytes())
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}") from error
