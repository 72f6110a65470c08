"""What can be wrong between a document and the settings that tell how to read it."""

from __future__ import annotations

from feeds.reading.errors import FeedSyntaxError


class MappingError(FeedSyntaxError):
    """The document does not hold what the settings say; the message names the setting and what was met instead."""


class TextError(ValueError):
    """A second document holds no text for its entry; the message is the end of a sentence that begins with its address.

    ``again`` tells whether asking once more may help.
    """

    def __init__(self, message: str, *, again: bool) -> None:
        super().__init__(message)
        self.again = again
