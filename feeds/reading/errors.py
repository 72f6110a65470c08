"""What can be wrong with a document as a whole."""

from __future__ import annotations


class FeedSyntaxError(ValueError):
    """The bytes are no feed that can be read; the message is a sentence for people."""


class NotWellFormedError(ValueError):
    """The bytes are not well-formed XML (the lenient reader may still understand them).

    The message says why, and ``line`` where, counted from 1.
    """

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line
